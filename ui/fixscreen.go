package ui

import (
	"cmp"
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// fixScreen shows a sheet: a plan in all its dialects.
type fixScreen struct {
	pager
	sheet
	// ticked are the IDs of plans that are to be combined.
	ticked []string
	tab    int
	// whole is set where the tab shows the whole block, or the script, instead of what is
	// new.
	whole bool
	// chosen is the ID of the plan that the reader took from the list, or turned to.
	chosen string
	// applied is set when something was applied to the service before.
	applied bool
	// short is set where there is no room for boxes.
	short bool
	// low is set where what is sent has to come first to be on the first page.
	low bool
}

// shortRows is the height below which paths are drawn in a line.
const shortRows = 16

// lowRows is the height below which the steps come before the paths.
const lowRows = 30

// openFix opens the sheet for what is selected on the main screen.
func openFix(a *App) tea.Cmd {
	w := sheetFor{ref: a.main.subject(a)}
	if p := a.main.paths.shown(); p != nil && a.main.focus == pathsFocus {
		w.path = p
	}
	return openSheet(a, w)
}

// openSheet opens the sheet of a service, or shows its activity when that goes on,
// when its end was not on screen, or when there is nothing else to show.
func openSheet(a *App, w sheetFor) tea.Cmd {
	x := a.activities.about(w.ref)
	if x != nil && w.steps == nil && (x.active || !x.seen || a.inventory.nothingFound(w.ref)) {
		a.open(&applyScreen{activity: x})
		return nil
	}
	s := &fixScreen{sheet: sheet{about: w}}
	cmd := s.make(a)
	a.open(s)
	return cmd
}

// nothingToFix says why f has no use for a service.
func nothingToFix(a *App, ref model.Ref) string {
	switch s := a.inventory.service(ref); {
	case a.activities.about(ref) != nil:
		return ""
	case !a.inventory.final:
		return "plans are made when everything is read: wait a moment"
	case s == nil:
		return "this is not about one service: nothing to fix here by itself"
	case len(s.findings) == 0 && len(s.calls) > 0:
		return "nothing to fix here: its broken calls are repaired at " + s.calls[0].Target.Service
	case len(s.findings) == 0:
		return "nothing to fix here: nothing was found about " + s.ref.Service
	}
	return ""
}

// cannotFix is the off of f on the main screen and on the explanation.
func cannotFix(a *App) string {
	if a.inventory == nil {
		return "nothing is loaded yet"
	}
	if a.main.services.current() == nil {
		return "no service is selected"
	}
	return nothingToFix(a, a.main.subject(a))
}

// receive takes plans, and what they would do.
func (s *fixScreen) receive(a *App, msg tea.Msg) (cmd tea.Cmd, taken bool) {
	switch msg := msg.(type) {
	case plannedMsg:
		if taken = msg.serial == s.serial; taken {
			cmd = s.take(a, msg.planned)
		}
	case previewedMsg:
		if taken = msg.serial == s.previews; taken {
			s.preview = msg.preview
		}
	}
	return cmd, taken
}

// renew makes the plans again for a new inventory; what is shown stays until then.
func (s *fixScreen) renew(a *App) tea.Cmd { return s.make(a) }

func (s *fixScreen) newest(a *App) tea.Cmd {
	s.top = 0
	return a.arranged(s.takeNewer(a))
}

func (s *fixScreen) noNewer(*App) string {
	if s.newer == nil {
		return "this plan was made of the newest reading"
	}
	return ""
}

// show shows another of the plans.
func (s *fixScreen) show(a *App, i int) tea.Cmd {
	s.top, s.chosen = 0, s.shown.plans[i].ID
	return a.arranged(s.choose(a, i))
}

func (s *fixScreen) actions() []action {
	// The footer names what is of use.
	named := func(name string, useful bool) string {
		if useful {
			return name
		}
		return ""
	}
	some, several := s.shown == nil || s.plan() != nil, s.alternatives()
	return append([]action{
		{
			id: "apply", keys: []string{"a"}, key: "a",
			name: named("apply", some && (s.plan() == nil || s.plan().Appliable())),
			help: "apply the plan, after reading again and asking", run: s.apply, off: s.cannotApply,
		},
		{id: "copy", keys: []string{"y"}, key: "y", name: "copy", help: "copy this tab", run: s.copy, off: s.cannotCopy},
		{
			id: "next-tab", keys: []string{"tab", "right", "l"}, key: "←→", name: named("tab", some),
			help: "next and previous tab (also h l, tab)", run: do(func(a *App) { s.turn(a, 1) }), off: s.noPlan,
		},
		{
			id: "whole", keys: []string{"w"}, key: "w", name: named("whole", s.plan() != nil && s.dialect().HasWhole()),
			help: "the whole block in place of the new lines; for the AWS CLI the script that checks and undoes",
			run:  do(s.widen), off: s.noWhole,
		},
		{
			id: "previous-tab", keys: []string{"shift+tab", "left", "h"},
			run: do(func(a *App) { s.turn(a, -1) }), off: s.noPlan,
		},
		{
			id: "plans", keys: []string{"p"}, key: "p", name: named("plans", several || s.plan() != nil && s.unchosen() != ""),
			help: "all plans for this service; tick several to combine them", run: do(s.list), off: s.onlyOne,
		},
		{
			id: "next-plan", keys: []string{"n"}, key: "n N", name: named("plan", several), help: "next and previous plan",
			run: func(a *App) tea.Cmd { return s.next(a, 1) }, off: s.onlyOne,
		},
		{id: "previous-plan", keys: []string{"N"}, run: func(a *App) tea.Cmd { return s.next(a, -1) }, off: s.onlyOne},
		{
			id: "newest", keys: []string{"r"}, key: "r", name: named("new plan", s.newer != nil),
			help: "take the plan of the newest reading, when it differs", run: s.newest, off: s.noNewer,
		},
		{
			id: "undo", keys: []string{"u"}, key: "u", name: named("undo", s.applied),
			help: "what was applied to this service in this session, to undo it", run: s.before, off: s.neverApplied,
		},
		logAction(), helpAction(),
		{
			id: "activity", keys: []string{"A"}, help: "what is being applied, or was last",
			run: do(openActivity), off: neverApplied,
		},
		backAction(), interruptAction(),
	}, scrollActions(func(*App) *pager { return &s.pager })...)
}

func (s *fixScreen) noPlan(*App) string {
	switch {
	case s.plan() != nil:
		return ""
	case s.shown == nil:
		return "the plan is being made"
	}
	return "there is no plan"
}

func (s *fixScreen) onlyOne(a *App) string {
	if why := s.noPlan(a); why != "" {
		return why
	}
	if len(s.shown.plans) < 2 && s.unchosen() == "" {
		return "this is the only plan"
	}
	return ""
}

func (s *fixScreen) neverApplied(a *App) string {
	if a.activities.about(s.about.ref) == nil {
		return "nothing was applied to " + s.about.ref.Service + " in this session; hopscope journal lists earlier ones"
	}
	return ""
}

func (s *fixScreen) before(a *App) tea.Cmd {
	a.open(&applyScreen{activity: a.activities.about(s.about.ref)})
	return nil
}

// cannotApply says why the plan cannot be applied from here.
func (s *fixScreen) cannotApply(a *App) string {
	p := s.plan()
	switch {
	case p == nil:
		return s.noPlan(a)
	case p.Refusal != nil:
		return "not applied by hopscope: " + p.Refusal.Reason
	case !p.Appliable():
		return "this plan has steps for a person: carry it out by hand"
	case a.activities.applier == nil:
		return cmp.Or(a.o.ApplyOff, "applying is off here")
	case s.newer != nil:
		return "the account has changed since this plan was made: r shows the new one"
	}
	if x := a.activities.changing(); x != nil {
		return "wait: " + x.service().Service + " is still being changed"
	}
	return s.unchosen()
}

// unchosen says why a plan that needs a name is not carried out because it came first: on
// the command line --plan names it, here the list of the plans.
func (s *fixScreen) unchosen() string {
	p := s.plan()
	switch {
	case !p.NeedsName(), s.chosen == p.ID, s.about.steps != nil, len(s.about.together) > 0:
		return ""
	case p.Among != "":
		return "this is one of several for " + p.Among + ": choose it in the list, with p"
	}
	return "this takes away " + strings.Join(p.Removes, ", ") + ": choose it in the list, with p"
}

func (s *fixScreen) apply(a *App) tea.Cmd { return prepare(a, *s.plan(), s.about.ref) }

func (s *fixScreen) cannotCopy(a *App) string {
	if s.plan() != nil && s.preview == nil {
		return "still working it out"
	}
	if s.shown == nil {
		return s.noPlan(a)
	}
	if d := s.dialect(); s.plan() != nil && d != dialect.Prose && s.text(d).err != nil {
		return "there is nothing to copy"
	}
	return ""
}

// copy copies the tab as it is, not as it is wrapped.
func (s *fixScreen) copy(a *App) tea.Cmd {
	if s.plan() == nil {
		return a.copy("advice", plainText(s.paragraphs))
	}
	d := s.dialect()
	t := s.text(d)
	if t.err != nil {
		return a.copy("plan", plainText(s.paragraphs))
	}
	return a.copy(d.Title(), text.CleanLines(t.text))
}

// noWhole says why there is no more than the tab shows.
func (s *fixScreen) noWhole(a *App) string {
	if why := s.noPlan(a); why != "" {
		return why
	}
	if d := s.dialect(); !d.HasWhole() {
		return "this tab is the whole text; the other tabs show what is new"
	}
	return ""
}

// widen turns between what is new and the whole block.
func (s *fixScreen) widen(a *App) {
	s.whole, s.top = !s.whole, 0
	a.arrange()
}

// text is the plan in a dialect, as much of it as the tab shows.
func (s *fixScreen) text(d dialect.Dialect) dialectText {
	if s.whole {
		if t, there := s.preview.wholes[d]; there {
			return t
		}
	}
	return s.preview.texts[d]
}

// dialect is that of the tab.
func (s *fixScreen) dialect() dialect.Dialect {
	p := s.plan()
	if p == nil {
		return dialect.Prose
	}
	all := dialect.All(p.Owner)
	return all[s.tab%len(all)]
}

func (s *fixScreen) turn(a *App, by int) {
	n := len(dialect.All(s.plan().Owner))
	s.tab, s.top = (s.tab+by+n)%n, 0
	a.arrange()
}

func (s *fixScreen) next(a *App, by int) tea.Cmd {
	n := len(s.shown.plans)
	return s.show(a, (s.at+by+n)%n)
}

func (s *fixScreen) list(a *App) {
	l := &plansScreen{sheet: s, plans: s.shown.plans}
	l.list.SetItems(l.plans)
	l.list.Select(s.at)
	a.open(l)
}

func (s *fixScreen) fit(a *App, size image.Point) {
	top := s.top
	s.short, s.low, s.applied = size.Y < shortRows, size.Y < lowRows, a.activities.about(s.about.ref) != nil
	s.paragraphs = s.page(a, size.X-pageMargin)
	s.pager.fit(size.X-pageMargin, size.Y-1-s.bannerRows()-s.tabRows())
	s.top = top
	s.scroll(0)
}

func (s *fixScreen) bannerRows() int { return rowIf(s.newer != nil) }
func (s *fixScreen) tabRows() int    { return rowIf(s.plan() != nil) }

func (s *fixScreen) draw(a *App, f frameDrawing) {
	c := f.In(f.layout.body)
	size := c.Size()
	drawPageTitle(a, c, s.title(), s.more())
	y := 1
	if s.newer != nil {
		c.TextIn(pageMargin/2, y, size.X-pageMargin, theme.Warn.Glyph()+" "+s.newerWords(), a.theme.Banner)
		y++
	}
	if p := s.plan(); p != nil {
		s.drawTabs(a, c.In(image.Rect(pageMargin/2, y, size.X, y+1)), p)
		y++
	}
	s.pager.draw(c.In(image.Rect(pageMargin/2, y, size.X-pageMargin/2, size.Y)))
}

func (s *fixScreen) title() string {
	words := "fix " + s.about.ref.Service
	switch {
	case s.about.steps != nil:
		words = "what if: " + s.about.ref.Service
	case len(s.about.together) > 0:
		words += fmt.Sprintf(" · %d plans as one", len(s.about.together))
	case s.plan() != nil && len(s.shown.plans) > 1:
		words += fmt.Sprintf(" · plan %d of %d", s.at+1, len(s.shown.plans))
	}
	return words
}

func (s *fixScreen) newerWords() string {
	if s.newer.err == nil && len(s.newer.plans) == 0 {
		return "the account has changed: nothing is left to plan; r shows that"
	}
	return "the account has changed since this plan was made; r shows the new one"
}

// drawTabs draws the names of the tabs, the present one in brackets.
func (s *fixScreen) drawTabs(a *App, c canvas.Canvas, p *fix.Plan) {
	x := 0
	for i, d := range dialect.All(p.Owner) {
		if i == s.tab {
			x = c.Text(x, 0, "["+d.Title()+"]", a.theme.Accent)
			continue
		}
		x = c.Text(x, 0, " "+d.Title()+" ", a.theme.Dim)
	}
}

func (s *fixScreen) clicked(a *App, x, y int) {
	p, row := s.plan(), a.layout().body.Min.Y+1+s.bannerRows()
	if p == nil || y != row {
		return
	}
	at := pageMargin / 2
	for i, d := range dialect.All(p.Owner) {
		const brackets = 2
		width := text.Width(d.Title()) + brackets
		if x >= at && x < at+width {
			s.tab, s.top = i, 0
			a.arrange()
			return
		}
		at += width
	}
}

func (s *fixScreen) wheeled(_ *App, _, _, by int) { s.scroll(by * wheelLines) }
