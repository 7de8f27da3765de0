package cli

import (
	"bytes"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/rule"
)

// What --tidy does is among what the user confirms; without it, it is not.
func TestWhatIsConfirmedIsWhatIsDone(t *testing.T) {
	t.Parallel()
	p := &fix.Plan{
		Steps:  []fix.Step{{Title: "open"}, {Title: "close", Later: true}},
		Checks: []fix.Note{{Title: "No service uses it", Later: true}},
	}
	if got := strings.Join(aboutPlan(p, true)[1:], "\n"); got != "  1. open\n  2. once that is verified: close\n  "+
		"check before anything is removed: No service uses it" {
		t.Errorf("with --tidy:\n%s", got)
	}
	if got := strings.Join(aboutPlan(p, false)[1:], "\n"); got != "  1. open" {
		t.Errorf("without:\n%s", got)
	}
}

// Each service is confirmed by its own name: the answer for one is none for the next.
func TestEachServiceIsConfirmedByItsName(t *testing.T) {
	t.Parallel()
	todo := []fix.Plan{
		{Service: model.Ref{Cluster: "prod", Service: "web"}},
		{Service: model.Ref{Cluster: "prod", Service: "api"}},
	}
	for answers, want := range map[string]string{
		"web\napi\n": "",
		"web\nweb\n": "not confirmed; nothing was changed", "web\n": "not confirmed; nothing was changed",
	} {
		var said bytes.Buffer
		r := (&Program{Stdin: strings.NewReader(answers), Stderr: &said}).start()
		err := r.agreed(t.Context(), &fixFlags{}, todo, nil)
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%q: %v", answers, err)
		}
		if !strings.Contains(said.String(), "service web:") || !strings.Contains(said.String(), "Type api to go on") {
			t.Errorf("%q: said %s", answers, said.String())
		}
	}
}

// With --yes the user is not asked, and what is done is said all the same.
func TestWhatNobodyConfirmsIsSaid(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	r := (&Program{Stdin: strings.NewReader(""), Stderr: &said}).start()
	todo := []fix.Plan{{
		Checks: []fix.Note{{Title: "It listens"}}, Risks: []fix.Note{{Title: "It drifts"}},
		Service: model.Ref{Cluster: "prod", Service: "web"},
	}}
	if err := r.agreed(t.Context(), &fixFlags{yes: true}, todo, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"cluster prod, service web:", "  check first: It listens\n", "  risk: It drifts\n"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not in %s", want, said.String())
		}
	}
}

// A terminal breaks a line at its edge, and may do so within a name: this program does it
// between words.
func TestWhatIsConfirmedIsBrokenBetweenWords(t *testing.T) {
	t.Parallel()
	const line = "  1. Admit tcp 10080 from sg-c70ed370229eb0585 (client-service) to sg-ae83c0d24e7e0e7d6 (sample-ecs-app)"
	got := folded(line, 80)
	if len(got) != 2 || strings.Join(strings.Fields(strings.Join(got, " ")), " ") != strings.TrimSpace(line) ||
		len(got[0]) > 80 || !strings.HasPrefix(got[1], "    ") {
		t.Errorf("%q", got)
	}
	if whole := folded(line, 0); len(whole) != 1 || whole[0] != line {
		t.Errorf("without a terminal: %q", whole)
	}
}

// A plan for a person is left undone only where none that is carried out repairs the same.
func TestWhatIsLeftIsWhatNothingRepairs(t *testing.T) {
	t.Parallel()
	read := aReading()
	for i := range read.report.Findings {
		read.report.Findings[i].Severity = rule.Warning
	}
	byHand := fix.Plan{ID: "by-hand", Title: "look", Service: ref("prod/api"), Findings: []string{"p1"}}
	for name, tt := range map[string]struct {
		done   []fix.Plan
		status Status
		says   bool
	}{
		"repaired by another": {[]fix.Plan{{Findings: []string{"p1", "p2"}}}, Clean, false},
		"not repaired":        {[]fix.Plan{{Findings: []string{"p2"}}}, Found, true},
	} {
		var said bytes.Buffer
		r := (&Program{Stderr: &said}).start()
		status := r.noteLeft(read, nil, []fix.Plan{byHand}, tt.done)
		if status != tt.status || strings.Contains(said.String(), "not applied to prod/api: look") != tt.says {
			t.Errorf("%s: status %d, said %s", name, status, said.String())
		}
	}
}
