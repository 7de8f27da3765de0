package reach_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// united are the callers that groups and names describe.
func united(groups *reach.CallerGroups, u reach.CallerUnion) []model.Ref {
	out := slices.Clone(u.Also)
	for _, g := range groups.All() {
		if slices.Contains(u.Groups, g.ID) {
			out = append(out, g.Services...)
		}
	}
	out = slices.DeleteFunc(out, func(ref model.Ref) bool { return slices.Contains(u.Except, ref) })
	slices.SortFunc(out, model.Ref.Compare)
	return out
}

// partitioned finds what is wrong with the groups of the callers of paths.
func partitioned(all []*reach.Path) error {
	groups := reach.GroupCallers(all)
	in, calls := map[model.Ref]string{}, map[model.Ref]bool{}
	for _, g := range groups.All() {
		if len(g.Services) == 0 || !slices.IsSortedFunc(g.Services, model.Ref.Compare) {
			return fmt.Errorf("%s has %v", g.ID, g.Services)
		}
		for _, ref := range g.Services {
			if in[ref] != "" {
				return fmt.Errorf("%s is in %s and in %s", ref, in[ref], g.ID)
			}
			in[ref] = g.ID
		}
	}
	for _, p := range all {
		want := p.Source.Services.First(p.Source.Services.Len())
		for _, ref := range want {
			calls[ref] = true
		}
		u := groups.Of(p)
		if got := united(groups, u); !slices.Equal(got, want) {
			return fmt.Errorf("%s: %+v is %v, want %v", p.ID, u, got, want)
		}
	}
	for ref, id := range in {
		if !calls[ref] {
			return fmt.Errorf("%s has %s, which calls on no path", id, ref)
		}
	}
	return nil
}

func TestGroupsPartitionTheCallersOfAnyAccount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if err := partitioned(paths(Draw(t))); err != nil {
			t.Error(err)
		}
	})
}

func TestGroupsPartitionTheCallersOfAnyFleet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if err := partitioned(paths(drawNamespaces(t))); err != nil {
			t.Error(err)
		}
	})
}

// drawNamespaces draws services of several namespaces and VPCs with few groups, some
// of them registered in Cloud Map, some in transition.
func drawNamespaces(t *rapid.T) *model.Snapshot {
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	groups := []string{"sg-a", "sg-b", "sg-c", "sg-d"}
	b := New()
	for _, id := range groups {
		var rules []GroupRule
		for range rapid.IntRange(0, 3).Draw(t, "rules") {
			rules = append(rules, In("tcp 80", pick("from", append(groups, "10.0.0.0/8")...)))
		}
		b.Group(id, rules...)
	}
	network := func() *model.Network {
		n := &model.Network{Subnets: []string{pick("subnet", SubnetA, SubnetB)}}
		for range rapid.IntRange(1, 2).Draw(t, "groups") {
			n.SecurityGroups = append(n.SecurityGroups, pick("group", groups...))
		}
		return n
	}
	for i := range rapid.IntRange(1, 12).Draw(t, "services") {
		b.Service(fmt.Sprintf("svc%02d", i), Port("http", 80, "http"), Offer("http", 0, 80), Change(func(s *Spec) {
			s.Deployment.Network = network()
			s.Deployment.ServiceConnect.Namespace = pick("namespace", "one", "two")
			if rapid.IntRange(0, 3).Draw(t, "registry") == 0 {
				s.Service.ServiceRegistries = []model.ServiceRegistry{{
					RegistryARN: "arn:aws:servicediscovery:eu-west-1:1:service/srv-1",
				}}
			}
			if rapid.IntRange(0, 3).Draw(t, "rollout") == 0 {
				old := s.Deployment
				old.ID, old.Status, old.TaskDefinition, old.Network = "ecs-svc/0", "ACTIVE", s.TaskDefinition.ARN, network()
				s.Service.Deployments = []model.Deployment{old}
			}
		}))
	}
	return b.Snapshot()
}

