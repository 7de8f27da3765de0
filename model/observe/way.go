package observe

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// account is what is asked of the snapshot for each way.
type account struct {
	s  *model.Snapshot
	ix *model.Index
	// users are the services of a target group, offers those of a discovery name.
	users  map[model.ARN][]model.Ref
	offers map[string][]model.Ref
	// byHand are target groups with targets that ECS did not register.
	byHand map[model.ARN]bool
	// uncounted are senders to a service that no metric counts here.
	uncounted map[model.Ref]string
}

func newAccount(s *model.Snapshot, ix *model.Index, paths []*reach.Path) *account {
	a := &account{
		s: s, ix: ix, users: map[model.ARN][]model.Ref{}, offers: map[string][]model.Ref{},
		byHand: map[model.ARN]bool{}, uncounted: map[model.Ref]string{},
	}
	for i := range s.Services {
		svc := &s.Services[i]
		for arn := range svc.TargetGroups() {
			if !slices.Contains(a.users[arn], svc.Ref()) {
				a.users[arn] = append(a.users[arn], svc.Ref())
			}
		}
		a.noteOffers(svc)
	}
	for _, p := range paths {
		switch p.Source.Kind {
		case reach.SourceServiceDiscovery, reach.SourceServiceGateway, reach.SourceVPCLattice:
			a.uncounted[p.Target.Ref()] = "requests by " + string(p.Source.Kind) + " may cross the agent too, and no metric " +
				"counts them apart"
		case reach.SourceLoadBalancer, reach.SourceServiceConnect, reach.SourceHealthCheck:
		}
		if p.Facts.ByHand && p.Facts.TargetGroup != nil {
			a.byHand[p.Facts.TargetGroup.ARN] = true
		}
	}
	return a
}

// noteOffers notes the endpoints of a service's deployments.
func (a *account) noteOffers(s *model.Service) {
	for i := range s.Deployments {
		sc := s.Deployments[i].ServiceConnect
		if sc == nil || !sc.Enabled || s.Deployments[i].Over() {
			continue
		}
		for j := range sc.Services {
			name := sc.Services[j].Name()
			a.offers[name] = append(a.offers[name], s.Ref())
		}
	}
}

// way says what to count for a path, or why that cannot be told.
func (a *account) way(p *reach.Path) Way {
	w := Way{Path: p}
	svc, d := p.Facts.Service, p.Facts.Deployment
	if svc == nil || d == nil || p.Facts.ByHand {
		w.Reason = "the targets are not a service's"
		return w
	}
	if w.Reason = settled(svc, d); w.Reason != "" {
		return w
	}
	w.since = d.UpdatedAt
	mapping, endpoint, reason := a.endpoint(p, d)
	if mapping == nil {
		w.Reason = reason
		return w
	}
	w.Terms.Server, w.Terms.Endpoint, w.counted = svc.Ref(), endpoint, Uncounted(mapping) == ""
	for _, why := range []string{
		Uncounted(mapping), ForeignCallers(a.ix, a.s, svc, d.ServiceConnect), a.sameName(&w, svc, d), a.balancers(&w, p),
		a.otherClusters(&w, p),
	} {
		if why != "" {
			w.Reason = why
			return w
		}
	}
	w.others = a.uncounted[svc.Ref()]
	if key, _ := a.ix.NamespaceOf(svc, d.ServiceConnect); !a.membersRead(key.Key) {
		w.others = "whether another account's services call by this namespace was not read (ecs:ListServicesByNamespace)"
	}
	return w
}

// settled says why the counts of a service are not those of one deployment; "" where
// they are.
func settled(s *model.Service, d *model.Deployment) string {
	running := 0
	for i := range s.Deployments {
		if !s.Deployments[i].Over() {
			running++
		}
	}
	switch {
	case len(s.TaskSets) > 0:
		return "the service has task sets, whose requests are counted together"
	case running != 1 || d.RolloutState != "" && d.RolloutState != "COMPLETED":
		return "a deployment is on its way: the counts of both are one number"
	case d.UpdatedAt.IsZero():
		return "when the deployment ended is not known: older counts would be another one's"
	}
	return ""
}

// endpoint is the port mapping that a path leads to with its only discovery name.
func (a *account) endpoint(p *reach.Path, d *model.Deployment) (m *model.PortMapping, name, reason string) {
	const none = "the port is no Service Connect endpoint: no agent counts its requests"
	task := p.Facts.TaskDefinition
	if d.ServiceConnect == nil || task == nil {
		return nil, "", none
	}
	for i := range d.ServiceConnect.Services {
		offer := &d.ServiceConnect.Services[i]
		mapping, container := task.PortNamed(offer.PortName)
		if mapping == nil || container != p.Target.Container || mapping.ContainerPort != p.Target.ContainerPort {
			continue
		}
		if m != nil {
			return nil, "", "the port has several discovery names, among which its requests are divided"
		}
		m, name = mapping, offer.Name()
	}
	if m == nil {
		return nil, "", none
	}
	return m, name, ""
}

