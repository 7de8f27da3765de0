package collect

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"slices"
	"strings"

	"hopscope/model"
)

// hostNames are the hosts that environments of task definitions name. The names are kept
// as salted hashes, as a value may be a secret: whether a name that is known otherwise is
// among them is all that can be asked.
type hostNames struct {
	Salt []byte `json:"salt"`
	// Of are the hashes of each task definition.
	Of map[model.ARN][]string `json:"of"`
}

// hashLength is enough to tell the names of an account apart, and too little to tell what
// was hashed.
const hashLength = 6

func newHostNames() *hostNames {
	salt := make([]byte, sha256.Size)
	_, _ = rand.Read(salt) // never fails
	return &hostNames{salt, map[model.ARN][]string{}}
}

// hash is what is kept of a name.
func (h *hostNames) hash(name string) string {
	mac := hmac.New(sha256.New, h.Salt)
	mac.Write([]byte(name))
	return hex.EncodeToString(mac.Sum(nil)[:hashLength])
}

// put notes the hosts of a task definition.
func (h *hostNames) put(arn model.ARN, names []string) {
	if len(names) == 0 {
		return
	}
	hashes := make([]string, len(names))
	for i, name := range names {
		hashes[i] = h.hash(name)
	}
	h.Of[arn] = hashes
}

// match sets which of a snapshot's endpoints the environments of its task definitions
// name.
func (h *hostNames) match(s *model.Snapshot) {
	if len(h.Of) == 0 {
		return
	}
	endpoints, of := map[string][]string{}, map[string][]string{}
	for name := range endpointsOf(s) {
		if host, _, err := net.SplitHostPort(name); err == nil {
			of[host] = append(of[host], name)
			endpoints[h.hash(strings.ToLower(name))] = []string{name}
		}
	}
	for host, names := range of {
		if len(names) == 1 { // of several, a host alone names none
			endpoints[h.hash(strings.ToLower(host))] = names
		}
	}
	s.TaskDefinitions = slices.Clone(s.TaskDefinitions)
	for i := range s.TaskDefinitions {
		d := &s.TaskDefinitions[i]
		for _, hash := range h.Of[d.ARN] {
			d.NamedEndpoints = append(d.NamedEndpoints, endpoints[hash]...)
		}
		slices.Sort(d.NamedEndpoints)
		d.NamedEndpoints = slices.Compact(d.NamedEndpoints)
	}
}

// endpointsOf are the names of the Service Connect endpoints of a snapshot.
func endpointsOf(s *model.Snapshot) map[string]bool {
	ix, out := model.NewIndex(s), map[string]bool{}
	for i := range s.Services {
		service := &s.Services[i]
		for j := range service.Deployments {
			d := &service.Deployments[j]
			if !offersEndpoints(*d) {
				continue
			}
			namespace, _ := ix.NamespaceOf(service, d.ServiceConnect)
			task, _ := ix.TaskDefinition(d.TaskDefinition)
			for k := range d.ServiceConnect.Services {
				offer, port := &d.ServiceConnect.Services[k], 0
				if task != nil {
					if m, _ := task.PortNamed(offer.PortName); m != nil {
						port = m.ContainerPort
					}
				}
				for _, a := range offer.Aliases(port) {
					out[offer.Endpoint(a, namespace.Name)] = true
				}
			}
		}
	}
	return out
}
