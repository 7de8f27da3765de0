package export

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
	"hopscope/model/words"
)

// markdown builds the text of a report for a ticket.
type markdown struct {
	strings.Builder
	r     *report.Report
	lines map[string]string // path ID → its line
}

// Markdown writes the report for a ticket or a pull request: what is wrong
// first, with the evidence and the next steps, then every path. Where the
// reading was incomplete it says so before anything else.
func Markdown(w io.Writer, r *report.Report) error {
	m := &markdown{r: r, lines: make(map[string]string, len(r.Paths))}
	for _, p := range r.Paths {
		m.lines[p.ID] = Line(p)
	}
	m.head()
	m.gaps()
	m.assertions()
	m.findings()
	m.accepted()
	m.paths()
	m.foot()
	_, err := io.WriteString(w, m.String())
	return err
}

func (m *markdown) printf(format string, args ...any) { fmt.Fprintf(&m.Builder, format, args...) }

func (m *markdown) head() {
	m.printf("# Request paths of %s\n\n", prose(Scope(m.r)))
	m.printf("**%s**", prose(Summary(m.r)))
	if !m.r.CollectedAt.IsZero() {
		m.printf(" · read %s", m.r.CollectedAt.UTC().Format(time.RFC3339))
	}
	if m.r.Origin != "" {
		m.printf(" from %s", code(m.r.Origin))
	}
	m.printf("\n\n")
}

func (m *markdown) gaps() {
	if m.r.Complete && len(m.r.Gaps) == 0 {
		return
	}
	m.printf("## Not everything could be read\n\nWhat depends on the following is *unknown* below, not fine.\n\n")
	for i := range m.r.Gaps {
		g := &m.r.Gaps[i]
		m.printf("- %s%s: %s", code(string(g.Action)), forResource(g), prose(string(g.State)))
		if g.Error != "" {
			m.printf(" (%s)", prose(g.Error))
		}
		for _, sentence := range []string{g.Effect, g.Message} {
			if sentence != "" {
				m.printf("; %s", prose(sentence))
			}
		}
		m.printf("\n")
	}
	if len(m.r.Gaps) == 0 {
		m.printf("- the reading was not finished\n")
	}
	if n := m.r.NotChecked; len(n) > 0 {
		m.printf("\nNot checked because of that: %s.\n", prose(strings.Join(NotChecked(n), ", ")))
	}
	m.printf("\n")
}

func forResource(g *model.Gap) string {
	if g.Resource == "" {
		return ""
	}
	return " for " + code(g.Resource)
}

func (m *markdown) findings() {
	m.printf("## Findings\n\n")
	if len(m.r.Findings) == m.r.Accepted() {
		m.printf("None.\n\n")
		return
	}
	for _, f := range Fold(m.r.Findings) {
		if f.Accepted == nil {
			m.finding(f)
		}
	}
}

func (m *markdown) finding(f Folded) {
	m.printf("### %s %s: %s\n\n", prose(f.Code), f.Severity, prose(f.Title))
	switch {
	case f.Service != "":
		m.printf("Service %s", code(f.Ref().String()))
	case f.Cluster != "":
		m.printf("Cluster %s", code(f.Cluster))
	default:
		m.printf("The account as a whole")
	}
	if line := m.lines[f.Path]; line != "" {
		m.printf(", path %s", code(line))
	}
	if f.Confidence != "" && f.Confidence != rule.High {
		m.printf(", %s confidence", f.Confidence)
	}
	m.printf("\n\n")
	if f.Detail != "" {
		m.printf("%s\n\n", prose(f.Detail))
	}
	m.evidence(f.Evidence)
	for i := range f.Fixes {
		m.fix(&f.Fixes[i])
	}
	if len(f.Consequences) > 0 {
		m.printf("Follows from it, and goes away with it:\n\n")
		for _, c := range f.Consequences {
			m.printf("- %s %s: %s\n", prose(c.Code), c.Severity, prose(c.Title))
		}
		m.printf("\n")
	}
}

func (m *markdown) evidence(all []reach.Evidence) {
	if len(all) == 0 {
		return
	}
	m.printf("Evidence:\n\n")
	for _, e := range all {
		m.printf("- %s", code(e.Fact))
		if e.From != "" {
			m.printf(" (%s)", prose(e.From))
		}
		m.printf("\n")
	}
	m.printf("\n")
}

func (m *markdown) fix(f *report.Fix) {
	m.printf("Next step: %s\n\n", prose(f.Title))
	for i, step := range f.Steps {
		m.printf("%d. %s\n", i+1, prose(step))
	}
	if len(f.Steps) > 0 {
		m.printf("\n")
	}
}

func (m *markdown) paths() {
	m.printf("## Paths\n\n")
	if len(m.r.Paths) == 0 {
		m.printf("None.\n\n")
		m.taskPorts()
		return
	}
	m.printf("| verdict | service | path | access | findings, or why it is unknown |\n|---|---|---|---|---|\n")
	for _, p := range m.r.Paths {
		m.printf("| %s | %s | %s | %s | %s |\n", prose(words.Verdict(p)), prose(p.Target.Ref().String()),
			cellCode(m.lines[p.ID]), prose(string(p.Access)),
			prose(strings.Join(slices.Concat(p.Findings, reasons(p), m.seen(p)), ", ")))
	}
	m.printf("\n")
	m.proofs()
	m.taskPorts()
}

// proofs lists what counts say about the ways of load balancers.
func (m *markdown) proofs() {
	if len(m.r.Proofs) == 0 {
		return
	}
	m.printf("Measured:\n\n")
	for _, p := range m.r.Paths {
		if proof, ok := m.r.Proofs[p.ID]; ok {
			m.printf("- %s: %s\n", code(m.lines[p.ID]), prose(proof.Sentence()))
		}
	}
	m.printf("\n")
}

// seen is which callers of a path metrics saw.
func (m *markdown) seen(p *reach.Path) []string {
	if seen, known := m.r.Seen[p.ID]; known {
		if text := words.SeenCalling(p, seen); text != "" {
			return []string{text}
		}
	}
	return nil
}

// taskPorts lists who connects to ports of tasks of whom no path tells.
func (m *markdown) taskPorts() {
	if len(m.r.TaskPorts) == 0 {
		return
	}
	m.printf("Besides services and load balancers:\n\n")
	for i := range m.r.TaskPorts {
		t := &m.r.TaskPorts[i]
		m.printf("- %s: %s\n", code(t.Ref().String()), prose(words.TaskPort(t)))
	}
	m.printf("\n")
}

// reasons is how its targets are, unless all are healthy, which tasks call that no service
// started, and why a path is unknown.
func reasons(p *reach.Path) []string {
	var out []string
	if text := words.UnhealthyTargets(p.Health); text != "" {
		out = append(out, text)
	}
	if text := words.OtherCallers(p); text != "" {
		out = append(out, text)
	}
	if why := p.WhyUnknown(); why != "" {
		out = append(out, why)
	}
	return out
}

func (m *markdown) foot() { m.printf("%s\n", prose(Completeness(m.r))) }
