package ui

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/ui/theme"
)

// applyScreen shows an application: how far it is, or what became of it.
type applyScreen struct {
	pager
	application *application
}

// openApplication shows what goes on, what nobody has seen the end of, or else the
// last one.
func openApplication(a *App) {
	x := a.newsworthy()
	if x == nil {
		x = a.applications[len(a.applications)-1]
	}
	a.open(&applyScreen{application: x})
}

func neverApplied(a *App) string {
	if len(a.applications) == 0 {
		return "nothing was applied in this session; hopscope journal lists earlier ones"
	}
	return ""
}

func (s *applyScreen) actions() []action {
	undo, tidy, measure := "undo", "tidy", "measure"
	if s.application != nil && s.cannotUndo(nil) != "" {
		undo = ""
	}
	if s.application != nil && s.cannotTidy(nil) != "" {
		tidy = ""
	}
	switch x := s.application; {
	case x != nil && s.cannotMeasure(nil) != "":
		measure = ""
	case x != nil && x.measures():
		measure = "stop waiting"
	}
	return append([]action{
		{keys: []string{"u"}, key: "u", name: undo, help: "take it back, after asking", run: s.undo, off: s.cannotUndo},
		{keys: []string{"t"}, key: "t", name: tidy, help: "carry out what was left for later, after asking", run: s.tidy, off: s.cannotTidy},
		{keys: []string{"m"}, key: "m", name: measure, help: "compare what CloudWatch counts with before (2 to 6 minutes)", run: s.measure, off: s.cannotMeasure},
		{keys: []string{"y"}, key: "y", name: "copy", help: "copy what is shown", run: s.copy},
		logAction(), helpAction(),
		{keys: []string{"enter"}, help: "go back", run: do((*App).back)},
		{keys: []string{"esc", "q"}, key: "esc", name: "back", help: "go back; what goes on goes on", run: do((*App).back)},
		interruptAction(),
	}, scrollActions(func(*App) *pager { return &s.pager })...)
}

func (s *applyScreen) copy(a *App) tea.Cmd { return a.copy("record", plainText(s.paragraphs)) }

func (s *applyScreen) cannotUndo(*App) string {
	x := s.application
	switch {
	case x == nil:
		return "nothing was applied"
	case x.entry.State == journal.RolledBack:
		return "it was taken back already"
	case x.active && x.task == undoing || x.undoNext:
		return "it is being taken back"
	case x.entry.ID == "":
		return "it has no journal entry to take back"
	}
	return ""
}

func (s *applyScreen) cannotTidy(*App) string {
	x := s.application
	switch {
	case x == nil:
		return "nothing was applied"
	case x.measures():
		return "first stop waiting for CloudWatch (m)"
	case x.active:
		return "wait until this is over"
	case x.entry.State != journal.Applied:
		return "tidying up is for what was applied and verified"
	case len(x.leftOver()) == 0:
		return "nothing was left for later"
	}
	return ""
}

// leftOver are the steps that were left for later.
func (x *application) leftOver() []*fix.Step {
	var out []*fix.Step
	for i := range x.entry.Plan.Steps {
		done := i < len(x.entry.Steps) && x.entry.Steps[i].State != journal.Skipped && x.entry.Steps[i].State != journal.Pending
		if step := &x.entry.Plan.Steps[i]; step.Later && !done {
			out = append(out, step)
		}
	}
	return out
}

// undo asks whether to take it back.
func (s *applyScreen) undo(a *App) tea.Cmd {
	x := s.application
	return a.ask(&confirmScreen{
		title: "undo on " + x.service().Service, where: explainer{a.theme}.where(&x.entry.Plan, x.entry.Origin, x.entry.Endpoint),
		question: "Take it back?", yes: "undo",
		text:   func(e explainer, _ int) []paragraph { return e.willUndo(x) },
		accept: func(a *App) tea.Cmd { return a.undo(x) },
	})
}

// tidy asks whether to carry out what was left for later.
func (s *applyScreen) tidy(a *App) tea.Cmd {
	x := s.application
	return a.ask(&confirmScreen{
		title: "tidy up after " + x.service().Service, where: explainer{a.theme}.where(&x.entry.Plan, x.entry.Origin, x.entry.Endpoint),
		question: "Carry these out?", yes: "tidy up",
		text: func(e explainer, _ int) []paragraph {
			out := []paragraph{e.heading("calls, in this order")}
			for n, step := range x.leftOver() {
				out = append(out, paragraph{lead: fmt.Sprintf("%2d. ", n+1), leadStyle: e.Dim, text: string(step.Kind) + ": " + step.Title})
			}
			out = append(out, e.lookFirst(x.entry.Plan.ChecksLater())...)
			return append(out, blank, e.fact("undo:", "u brings these back as well"))
		},
		accept: func(a *App) tea.Cmd { return a.tidy(x) },
	})
}

