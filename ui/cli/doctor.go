package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hopscope/internal/text"
	"hopscope/model/doctor"
	"hopscope/model/export"
	"hopscope/model/report"
	"hopscope/ui/theme"
)

const aboutDoctor = `Say which of the IAM actions that hopscope needs work here, what each missing one
leaves unknown, and the smallest policy for reading and for applying. It tries each
action once and changes nothing: changes of security groups are tried as dry runs.

The exit status is 0 when every action that reading needs works, 1 when one of them
is denied or not supported, and 2 where it could not be checked. Optional actions do
not count, nor do those for applying: an account that is only read should not have
them.`

func (r *run) doctorCommand() *cobra.Command {
	var source sourceFlags
	format := choice{value: formatHuman, allowed: []string{formatHuman, formatJSON}}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say which IAM actions work, what missing ones blind, and the smallest policies",
		Long:  aboutDoctor,
		Example: "hopscope doctor --profile prod\nhopscope doctor --cluster prod --format json | " +
			"jq .policies.read > policy.json",
		Args: noArgs,
		RunE: r.action(func(ctx context.Context, _ []string) (Status, error) {
			opened, err := source.open(ctx, r)
			if err != nil {
				return CannotCheck, err
			}
			d, err := opened.Examiner.Examine(ctx)
			if err != nil {
				return CannotCheck, err
			}
			if d.Verdict == doctor.Undecided {
				r.note("%s", whyUndecided(d))
			}
			if format.value == formatJSON {
				return healthOf(d), export.Indented(r.Stdout, d)
			}
			page := doctorPage{r.page()}
			page.document(d)
			return healthOf(d), page.flush()
		}),
	}
	source.register(r, cmd, false)
	format.register(cmd, "format", "how to print the answer")
	return cmd
}

// whyUndecided says why it is not known whether everything can be read: the first failure.
func whyUndecided(d *doctor.Document) string {
	const said = "it is not decided whether everything can be read"
	for i := range d.Trials {
		if t := &d.Trials[i]; t.State == doctor.Failed && t.Use == doctor.Reading && !t.Optional {
			return said + ": " + t.Message
		}
	}
	return said + "; see what could not be tried"
}

// healthOf is the exit status of an answer.
func healthOf(d *doctor.Document) Status {
	switch d.Verdict {
	case doctor.Complete:
		return Clean
	case doctor.Missing:
		return Found
	case doctor.Undecided:
	}
	return CannotCheck
}

// doctorPage is the answer of hopscope doctor for people.
type doctorPage struct{ *page }

func (p doctorPage) document(d *doctor.Document) {
	p.printf("%s\n", p.dim(export.Scope(&report.Report{Scope: d.Scope})))
	for _, use := range []doctor.Use{doctor.Reading, doctor.Applying} {
		p.printf("\n")
		p.trials(use, d.Trials)
	}
	p.printf("\n")
	for i, note := range d.Notes {
		p.wrapped(0, label("note", i), note)
	}
	p.printf("\n")
	p.headline(0, "The smallest policy for reading")
	p.policy(&d.Policies.Read)
	p.printf("\n")
	p.headline(0, "What applying needs on top")
	p.policy(&d.Policies.Apply)
}

// trials are the actions of a use: those that do not work first, each with what it blinds.
func (p doctorPage) trials(use doctor.Use, all []doctor.Trial) {
	var work []string
	others := map[doctor.State][]*doctor.Trial{}
	total := 0
	for i := range all {
		t := &all[i]
		if t.Use != use {
			continue
		}
		total++
		if t.State == doctor.Works {
			work = append(work, string(t.Action))
		} else {
			others[t.State] = append(others[t.State], t)
		}
	}
	p.headline(0, fmt.Sprintf("%s: %d of %d work", strings.ToUpper(string(use[:1]))+string(use[1:]), len(work), total))
	for _, state := range []doctor.State{doctor.Denied, doctor.Unsupported, doctor.Failed, doctor.NotTried} {
		for _, t := range others[state] {
			p.trial(t)
		}
	}
	if len(work) > 0 {
		slices.Sort(work)
		p.wrapped(2, p.state(theme.Good, theme.Good.Glyph())+" ", strings.Join(work, ", "))
	}
}

func (p doctorPage) trial(t *doctor.Trial) {
	state, word := theme.Bad, string(t.State)
	if t.State == doctor.Failed || t.State == doctor.NotTried {
		state, word = theme.Unknown, strings.ReplaceAll(word, "-", " ")
	}
	if t.Optional {
		word += " (optional)"
	}
	p.wrapped(2, p.state(state, state.Glyph())+" ", string(t.Action)+": "+word)
	p.wrapped(4, label("why", 0), t.Message)
	p.wrapped(4, label("without", 0), t.Effect)
}

// policy writes IAM's JSON, whose lines are not wrapped: they are there to be copied.
func (p doctorPage) policy(policy *doctor.Policy) {
	indented, err := json.MarshalIndent(policy, "", "  ")
	if err != nil {
		return // a policy is strings in lists and maps, which always have a form
	}
	for line := range strings.Lines(string(indented) + "\n") {
		p.printf("%s\n", text.Clean(strings.TrimSuffix(line, "\n")))
	}
}
