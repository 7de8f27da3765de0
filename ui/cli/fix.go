package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hopscope/internal/shell"
	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/fix/planner"
)

// fixFlags are the flags of hopscope fix.
type fixFlags struct {
	source   sourceFlags
	selected selection
	as       choice
	gate     gateFlag
	// apply carries the plans out, yes confirms them, tidy does what they leave for
	// later, measure compares metrics.
	apply, yes, tidy, measure bool
	// output is the file that the plans are saved in, saved the one that they come from.
	output, saved string
	// whole prints the block that a plan changes, not only what is new.
	whole bool
}

const aboutFix = `Print the plans that would repair what was found: the steps in their safe order,
what to check first, what it risks, and how it is undone. Of each finding the
better plan is taken, and the others are named; --plan chooses one of them.
Several plans of one service become one deployment; but where one of them lets
in what is refused and needs no deployment, it is first, and those that replace
tasks are left for the next run. A plan that takes something
away, an endpoint or a rule, is left out unless --plan names it, or --tidy for a
rule that nothing needs.

--as cli prints the commands, and --as script a script that checks before each
and takes back what it did. --as cloudformation, cdk, terraform, copilot or
ecspresso prints what is new for the tool that owns the service, all plans as
one text: resources and calls to paste, and lines of what is there as a diff;
--whole prints the whole block that they stand in.

-o PLAN.json saves what --apply would carry out, to be reviewed; hopscope fix
PLAN.json --apply carries out exactly that. The plan is made again first: where
the account, or the file, is not what it was, it is refused, with what changed.

--apply carries the plans out, one service after the other: it opens the
security groups, updates the service, waits for the rollout, and reads the paths
again. It needs --allow-apply (or HOPSCOPE_ALLOW_APPLY=1), except in a demo, and
--yes or a confirmation typed at the terminal for each service; with --yes, more
services than one have to be named with --service ('*' means all). What to check
first is printed before anything is sent. What it does is in the journal before
it is done: hopscope rollback ID takes it back. The journal of a demo ends with
it. --measure waits for CloudWatch then, and compares how many requests of the
load balancer the agents count with before.

The exit status is 0 when the plans were printed, or applied and verified, or
nothing is to be fixed; 1 when something is left to do: a plan was refused or
failed, could not be verified, has no text in that language, or is for a person
(for findings above info); and 2 when there is no answer.`

func (r *run) fixCommand() *cobra.Command {
	f := fixFlags{as: choice{value: string(dialect.Prose), allowed: dialect.Names()}}
	cmd := &cobra.Command{
		Use:   "fix [PLAN.json]",
		Short: "Print the plans that repair what was found, or carry them out",
		Long:  aboutFix,
		Example: "hopscope fix --service api\nhopscope fix --service 'prod/*' --code HOP101 --as " +
			"terraform\nhopscope fix --service api --apply --allow-apply",
		Args: func(cmd *cobra.Command, args []string) error { return noArgs(cmd, args[min(len(args), 1):]) },
	}
	cmd.RunE = r.action(func(ctx context.Context, args []string) (Status, error) {
		if len(args) == 1 {
			f.saved = args[0]
		}
		if err := f.check(r, cmd.Flags().Changed("as")); err != nil {
			return CannotCheck, err
		}
		return r.fix(ctx, &f)
	})
	f.source.register(r, cmd, true)
	f.selected.register(cmd, f.source.names(r))
	registerOutput(cmd, &f.output, "save the plans that --apply would carry out in a file, to review them; - is stdout")
	f.as.register(cmd, "as", "how to print the plans")
	cmd.Flags().BoolVar(&f.whole, "whole", false, "with --as: the whole block that a plan changes, not only what is new")
	cmd.Flags().BoolVar(&f.apply, "apply", false, "carry the plans out")
	f.gate.register(cmd)
	registerYes(cmd, &f.yes)
	cmd.Flags().BoolVar(&f.measure, "measure", false,
		"with --apply: wait for CloudWatch (2 to 6 minutes), and compare what the agent counts with before")
	cmd.Flags().BoolVar(&f.tidy, "tidy", false, "with --apply: once verified, also remove what nothing needs any more")
	return cmd
}

