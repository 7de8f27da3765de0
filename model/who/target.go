package who

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/selector"
)

// question is what was asked of an analysis.
type question struct {
	analysis *rule.Analysis
	deriver  *reach.Deriver
}

func newQuestion(a *rule.Analysis) *question { return &question{analysis: a, deriver: a.Deriver()} }

func (q *question) document(target selector.Selector) *Document {
	s := q.analysis.Snapshot
	return &Document{
		Schema: SchemaV1, Scope: s.Scope, CollectedAt: s.CollectedAt, Complete: s.Complete, Gaps: s.Gaps,
		Target: target.String(),
	}
}

// destinations are the ports that a target means. Its error is a
// [model.CannotCheckError]: a name that means nothing, or not one thing.
func (q *question) destinations(target selector.Selector) ([]reach.Destination, error) {
	switch target.Kind {
	case selector.Service:
		return q.servicePorts(target)
	case selector.LoadBalancer:
		return q.listenerPorts(target)
	case selector.SecurityGroup, selector.Addresses, selector.Any:
	}
	return nil, &model.CannotCheckError{
		Reason: fmt.Sprintf("%q is no target", target),
		Next:   "name a service, such as orders:8080, or a load balancer, lb:NAME:PORT",
	}
}

func (q *question) servicePorts(target selector.Selector) ([]reach.Destination, error) {
	refs, err := target.Services(q.analysis.Snapshot)
	if err != nil {
		if named := q.endpointPorts(target); len(named) > 0 {
			return named, nil
		}
		return nil, err
	}
	var out []reach.Destination
	for _, ref := range refs {
		out = append(out, q.portsOf(ref, target.Port)...)
	}
	if len(out) > 0 {
		return out, nil
	}
	e := &model.CannotCheckError{Reason: "no port of " + target.String() + " is known"}
	var ports []string
	for _, ref := range refs {
		if s := q.analysis.Index.Service(ref); s != nil && !s.Loaded {
			e.Next = "allow " + string(model.DescribeServices)
		}
		for _, t := range q.deriver.Destinations(ref, 0) {
			ports = append(ports, strconv.Itoa(t.ContainerPort))
		}
	}
	slices.Sort(ports)
	switch ports = slices.Compact(ports); {
	case e.Next != "":
	case target.Port == 0:
		e.Next = "its task definition declares none: name one, such as " + target.String() + ":8080"
	case len(ports) > 0:
		e.Next = "there is " + strings.Join(ports, ", ")
	default:
		e.Next = "its task definition declares none"
	}
	return nil, e
}

// portsOf are the ports of a service's tasks that a number means. Where callers write another
// one in the endpoint's name than packets come to, both are meant.
func (q *question) portsOf(ref model.Ref, port int) []reach.Destination {
	ports, aliased := q.deriver.Destinations(ref, port), q.aliasedPorts(ref, port)
	if len(aliased) == 0 {
		return ports
	}
	ports = slices.DeleteFunc(ports, func(t reach.Destination) bool { return t.Undeclared })
	return append(ports, aliased...)
}

// aliasedPorts are the agent's ports behind the endpoints of a service that have a number as
// their alias port: it exists in the tasks of callers alone.
func (q *question) aliasedPorts(ref model.Ref, alias int) []reach.Destination {
	var out []reach.Destination
	seen := map[string]bool{}
	for _, p := range q.analysis.Into(ref) {
		_, port, _ := strings.Cut(p.Source.Endpoint, ":")
		if alias == 0 || p.Source.Kind != reach.SourceServiceConnect || port != strconv.Itoa(alias) ||
			p.Target.ContainerPort == alias || p.Target.WirePort == alias || seen[p.Source.Endpoint] {
			continue
		}
		seen[p.Source.Endpoint] = true
		for _, t := range q.deriver.Destinations(ref, p.Target.ContainerPort) {
			if p.Leads(&t) {
				t.Endpoint = p.Source.Endpoint
				out = append(out, t)
			}
		}
	}
	return out
}

