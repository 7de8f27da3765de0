package export

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
	"hopscope/model/scene"
	"hopscope/model/words"
)

// HTML writes the document as one page that needs nothing else: no script, no picture, no
// font. What is wrong comes first, then every path. Nothing that an account says becomes
// markup, and the page's own policy would run no script.
func HTML(w io.Writer, d *Document) error {
	out := bufio.NewWriter(w)
	page := newHTMLPage(d)
	if err := page.whole().Render(out); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	return out.Flush()
}

// htmlPage is a page in the making.
type htmlPage struct {
	d *Document
	// roots are the findings, each with what follows from it.
	roots []Folded
	// anchors are the places of paths on the page, by ID, and told those of the findings on
	// a path. Names from the account are in no attribute.
	anchors map[string]string
	told    map[onPath]string
}

// onPath is a finding of a code on the path of an ID.
type onPath struct{ path, code string }

func newHTMLPage(d *Document) *htmlPage {
	p := &htmlPage{d: d, roots: Fold(d.Findings), anchors: map[string]string{}, told: map[onPath]string{}}
	for i, path := range d.Paths {
		p.anchors[path.ID] = fmt.Sprintf("path-%d", i+1)
	}
	for i := range p.roots {
		root := &p.roots[i]
		for _, f := range append([]*report.Finding{root.Finding}, root.Consequences...) {
			for _, id := range append([]string{f.Path}, f.Paths...) {
				p.told[onPath{id, f.Code}] = findingAnchor(i)
			}
		}
	}
	return p
}

func findingAnchor(i int) string { return fmt.Sprintf("finding-%d", i+1) }

// later makes a node on a line of its own when it is written, so that a large page is never
// whole in memory.
func later(make func() g.Node) g.Node {
	return g.NodeFunc(func(w io.Writer) error { return g.Group{g.Text("\n"), make()}.Render(w) })
}

func (p *htmlPage) whole() g.Node {
	style := colours + sceneStyle() + pageStyle
	sum := sha256.Sum256([]byte(style))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'"
	title := "Request paths of " + Scope(p.d.Report)
	return h.Doctype(h.HTML(h.Lang("en"),
		h.Head(h.Meta(h.Charset("utf-8")),
			h.Meta(g.Attr("http-equiv", "Content-Security-Policy"), h.Content(policy)),
			h.Meta(h.Name("viewport"), h.Content("width=device-width,initial-scale=1")),
			h.Meta(h.Name("referrer"), h.Content("no-referrer")), h.Meta(h.Name("generator"), h.Content("hopscope")),
			h.TitleEl(said(title)), h.StyleEl(g.Raw(style))),
		h.Body(h.A(h.Class("skip"), h.Href("#main"), g.Text("Skip to the report")),
			h.Header(h.H1(said(title)), p.summary(), p.navigation()),
			h.Main(h.ID("main"), p.gaps(), p.findings(), p.paths()),
			h.Footer(h.P(h.Class("dim"), said(Completeness(p.d.Report)))))))
}

func (p *htmlPage) summary() g.Node {
	read := ""
	if !p.d.CollectedAt.IsZero() {
		read = "Read " + p.d.CollectedAt.UTC().Format(time.RFC3339)
	}
	if p.d.Origin != "" {
		read += " from " + p.d.Origin
	}
	return g.Group{h.P(h.Strong(said(Summary(p.d.Report)))), g.If(read != "", h.P(h.Class("dim"), said(read)))}
}

func (p *htmlPage) navigation() g.Node {
	link := func(id, label string) g.Node { return h.Li(h.A(h.Href("#"+id), g.Text(label))) }
	return h.Nav(h.Aria("label", "Sections"), h.Ul(
		g.If(p.incomplete(), link("gaps", "Not read")),
		link("findings", "Findings: "+fmt.Sprint(len(p.d.Findings))), link("paths", "Paths: "+fmt.Sprint(len(p.d.Paths)))))
}

func (p *htmlPage) incomplete() bool { return !p.d.Complete || len(p.d.Gaps) > 0 }

// section is a part of the page that a reader can jump to.
func section(id, title string, inside ...g.Node) g.Node {
	return h.Section(h.Aria("labelledby", id), h.H2(h.ID(id), g.Text(title)), g.Group(inside))
}

