package cli

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"hopscope/internal/text"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/words"
	"hopscope/ui/theme"
)

// stateOf is how well an entry ended.
func stateOf(s journal.State) theme.State {
	switch s {
	case journal.Applied:
		return theme.Good
	case journal.Unverified:
		return theme.Warn
	case journal.Failed:
		return theme.Bad
	case journal.RolledBack, journal.Prepared:
		return theme.Calm
	case journal.Applying, journal.RollingOut, journal.Verifying, journal.RollingBack:
	}
	return theme.Unknown
}

// stateWords say what a state means when the entry is read later.
func stateWords(e *journal.Entry) string {
	switch e.State {
	case journal.Prepared:
		return "prepared, nothing was sent"
	case journal.Applying:
		return "not finished: it is being applied, or hopscope ended in the middle"
	case journal.RollingOut:
		return "not finished: everything was sent, the end of the rollout was not seen yet"
	case journal.Verifying:
		return "not finished: rolled out, not verified yet"
	case journal.Applied:
		if len(e.Plan.Wanted) == 0 {
			return "applied; the plan names no path to verify"
		}
		return "applied and verified"
	case journal.Unverified:
		return "applied, but not verified"
	case journal.Failed:
		return "failed"
	case journal.RollingBack:
		return "not finished: it is being rolled back, or hopscope ended in the middle"
	case journal.RolledBack:
		at := stamp(e.UpdatedAt) // what is so now takes another look
		if e.Message != "" {
			return "rolled back; at " + at + " not everything was as it was before"
		}
		return "rolled back; at " + at + " everything was as it was before"
	}
	return string(e.State)
}

// canUndo tells whether a rollback has something to do.
func canUndo(e *journal.Entry) bool {
	return e.State != journal.Prepared && e.State != journal.RolledBack && !e.ChangedNothing()
}

// doubts are what was not looked at before, and what is otherwise afterwards, or not as
// expected.
func (p *page) doubts(e *journal.Entry) {
	for i, what := range e.Unchecked {
		p.wrapped(2, label("doubts", i), what)
	}
	for i, what := range e.Moved {
		p.wrapped(2, label("moved", i), what)
	}
	for i, u := range fix.Shown(e.Unmet) {
		line := fmt.Sprintf("%s → %s: should be %s, %s",
			words.Expected(u.Source, u.From, u.Others), words.ServicePort(e.Plan.Service.Service, u.ContainerPort),
			words.Judged(u.Verdict, u.Source, u.Via, u.Access), u.Access)
		if targets := u.Targets(); targets != "" {
			line += ", " + targets
		}
		p.wrapped(2, label("unmet", i), line)
	}
}

// entry is what was applied: what was done, how it ended, how to take it back.
func (p *page) entry(e *journal.Entry, passing bool) {
	e = e.Redacted()
	state := stateOf(e.State)
	p.printf("%s %s\n", p.state(state, state.Glyph()), p.strong(e.Plan.Service.String()+": "+e.Plan.Title))
	where := place(e.Account, e.Region, e.Plan.Service)
	if e.Endpoint != "" {
		where += ", endpoint " + e.Endpoint
	}
	p.wrapped(2, "where    ", where)
	if e.ID != "" && !passing {
		p.wrapped(2, "entry    ", e.ID+", begun "+stamp(e.CreatedAt)+", last change "+stamp(e.UpdatedAt))
	}
	p.wrapped(2, "state    ", stateWords(e))
	if e.Message != "" {
		p.wrapped(11, "", e.Message)
	}
	p.doubts(e)
	for i := range e.Steps {
		if i < len(e.Plan.Steps) {
			p.wrapped(2, label("steps", i), fmt.Sprintf("%d. %s: %s", i+1, e.Plan.Steps[i].Title,
				stepWords(&e.Steps[i], e.Plan.Steps[i].Later)))
		}
	}
	if r := e.Rollout; r != nil {
		p.wrapped(2, "rollout  ", rolloutLine(r))
		if r.Reason != "" {
			p.wrapped(11, "", r.Reason)
		}
	}
	if e.Measured != nil {
		for i, sentence := range e.Measured.Sentences() {
			p.wrapped(2, label("measured", i), sentence)
		}
	}
	for i := range e.Calls {
		// A command is for pasting: it is not broken into lines.
		p.printf("  %s%s\n", label("calls", i), text.Clean(e.Calls[i].Command))
		if e.Calls[i].Error != "" {
			p.wrapped(11, "# ", e.Calls[i].Outcome())
		}
	}
	p.undo(e, passing)
}

// undo says how an entry is taken back.
func (p *page) undo(e *journal.Entry, passing bool) {
	switch {
	case e.State == journal.RolledBack && !passing && !e.Passing():
		p.wrapped(2, label("undo", 0), "there is nothing to undo; "+e.CompareCommand()+" compares again")
	case !canUndo(e):
		p.wrapped(2, label("undo", 0), "there is nothing to undo")
	case passing:
		p.wrapped(2, label("undo", 0), "the demo has ended, and with it the world and its journal")
	default:
		p.printf("  %s%s\n", label("undo", 0), text.Clean(e.RollbackCommand()))
		if e.Plan.Undo != "" {
			p.wrapped(11, "", e.Plan.Undo)
		}
	}
}

// stamp is a time for people in different zones.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// label names the first of several lines.
func label(name string, i int) string {
	if i > 0 {
		name = ""
	}
	return fmt.Sprintf("%-9s", name)
}

func stepWords(s *journal.Step, later bool) string {
	switch s.State {
	case journal.Pending:
		return "not begun"
	case journal.Begun:
		return "sent, perhaps"
	case journal.Done:
		return "done"
	case journal.Found:
		return "was so already, and a rollback leaves it"
	case journal.Refused:
		return "refused, " + cmp.Or(s.Error, "without a reason")
	case journal.Skipped:
		if later {
			return "left for later"
		}
		return "left to you"
	case journal.Undone:
		return s.UndoneWords()
	}
	return string(s.State)
}

// entries lists applications, the newest first, one line each.
func (p *page) entries(all []*journal.Entry) {
	rows := make([][]string, len(all))
	var widths [4]int
	for i := range all {
		e := all[i]
		rows[i] = []string{e.ID, stamp(e.CreatedAt), cmp.Or(e.Account, "account not known"), e.Plan.Service.String()}
		for c, cell := range rows[i] {
			rows[i][c] = text.Clean(cell)
			widths[c] = max(widths[c], text.Width(rows[i][c]))
		}
	}
	for i := range all {
		state := stateOf(all[i].State)
		p.printf("%s ", p.state(state, state.Glyph()))
		for c, cell := range rows[i] {
			p.printf("%s%s  ", cell, strings.Repeat(" ", widths[c]-text.Width(cell)))
		}
		p.printf("%s: %s\n", text.Clean(string(all[i].State)), text.Clean(all[i].Plan.Title))
	}
}