// endpointPorts are the ports behind an endpoint that callers know by this name: an alias, or
// the name that it has in its namespace, of Service Connect or of service discovery.
func (q *question) endpointPorts(target selector.Selector) []reach.Destination {
	var out []reach.Destination
	seen := map[string]bool{}
	for _, p := range q.analysis.Paths {
		key := fmt.Sprint(p.Target)
		if target.Cluster != "" || seen[key] || p.Source.Services == nil || !q.isCalled(p, target) {
			continue
		}
		seen[key] = true
		for _, t := range q.deriver.Destinations(p.Target.Ref(), p.Target.ContainerPort) {
			if p.Leads(&t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// isCalled tells whether callers of a path use a name, and a port where one is given.
func (q *question) isCalled(p *reach.Path, target selector.Selector) bool {
	at := strings.LastIndexByte(p.Source.Endpoint, ':')
	if at < 0 || target.Port != 0 && p.Source.Endpoint[at+1:] != strconv.Itoa(target.Port) {
		return false
	}
	names := []string{p.Source.Endpoint[:at]}
	if offer := p.Facts.Offer; offer != nil {
		names = append(names, offer.Name())
		if d := p.Facts.Deployment; d != nil {
			service := q.analysis.Index.Service(p.Target.Ref())
			if ns, missing := q.analysis.Index.NamespaceOf(service, d.ServiceConnect); missing == nil {
				names = append(names, offer.Name()+"."+ns.Name)
			}
		}
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return target.Fits(model.Ref{Service: name})
	})
}

func (q *question) listenerPorts(target selector.Selector) ([]reach.Destination, error) {
	balancers, err := target.LoadBalancers(q.analysis.Snapshot)
	if err != nil {
		return nil, err
	}
	var out []reach.Destination
	var ports []string
	var unread *model.Missing
	for _, lb := range balancers {
		all, missing := q.deriver.Listeners(lb, target.Port)
		out = append(out, all...)
		unread = cmp.Or(unread, missing)
		all, _ = q.deriver.Listeners(lb, 0)
		for _, t := range all {
			ports = append(ports, strconv.Itoa(t.Port))
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	e := &model.CannotCheckError{Reason: "no listener of " + target.String() + " is known"}
	slices.Sort(ports)
	switch ports = slices.Compact(ports); {
	case unread != nil:
		e.Next = unread.String()
	case len(ports) > 0:
		e.Next = "there is " + strings.Join(ports, ", ")
	default:
		e.Next = "it has none"
	}
	return nil, e
}

func portOf(t *reach.Destination) Port {
	p := Port{
		Kind: App, Cluster: t.Service.Cluster, Service: t.Service.Service, Deployment: t.Deployment, Container: t.Container,
		ContainerPort: t.ContainerPort, Protocol: t.Protocol, Port: t.Port, PortEnd: t.PortEnd, Via: t.Via,
		Undeclared: t.Undeclared,
	}
	switch {
	case t.IsListener():
		p.Kind, p.LoadBalancer, p.Via = Listener, t.LoadBalancer.Name, ""
		if t.Listener != nil {
			p.Listener = t.Listener.Protocol
		}
	case t.Agent:
		p.Kind = Agent
	}
	return p
}

// Name is the port as users write it: "prod/orders:8080", "lb:main:443".
func (p *Port) Name() string {
	if p.Kind == Listener {
		return fmt.Sprintf("lb:%s:%d", p.LoadBalancer, p.Port)
	}
	name := p.Cluster + "/" + p.Service
	if p.ContainerPort != 0 {
		name += ":" + strconv.Itoa(p.ContainerPort)
	}
	return name
}

func (q *question) groups(ids []string) []Group {
	out := make([]Group, len(ids))
	for i, id := range ids {
		out[i] = q.group(id)
	}
	return out
}

func (q *question) group(id string) Group {
	g := Group{ID: id}
	if found, missing := q.analysis.Index.SecurityGroup(id); missing == nil && found.Name != id {
		g.Name = found.Name
	}
	return g
}

// Label is the group for a reader: "sg-1 (web)".
func (g *Group) Label() string { return model.GroupLabel(g.ID, g.Name) }

func missingTexts(all []model.Missing) []string {
	var out []string
	for i := range all {
		out = append(out, all[i].String())
	}
	return out
}
