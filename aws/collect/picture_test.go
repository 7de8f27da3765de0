package collect

import (
	"fmt"
	"testing"
	"time"

	"hopscope/aws"
	"hopscope/model"
)

// BenchmarkSnapshot takes a snapshot of n services after one of them changed, as
// progressive loading does up to 20 times a second.
func BenchmarkSnapshot(b *testing.B) {
	for _, n := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := newPicture("eu-west-1")
			service := func(i int) model.Service {
				return model.Service{
					ARN:  fmt.Sprintf("arn:aws:ecs:eu-west-1:123456789012:service/prod/service-%04d", i),
					Name: fmt.Sprintf("service-%04d", i), Cluster: "prod", Loaded: true,
				}
			}
			for i := range n {
				p.putServiceLocked(service(i))
				arn := fmt.Sprintf("arn:aws:ecs:eu-west-1:123456789012:task-definition/service-%04d:1", i)
				p.taskDefinitions.put(arn, model.TaskDefinition{ARN: arn})
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p.putServiceLocked(service(i % n))
				if s := p.snapshot("aws", time.Time{}, model.Stats{}); len(s.Services) != n {
					b.Fatalf("%d services", len(s.Services))
				}
			}
		})
	}
}

func TestAnActionIsLoadingWhileAnythingBeforeItIs(t *testing.T) {
	p := newPicture("eu-west-1")
	loading := func(action model.Action) bool {
		s := p.snapshot("aws", time.Time{}, model.Stats{})
		g := model.NewIndex(s).Gap(action, "")
		return g != nil && g.State == model.Loading
	}
	p.outstanding[model.ListServices]++
	for action, want := range map[model.Action]bool{
		model.ListClusters: false, model.ListNamespaces: false, model.DescribeSubnets: false,
		model.ListServices: true, model.DescribeServices: true, model.DescribeTaskDefinition: true,
		model.DescribeTargetGroups: true, model.DescribeRules: true, model.GetPrefixListEntries: true,
	} {
		if got := loading(action); got != want {
			t.Errorf("%s: loading %t, want %t", action, got, want)
		}
	}
	p.outstanding[model.ListServices]--
	for action := range aws.Reads() {
		if loading(action) {
			t.Errorf("%s is still loading", action)
		}
	}
}

func TestAContinuationRunsOnceAndOnlyWhenItsTimeHasCome(t *testing.T) {
	p := newPicture("eu-west-1")
	ran := 0
	p.outstanding[model.ListServices] = 1
	p.update(func() {
		p.later = append(p.later, continuation{
			ready: func() bool { return p.settledLocked(model.DescribeServices) },
			run:   func() { ran++ },
		})
	})
	if ran != 0 {
		t.Fatal("it ran too early")
	}
	p.update(func() { p.outstanding[model.ListServices]-- })
	p.update(func() {})
	if ran != 1 {
		t.Errorf("it ran %d times", ran)
	}
}
