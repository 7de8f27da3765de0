package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hopscope/internal/text"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/journal"
	"hopscope/model/words"
	"hopscope/ui/theme"
)

// where names what is changed, in full: this is what one has to be sure of.
func (e planText) where(p *fix.Plan, origin, endpoint string) []paragraph {
	out := []paragraph{e.fact("account", fmt.Sprintf("%s · %s · cluster %s · service %s",
		cmp.Or(p.Account, "not known"), cmp.Or(p.Region, "region not known"), p.Service.Cluster, p.Service.Service))}
	out[0].style = e.Strong
	switch {
	case endpoint != "":
		out = append(out, e.fact("endpoint", text.MaskURLs(endpoint)))
	case inDemo(origin, endpoint):
		out = append(out, e.fact("origin", origin+": nothing real is changed"))
	}
	return out
}

// inDemo tells whether a change is one of the simulator inside this program: it and
// its journal end with the program.
func inDemo(origin, endpoint string) bool {
	return endpoint == "" && strings.HasPrefix(origin, "simulator")
}

// rollbackCommand takes an entry back after this program has ended; "" in a demo.
func rollbackCommand(entry *journal.Entry) string {
	return entry.RollbackCommand()
}

// or puts a second way behind a first one, if there is a second.
func or(second string) string {
	if second == "" {
		return ""
	}
	return ", or " + second
}

// willApply is what the answer yes sends, in order.
func (e planText) willApply(entry *journal.Entry) []paragraph {
	p := &entry.Plan
	var out []paragraph
	if p.Owner.Tool != fix.UnknownTool {
		out = append(out, e.owner(p.Owner, false))
	}
	out = append(out, e.heading("calls, in this order"))
	n, later := 0, 0
	for i := range p.Steps {
		step := &p.Steps[i]
		if step.Later {
			later++
			continue
		}
		n++
		out = append(out, paragraph{lead: fmt.Sprintf("%2d. ", n), leadStyle: e.Dim, text: string(step.Kind) +
			": " + step.Title})
	}
	then := "read everything again, and see whether the paths are as planned"
	if len(p.Wanted) == 0 {
		then = "read everything again; no path is left to see by whether it worked"
	}
	if slices.ContainsFunc(stepsNow(p.Steps), func(s fix.Step) bool { return s.Kind == fix.UpdateService }) {
		then = "wait for the rollout, " + then
	}
	then = "then " + then
	out = append(out, paragraph{lead: "    ", text: then, style: e.Dim})
	if later > 0 {
		out = append(out, paragraph{lead: "    ", text: words.Count(later, "step") +
			" is left for later and asked for then", style: e.Dim})
	}
	out = append(out, e.agreedTo(p, entry.Unchecked)...)
	if entry.AfterBlock != "" {
		out = append(out, blank, e.heading("the Service Connect block, as it is sent"))
		before, after := fix.MaskBlock(entry.Before.Block), fix.MaskBlock(entry.AfterBlock)
		out = append(out, e.unified(dialect.BlockDiff([]byte(before), []byte(after)))...)
		out = append(out, paragraph{lead: "  ", text: "All other members are sent as they were read.", style: e.Dim})
	}
	out = append(out, e.lookFirst(p.ChecksFirst())...)
	if entry.ID != "" {
		out = append(out, blank, e.fact("undo:", "u on the next screen"+or(rollbackCommand(entry))))
	}
	return out
}

// agreedTo is what the answer yes accepts besides the calls: what is taken away, what was
// chosen, and the risks.
func (e planText) agreedTo(p *fix.Plan, unchecked []string) []paragraph {
	var out []paragraph
	if p.Among != "" {
		out = append(out, e.fact("your choice:", "this is one of several for "+p.Among))
	}
	if len(p.Removes) > 0 {
		out = append(out, e.fact("taken away:", strings.Join(p.Removes, ", ")))
	}
	if len(out) > 0 {
		out = append([]paragraph{blank}, out...)
	}
	if len(p.Risks)+len(unchecked) > 0 {
		out = append(out, blank, e.heading("risks"))
	}
	for i := range p.Risks {
		state, risk := theme.Warn, p.Risks[i].Title
		if risk == fix.DowntimeTitle {
			state, risk = theme.Bad, risk+". "+p.Risks[i].Detail
		}
		out = append(out, paragraph{lead: state.Glyph() + " ", leadStyle: e.State(state), text: risk})
	}
	for _, what := range unchecked {
		out = append(out, paragraph{
			lead: theme.Unknown.Glyph() + " ", leadStyle: e.State(theme.Unknown), text: "not checked: " + what,
		})
	}
	return out
}

// lookFirst are checks by their titles, for a user who is asked to confirm.
func (e planText) lookFirst(checks []fix.Note) []paragraph {
	if len(checks) == 0 {
		return nil
	}
	out := []paragraph{blank, e.heading("look at these first; nothing in the API shows them")}
	for i := range checks {
		out = append(out, paragraph{
			lead: theme.Unknown.Glyph() + " ", leadStyle: e.State(theme.Unknown),
			text: checks[i].Title,
		})
	}
	return out
}
