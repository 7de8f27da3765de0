package diff

import (
	"cmp"
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// side is one of the two readings, and knows what it may lack.
type side struct {
	*rule.Analysis

	// services are the answers of unreadService.
	services map[model.Ref]string
	// notChecked are the rules that were not checked at a service, a cluster or (of no
	// service) anywhere, by what they need.
	notChecked map[check]model.Action
}

type check struct {
	code string
	at   model.Ref
}

func newSide(a *rule.Analysis) *side {
	s := &side{Analysis: a, services: map[model.Ref]string{}, notChecked: map[check]model.Action{}}
	for _, n := range a.NotChecked() {
		s.notChecked[check{n.Code, model.Ref{Cluster: n.Cluster, Service: n.Service}}] = n.Needs
	}
	return s
}

// unreadService says why the side may lack a service that exists.
func (s *side) unreadService(ref model.Ref) string {
	if ref == (model.Ref{}) {
		return ""
	}
	why, known := s.services[ref]
	if !known {
		why = s.whyUnread(ref)
		s.services[ref] = why
	}
	return why
}

func (s *side) whyUnread(ref model.Ref) string {
	if scope := &s.Snapshot.Scope; !scope.AllClusters && !slices.Contains(scope.Clusters, ref.Cluster) {
		return "cluster " + ref.Cluster + " was not asked for"
	}
	if svc := s.Index.Service(ref); svc != nil && svc.Loaded {
		return ""
	}
	names := map[model.Action]string{
		model.ListClusters: "", model.ListServices: ref.Cluster, model.DescribeServices: ref.Service,
	}
	for i := range s.Snapshot.Gaps {
		g := &s.Snapshot.Gaps[i]
		name, about := names[g.Action]
		if about && g.Hides() && (g.Resource == "" || name == "" || model.ARNName(g.Resource) == name) {
			return gapText(g)
		}
	}
	return ""
}

func gapText(g *model.Gap) string { return fmt.Sprintf("%s: %s", g.Action, g.State) }

// gap is what keeps the side from knowing all that some actions read for a path; nil where
// nothing does. Of no path it is any gap of the actions.
func (s *side) gap(p *reach.Path, actions ...model.Action) *model.Gap {
	for i := range s.Snapshot.Gaps {
		g := &s.Snapshot.Gaps[i]
		if slices.Contains(actions, g.Action) && g.Hides() && (p == nil || s.concerns(g, p)) {
			return g
		}
	}
	return nil
}

// concerns tells whether what a gap is of may be on the way of a path: it is, or was, or what
// it would have listed is not known.
func (s *side) concerns(g *model.Gap, p *reach.Path) bool {
	switch g.Action {
	case model.DescribeTaskDefinition, model.DescribeTargetGroups, model.DescribeLoadBalancers, model.DescribeListeners,
		model.DescribeRules, model.DescribeTargetHealth, model.DescribeTargetGroupAttributes, model.DescribeServices:
	default:
		return true // a list
	}
	if g.Resource == "" || slices.Contains(ownResources(p), g.Resource) {
		return true
	}
	svc := s.Index.Service(p.Target.Ref())
	if svc == nil {
		return false
	}
	for i := range svc.Deployments {
		if svc.Deployments[i].TaskDefinition == g.Resource {
			return true
		}
	}
	return slices.ContainsFunc(svc.LoadBalancers, func(lb model.ServiceLoadBalancer) bool {
		group, missing := s.Index.TargetGroup(lb.TargetGroupARN)
		return lb.TargetGroupARN == g.Resource ||
			missing == nil && p.Source.TargetGroup == group.Name && slices.Contains(group.LoadBalancers, g.Resource)
	})
}

// ownResources are the ARNs of what a path was derived from.
func ownResources(p *reach.Path) []string {
	f := &p.Facts
	var out []string
	if f.Service != nil {
		out = append(out, f.Service.ARN)
	}
	if f.Deployment != nil {
		out = append(out, f.Deployment.TaskDefinition)
	}
	if f.TargetGroup != nil {
		out = append(out, f.TargetGroup.ARN)
	}
	if f.Listener != nil {
		out = append(out, f.Listener.ARN)
	}
	for _, lb := range []*model.LoadBalancer{f.LoadBalancer, f.Front} {
		if lb != nil {
			out = append(out, lb.ARN)
		}
	}
	return out
}

// unreadPath says why the side may lack a path that exists: what it would be derived from
// was not read.
func (s *side) unreadPath(p *reach.Path) string {
	if why := cmp.Or(s.unreadService(p.Target.Ref()), s.unreadCallers(p)); why != "" {
		return why
	}
	needs := []model.Action{model.DescribeServices, model.DescribeTaskDefinition}
	balancers := []model.Action{
		model.DescribeTargetGroups, model.DescribeLoadBalancers, model.DescribeListeners, model.DescribeRules,
	}
	switch p.Source.Kind {
	case reach.SourceLoadBalancer, reach.SourceHealthCheck:
		needs = append(needs, balancers...)
	case reach.SourceServiceConnect:
		needs = append(needs, model.ListNamespaces)
	case reach.SourceServiceDiscovery:
		needs = append(needs, model.ListDiscoveryServices, model.ListNamespaces)
	case reach.SourceServiceGateway:
		needs = append(append(needs, balancers...), model.ListGatewayRoutes, model.DescribeServiceRevisions)
	case reach.SourceVPCLattice:
	}
	if g := s.gap(p, needs...); g != nil {
		return gapText(g)
	}
	return s.unreadRegistered(p)
}

// unreadRegistered says why the side may lack a path that does not follow from the target
// groups that a service names, but from what is registered in others: by hand, by another load
// balancer, by a service gateway.
func (s *side) unreadRegistered(p *reach.Path) string {
	group := p.Facts.TargetGroup
	if group == nil {
		return ""
	}
	named := func(lb model.ServiceLoadBalancer) bool { return lb.TargetGroupARN == group.ARN }
	if svc := p.Facts.Service; p.Facts.Front == nil && !p.Facts.ByHand && p.Place.RegisteredPort == 0 && svc != nil &&
		slices.ContainsFunc(svc.LoadBalancers, named) {
		return ""
	}
	if g := s.gap(nil, model.DescribeTargetHealth, model.ListTasks, model.DescribeTasks, model.ListGatewayRoutes,
		model.DescribeServiceRevisions); g != nil {
		return gapText(g)
	}
	return s.unreadTargets(p)
}

// unreadCallers says why none of the callers of a path was read; "" where one was, or where
// it has none.
func (s *side) unreadCallers(p *reach.Path) string {
	if p.Source.Services == nil {
		return ""
	}
	why := ""
	for ref := range p.Source.Services.All() {
		if why = s.unreadService(ref); why == "" {
			return ""
		}
	}
	return why
}

// unreadTargets says why the side does not know the health of the targets that a path leads
// to.
func (s *side) unreadTargets(p *reach.Path) string {
	if p.Facts.TargetGroup == nil {
		return ""
	}
	group := *p.Facts.TargetGroup
	if now, missing := s.Index.TargetGroup(group.ARN); missing == nil {
		group = *now
	} else {
		group.Health, group.HostCounts = nil, nil
	}
	if _, missing := s.Index.TargetHealth(&group); missing != nil && group.HostCounts == nil {
		return missing.String()
	}
	return ""
}

// unreadVerdict says why the verdicts on a path cannot be compared.
func (c *comparison) unreadVerdict(pair *change.Pair, moved movement) string {
	if why := c.unreadHealth(pair); why != "" {
		return why
	}
	was, is := stateOf(pair.Before), stateOf(pair.After)
	if was.Verdict == is.Verdict || was.Via != is.Via || was.Access != is.Access || was.Port != is.Port {
		return ""
	}
	// It goes the same way, and is judged by what else was found, or by what becomes of all
	// callers of the endpoint.
	ref := pair.Path().Target.Ref()
	for _, code := range is.Findings {
		if why := c.before.unreadRule(c.after, code, ref, pair.After); !slices.Contains(was.Findings, code) && why != "" {
			return why
		}
	}
	for _, code := range was.Findings {
		if why := c.after.unreadRule(c.before, code, ref, pair.Before); !slices.Contains(is.Findings, code) && why != "" {
			return why
		}
	}
	return moved.unread
}

// unreadHealth says why the health of targets is known of one side alone, where that may be
// what makes the difference. What is not known of targets makes a path no better, so that one
// that the configuration alone makes worse than it was observed to be is so.
func (c *comparison) unreadHealth(pair *change.Pair) string {
	was, is := pair.Before.Observed().Rank(), pair.After.Observed().Rank()
	switch {
	case pair.Before.Health != nil && pair.After.Health == nil && is <= was:
		return c.after.unreadTargets(pair.Before)
	case pair.Before.Health == nil && pair.After.Health != nil && was <= is:
		return c.before.unreadTargets(pair.After)
	}
	return ""
}

// unreadFinding says why the side may lack a finding of the other one although the problem is
// there: the service or a caller was not read, or the rule was not checked.
func (s *side) unreadFinding(o *side, f *rule.Finding) string {
	if why := s.unreadService(f.Ref()); why != "" {
		return why
	}
	for _, p := range f.Paths {
		for ref := range p.Source.Services.All() {
			if why := s.unreadService(ref); why != "" {
				return why
			}
		}
	}
	if why := s.unreadRule(o, f.Code, f.Ref(), f.Paths...); why != "" {
		return why
	}
	return s.unreadPathOf(f)
}

// unreadPathOf says why the side does not know a path that a finding is on.
func (s *side) unreadPathOf(f *rule.Finding) string {
	paths := s.Into(f.Ref())
	for _, p := range paths {
		same := func(o *reach.Path) bool { return change.Same(o, p) }
		if p.Observed() == reach.Unknown && slices.ContainsFunc(f.Paths, same) {
			return "its path is unknown: " + p.WhyUnknown()
		}
	}
	for _, p := range f.Paths {
		if !slices.ContainsFunc(paths, func(o *reach.Path) bool { return change.Same(o, p) }) {
			if why := s.unreadPath(p); why != "" {
				return why
			}
		}
	}
	return ""
}

// unreadRule says why a rule may have found less on this side than on the other one.
func (s *side) unreadRule(o *side, code string, ref model.Ref, paths ...*reach.Path) string {
	for _, at := range []model.Ref{{}, {Cluster: ref.Cluster}, ref} {
		if needs, is := s.notChecked[check{code, at}]; is {
			return fmt.Sprintf("%s was not checked: it needs %s", code, needs)
		}
	}
	return s.unreadUses(o, code, paths)
}

// unreadUses says which of the facts that sharpen what a rule says this side lacks, and the
// other one has.
func (s *side) unreadUses(o *side, code string, paths []*reach.Path) string {
	r, _ := rule.Lookup(code)
	for _, action := range r.Uses {
		if s.knowsLess(o, action, paths) {
			return fmt.Sprintf("%s was checked without %s", code, action)
		}
	}
	return ""
}

// knowsLess tells whether this side lacks what an action reads, and the other one has it.
func (s *side) knowsLess(o *side, action model.Action, paths []*reach.Path) bool {
	if len(paths) == 0 {
		paths = []*reach.Path{nil}
	}
	unread := func(of *side) bool {
		return slices.ContainsFunc(paths, func(p *reach.Path) bool { return of.gap(p, action) != nil })
	}
	if unread(s) && !unread(o) {
		return true
	}
	if less := lacks[action]; less != nil {
		return less(s, o, paths)
	}
	return false
}

// lacks tell whether a side lacks facts that have no gap, and the other one has them.
var lacks = map[model.Action]func(s, o *side, paths []*reach.Path) bool{
	model.GetMetricData: func(s, o *side, _ []*reach.Path) bool {
		return s.Snapshot.Metrics == nil && o.Snapshot.Metrics != nil
	},
	model.ListMetrics: func(s, o *side, _ []*reach.Path) bool {
		return s.Snapshot.Traffic == nil && o.Snapshot.Traffic != nil
	},
	model.ListServicesByNamespace: func(s, o *side, _ []*reach.Path) bool {
		return slices.ContainsFunc(o.Snapshot.Namespaces, func(n model.Namespace) bool {
			_, missing := s.Index.NamespaceMembers(n.ARN)
			return n.Members != nil && missing != nil
		})
	},
	model.DescribeTargetHealth: func(s, o *side, paths []*reach.Path) bool {
		return slices.ContainsFunc(paths, func(p *reach.Path) bool {
			return p != nil && s.unreadTargets(p) != "" && o.unreadTargets(p) == ""
		})
	},
	model.DescribeTargetGroupAttributes: func(s, o *side, paths []*reach.Path) bool {
		return slices.ContainsFunc(paths, func(p *reach.Path) bool {
			return p != nil && p.Facts.TargetGroup != nil && !s.knowsAttributes(p) && o.knowsAttributes(p)
		})
	},
}

func (s *side) knowsAttributes(p *reach.Path) bool {
	group, missing := s.Index.TargetGroup(p.Facts.TargetGroup.ARN)
	return missing == nil && group.Attributes != nil
}
