package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/export"
	"hopscope/model/observe"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
	"hopscope/model/words"
	"hopscope/ui/theme"
)

// human is the report for someone in the middle of an incident: how it ended,
// what is wrong with evidence and the next step, then the paths, then what is
// missing.
type human struct {
	width int
	// from are the flags that name the source, for the next command.
	from []string
}

func newHuman(width int, from ...string) human { return human{width: width, from: from} }

func (h human) render(w io.Writer, r *report.Report) error {
	p := &humanPage{page: newPage(w, h.width), report: r, from: h.from, paths: make(map[string]*reach.Path, len(r.Paths))}
	for _, path := range r.Paths {
		p.paths[path.ID] = path
	}
	p.head()
	p.assertions()
	for _, f := range export.Fold(r.Findings) {
		if f.Accepted == nil {
			p.finding(f)
		}
	}
	p.accepted()
	p.allPaths()
	p.gaps()
	p.printf("%s\n", p.dim(export.Completeness(r)))
	p.closing()
	return p.flush()
}

// closing says once more, below all that was printed, how many findings there are, and what
// to do next.
func (p *humanPage) closing() {
	counts, repaired := map[rule.Severity]int{}, false
	for i := range p.report.Findings {
		f := &p.report.Findings[i]
		if f.Accepted != nil {
			continue
		}
		counts[f.Severity]++
		repaired = repaired || len(f.Fixes) > 0
	}
	unknown := export.Unknown(p.report)
	if counts[rule.Error]+counts[rule.Warning]+unknown == 0 {
		return
	}
	said := words.Count(counts[rule.Error], "error") + ", " + words.Count(counts[rule.Warning], "warning")
	if unknown > 0 {
		said += ", " + words.Count(unknown, "path") + " unknown"
	}
	if repaired {
		said += "; next: " + fixCommand(p.from)
	}
	p.wrapped(0, "", said)
}

type humanPage struct {
	*page
	report *report.Report
	from   []string
	paths  map[string]*reach.Path
}

func (p *humanPage) head() {
	p.headline(0, export.Scope(p.report))
	worst := theme.Good
	for i := range p.report.Findings {
		if f := &p.report.Findings[i]; f.Accepted == nil {
			worst = max(worst, theme.OfSeverity(f.Severity))
		}
	}
	if worst < theme.Unknown && (!p.report.Complete || export.Unknown(p.report) > 0) {
		worst = theme.Unknown
	}
	p.wrapped(0, p.state(worst, worst.Glyph())+" ", export.Summary(p.report))
	p.printf("\n")
}

// finding draws a finding and folds what follows from it beneath.
func (p *humanPage) finding(f export.Folded) {
	state := theme.OfSeverity(f.Severity)
	p.printf("%s %s  %s\n", p.state(state, state.Glyph()+" "+string(f.Severity)), p.strong(f.Code),
		p.dim(f.Ref().String()))
	p.headline(2, f.Title)
	if path := p.paths[f.Path]; path != nil {
		p.wrapped(2, "", export.Line(path))
	}
	if f.Detail != "" {
		p.wrapped(2, "", f.Detail)
	}
	label := "because  "
	for _, e := range f.Evidence {
		p.wrapped(2, label, evidence(e))
		label = strings.Repeat(" ", len(label))
	}
	for i := range f.Fixes {
		label := "next     "
		if i > 0 { // any of them repairs it
			label = "or       "
		}
		p.fix(label, &f.Fixes[i])
	}
	if slices.ContainsFunc(f.Fixes, func(x report.Fix) bool { return x.Appliable }) {
		p.printf("  plan     %s\n", fixCommand(p.from, "--service", f.Ref().String()))
	}
	if f.Confidence != "" && f.Confidence != rule.High {
		p.wrapped(2, "sure     ", string(f.Confidence)+" confidence")
	}
	for _, c := range f.Consequences {
		p.wrapped(2, "└ so     ", fmt.Sprintf("%s %s: %s", c.Code, c.Severity, c.Title))
	}
	p.printf("\n")
}

func evidence(e reach.Evidence) string {
	if e.From == "" {
		return e.Fact
	}
	return fmt.Sprintf("%s (%s)", e.Fact, e.From)
}

func (p *humanPage) fix(label string, f *report.Fix) {
	p.wrapped(2, label, f.Title)
	for i, step := range f.Steps {
		p.wrapped(len("  next     "), fmt.Sprintf("%d. ", i+1), step)
	}
}

