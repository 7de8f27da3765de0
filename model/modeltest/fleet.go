package modeltest

import (
	"fmt"
	"math/rand/v2"

	"hopscope/model"
)

// perALB is how many services of a fleet share a load balancer.
const perALB = 90

// Fleet is a seeded snapshot of n services in one namespace, each with its own
// task definition, target group and security group. Every service calls a few
// others, which admit its group; a tenth has an override, and of those a third
// forgot to open it. Equal arguments give equal snapshots.
//
// The simulator has fleets of its own (docs/worlds.md), which are worlds: an AWS from
// which the whole program reads. This one is a snapshot, for tests that know no AWS.
func Fleet(seed uint64, n int) *model.Snapshot {
	rng := rand.New(rand.NewPCG(seed, seed))
	b := New()
	overrides := make([]int, n)
	rules := make([][]GroupRule, n)
	for i := range n {
		wire := 80
		if rng.IntN(10) == 0 {
			overrides[i] = 18080
			if rng.IntN(3) != 0 {
				wire = 18080
			}
		}
		rules[i] = append(rules[i], In("tcp 80", fmt.Sprintf("sg-alb-%03d", i/perALB)))
		for range 3 {
			rules[i] = append(rules[i], In(fmt.Sprintf("tcp %d", wire), "sg-"+serviceName(rng.IntN(n))))
		}
	}
	for i := range n {
		name := serviceName(i)
		b.Group("sg-"+name, rules[i]...)
		b.Service(name, Port("http", 80, "http"), Offer("http", overrides[i], 80), Behind("tg-"+name, 80),
			Change(func(s *Spec) {
				s.Deployment.ServiceConnect.Services[0].DiscoveryName = name
			}))
		b.fleetRule(i, "tg-"+name)
	}
	return b.Snapshot()
}

func serviceName(i int) string { return fmt.Sprintf("svc-%05d", i) }

// fleetRule adds the i-th service to its load balancer.
func (b *Builder) fleetRule(i int, targetGroup string) {
	name := fmt.Sprintf("alb-%03d", i/perALB)
	if i%perALB == 0 {
		b.Group("sg-" + name)
		b.ALB(name, 80, targetGroup)
		return
	}
	lb := LoadBalancerARN(name)
	b.TargetGroup(targetGroup, lb)
	b.s.ListenerRules = append(b.s.ListenerRules, model.ListenerRule{
		ARN: fmt.Sprintf("%s/rule-%d", lb, i), ListenerARN: b.s.Listeners[len(b.s.Listeners)-1].ARN,
		Priority:   fmt.Sprint(i%perALB + 1),
		Conditions: []model.RuleCondition{{Field: "host-header", Values: []string{serviceName(i) + ".example.com"}}},
		Actions: []model.ListenerAction{{
			Type:    "forward",
			Forward: []model.WeightedTargetGroup{{TargetGroupARN: TargetGroupARN(targetGroup), Weight: 1}},
		}},
	})
}

// Loading is an account of n services while it loads: all are named, some are loaded.
func Loading(n, loaded int) *model.Snapshot {
	b := New()
	for i := range n {
		b.Service(serviceName(i))
	}
	s := b.Snapshot()
	s.Counts.Services.Loaded = loaded
	if s.Complete = loaded == n; s.Complete {
		return s
	}
	for i := loaded; i < n; i++ {
		s.Services[i] = model.Service{ARN: s.Services[i].ARN, Name: s.Services[i].Name, Cluster: s.Services[i].Cluster}
	}
	s.Gaps = []model.Gap{{Action: model.DescribeServices, State: model.Loading}}
	return s
}

// Mesh is a fleet in which all services have one more group in common, which all admit:
// as companies do that have a group for the tasks of a namespace.
func Mesh(seed uint64, n int) *model.Snapshot {
	const mesh = "sg-mesh"
	s := Fleet(seed, n)
	admit := In("tcp 80", mesh).rule
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].Ingress = append(s.SecurityGroups[i].Ingress, admit)
	}
	s.SecurityGroups = append(s.SecurityGroups, model.SecurityGroup{
		ID: mesh, VPC: s.SecurityGroups[0].VPC,
		Egress: s.SecurityGroups[0].Egress,
	})
	for i := range s.Services {
		n := s.Services[i].Deployments[0].Network
		n.SecurityGroups = append(n.SecurityGroups, mesh)
	}
	return s
}
