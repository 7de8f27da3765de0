package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAFleetIsReadWholeWithoutAFailedOrThrottledCall(t *testing.T) {
	t.Parallel()
	var report struct {
		Complete bool `json:"complete"`
		Counts   map[string]struct{ Listed, Loaded int }
		Gaps     []any
		Paths    []struct{ Verdict string }
		Findings []struct{ Code string }
		Stats    struct{ Throttled, Failed int }
	}
	text := hopscope(t, "check", "--demo", "fleet:300", "--fail-on", "never", "--format", "json")
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	services, groups := report.Counts["services"], report.Counts["targetGroups"]
	if services.Listed != 300 || services.Loaded != 300 || groups.Listed == 0 || groups.Loaded != groups.Listed {
		t.Errorf("services %+v, target groups %+v", services, groups)
	}
	if !report.Complete || len(report.Gaps) > 0 || report.Stats.Throttled > 0 {
		t.Errorf("complete: %t; gaps: %v; throttled: %d", report.Complete, report.Gaps, report.Stats.Throttled)
	}
	if !strings.Contains(hopscope(t, "check", "--demo", "fleet:300", "--fail-on", "never"), "300 of 300 services · ") {
		t.Error("the report for people does not say that every service was read")
	}
	verdicts, codes := map[string]int{}, map[string]int{}
	for _, p := range report.Paths {
		verdicts[p.Verdict]++
	}
	for _, f := range report.Findings {
		codes[f.Code]++
	}
	if good := verdicts["ok"] + verdicts["needed"]; 3*good < 2*len(report.Paths) {
		t.Errorf("%d of %d paths are fine: %v", good, len(report.Paths), verdicts)
	}
	for _, code := range []string{"HOP101", "NET201", "NET202", "NET204", "CFG307", "INF501"} {
		if codes[code] == 0 {
			t.Errorf("no finding of %s: %v", code, codes)
		}
	}
}

func TestADemoOfSoManyServicesIsAFleet(t *testing.T) {
	t.Parallel()
	if text := hopscope(t, "demo", "--services", "30"); !strings.Contains(text, "30 of 30 services · ") {
		t.Errorf("it says %s", text)
	}
}
