package apply_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// oldArticle is the article's world, older than the bubble, so that there are metrics
// of before.
func oldArticle(t *testing.T) *simulator.World {
	t.Helper()
	w := awstest.Load(t, "article")
	for i := range w.Services {
		w.Services[i].CreatedAt = "1999-12-01T00:00:00Z"
	}
	return w
}

// applied applies the article's plan.
func (s *workshop) applied() *journal.Entry {
	s.Helper()
	e, err := s.applier.Apply(s.Context(), s.prepare(), nil)
	if err != nil || e.State != journal.Applied {
		s.Fatalf("%+v, %v", e, err)
	}
	return e
}

// The article's proof: the agent counted the load balancer's requests, and does so no
// more. Its health checks, which the agent counted too, are not taken for requests.
func TestTheAgentNoLongerCountsTheLoadBalancersRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newWorkshop(t, oldArticle(t), nil)
		e := s.applied()
		began := time.Now()
		e, err := s.applier.Measure(t.Context(), e.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		m := e.Measured
		t.Log(m.Sentences())
		if !m.Known() || !m.Direct() || m.Before.Crossed() < 0.99 || m.After.Crossed() > 0.01 {
			t.Errorf("measured %+v", m)
		}
		if m.Before.Minutes != 10 || m.After.Minutes < 1 || m.Before.LoadBalancer == 0 ||
			math.Abs(m.Before.LoadBalancer-m.After.LoadBalancer) > 1e-6 {
			t.Errorf("counted %+v", m)
		}
		if waited := time.Since(began); waited > 4*time.Minute {
			t.Errorf("waited %s", waited)
		}
		if kept, err := s.store.Load(e.ID); err != nil || kept.Measured == nil || kept.State != journal.Applied {
			t.Errorf("the journal has %+v, %v", kept, err)
		}
		// An hour later it is the last ten minutes that count.
		time.Sleep(time.Hour)
		e, err = s.applier.Measure(t.Context(), e.ID, nil)
		if err != nil || e.Measured.After.Minutes != 10 || !e.Measured.Direct() ||
			!e.Measured.After.From.After(m.After.From) {
			t.Errorf("%+v, %v", e.Measured, err)
		}
	})
}

// A user set the agent back meanwhile: the counts show it.
func TestTheCountsShowWhatIsAndNotWhatThePlanPromised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newWorkshop(t, oldArticle(t), nil)
		e := s.applied()
		s.update(e.Before.Block)
		time.Sleep(30 * time.Minute)
		e, err := s.applier.Measure(t.Context(), e.ID, nil)
		if err != nil || !e.Measured.Known() || e.Measured.Direct() || e.Measured.After.Crossed() < 0.99 {
			t.Errorf("%+v, %v", e.Measured, err)
		}
	})
}

func TestWhatCannotBeMeasuredIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*simulator.World)
		faults []simulator.Failure
		before func(*workshop) *journal.Entry
		want   []string
	}{
		"no permission": {
			faults: []simulator.Failure{{Action: "cloudwatch:GetMetricData", With: simulator.AccessDenied}},
			want:   []string{"cloudwatch:GetMetricData is not allowed"},
		},
		"no traffic": {
			change: func(w *simulator.World) { w.Traffic = nil },
			want:   []string{"sent sample-ecs-app fewer than 10 requests in the 10 minutes before"},
		},
		"not applied": {
			before: func(s *workshop) *journal.Entry {
				e := s.applied()
				e, err := s.applier.Rollback(s.Context(), e.ID, nil)
				if err != nil {
					s.Fatal(err)
				}
				return e
			},
			want: []string{"the plan is rolled-back"},
		},
		"gRPC, of which callers publish no answers": {
			change: speaks("grpc"),
			want: []string{"not measurable: port 80 has appProtocol grpc, of which callers publish no HTTPCode_Target_* " +
				"metrics"},
		},
		"TCP, of which agents count no requests": {
			change: speaks(""),
			want:   []string{"not measurable: port 80 has no appProtocol"},
		},
		"a namespace of another account": {
			change: func(w *simulator.World) { w.Namespaces[0].Owner = "999988887777" },
			want:   []string{"not measurable: namespace sample-namespace is shared by account 999988887777"},
		},
		"no request takes another way": {
			before: func(s *workshop) *journal.Entry {
				s.planned(fix.Step{Kind: fix.UpdateService, ForceNewDeployment: true, Title: "deploy again"})
				return s.applied()
			},
			want: []string{"leads no HTTP requests of an Application Load Balancer past an agent"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := oldArticle(t)
				if c.change != nil {
					c.change(w)
				}
				s := newWorkshop(t, w, nil)
				before := (*workshop).applied
				if c.before != nil {
					before = c.before
				}
				e := before(s)
				s.sim.SetFaults(simulator.Faults{Fail: c.faults})
				state := e.State
				e, err := s.applier.Measure(t.Context(), e.ID, nil)
				says(t, err, c.want...)
				if e.State != state || e.Measured != nil {
					t.Errorf("%+v", e)
				}
			})
		})
	}
}

// speaks gives every named port an application protocol.
func speaks(appProtocol string) func(*simulator.World) {
	return func(w *simulator.World) {
		for i := range w.TaskDefinitions {
			for _, c := range w.TaskDefinitions[i].Containers {
				for j := range c.PortMappings {
					c.PortMappings[j].AppProtocol = appProtocol
				}
			}
		}
	}
}

// Callers of another account publish their metrics there: a good fix is not contradicted
// by what they send.
func TestCallersOfAnotherAccountDoNotContradictAFix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := oldArticle(t)
		w.Traffic = append(w.Traffic, simulator.Traffic{
			From: "theirs", Account: "999988887777", To: "app",
			RequestsPerSecond: 40,
		})
		s := newWorkshop(t, w, nil)
		e := s.applied()
		e, err := s.applier.Measure(t.Context(), e.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(e.Measured.Sentences(), "\n")
		if e.Measured.Known() || e.Measured.Direct() || !strings.Contains(said, "not measurable by these counts") {
			t.Errorf("%s", said)
		}
	})
}

// While one waits for metrics, the plan can be taken back: then the counts are about
// nothing any more.
func TestWaitingForMetricsBlocksNoOtherRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newWorkshop(t, oldArticle(t), nil)
		before := s.state()
		e := s.applied()
		said := make(chan error, 1)
		go func() {
			_, err := s.applier.Measure(t.Context(), e.ID, nil)
			said <- err
		}()
		time.Sleep(time.Second)
		s.takeBack(e.ID, before)
		says(t, <-said, "the plan is rolled-back meanwhile")
		if kept, err := s.store.Load(e.ID); err != nil || kept.Measured != nil {
			t.Errorf("the journal has %+v, %v", kept, err)
		}
	})
}

// Measuring ends when no requests come, and when the user leaves.
func TestTheWaitForMetricsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newWorkshop(t, oldArticle(t), nil)
		e := s.applied()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Second, cancel)
		if _, err := s.applier.Measure(ctx, e.ID, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted: %v", err)
		}
		s.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app","desiredCount":0}`)
		time.Sleep(time.Hour)
		began := time.Now()
		e, err := s.applier.Measure(t.Context(), e.ID, nil)
		says(t, err, "CloudWatch has no requests of main-alb since the rollout", "measure again when there were some")
		if e.Measured != nil || time.Since(began) > time.Minute {
			t.Errorf("%+v after %s", e.Measured, time.Since(began))
		}
	})
}
