package ui

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/ui/diagram"
	"hopscope/ui/theme"
)

// page is the text of the present tab.
func (s *fixScreen) page(a *App, width int) []paragraph {
	e := explainer{a.theme}
	p := s.plan()
	switch {
	case s.shown == nil:
		return []paragraph{{text: "making the plan", style: e.Accent}}
	case s.shown.err != nil:
		return e.noPlanFor(s.shown.err)
	case p == nil:
		return e.byHand(s.shown.inventory.service(s.wish.ref))
	}
	d := s.dialect()
	if d == fix.Prose {
		return e.plan(s, p, width)
	}
	if s.preview == nil {
		return []paragraph{{text: "writing it", style: e.Accent}}
	}
	t := s.preview.texts[d]
	if t.err != nil {
		return e.sentences("this plan cannot be written as " + dialectName(d) + ": " + t.err.Error())
	}
	return e.script(t.text)
}

func (e explainer) noPlanFor(err error) []paragraph {
	return append(e.sentences(err.Error()), blank, e.fact("next:", "esc goes back"))
}

// script is code, with its comments in the background.
func (e explainer) script(text string) []paragraph {
	var out []paragraph
	for l := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		p := paragraph{text: l, code: true, leadStyle: e.Dim}
		if trimmed := strings.TrimSpace(l); strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "//") {
			p.style = e.Dim
		}
		out = append(out, p)
	}
	return out
}

// byHand is what to do about a service for which there is no plan.
func (e explainer) byHand(s *service) []paragraph {
	if s == nil || len(s.findings) == 0 {
		return []paragraph{{lead: theme.Good.Glyph() + " ", leadStyle: e.State(theme.Good), text: "nothing is left to fix here"}}
	}
	out := []paragraph{{text: "hopscope has no plan for what was found here. By hand:", style: e.Strong}}
	for _, f := range s.findings {
		out = append(out, blank, e.finding(f))
		for i := range f.Fixes {
			out = append(out, e.fact("  fix", f.Fixes[i].Title))
			for n, step := range f.Fixes[i].Steps {
				out = append(out, paragraph{lead: fmt.Sprintf("    %d. ", n+1), leadStyle: e.Dim, text: step})
			}
		}
		if len(f.Fixes) == 0 && f.CausedBy != nil {
			out = append(out, e.fact("  follows from", f.CausedBy.Code))
		}
	}
	return out
}

// plan is a plan for a reader: what most depends on comes first.
func (e explainer) plan(s *fixScreen, p *fix.Plan, width int) []paragraph {
	out := []paragraph{{text: p.Title, style: e.Strong}}
	if len(p.Codes) > 0 {
		label := "repairs"
		if p.Kind == fix.Advice || p.Refusal != nil { // which may be to do nothing, or would not
			label = "about"
		}
		out = append(out, e.fact(label, strings.Join(worstFirst(s.shown.inventory.service(s.wish.ref), p.Codes), ", ")))
	}
	if p.Service != s.wish.ref {
		out = append(out, paragraph{lead: theme.Warn.Glyph() + " ", leadStyle: e.State(theme.Warn), text: "It changes another service: " + p.Service.String(), style: e.Banner})
	}
	steps := append([]paragraph{blank, e.heading("steps")}, e.steps(p)...)
	if r := p.Refusal; r != nil {
		out = append(out,
			paragraph{lead: theme.Bad.Glyph() + " hopscope does not apply this: ", leadStyle: e.State(theme.Bad), text: r.Reason, indent: 2},
			e.fact("  instead:", r.Instead))
	}
	if !s.low && p.Why != "" {
		out = append(out, paragraph{text: p.Why})
	}
	if p.Owner.Tool != fix.UnknownTool {
		out = append(out, e.drift(p.Owner))
	}
	if s.low { // What is sent, and what to know first, are on the first page.
		out = append(append(out, steps...), e.titles("check first:", p.ChecksFirst())...)
		out = append(append(out, e.titles("risks:", p.Risks)...), blank, paragraph{text: p.Why})
		out = append(out, e.pictures(s.preview, width, s.short)...)
	} else {
		out = append(append(out, e.pictures(s.preview, width, false)...), steps...)
	}
	if s.preview != nil {
		if s.preview.diffsErr != nil {
			out = append(append(out, blank), e.sentences("what changes cannot be shown: "+s.preview.diffsErr.Error())...)
		}
		out = append(out, e.diffs(s.preview.diffs)...)
	}
	out = append(out, e.notes("check first", theme.Unknown, p.ChecksFirst())...)
	out = append(out, e.notes("risks", theme.Warn, p.Risks)...)
	out = append(out, e.notes("check before the steps for later", theme.Unknown, p.ChecksLater())...)
	if len(p.Wanted) > 0 {
		out = append(out, blank, e.heading("it worked when"))
		for i := range p.Wanted {
			out = append(out, paragraph{lead: "  " + theme.Good.Glyph() + " ", leadStyle: e.Dim, text: wantedWords(p, &p.Wanted[i])})
		}
	}
	if p.Undo != "" {
		out = append(out, blank, e.heading("undo"), paragraph{lead: "  ", text: p.Undo})
	}
	return append(out, e.others(s, p)...)
}

