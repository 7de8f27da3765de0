package ui

import (
	"fmt"
	"image"
	"strings"

	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/ui/canvas"
	"hopscope/ui/diagram"
	"hopscope/ui/theme"
)

// explainer writes explanations in the styles of a theme.
type explainer struct{ theme.Theme }

func (e explainer) heading(text string) paragraph {
	return paragraph{text: text, style: e.Strong}
}

func (e explainer) fact(label, text string) paragraph {
	return paragraph{lead: label + " ", leadStyle: e.Dim, text: text, indent: 4}
}

var blank = paragraph{}

// finding is a finding in one line.
func (e explainer) finding(f *rule.Finding) paragraph {
	s := theme.OfSeverity(f.Severity)
	return paragraph{lead: s.Glyph() + " " + f.Code + " ", leadStyle: e.State(s), text: f.Title, style: e.Strong, indent: 2}
}

// firstStep is what to do about a finding. It comes before everything else: at
// night nobody reads to the end.
func (e explainer) firstStep(f *rule.Finding) []paragraph {
	if len(f.Fixes) == 0 || len(f.Fixes[0].Steps) == 0 {
		return nil
	}
	return []paragraph{e.fact("  first step", f.Fixes[0].Steps[0])}
}

// findingInFull is everything a finding says.
func (e explainer) findingInFull(f *rule.Finding) []paragraph {
	out := append([]paragraph{e.finding(f)}, e.firstStep(f)...)
	if f.Detail != "" {
		out = append(out, paragraph{lead: "  ", text: f.Detail})
	}
	if f.Confidence != "" && f.Confidence != rule.High {
		out = append(out, e.fact("  confidence", string(f.Confidence)))
	}
	if f.CausedBy != nil {
		out = append(out, e.fact("  follows from", f.CausedBy.Code))
	}
	out = append(out, e.evidence("  ", f.Evidence)...)
	for i := range f.Fixes {
		out = append(out, e.fact("  fix", f.Fixes[i].Title))
		for n, step := range f.Fixes[i].Steps {
			out = append(out, paragraph{lead: fmt.Sprintf("    %d. ", n+1), leadStyle: e.Dim, text: step})
		}
	}
	return out
}

func (e explainer) evidence(margin string, all []reach.Evidence) []paragraph {
	var out []paragraph
	for _, ev := range all {
		out = append(out, e.fact(margin+"from "+ev.From+":", ev.Fact))
	}
	return out
}

// hopWords name a hop in one line, the port first: it is what one looks for, and
// names may be long.
func hopWords(h *reach.Hop) string {
	words := fmt.Sprintf("%s → %s", h.From, h.To)
	if h.Protocol != "" {
		words = h.Protocol + " · " + words
	}
	if h.Port > 0 {
		words = fmt.Sprintf("port %d %s", h.Port, words)
	}
	return words
}

// hop explains a hop: who lets it pass or not, what that causes, what would
// help, and how that is known.
func (e explainer) hop(h *reach.Hop, closed bool) []paragraph {
	s := theme.OfAccess(h.Access)
	if s == theme.Bad && closed {
		s = theme.Calm
	}
	out := []paragraph{
		{lead: s.Glyph() + " " + string(h.Access) + ": ", leadStyle: e.State(s), text: h.Why, indent: 2},
	}
	if h.Symptom != "" {
		out = append(out, e.fact("symptom:", h.Symptom))
	}
	if h.Needed != "" {
		out = append(out, e.fact("needed:", h.Needed))
	}
	for i := range h.Checks {
		// The reason usually is that of the check that decided.
		if !strings.Contains(h.Why, h.Checks[i].Why) {
			out = append(out, e.check(&h.Checks[i]))
		}
	}
	return append(out, e.evidence("", h.Evidence)...)
}

