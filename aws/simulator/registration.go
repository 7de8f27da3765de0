package simulator

import (
	"iter"
	"slices"
)

// registration is a target group that ECS registers a deployment's tasks in, with
// the container port that it registers.
type registration struct {
	targetGroupARN string
	port           int
}

// registrations are those that the service names and those that ECS manages for
// it.
func (b *loadBalancing) registrations(d *deployment) []registration {
	var all []registration
	for _, lb := range d.config.LoadBalancers {
		all = append(all, registration{targetGroupARN: b.registeredIn(d, lb), port: lb.ContainerPort})
	}
	for _, p := range d.of.ingress {
		all = append(all, registration{targetGroupARN: b.targetGroupARN(p.TargetGroup), port: p.ContainerPort})
	}
	for _, c := range d.of.connections {
		if m := d.config.TaskDefinition.port(c.PortName); m != nil {
			all = append(all, registration{targetGroupARN: b.targetGroupARN(c.TargetGroup), port: m.ContainerPort})
		}
	}
	return all
}

// registeredIn is the target group of a load balancer of the service that the
// deployment's tasks are in.
func (b *loadBalancing) registeredIn(d *deployment, lb serviceLoadBalancer) string {
	switch {
	case lb.Advanced == nil || d.side == sideMain:
		return lb.TargetGroupARN
	case d.side == sideAlternate:
		return lb.Advanced.AlternateTargetGroupARN
	}
	return b.live(lb)
}

// live is the target group that the tasks of a settled service are in: the
// alternate one when the listeners send everything to it.
func (b *loadBalancing) live(lb serviceLoadBalancer) string {
	if lb.Advanced == nil || b.weight(lb.TargetGroupARN) > 0 || b.weight(lb.Advanced.AlternateTargetGroupARN) == 0 {
		return lb.TargetGroupARN
	}
	return lb.Advanced.AlternateTargetGroupARN
}

// allRules are the rules of all listeners.
func (b *loadBalancing) allRules() iter.Seq2[*listener, *elbRule] {
	return func(yield func(*listener, *elbRule) bool) {
		for _, l := range b.loadBalancers {
			for _, li := range l.listeners {
				for i := range li.rules {
					if !yield(li, &li.rules[i]) {
						return
					}
				}
			}
		}
	}
}

// weight is the largest weight that a listener rule gives to a target group.
func (b *loadBalancing) weight(arn string) int {
	most := 0
	for _, r := range b.allRules() {
		most = max(most, r.weight(arn))
	}
	return most
}

// productionShare is the percentage of the requests that the production rule of a
// load balancer sends to one of the two target groups.
func (b *loadBalancing) productionShare(lb serviceLoadBalancer, arn string) float64 {
	share, both := 0, 0
	for li, r := range b.allRules() {
		if rule := lb.Advanced.ProductionListenerRule; rule == r.ARN || rule == li.arn {
			share += r.weight(arn)
			both += r.weight(lb.TargetGroupARN) + r.weight(lb.Advanced.AlternateTargetGroupARN)
		}
	}
	if both == 0 {
		return 0
	}
	return float64(100*share) / float64(both)
}

// weight is what a rule gives to a target group.
func (r *elbRule) weight(arn string) int {
	sum := 0
	for _, act := range r.Actions.Members {
		if act.Forward == nil {
			continue
		}
		for _, tuple := range act.Forward.TargetGroups.Members {
			if tuple.ARN == arn {
				sum += tuple.Weight
			}
		}
	}
	return sum
}

// forwards tells whether a listener of the load balancer sends anything to a
// target group.
func (l *loadBalancer) forwards(arn string) bool {
	return slices.ContainsFunc(l.listeners, func(li *listener) bool {
		return slices.ContainsFunc(li.rules, func(r elbRule) bool { return r.weight(arn) > 0 })
	})
}

// attach records that the service registers its tasks in a target group.
func (b *loadBalancing) attach(s *service, lb serviceLoadBalancer) {
	arns := []string{lb.TargetGroupARN}
	if lb.Advanced != nil {
		arns = append(arns, lb.Advanced.AlternateTargetGroupARN)
	}
	for _, arn := range arns {
		if arn != "" && !slices.Contains(b.attachments[arn], s) {
			b.attachments[arn] = append(b.attachments[arn], s)
		}
	}
}
