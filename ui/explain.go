package ui

import (
	"fmt"
	"image"
	"slices"

	"hopscope/model/reach"
	"hopscope/model/words"
	"hopscope/ui/canvas"
	"hopscope/ui/diagram"
	"hopscope/ui/theme"
)

// explanation is what there is to say about what is selected: a service, a path into
// it, a hop of that.
type explanation struct {
	prose
	inventory *inventory
	// service and path are nil where nothing is selected.
	service *service
	path    *reach.Path
	// onPath is set when the selection is the path, and not the service as a whole;
	// hop is the selected hop, noHop for none.
	onPath bool
	hop    int
	// measurements tell what was asked of CloudWatch.
	measurements *measurements
}

// drawRule says what the explanation below it is about.
func (x explanation) drawRule(c canvas.Canvas) {
	if x.hop == noHop {
		return
	}
	hops := x.path.Hops()
	at := c.Text(1, 0, fmt.Sprintf(" hop %d of %d ", x.hop+1, len(hops)), x.Accent)
	c.TextIn(at, 0, c.Size().X-at-1, " "+hopWords(&hops[x.hop])+" ", x.Text)
}

// sideColumns is the width from which findings and hop are side by side.
const sideColumns = 150

// draw draws the explanation: the findings first, or the hop first when one is
// selected.
func (x explanation) draw(c canvas.Canvas) {
	if x.service == nil {
		return
	}
	size := c.Size()
	findings, hop := x.aboutFindings(size.Y >= roomyRows), x.aboutHop()
	inner := c.In(image.Rect(1, 0, size.X-1, size.Y))
	switch {
	case size.X >= sideColumns && len(findings) > 0 && len(hop) > 0:
		half := size.X / 2
		drawParagraphs(c.In(image.Rect(1, 0, half-1, size.Y)), findings, x.Theme)
		drawParagraphs(c.In(image.Rect(half+1, 0, size.X-1, size.Y)), hop, x.Theme)
	case x.onPath:
		drawParagraphs(inner, append(hop, findings...), x.Theme)
	default:
		drawParagraphs(inner, append(findings, hop...), x.Theme)
	}
}

func drawParagraphs(c canvas.Canvas, paragraphs []paragraph, t theme.Theme) {
	size := c.Size()
	lines := wrapped(paragraphs, size.X)
	for y := range min(len(lines), size.Y) {
		lines[y].draw(c, y)
	}
	if more := len(lines) - size.Y; more > 0 {
		c.TextRight(size.X, size.Y-1, fmt.Sprintf(" ↓ %d more: enter ", more), t.Dim)
	}
}

// roomyRows is the height from which the first finding is explained, not just
// named.
const roomyRows = 9

// aboutFindings is what was found about the selected path, or about the whole
// service where none of its paths is selected.
func (x explanation) aboutFindings(roomy bool) []paragraph {
	findings := x.service.findings
	if x.path != nil && x.onPath {
		findings = x.service.findingsOf(x.path)
	}
	if roomy && len(findings) == 1 {
		return x.findingInFull(findings[0], x.inventory)
	}
	var out []paragraph
	for _, f := range findings {
		out = append(out, x.finding(f))
	}
	switch {
	case roomy && len(findings) > 1:
		out = append(append(out, blank), x.findingInFull(findings[0], x.inventory)...)
	case len(findings) == 1:
		out = append(out, x.firstStep(findings[0], x.inventory)...)
		if detail := findings[0].Detail(); detail != "" {
			out = append(out, paragraph{lead: "  ", text: detail})
		}
	}
	return out
}

// aboutHop is about the selected hop, or about the way that the path goes.
func (x explanation) aboutHop() []paragraph {
	if x.path == nil {
		return nil
	}
	var out []paragraph
	if x.hop != noHop {
		out = x.prose.hop(&x.path.Hops()[x.hop], x.path.Verdict == reach.Closed)
	}
	return slices.Concat(out, x.missing(x.path), x.route(x.path), x.measured(x.path))
}