// registerYes adds --yes.
func registerYes(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVar(yes, "yes", false, "confirm without being asked")
}

// check refuses flags that contradict each other, and --apply where the gate
// refuses it, before anything is read.
func (f *fixFlags) check(r *run, asGiven bool) error {
	if err := f.selected.check(); err != nil {
		return err
	}
	if err := f.checkSaved(asGiven); err != nil {
		return err
	}
	if !f.apply {
		for name, given := range map[string]bool{"--yes": f.yes, "--tidy": f.tidy, "--measure": f.measure} {
			if given {
				return &model.CannotCheckError{
					Reason: name + " is about --apply, which is not there",
					Next:   "add --apply, or leave it out",
				}
			}
		}
		if f.whole && !asGiven {
			return &model.CannotCheckError{
				Reason: "--whole is about --as, which is not there",
				Next:   "add --as terraform, or what owns the service",
			}
		}
		return nil
	}
	switch {
	case f.source.snapshot != "":
		return &model.CannotCheckError{
			Reason: "nothing can be applied to a saved snapshot",
			Next:   "to plan anew from the account, and apply that: " + f.applyCommand(f.selected.words()...),
		}
	case asGiven && f.as.value != string(dialect.Prose):
		return &model.CannotCheckError{
			Reason: "--apply and --as " + f.as.value + " exclude each other",
			Next:   "print the text, or apply the plan",
		}
	}
	if off := f.gate.whyOff(r); off != "" && f.source.demo == "" {
		return errors.New(off)
	}
	return r.canConfirm(f.yes)
}

// checkSaved refuses what contradicts a file of saved plans, or saving one.
func (f *fixFlags) checkSaved(asGiven bool) error {
	switch {
	case f.output != "" && asGiven && f.as.value != string(dialect.Prose):
		return &model.CannotCheckError{
			Reason: "-o saves plans for hopscope fix FILE --apply, and no text as " + f.as.value,
			Next:   "leave -o out, and send what is printed to a file: --as " + f.as.value + " > " + shell.Quote(f.output),
		}
	case f.output != "" && f.apply:
		return &model.CannotCheckError{
			Reason: "-o and --apply exclude each other",
			Next:   "save the plan, review it, and apply it with " + f.applyCommand(f.output),
		}
	case f.saved != "" && (f.output != "" || len(f.selected.plans)+len(f.selected.codes)+len(f.selected.services) > 0):
		return &model.CannotCheckError{
			Reason: "a saved plan says itself what is done",
			Next:   "leave out -o, --plan, --code and --service",
		}
	}
	return nil
}

// fix prints the plans, or applies them.
func (r *run) fix(ctx context.Context, f *fixFlags) (Status, error) {
	var saved *fix.Saved
	if f.saved != "" {
		var err error
		if saved, err = loadPlans(ctx, f.saved); err == nil {
			err = f.source.setRegion(saved)
		}
		if err != nil {
			return CannotCheck, err
		}
	}
	opened, err := f.source.open(ctx, r)
	if err != nil {
		return CannotCheck, err
	}
	read, err := r.collect(ctx, opened)
	if err == nil {
		err = anyService(read.snapshot())
	}
	if err != nil {
		return CannotCheck, err
	}
	f.selected.tidy, f.selected.from = f.tidy, r.from
	f.selected.together = !slices.Contains([]dialect.Dialect{dialect.Prose, dialect.CLI, dialect.CLIScript},
		dialect.Dialect(f.as.value)) // what a template declares is one state
	repairs, err := f.chosen(read, saved)
	if err != nil {
		if saved != nil && isDone(saved, read.snapshot()) {
			r.note("%s: all of it is so already, nothing to do", text.Clean(f.saved))
			return Clean, nil
		}
		return CannotCheck, err
	}
	r.noteGaps(read.report)
	if len(repairs) == 0 {
		r.note("%s", nothingToFix(read))
		return Clean, nil
	}
	if f.output != "" {
		return r.savePlans(f, read, repairs)
	}
	if f.apply {
		return r.applyAll(ctx, f, opened, read, repairs)
	}
	return r.printRepairs(f, read, repairs)
}

