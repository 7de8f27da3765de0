package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/simulator"
	"hopscope/internal/thorough"
	"hopscope/model/fix/dialect"
	"hopscope/ui/uitest"
)

// places are the keys that lead to the screens there are; the applied ones exist only
// where a question was answered.
var places = map[string][]string{
	"services": nil, "paths": {"tab"}, "explanation": {"tab", "enter"}, "findings": {"F"}, "filter": {"/"},
	"help": {"?"}, "export": {"e"}, "log": {"L"}, "sheet": {"f"}, "sheet of a path": {"tab", "f"},
	"sheet of a finding": {"F", "f"}, "scripts": {"f", "right"}, "plans": {"f", "p"}, "question": {"f", "a"},
	"what if": {"w"}, "what if, typed": {"w", "8", "0", "8", "0"}, "a rule": {"w", "+"},
	"what if, its plan": {"w", "8", "0", "8", "0", "f"},
}

// everyKey are the keys that a keyboard has.
func everyKey() []string {
	var all []string
	for r := '!'; r <= '~'; r++ {
		all = append(all, string(r))
	}
	return append(all, uitest.Named()...)
}

// leaves are the keys that end the program.
var leaves = []string{"q", "Q", "ctrl+c"}

// walk presses every key of every screen, or of those that two keys lead to. It
// returns how many keys it pressed, and how often the question was asked.
func walk(t *testing.T, x *terminal, answer bool) (pressed, asked int) {
	t.Helper()
	home := func() { // no way is longer, and no key opens more than one screen
		for range 5 {
			x.Press("esc")
		}
	}
	isAsked := func() bool { return strings.Contains(x.Text(), "y yes") }
	for place, way := range places {
		if !thorough.On() && len(way) != 2 {
			continue
		}
		for _, key := range everyKey() {
			home()
			x.Press(way...)
			if slices.Contains(leaves, key) {
				continue
			}
			if slices.Contains(way, "a") || key == "y" {
				if isAsked() {
					asked++
					if key == "y" && !answer {
						continue
					}
				}
			}
			x.Press(key)
			if isAsked() && !slices.Contains(way, "a") {
				asked++
			}
			pressed++
			if x.HasEnded() {
				t.Fatalf("%s, then %s: the program has ended", place, key)
			}
		}
	}
	return pressed, asked
}

// Nothing writes to an account without --allow-apply, whatever is pressed: the calls
// that arrive there say so.
func TestWithoutTheGateNoKeyOfAnyScreenChangesAnAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newTestAccount(t, simulator.Options{})
		time.Sleep(time.Minute)
		before, mutating := e.state(), e.mutating()
		x := openTerminal(t, e.simulator, 100, 30, []string{"HOPSCOPE_ALLOW_APPLY=0"}, "--region", "ap-northeast-1")
		x.WaitFor("HOP101")
		x.Press("f", "a")
		x.WaitFor("applying is off")
		pressed, asked := walk(t, x, true)
		t.Logf("%d keys were pressed", pressed)
		if asked > 0 {
			t.Errorf("there was a question %d times, where nothing can be applied", asked)
		}
		x.leave(t)
		if got := e.mutating()[len(mutating):]; len(got) > 0 {
			t.Errorf("mutating calls arrived: %v", got)
		}
		if e.state() != before {
			t.Error("the account is not what it was")
		}
		if len(e.simulator.Calls()) < 20 {
			t.Error("hardly anything was read: this test could not fail")
		}
	})
}

// With the gate open nothing is changed until a question is answered.
func TestWithTheGateNothingIsChangedUntilAQuestionIsAnswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newTestAccount(t, simulator.Options{})
		time.Sleep(time.Minute)
		mutating := e.mutating()
		x := openTerminal(t, e.simulator, 100, 30, nil, "--allow-apply")
		x.WaitFor("HOP101")
		pressed, asked := walk(t, x, false)
		t.Logf("%d keys were pressed, and a question was asked %d times", pressed, asked)
		if asked == 0 {
			t.Error("nothing was ever asked: this test could not fail")
		}
		x.leave(t)
		if got := e.mutating()[len(mutating):]; len(got) > 0 {
			t.Errorf("mutating calls arrived: %v", got)
		}
	})
}

// Nor does fix, in any form, as a process on an endpoint.
func TestWithoutTheGateNoFormOfFixChangesAnAccount(t *testing.T) {
	t.Parallel()
	c := newInterruptingServer(t, time.Millisecond)
	before, mutating := c.state(), c.mutating()
	var forms [][]string
	for _, as := range dialect.Names() {
		forms = append(forms, []string{"fix", "--as", as}, []string{"fix", "--as", as, "--apply"},
			[]string{"fix", "--as", as, "--apply", "--yes", "--tidy"})
	}
	forms = append(forms, []string{"fix"}, []string{"fix", "--apply"}, []string{"fix", "--apply", "--yes"},
		[]string{"fix", "--service", "*", "--code", "HOP101", "--apply", "--yes"},
		[]string{"rollback", "20261125-000000-sample-ecs-app-0000", "--yes"},
		[]string{"journal"}, []string{"check"}, []string{"export"}, nil)
	for _, form := range forms {
		got := c.run(interruption{}, nil, form...)
		refused := slices.Contains(form, "--apply") || slices.Contains(form, "--yes")
		if refused && (got.status != 2 || got.stdout != "") || !refused && got.status != 0 {
			t.Errorf("%v: %+v", form, got)
		}
		if refused && c.requests > 0 {
			t.Errorf("%v: %d requests were sent before it was refused", form, c.requests)
		}
	}
	// With the gate open, and no user to confirm.
	for _, form := range forms {
		if slices.Contains(form, "--apply") && !slices.Contains(form, "--yes") {
			if got := c.run(interruption{}, open, form...); got.status != 2 || got.stdout != "" {
				t.Errorf("%v: %+v", form, got)
			}
		}
	}
	if got := c.mutating()[len(mutating):]; len(got) > 0 {
		t.Errorf("mutating calls arrived: %v", got)
	}
	if c.state() != before {
		t.Error("the account is not what it was")
	}
	if c.entry() != nil {
		t.Error("there is a journal")
	}
	if got := c.run(interruption{}, open, "fix", "--apply", "--yes"); got.status != 0 ||
		len(c.mutating()) == len(mutating) {
		t.Errorf("with gate and confirmation nothing is changed either: %+v", got)
	}
}

// mutating are the calls of operations that change an account, dry runs included.
func (e *testAccount) mutating() []string {
	var all []string
	for _, call := range e.simulator.Calls() {
		if call.Mutating {
			all = append(all, fmt.Sprint(call.Action, " ", call.Params))
		}
	}
	return all
}
