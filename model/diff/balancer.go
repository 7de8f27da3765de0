package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// passes tells whether a path goes through a load balancer.
func passes(p *reach.Path, arn model.ARN) bool {
	for _, lb := range []*model.LoadBalancer{p.Facts.LoadBalancer, p.Facts.Front} {
		if lb != nil && lb.ARN == arn {
			return true
		}
	}
	return false
}

func (r *readings) balancers() {
	for i := range r.s.LoadBalancers {
		lb := &r.s.LoadBalancers[i]
		r.add(&item{
			key: "balancer " + lb.ARN, label: "load balancer " + lb.Name, from: model.DescribeLoadBalancers, value: lb,
			touches: func(p *reach.Path, _ string) bool { return passes(p, lb.ARN) },
		})
	}
	listeners := map[model.ARN]*model.Listener{}
	for i := range r.s.Listeners {
		l := &r.s.Listeners[i]
		listeners[l.ARN] = l
		r.add(&item{
			key: "listener " + l.ARN, label: r.listenerName(l), from: model.DescribeListeners, value: l,
			touches: func(p *reach.Path, _ string) bool { return passes(p, l.LoadBalancerARN) },
		})
	}
	for i := range r.s.ListenerRules {
		rule := &r.s.ListenerRules[i]
		label := "rule " + rule.Priority
		l := listeners[rule.ListenerARN]
		if l != nil {
			label += " of " + r.listenerName(l)
		}
		r.add(&item{
			key: "rule " + rule.ARN, label: label, from: model.DescribeRules, value: rule, leaves: r.hidden.leaves,
			touches: func(p *reach.Path, _ string) bool {
				at := p.Facts.Listener
				return at != nil && at.ARN == rule.ListenerARN || at == nil && l != nil && passes(p, l.LoadBalancerARN)
			},
		})
	}
}

func (r *readings) listenerName(l *model.Listener) string {
	name := resourceName(l.LoadBalancerARN)
	if lb, missing := r.ix.LoadBalancer(l.LoadBalancerARN); missing == nil {
		name = lb.Name
	}
	return "listener " + name + " :" + strconv.Itoa(l.Port)
}

func (r *readings) targetGroups() {
	for i := range r.s.TargetGroups {
		g := r.s.TargetGroups[i]
		label := "target group " + g.Name
		touches := func(p *reach.Path, _ string) bool {
			if at := p.Facts.TargetGroup; at != nil {
				return at.ARN == g.ARN
			}
			return p.Source.TargetGroup == g.Name
		}
		if health := healthOf(&g); health != "" {
			r.add(&item{
				key: "group " + g.ARN + " health", label: label, from: model.DescribeTargetHealth,
				value: map[string]string{"health": health}, touches: touches, fieldsOnly: true,
			})
		}
		g.Health, g.HostCounts = nil, nil
		r.add(&item{
			key: "group " + g.ARN, label: label, from: model.DescribeTargetGroups, value: &g, touches: touches,
		})
	}
}

// healthOf is how the targets of a group are: "2 healthy, 1 unhealthy (Target.Timeout)"; ""
// where it was not read.
func healthOf(g *model.TargetGroup) string {
	if c := g.HostCounts; g.Health == nil && c != nil {
		return fmt.Sprintf("%d healthy, %d unhealthy by CloudWatch's count", c.Healthy, c.Unhealthy)
	}
	if g.Health == nil {
		return ""
	}
	states := map[string]int{}
	for i := range g.Health.Targets {
		t := &g.Health.Targets[i]
		state := t.State
		if t.Reason != "" {
			state += " (" + t.Reason + ")"
		}
		states[state]++
	}
	var parts []string
	for _, state := range slices.Sorted(maps.Keys(states)) {
		parts = append(parts, fmt.Sprintf("%d %s", states[state], state))
	}
	return cmp.Or(strings.Join(parts, ", "), "no target registered")
}
