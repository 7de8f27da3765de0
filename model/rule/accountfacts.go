package rule

import (
	"cmp"
	"slices"
	"strconv"

	"hopscope/model"
	"hopscope/model/observe"
	"hopscope/model/reach"
)

// accountFacts are what rules ask about the whole snapshot, put in order once: a rule
// that looked at all services for each of them would be quadratic.
type accountFacts struct {
	// running are the running deployments of each service of the snapshot.
	running [][]*model.Deployment
	// Endpoints are the offers of each Service Connect endpoint.
	Endpoints offers
	// Published are the offers of each discovery name.
	Published offers
	// Partial is set when there are services that were not listed or loaded: a
	// rule may then not conclude that no service does something.
	Partial bool
	// Everything is set when all services of the region are known.
	Everything bool
	// Clients are the services with Service Connect, by namespace and group.
	Clients map[clientGroup][]model.Ref
	// Namespaces are the services with Service Connect, by namespace.
	Namespaces map[string]*namespaceMembers
	// Offering is the number of namespaces with an endpoint.
	Offering int
	// Ambiguous are the services whose namespace's name several namespaces have,
	// by that name.
	Ambiguous map[string][]model.Ref
	// Registered are the services that a service registry puts under a name of a
	// namespace.
	Registered map[endpointName][]model.Ref
	// unregistered is the first Cloud Map service of a registry that is missing.
	unregistered *model.Missing
	// Priorities are the rules of each listener in the order that the load
	// balancer tries them.
	Priorities map[model.ARN][]*model.ListenerRule
	// Idle are the forwards to target groups that no service names, by the
	// service at which they are reported.
	Idle map[model.Ref][]idleForward
	// Calls is who was seen calling which discovery name; nil when traffic was
	// not read.
	Calls map[string][]model.Ref
	// Naming are the services with an environment variable that names an endpoint, by
	// that endpoint.
	Naming map[string][]model.Ref
	// Proofs are what counts say about the ways of load balancers, by the IDs of paths; nil
	// where nothing was measured.
	Proofs map[string]observe.Proof
	// traffic is what Calls was made of.
	traffic *model.Traffic
}

// namespaceMembers is a namespace and its services.
type namespaceMembers struct {
	model.NamespaceKey
	// namespace is nil when the listing did not have it: another account's.
	namespace *model.Namespace
	// members are the loaded services with Service Connect, by ref, and count their number.
	members func() []*model.Service
	count   int
	// byAge are those with a primary deployment of known age, the oldest first.
	byAge func() []*model.Service
	// offering is how many running deployments have an endpoint.
	offering int
}

func newAccountFacts(ix *model.Index, paths []*reach.Path) *accountFacts {
	partial := isPartial(ix.Snapshot)
	e := &accountFacts{
		Endpoints: namedOffers(paths, nameOf), Published: namedOffers(paths, publishedName),
		Clients: clientsByGroup(ix), Partial: partial,
		Everything: ix.Snapshot.Scope.AllClusters && !partial,
		Namespaces: map[string]*namespaceMembers{}, Ambiguous: map[string][]model.Ref{},
		Registered: map[endpointName][]model.Ref{},
		Priorities: prioritiesOf(ix.Snapshot.ListenerRules), Idle: idleForwards(ix, paths), Calls: callsOf(ix),
		traffic: ix.Snapshot.Traffic, Naming: map[string][]model.Ref{}, Proofs: observe.Proofs(ix.Snapshot, ix, paths),
	}
	members := map[string][]*model.Service{}
	e.running = make([][]*model.Deployment, len(ix.Snapshot.Services))
	all := make([]*model.Deployment, 0, len(ix.Snapshot.Services))
	for i := range ix.Snapshot.Services {
		if s := &ix.Snapshot.Services[i]; s.Loaded {
			first := len(all)
			all = appendRunning(all, s)
			e.running[i] = all[first:len(all):len(all)]
			e.join(ix, s, e.running[i], members)
			e.register(ix, s)
			for _, endpoint := range ix.NamedEndpoints(s) {
				e.Naming[endpoint] = append(e.Naming[endpoint], s.Ref())
			}
		}
	}
	namespaces := map[string]*model.Namespace{}
	for i := range ix.Snapshot.Namespaces {
		namespaces[ix.Snapshot.Namespaces[i].ARN] = &ix.Snapshot.Namespaces[i]
	}
	for key, n := range e.Namespaces {
		n.namespace = namespaces[key]
		n.seal(members[key])
		if n.offering > 0 {
			e.Offering++
		}
	}
	for _, refs := range e.Ambiguous {
		slices.SortFunc(refs, model.Ref.Compare)
	}
	return e
}

// isPartial tells whether services may exist that the snapshot does not know.
func isPartial(s *model.Snapshot) bool {
	return slices.ContainsFunc(s.Services, func(service model.Service) bool { return !service.Loaded }) ||
		slices.ContainsFunc(s.Gaps, func(g model.Gap) bool {
			return g.Action == model.ListServices || g.Action == model.ListClusters
		})
}