func (p *htmlPage) gaps() g.Node {
	if !p.incomplete() {
		return nil
	}
	var lines []g.Node
	for i := range p.d.Gaps {
		lines = append(lines, h.Li(said(Gap(&p.d.Gaps[i]))))
	}
	if len(p.d.Gaps) == 0 {
		lines = append(lines, h.Li(g.Text("the reading was not finished")))
	}
	for _, n := range NotChecked(p.d.NotChecked) {
		lines = append(lines, h.Li(said("not checked: "+n)))
	}
	return section("gaps", "Not everything could be read",
		h.P(g.Text("What depends on the following is unknown below, not fine.")), h.Ul(lines...))
}

// state is a sign and a word in the colour of a state.
func state(s scene.State, word string) g.Node {
	return h.Span(h.Class("state "+s.Name()), h.Span(h.Aria("hidden", "true"), g.Text(s.Glyph()+" ")), said(word))
}

func (p *htmlPage) findings() g.Node {
	if len(p.roots) == 0 {
		return section("findings", "Findings", h.P(g.Text("None.")))
	}
	var parts []g.Node
	for _, s := range severities {
		var of []g.Node
		for i := range p.roots {
			if p.roots[i].Severity == s.of {
				of = append(of, later(func() g.Node { return p.finding(i) }))
			}
		}
		if len(of) > 0 {
			parts = append(parts, h.H3(g.Text(s.heading)), g.Group(of))
		}
	}
	return section("findings", "Findings", parts...)
}

func (p *htmlPage) finding(i int) g.Node {
	f := &p.roots[i]
	sure := ""
	if f.Confidence != "" && f.Confidence != rule.High {
		sure = ", " + string(f.Confidence) + " confidence"
	}
	return h.Article(h.ID(findingAnchor(i)),
		h.H4(state(scene.OfSeverity(f.Severity), f.Code), g.Text(" "), said(f.Title)),
		h.P(h.Class("dim"), said(Subject(f.Finding)+sure), p.links(f.Finding)),
		g.If(f.Detail != "", h.P(said(f.Detail))),
		evidence(f.Evidence), fixes(f.Fixes),
		g.If(len(f.Consequences) > 0, g.Group{
			h.P(g.Text("Follows from it, and goes away with it:")),
			h.Ul(g.Map(f.Consequences, func(c *report.Finding) g.Node {
				return h.Li(state(scene.OfSeverity(c.Severity), c.Code), g.Text(" "), said(c.Title))
			})),
		}))
}

// shownLinks is how many paths of a finding are linked one by one.
const shownLinks = 5

// links lead to the paths that a finding is about.
func (p *htmlPage) links(f *report.Finding) g.Node {
	ids := f.Paths
	if len(ids) == 0 {
		ids = []string{f.Path}
	}
	var out []g.Node
	for _, id := range ids[:min(len(ids), shownLinks)] {
		if at := p.anchors[id]; at != "" {
			out = append(out, g.Text(" · "), h.A(h.Href("#"+at), g.Text("path "+at[len("path-"):])))
		}
	}
	if more := len(ids) - shownLinks; more > 0 {
		out = append(out, g.Textf(" and %d more", more))
	}
	return g.Group(out)
}

func evidence(all []reach.Evidence) g.Node {
	if len(all) == 0 {
		return nil
	}
	return g.Group{h.P(g.Text("Evidence:")), h.Ul(g.Map(all, func(e reach.Evidence) g.Node {
		return h.Li(h.Code(said(e.Fact)), g.If(e.From != "", said(" ("+e.From+")")))
	}))}
}

// fixes are the first plan with its steps, and the titles of the others.
func fixes(all []report.Fix) g.Node {
	if len(all) == 0 {
		return nil
	}
	first := &all[0]
	return g.Group{
		h.P(h.Strong(g.Text("Next step: ")), said(first.Title)),
		g.If(len(first.Steps) > 0, h.Ol(g.Map(first.Steps, func(s string) g.Node { return h.Li(said(s)) }))),
		g.If(len(all) > 1, h.Ul(g.Map(all[1:], func(f report.Fix) g.Node { return h.Li(g.Text("or: "), said(f.Title)) }))),
	}
}