// chosen are the repairs that the flags, or a file, ask for.
func (f *fixFlags) chosen(read *reading, saved *fix.Saved) ([]repair, error) {
	if saved == nil {
		return f.selected.repairsFor(read)
	}
	repairs, err := madeAgain(saved, read)
	if err == nil { // a file names what it changes
		for i := range saved.Plans {
			f.selected.plans = append(f.selected.plans, saved.Plans[i].Of...)
		}
	}
	return repairs, err
}

// nothingToFix never says that all is well where something is not known.
func nothingToFix(read *reading) string {
	if !read.report.Complete {
		return "no plan: nothing was found that hopscope knows how to fix, and not everything could be read"
	}
	return "nothing to fix"
}

// combined are the plans of a repair as they are carried out: those that hopscope
// can carry out as one, those for a person by themselves.
func combined(read *reading, of *repair) ([]fix.Plan, error) {
	var together, alone []fix.Plan
	for i := range of.plans {
		if of.plans[i].Appliable() {
			together = append(together, of.plans[i])
		} else {
			alone = append(alone, of.plans[i])
		}
	}
	if len(together) < 2 {
		return append(together, alone...), nil
	}
	one, err := planner.Combine(read.analysis, together)
	if err != nil {
		return of.plans, fmt.Errorf("the plans for %s do not go together: %w; choose with --plan", of.service(), err)
	}
	return append([]fix.Plan{one}, alone...), nil
}

// printRepairs writes the plans to stdout, and what is not to be pasted to stderr.
func (r *run) printRepairs(f *fixFlags, read *reading, repairs []repair) (Status, error) {
	as := dialect.Dialect(f.as.value)
	together := make([][]fix.Plan, len(repairs))
	for i := range repairs {
		var err error
		if together[i], err = combined(read, &repairs[i]); err != nil {
			r.note("%v", err)
		}
	}
	if as == dialect.Prose {
		return r.printPlans(f, read, repairs, together)
	}
	status := Clean
	var plans []*fix.Plan
	for i := range together {
		for j := range together[i] {
			plans = append(plans, &together[i][j])
		}
	}
	written, errs := dialect.Document(plans, read.analysis, as, f.whole)
	for i, err := range errs {
		if err != nil {
			r.notWritten(plans[i], as, err)
			status = Found
		}
	}
	for i := range repairs {
		for j := range repairs[i].next {
			r.note("%s", leftForNext(&repairs[i].next[j]))
			status = Found
		}
		for j := range repairs[i].byName {
			r.note("%s", leftToName(&repairs[i].byName[j]))
			status = Found
		}
		for _, p := range repairs[i].alternatives {
			r.note("instead, for %s: %s (--plan %s)", p.Service, p.Title, shell.Quote(p.ID))
		}
	}
	if written = strings.TrimRight(written, "\n"); written != "" {
		written = text.CleanLines(written) + "\n"
	}
	_, err := io.WriteString(r.Stdout, written)
	return status, err
}

// notWritten says that a plan has no text in a dialect.
func (r *run) notWritten(p *fix.Plan, as dialect.Dialect, err error) {
	r.note("%s for %s cannot be written as %s: %v", p.Title, p.Service, as, err)
}

