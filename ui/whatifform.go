package ui

import (
	"fmt"
	"image"
	"strings"

	"hopscope/model"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// formRow is a row of the form: a heading, or a field.
type formRow struct {
	text string
	// field is the position among the fields, -1 for a heading.
	field int
	// changed marks what is not as it is in the account.
	changed bool
}

// formRows are the form, top to bottom.
func (s *whatIfScreen) formRows() []formRow {
	u := &s.supposition
	var out []formRow
	heading := func(text string) { out = append(out, formRow{text: text, field: -1}) }
	group := ""
	for n, f := range u.fields() {
		switch f.kind {
		case overrideField:
			e := &u.endpoints[f.at]
			heading(endpointWords(e))
			out = append(out, formRow{fmt.Sprintf("override  [%-5s]%s", e.typed, s.wasWords(e)), n, e.typed != e.was})
			continue
		case removedField:
			e := &u.endpoints[f.at]
			out = append(out, formRow{box(e.removed) + " client only: no endpoint", n, e.removed})
			continue
		case tlsField:
			e := &u.endpoints[f.at]
			out = append(out, formRow{box(e.tls) + " TLS", n, e.tls != e.hadTLS})
			continue
		case allRemovedField:
			heading("all endpoints")
			out = append(out, formRow{box(u.clientOnly()) + " client only", n, u.clientOnly()})
			continue
		case ruleField:
			r := &u.rules[f.at]
			if r.group != group {
				group = r.group
				heading(u.admits(group))
			}
			out = append(out, formRow{box(!r.revoked) + " " + r.rule.Ports() + " from " + u.peer(&r.rule), n, r.revoked})
			continue
		case addedField:
			r := u.added[f.at].Rule
			out = append(out, formRow{box(true) + " " + r.Ports() + " from " + u.peer(r), n, true})
			continue
		case addField:
		}
		if group == "" {
			heading(u.admits(u.groups[0]))
		}
		out = append(out, formRow{"+ add a rule", n, false})
	}
	return out
}

func endpointWords(e *supposedEndpoint) string {
	if e.containerPort == 0 {
		return "endpoint " + e.portName
	}
	return fmt.Sprintf("endpoint %s, container port %d", e.portName, e.containerPort)
}

func (s *whatIfScreen) wasWords(e *supposedEndpoint) string {
	switch {
	case e.typed == e.was && e.was == "" && s.trial != nil && s.trial.free[e.index] != 0:
		return fmt.Sprintf(" none; %d is free", s.trial.free[e.index])
	case e.typed == e.was && e.was == "":
		return " none"
	case e.typed == e.was:
		return ""
	case e.was == "":
		return " now none"
	}
	return " now " + e.was
}

func box(ticked bool) string {
	if ticked {
		return "[x]"
	}
	return "[ ]"
}

// Widths of the form where it is beside what follows.
const (
	besideWidth = 100
	formColumns = 48
)

// parts divides the body: the form, and what would follow.
func (s *whatIfScreen) parts(size image.Point) (form, results image.Rectangle) {
	all := image.Rect(0, 1, size.X, size.Y)
	if size.X >= besideWidth {
		form, results = cutLeft(all, formColumns)
		results.Min.X += 2
		results.Max.X--
		return form, results
	}
	form, results = cutTop(all, min(len(s.formRows()), (size.Y-1)/2))
	results.Min.Y++
	results.Min.X += pageMargin / 2
	results.Max.X -= pageMargin / 2
	return form, results
}

func (s *whatIfScreen) fit(a *App, size image.Point) {
	form, results := s.parts(size)
	s.rows = form.Dy()
	rows := s.formRows()
	for i := range rows {
		if rows[i].field == s.cursor {
			at := i
			if i > 0 && rows[i-1].field < 0 {
				at = i - 1 // the heading belongs to its first field
			}
			s.top = min(max(s.top, i-s.rows+1), at)
		}
	}
	s.top = max(min(s.top, len(rows)-s.rows), 0)
	top := s.results.top
	s.results = pager{paragraphs: s.follows(explainer{a.theme}, results.Dx())}
	s.results.fit(results.Dx(), results.Dy())
	s.results.scroll(top)
}

func (s *whatIfScreen) draw(a *App, f frameDrawing) {
	c := f.In(f.layout.body)
	size := c.Size()
	drawPageTitle(a, c, theme.Warn.Glyph()+" what if: nothing is sent · "+s.supposition.ref.Service, s.results.more())
	form, results := s.parts(size)
	s.drawForm(a, c.In(form))
	if size.X >= besideWidth {
		c.Fill(image.Rect(form.Max.X, 1, form.Max.X+1, size.Y), "│", a.theme.Line)
	} else {
		c.Fill(image.Rect(0, form.Max.Y, size.X, form.Max.Y+1), "─", a.theme.Line)
	}
	s.results.draw(c.In(results))
	s.placeCursor(c, f, form)
}

// placeCursor puts the cursor behind the port that is typed.
func (s *whatIfScreen) placeCursor(_ canvas.Canvas, f frameDrawing, form image.Rectangle) {
	field := s.field()
	if field.kind != overrideField {
		return
	}
	for i, row := range s.formRows() {
		if row.field == s.cursor && i >= s.top && i < s.top+s.rows {
			const before = 3 + len("override  [")
			*f.cursor = image.Pt(before+len(s.supposition.endpoints[field.at].typed), form.Min.Y+i-s.top).Add(f.layout.body.Min)
		}
	}
}

func (s *whatIfScreen) drawForm(a *App, c canvas.Canvas) {
	width := c.Size().X
	rows := s.formRows()
	for y := range min(s.rows, len(rows)-s.top) {
		row := &rows[s.top+y]
		if row.field < 0 {
			c.TextIn(1, y, width-2, row.text, a.theme.Strong)
			continue
		}
		style := a.theme.Text
		if row.field == s.cursor {
			drawSelection(c, y, a.theme, true)
			style = a.theme.Strong
		}
		sign := " "
		if row.changed {
			sign, style = "*", a.theme.Banner
		}
		c.Text(1, y, sign, a.theme.Banner)
		c.TextIn(3, y, width-4, row.text, style)
	}
	if s.top+s.rows < len(rows) {
		c.Text(width-2, s.rows-1, "↓", a.theme.Dim)
	}
	if s.top > 0 {
		c.Text(width-2, 0, "↑", a.theme.Dim)
	}
}

// follows is what would follow, now → then.
func (s *whatIfScreen) follows(e explainer, width int) []paragraph {
	t := s.trial
	if why := s.supposition.wrong(); why != "" {
		return e.sentences(why)
	}
	switch {
	case t == nil:
		return []paragraph{{text: "working it out", style: e.Dim}}
	case t.err != nil:
		return append(e.sentences(t.err.Error()), e.fact("next:", "r starts from what is there now"))
	}
	var out []paragraph
	if s.trying {
		out = append(out, paragraph{text: "working it out; this is from before", style: e.Dim})
	}
	if !s.supposition.changed() {
		out = append(out, paragraph{text: "This is how it is. Type a port, untick a rule: what would follow is shown here.", style: e.Dim})
	}
	out = append(out, e.comes(t)...)
	for i := range t.pairs {
		out = append(out, e.becomesOf(&t.pairs[i], t.words(&t.pairs[i])))
	}
	out = append(out, e.goes(t)...)
	if s.supposition.changed() && len(t.fresh)+len(t.gone) == 0 {
		out = append(out, paragraph{lead: theme.Good.Glyph() + " ", leadStyle: e.State(theme.Good), text: "no finding comes or goes"})
	}
	for _, f := range t.kept {
		out = append(out, paragraph{lead: "  stays: " + f.Code + " ", leadStyle: e.Dim, text: f.Title, indent: 2})
	}
	return append(out, e.inDetail(t, width)...)
}

// comes are the findings that would come, and what would change elsewhere.
func (e explainer) comes(t *trial) []paragraph {
	var out []paragraph
	for _, f := range t.fresh {
		state := theme.OfSeverity(f.Severity)
		out = append(out, paragraph{lead: "+ " + state.Glyph() + " " + f.Code + " ", leadStyle: e.State(state), text: f.Title, indent: 2})
	}
	if n := t.elsewherePaths; n > 0 {
		verb := "changes"
		if n > 1 {
			verb = "change"
		}
		out = append(out, paragraph{
			lead: theme.Warn.Glyph() + " ", leadStyle: e.State(theme.Warn), indent: 2,
			text: fmt.Sprintf("%s of other services %s: %s", counted(n, "path"), verb, someOf(t.elsewhere)),
		})
	}
	return out
}

// goes are the findings that would go.
func (e explainer) goes(t *trial) []paragraph {
	var out []paragraph
	for _, f := range t.gone {
		out = append(out, paragraph{lead: "- gone: " + f.Code + " ", leadStyle: e.State(theme.Good), text: f.Title, indent: 2})
	}
	return out
}

// someOf names a few services.
func someOf(all []model.Ref) string {
	const most = 5
	var names []string
	for _, ref := range all[:min(len(all), most)] {
		names = append(names, ref.Service)
	}
	if more := len(all) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// inDetail are the drawings of what would change, and what new errors say.
func (e explainer) inDetail(t *trial, width int) []paragraph {
	var out []paragraph
	for i := range t.pairs {
		p := &t.pairs[i]
		if p.after != nil && i < mostTried {
			out = append(out, blank, paragraph{text: headline(p.after) + then(p), style: e.Strong}, e.picture(p.after, width))
		}
	}
	for _, f := range t.fresh {
		if f.Detail != "" {
			state := theme.OfSeverity(f.Severity)
			out = append(out, blank, paragraph{lead: f.Code + " ", leadStyle: e.State(state), text: f.Detail, indent: 2})
		}
	}
	return out
}

// then is behind the names of paths that would be different.
func then(p *pair) string {
	if p.changed() {
		return ", then"
	}
	return ""
}

// mostTried is the number of paths that are drawn.
const mostTried = 6
