package reach

import "hopscope/model"

// forward is a way from a listener to a target group.
type forward struct {
	lb       *model.LoadBalancer
	listener *model.Listener
	rule     *model.ListenerRule
	// group is the target group, set where the way leads to a load balancer.
	group *model.TargetGroup
	// weight is the percentage of a weighted action, nil for a plain one.
	weight *int
	// missing says that other rules of the listener are not known, so that
	// this one may not be what it looks like.
	missing *model.Missing
	// front is the way through a network load balancer that has this one's
	// load balancer as its target, nil for none.
	front *forward
}

// name names the listener's rule.
func (f *forward) name() ListenerRule {
	return ListenerRule{LoadBalancer: f.lb.Name, Port: f.listener.Port, Priority: f.rule.Priority}
}

// forwards are the ways to each target group, and what was not readable of each
// load balancer.
type forwards struct {
	to      map[model.ARN][]forward
	missing map[model.ARN][]model.Missing
}

func (d *Deriver) indexForwards() forwards {
	f := forwards{to: map[model.ARN][]forward{}, missing: map[model.ARN][]model.Missing{}}
	for i := range d.ix.Snapshot.LoadBalancers {
		lb := &d.ix.Snapshot.LoadBalancers[i]
		listeners, missing := d.ix.Listeners(lb.ARN)
		if missing != nil {
			f.missing[lb.ARN] = append(f.missing[lb.ARN], *missing)
		}
		for _, l := range listeners {
			rules, missing := d.ix.Rules(l.ARN)
			if missing != nil {
				f.missing[lb.ARN] = append(f.missing[lb.ARN], *missing)
			}
			if len(rules) == 0 {
				// DescribeListeners gives the default action as well.
				rules = []*model.ListenerRule{{ListenerARN: l.ARN, Priority: defaultRule, Default: true, Actions: l.DefaultActions}}
			}
			for _, r := range rules {
				f.addRule(lb, l, r, missing)
			}
		}
	}
	d.addChains(&f)
	return f
}

// addChains adds the ways through network load balancers whose targets are other
// load balancers (target type alb): behind the first comes each rule of the
// second's listener on the target's port (decision table, row 25). Which load
// balancers are targets only the registered targets tell.
func (d *Deriver) addChains(f *forwards) {
	fronts := map[chainLink][]forward{}
	for i := range d.ix.Snapshot.TargetGroups {
		g := &d.ix.Snapshot.TargetGroups[i]
		if g.TargetType != targetTypeALB || g.Health == nil {
			continue
		}
		for _, t := range g.Health.Targets {
			for _, front := range f.to[g.ARN] {
				front.group = g
				link := chainLink{t.ID, t.Port}
				fronts[link] = append(fronts[link], front)
			}
		}
	}
	if len(fronts) == 0 {
		return
	}
	for arn, ways := range f.to {
		for _, way := range ways {
			for _, front := range fronts[chainLink{way.lb.ARN, way.listener.Port}] {
				behind := way
				behind.front = &front
				f.to[arn] = append(f.to[arn], behind)
			}
		}
	}
}

// chainLink is a listener of a load balancer as the target of another one.
type chainLink struct {
	loadBalancer model.ARN
	port         int
}

const targetTypeALB = "alb"

const (
	defaultRule = "default"
	maxPort     = 65535
)

func (f *forwards) addRule(lb *model.LoadBalancer, l *model.Listener, r *model.ListenerRule, missing *model.Missing) {
	for i := range r.Actions {
		targets := r.Actions[i].Forward
		sum := 0
		for _, t := range targets {
			sum += t.Weight
		}
		for _, t := range targets {
			fwd := forward{lb: lb, listener: l, rule: r, missing: missing}
			if len(targets) > 1 || t.Weight == 0 {
				share := 0 // of nothing but zeros, no target group gets a request, nor does a single one
				if sum > 0 {
					share = (100*t.Weight + sum - 1) / sum // a small share is not none
				}
				fwd.weight = &share
			}
			f.to[t.TargetGroupARN] = append(f.to[t.TargetGroupARN], fwd)
		}
	}
}