// inFull is everything about the selected path, or about the selected service when
// no path leads to it.
func (x explanation) inFull(width int) []paragraph {
	switch {
	case x.path != nil:
		return x.pathInFull(width)
	case x.service != nil:
		return x.withoutPaths()
	}
	return nil
}

// pathInFull is everything that is known about the path.
func (x explanation) pathInFull(width int) []paragraph {
	p, state := x.path, theme.OfVerdict(x.path.Observed())
	out := []paragraph{
		{
			lead: state.Glyph() + " ", leadStyle: x.State(state), text: words.Path(p) + " · " + words.Verdict(p),
			style: x.Strong,
		},
		{text: diagram.Text(p, width), verbatim: true},
		blank,
	}
	out = slices.Concat(out, x.route(p), x.missing(p), x.measured(p))
	if text := words.Health(p.Health); text != "" {
		out = append(out, x.fact("targets:", text))
	}
	for _, f := range append(x.service.findingsOf(p), x.service.ownFindings()...) {
		out = append(append(out, blank), x.findingInFull(f, x.inventory)...)
	}
	hops := p.Hops()
	for i := range hops {
		h := &hops[i]
		out = append(out, blank, x.heading(fmt.Sprintf("hop %d of %d  %s", i+1, len(hops), hopWords(h))))
		out = append(out, x.prose.hop(h, p.Verdict == reach.Closed)...)
	}
	if text := words.Timeouts(p); text != "" {
		out = append(out, blank, x.fact("timeouts:", text))
	}
	if seen, known := x.inventory.SeenCalling(p); known {
		if text := words.SeenCalling(p, seen); text != "" {
			out = append(out, blank, x.fact("traffic:", text))
		}
	}
	if p.Source.Services.Len() > 1 {
		out = append(out, blank, x.fact("callers:", callerNames(p.Source.Services)))
	}
	return append(out, x.taskPorts()...)
}

// taskPorts are who connects to the ports of the service of whom no path tells.
func (x explanation) taskPorts() []paragraph {
	var out []paragraph
	for _, t := range x.inventory.Deriver().TaskPortsOf(x.service.ref) {
		out = append(out, blank, x.fact("also:", words.TaskPort(&t)))
	}
	return out
}

// withoutPaths is what there is to say about a service that no path leads to.
func (x explanation) withoutPaths() []paragraph {
	out := []paragraph{x.heading(x.service.name())}
	for _, f := range x.service.findings {
		out = append(append(out, blank), x.findingInFull(f, x.inventory)...)
	}
	return append(out, x.taskPorts()...)
}

// explainScreen is everything about a path, to scroll through.
type explainScreen struct{ pager }

func openExplanation(a *App) { a.open(&explainScreen{}) }

func (s *explainScreen) actions() []action {
	return slices.Concat(scrollActions(func(*App) *pager { return &s.pager }), []action{
		{
			id: "fix", keys: []string{"f"}, key: "f", name: "fix", help: "the plans for this path", run: openFix,
			off: cannotFix,
		},
		{id: "copy", keys: []string{"y"}, key: "y", name: "copy", help: "copy the explanation", run: copyExplanation},
	}, measureActions("measure"), []action{
		{id: "close", keys: []string{"enter"}, help: "go back", run: do((*App).back)},
		backAction(), interruptAction(),
	})
}

func (s *explainScreen) fit(a *App, size image.Point) {
	s.paragraphs = a.main.explanation(a).inFull(size.X - pageMargin)
	s.pager.fit(size.X-pageMargin, size.Y-1)
}

func (s *explainScreen) draw(a *App, f frameDrawing) { drawPage(a, f, &s.pager, "explanation") }

func (s *explainScreen) clicked(*App, int, int) {}

func (s *explainScreen) wheeled(_ *App, _, _, by int) { s.scroll(by * wheelLines) }
