package reach_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// joined are the members of groups less some.
func joined(groups []reach.CallerGroup, ids []string, except []model.Ref) []model.Ref {
	var out []model.Ref
	for _, g := range groups {
		if slices.Contains(ids, g.ID) {
			out = append(out, g.Services...)
		}
	}
	return slices.DeleteFunc(out, func(ref model.Ref) bool { return slices.Contains(except, ref) })
}

func TestGroupsLessExceptionsAreTheCallersOfAnyPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := paths(Draw(t))
		groups := reach.GroupCallers(all)
		used := map[string]bool{}
		for i := range all {
			p := &all[i]
			ids, except := groups.Of(p)
			for _, id := range ids {
				used[id] = true
			}
			want := p.Source.Services.First(p.Source.Services.Len())
			got := joined(groups.All(), ids, except)
			slices.SortFunc(got, model.Ref.Compare)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v less %v is %v, want %v", p.ID, ids, except, got, want)
			}
		}
		for _, g := range groups.All() {
			if !used[g.ID] || !slices.IsSortedFunc(g.Services, model.Ref.Compare) {
				t.Errorf("%s is used %t: %v", g.ID, used[g.ID], g.Services)
			}
		}
	})
}

// Whatever the groups admit, the callers of all paths take about as much room as there
// are services: not as there are pairs of them.
func TestTheSizeOfCallersIsLinear(t *testing.T) {
	const n = 200
	admits := map[string]func(int) []GroupRule{
		"nothing":                 nil,
		"the group that all have": func(int) []GroupRule { return []GroupRule{In("tcp 80", "sg-all")} },
		"the group of half":       func(int) []GroupRule { return []GroupRule{In("tcp 80", "sg-half")} },
		"each another one":        func(i int) []GroupRule { return []GroupRule{In("tcp 80", fmt.Sprintf("sg-svc%d", (i+1)%n))} },
		"all, as a network":       func(int) []GroupRule { return []GroupRule{In("tcp 80", "10.0.0.0/8")} },
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
			for i := range all {
				ids, except := groups.Of(&all[i])
				size += len(ids) + len(except)
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
	for i := range all {
		if p := &all[i]; p.Target.Service == "web" {
			into, sum = append(into, p), sum+p.Source.Services.Len()
		}
	}
	if n := reach.CountCallers(into); n != 2 || sum != 3 {
		t.Errorf("%d callers, on %d paths together %d", n, len(into), sum)
	}
}
