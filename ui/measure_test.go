package ui_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/ui"
)

func TestMetricsProveWhatThePathsSay(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.Press("f", "a").Wait(armed).Press("y").Wait(5 * time.Second).Press("m").See("wait until this is over")
		p.Wait(time.Minute).See("● applied and verified · ",
			"m measure").Press("m").See("▸ waiting for CloudWatch to count the first minutes", "m stop waiting")
		p.Wait(time.Minute).See("requests that CloudWatch counted", "before (10 min from 08:50Z): 930 of the 930 "+
			"requests a minute of main-alb", "after (1 min from 09:01Z): 0 of the 930 requests a minute of main-alb",
			"● so they go to the app directly now", "● applied and verified")
		p.Press("u").Wait(armed).Press("y").Wait(time.Minute).See("Z all was as before").Press("m").
			See("only what was applied can be measured")
		if got := strings.Join(f.Changing(), ", "); !strings.HasPrefix(got,
			"apply, measure 20261122-090000-a1b2, rollback") {
			t.Errorf("called %s", got)
		}
	})
}

// Waiting for metrics changes nothing: it can be stopped, left, and undone, and another
// service be fixed meanwhile.
func TestWaitingForMetricsHoldsNothingUp(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.Press("f", "a").Wait(armed).Press("y").Wait(time.Minute)
		f.FrameTime = time.Hour
		p.Press("m").See("▸ waiting for CloudWatch").Press("t").See("first stop waiting for CloudWatch (m)").Press("m").
			See("waiting for CloudWatch has ended", "● applied and verified · 10 s").NotSee("canceled")
		p.Press("m").See("▸ waiting for CloudWatch").Press("u").See("undo on sample-ecs-app").NotSee("It still goes on").
			Press("n")
		if err := p.Press("esc").See("sample-ecs-app: waiting for CloudWatch").Press("q").End(); err != nil {
			t.Errorf("leaving: %v", err)
		}
	})
}

func TestWhyMetricsAreNotComparedIsSaid(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		f.MeasureErr = errors.New("cloudwatch:GetMetricData is not allowed")
		p := fixing(t, f)
		p.Press("f", "a").Wait(armed).Press("y").Wait(time.Minute).Press("m").Wait(time.Minute).
			See("● applied and verified", "cloudwatch:GetMetricData is not allowed", "u undo")
	})
}

// meter is a CloudWatch in which a load balancer sends 100 requests a minute, all of which
// cross the agent.
type meter struct {
	asked []int
	err   error
}

func (m *meter) Now() time.Time { return time.Now() }

