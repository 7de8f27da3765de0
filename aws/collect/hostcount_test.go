package collect_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// manyGroups is a fleet of which some groups need more than a count.
func manyGroups() *simulator.World {
	w := awstest.Fleet(40)
	none, two := 0, 2
	w.TargetGroups[3].Health = []simulator.TargetHealth{{State: "unhealthy", Reason: "Target.ResponseCodeMismatch"}}
	w.Services[4].DesiredCount = &two
	w.TargetGroups[4].Health = []simulator.TargetHealth{{Targets: 1, State: "unhealthy", Reason: "Target.Timeout"}}
	w.TargetGroups[5].Targets = []simulator.Target{{Address: "10.0.0.200", Port: 80}} // by hand
	w.Services[6].DesiredCount = &none
	w.Services[7].DesiredCount = &two
	w.TargetGroups[7].Health = []simulator.TargetHealth{{Targets: 1, State: "initial"}}
	w.TargetGroups[8].HealthCheck.Disabled = true
	w.Services[9].CreatedAt = "1999-12-31T23:58:30Z" // deployed after the newest count
	shares := &w.Services[10]                        // and 11 are in one group
	shares.LoadBalancers = append(shares.LoadBalancers, w.Services[11].LoadBalancers...)
	return w
}

// askedGroups are the names of the groups whose targets were asked for, in order.
func askedGroups(sim *simulator.Simulator) []string {
	var names []string
	for _, c := range sim.Calls() {
		if c.Action == string(model.DescribeTargetHealth) {
			names = append(names, strings.Split(c.Params["TargetGroupArn"], "/")[1])
		}
	}
	return names
}

func TestOfManyGroupsThoseAreAskedThatCloudWatchDoesNotKnowToBeHealthy(t *testing.T) {
	for _, everything := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a, sim := open(t, manyGroups(), collect.Options{Everything: everything})
			s := read(t, a)
			asked := slices.Sorted(slices.Values(askedGroups(sim)))
			if diff := cmp.Diff([]string{
				"service-0003", "service-0004", "service-0005", "service-0006", "service-0007", "service-0008", "service-0009",
				"service-0011",
			}, asked); diff != "" {
				t.Errorf("everything %t: asked (-want +got):\n%s", everything, diff)
			}
			for i := range s.TargetGroups {
				g := &s.TargetGroups[i]
				if slices.Contains(asked, g.Name) {
					if g.Health == nil || g.HostCounts != nil {
						t.Errorf("%s has health %+v and counts %+v", g.Name, g.Health, g.HostCounts)
					}
					continue
				}
				// The fake clock begins at midnight; a minute is published one later.
				want := &model.HostCounts{Healthy: 1, At: time.Date(1999, 12, 31, 23, 59, 0, 0, time.UTC)}
				if diff := cmp.Diff(want, g.HostCounts); diff != "" || g.Health != nil {
					t.Errorf("%s has health %+v, counts (-want +got):\n%s", g.Name, g.Health, diff)
				}
			}
			if s.Stats.Calls[model.GetMetricData] != 1 || !s.Complete {
				t.Errorf("%d calls of CloudWatch, gaps %v", s.Stats.Calls[model.GetMetricData], s.Gaps)
			}
		})
	}
}

func TestHostCountsAreAskedForIn250GroupsACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := open(t, awstest.Fleet(501), collect.Options{})
		if got := read(t, a).Stats.Calls; got[model.GetMetricData] != 3 || got[model.DescribeTargetHealth] != 0 {
			t.Errorf("%d calls of CloudWatch, %d for targets", got[model.GetMetricData], got[model.DescribeTargetHealth])
		}
	})
}

// Where CloudWatch does not answer, nothing is unknown: it takes longer.
func TestWithoutCloudWatchEveryGroupIsAsked(t *testing.T) {
	for _, kind := range []simulator.FailureKind{simulator.AccessDenied, simulator.Unsupported, simulator.HTMLError} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, sim := open(t, manyGroups(), collect.Options{})
				sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: string(model.GetMetricData), With: kind}}})
				s := read(t, a)
				if got := len(askedGroups(sim)); got != 40 || !s.Complete {
					t.Errorf("%d groups were asked; gaps %v", got, s.Gaps)
				}
			})
		})
	}
}

