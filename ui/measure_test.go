package ui_test

import (
	"errors"
	"strings"
	"testing"
	"time"
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