// mostCallers is how many callers are counted one by one: each costs four metrics.
const mostCallers = 50

// sameName sees to it that answers to callers of another endpoint of the same name are not
// counted: those to each service of the namespace are, where it is known. Otherwise it says
// which service has the name too, or that others may.
func (a *account) sameName(w *Way, svc *model.Service, d *model.Deployment) string {
	server, endpoint := w.Terms.Server, w.Terms.Endpoint
	why := ""
	for _, ref := range a.offers[endpoint] {
		if ref != server {
			why = fmt.Sprintf("%s has an endpoint named %s too, and the answers to callers of both are one number",
				ref, endpoint)
			break
		}
	}
	if why == "" && !a.s.Scope.AllClusters {
		why = "other clusters were not read, and may have an endpoint of this name: read them all, without --cluster"
	}
	if why == "" {
		return ""
	}
	key, _ := a.ix.NamespaceOf(svc, d.ServiceConnect)
	members, missing := a.ix.NamespaceMembers(key.Key)
	if missing != nil || len(members) == 0 || len(members) > mostCallers {
		return why
	}
	for _, arn := range members {
		ref, ok := serviceOf(arn)
		if !ok {
			return why
		}
		w.Terms.Callers = append(w.Terms.Callers, ref)
	}
	return ""
}

// serviceOf is the service of an ARN that names its cluster.
func serviceOf(arn model.ARN) (model.Ref, bool) {
	parts := strings.Split(model.ARNResource(arn), "/")
	if len(parts) != 3 {
		return model.Ref{}, false
	}
	return model.Ref{Cluster: parts[1], Service: parts[2]}, true
}

// otherClusters says whether tasks of clusters that were not read may have requests of the
// target group, "" where they have not: no more targets are there than the service runs tasks.
func (a *account) otherClusters(w *Way, p *reach.Path) string {
	if a.s.Scope.AllClusters {
		return ""
	}
	for _, b := range w.Terms.Balancers {
		g, _ := a.ix.TargetGroup(b.TargetGroup)
		if g == nil || g.Health == nil || len(g.Health.Targets) > p.Facts.Deployment.RunningCount {
			return "other clusters were not read, and tasks there may be targets too: read them all, without --cluster"
		}
	}
	return ""
}

// balancers adds what sends requests to the port of a path, and the health checks.
func (a *account) balancers(w *Way, p *reach.Path) string {
	svc := p.Facts.Service
	groups := map[model.ARN]bool{}
	for arn := range svc.TargetGroups() {
		groups[arn] = true
	}
	if len(groups) != len(svc.LoadBalancers) {
		return "the service has a pair of target groups, or one twice"
	}
	for _, at := range svc.LoadBalancers {
		if at.ContainerName != p.Target.Container || at.ContainerPort != p.Target.ContainerPort {
			continue
		}
		if why := a.balancer(w, p, at.TargetGroupARN); why != "" {
			return why
		}
	}
	if len(w.Terms.Balancers) == 0 {
		return "no target group of the service has the port"
	}
	return ""
}

// balancer adds a target group that sends requests to the port of a path, with its checks.
func (a *account) balancer(w *Way, p *reach.Path, group model.ARN) string {
	g, _ := a.ix.TargetGroup(group)
	if g == nil || len(g.LoadBalancers) != 1 {
		return "a target group was not read, or has not one load balancer"
	}
	lb, _ := a.ix.LoadBalancer(g.LoadBalancers[0])
	switch {
	case lb == nil:
		return "the load balancer was not read"
	case lb.Type != model.ApplicationLoadBalancer:
		return fmt.Sprintf("%s sends there too, and only application load balancers count requests", lb.Name)
	case a.byHand[g.ARN] || len(a.users[g.ARN]) > 1:
		return fmt.Sprintf("target group %s has targets that are not this service's", g.Name)
	case g.HealthCheck.Enabled && g.HealthCheck.IntervalSeconds == 0:
		return "the interval of the health checks was not read"
	}
	w.Terms.Balancers = append(w.Terms.Balancers, Balancer{LoadBalancer: lb.ARN, TargetGroup: g.ARN})
	if g.HealthCheck.Enabled {
		w.checks += float64(p.Facts.Deployment.RunningCount*max(len(lb.Subnets), 1)) *
			Period.Seconds() / float64(g.HealthCheck.IntervalSeconds)
	}
	return ""
}

// membersRead tells whether the services of a namespace are known, in all accounts.
func (a *account) membersRead(namespace string) bool {
	for i := range a.s.Namespaces {
		if n := &a.s.Namespaces[i]; n.ARN == namespace {
			return n.Members != nil
		}
	}
	return false
}
