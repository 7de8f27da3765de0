package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hopscope/model"
	"hopscope/model/rule"
)

func (r *run) rulesCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "rules [CODE]",
		Short:   "List the rules, or explain one",
		Example: "hopscope rules\nhopscope rules HOP101",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return noArgs(cmd, args[1:])
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return codes(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: r.action(func(_ context.Context, args []string) (Status, error) {
			out := r.coloured(r.Stdout)
			if len(args) == 0 {
				return Clean, listRules(out, rule.Catalogue())
			}
			found, ok := rule.Lookup(args[0])
			if !ok {
				return CannotCheck, noSuchRule(args[0])
			}
			return Clean, explainRule(out, &found, r.width())
		}),
	}
}

func codes() []string {
	all := rule.Catalogue()
	out := make([]string, len(all))
	for i := range all {
		out[i] = all[i].Code
	}
	return out
}

// noSuchRule says what became of a rule, or names those that an unknown code may stand for.
func noSuchRule(code string) error {
	if reason := rule.Retired(code); reason != "" {
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("%s is retired: %s", strings.ToUpper(code), reason),
			Next:   "hopscope rules lists those that are left",
		}
	}
	all := codes()
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(distance(code, a), distance(code, b)) })
	all = all[:min(len(all), 3)]
	return &model.CannotCheckError{
		Reason: fmt.Sprintf("there is no rule %q", code),
		Next:   fmt.Sprintf("did you mean %s? hopscope rules lists all", alternatives(all)),
	}
}

// distance tells how far a code is from a typed one: codes have six characters,
// and people get some of them wrong.
func distance(typed, code string) int {
	typed = strings.ToUpper(typed)
	wrong := max(len(code)-len(typed), len(typed)-len(code))
	for i := range min(len(code), len(typed)) {
		if code[i] != typed[i] {
			wrong++
		}
	}
	return wrong
}

func listRules(w io.Writer, all []rule.Rule) error {
	p := newPage(w, defaultWidth)
	for i := range all {
		p.printf("%s  %-7s  %s\n", p.strong(all[i].Code), all[i].Severity, all[i].Title)
	}
	return p.flush()
}

func explainRule(w io.Writer, found *rule.Rule, width int) error {
	p := newPage(w, width)
	p.printf("%s %s\n", p.strong(found.Code), found.Title)
	needs := make([]string, len(found.Needs))
	for i, action := range found.Needs {
		needs[i] = string(action)
	}
	for _, part := range []struct{ title, text string }{
		{"Severity", string(found.Severity)},
		{"What", found.Doc.What},
		{"Why", found.Doc.Why},
		{"How it is found", found.Doc.Detection},
		{"When it is wrong", found.Doc.FalsePositive},
		{"What to do", found.Doc.Fix},
		{"Reads", strings.Join(needs, ", ")},
		{"Source", found.Doc.Source},
	} {
		if part.text == "" {
			continue
		}
		p.printf("\n%s\n", p.strong(part.title))
		for paragraph := range strings.SplitSeq(part.text, "\n") {
			p.wrapped(2, "", paragraph)
		}
	}
	return p.flush()
}