// willUndo is what taking back does, in the order in which it is done: what was
// closed is opened first, what was opened is closed last.
func (e explainer) willUndo(x *application) []paragraph {
	var out []paragraph
	if x.active && !x.measures() {
		out = append(out, paragraph{lead: theme.Warn.Glyph() + " ", leadStyle: e.State(theme.Warn), text: "It still goes on: it is stopped first, then taken back."})
	}
	entry := x.entry
	var opened, updated, closed, stays []paragraph
	does := func(text string) paragraph { return paragraph{lead: "  - ", leadStyle: e.Dim, text: text} }
	for i := range entry.Plan.Steps {
		step, state := &entry.Plan.Steps[i], stepOf(entry, i).State
		switch why := stayWords(step, state); {
		case !carried(step, state):
		case why != "":
			stays = append(stays, paragraph{lead: "  stays: ", leadStyle: e.Dim, text: step.Title + " (" + why + ")", style: e.Dim})
		case step.Kind == fix.UpdateService:
			updated = append(updated, does("send the Service Connect block as it was: another deployment replaces the tasks"))
		case step.Kind == fix.RevokeIngress || step.Kind == fix.RevokeEgress:
			opened = append(opened, does(oppositeWords(step)))
		default:
			closed = append(closed, does(oppositeWords(step)))
		}
	}
	done := slices.Concat(opened, updated, closed)
	if len(done) == 0 {
		return append(append(out, paragraph{text: "There is nothing to send."}), stays...)
	}
	return append(append(append(out, e.heading("what is done, in this order")), done...), stays...)
}

// carried tells whether a step may have reached AWS, or was so before.
func carried(step *fix.Step, s journal.StepState) bool {
	return step.Kind != fix.ByHand && (s == journal.Begun || s == journal.Done || s == journal.Found)
}

// stayWords say why a step is not taken back, "" if it is.
func stayWords(step *fix.Step, s journal.StepState) string {
	switch {
	case s == journal.Found:
		return "it was so before"
	case step.Kind == fix.UpdateService && len(step.Edits) == 0:
		return "the configuration is the same"
	}
	return ""
}

// oppositeWords say what takes a step at a security group back.
func oppositeWords(step *fix.Step) string {
	if step.Rule == nil {
		return "the opposite of: " + step.Title
	}
	if step.Kind == fix.RevokeIngress || step.Kind == fix.RevokeEgress {
		return "add the rule again that was removed: " + step.Title
	}
	return "remove the rule that was added: " + step.Title // which names the groups
}

func stepOf(entry *journal.Entry, i int) journal.Step {
	if i < len(entry.Steps) {
		return entry.Steps[i]
	}
	return journal.Step{State: journal.Pending}
}

func (s *applyScreen) fit(a *App, size image.Point) {
	s.paragraphs = explainer{a.theme}.application(a, s.application, size.X-pageMargin)
	s.pager.fit(size.X-pageMargin, size.Y-1)
	s.application.seen = s.application.seen || a.top() == screen(s) && !s.application.active
}

func (s *applyScreen) draw(a *App, f frameDrawing) {
	drawPage(a, f, &s.pager, s.application.what()+" "+s.application.service().Service)
}

func (s *applyScreen) clicked(*App, int, int) {}

func (s *applyScreen) wheeled(_ *App, _, _, by int) { s.scroll(by * wheelLines) }

// what names the task, while it goes on and when it is over.
func (x *application) what() string {
	switch x.task {
	case tidying:
		return "tidying up after"
	case undoing:
		return "undo on"
	case applying, measuring:
	}
	return "apply to"
}

// sign is the glyph of an application: a state, or that it goes on.
func (e explainer) sign(s theme.State) (glyph string, style uv.Style) {
	if s == theme.None {
		return "▸", e.Accent
	}
	return s.Glyph(), e.State(s)
}

// stateWords say how far it is in a few words, with its state; [theme.None] while
// it goes on as it should.
func (x *application) stateWords() (theme.State, string) {
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
	return theme.None, map[task]string{applying: "beginning", tidying: "tidying up", undoing: "taking it back", measuring: "waiting for CloudWatch to count the first minutes"}[x.task]
}

func shareWords(r *journal.Rollout) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf(", %d/%d new tasks", r.Running, r.Desired)
}

func (x *application) endWords() (theme.State, string) {
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
		if x.entry.Message != "" {
			return theme.Good, "taken back, except for what somebody else changed meanwhile"
		}
		return theme.Good, "taken back: everything is as it was"
	case journal.Unverified:
		return theme.Warn, "carried out, not verified"
	case journal.RollingBack:
		return theme.Bad, "not taken back completely"
	case journal.Prepared, journal.Applying, journal.RollingOut, journal.Verifying, journal.Failed:
	}
	return theme.Bad, "failed"
}

