package export_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"golang.org/x/net/html"

	"hopscope/model/export"
	"hopscope/model/modeltest"
	"hopscope/model/report"
)

// written is a report in a format.
func written(t *testing.T, format string, r *report.Report) string {
	t.Helper()
	f, ok := export.Named(format)
	if !ok {
		t.Fatalf("there is no format %q", format)
	}
	var out strings.Builder
	if err := f.Write(&out, &export.Document{Report: r}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestReportsAsPicturesAndText(t *testing.T) {
	t.Parallel()
	all := reports()
	for _, format := range []string{"html", "svg", "mermaid", "text"} {
		for _, name := range []string{"the hop", "hostile names", "denied groups"} {
			if format == "html" && name != "the hop" {
				continue // others are read as a browser does
			}
			t.Run(format+" "+name, func(t *testing.T) { golden.RequireEqual(t, written(t, format, all[name])) })
		}
	}
}

// elements are the nodes of a page, in order.
func elements(t *testing.T, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			out = append(out, n)
		}
	}
	return out
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// content is the text in a node.
func content(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// hostileNames are names that try to become markup, in a page, in an attribute, in a style,
// in a comment, and in SVG.
var hostileNames = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</style><script>alert(1)`,
	`--><script>alert(1)</script>`, `</title></svg><script>alert(1)</script>`, `]]><script>alert(1)</script>`,
	`javascript:alert(1)`, "\x00<\x00script>", "&lt;script&gt;", "a\u202eb\x1b[31m", `<!--`, `<![CDATA[`,
}

func TestAHostileNameIsNothingButTextOnThePage(t *testing.T) {
	t.Parallel()
	plain := elements(t, written(t, "html", hostileReport("plain")))
	shape := func(all []*html.Node) []string {
		var out []string
		for _, n := range all {
			line := n.Data
			for _, a := range n.Attr {
				if line += " " + a.Key; a.Key == "href" || a.Key == "id" || a.Key == "class" {
					line += "=" + a.Val
				}
			}
			out = append(out, line)
		}
		return out
	}
	for _, name := range hostileNames {
		page := elements(t, written(t, "html", hostileReport(name)))
		if got, want := shape(page), shape(plain); !slices.Equal(got, want) {
			t.Errorf("%q changes the page: %q, want %q", name, got, want)
		}
	}
}

func TestAPageRunsNothingAndLoadsNothing(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		styles, policy, policies := "", "", 0
		for _, n := range elements(t, written(t, "html", r)) {
			switch n.Data {
			case "script", "iframe", "img", "link", "object", "embed", "form", "base", "use", "image", "foreignObject":
				t.Errorf("%s: the page has a <%s>", name, n.Data)
			case "style":
				styles = content(n)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" ||
					a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
					t.Errorf("%s: <%s> has %s=%q", name, n.Data, a.Key, a.Val)
				}
			}
			if attribute(n, "http-equiv") == "Content-Security-Policy" {
				policies++
				policy = attribute(n, "content")
			}
		}
		sum := sha256.Sum256([]byte(styles))
		allowed := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		if policies != 1 || !strings.HasPrefix(policy, "default-src 'none'; "+allowed) {
			t.Errorf("%s: %d policies, the last one %q; want %s", name, policies, policy, allowed)
		}
	}
}

// A screen reader goes from heading to heading, and a keyboard from link to link.
func TestThePageIsForScreenReadersAndKeyboards(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		ids, landmarks, level := map[string]bool{}, map[string]int{}, 0
		all := elements(t, written(t, "html", r))
		for _, n := range all {
			if id := attribute(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: two elements are %q", name, id)
				}
				ids[id] = true
			}
			landmarks[n.Data]++
			if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
				next := int(n.Data[1] - '0')
				if next > level+1 {
					t.Errorf("%s: <h%d> follows <h%d>", name, next, level)
				}
				level = next
			}
		}
		for _, landmark := range []string{"header", "nav", "main", "footer", "h1", "title"} {
			if landmarks[landmark] < 1 {
				t.Errorf("%s: there is no <%s>", name, landmark)
			}
		}
		if landmarks["svg"] != len(r.Paths) {
			t.Errorf("%s: %d drawings of %d paths", name, landmarks["svg"], len(r.Paths))
		}
		for _, n := range all {
			for _, id := range strings.Fields(attribute(n, "aria-labelledby")) {
				if !ids[id] {
					t.Errorf("%s: <%s> is labelled by %q, which is not there", name, n.Data, id)
				}
			}
			if at, ok := strings.CutPrefix(attribute(n, "href"), "#"); ok && !ids[at] {
				t.Errorf("%s: a link leads to %q, which is not there", name, at)
			}
		}
	}
}

func TestAHostileNameIsNothingButTextInSVG(t *testing.T) {
	t.Parallel()
	shape := func(name string) (out []string) {
		in := xml.NewDecoder(strings.NewReader(written(t, "svg", hostileReport(name))))
		for {
			token, err := in.Token()
			if errors.Is(err, io.EOF) {
				return out
			}
			if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			if start, ok := token.(xml.StartElement); ok {
				line := start.Name.Local
				for _, a := range start.Attr {
					line += " " + a.Name.Local
				}
				out = append(out, line)
			}
		}
	}
	want := shape("plain")
	for _, name := range hostileNames {
		if got := shape(name); !slices.Equal(got, want) {
			t.Errorf("%q changes the picture: %q, want %q", name, got, want)
		}
	}
	for _, line := range want {
		if strings.HasPrefix(line, "script") || strings.Contains(line, " on") || strings.Contains(line, " href") {
			t.Errorf("the picture has <%s>", line)
		}
	}
}

// fenced are the blocks of a Markdown page.
func fenced(t *testing.T, page string) []string {
	t.Helper()
	var out []string
	for i, part := range strings.Split(page, "```") {
		if i%2 == 1 {
			out = append(out, strings.TrimPrefix(part, "mermaid\n"))
		}
	}
	return out
}