func TestGroupsPartitionTheCallersOfManyServices(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*model.Snapshot{"fleet": Fleet(1, 300), "mesh": Mesh(2, 300)} {
		if err := partitioned(paths(s)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is written for a partition does not depend on the order of a map.
func TestGroupsAreTheSameFromRunToRun(t *testing.T) {
	t.Parallel()
	all := paths(Fleet(3, 60))
	first := reach.GroupCallers(all)
	for range 5 {
		again := reach.GroupCallers(all)
		if !reflect.DeepEqual(first.All(), again.All()) {
			t.Fatalf("groups %v, then %v", first.All(), again.All())
		}
		for _, p := range all {
			if a, b := first.Of(p), again.Of(p); !reflect.DeepEqual(a, b) {
				t.Fatalf("%s: %+v, then %+v", p.ID, a, b)
			}
		}
	}
}

// Services that every endpoint names alike are one group, the target among them or not.
func TestWhatEveryEndpointNamesIsAGroup(t *testing.T) {
	t.Parallel()
	const n = 100
	b := New().Group("sg-gateway").Group("sg-all", In("tcp 80", "sg-gateway"))
	for i := range n {
		b.Service(fmt.Sprintf("svc%02d", i), Port("http", 80, "http"), Offer("http", 0, 80), Change(func(s *Spec) {
			s.Deployment.Network.SecurityGroups = []string{"sg-all"}
			if i < 3 {
				s.Deployment.Network.SecurityGroups = []string{"sg-all", "sg-gateway"}
			}
		}))
	}
	all := paths(b.Snapshot())
	if err := partitioned(all); err != nil {
		t.Error(err)
	}
	groups := reach.GroupCallers(all)
	if len(groups.All()) != 2 || len(groups.All()[0].Services) != 3 {
		t.Errorf("groups %v, want the gateways and the others", groups.All())
	}
	for _, p := range all {
		if u := groups.Of(p); len(u.Groups) != 1 || len(u.Also) > 0 || len(u.Except) > 1 {
			t.Errorf("%s: %+v", p.ID, u)
		}
	}
}

// Whatever the groups admit, the callers of all paths take about as much room as there
// are services: not as there are pairs of them.
func TestTheSizeOfCallersIsLinear(t *testing.T) {
	const n = 200
	admits := map[string]func(int) []GroupRule{
		"nothing":                 nil,
		"the group that all have": func(int) []GroupRule { return []GroupRule{In("tcp 80", "sg-all")} },
		"the group of half":       func(int) []GroupRule { return []GroupRule{In("tcp 80", "sg-half")} },
		"each another one": func(i int) []GroupRule {
			return []GroupRule{In("tcp 80", fmt.Sprintf("sg-svc%d", (i+1)%n))}
		},
		"all, as a network": func(int) []GroupRule { return []GroupRule{In("tcp 80", "10.0.0.0/8")} },
	}
	for name, rules := range admits {
		t.Run(name, func(t *testing.T) {
			b := New().Group("sg-all").Group("sg-half")
			for i := range n {
				service := fmt.Sprintf("svc%d", i)
				var own []GroupRule
				if rules != nil {
					own = rules(i)
				}
				b.Group("sg-"+service, own...)
				b.Service(service, Port("http", 80, "http"), Offer("http", 0, 80), Change(func(s *Spec) {
					groups := []string{"sg-" + service, "sg-all"}
					if i%2 == 0 {
						groups = append(groups, "sg-half")
					}
					s.Deployment.Network.SecurityGroups = groups
				}))
			}
			all := paths(b.Snapshot())
			groups := reach.GroupCallers(all)
			size := 0
			for _, g := range groups.All() {
				size += len(g.Services)
			}
			for _, p := range all {
				u := groups.Of(p)
				size += len(u.Groups) + len(u.Except) + len(u.Also)
			}
			if perService := float64(size) / n; perService > 10 {
				t.Errorf("%.0f names for each service, in %d groups", perService, len(groups.All()))
			}
		})
	}
}

// A service whose old and new tasks meet different outcomes calls on two paths, and is
// one caller.
func TestACallerInTransitionIsCountedOnce(t *testing.T) {
	s := New().Group("sg-web", In("tcp 80", "sg-cli")).Group("sg-cli").Group("sg-new").Service("cli", Client()).
		Service("web", Port("http", 80, "http"), Offer("http", 0, 80)).
		Service("moving", Client(), Change(func(s *Spec) {
			old := s.Deployment
			old.ID, old.Status, old.TaskDefinition = "ecs-svc/0", "ACTIVE", s.TaskDefinition.ARN
			old.Network = &model.Network{Subnets: old.Network.Subnets, SecurityGroups: []string{"sg-cli"}}
			s.Deployment.Network.SecurityGroups = []string{"sg-new"}
			s.Service.Deployments = []model.Deployment{old}
		})).Snapshot()
	all := paths(s)
	var into []*reach.Path
	sum := 0
	for _, p := range all {
		if p.Target.Service == "web" {
			into, sum = append(into, p), sum+p.Source.Services.Len()
		}
	}
	if n := reach.CountCallers(into); n != 2 || sum != 3 {
		t.Errorf("%d callers, on %d paths together %d", n, len(into), sum)
	}
}
