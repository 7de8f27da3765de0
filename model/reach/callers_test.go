package reach_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// genNamespace draws a namespace of a few services that share groups and subnets
// in all sorts of ways.
func genNamespace(t *rapid.T) *model.Snapshot {
	ids := []string{"sg-1", "sg-2", "sg-3", "sg-4"}
	peers := append(slices.Clone(ids), "10.0.0.0/16", "10.0.0.0/20", "0.0.0.0/0", "pl-1")
	ports := []string{"tcp 80", "tcp 8080", "all"}
	b := New()
	for _, id := range ids {
		var rules []GroupRule
		for range rapid.IntRange(0, 3).Draw(t, "ingress") {
			rules = append(rules, In(rapid.SampledFrom(ports).Draw(t, "ports"), rapid.SampledFrom(peers).Draw(t, "from")))
		}
		for range rapid.IntRange(0, 2).Draw(t, "egress") {
			rules = append(rules, Out(rapid.SampledFrom(ports).Draw(t, "ports"), rapid.SampledFrom(peers).Draw(t, "to")))
		}
		b.Group(id, rules...)
	}
	for i := range rapid.IntRange(2, 9).Draw(t, "services") {
		b.Service(fmt.Sprintf("svc-%d", i), Port("http", 80, "http"),
			Offer("http", rapid.SampledFrom([]int{0, 8080}).Draw(t, "override"), 80), Change(func(s *Spec) {
				s.Deployment.ServiceConnect.Services[0].DiscoveryName = fmt.Sprintf("svc-%d", i)
				s.Deployment.Network = &model.Network{
					Subnets: rapid.SampledFrom([][]string{{SubnetA}, {SubnetB}, {SubnetA, SubnetB}}).Draw(t, "subnets"),
					SecurityGroups: rapid.SampledFrom([][]string{
						{"sg-1"}, {"sg-2"}, {"sg-3"}, {"sg-4"}, {"sg-1", "sg-2"}, {"sg-1", "sg-3"}, {"sg-1", "sg-4"}, nil,
					}).Draw(t, "groups"),
				}
				if rapid.IntRange(0, 9).Draw(t, "mode") == 0 {
					s.TaskDefinition.NetworkMode, s.Deployment.Network = "bridge", nil
				}
			}))
	}
	return b.Snapshot()
}

// outcomes are what each caller meets at each endpoint.
func outcomes(s *model.Snapshot) map[string]string {
	out := map[string]string{}
	for _, p := range paths(s) {
		if p.Source.Kind != reach.SourceServiceConnect {
			continue
		}
		for caller := range p.Source.Services.All() {
			out[caller.String()+" → "+p.Source.Endpoint] = fmt.Sprintf("%s %s %s intended=%t", p.Via, p.Access, p.Verdict,
				p.Facts.Intended)
		}
	}
	return out
}

// pair is a snapshot with one caller and one target only: nothing to group.
func pair(s *model.Snapshot, caller, target int) *model.Snapshot {
	only := *s
	only.Services = nil
	for _, i := range []int{min(caller, target), max(caller, target)} {
		only.Services = append(only.Services, s.Services[i])
	}
	return &only
}

func TestGroupingCallersNeverChangesWhatACallerMeets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := genNamespace(t)
		grouped := outcomes(s)
		if want := len(s.Services) * (len(s.Services) - 1); len(grouped) != want {
			t.Fatalf("%d pairs of caller and endpoint, want %d", len(grouped), want)
		}
		for i := range s.Services {
			for j := range s.Services {
				if i == j {
					continue
				}
				alone := outcomes(pair(s, i, j))
				for key, want := range alone {
					if strings.HasPrefix(key, s.Services[i].Ref().String()+" ") && grouped[key] != want {
						t.Fatalf("%s: grouped %q, alone %q", key, grouped[key], want)
					}
				}
			}
		}
	})
}

func TestPathsDoNotDependOnTheOrderOfTheInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := genNamespace(t)
		before := shown(paths(s))
		shuffled := *s
		shuffled.Services = rapid.Permutation(s.Services).Draw(t, "services")
		shuffled.SecurityGroups = rapid.Permutation(s.SecurityGroups).Draw(t, "groups")
		shuffled.TaskDefinitions = rapid.Permutation(s.TaskDefinitions).Draw(t, "task definitions")
		if after := shown(paths(&shuffled)); after != before {
			t.Fatalf("order matters:\n%s\n%s", before, after)
		}
	})
}

// shown is all that is said of paths.
func shown(all []*reach.Path) string {
	var b strings.Builder
	for _, p := range all {
		source := p.Source
		source.Services, source.Weight = nil, nil
		fmt.Fprintf(&b, "%s %+v %v %+v %s %s %s %s %+v %+v\n", p.ID, source, p.Source.Services.First(p.Source.Services.Len()),
			p.Target,
			p.Via, p.Access, p.Verdict, p.ViaWhy(), p.Hops(), p.Missing)
	}
	return b.String()
}

// A namespace of n services is a few paths an endpoint, not n².
func TestAThousandServicesAreAFewPathsEach(t *testing.T) {
	s := Fleet(1, 1000)
	all := paths(s)
	if perService := float64(len(all)) / 1000; perService > 6 {
		t.Errorf("%.1f paths a service", perService)
	}
	callers := map[model.Ref]int{}
	for _, p := range all {
		if p.Source.Kind == reach.SourceServiceConnect {
			callers[p.Target.Ref()] += p.Source.Services.Len()
		}
	}
	for ref, n := range callers {
		if n != 999 {
			t.Fatalf("%s has %d callers, want 999", ref, n)
		}
	}
}

// The rule that is needed must do for every caller, also for those whose groups
// the sentence has no room for.
func TestANeededRuleNamesNoGroupThatSomeCallersLack(t *testing.T) {
	b := New().Group("sg-web").Group("sg-shared").Service("web", Port("http", 80, "http"), Offer("http", 0, 80))
	for i := range 6 {
		own := fmt.Sprintf("sg-c%d", i)
		groups := []string{own, "sg-shared"}
		if i == 5 {
			groups = []string{own}
		}
		b.Group(own).Service(fmt.Sprintf("c%d", i), Client(), Change(func(s *Spec) {
			s.Deployment.Network.SecurityGroups = groups
		}))
	}
	p := one(t, paths(b.Snapshot()), reach.SourceServiceConnect, "web")
	if p.Source.Services.Len() != 6 || strings.Contains(p.Hops()[1].Needed, "sg-shared") {
		t.Errorf("%d callers need: %s", p.Source.Services.Len(), p.Hops()[1].Needed)
	}
}