func TestEveryDiagramIsSmallEnoughForItsRenderers(t *testing.T) {
	t.Parallel()
	paths := len(reportOn(modeltest.Article(0, 80)).Paths)
	large := reportOn(modeltest.Article(0, 80))
	for i := range 1200 {
		p := *large.Paths[i%paths]
		p.ID = fmt.Sprint("copy ", i)
		p.Source.Name = fmt.Sprintf("balancer-%d-%s", i, strings.Repeat("x", 60))
		large.Paths = append(large.Paths, &p)
	}
	edges := 0
	blocks := fenced(t, written(t, "mermaid", large))
	for i, block := range blocks {
		n := strings.Count(block, "-->") + strings.Count(block, "-.->") + strings.Count(block, "-.-x")
		if edges += n; n > 500 || len(block) > 50_000 {
			t.Errorf("diagram %d has %d edges and %d characters", i, n, len(block))
		}
	}
	if len(blocks) < 2 || edges < 1200 {
		t.Errorf("%d diagrams with %d edges are not all paths", len(blocks), edges)
	}
}

func TestAHostileNameEndsNoLabelOfADiagram(t *testing.T) {
	t.Parallel()
	names := append(slices.Clone(hostileNames), "a\"]\nclick n1 call alert()", "```\n# heading", "end", "#quot;")
	for _, name := range names {
		blocks := fenced(t, written(t, "mermaid", hostileReport(name)))
		if len(blocks) != 1 {
			t.Errorf("%q makes %d diagrams of one", name, len(blocks))
			continue
		}
		for line := range strings.Lines(blocks[0]) {
			label := strings.Count(line, `"`)
			if label != 0 && label != 2 || strings.ContainsAny(line, "<`&\\{}$%@") ||
				strings.HasPrefix(strings.TrimSpace(line), "click") {
				t.Errorf("%q makes the line %q", name, line)
			}
		}
	}
}

func TestTextInASCIIHasTheSameColumns(t *testing.T) {
	t.Parallel()
	f, _ := export.Named("text")
	for name, r := range reports() {
		var ascii strings.Builder
		if err := f.Write(&ascii, &export.Document{Report: r, ASCII: true}); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(ascii.String(), func(c rune) bool { return c >= 0x80 || c < ' ' && c != '\n' }); i >= 0 {
			t.Errorf("%s: %q is no ASCII", name, ascii.String()[i:])
		}
		if got, want := len(ascii.String()), len([]rune(written(t, "text", r))); got != want {
			t.Errorf("%s: %d characters, and %d in the other form", name, got, want)
		}
	}
}

func TestTheExtensionOfAFileTellsItsFormat(t *testing.T) {
	t.Parallel()
	names, extensions := map[string]bool{}, map[string]bool{}
	for _, f := range export.Formats() {
		if names[f.Name] || extensions[f.Extension] || f.About == "" {
			t.Errorf("%+v is there twice, or says nothing", f)
		}
		names[f.Name], extensions[f.Extension] = true, true
		if got, ok := export.OfFile("Report" + strings.ToUpper(f.Extension)); !ok || got.Name != f.Name {
			t.Errorf("a file %s is taken for %q", f.Extension, got.Name)
		}
	}
	for _, file := range []string{"report", "report.pdf", "html", ""} {
		if f, ok := export.OfFile(file); ok {
			t.Errorf("%q is taken for %s", file, f.Name)
		}
	}
}