// check is one decision on the way, with who decided.
func (e explainer) check(c *reach.Check) paragraph {
	place := map[reach.CheckKind]string{
		reach.CheckSourceEgress:  "out of the source",
		reach.CheckNetworkACL:    "network ACL",
		reach.CheckTargetIngress: "into the target",
		reach.CheckRouting:       "route",
	}[c.Kind]
	s := theme.OfAccess(c.Access)
	text := c.Why
	if c.Resource != "" && !strings.Contains(text, c.Resource) {
		text += " (" + c.Resource + ")"
	}
	return paragraph{lead: s.Glyph() + " " + place + ": ", leadStyle: e.State(s), text: text, indent: 2}
}

// missing lists the facts without which a path cannot be judged.
func (e explainer) missing(p *reach.Path) []paragraph {
	var out []paragraph
	for _, m := range p.Missing {
		out = append(out, paragraph{lead: theme.Unknown.Glyph() + " missing: ", leadStyle: e.State(theme.Unknown), text: m.String(), indent: 2})
	}
	return out
}

// way says why a path goes the way it does.
func (e explainer) way(p *reach.Path) []paragraph {
	if p.ViaWhy == "" {
		return nil
	}
	return []paragraph{e.fact("way:", p.ViaWhy)}
}

// inFull is everything that is known about a path.
func (e explainer) inFull(s *service, p *reach.Path, width int) []paragraph {
	state := theme.OfVerdict(p.Verdict)
	out := []paragraph{
		{lead: state.Glyph() + " ", leadStyle: e.State(state), text: headline(p) + " · " + verdictWords(p), style: e.Strong},
		{text: diagram.Text(p, width), verbatim: true},
		blank,
	}
	out = append(out, e.way(p)...)
	out = append(out, e.missing(p)...)
	for _, f := range s.findingsOf(p) {
		out = append(out, blank)
		out = append(out, e.findingInFull(f)...)
	}
	for _, f := range s.ownFindings() {
		out = append(out, blank)
		out = append(out, e.findingInFull(f)...)
	}
	for i := range p.Hops {
		h := &p.Hops[i]
		out = append(out, blank, e.heading(fmt.Sprintf("hop %d of %d  %s", i+1, len(p.Hops), hopWords(h))))
		out = append(out, e.hop(h, p.Verdict == reach.Closed)...)
	}
	if p.Source.Services.Len() > 1 {
		out = append(out, blank, e.fact("callers:", callerNames(p.Source.Services)))
	}
	return out
}

// withoutPaths is what there is to say about a service that no path leads to.
func (e explainer) withoutPaths(s *service) []paragraph {
	out := []paragraph{e.heading(s.name())}
	for _, f := range s.findings {
		out = append(out, blank)
		out = append(out, e.findingInFull(f)...)
	}
	return out
}