func (m *meter) Measure(
	ctx context.Context, wanted []model.Series, from, to time.Time,
) (*model.Metrics, error) {
	m.asked = append(m.asked, len(wanted))
	select {
	case <-time.After(3 * time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	out := &model.Metrics{
		ReadAt: time.Now(), From: from, To: to, Source: model.GetMetricData, Series: slices.Clone(wanted),
	}
	for i := range out.Series {
		for at := from; at.Before(to) && out.Series[i].Metric.Name == model.MetricRequests; at = at.Add(time.Minute) {
			out.Series[i].Values = append(out.Series[i].Values, model.Value{At: at, Value: 100})
		}
	}
	return out, m.err
}

// measurable is the article in a state that counts can prove.
func measurable(override int) *model.Snapshot {
	s := called(modeltest.Article(override, 80, 10080))
	modeltest.Measured(0, 0, time.Hour)(s)
	s.Metrics = nil
	for i := range s.Services { // older than the bubble
		s.Services[i].Deployments[0].UpdatedAt = time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC)
	}
	return s
}

func measuring(t *testing.T, m *meter, override int) *program {
	t.Helper()
	return runApp(t, nil, func(o *ui.Options) { o.Meter = m }, gives(measurable(override)))
}

// Only what is looked at is asked for, at most once a minute, and what that costs is said.
func TestTheWayOfAServiceIsMeasuredOnDemand(t *testing.T) {
	test(t, func(t *testing.T) {
		m := &meter{}
		p := measuring(t, m, 0)
		p.See("sample-ecs-app").NotSee("measured:").Press("tab", "enter", "m").See("measured: asking CloudWatch").
			Wait(2*time.Second).See("asking CloudWatch · 2 s").Press("m").See("CloudWatch is being asked").
			Wait(2*time.Second).See("measured: the way is confirmed by counts of 10 min from", "A 1000 of",
			"(via agent: S = A + C + H)", "CloudWatch was asked for 6 metrics, about $0.00006", "something new in")
		p.Wait(10 * time.Second).Press("m").See("nothing new about it for another 48 s")
		if !slices.Equal(m.asked, []int{6}) {
			t.Errorf("asked for %v metrics", m.asked)
		}
		p.Wait(time.Minute).NotSee("something new in").Press("m").Wait(4 * time.Second).
			See("CloudWatch was asked for 12 metrics, about $0.00012")
		// What was measured stays after a refresh, and is saved.
		p.Press("esc", "r").Wait(time.Second).Press("enter").See("the way is confirmed")
		if p.Press("esc", "e", "enter").Wait(time.Second); len(p.saved) != 1 {
			t.Errorf("saved %v", p.saved)
		}
		for _, s := range p.saved {
			if s.Metrics == nil || len(s.Metrics.Series) != 6 {
				t.Errorf("saved %+v", s.Metrics)
			}
		}
	})
}

func TestMeasuringCanBeTurnedOff(t *testing.T) {
	test(t, func(t *testing.T) {
		m := &meter{}
		p := measuring(t, m, 0)
		p.Press("M").See("measuring is off").Press("m").See("M turns it on").Press("tab", "enter", "m").Wait(5 * time.Second).
			NotSee("measured:")
		if len(m.asked) > 0 {
			t.Errorf("asked for %v", m.asked)
		}
		if p.Press("M").See("measuring is on").Press("m").Wait(5 * time.Second).See("confirmed"); len(m.asked) != 1 {
			t.Errorf("asked for %v", m.asked)
		}
	})
}

// A contradiction is a finding as soon as it was measured; a refusal changes nothing else.
func TestWhatWasMeasuredIsJudged(t *testing.T) {
	test(t, func(t *testing.T) {
		p := measuring(t, &meter{}, 10080)
		p.NotSee("HLT605").Press("down", "m").Wait(5*time.Second).See("HLT605").Press("tab", "enter").
			See("the way is contradicted")
		p = measuring(t, &meter{err: errors.New("cloudwatch:GetMetricData is not allowed")}, 0)
		p.Press("tab", "enter", "m").Wait(5 * time.Second).See("measured: not: cloudwatch:GetMetricData is not allowed").
			NotSee("the way is")
	})
}

func TestWhyNothingIsMeasuredIsSaid(t *testing.T) {
	test(t, func(t *testing.T) {
		run(t, gives(measurable(0))).Press("m").See("CloudWatch cannot be asked from a file")
		m := &meter{}
		runApp(t, nil, func(o *ui.Options) { o.Meter = m }, gives(named("lonely"))).Press("m").
			See("only the ways of load balancers are measured")
		s := measurable(10080)
		for i := range s.TaskDefinitions {
			for j := range s.TaskDefinitions[i].Containers[0].PortMappings {
				s.TaskDefinitions[i].Containers[0].PortMappings[j].AppProtocol = "grpc"
			}
		}
		runApp(t, nil, func(o *ui.Options) { o.Meter = m }, gives(s)).Press("down", "tab", "enter", "m").Wait(time.Second).
			See("the way is not measurable by counts: port 80 has appProtocol", "grpc")
		if len(m.asked) > 0 {
			t.Errorf("asked for %v", m.asked)
		}
	})
}
