package diff

import (
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// securityGroups are compared rule by rule: AWS's ids of rules are not read, so that
// direction, ports and peer name one.
func (r *readings) securityGroups() {
	for i := range r.s.SecurityGroups {
		g := &r.s.SecurityGroups[i]
		h := r.holdersOf(g)
		r.add(&item{
			key: "security group " + g.ID, label: model.GroupLabel(g.ID, g.Name), from: model.DescribeSecurityGroups,
			value: h.rules, leaves: setLeaves[*model.SecurityGroupRule], touches: h.touches,
		})
	}
}

// held is a security group, and what has it.
type held struct {
	services  map[model.Ref]bool
	balancers map[string]bool
	// shared is set where container instances have it, and so the tasks on them.
	shared bool
	// rules are the group's by their names.
	rules map[string]*model.SecurityGroupRule
}

func (r *readings) holdersOf(g *model.SecurityGroup) *held {
	h := &held{services: map[model.Ref]bool{}, balancers: map[string]bool{}, rules: r.rulesOf(g)}
	for _, holder := range r.holders.All(g.ID) {
		switch holder.Kind {
		case reach.HolderService:
			h.services[model.Ref{Cluster: holder.Cluster, Service: holder.Name}] = true
		case reach.HolderLoadBalancer:
			h.balancers[holder.Name] = true
		case reach.HolderInstance:
			h.shared = true
		case reach.HolderTasks, reach.HolderFunction, reach.HolderInterface:
		}
	}
	return h
}

// touches tells whether a rule of the group (or, by "", the group) matters to a path: an
// ingress rule to those who are connected to by its port, an egress rule to those who connect.
func (h *held) touches(p *reach.Path, field string) bool {
	rule := h.rules[field]
	if rule == nil && field != "" {
		return false
	}
	toTask, balancer := covers(rule, p.Target.WirePort, p.Target.WirePortEnd), h.balances(p)
	if strings.HasPrefix(field, egressRule) {
		return toTask && (balancer || h.shared || h.calls(p))
	}
	listens := covers(rule, p.Source.ListenerPort, 0) || p.Facts.Front != nil && covers(rule, p.Place.Rule.Port, 0)
	return toTask && h.takes(p) || balancer && listens || field == "" && h.calls(p)
}

// balances tells whether a load balancer on a path has the group.
func (h *held) balances(p *reach.Path) bool {
	for _, lb := range []*model.LoadBalancer{p.Facts.LoadBalancer, p.Facts.Front} {
		if lb != nil && h.balancers[lb.Name] {
			return true
		}
	}
	return false
}

// takes tells whether the tasks that a path leads to have the group, or their instances.
func (h *held) takes(p *reach.Path) bool {
	onInstance := p.Facts.Deployment == nil || p.Facts.Deployment.Network == nil
	return h.services[p.Target.Ref()] || h.shared && onInstance
}

// calls tells whether a caller on a path has the group.
func (h *held) calls(p *reach.Path) bool {
	for ref := range h.services {
		if p.Source.Services.Contains(ref) {
			return true
		}
	}
	return false
}

// covers tells whether a rule is about any of the ports; of ports that are not known, and of
// no rule, it is.
func covers(rule *model.SecurityGroupRule, first, last int) bool {
	return rule == nil || first == 0 || rule.Protocol == model.AllProtocols ||
		rule.FromPort <= max(first, last) && first <= rule.ToPort
}

const (
	ingressRule = "ingress rule "
	egressRule  = "egress rule "
)

// rulesOf are the rules of a group by their names.
func (r *readings) rulesOf(g *model.SecurityGroup) map[string]*model.SecurityGroupRule {
	out := make(map[string]*model.SecurityGroupRule, len(g.Ingress)+len(g.Egress))
	for i := range g.Ingress {
		out[ingressRule+g.Ingress[i].Ports()+" from "+r.peer(&g.Ingress[i])] = &g.Ingress[i]
	}
	for i := range g.Egress {
		out[egressRule+g.Egress[i].Ports()+" to "+r.peer(&g.Egress[i])] = &g.Egress[i]
	}
	return out
}

func (r *readings) peer(rule *model.SecurityGroupRule) string {
	if rule.Group != nil {
		return r.ix.GroupLabel(rule.Group.ID)
	}
	return rule.Peer()
}

// setLeaves compares sets of names.
func setLeaves[V any](before, after *item) []leaf {
	was, is := before.value.(map[string]V), after.value.(map[string]V)
	var out []leaf
	for name := range was {
		if _, kept := is[name]; !kept {
			out = append(out, leaf{kind: Vanished, field: name})
		}
	}
	for name := range is {
		if _, kept := was[name]; !kept {
			out = append(out, leaf{kind: Appeared, field: name})
		}
	}
	slices.SortFunc(out, func(a, b leaf) int { return strings.Compare(a.field, b.field) })
	return out
}

// networkACLs are compared entry by entry.
func (r *readings) networkACLs() {
	for i := range r.s.NetworkACLs {
		acl := &r.s.NetworkACLs[i]
		rules := map[string]bool{}
		for j := range acl.Entries {
			side := ingressRule
			if acl.Entries[j].Egress {
				side = egressRule
			}
			rules[strings.TrimSuffix(side, "rule ")+acl.Entries[j].String()] = true
		}
		for _, subnet := range acl.Subnets {
			rules["association with "+subnet] = true
		}
		r.add(&item{
			key: "acl " + acl.ID, label: "network ACL " + acl.ID, from: model.DescribeNetworkAcls, value: rules,
			leaves: setLeaves[bool], touches: r.within(acl.Subnets),
		})
	}
}

// within tells whether a path has an end in one of some subnets.
func (r *readings) within(subnets []string) func(*reach.Path, string) bool {
	inside := func(all []string) bool {
		return slices.ContainsFunc(all, func(s string) bool { return slices.Contains(subnets, s) })
	}
	var callers []model.Ref
	for i := range r.s.Services {
		if d := r.s.Services[i].Primary(); d != nil && d.Network != nil && inside(d.Network.Subnets) {
			callers = append(callers, r.s.Services[i].Ref())
		}
	}
	return func(p *reach.Path, _ string) bool {
		for _, lb := range []*model.LoadBalancer{p.Facts.LoadBalancer, p.Facts.Front} {
			if lb != nil && inside(lb.Subnets) {
				return true
			}
		}
		d := p.Facts.Deployment
		if d == nil || d.Network == nil {
			return true // its tasks are on instances, wherever those are
		}
		return inside(d.Network.Subnets) || slices.ContainsFunc(callers, p.Source.Services.Contains)
	}
}

func (r *readings) networks() {
	for i := range r.s.Subnets {
		n := &r.s.Subnets[i]
		r.add(&item{
			key: "subnet " + n.ID, label: "subnet " + n.ID, from: model.DescribeSubnets, value: n,
			touches: r.within([]string{n.ID}),
		})
	}
	for i := range r.s.VPCs {
		v := &r.s.VPCs[i]
		r.add(&item{key: "vpc " + v.ID, label: v.ID, from: model.DescribeVpcs, value: v, touches: anyPath})
	}
	for i := range r.s.PrefixLists {
		l := r.s.PrefixLists[i]
		l.Version = 0
		r.add(&item{
			key: "prefix list " + l.ID, label: "prefix list " + model.GroupLabel(l.ID, l.Name),
			from: model.GetPrefixListEntries, value: &l, touches: anyPath,
		})
	}
	for i := range r.s.NetworkInterfaces {
		n := &r.s.NetworkInterfaces[i]
		r.add(&item{
			key: "interface " + n.ID, label: "network interface " + n.ID, from: model.DescribeNetworkInterfaces, value: n,
			touches: func(p *reach.Path, _ string) bool { return r.admitted(p.Facts.LoadBalancer, n.SecurityGroups) },
		})
	}
}

// admitted tells whether the rules of a load balancer name any of some groups.
func (r *readings) admitted(lb *model.LoadBalancer, groups []string) bool {
	if lb == nil {
		return false
	}
	for _, id := range lb.SecurityGroups {
		g, missing := r.ix.SecurityGroup(id)
		names := func(rule model.SecurityGroupRule) bool {
			return rule.Group != nil && slices.Contains(groups, rule.Group.ID)
		}
		if missing == nil && slices.ContainsFunc(g.Ingress, names) {
			return true
		}
	}
	return false
}

// anyPath: what few accounts change, and any path may depend on.
func anyPath(*reach.Path, string) bool { return true }

func (r *readings) instances() {
	for i := range r.s.ContainerInstances {
		c := r.s.ContainerInstances[i]
		c.AgentVersion = ""
		r.add(&item{
			key: "instance " + c.ARN, label: "container instance " + c.InstanceID, from: model.DescribeContainerInstances,
			value: &c, touches: func(p *reach.Path, _ string) bool {
				return p.Target.Cluster == c.Cluster && (p.Facts.Deployment == nil || p.Facts.Deployment.Network == nil) ||
					p.Source.Kind == reach.SourceServiceDiscovery || p.Source.Kind == reach.SourceServiceConnect
			},
		})
	}
}