// printPlans writes the plans for a reader, each with what could be done instead.
func (r *run) printPlans(f *fixFlags, read *reading, repairs []repair, together [][]fix.Plan) (Status, error) {
	status := Clean
	if err := r.overview(repairs, together); err != nil {
		return CannotCheck, err
	}
	var texts []string
	for i := range repairs {
		texts = append(texts, r.unlessLines(repairs[i].unless)...)
		for j := range together[i] {
			p := &together[i][j]
			written, err := dialect.Text(p, read.analysis, dialect.Prose)
			if err != nil {
				r.notWritten(p, dialect.Prose, err)
				status = Found
				continue
			}
			texts = append(texts, text.CleanLines(strings.TrimRight(written, "\n"))+"\n")
		}
		if len(appliables(together[i])) == 1 {
			texts = append(texts, "Carry it out\n  $ "+text.Clean(f.applyRepair(&repairs[i]))+"\n")
		}
		texts = append(texts, r.alternatives("Then", repairs[i].next)...)
		texts = append(texts, r.alternatives("Only by name", repairs[i].byName)...)
		texts = append(texts, r.alternatives("Instead", repairs[i].alternatives)...)
	}
	_, err := io.WriteString(r.Stdout, strings.Join(texts, "\n"))
	return status, err
}

// applyRepair is the command that carries out what is printed for a service.
func (f *fixFlags) applyRepair(of *repair) string {
	if f.saved != "" {
		return f.applyCommand(f.saved)
	}
	words := []string{"--service", of.service().String()}
	for _, code := range f.selected.codes {
		words = append(words, "--code", code)
	}
	for _, p := range appliables(of.plans) {
		if len(f.selected.plans) > 0 {
			words = append(words, "--plan", p.ID)
		}
	}
	return f.applyCommand(words...)
}

// leftForNext says why a plan waits for another one.
func leftForNext(p *fix.Plan) string {
	return fmt.Sprintf("left for the next run, for %s: %s; what is refused is let in first, which needs no deployment "+
		"(all at once: name each with --plan; this one is %s)", p.Service, p.Title, shell.Quote(p.ID))
}

// leftToName says why a plan is left out, and how to choose it.
func leftToName(p *fix.Plan) string {
	if p.Among != "" {
		return fmt.Sprintf("left out for %s: %s; it is one choice of %s: name it with --plan %s", p.Service, p.Title, p.Among,
			shell.Quote(p.ID))
	}
	return fmt.Sprintf("left out for %s: %s; it takes away %s: name it with --plan %s", p.Service, p.Title,
		strings.Join(p.Removes, ", "), shell.Quote(p.ID))
}

// unlessLines say of findings that nothing has to be done about them, and when something
// has.
func (c *console) unlessLines(plans []fix.Plan) []string {
	var out []string
	for i := range plans {
		var b strings.Builder
		p := newPage(&b, c.width())
		steps := make([]string, len(plans[i].Steps))
		for j := range plans[i].Steps {
			steps[j] = fmt.Sprintf("%d. %s", j+1, plans[i].Steps[j].Title)
		}
		p.wrapped(0, "", fmt.Sprintf("%s (%s): nothing to do, unless %s. Then: %s. (--plan %s)", plans[i].Service,
			strings.Join(plans[i].Codes, ", "), plans[i].Unless, strings.Join(steps, "; "), shell.Quote(plans[i].ID)))
		out = append(out, p.String())
	}
	return out
}

// alternatives names what could be done besides, and how to choose it.
func (c *console) alternatives(label string, plans []fix.Plan) []string {
	var out []string
	for i := range plans {
		var b strings.Builder
		p := newPage(&b, c.width())
		p.wrapped(0, label+": ", plans[i].Title+".")
		if len(plans[i].Removes) > 0 {
			p.wrapped(2, "", "It takes away "+strings.Join(plans[i].Removes, ", ")+".")
		}
		if plans[i].Why != "" {
			p.wrapped(2, "", plans[i].Why)
		}
		p.printf("  choose it with --plan %s\n", text.Clean(shell.Quote(plans[i].ID)))
		out = append(out, p.String())
	}
	return out
}
