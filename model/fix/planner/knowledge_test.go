package planner_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

// copied is a deep copy of a snapshot, by way of its file.
func copied(t *rapid.T, s *model.Snapshot) *model.Snapshot {
	var file bytes.Buffer
	if err := model.Encode(&file, s, "test"); err != nil {
		t.Fatal(err)
	}
	c, err := model.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// forgettable are the actions that can be taken away.
var forgettable = []model.Action{
	model.DescribeTaskDefinition, model.DescribeTargetGroups, model.DescribeLoadBalancers, model.DescribeListeners,
	model.DescribeRules,
	model.DescribeSecurityGroups, model.DescribeSubnets, model.DescribeNetworkAcls, model.DescribeManagedPrefixLists,
	model.GetPrefixListEntries,
	model.ListNamespaces, model.DescribeClusters, model.DescribeServiceRevisions, model.ListGatewayRoutes,
	model.ListTasks, model.DescribeTasks,
	model.ListContainerInstances, model.DescribeContainerInstances, model.DescribeInstances, model.DescribeTargetHealth,
	model.DescribeTargetGroupAttributes, model.DescribeLoadBalancerAttributes, model.ListDiscoveryServices,
	model.ListServicesByNamespace, model.ListMetrics, model.GetMetricData,
}

// A plan that was made without one kind of fact, and would be carried out, does no
// harm to the account as it really is: what is not known is not guessed.
func TestAPlanWithoutAFactDoesNoHarm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := modeltest.Draw(t)
		before := rule.Analyze(whole)
		less := copied(t, whole)
		action := rapid.SampledFrom(forgettable).Draw(t, "forgotten")
		modeltest.Deny(less, action)
		plans, err := planner.Plans(rule.Analyze(less))
		if err != nil {
			t.Fatal(err)
		}
		for i := range plans {
			p := &plans[i]
			if !p.Appliable() {
				continue
			}
			after, err := fix.Outcome(whole, p.Service, p.Steps)
			if err != nil {
				t.Fatalf("%s without %s: %v", p.ID, action, err)
			}
			noWorse(t, p, before, rule.Analyze(after), "NET", "CFG")
		}
	})
}

// Nothing depends on the order in which things were read.
func TestPlansDoNotDependOnTheOrderOfThings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := modeltest.Draw(t)
		other := copied(t, s)
		other.Services = rapid.Permutation(other.Services).Draw(t, "services")
		other.SecurityGroups = rapid.Permutation(other.SecurityGroups).Draw(t, "groups")
		other.TargetGroups = rapid.Permutation(other.TargetGroups).Draw(t, "target groups")
		other.TaskDefinitions = rapid.Permutation(other.TaskDefinitions).Draw(t, "tasks")
		if a, b := plansJSON(t, s), plansJSON(t, other); a != b {
			t.Fatalf("the plans differ: %s", cmp.Diff(strings.Split(a, ","), strings.Split(b, ",")))
		}
	})
}

// The plans of one service are those that it has among all.
func TestPlansForOneServiceAreItsPlans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := modeltest.Draw(t)
		report := rule.Analyze(s)
		all, err := planner.Plans(report)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]int{}
		for i := range all {
			ids[all[i].ID]++
		}
		found := map[string]bool{}
		for i := range s.Services {
			plans, err := planner.PlansFor(report, s.Services[i].Ref())
			if err != nil {
				t.Fatal(err)
			}
			for j := range plans {
				found[plans[j].ID] = true
				if ids[plans[j].ID] == 0 {
					t.Errorf("%s is not among all plans", plans[j].ID)
				}
			}
		}
		if len(found) != len(all) {
			t.Errorf("%d plans one by one, %d at once", len(found), len(all))
		}
	})
}

func plansJSON(t *rapid.T, s *model.Snapshot) string {
	plans, err := planner.Plans(rule.Analyze(s))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(plans)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