// unknownServices is what is missing of a snapshot that is partial.
func unknownServices(s *model.Snapshot) *model.Missing {
	missing := model.Missing{What: "services that may be callers", Action: model.DescribeServices, State: model.Absent}
	listing := []model.Action{model.ListServices, model.ListClusters, model.DescribeServices}
	for i := range s.Gaps {
		if g := &s.Gaps[i]; slices.Contains(listing, g.Action) {
			missing.Action, missing.State = g.Action, g.State
		}
	}
	return &missing
}

// running are the deployments of a service that have tasks, or are to get some:
// the primary one first.
func running(s *model.Service) []*model.Deployment { return appendRunning(nil, s) }

func appendRunning(out []*model.Deployment, s *model.Service) []*model.Deployment {
	if p := s.Primary(); p != nil {
		out = append(out, p)
	}
	for i := range s.Deployments {
		if d := &s.Deployments[i]; d.Status != model.PrimaryDeployment && d.RunningCount > 0 {
			out = append(out, d)
		}
	}
	return out
}

// join adds a service to its namespace, and to the members of that.
func (e *accountFacts) join(
	ix *model.Index, s *model.Service, running []*model.Deployment, members map[string][]*model.Service,
) {
	for _, d := range running {
		if !d.ServiceConnect.Active() {
			continue
		}
		key, missing := ix.NamespaceOf(s, d.ServiceConnect)
		if missing != nil && missing.State == model.Ambiguous && !slices.Contains(e.Ambiguous[key.Name], s.Ref()) {
			e.Ambiguous[key.Name] = append(e.Ambiguous[key.Name], s.Ref())
		}
		n := e.Namespaces[key.Key]
		if n == nil {
			n = &namespaceMembers{NamespaceKey: key}
			e.Namespaces[key.Key] = n
		}
		n.offering += rank(len(d.ServiceConnect.Services) > 0)
		if all := members[key.Key]; len(all) == 0 || all[len(all)-1] != s {
			members[key.Key] = append(all, s)
		}
	}
}

// seal puts the members in order.
func (n *namespaceMembers) seal(members []*model.Service) {
	slices.SortFunc(members, func(a, b *model.Service) int { return a.Ref().Compare(b.Ref()) })
	var byAge []*model.Service
	for _, s := range members {
		if p := s.Primary(); p != nil && p.ServiceConnect.Active() && !p.CreatedAt.IsZero() {
			byAge = append(byAge, s)
		}
	}
	slices.SortStableFunc(byAge, func(a, b *model.Service) int {
		return a.Primary().CreatedAt.Compare(b.Primary().CreatedAt)
	})
	n.members, n.count = func() []*model.Service { return members }, len(members)
	n.byAge = func() []*model.Service { return byAge }
}

// owned tells whether the namespace belongs to the account that was read, so that
// listing its services shows all that are in it.
func (n *namespaceMembers) owned(account string) bool {
	return n.namespace != nil && cmp.Or(n.namespace.Owner, model.ARNAccount(n.namespace.ARN)) == account
}

// register notes the names that a service's registries give it.
func (e *accountFacts) register(ix *model.Index, s *model.Service) {
	for i := range s.ServiceRegistries {
		d, missing := ix.DiscoveryService(s.ServiceRegistries[i].RegistryARN)
		if missing != nil {
			e.unregistered = missing
			continue
		}
		name := endpointName{d.Namespace, d.Name}
		e.Registered[name] = append(e.Registered[name], s.Ref())
	}
}

// prioritiesOf are the rules of each listener in the order that the load balancer
// tries them: by number, the default rule last.
func prioritiesOf(all []model.ListenerRule) map[model.ARN][]*model.ListenerRule {
	out := map[model.ARN][]*model.ListenerRule{}
	for i := range all {
		out[all[i].ListenerARN] = append(out[all[i].ListenerARN], &all[i])
	}
	for _, rules := range out {
		slices.SortStableFunc(rules, func(a, b *model.ListenerRule) int { return cmp.Compare(priority(a), priority(b)) })
	}
	return out
}

// lastPriority is behind every number that AWS allows.
const lastPriority = 1 << 20

func priority(r *model.ListenerRule) int {
	if r.Priority == "default" {
		return lastPriority
	}
	if n, err := strconv.Atoi(r.Priority); err == nil {
		return n
	}
	return lastPriority
}

// callsOf is who was seen calling which discovery name.
func callsOf(ix *model.Index) map[string][]model.Ref {
	traffic, missing := ix.Traffic()
	if missing != nil {
		return nil
	}
	out := map[string][]model.Ref{}
	for _, edge := range traffic.Edges {
		out[edge.DiscoveryName] = append(out[edge.DiscoveryName], edge.Caller)
	}
	return out
}

// everyMember tells whether the case's service alone is in a namespace: all
// services of the region are known, and no other one is there, or AWS lists its
// members and names no other.
func (c *Case) everyMember(n *namespaceMembers, others int) (bool, *model.Missing) {
	if c.Everything {
		return others == 0, nil
	}
	members, missing := c.Index.NamespaceMembers(n.Key)
	if missing != nil {
		return false, missing
	}
	return !slices.ContainsFunc(members, func(arn model.ARN) bool { return arn != c.Service.ARN }), nil
}
