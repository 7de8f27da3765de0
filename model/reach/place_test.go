package reach_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// rollout is an endpoint whose new tasks have an override that no group opens to the
// caller: the old ones admit it, the new ones refuse it.
func rollout() *Builder {
	return New().Group("sg-old", In("tcp 8080", "sg-cli")).Group("sg-new", In("tcp 8080", "sg-cli")).Group("sg-cli").
		Service("cli", Client()).
		Service("bad", Port("http", 8080, "http"), Offer("http", 18080, 80), Change(func(s *Spec) {
			s.Deployment.Network.SecurityGroups = []string{"sg-new"}
			old := s.Deployment
			old.ID, old.Status, old.TaskDefinition = "ecs-svc/0", "ACTIVE", s.TaskDefinition.ARN
			old.Network = &model.Network{Subnets: old.Network.Subnets, SecurityGroups: []string{"sg-old"}}
			sc := *old.ServiceConnect
			sc.Services = slices.Clone(sc.Services)
			sc.Services[0].IngressPortOverride = 0
			old.ServiceConnect = &sc
			s.Service.Deployments = []model.Deployment{old}
		}))
}

// The deployment's label does not depend on the outcome: what the new tasks refuse
// and the old ones admit are two paths, each with its label.
func TestARefusedPathKeepsItsDeploymentBesideAnAdmittedOne(t *testing.T) {
	got := map[string]reach.Access{}
	for _, p := range paths(rollout().Snapshot()) {
		if p.Source.Services.Contains(model.Ref{Cluster: "prod", Service: "cli"}) {
			got[p.Target.Deployment] = p.Access
		}
	}
	if len(got) != 2 || got["PRIMARY"] != reach.Blocked || got["ACTIVE"] != reach.Allowed {
		t.Errorf("the caller meets %v", got)
	}
}

// A group that opens the port changes the outcome alone: the place stays, and with the
// same callers the ID does.
func TestAPathStaysAtItsPlaceWhenItIsRepaired(t *testing.T) {
	before := one(t, paths(Article(8080, 80)), reach.SourceServiceConnect, "sample-ecs-app")
	after := one(t, paths(Article(8080, 80, 8080)), reach.SourceServiceConnect, "sample-ecs-app")
	if before.Access == after.Access || before.SameOutcome(after) {
		t.Errorf("%s before and after", before.Access)
	}
	if before.ID != after.ID || before.Place != after.Place {
		t.Errorf("%s became %s", before.ID, after.ID)
	}
}

func TestPathsOfAnyAccountHaveIDsOfTheirOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := paths(Draw(t))
		places := map[reach.Place]string{}
		for i, p := range all {
			if at := slices.IndexFunc(all[:i], func(o *reach.Path) bool { return o.ID == p.ID }); at >= 0 {
				t.Errorf("two paths have the ID %s:\n%+v\n%+v", p.ID, all[at], p)
			}
			if !strings.HasPrefix(p.ID, p.Place.String()) {
				t.Errorf("%s is at %s", p.ID, p.Place)
			}
			for _, place := range p.Places() {
				if name, known := places[place]; known && name != place.String() {
					t.Errorf("%+v is %s and %s", place, name, place)
				}
				places[place] = place.String()
			}
		}
		names := map[string]reach.Place{}
		for place, name := range places {
			if other, known := names[name]; known {
				t.Errorf("%+v and %+v are both named %s", place, other, name)
			}
			names[name] = place
		}
	})
}

func TestPlacesAreNamed(t *testing.T) {
	web := reach.Place{Cluster: "prod", Service: "web", Container: "app", ContainerPort: 8080}
	from := reach.ListenerRule{LoadBalancer: "alb", Port: 80, Priority: "default"}
	tests := map[string]func(*reach.Place){
		"lb/alb:80/default/tg/prod/web/app:8080": func(p *reach.Place) {
			p.Kind, p.Rule, p.TargetGroup = reach.SourceLoadBalancer, from, "tg"
		},
		"lb/nlb:443/default/alb:80/default/tg/prod/web/app:8080@ACTIVE": func(p *reach.Place) {
			p.Kind, p.Rule, p.TargetGroup, p.Deployment = reach.SourceLoadBalancer, from, "tg", "ACTIVE"
			p.Front = reach.ListenerRule{LoadBalancer: "nlb", Port: 443, Priority: "default"}
		},
		"hc/alb/tg/prod/web/app:8080/by-hand:9000": func(p *reach.Place) {
			p.Kind, p.Rule.LoadBalancer, p.TargetGroup, p.RegisteredPort = reach.SourceHealthCheck, "alb", "tg", 9000
		},
		"sc/web.ns:80/prod/web/lost": func(p *reach.Place) {
			p.Kind, p.Endpoint, p.PortName = reach.SourceServiceConnect, "web.ns:80", "lost"
		},
		"lattice/tg/prod/web/app:8080": func(p *reach.Place) { p.Kind, p.TargetGroup = reach.SourceVPCLattice, "tg" },
	}
	for want, change := range tests {
		p := web
		change(&p)
		if p.String() != want {
			t.Errorf("got %s, want %s", p, want)
		}
		if p.InDeployment("") != p && p.Deployment == "" {
			t.Errorf("%s is not its place in the primary deployment", p)
		}
	}
}

// Without an override there is no way past the agent: how a caller is admitted makes
// no difference.
func TestCallersAdmittedByGroupAndByAddressShareAPath(t *testing.T) {
	s := New().Group("sg-web", In("tcp 80", "sg-named"), In("tcp 80", "10.0.0.0/8")).Group("sg-named").Group("sg-other").
		Service("named", Client()).Service("other", Client()).Service("web", Port("http", 80, "http"), Offer("http", 0, 80)).
		Snapshot()
	if p := one(t, paths(s), reach.SourceServiceConnect, "web"); p.Source.Services.Len() != 2 ||
		p.Access != reach.Allowed {
		t.Errorf("%d callers are %s", p.Source.Services.Len(), p.Access)
	}
}
