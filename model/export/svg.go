package export

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	g "maragu.dev/gomponents"

	"hopscope/internal/text"
	"hopscope/model/reach"
	"hopscope/model/scene"
	"hopscope/model/words"
)

// SVG writes the paths of a document as one picture, each below the other.
func SVG(w io.Writer, d *Document) error {
	out := bufio.NewWriter(w)
	const lead, between, margin = 54, 30, 16
	scope, summary := Scope(d.Report), Summary(d.Report)
	width, height := max(cells(scope), cells(summary))+2*margin, margin+lead
	for _, p := range d.Paths {
		s := scene.New(p)
		one := draw(&s)
		width = max(width, one.width()+2*margin, cells(caption(p))+2*margin)
		height += between + one.height + margin
	}
	err := g.El("svg", g.Attr("xmlns", "http://www.w3.org/2000/svg"), number("width", width), number("height", height),
		g.Attr("viewBox", fmt.Sprintf("0 0 %d %d", width, height)), g.Attr("role", "img"),
		g.El("title", said(scope+": "+summary)), g.El("style", g.Raw(colours+sceneStyle())),
		g.El("rect", g.Attr("width", "100%"), g.Attr("height", "100%"), class("paper")),
		g.El("text", number("x", margin), number("y", margin+14), class("start"), said(scope)),
		g.El("text", number("x", margin), number("y", margin+34), class("start"), said(summary)),
		g.NodeFunc(func(w io.Writer) error {
			y := margin + lead
			for _, p := range d.Paths {
				s := scene.New(p)
				one := draw(&s)
				if err := placed(p, one, margin, y, between).Render(w); err != nil {
					return err
				}
				y += between + one.height + margin
			}
			return nil
		})).Render(out)
	if err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	_, _ = out.WriteString("\n")
	return out.Flush()
}

// placed is the drawing of a path below its caption.
func placed(p *reach.Path, d *drawing, x, y, lead int) g.Node {
	state := scene.OfVerdict(p.Observed())
	return g.El("g", g.Attr("transform", fmt.Sprintf("translate(%d %d)", x, y)),
		g.El("title", said(words.Path(p))), g.El("desc", said(description(p))),
		g.El("text", number("y", lead/2), class("start "+state.Name()), said(caption(p))),
		g.El("g", g.Attr("transform", fmt.Sprintf("translate(0 %d)", lead-6)), g.Group(d.frames), g.Group(d.front)))
}

// caption is a path and its verdict in one line.
func caption(p *reach.Path) string {
	const most = 110
	return scene.OfVerdict(p.Observed()).Glyph() + " " + text.Elide(words.Path(p), most) + ": " + words.Verdict(p)
}

// description says what a drawing shows, for those who do not see it.
func description(p *reach.Path) string {
	var legs []string
	for _, h := range p.Hops() {
		leg := h.From + " to " + h.To
		if h.Port > 0 {
			leg += fmt.Sprintf(" on port %d", h.Port)
		}
		legs = append(legs, leg+": "+string(h.Access))
	}
	if len(legs) == 0 {
		return Line(p)
	}
	return strings.Join(legs, "; ")
}