func (p *htmlPage) paths() g.Node {
	if len(p.d.Paths) == 0 {
		return section("paths", "Paths", h.P(g.Text("None.")), p.taskPorts())
	}
	var parts []g.Node
	var service model.Ref
	for i, path := range p.d.Paths {
		if ref := path.Target.Ref(); i == 0 || ref != service {
			service = ref
			parts = append(parts, later(func() g.Node { return h.H3(said(ref.String())) }))
		}
		parts = append(parts, later(func() g.Node { return p.path(path) }))
	}
	return section("paths", "Paths", append(parts, p.taskPorts())...)
}

func (p *htmlPage) path(path *reach.Path) g.Node {
	at := p.anchors[path.ID]
	s := scene.New(path)
	return h.Article(h.ID(at),
		h.H4(state(scene.OfVerdict(path.Observed()), words.Verdict(path)), g.Text(" "), said(words.Path(path))),
		// What is wider than the window scrolls, also by keyboard.
		h.Div(h.Class("drawing"), h.TabIndex("0"), h.Role("group"), h.Aria("label", "drawing of path "+at[len("path-"):]),
			inline(path, draw(&s), at)),
		p.said(path), hops(path))
}

// inline is the drawing of a path inside a page.
func inline(path *reach.Path, d *drawing, at string) g.Node {
	return h.SVG(h.Role("img"), h.Aria("labelledby", at+"-title "+at+"-desc"), number("width", d.width()),
		number("height", d.height), g.Attr("viewBox", fmt.Sprintf("0 0 %d %d", d.width(), d.height)),
		g.El("title", h.ID(at+"-title"), said(words.Path(path))),
		g.El("desc", h.ID(at+"-desc"), said(description(path))), g.Group(d.frames), g.Group(d.front))
}

// said are the facts about a path as a whole.
func (p *htmlPage) said(path *reach.Path) g.Node {
	var facts, codes []g.Node
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, h.Dt(h.Class("dim"), g.Text(name)), h.Dd(said(text)))
		}
	}
	for i, code := range path.Findings {
		if i > 0 {
			codes = append(codes, g.Text(", "))
		}
		if at := p.told[onPath{path.ID, code}]; at != "" {
			codes = append(codes, h.A(h.Href("#"+at), said(code)))
		} else {
			codes = append(codes, said(code))
		}
	}
	if len(codes) > 0 {
		facts = append(facts, h.Dt(h.Class("dim"), g.Text("findings")), h.Dd(codes...))
	}
	add("way", path.ViaWhy())
	add("unknown", path.WhyUnknown())
	add("health", words.Health(path.Health))
	add("callers", words.OtherCallers(path))
	if proof, ok := p.d.Proofs[path.ID]; ok {
		add("measured", proof.Sentence())
	}
	if len(facts) == 0 {
		return nil
	}
	return h.Dl(facts...)
}

// hops explains each hop: who lets it pass or not, what that causes, what would help.
func hops(path *reach.Path) g.Node {
	all := path.Hops()
	if len(all) == 0 {
		return nil
	}
	var lines []g.Node
	for i := range all {
		hop := &all[i]
		access := scene.OfAccess(hop.Access)
		if access == scene.Bad && path.Verdict == reach.Closed {
			access = scene.Calm
		}
		port := ""
		if hop.Port > 0 {
			port = fmt.Sprintf(" :%d", hop.Port)
		}
		if hop.Protocol != "" {
			port += " " + hop.Protocol
		}
		lines = append(lines, h.Li(said(hop.From+" → "+hop.To+port+" "), state(access, string(hop.Access)),
			g.If(hop.Why != "", said(": "+hop.Why)),
			g.If(hop.Symptom != "" && path.Verdict != reach.Closed, said(". Symptom: "+hop.Symptom)),
			g.If(hop.Needed != "" && path.Verdict != reach.Closed, said(". Needed: "+hop.Needed))))
	}
	return h.Ol(h.Class("hops"), g.Group(lines))
}

// taskPorts lists who connects to ports of tasks of whom no path tells.
func (p *htmlPage) taskPorts() g.Node {
	if len(p.d.TaskPorts) == 0 {
		return nil
	}
	var lines []g.Node
	for i := range p.d.TaskPorts {
		t := &p.d.TaskPorts[i]
		lines = append(lines, h.Li(said(t.Ref().String()+": "+words.TaskPort(t))))
	}
	return g.Group{h.H3(g.Text("Besides services and load balancers")), h.Ul(lines...)}
}
