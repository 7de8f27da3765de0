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
		p.press("f", "a").arm().press("y").wait(5 * time.Second).press("m").see("wait until this is over")
		p.wait(time.Minute).see("● applied and verified · ", "m measure").press("m").see("▸ waiting for CloudWatch to count the first minutes", "m stop waiting")
		p.wait(time.Minute).see("requests that CloudWatch counted", "before (10 min from 08:50Z): 930 of the 930 requests a minute of main-alb", "after (1 min from 09:01Z): 0 of the 930 requests a minute of main-alb", "● so they go to the app directly now", "● applied and verified")
		p.press("u").arm().press("y").wait(time.Minute).see("everything is as it was").press("m").see("only what was applied can be measured")
		if got := strings.Join(f.Changing(), ", "); !strings.HasPrefix(got, "apply, measure 20261122-090000-a1b2, rollback") {
			t.Errorf("called %s", got)
		}
	})
}

// Waiting for metrics changes nothing: it can be stopped, left, and undone, and another
// service be fixed meanwhile.
func TestWaitingForMetricsIsInNobodysWay(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.press("f", "a").arm().press("y").wait(time.Minute)
		f.FrameTime = time.Hour
		p.press("m").see("▸ waiting for CloudWatch").press("t").see("first stop waiting for CloudWatch (m)").press("m").see("waiting for CloudWatch has ended", "● applied and verified · 10 s").notSee("canceled")
		p.press("m").see("▸ waiting for CloudWatch").press("u").see("undo on sample-ecs-app").notSee("It still goes on").press("n")
		if err := p.press("esc").see("sample-ecs-app: waiting for CloudWatch").press("q").end(); err != nil {
			t.Errorf("leaving: %v", err)
		}
	})
}

func TestWhyMetricsAreNotComparedIsSaid(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		f.MeasureErr = errors.New("cloudwatch:GetMetricData is not allowed")
		p := fixing(t, f)
		p.press("f", "a").arm().press("y").wait(time.Minute).press("m").wait(time.Minute).
			see("● applied and verified", "cloudwatch:GetMetricData is not allowed", "u undo")
	})
}
