package ui

import (
	"fmt"
	"time"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/model/journal"
	"hopscope/ui/theme"
)

// what names the task, while it goes on and when it is over.
func (x *activity) what() string {
	switch x.task {
	case tidying:
		return "tidying up after"
	case undoing:
		return "undo on"
	case applying, measuring:
	}
	return "apply to"
}

// stateWords say how far it is in a few words, with its state; [theme.None] while
// it goes on as it should.
func (x *activity) stateWords() (theme.State, string) {
	if !x.active {
		return x.endWords()
	}
	switch {
	case x.undoNext:
		return theme.Warn, "stopping, to take it back"
	case x.leaveNext:
		return theme.Warn, "stopping, to leave"
	}
	switch x.entry.State {
	case journal.Prepared, journal.Applying:
		if x.task == tidying {
			return theme.None, "tidying up"
		}
		return theme.None, "sending the calls"
	case journal.RollingOut:
		return theme.None, "rolling out" + shareWords(x.entry.Rollout)
	case journal.Verifying:
		return theme.None, "reading again, to verify"
	case journal.RollingBack:
		return theme.None, "taking it back" + shareWords(x.entry.Rollout)
	case journal.Applied, journal.Unverified, journal.Failed, journal.RolledBack:
	}
	return theme.None, map[task]string{
		applying: "beginning", tidying: "tidying up", undoing: "taking it back",
		measuring: "waiting for CloudWatch to count the first minutes",
	}[x.task]
}

func shareWords(r *journal.Rollout) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf(", %d/%d new tasks", r.Running, r.Desired)
}

func (x *activity) endWords() (theme.State, string) {
	switch x.entry.State {
	case journal.Applied:
		if x.task == tidying && x.err == nil {
			return theme.Good, "applied, verified and tidied up"
		}
		if len(x.entry.Plan.Wanted) == 0 {
			return theme.Good, "applied; no path to verify"
		}
		return theme.Good, "applied and verified"
	case journal.RolledBack:
		at := clockTime(x.entry.UpdatedAt)
		if x.entry.Message != "" {
			return theme.Warn, "taken back; at " + at + " not all was as before"
		}
		return theme.Good, "taken back; at " + at + " all was as before"
	case journal.Unverified:
		return theme.Warn, "carried out, not verified"
	case journal.RollingBack:
		return theme.Bad, "not taken back completely"
	case journal.Prepared, journal.Applying, journal.RollingOut, journal.Verifying, journal.Failed:
	}
	return theme.Bad, "failed"
}

// sign is the glyph of an activity: a state, or that it goes on.
func sign(t theme.Theme, s theme.State) (glyph string, style uv.Style) {
	if s == theme.None {
		return "▸", t.Accent
	}
	return s.Glyph(), t.State(s)
}

// clockTime is a time of day. It is UTC, as in AWS's own tools.
func clockTime(t time.Time) string {
	if t.IsZero() {
		return "--:--:--"
	}
	return t.UTC().Format("15:04:05Z")
}

// took is a length of time in words.
func took(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
