package collect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// withFunction is the world of the article whose load balancer admits the group of a
// function, and one that nothing has; a bastion host has a group that no rule names.
func withFunction(t *testing.T) *simulator.World {
	t.Helper()
	w := awstest.Load(t, "article")
	for _, name := range []string{"function", "unused", "bastion"} {
		w.SecurityGroups = append(w.SecurityGroups, simulator.SecurityGroup{Name: name})
	}
	w.SecurityGroups[0].Ingress = append(w.SecurityGroups[0].Ingress,
		simulator.SecurityGroupRule{Ports: simulator.Port(80), Group: "function"},
		simulator.SecurityGroupRule{Ports: simulator.Port(80), Group: "unused"})
	w.NetworkInterfaces = []simulator.NetworkInterface{
		{
			Name: "fn", Type: "lambda", Description: "AWS Lambda VPC ENI-nightly",
			SecurityGroups: []string{"function"},
		},
		{Name: "bastion", SecurityGroups: []string{"bastion"}},
	}
	return w
}

// interfacesWith are the descriptions of the interfaces that have a group.
func interfacesWith(s *model.Snapshot, group string) ([]string, *model.Missing) {
	i := slices.IndexFunc(s.SecurityGroups, func(g model.SecurityGroup) bool { return g.Name == group })
	all, missing := model.NewIndex(s).InterfacesWith(s.SecurityGroups[i].ID)
	descriptions := []string{}
	for _, n := range all {
		descriptions = append(descriptions, strings.TrimRight(n.Type+" "+n.Description, "0123456789abcdef-"))
	}
	return descriptions, missing
}

func TestInterfacesWithTheGroupsThatRulesAdmitAreRead(t *testing.T) {
	a, _ := open(t, withFunction(t), collect.Options{Everything: true})
	s := read(t, a)
	if got := s.Stats.Calls[model.DescribeNetworkInterfaces]; got != 1 || !s.Complete {
		t.Errorf("%d calls, gaps %v", got, s.Gaps)
	}
	const task = "interface arn:aws:ecs:ap-northeast-1:123456789012:attachment/"
	for group, want := range map[string][]string{
		"function":       {"lambda AWS Lambda VPC ENI-nightly"},
		"unused":         {},
		"client-service": {task},
		"main-alb":       {"interface ELB app/main-alb/", "interface ELB app/main-alb/"},
	} {
		got, missing := interfacesWith(s, group)
		if diff := cmp.Diff(want, got); diff != "" || missing != nil {
			t.Errorf("%s: missing %v (-want +got):\n%s", group, missing, diff)
		}
	}
	// No rule of what carries requests names it: what has it is not asked for.
	if got, missing := interfacesWith(s, "bastion"); missing == nil || missing.State != model.NotRead {
		t.Errorf("bastion: %v, missing %v", got, missing)
	}
	if len(s.NetworkInterfaces) != 4 {
		t.Errorf("%d interfaces were read", len(s.NetworkInterfaces))
	}

	explorer, _ := open(t, withFunction(t), collect.Options{})
	s = read(t, explorer)
	got, missing := interfacesWith(s, "function")
	if missing != nil || len(got) != 1 || s.Stats.Calls[model.DescribeNetworkInterfaces] != 1 {
		t.Errorf("the explorer: %v, missing %v, calls %v", got, missing, s.Stats.Calls)
	}
}

// What the user looks at is asked about in a call of its own, before the targets of all
// groups were asked for. Nothing is asked about twice.
func TestInterfacesOfWhatIsLookedAtAreAskedForFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := withFunction(t)
		w.SecurityGroups[2].Ingress = append(w.SecurityGroups[2].Ingress,
			simulator.SecurityGroupRule{Ports: simulator.Port(80), Group: "bastion"})
		for _, look := range []string{"before", "while the account is read"} {
			a, sim := open(t, w, collect.Options{})
			sim.SetFaults(simulator.Faults{LatencyMillis: 80})
			turn := func() { a.LookAt(model.Ref{Cluster: "sample-cluster", Service: "client-service"}) }
			if look == "before" {
				turn()
			}
			s, err := a.Collect(t.Context(), func(s *model.Snapshot) {
				if len(s.SecurityGroups) > 0 {
					turn()
				}
			})
			if err != nil || !s.Complete {
				t.Fatal(err, s.Gaps)
			}
			asked := askedInterfaces(sim)
			if len(asked) != 2 || len(asked[0]) != 1 || len(asked[1]) != 4 || slices.Contains(asked[1], asked[0][0]) {
				t.Errorf("looked at %s: asked about %v", look, asked)
			}
		}
	})
}

// askedInterfaces are the groups of each call.
func askedInterfaces(sim *simulator.Simulator) [][]string {
	var calls [][]string
	for _, c := range sim.Calls() {
		if c.Action != string(model.DescribeNetworkInterfaces) {
			continue
		}
		var groups []string
		for key, value := range c.Params {
			if strings.HasPrefix(key, "Filter.1.Value.") {
				groups = append(groups, value)
			}
		}
		calls = append(calls, groups)
	}
	return calls
}

// Of very many groups the explorer asks about those of what the user looks at.
func TestInterfacesOfVeryManyGroupsAreReadForWhatIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := withFunction(t)
		for i := range 1000 {
			name := fmt.Sprintf("caller-%d", i)
			w.SecurityGroups = append(w.SecurityGroups, simulator.SecurityGroup{Name: name})
			w.SecurityGroups[0].Ingress = append(w.SecurityGroups[0].Ingress,
				simulator.SecurityGroupRule{Ports: simulator.Port(80), Group: name})
		}
		for service, calls := range map[string]int{"": 0, "client-service": 0, "sample-ecs-app": 6} {
			a, sim := open(t, w, collect.Options{})
			a.LookAt(model.Ref{Cluster: "sample-cluster", Service: service})
			s := read(t, a)
			if asked := askedInterfaces(sim); len(asked) != calls {
				t.Errorf("%q: %d calls", service, len(asked))
			}
			if _, missing := interfacesWith(s, "function"); (missing == nil) != (calls > 0) {
				t.Errorf("%q: missing %v", service, missing)
			}
		}
	})
}

func TestInterfacesThatCannotBeReadAreUnknown(t *testing.T) {
	for kind, state := range map[simulator.FailureKind]model.GapState{
		simulator.AccessDenied: model.Denied, simulator.InternalError: model.Failed, simulator.Unsupported: model.Unsupported,
	} {
		withoutWaiting(t, string(kind), func(t *testing.T) {
			t.Helper()
			a, sim := open(t, withFunction(t), collect.Options{Everything: true})
			sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{
				{Action: string(model.DescribeNetworkInterfaces), With: kind},
			}})
			s := read(t, a)
			got, missing := interfacesWith(s, "function")
			if len(got) > 0 || missing == nil || missing.State != state || s.Complete {
				t.Errorf("got %v, missing %+v, complete %t", got, missing, s.Complete)
			}
		})
	}
}
