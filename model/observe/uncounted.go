package observe

import (
	"cmp"
	"fmt"

	"hopscope/model"
)

// Uncounted says why the requests to a port cannot be told apart by their senders, ""
// where they can (docs/traffic.md, Metrics).
func Uncounted(m *model.PortMapping) string {
	switch m.AppProtocol {
	case "http", "http2":
		return ""
	case "":
		return fmt.Sprintf("port %d has no appProtocol: its agents count connections and no requests", m.ContainerPort)
	}
	return fmt.Sprintf("port %d has appProtocol %s, of which callers publish no HTTPCode_Target_* metrics: their "+
		"requests cannot be told from the load balancer's", m.ContainerPort, m.AppProtocol)
}

// ForeignCallers says which callers of the namespace of a service's block publish their
// metrics in another account, "" where none is known.
func ForeignCallers(ix *model.Index, s *model.Snapshot, service *model.Service, sc *model.ServiceConnect) string {
	if sc == nil {
		return ""
	}
	key, _ := ix.NamespaceOf(service, sc)
	const theirs = "callers of other accounts publish their metrics there, so that their requests cannot " +
		"be told from the load balancer's"
	account := s.Scope.Account
	for i := range s.Namespaces {
		n := &s.Namespaces[i]
		if n.ARN != key.Key {
			continue
		}
		if owner := cmp.Or(n.Owner, model.ARNAccount(n.ARN)); owner != account {
			return fmt.Sprintf("namespace %s is shared by account %s: %s", n.Name, owner, theirs)
		}
		if n.Members == nil {
			return ""
		}
		for _, arn := range n.Members.Services {
			if other := model.ARNAccount(arn); other != account {
				return fmt.Sprintf("namespace %s has services of account %s: %s", n.Name, other, theirs)
			}
		}
	}
	return ""
}
