package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/rule"
)

// Diff is what a plan changes of one thing, as a unified diff.
type Diff struct {
	// Title names the thing: "Service Connect block of web", "Rules of sg-1 (web)".
	Title string `json:"title"`
	// Note says what the diff does not show; "" when it shows everything.
	Note string `json:"note,omitempty"`
	// Unified is the diff; "" when nothing changes. It holds nothing that acts on a
	// terminal.
	Unified string `json:"unified"`
	// Later is set for what is only tidied up, when the rest is done.
	Later bool `json:"later,omitempty"`
}

// unmodelled says what a diff of the model's form of a block leaves out.
const unmodelled = "Members of the block that hopscope does not model (logConfiguration, accessLogConfiguration, " +
	"containerConfigurations, the TLS key and role, and newer ones) are not shown, and are kept as they are."

// Diffs are the changes of a plan: the Service Connect block, then the security
// groups in the order of the steps, then what is left for later. The analysis is the
// one that the plan was made of.
func Diffs(p *fix.Plan, a *rule.Analysis) ([]Diff, error) {
	t, err := newDraft(p, a)
	if err != nil {
		return nil, err
	}
	return t.diffs()
}

func (t *draft) diffs() ([]Diff, error) {
	var out []Diff
	if t.after != nil {
		before, err := blockJSON(t.before)
		if err != nil {
			return nil, err
		}
		after, err := blockJSON(t.after)
		if err != nil {
			return nil, err
		}
		out = append(out, Diff{
			Title: "Service Connect block of " + text.Clean(t.service.Name), Note: unmodelled,
			Unified: unified(before, after),
		})
	}
	return append(append(out, t.groupDiffs(false)...), t.groupDiffs(true)...), nil
}

// groupDiffs are the changes of security groups, either those of the plan itself or
// what comes after them. A group that was not read has the plan's rules alone.
func (t *draft) groupDiffs(later bool) []Diff {
	var out []Diff
	done := map[string]bool{}
	changes := t.steps((*fix.Step).ChangesGroup)
	for _, step := range changes {
		if step.Later != later || done[step.Group] {
			continue
		}
		done[step.Group] = true
		d := Diff{Title: "Rules of " + text.Clean(t.ix.GroupLabel(step.Group)), Later: later}
		before, missing := t.ix.SecurityGroup(step.Group)
		if missing != nil {
			before = &model.SecurityGroup{ID: step.Group}
			d.Note = "Its other rules are not known: " + text.Clean(missing.String()) + "."
		}
		after := before
		for _, o := range changes {
			switch {
			case o.Group != step.Group:
			case later && !o.Later: // done by then
				before, after = fix.ChangeGroup(before, o), fix.ChangeGroup(after, o)
			case o.Later == later:
				after = fix.ChangeGroup(after, o)
			}
		}
		d.Unified = unified(t.ruleLines(before), t.ruleLines(after))
		out = append(out, d)
	}
	return out
}

// ruleLines are the rules of a group, one a line.
func (t *draft) ruleLines(g *model.SecurityGroup) string {
	var b strings.Builder
	write := func(side string, rules []model.SecurityGroupRule) {
		for i := range rules {
			r := &rules[i]
			peer := r.Peer()
			if r.Group != nil {
				peer = t.ix.GroupLabel(peer)
			}
			line := fmt.Sprintf("%s %s %s", r.Ports(), side, peer)
			if r.Description != "" {
				line += "  # " + r.Description
			}
			b.WriteString(text.Clean(line) + "\n")
		}
	}
	write("from", g.Ingress)
	write("to", g.Egress)
	return b.String()
}

// BlockDiff is the difference of two Service Connect blocks as AWS gives them, each
// member on a line of its own and in its own order: what changes, and nothing else.
// It is "" when nothing does. Text that is not JSON is compared as it is.
func BlockDiff(before, after []byte) string { return unified(pretty(before), pretty(after)) }

func pretty(block []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, block, "", "  ") != nil {
		return cleanLines(string(block))
	}
	return cleanLines(b.String())
}

// unified is the unified diff of two texts.
func unified(before, after string) string { return udiff.Unified("now", "then", before, after) }

// cleanLines is a text of several lines that acts on nothing, with an end of line behind the last.
func cleanLines(s string) string { return text.CleanLines(strings.TrimRight(s, "\n")) + "\n" }
