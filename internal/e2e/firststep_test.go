package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws/simulator"
	"hopscope/internal/thorough"
)

// advised is a finding as check tells other programs about it.
type advised struct {
	Code, Key, Cluster, Service, Title string
	Fixes                              []struct {
		ID, Title string
		Steps     []string
	}
	CausedBy *struct{ Code string }
}

// firstStep is what to do first about the finding, "" where hopscope has no plan.
func (f *advised) firstStep() string {
	if len(f.Fixes) == 0 || len(f.Fixes[0].Steps) == 0 {
		return ""
	}
	return f.Fixes[0].Steps[0]
}

// unwrapped is a text on one line.
func unwrapped(text string) string { return strings.Join(strings.Fields(text), " ") }

// Each view is run, and shows of each finding what check says as JSON.
func TestEveryViewBeginsWithTheSameStep(t *testing.T) {
	t.Parallel()
	fleet := "fleet:12"
	if thorough.On() {
		fleet = "fleet:30"
	}
	for _, world := range []string{"article", "shop", fleet} {
		t.Run(world, func(t *testing.T) {
			t.Parallel()
			check := func(format string) string {
				return hopscope(t, "check", "--demo", world, "--fail-on", "never", "--format", format)
			}
			var report struct{ Findings []advised }
			if err := json.Unmarshal([]byte(check("json")), &report); err != nil {
				t.Fatal(err)
			}
			repaired := 0
			for i := range report.Findings {
				if report.Findings[i].firstStep() != "" {
					repaired++
				}
			}
			if repaired == 0 {
				t.Fatal("no finding has a first step: this test holds nothing")
			}
			t.Run("human", func(t *testing.T) { pageAgrees(t, report.Findings, check("human"), " next ") })
			plain := strings.NewReplacer(`\`, "", "&lt;", "<", "&gt;", ">", "&amp;", "&", "`", "")
			t.Run("markdown", func(t *testing.T) {
				pageAgrees(t, report.Findings, plain.Replace(check("markdown")), " Next step: ")
			})
			t.Run("export", func(t *testing.T) {
				page := hopscope(t, "export", "--demo", world)
				pageAgrees(t, report.Findings, plain.Replace(page), " Next step: ")
			})
			t.Run("fix", func(t *testing.T) { fixAgrees(t, world, report.Findings) })
			t.Run("screen", func(t *testing.T) { screenAgrees(t, world, report.Findings) })
		})
	}
}

// pageAgrees looks a finding up by its title in a page that folds consequences into
// their cause, and compares what stands below it.
func pageAgrees(t *testing.T, findings []advised, page, label string) {
	t.Helper()
	page = unwrapped(page)
	for i := range findings {
		f := &findings[i]
		if f.CausedBy != nil || f.firstStep() == "" {
			continue
		}
		want := unwrapped(f.Fixes[0].Title + " 1. " + f.firstStep())
		agrees := false
		for _, below := range strings.Split(page, unwrapped(f.Title))[1:] {
			_, next, _ := strings.Cut(below, label)
			agrees = agrees || strings.HasPrefix(next, want)
		}
		if !agrees {
			t.Errorf("%s: below its title is no %q first", f.Key, want)
		}
	}
}

// fixAgrees asks for the plans of each service and code, as a user would.
func fixAgrees(t *testing.T, world string, findings []advised) {
	t.Helper()
	printed := map[string]string{}
	for i := range findings {
		f := &findings[i]
		if f.firstStep() == "" {
			continue
		}
		args := []string{"fix", "--demo", world, "--service", f.Cluster + "/" + f.Service, "--code", f.Code}
		key := strings.Join(args, " ")
		if _, ok := printed[key]; !ok {
			printed[key] = unwrapped(hopscope(t, args...))
		}
		// What takes something away is offered by its title alone.
		if text := printed[key]; !strings.Contains(text, ". "+unwrapped(f.firstStep())) &&
			!strings.Contains(text, "Only by name: "+unwrapped(f.Fixes[0].Title)) {
			t.Errorf("%s: no step %q in %s:\n%s", f.Key, f.firstStep(), key, text)
		}
	}
}

// screenAgrees selects each finding in the list of them, and opens its sheet.
func screenAgrees(t *testing.T, world string, findings []advised) {
	t.Helper()
	w, err := simulator.Load(world)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		x := openTerminal(t, simulator.New(w, simulator.Options{}), 400, 100, nil, "demo", "--world", world)
		x.WaitFor("0 failed").Press("F").WaitFor(fmt.Sprintf("%d findings", len(findings)), "not checked")
		for i := range findings {
			f := &findings[i]
			if i > 0 {
				x.Press("j")
			}
			if f.firstStep() == "" {
				x.See(f.Title).NotSee("first step")
				continue
			}
			x.WaitFor(f.Title, "first step "+f.firstStep())
			if f.Service == "" {
				continue // about no service: there is no sheet
			}
			shown := x.Press("f").WaitFor("fix "+f.Service, "[Plan]", f.firstStep()).Text()
			if !strings.Contains(shown, " 1. "+f.firstStep()) && !strings.Contains(shown, " 1. by hand: "+f.firstStep()) {
				t.Errorf("%s: the sheet does not begin with %q:\n%s", f.Key, f.firstStep(), shown)
			}
			x.Press("esc").WaitFor("not checked")
		}
		x.leave(t)
	})
}
