package collect

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"hopscope/aws"
	"hopscope/model"
)

// BenchmarkSnapshot takes a snapshot of n services after one of them changed, as
// progressive loading does up to 20 times a second.
func BenchmarkSnapshot(b *testing.B) {
	for _, n := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a := newAssembly("eu-west-1")
			service := func(i int) model.Service {
				return model.Service{
					ARN:  fmt.Sprintf("arn:aws:ecs:eu-west-1:123456789012:service/prod/service-%04d", i),
					Name: fmt.Sprintf("service-%04d", i), Cluster: "prod", Loaded: true,
				}
			}
			for i := range n {
				a.services.put(service(i))
				arn := fmt.Sprintf("arn:aws:ecs:eu-west-1:123456789012:task-definition/service-%04d:1", i)
				a.taskDefinitions.put(model.TaskDefinition{ARN: arn})
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				a.services.put(service(i % n))
				if s := a.snapshot(); len(s.Services) != n {
					b.Fatalf("%d services", len(s.Services))
				}
			}
		})
	}
}

func TestAnActionIsLoadingWhileAnythingBeforeItIs(t *testing.T) {
	c := newCalls()
	loading := func(action model.Action) bool {
		g := model.NewIndex(&model.Snapshot{Gaps: c.gaps()}).Gap(action, "")
		return g != nil && g.State == model.Loading
	}
	c.outstanding[model.ListServices]++
	for action, want := range map[model.Action]bool{
		model.ListClusters: false, model.ListNamespaces: false, model.DescribeSubnets: false,
		model.ListServices: true, model.DescribeServices: true, model.DescribeTaskDefinition: true,
		model.DescribeTargetGroups: true, model.DescribeRules: true, model.GetPrefixListEntries: true,
	} {
		if got := loading(action); got != want {
			t.Errorf("%s: loading %t, want %t", action, got, want)
		}
	}
	c.outstanding[model.ListServices]--
	for action := range aws.Reads() {
		if loading(action) {
			t.Errorf("%s is still loading", action)
		}
	}
}

// testRun is a run whose calls nothing answers.
func testRun(t *testing.T) *run {
	t.Helper()
	account, err := aws.Open(t.Context(), aws.Options{Transport: http.DefaultTransport, Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	return newRun(account, Options{})
}

func TestAContinuationRunsOnceAndOnlyWhenItsTimeHasCome(t *testing.T) {
	r := testRun(t)
	ran := 0
	r.calls.outstanding[model.ListServices] = 1
	r.when(t.Context(), model.DescribeTaskDefinition, r.settled(model.DescribeServices), func(context.Context) { ran++ })
	if ran != 0 {
		t.Fatal("it ran too early")
	}
	r.update(func() { r.calls.outstanding[model.ListServices]-- })
	r.update(func() {})
	if ran != 1 {
		t.Errorf("it ran %d times", ran)
	}
	if r.calls.outstanding[model.DescribeTaskDefinition] != 0 {
		t.Error("the action still counts as outstanding")
	}
}