// What AWS did not answer is no count either: the groups are asked.
func TestACountThatAWSDidNotAnswerIsAskedOfEachGroup(t *testing.T) {
	for kind, spoil := range spoilt {
		if kind == "empty list" {
			continue // which it spoils of listings alone
		}
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := read(t, openBehind(t, spoiling(t, manyGroups(), model.GetMetricData, spoil), collect.Options{}))
				for i := range s.TargetGroups {
					if g := &s.TargetGroups[i]; g.Health == nil || g.HostCounts != nil {
						t.Errorf("%s has health %+v and counts %+v", g.Name, g.Health, g.HostCounts)
					}
				}
				if !s.Complete {
					t.Errorf("gaps %v", s.Gaps)
				}
			})
		})
	}
}

// Counts alone stay where no target is healthy: that is no doubt either.
func TestWithoutTargetHealthTheCountsLeaveNoDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, sim := open(t, manyGroups(), collect.Options{})
		sim.SetFaults(simulator.Faults{
			Fail: []simulator.Failure{{Action: string(model.DescribeTargetHealth), With: simulator.AccessDenied}},
		})
		s := read(t, a)
		var known []string
		for i := range s.TargetGroups {
			if g := &s.TargetGroups[i]; g.HostCounts == nil || g.Health != nil {
				known = append(known, g.Name)
			} else if sick := g.HostCounts.Unhealthy > 0; sick != (g.Name == "service-0003") {
				t.Errorf("%s: %+v", g.Name, g.HostCounts)
			}
		}
		if diff := cmp.Diff([]string{
			"service-0004", "service-0005", "service-0006", "service-0007", "service-0008", "service-0009", "service-0011",
		}, known); diff != "" {
			t.Errorf("groups without a count (-want +got):\n%s", diff)
		}
		for _, g := range s.Gaps {
			if g.Action != model.DescribeTargetHealth || g.State != model.Denied {
				t.Errorf("gap %+v", g)
			}
		}
		if s.Complete {
			t.Error("the snapshot is said to be complete")
		}
	})
}

func TestTheGroupsOfTheServiceThatIsLookedAtAreReadFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, sim := open(t, awstest.Fleet(40), collect.Options{}, ownEndpoint)
		a.LookAt(model.Ref{Cluster: "fleet", Service: "service-0031"})
		s := read(t, a)
		if diff := cmp.Diff([]string{"service-0031"}, askedGroups(sim)); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
		queried := ""
		for _, c := range sim.Calls() {
			queried += c.Params["MetricDataQueries"]
		}
		if strings.Contains(queried, "service-0031") || !strings.Contains(queried, "service-0030") {
			t.Error("CloudWatch was asked about what is looked at, or about nothing")
		}
		if !s.Complete {
			t.Errorf("gaps: %v", s.Gaps)
		}
	})
}

// While hundreds of groups wait for their turn, the user may look at another service.
func TestALookAtAnotherServiceHurriesItsGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, sim := open(t, awstest.Fleet(300), collect.Options{})
		sim.SetFaults(simulator.Faults{
			LatencyMillis: 80, Throttle: true,
			Fail: []simulator.Failure{{Action: string(model.GetMetricData), With: simulator.AccessDenied}},
		})
		before := -1
		_, err := a.Collect(t.Context(), func(*model.Snapshot) {
			if n := len(askedGroups(sim)); before < 0 && n > 50 {
				before = n
				a.LookAt(model.Ref{Cluster: "fleet", Service: "service-0299"})
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		asked := askedGroups(sim)
		// Those that are on their way, with a token or next in turn, come before.
		if at := slices.Index(asked, "service-0299"); before < 0 || at > before+4 || len(asked) != 300 {
			t.Errorf("its group was the %d. of %d that were asked; %d were when it was looked at", at+1, len(asked), before)
		}
	})
}

// A reading that has ended hears of no look.
func TestALookBetweenReadingsIsForTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, sim := open(t, awstest.Fleet(40), collect.Options{})
		read(t, a)
		a.LookAt(model.Ref{Cluster: "fleet", Service: "service-0002"})
		synctest.Wait()
		if got := len(askedGroups(sim)); got != 0 {
			t.Errorf("%d groups were asked", got)
		}
		read(t, a)
		if got := fmt.Sprint(askedGroups(sim)); got != "[service-0002]" {
			t.Errorf("asked %s", got)
		}
	})
}

