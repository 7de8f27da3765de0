package export

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/scene"
	"hopscope/model/words"
)

// Limits of a Mermaid diagram, as its renderers have them (maxTextSize and maxEdges): what
// is larger is an error message instead of a picture.
const (
	mermaidBytes = 50_000
	mermaidEdges = 500
)

// Mermaid writes the document as Markdown with a diagram of the ways into each service,
// several where one would be too large.
func Mermaid(w io.Writer, d *Document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Request paths of %s\n\n**%s**\n", prose(Scope(d.Report)), prose(Summary(d.Report)))
	for i := range d.Gaps {
		fmt.Fprintf(&b, "\n- not read: %s", prose(Gap(&d.Gaps[i])))
	}
	if len(d.Gaps) > 0 {
		b.WriteByte('\n')
	}
	for i := 0; i < len(d.Paths); {
		service := d.Paths[i].Target.Ref()
		n := 1
		for i+n < len(d.Paths) && d.Paths[i+n].Target.Ref() == service {
			n++
		}
		fmt.Fprintf(&b, "\n## %s\n", prose(service.String()))
		mermaidService(&b, d.Paths[i:i+n])
		i += n
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mermaidService writes the diagrams of the paths into a service, and says below each what
// is in it.
func mermaidService(b *strings.Builder, paths []*reach.Path) {
	for len(paths) > 0 {
		c := newChart(paths[0].Target.Ref())
		n := 0
		for n < len(paths) && (c.add(paths[n]) || n == 0) {
			n++
		}
		b.WriteString("\n```mermaid\n" + c.String() + "```\n\n")
		for _, p := range paths[:n] {
			fmt.Fprintf(b, "- %s %s: %s", scene.OfVerdict(p.Observed()).Glyph(), prose(words.Path(p)), prose(words.Verdict(p)))
			if why := p.WhyUnknown(); why != "" {
				b.WriteString(": " + prose(why))
			}
			b.WriteByte('\n')
		}
		paths = paths[n:]
	}
}

// chart is a diagram: boxes that several paths share are one.
type chart struct {
	service model.Ref
	// outside and task are the nodes around and in the task, by what they say.
	outside, task []string
	edges         []string
	// states are those of the edges, by their number.
	states []scene.State
	ids    map[string]string
	size   int
}

func newChart(service model.Ref) *chart { return &chart{service: service, ids: map[string]string{}} }

// add adds a path, unless the diagram would be too large with it. One path never is.
func (c *chart) add(p *reach.Path) bool {
	before := *c
	before.ids = nil
	c.scene(p)
	if len(c.edges) <= mermaidEdges && c.size <= mermaidBytes {
		return true
	}
	if len(before.edges) > 0 {
		c.outside, c.task, c.edges, c.states, c.size = before.outside, before.task, before.edges, before.states, before.size
	}
	return false
}

func (c *chart) scene(p *reach.Path) {
	s := scene.New(p)
	from := ""
	if s.Entry != "" {
		from = c.node(&c.outside, "([", s.Entry, "])")
		c.edge(from, c.source(&s.Sources[0]), &s.Lead)
	}
	for i := range s.Sources {
		from = c.source(&s.Sources[i])
		if i+1 < len(s.Sources) {
			c.edge(from, c.source(&s.Sources[i+1]), &s.Sources[i].Out)
		}
	}
	app := c.node(&c.task, "[", s.Task.App, "]")
	switch s.Task.Via {
	case reach.ViaAgent:
		agent := c.node(&c.task, "([", s.Task.Agent, "])")
		c.edge(from, agent, s.Into())
		c.edge(agent, app, &s.Task.Inner)
	case reach.ViaDirect:
		c.edge(from, app, s.Into())
	default:
		agent := c.node(&c.task, "([", "agent ?", "])")
		c.edge(from, agent, s.Into())
		c.edge(agent, app, &scene.Wire{Mark: scene.Unjudged, State: scene.Unknown, Word: "unknown"})
	}
}

// source is the node of a load balancer, or of callers and what in their tasks connects.
func (c *chart) source(s *scene.Source) string {
	label := s.Text
	switch {
	case s.Inner.Exists():
		label = s.Name + ": app, " + s.Text
	case s.Name != "" && s.Calls:
		label = s.Name + ": " + s.Text
	case s.Name != "":
		label = s.Name + ", " + s.Text
	}
	return c.node(&c.outside, "[", label, "]")
}

// node is the identity of a node with a label, which is added if it is new.
func (c *chart) node(to *[]string, left, label, right string) string {
	const most = 120
	line := left + `"` + mermaidText(text.Elide(label, most)) + `"` + right
	key := line
	if to == &c.task {
		key = "task " + line
	}
	if c.ids[key] == "" {
		c.ids[key] = fmt.Sprintf("n%d", len(c.ids)+1)
	}
	id := c.ids[key]
	if !slices.Contains(*to, id+line) {
		*to = append(*to, id+line)
		c.size += len(id+line) + len("\n    ")
	}
	return id
}

// edge adds a wire, once.
func (c *chart) edge(from, to string, w *scene.Wire) {
	arrow := map[scene.Mark]string{scene.Passes: "-->", scene.Refused: "-.-x", scene.Unjudged: "-.->"}[w.Mark]
	label := strings.TrimSpace(w.Port + " " + w.Word)
	if label != "" {
		arrow += `|"` + mermaidText(label) + `"|`
	}
	line := from + " " + arrow + " " + to
	if i := slices.Index(c.edges, line); i >= 0 {
		c.states[i] = max(c.states[i], w.State)
		return
	}
	c.edges, c.states = append(c.edges, line), append(c.states, w.State)
	const style = len("  linkStyle 500 stroke:#8250df,color:#8250df\n")
	c.size += len(line) + style + len("\n  ")
}

// mermaidColours are those of edges, readable on light and on dark.
var mermaidColours = map[scene.State]string{
	scene.Good: "#2da44e", scene.Warn: "#bf8700", scene.Bad: "#e5484d", scene.Unknown: "#9a6ee8",
}

// String is the source of the diagram.
func (c *chart) String() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for _, n := range c.outside {
		b.WriteString("  " + n + "\n")
	}
	fmt.Fprintf(&b, "  subgraph task[\"%s\"]\n", mermaidText("task of "+c.service.Service))
	for _, n := range c.task {
		b.WriteString("    " + n + "\n")
	}
	b.WriteString("  end\n")
	for _, e := range c.edges {
		b.WriteString("  " + e + "\n")
	}
	for i, s := range c.states {
		if colour := mermaidColours[s]; colour != "" {
			fmt.Fprintf(&b, "  linkStyle %d stroke:%s\n", i, colour)
		}
	}
	return b.String()
}

// mermaidText is untrusted text for a quoted label: all but letters, digits and a few signs
// without a meaning is written as a number, so that it is neither Mermaid nor HTML.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range text.Clean(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" :.,-?/", r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}