// application is everything about an application, for its screen.
func (e explainer) application(a *App, x *application, width int) []paragraph {
	state, words := x.stateWords()
	entry := x.entry
	end := x.ended
	if x.active && !x.measures() {
		end = a.clock.now()
	}
	if d := end.Sub(x.began); !x.began.IsZero() && d >= time.Second {
		words += " · " + took(d)
	}
	glyph, style := e.sign(state)
	out := []paragraph{{lead: glyph + " ", leadStyle: style, text: words, style: e.Strong}}
	out = append(out, e.outcomeOf(x)...)
	if r := entry.Rollout; r != nil {
		out = append(out, e.rollout(r, width, entry.State)...)
	}
	if entry.Measured != nil {
		out = append(out, e.measured(entry.Measured)...)
	}
	out = append(out, blank)
	for i := range entry.Plan.Steps {
		out = append(out, e.stepOn(&entry.Plan.Steps[i], stepOf(entry, i))...)
	}
	if !x.active {
		out = append(out, e.pathsNow(a, x.about, width)...)
	}
	if entry.Rollout != nil && len(entry.Rollout.Events) > 0 {
		out = append(out, blank, e.heading("events of the service, newest first"))
		for _, ev := range entry.Rollout.Events {
			out = append(out, paragraph{lead: clockTime(ev.Time) + " ", leadStyle: e.Dim, text: ev.Message})
		}
	}
	return out
}

// outcomeOf says what the end of an application means and what to do next.
func (e explainer) outcomeOf(x *application) []paragraph {
	entry := x.entry
	var out []paragraph
	message := entry.Message
	if x.err != nil && !strings.Contains(message, x.err.Error()) {
		message = strings.TrimPrefix(message+"\n"+x.err.Error(), "\n")
	}
	if message != "" {
		for sentence := range strings.SplitSeq(message, "\n") {
			out = append(out, paragraph{lead: "  ", text: sentence})
		}
	}
	for i := range entry.Unmet {
		out = append(out, paragraph{lead: "  not so: ", leadStyle: e.State(theme.Warn), text: wantedWords(&entry.Plan, &entry.Unmet[i])})
	}
	next := ""
	switch {
	case x.active:
	case entry.State == journal.Applied && len(x.leftOver()) > 0:
		next = "t tidies up what was left for later; u takes everything back; esc goes to the paths"
	case entry.State == journal.Applied:
		next = "esc goes to the paths; u takes it back"
	case entry.State == journal.Unverified:
		next = "look at the paths (esc) and at the events; u takes it back"
	case entry.State == journal.RolledBack:
		next = "esc goes to the paths"
	default:
		next = "what was carried out stays; u takes it back" + or(rollbackCommand(entry))
	}
	if next != "" {
		out = append(out, e.fact("  next:", next))
	}
	return out
}

// stepOn is a step and how far it got: a sign, and words for what needs them.
func (e explainer) stepOn(step *fix.Step, done journal.Step) []paragraph {
	sign, style, note := "· ", e.Dim, ""
	text := e.Theme.Text
	switch done.State {
	case journal.Begun:
		sign, style, note = "▸ ", e.Accent, "sent, no answer yet"
	case journal.Done:
		sign, style = theme.Good.Glyph()+" ", e.State(theme.Good)
	case journal.Found:
		sign, style, note = theme.Good.Glyph()+" ", e.State(theme.Good), "it was so before, and stays when this is undone"
	case journal.Refused:
		sign, style, note = theme.Bad.Glyph()+" ", e.State(theme.Bad), done.Error
	case journal.Skipped:
		sign, text, note = "– ", e.Dim, "left for later"
		if step.Kind == fix.ByHand {
			note = "for you to do"
		}
	case journal.Undone:
		sign, note = "↶ ", "taken back"
	case journal.Pending, "":
		text = e.Dim
		if step.Later {
			note = "for later"
		}
	}
	out := []paragraph{{lead: sign, leadStyle: style, text: step.Title, style: text}}
	if note != "" {
		out = append(out, paragraph{lead: "  ", text: note, style: e.Dim})
	}
	return out
}

// barCells is the width of the bar of a rollout.
const barCells = 24

// rollout is the state of a deployment: a bar, and the numbers.
func (e explainer) rollout(r *journal.Rollout, width int, s journal.State) []paragraph {
	cells := min(barCells, width/4)
	full := cells
	if r.Desired > 0 {
		full = max(min(cells*r.Running/r.Desired, cells), 0)
	}
	numbers := fmt.Sprintf("%d of %s", r.Running, counted(r.Desired, "new task"))
	for _, n := range []struct {
		n    int
		what string
	}{{r.Pending, "pending"}, {r.Failed, "failed"}, {r.Old, "old left"}} {
		if n.n > 0 {
			numbers += fmt.Sprintf(" · %d %s", n.n, n.what)
		}
	}
	style := e.Accent
	state := theme.Good
	switch {
	case r.Failed > 0 || r.State == "FAILED":
		state = theme.Bad
		style = e.State(state)
	case r.State == "COMPLETED":
		style = e.State(state)
	}
	out := []paragraph{{lead: strings.Repeat("█", full) + strings.Repeat("░", cells-full) + " ", leadStyle: style, text: numbers, indent: 2}}
	if r.Reason != "" && (r.State == "FAILED" || r.Failed > 0 || s == journal.Failed) {
		out = append(out, e.fact("  ECS says:", r.Reason))
	}
	return out
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