// allPaths lists the paths under the service that they lead to.
func (p *humanPage) allPaths() {
	ports := p.report.TaskPorts
	if len(p.report.Paths)+len(ports) == 0 {
		return
	}
	widest := 0
	for _, path := range p.report.Paths {
		widest = max(widest, text.Width(words.Verdict(path)))
	}
	var service model.Ref
	for i, path := range p.report.Paths {
		if ref := path.Target.Ref(); i == 0 || ref != service {
			ports = p.taskPorts(ports, service, ref)
			service = ref
			p.printf("%s\n", p.strong(ref.String()))
		}
		state := theme.OfVerdict(path.Observed())
		line := export.Line(path)
		if len(path.Findings) > 0 {
			line += " · " + strings.Join(path.Findings, " ")
		}
		if targets := words.UnhealthyTargets(path.Health); targets != "" {
			line += " · " + targets
		}
		if others := words.OtherCallers(path); others != "" {
			line += " · " + others
		}
		if seen, known := p.report.Seen[path.ID]; known {
			if text := words.SeenCalling(path, seen); text != "" {
				line += " · " + text
			}
		}
		if why := path.WhyUnknown(); why != "" {
			line += " · " + why
		}
		verdict := fmt.Sprintf("%s %-*s  ", state.Glyph(), widest, words.Verdict(path))
		p.wrapped(2, p.state(state, verdict), line)
		if proof, ok := p.report.Proofs[path.ID]; ok {
			p.wrapped(4, "measured: ", proof.Sentence())
		}
	}
	p.taskPorts(ports, service, model.Ref{})
	p.agentQuery()
	p.printf("\n")
}

// agentQuery says how to measure what the price of a hop is an estimate of.
func (p *humanPage) agentQuery() {
	for _, proof := range p.report.Proofs {
		if proof.Price == nil || proof.Price.ConnectionsPerSecond > 0 {
			continue
		}
		p.wrapped(2, "", "The agents' own time is in their logs, where these are JSON. In Logs Insights, on the log group "+
			"of Service Connect's logConfiguration: "+strings.ReplaceAll(observe.AgentQuery, "\n", " "))
		return
	}
}

// taskPorts says who else connects to the ports of a service, which is above, and of those
// before the next one, to which no path leads; of all of them, where there is no next one.
// It returns those that are left.
func (p *humanPage) taskPorts(all []reach.TaskPort, above, next model.Ref) []reach.TaskPort {
	for i := range all {
		ref := all[i].Ref()
		if next != (model.Ref{}) && ref.Compare(next) >= 0 {
			return all[i:]
		}
		if ref != above {
			above = ref
			p.printf("%s\n", p.strong(ref.String()))
		}
		p.wrapped(2, "+ ", words.TaskPort(&all[i]))
	}
	return nil
}

// gaps lists what could not be read and what that leaves unknown.
func (p *humanPage) gaps() {
	if p.report.Complete && len(p.report.Gaps) == 0 && len(p.report.NotChecked) == 0 {
		return
	}
	p.printf("%s\n", p.strong("Not read"))
	if len(p.report.Gaps) == 0 {
		p.wrapped(2, "", "the reading was not finished")
	}
	gaps := slices.Clone(p.report.Gaps)
	slices.SortStableFunc(gaps, func(a, b model.Gap) int { return cmp.Compare(a.Action, b.Action) })
	for i := range gaps {
		p.wrapped(2, "", gapLine(&gaps[i]))
	}
	for _, n := range export.NotChecked(p.report.NotChecked) {
		p.wrapped(2, "", "not checked: "+n)
	}
	p.printf("\n")
}

// gapLine is a gap in one line: what happened, what to do, what it leaves
// unknown.
func gapLine(g *model.Gap) string {
	what := string(g.Action)
	if g.Resource != "" {
		what += " for " + g.Resource
	}
	line := fmt.Sprintf("%s: %s (%s)", what, g.State, cmp.Or(g.Error, "no reason given"))
	if said, ok := strings.CutPrefix(g.Message, string(g.Action)+" "); ok {
		line = what + " " + said // "ecs:ListServices is not allowed; add it to …"
	} else if g.Message != "" {
		line = what + ": " + g.Message
	}
	if g.Effect != "" {
		line += "; " + g.Effect
	}
	return line
}
