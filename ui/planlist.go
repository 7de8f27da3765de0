package ui

import (
	"fmt"
	"image"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"hopscope/model/fix"
	"hopscope/ui/canvas"
	"hopscope/ui/list"
	"hopscope/ui/theme"
)

// plansScreen lists the plans of a sheet, to choose one or to tick several that
// become one deployment.
type plansScreen struct {
	sheet *fixScreen
	// plans are those that there were when the list was opened.
	plans  []fix.Plan
	list   list.List[fix.Plan]
	detail pager
}

func (s *plansScreen) actions() []action {
	move := func(by func() int) func(*App) tea.Cmd {
		return do(func(a *App) { s.list.Move(by()); a.arrange() })
	}
	return []action{
		{
			id: "down", keys: []string{"down", "j"}, key: "↑↓ jk", name: "move", help: "next and previous plan",
			run: move(func() int { return 1 }),
		},
		{id: "up", keys: []string{"up", "k"}, run: move(func() int { return -1 })},
		{
			id: "first", keys: []string{"g", "home"}, key: "g G", help: "first, last",
			run: move(func() int { return -s.list.Len() }),
		},
		{id: "last", keys: []string{"G", "end"}, run: move(func() int { return s.list.Len() })},
		{
			id: "tick", keys: []string{"space", " "}, key: "space", name: "tick",
			help: "tick the plan, to combine it with others", run: do(s.tick),
		},
		{
			id: "show", keys: []string{"enter"}, key: "enter", name: "show", help: "show the plan, or the ticked ones as one",
			run: s.show,
		},
		helpAction(), backAction(), interruptAction(),
	}
}

func (s *plansScreen) tick(a *App) {
	p, ok := s.list.Selected()
	if !ok {
		return
	}
	if i := slices.Index(s.sheet.ticked, p.ID); i >= 0 {
		s.sheet.ticked = slices.Delete(s.sheet.ticked, i, i+1)
	} else {
		s.sheet.ticked = append(s.sheet.ticked, p.ID)
	}
	a.arrange()
}

// show shows the plan at the cursor, or several as one in a sheet of their own.
func (s *plansScreen) show(a *App) tea.Cmd {
	if ticked := s.sheet.ticked; len(ticked) > 1 {
		w := s.sheet.about
		w.together = slices.Clone(ticked)
		a.back()
		together := &fixScreen{sheet: sheet{about: w}}
		cmd := together.make(a)
		a.open(together)
		return cmd
	}
	p, _ := s.list.Selected()
	a.back()
	at := slices.IndexFunc(s.sheet.shown.plans, func(o fix.Plan) bool { return o.ID == p.ID })
	if at < 0 {
		return a.say("this plan is no longer there: what was found has changed")
	}
	return s.sheet.show(a, at)
}

// contradiction says which two of the ticked plans are for the same finding: they
// are alternatives. "" when there are none.
func (s *plansScreen) contradiction() string {
	var first []*fix.Plan
	for i := range s.plans {
		p := &s.plans[i]
		if !slices.Contains(s.sheet.ticked, p.ID) {
			continue
		}
		for _, o := range first {
			if overlap(p.Codes, o.Codes) && overlap(p.Paths, o.Paths) {
				return fmt.Sprintf("“%s” and “%s” are for the same finding: one is enough", o.Title, p.Title)
			}
		}
		first = append(first, p)
	}
	return ""
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

func (s *plansScreen) fit(a *App, size image.Point) {
	rows := s.rows(size.Y)
	s.list.SetHeight(rows)
	s.detail = pager{paragraphs: s.explain(planText{prose{a.theme}})}
	s.detail.fit(size.X-pageMargin, size.Y-rows-2)
}

func (s *plansScreen) rows(height int) int { return max(min(s.list.Len(), (height-2)/2), 1) }

// explain is about the plan at the cursor, and about what is ticked.
func (s *plansScreen) explain(e planText) []paragraph {
	var out []paragraph
	if n := len(s.sheet.ticked); n > 1 {
		out = append(out, paragraph{text: fmt.Sprintf("%d plans are ticked: enter makes one deployment of them",
			n), style: e.Accent})
	}
	if why := s.contradiction(); why != "" {
		out = append(out, paragraph{lead: theme.Warn.Glyph() + " ", leadStyle: e.State(theme.Warn), text: why})
	}
	p, ok := s.list.Selected()
	if !ok {
		return out
	}
	out = append(out, paragraph{text: p.Title, style: e.Strong}, paragraph{text: p.Why})
	if len(p.Codes) > 0 {
		out = append(out, e.fact("repairs", strings.Join(s.codes(&p), ", ")))
	}
	if p.Refusal != nil {
		out = append(out, paragraph{
			lead: theme.Bad.Glyph() + " ", leadStyle: e.State(theme.Bad),
			text: "hopscope does not apply it: " + p.Refusal.Reason,
		})
	}
	return append(out, e.steps(&p)...)
}

func (s *plansScreen) draw(a *App, f frameDrawing) {
	c := f.In(f.layout.body)
	size := c.Size()
	_, below := s.list.Hidden()
	drawPageTitle(a, c, "plans for "+s.sheet.about.ref.Service+", better first", below)
	rows := s.rows(size.Y)
	s.list.Draw(c.In(image.Rect(0, 1, size.X, 1+rows)),
		func(c canvas.Canvas, p fix.Plan, selected bool) { s.drawPlan(a, c, &p, selected) })
	c.Fill(image.Rect(0, 1+rows, size.X, 2+rows), "─", a.theme.Line)
	s.detail.draw(c.In(image.Rect(pageMargin/2, 2+rows, size.X-pageMargin/2, size.Y)))
}

func (s *plansScreen) drawPlan(a *App, c canvas.Canvas, p *fix.Plan, selected bool) {
	style := a.theme.Text
	if selected {
		drawSelection(c, 0, a.theme, true)
		style = a.theme.Strong
	}
	box := "[ ]"
	if slices.Contains(s.sheet.ticked, p.ID) {
		box = "[x]"
	}
	x := c.Text(1, 0, box, a.theme.Key) + 1
	x = c.Text(x, 0, first(s.codes(p)), a.theme.Dim) + 1
	c.TextIn(x, 0, c.Size().X-x-1, p.Title, style)
}

func (s *plansScreen) codes(p *fix.Plan) []string {
	return worstFirst(s.sheet.service(), p.Codes)
}

func (s *plansScreen) clicked(a *App, _, y int) {
	if i, ok := s.list.RowAt(y - a.layout().body.Min.Y - 1); ok {
		s.list.Select(i)
		a.arrange()
	}
}

func (s *plansScreen) wheeled(a *App, _, _, by int) {
	s.list.Move(by)
	a.arrange()
}
