package export

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hopscope/model"
	"hopscope/model/diff"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// DiffJSON writes a comparison of two readings for programs.
func DiffJSON(w io.Writer, d *diff.Document) error { return Indented(w, d) }

// maxComment is how long a Markdown comparison is at most: GitHub refuses a comment of
// more than 65,536 characters.
const maxComment = 60_000

// shownBehind is how many facts stand beside a path before they are counted.
const shownBehind = 4

// comparison builds the text of a comparison for a pull request.
type comparison struct {
	strings.Builder
	d     *diff.Document
	facts map[string]string
}

// DiffMarkdown writes a comparison of two readings for a pull request: what changed for
// the worse first, with the facts behind it, and the rest of the facts folded.
func DiffMarkdown(w io.Writer, d *diff.Document) error {
	c := &comparison{d: d, facts: Sentences(d)}
	c.head()
	c.paths()
	c.findings("New findings", d.Findings.New)
	c.findings("Findings of another severity", d.Findings.Changed)
	c.findings("Findings that are gone", d.Findings.Gone)
	c.otherFacts()
	text := c.String()
	if len(text) > maxComment {
		cut := strings.LastIndexByte(text[:maxComment], '\n')
		text = text[:cut+1] + "\n*A comment has no room for the rest, which `hopscope diff --format json` has.*\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// Sentences are the sentences of the facts of a comparison, by ID.
func Sentences(d *diff.Document) map[string]string {
	out := make(map[string]string, len(d.Facts))
	for i := range d.Facts {
		out[d.Facts[i].ID] = d.Facts[i].Sentence()
	}
	return out
}

// DiffSummary says in one line what differs: "1 path worse, 2 better · 1 new error, 3 findings
// gone".
func DiffSummary(d *diff.Document) string {
	if d.Empty() {
		if len(d.Facts) > 0 {
			return "no path and no finding differs, although " + words.Count(len(d.Facts), "fact") + " did change"
		}
		return "nothing differs"
	}
	counts := map[diff.Direction]int{}
	for i := range d.Paths {
		counts[d.Paths[i].Direction]++
	}
	var paths []string
	for _, direction := range []diff.Direction{diff.Worse, diff.Better, diff.Neither} {
		n := counts[direction]
		switch {
		case n == 0:
		case direction == diff.Neither:
			paths = append(paths, fmt.Sprintf("%d otherwise changed", n))
		default:
			paths = append(paths, fmt.Sprintf("%d %s", n, direction))
		}
	}
	var parts []string
	if len(paths) > 0 {
		parts = append(parts, words.Count(len(d.Paths), "path")+": "+strings.Join(paths, ", "))
	}
	if found := newFindings(d); found != "" {
		parts = append(parts, found)
	}
	return strings.Join(parts, " · ")
}

// newFindings counts findings: "1 new error, 1 new info, 2 findings gone".
func newFindings(d *diff.Document) string {
	counts := map[string]int{}
	for i := range d.Findings.New {
		counts[string(d.Findings.New[i].Severity)]++
	}
	var out []string
	for _, severity := range []string{"error", "warning", "info"} {
		if n := counts[severity]; n > 0 {
			out = append(out, words.Count(n, "new "+severity))
		}
	}
	if n := len(d.Findings.Changed); n > 0 {
		out = append(out, words.Count(n, "finding")+" of another severity")
	}
	if n := len(d.Findings.Gone); n > 0 {
		out = append(out, words.Count(n, "finding")+" gone")
	}
	return strings.Join(out, ", ")
}

func (c *comparison) printf(format string, args ...any) { fmt.Fprintf(&c.Builder, format, args...) }

func (c *comparison) head() {
	c.printf("## Request paths\n\n**%s**\n\n", prose(DiffSummary(c.d)))
	c.printf("%s → %s\n\n", prose(ReadingName(&c.d.Before)), prose(ReadingName(&c.d.After)))
	for _, note := range c.d.Notes {
		c.printf("> %s\n", prose(note))
	}
	if len(c.d.Notes) > 0 {
		c.printf("\n")
	}
}

// ReadingName says which reading it is: "prod · eu-west-1 · 123456789012, 2026-11-29 09:00 UTC".
func ReadingName(r *diff.Reading) string {
	name := strings.Join(r.Scope.Clusters, ", ")
	for _, part := range []string{r.Scope.Region, r.Scope.Account} {
		if part != "" {
			name += " · " + part
		}
	}
	name = cmp.Or(strings.TrimPrefix(name, " · "), "no cluster")
	if !r.CollectedAt.IsZero() {
		name += ", " + r.CollectedAt.UTC().Format(time.DateTime) + " UTC"
	}
	if !r.Complete {
		name += " (incomplete)"
	}
	return name
}

// directions are in the order in which a reader wants them, with their marks.
var directions = []struct {
	diff.Direction
	mark string
}{{diff.Worse, "🔴 worse"}, {diff.Better, "🟢 better"}, {diff.Neither, "⚪"}}

func (c *comparison) paths() {
	if len(c.d.Paths) == 0 {
		return
	}
	c.printf("| | path | before | after | because |\n|---|---|---|---|---|\n")
	for _, direction := range directions {
		for i := range c.d.Paths {
			if p := &c.d.Paths[i]; p.Direction == direction.Direction {
				c.printf("| %s | %s | %s | %s | %s |\n", direction.mark, cellCode(p.Name), prose(StateName(p.Before)),
					prose(StateName(p.After)), c.because(p))
			}
		}
	}
	c.printf("\n")
}

// StateName is how a path is judged, which way it goes and to which port: "unnecessary hop,
// agent on port 80".
func StateName(s *diff.State) string {
	if s == nil {
		return "–"
	}
	name := strings.ReplaceAll(string(s.Verdict), "-", " ")
	if s.Access == reach.Blocked && s.Verdict != reach.Closed {
		name += ", blocked"
	}
	switch s.Via {
	case reach.ViaAgent:
		name += ", agent"
	case reach.ViaDirect:
		name += ", app itself"
	case reach.ViaUnknown:
		name += ", way not known"
	}
	if s.Port != 0 {
		name += fmt.Sprintf(" on port %d", s.Port)
	}
	if s.Health != "" {
		name += ", " + s.Health
	}
	return name
}

// because are the facts behind the change of a path, in a cell of a table.
func (c *comparison) because(p *diff.Path) string {
	var out []string
	for _, line := range Because(p, c.facts, shownBehind) {
		out = append(out, prose(line))
	}
	return strings.Join(out, "<br>")
}

// Because are the sentences that say what is behind the change of a path; of many facts the
// first ones.
func Because(p *diff.Path, facts map[string]string, shown int) []string {
	var out []string
	if p.Unread != "" {
		out = append(out, "not known: "+p.Unread)
	}
	for _, moved := range []struct {
		callers *diff.Callers
		verb    string
	}{{p.CallersGained, " may call it now"}, {p.CallersLost, " may call it no more"}} {
		if moved.callers != nil {
			out = append(out, callerNames(moved.callers)+moved.verb)
		}
	}
	for i, id := range p.Facts {
		if more := len(p.Facts) - shown; i == shown && more > 1 {
			return append(out, fmt.Sprintf("and %d more facts", more))
		}
		out = append(out, facts[id])
	}
	return out
}

func callerNames(c *diff.Callers) string {
	names := make([]string, 0, model.NamesShown)
	for _, ref := range c.Services[:min(len(c.Services), model.NamesShown)] {
		names = append(names, ref.String())
	}
	return model.Names(names, c.Count)
}

func (c *comparison) findings(title string, all []diff.Finding) {
	if len(all) == 0 {
		return
	}
	c.printf("### %s\n\n", title)
	for i := range all {
		f := &all[i]
		c.printf("- **%s** %s", prose(f.Code), f.Severity)
		if f.Was != "" {
			c.printf(" (was %s)", f.Was)
		}
		if f.Service != "" {
			c.printf(" %s", code(f.Ref().String()))
		}
		c.printf(": %s", prose(f.Title))
		if f.Unread != "" {
			c.printf(" — not known: %s", prose(f.Unread))
		}
		c.printf("\n")
	}
	c.printf("\n")
}

// otherFacts are those that stand behind nothing above.
func (c *comparison) otherFacts() {
	others := OtherFacts(c.d)
	if len(others) == 0 {
		return
	}
	c.printf("<details><summary>%s besides</summary>\n\n", words.Count(len(others), "fact")+" changed")
	for _, f := range others {
		c.printf("- %s\n", prose(f.Sentence()))
	}
	c.printf("\n</details>\n")
}

// OtherFacts are the facts that differ and are behind no path that does.
func OtherFacts(d *diff.Document) []*diff.Fact {
	told := map[string]bool{}
	for i := range d.Paths {
		for _, id := range d.Paths[i].Facts {
			told[id] = true
		}
	}
	var out []*diff.Fact
	for i := range d.Facts {
		if !told[d.Facts[i].ID] {
			out = append(out, &d.Facts[i])
		}
	}
	return slices.Clip(out)
}