// callerNames names callers, as many as anyone would read.
func callerNames(c *reach.Callers) string {
	const most = 200
	first := c.First(most)
	names := make([]string, len(first))
	for i, ref := range first {
		names[i] = ref.String()
	}
	text := strings.Join(names, ", ")
	if more := c.Len() - len(first); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// drawRule says what the explanation below it is about.
func (a *App) drawRule(c canvas.Canvas) {
	p := a.paths.selected()
	if p == nil || a.focus != pathsFocus || a.paths.hop >= len(p.Hops) {
		return
	}
	h := &p.Hops[a.paths.hop]
	x := c.Text(1, 0, fmt.Sprintf(" hop %d of %d ", a.paths.hop+1, len(p.Hops)), a.theme.Accent)
	c.TextIn(x, 0, c.Size().X-x-1, " "+hopWords(h)+" ", a.theme.Text)
}

// sideColumns is the width from which findings and hop are side by side.
const sideColumns = 150

// drawExplanation draws what there is to say about the selection: the findings
// first, or the hop first when one is selected.
func (a *App) drawExplanation(c canvas.Canvas) {
	s, p := a.services.current(), a.paths.selected()
	if s == nil {
		return
	}
	size := c.Size()
	findings, hop := a.explainFindings(s, p, size.Y >= roomyRows), a.explainHop(p)
	inner := c.In(image.Rect(1, 0, size.X-1, size.Y))
	switch {
	case size.X >= sideColumns && len(findings) > 0 && len(hop) > 0:
		half := size.X / 2
		a.drawParagraphs(c.In(image.Rect(1, 0, half-1, size.Y)), findings)
		a.drawParagraphs(c.In(image.Rect(half+1, 0, size.X-1, size.Y)), hop)
	case a.focus == pathsFocus:
		a.drawParagraphs(inner, append(hop, findings...))
	default:
		a.drawParagraphs(inner, append(findings, hop...))
	}
}

func (a *App) drawParagraphs(c canvas.Canvas, paragraphs []paragraph) {
	size := c.Size()
	lines := wrapped(paragraphs, size.X)
	for y := range min(len(lines), size.Y) {
		lines[y].draw(c, y)
	}
	if more := len(lines) - size.Y; more > 0 {
		hint := fmt.Sprintf(" ↓ %d more: enter ", more)
		c.TextRight(size.X, size.Y-1, hint, a.theme.Dim)
	}
}

// roomyRows is the height from which the first finding is explained, not just
// named.
const roomyRows = 9

// explainFindings is what was found about the selected path, or about the whole
// service where none of its paths has the focus.
func (a *App) explainFindings(s *service, p *reach.Path, roomy bool) []paragraph {
	e := explainer{a.theme}
	findings := s.findings
	if p != nil && a.focus == pathsFocus {
		findings = s.findingsOf(p)
	}
	var out []paragraph
	for _, f := range findings {
		out = append(out, e.finding(f))
	}
	switch {
	case len(findings) == 0:
	case roomy && len(findings) > 1:
		out = append(append(out, blank), e.findingInFull(findings[0])...)
	case roomy:
		out = e.findingInFull(findings[0])
	case len(findings) == 1:
		out = append(out, e.firstStep(findings[0])...)
		if findings[0].Detail != "" {
			out = append(out, paragraph{lead: "  ", text: findings[0].Detail})
		}
	}
	return out
}

func (a *App) explainHop(p *reach.Path) []paragraph {
	if p == nil {
		return nil
	}
	e := explainer{a.theme}
	out := e.missing(p)
	if a.focus == pathsFocus && a.paths.hop < len(p.Hops) {
		return append(append(e.hop(&p.Hops[a.paths.hop], p.Verdict == reach.Closed), out...), e.way(p)...)
	}
	return append(out, e.way(p)...)
}

// explanation is everything about the selected path, or about the selected service
// when no path leads to it.
func (a *App) explanation(width int) []paragraph {
	e := explainer{a.theme}
	switch s, p := a.paths.service, a.paths.selected(); {
	case p != nil:
		return e.inFull(s, p, width)
	case s != nil:
		return e.withoutPaths(s)
	}
	return nil
}

// explainScreen is everything about a path, to scroll through.
type explainScreen struct{ pager }

func openExplanation(a *App) { a.open(&explainScreen{}) }

func (s *explainScreen) actions() []action {
	return append(scrollActions(func(*App) *pager { return &s.pager }),
		action{keys: []string{"f"}, key: "f", name: "fix", help: "the plans for this path", run: openFix, off: cannotFix},
		action{keys: []string{"y"}, key: "y", name: "copy", help: "copy the explanation", run: copyExplanation},
		action{keys: []string{"enter"}, help: "go back", run: do((*App).back)},
		backAction(), interruptAction())
}

func (s *explainScreen) fit(a *App, size image.Point) {
	s.paragraphs = a.explanation(size.X - pageMargin)
	s.pager.fit(size.X-pageMargin, size.Y-1)
}

func (s *explainScreen) draw(a *App, f frameDrawing) { drawPage(a, f, &s.pager, "explanation") }

func (s *explainScreen) clicked(*App, int, int) {}

func (s *explainScreen) wheeled(_ *App, _, _, by int) { s.scroll(by * wheelLines) }