// What was counted while the tasks of the deployment before ran says nothing about those
// of the new one.
func TestCountsOfTheTimeBeforeARolloutEndedAreNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := simulator.New(awstest.Fleet(40), simulator.Options{RolloutTime: 150 * time.Second})
		a := openBehind(t, sim, collect.Options{})
		_, err := a.Account().NewSession().ForWrites().ECS.UpdateService(t.Context(), &ecs.UpdateServiceInput{
			Cluster: new("fleet"), Service: new("service-0005"), ForceNewDeployment: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		completed := func() (at time.Time, deployments int) {
			for _, s := range read(t, a).Services {
				if d := s.Deployments[0]; s.Name == "service-0005" && d.RolloutState == "COMPLETED" {
					return d.UpdatedAt, len(s.Deployments)
				}
			}
			return time.Time{}, 0
		}
		for at, n := completed(); at.IsZero() || n != 1; at, n = completed() {
			time.Sleep(10 * time.Second)
		}
		for _, wait := range []time.Duration{0, time.Minute, 5 * time.Minute} {
			time.Sleep(wait)
			before := len(askedGroups(sim))
			ended, _ := completed()
			// The newest minute that is published ended a minute ago, at the latest.
			begun := time.Now().Truncate(time.Minute).Add(-2 * time.Minute)
			asked := slices.Contains(askedGroups(sim)[before:], "service-0005")
			if asked != begun.Before(ended) {
				t.Errorf("%s after the rollout: asked %t", time.Since(ended), asked)
			}
		}
	})
}

// A service that is selected when its group was counted already is asked for after all.
func TestALookAtACountedGroupAsksForItsTargets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, sim := open(t, manyGroups(), collect.Options{})
		sim.SetFaults(simulator.Faults{LatencyMillis: 80})
		looked := false
		s, err := a.Collect(t.Context(), func(s *model.Snapshot) {
			counted := func(g model.TargetGroup) bool { return g.Name == "service-0031" && g.HostCounts != nil }
			if !looked && slices.ContainsFunc(s.TargetGroups, counted) {
				looked = true
				a.LookAt(model.Ref{Cluster: "fleet", Service: "service-0031"})
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(s.TargetGroups, func(g model.TargetGroup) bool { return g.Name == "service-0031" })
		if g := &s.TargetGroups[i]; !looked || g.Health == nil || g.HostCounts != nil || !s.Complete {
			t.Errorf("looked at %t: health %+v, counts %+v, gaps %v", looked, g.Health, g.HostCounts, s.Gaps)
		}
	})
}

// A refresh begins while the reading that it replaces is still ending.
func TestAReadingThatEndsLeavesTheNewerOneListening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, sim := open(t, awstest.Fleet(300), collect.Options{})
		sim.SetFaults(simulator.Faults{
			LatencyMillis: 80, Throttle: true,
			Fail: []simulator.Failure{{Action: string(model.GetMetricData), With: simulator.AccessDenied}},
		})
		old, abandon := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if _, err := a.Collect(old, nil); !errors.Is(err, context.Canceled) {
				t.Errorf("the abandoned reading ended with %v", err)
			}
		}()
		synctest.Wait()
		before := -1
		_, err := a.Collect(t.Context(), func(*model.Snapshot) {
			abandon()
			<-ended
			if n := len(askedGroups(sim)); before < 0 && n > 50 {
				before = n
				a.LookAt(model.Ref{Cluster: "fleet", Service: "service-0299"})
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if at := slices.Index(askedGroups(sim), "service-0299"); before < 0 || at > before+4 {
			t.Errorf("its group was the %d. that was asked; %d were when it was looked at", at+1, before)
		}
	})
}

// A reading about a service asks for its targets, and leaves the user's look as it is.
func TestAReadingAboutAServiceAsksForItsTargets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, sim := open(t, awstest.Fleet(40), collect.Options{})
		a.LookAt(model.Ref{Cluster: "fleet", Service: "service-0002"})
		read(t, a.LookingAt(model.Ref{Cluster: "fleet", Service: "service-0007"}))
		read(t, a)
		if got := fmt.Sprint(askedGroups(sim)); got != "[service-0007 service-0002]" {
			t.Errorf("asked %s", got)
		}
	})
}