// titles are notes in a line; they stand in full further down.
func (e explainer) titles(label string, notes []fix.Note) []paragraph {
	if len(notes) == 0 {
		return nil
	}
	all := make([]string, len(notes))
	for i := range notes {
		all[i] = notes[i].Title
	}
	return []paragraph{e.fact(label, strings.Join(all, " · "))}
}

// worstFirst are codes in the order of a service's findings.
func worstFirst(s *service, codes []string) []string {
	if s == nil {
		return codes
	}
	var out []string
	for _, f := range s.findings {
		if slices.Contains(codes, f.Code) && !slices.Contains(out, f.Code) {
			out = append(out, f.Code)
		}
	}
	for _, code := range codes {
		if !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}

// drift says who owns the service, and what that means for a change by API.
func (e explainer) drift(o fix.Owner) paragraph {
	owner := map[fix.Tool]string{
		fix.CloudFormation: "CloudFormation stack " + o.Stack, fix.CDK: "CDK stack " + o.Stack, fix.Terraform: "Terraform",
	}[o.Tool]
	if !o.Sure {
		owner = "perhaps the " + owner
	}
	return paragraph{
		lead: theme.Warn.Glyph() + " ", leadStyle: e.State(theme.Warn), style: e.Banner,
		text: fmt.Sprintf("Owned by %s (%s): a change by API is drift, and its next deployment undoes it. Make it there as well.", owner, o.Evidence),
	}
}

// mostDrawn is the number of paths that a plan is drawn with; the others are a
// line each.
const mostDrawn = 2

// pictures are the paths now and afterwards.
func (e explainer) pictures(v *preview, width int, short bool) []paragraph {
	switch {
	case v == nil:
		return []paragraph{blank, {text: "working out what becomes of the paths", style: e.Dim}}
	case v.err != nil:
		return append([]paragraph{blank}, e.sentences("what becomes of the paths is not known: "+v.err.Error())...)
	}
	var out []paragraph
	if v.byHand {
		out = append(out, blank, paragraph{text: "What the steps by hand come to cannot be tried: it is not in the pictures.", style: e.Dim})
	}
	if !v.tried {
		return append(out, e.onlyNow(v, diagram.Options{Theme: e.Theme, Width: width, Line: short})...)
	}
	drawn := 0
	for i := range v.pairs {
		p := &v.pairs[i]
		if drawn < mostDrawn && p.rank() == 0 || drawn == 0 && p.changed() {
			out = append(out, blank)
			out = append(out, e.nowAndAfter(p, width, short)...)
			drawn++
			continue
		}
		if len(out) > 0 && drawn > 0 && out[len(out)-1].lead == "" {
			out = append(out, blank)
		}
		out = append(out, e.becomes(p))
	}
	return out
}

// onlyNow are the paths that a plan is about, where only a person can say what
// becomes of them.
func (e explainer) onlyNow(v *preview, o diagram.Options) []paragraph {
	var out []paragraph
	drawn := 0
	for i := range v.pairs {
		p := &v.pairs[i]
		if p.now == nil || !p.meant || drawn == mostDrawn {
			continue
		}
		drawn++
		out = append(out, blank, paragraph{text: headline(p.now), style: e.Strong}, e.captioned("now", p.now), e.drawing(p.now, o))
	}
	return out
}

// nowAndAfter draws a path twice: side by side, or one below the other.
func (e explainer) nowAndAfter(p *pair, width int, short bool) []paragraph {
	out := []paragraph{{text: headline(p.path()), style: e.Strong}}
	const gap = 4
	half := (width - gap) / 2
	draw := func(path *reach.Path, width int) *diagram.Diagram {
		return diagram.New(path, diagram.Options{Theme: e.Theme, Width: width})
	}
	if p.now != nil && p.after != nil && !short {
		now, after := draw(p.now, half), draw(p.after, half)
		if whole := draw(p.now, width); whole.Size().Y == now.Size().Y && draw(p.after, width).Size().Y == after.Size().Y {
			left := captionWords("now", p.now)
			pad := strings.Repeat(" ", max(half+gap-len([]rune(left)), 1))
			return append(out,
				paragraph{lead: left + pad, leadStyle: e.State(theme.OfVerdict(p.now.Verdict)), text: captionWords("after", p.after), style: e.State(theme.OfVerdict(p.after.Verdict))},
				paragraph{figures: []figure{{now, 0}, {after, half + gap}}, text: diagram.Text(p.now, copyWidth) + "\n" + captionWords("after", p.after) + "\n" + diagram.Text(p.after, copyWidth)})
		}
	}
	for _, side := range []struct {
		caption string
		path    *reach.Path
	}{{"now", p.now}, {"after", p.after}} {
		if side.path == nil {
			out = append(out, paragraph{lead: "  " + side.caption + ": ", leadStyle: e.Dim, text: "there is no such path"})
			continue
		}
		out = append(out, e.captioned(side.caption, side.path),
			e.drawing(side.path, diagram.Options{Theme: e.Theme, Width: width, Line: short}))
	}
	return out
}

// copyWidth is the width of diagrams on the clipboard.
const copyWidth = 100

func (e explainer) captioned(when string, p *reach.Path) paragraph {
	return paragraph{text: captionWords(when, p), style: e.State(theme.OfVerdict(p.Verdict))}
}

func captionWords(when string, p *reach.Path) string {
	return theme.OfVerdict(p.Verdict).Glyph() + " " + when + ": " + verdictWords(p)
}

// becomes is a path in a line: how it is judged now and afterwards.
func (e explainer) becomes(p *pair) paragraph { return e.becomesOf(p, headline(p.path())) }

// becomesOf is the same under another name.
func (e explainer) becomesOf(p *pair, name string) paragraph {
	words := name + ": "
	state := theme.None
	switch {
	case p.now == nil:
		state, words = theme.OfVerdict(p.after.Verdict), words+"new, "+verdictWords(p.after)
	case p.after == nil:
		words += verdictWords(p.now) + " → no longer there"
		if p.now.Access != reach.Blocked { // somebody gets through now
			state = theme.Bad
		}
	case !p.changed():
		state, words = theme.OfVerdict(p.after.Verdict), words+"stays "+verdictWords(p.after)
	default:
		state, words = theme.OfVerdict(p.after.Verdict), words+changeWords(p.now, p.after)
	}
	return paragraph{lead: state.Glyph() + " ", leadStyle: e.State(state), text: words}
}

// changeWords are two verdicts, with the ports on the wire where these differ.
func changeWords(now, after *reach.Path) string {
	from, to := verdictWords(now), verdictWords(after)
	if a, b := now.Target.WirePort, after.Target.WirePort; a != b && a > 0 && b > 0 {
		from, to = fmt.Sprintf("%s on port %d", from, a), fmt.Sprintf("%s on port %d", to, b)
	}
	return from + " → " + to
}

// steps are numbered in the order in which they are carried out.
func (e explainer) steps(p *fix.Plan) []paragraph {
	var out []paragraph
	for i := range p.Steps {
		step := &p.Steps[i]
		text := step.Title
		switch {
		case step.Later:
			text = "later, when it is verified, if you want: " + text
		case step.Kind == fix.ByHand:
			text = "by hand: " + text
		}
		out = append(out, paragraph{lead: fmt.Sprintf("%2d. ", i+1), leadStyle: e.Dim, text: text})
		if step.Command != "" {
			out = append(out, paragraph{text: "    $ " + step.Command, code: true, style: e.Dim, leadStyle: e.Dim})
		}
	}
	return out
}

func (e explainer) notes(heading string, s theme.State, notes []fix.Note) []paragraph {
	if len(notes) == 0 {
		return nil
	}
	out := []paragraph{blank, e.heading(heading)}
	for i := range notes {
		n := &notes[i]
		out = append(out, paragraph{lead: "  " + s.Glyph() + " ", leadStyle: e.State(s), text: n.Title, style: e.Strong})
		if n.Detail != "" {
			out = append(out, paragraph{lead: "    ", text: n.Detail})
		}
		if n.Command != "" {
			out = append(out, paragraph{text: "    $ " + n.Command, code: true, style: e.Dim, leadStyle: e.Dim})
		}
	}
	return out
}

// wantedWords are an expectation of a plan in a sentence.
func wantedWords(p *fix.Plan, w *fix.Expectation) string {
	from := w.From
	switch w.Source {
	case reach.SourceHealthCheck:
		from = "health check of " + from
	case reach.SourceServiceConnect, reach.SourceServiceDiscovery, reach.SourceLoadBalancer, reach.SourceServiceGateway, reach.SourceVPCLattice:
	}
	if from == "" {
		from = "callers"
	}
	to := fmt.Sprintf("%s:%d", p.Service.Service, w.ContainerPort)
	path := reach.Path{Verdict: w.Verdict, Via: w.Via, Access: w.Access}
	if w.Others > 0 {
		from += fmt.Sprintf(" and %d more like it", w.Others)
	}
	return fmt.Sprintf("%s → %s: %s", from, to, verdictWords(&path))
}

// others names the plans that there are besides.
func (e explainer) others(s *fixScreen, p *fix.Plan) []paragraph {
	var instead, besides []paragraph
	for i := range s.shown.plans {
		o := &s.shown.plans[i]
		if o.ID == p.ID {
			continue
		}
		line := paragraph{lead: fmt.Sprintf("  %d. ", i+1), leadStyle: e.Dim, text: o.Title}
		if slices.ContainsFunc(o.Codes, func(code string) bool { return slices.Contains(p.Codes, code) }) {
			instead = append(instead, line)
		} else {
			besides = append(besides, line)
		}
	}
	var out []paragraph
	if len(instead) > 0 {
		out = append(append(out, blank, e.heading("instead of this one (n N)")), instead...)
	}
	if len(besides) > 0 {
		out = append(append(out, blank, e.heading("for other findings here (p makes one deployment of several)")), besides...)
	}
	return out
}

// pathsNow are the paths into a service as they are in the present inventory.
func (e explainer) pathsNow(a *App, about model.Ref, width int) []paragraph {
	switch {
	case a.loading.busy() || a.inventory == nil:
		return []paragraph{blank, {text: "reading the account again", style: e.Dim}}
	case a.loading.failure != "":
		return append([]paragraph{blank}, e.sentences("how the paths are now is not known: "+a.loading.failure)...)
	}
	s := a.inventory.service(about)
	if s == nil {
		return nil
	}
	var out []paragraph
	for i, path := range s.paths {
		state := theme.OfVerdict(path.Verdict)
		out = append(out, blank, paragraph{lead: state.Glyph() + " ", leadStyle: e.State(state), text: headline(path) + ": " + verdictWords(path), style: e.Strong})
		if i < mostDrawn {
			out = append(out, e.picture(path, width))
		}
	}
	return out
}

// picture is a path, drawn.
func (e explainer) picture(p *reach.Path, width int) paragraph {
	return e.drawing(p, diagram.Options{Theme: e.Theme, Width: width})
}

func (explainer) drawing(p *reach.Path, o diagram.Options) paragraph {
	return paragraph{figures: []figure{{diagram.New(p, o), 0}}, text: diagram.Text(p, copyWidth)}
}
