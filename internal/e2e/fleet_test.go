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

// Another program that reads the groups of callers as CHANGELOG.md describes them finds every caller in one group,
// and the callers of each path.
func TestTheCallersOfEveryPathCanBeWorkedOut(t *testing.T) {
	t.Parallel()
	type ref struct{ Cluster, Service string }
	for _, world := range []string{"article", "shop", "fleet:100"} {
		var report struct {
			CallerGroups []struct {
				ID       string
				Services []ref
			}
			Paths []struct {
				ID     string
				Source struct {
					Services []ref
					Callers  struct {
						Count        int
						Groups       []string
						Except, Also []ref
					}
				}
			}
		}
		text := hopscope(t, "check", "--demo", world, "--fail-on", "never", "--format", "json")
		if err := json.Unmarshal([]byte(text), &report); err != nil {
			t.Fatal(err)
		}
		members, in := map[string][]ref{}, map[ref]string{}
		for _, g := range report.CallerGroups {
			members[g.ID] = g.Services
			for _, r := range g.Services {
				if in[r] != "" {
					t.Errorf("%s: %v is in %s and in %s", world, r, in[r], g.ID)
				}
				in[r] = g.ID
			}
		}
		calls := map[ref]bool{}
		for _, p := range report.Paths {
			callers := map[ref]bool{}
			for _, id := range p.Source.Callers.Groups {
				for _, r := range members[id] {
					callers[r] = true
				}
			}
			for _, r := range p.Source.Callers.Except {
				delete(callers, r)
			}
			for _, r := range p.Source.Callers.Also {
				callers[r] = true
			}
			if len(callers) == 0 {
				for _, r := range p.Source.Services {
					callers[r] = true
				}
			}
			for _, r := range p.Source.Services {
				if !callers[r] {
					t.Errorf("%s: %s: %v is not among the callers", world, p.ID, r)
				}
			}
			if len(callers) != p.Source.Callers.Count || len(callers) <= 20 && len(callers) != len(p.Source.Services) {
				t.Errorf("%s: %s has %d callers, says %+v", world, p.ID, len(callers), p.Source)
			}
			for r := range callers {
				calls[r] = true
			}
		}
		if len(calls) == 0 || len(calls) != len(in) {
			t.Errorf("%s: %d services call, %d are in groups", world, len(calls), len(in))
		}
	}
}
