package ui

import (
	"fmt"
	"strings"

	"hopscope/model/reach"
	"hopscope/model/words"
	"hopscope/ui/diagram"
	"hopscope/ui/theme"
)

// changeText writes about paths as they are now and as they would be.
type changeText struct{ prose }

// mostDrawn is the number of paths that a plan is drawn with; the others are a
// line each.
const mostDrawn = 2

// paths are the paths of a plan, now and afterwards.
func (e changeText) paths(v *preview, width int, short bool) []paragraph {
	switch {
	case v == nil:
		return []paragraph{blank, {text: "working out what becomes of the paths", style: e.Dim}}
	case v.err != nil:
		return append([]paragraph{blank}, e.sentences("what becomes of the paths is not known: "+v.err.Error())...)
	}
	var out []paragraph
	if v.byHand {
		out = append(out, blank, paragraph{text: "What the steps by hand come to cannot be tried: it is not in " +
			"the diagrams.", style: e.Dim})
	}
	if !v.tried {
		return append(out, e.onlyNow(v, diagram.Options{Theme: e.Theme, Width: width, Line: short})...)
	}
	drawn := 0
	for i := range v.pairs {
		p := &v.pairs[i]
		if drawn < mostDrawn && p.rank() == 0 || drawn == 0 && p.Changed() {
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
func (e changeText) onlyNow(v *preview, o diagram.Options) []paragraph {
	var out []paragraph
	drawn := 0
	for i := range v.pairs {
		p := &v.pairs[i]
		if p.Before == nil || !p.planned || drawn == mostDrawn {
			continue
		}
		drawn++
		out = append(out, blank, paragraph{text: words.Path(p.Before), style: e.Strong},
			e.captioned("now", p.Before, p.Before.Observed()), drawing(p.Before, o))
	}
	return out
}

// nowAndAfter draws a path twice: side by side, or one below the other.
func (e changeText) nowAndAfter(p *pair, width int, short bool) []paragraph {
	out := []paragraph{{text: words.Path(p.Path()), style: e.Strong}}
	const gap = 4
	half := (width - gap) / 2
	draw := func(path *reach.Path, width int) *diagram.Diagram {
		return diagram.New(path, diagram.Options{Theme: e.Theme, Width: width})
	}
	if p.Before != nil && p.After != nil && !short {
		now, after := draw(p.Before, half), draw(p.After, half)
		if whole := draw(p.Before, width); whole.Size().Y == now.Size().Y &&
			draw(p.After, width).Size().Y == after.Size().Y {
			left := captionWords("now", p.Before, p.Before.Verdict)
			pad := strings.Repeat(" ", max(half+gap-len([]rune(left)), 1))
			return append(out,
				paragraph{
					lead: left + pad, leadStyle: e.State(theme.OfVerdict(p.Before.Verdict)),
					text: captionWords("after", p.After, p.After.Verdict), style: e.State(theme.OfVerdict(p.After.Verdict)),
				},
				paragraph{
					figures: []figure{{now, 0}, {after, half + gap}},
					text: diagram.Text(p.Before, copyWidth) + "\n" + captionWords("after", p.After, p.After.Verdict) + "\n" +
						diagram.Text(p.After, copyWidth),
				})
		}
	}
	for _, side := range []struct {
		caption string
		path    *reach.Path
	}{{"now", p.Before}, {"after", p.After}} {
		if side.path == nil {
			out = append(out, paragraph{
				lead: "  " + side.caption + ": ", leadStyle: e.Dim,
				text: "there is no such path",
			})
			continue
		}
		out = append(out, e.captioned(side.caption, side.path, side.path.Verdict),
			drawing(side.path, diagram.Options{Theme: e.Theme, Width: width, Line: short}))
	}
	return out
}

// captioned says how a path is judged. What changes is judged by configuration, before
// and after alike: the targets of what would be were not observed.
func (e changeText) captioned(when string, p *reach.Path, v reach.Verdict) paragraph {
	return paragraph{text: captionWords(when, p, v), style: e.State(theme.OfVerdict(v))}
}

func captionWords(when string, p *reach.Path, v reach.Verdict) string {
	return theme.OfVerdict(v).Glyph() + " " + when + ": " + words.Judged(v, p.Source.Kind, p.Via, p.Access)
}

// becomes is a path in a line: how it is judged now and afterwards.
func (e changeText) becomes(p *pair) paragraph { return e.becomesOf(p, words.Path(p.Path())) }

// becomesOf is the same under another name.
func (e changeText) becomesOf(p *pair, name string) paragraph {
	line := name + ": "
	state := theme.None
	switch {
	case p.Before == nil:
		state, line = theme.OfVerdict(p.After.Verdict), line+"new, "+words.Configured(p.After)
	case p.After == nil:
		line += words.Configured(p.Before) + " → no longer there"
		if p.Before.Access != reach.Blocked { // callers get through now
			state = theme.Bad
		}
	case !p.Changed():
		state, line = theme.OfVerdict(p.Before.Observed()), line+"stays "+words.Verdict(p.Before)
	default:
		state, line = theme.OfVerdict(p.After.Verdict), line+changeWords(p.Before, p.After)
	}
	return paragraph{lead: state.Glyph() + " ", leadStyle: e.State(state), text: line}
}

// changeWords are two verdicts, with the ports on the wire where these differ.
func changeWords(now, after *reach.Path) string {
	from, to := words.Configured(now), words.Configured(after)
	if a, b := now.Target.WirePort, after.Target.WirePort; a != b && a > 0 && b > 0 {
		from, to = fmt.Sprintf("%s on port %d", from, a), fmt.Sprintf("%s on port %d", to, b)
	}
	return from + " → " + to
}
