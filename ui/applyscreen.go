package ui

import (
	"fmt"
	"image"

	tea "charm.land/bubbletea/v2"

	"hopscope/model/journal"
)

// applyScreen shows an activity: how far it is, or what became of it.
type applyScreen struct {
	pager
	activity *activity
}

// openActivity shows what goes on, else what ended while another screen was on
// top, else the last one.
func openActivity(a *App) {
	x := a.newsworthy()
	if x == nil {
		x = a.activities.all[len(a.activities.all)-1]
	}
	a.open(&applyScreen{activity: x})
}

func neverApplied(a *App) string {
	if len(a.activities.all) == 0 {
		return "nothing was applied in this session; hopscope journal lists earlier ones"
	}
	return ""
}

func (s *applyScreen) actions() []action {
	undo, tidy, measure := "undo", "tidy", "measure"
	if s.activity != nil && s.cannotUndo(nil) != "" {
		undo = ""
	}
	if s.activity != nil && s.cannotTidy(nil) != "" {
		tidy = ""
	}
	switch x := s.activity; {
	case x != nil && s.cannotMeasure(nil) != "":
		measure = ""
	case x != nil && x.measures():
		measure = "stop waiting"
	}
	return append([]action{
		{
			id: "undo", keys: []string{"u"}, key: "u", name: undo, help: "take it back, after asking",
			run: s.undo, off: s.cannotUndo,
		},
		{
			id: "tidy", keys: []string{"t"}, key: "t", name: tidy, help: "carry out what was left for later, after asking",
			run: s.tidy, off: s.cannotTidy,
		},
		{
			id: "measure", keys: []string{"m"}, key: "m", name: measure,
			help: "compare what CloudWatch counts with before (2 to 6 minutes)", run: s.measure, off: s.cannotMeasure,
		},
		{id: "copy", keys: []string{"y"}, key: "y", name: "copy", help: "copy what is shown", run: s.copy},
		logAction(), helpAction(),
		{id: "close", keys: []string{"enter"}, help: "go back", run: do((*App).back)},
		{
			id: "back", keys: []string{"esc", "q"}, key: "esc", name: "back", help: "go back; what goes on goes on",
			run: do((*App).back),
		},
		interruptAction(),
	}, scrollActions(func(*App) *pager { return &s.pager })...)
}

func (s *applyScreen) copy(a *App) tea.Cmd { return a.copy("record", plainText(s.paragraphs)) }

func (s *applyScreen) cannotUndo(*App) string {
	x := s.activity
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
	x := s.activity
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

// where names what was changed.
func (s *applyScreen) where(a *App) []paragraph {
	entry := s.activity.entry
	return planText{prose{a.theme}}.where(&entry.Plan, entry.Origin, entry.Endpoint)
}

// undo asks whether to take it back.
func (s *applyScreen) undo(a *App) tea.Cmd {
	x := s.activity
	return ask(a, &confirmScreen{
		title: "undo on " + x.service().Service, where: s.where(a),
		question: "Take it back?", yes: "undo",
		text:   func(e prose, _ int) []paragraph { return activityText{planText{e}}.willUndo(x) },
		accept: func(a *App) tea.Cmd { return a.arranged(a.activities.undo(x)) },
	})
}

// tidy asks whether to carry out what was left for later.
func (s *applyScreen) tidy(a *App) tea.Cmd {
	x := s.activity
	return ask(a, &confirmScreen{
		title: "tidy up after " + x.service().Service, where: s.where(a),
		question: "Carry these out?", yes: "tidy up",
		text: func(e prose, _ int) []paragraph {
			out := []paragraph{e.heading("calls, in this order")}
			for n, step := range x.leftOver() {
				out = append(out, paragraph{
					lead: fmt.Sprintf("%2d. ", n+1), leadStyle: e.Dim,
					text: string(step.Kind) + ": " + step.Title,
				})
			}
			out = append(out, planText{e}.lookFirst(x.entry.Plan.ChecksLater())...)
			return append(out, blank, e.fact("undo:", "u brings these back as well"))
		},
		accept: func(a *App) tea.Cmd { return a.arranged(a.activities.followUp(x, tidying, a.activities.applier.Tidy)) },
	})
}

func (s *applyScreen) fit(a *App, size image.Point) {
	s.paragraphs = activityText{planText{prose{a.theme}}}.whole(a, s.activity, size.X-pageMargin)
	s.pager.fit(size.X-pageMargin, size.Y-1)
	s.activity.seen = s.activity.seen || a.top() == screen(s) && !s.activity.active
}

func (s *applyScreen) draw(a *App, f frameDrawing) {
	drawPage(a, f, &s.pager, s.activity.what()+" "+s.activity.service().Service)
}

func (s *applyScreen) clicked(*App, int, int) {}

func (s *applyScreen) wheeled(_ *App, _, _, by int) { s.scroll(by * wheelLines) }
