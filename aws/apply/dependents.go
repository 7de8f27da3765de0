package apply

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

// A group may be shared by services, and time passes between a plan and what is left
// of it to do: before a rule goes, the account is read again to see which services
// it admits now.

// dependents tells which services need a rule that is to go.
type dependents struct{ *run }

// analyze reads the account. Services that cannot be seen may need a rule.
func (r *dependents) analyze(ctx context.Context) (*rule.Analysis, error) {
	s, err := r.readAll(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		reason, _ := explain(err) // what to do is not what it is at a start
		return nil, cannot(err, whoUnknown+reason, thenOn)
	}
	for i := range s.Gaps {
		if g := &s.Gaps[i]; slices.Contains(servicesReads, g.Action) && g.State != model.Absent {
			return nil, cannot(planner.ErrStillNeeded,
				whoUnknown+string(g.Action)+" did not answer for "+cmp.Or(aws.Printable(g.Resource), "all clusters"),
				thenOn)
		}
	}
	return rule.Analyze(s), nil
}

const (
	whoUnknown = "no rule is taken away while it is not known which services need it: "
	thenOn     = "go on when that works, or remove the rule by hand once you know that no service needs it"
)

// servicesReads are the actions without which services may be overlooked.
var servicesReads = []model.Action{model.ListClusters, model.ListServices, model.DescribeServices}

// checkUnneeded refuses to take the rule of a step for later away where a path needs
// it by now.
func (r *dependents) checkUnneeded(ctx context.Context, i int) error {
	step := &r.entry.Plan.Steps[i]
	if step.Rule == nil {
		return nil
	}
	// Where an earlier try took it away already, there is nothing to refuse any more.
	if there, err := r.findRule(ctx, model.Action(step.Kind), step.Group, step.Rule); err != nil || there == nil {
		return err
	}
	a, err := r.analyze(ctx)
	if err != nil {
		return err
	}
	unneeded, err := planner.Unneeded(a, r.entry.Plan.Service, step)
	switch {
	case err != nil:
		return err
	case !unneeded:
		return cannot(planner.ErrStillNeeded,
			fmt.Sprintf("the rule for %s of security group %s is needed by now, or it is not known whether it is",
				step.Rule.Ports(), step.Group),
			"leave it, or plan again to see who needs it")
	}
	return nil
}

// stillNeeded are the services that came to need the rules that the entry added, for
// each of its steps: they were deployed since, and found the rules there.
func (r *dependents) stillNeeded(ctx context.Context) (map[int][]model.Ref, error) {
	var revoke []fix.Step
	var at []int
	for i := len(r.entry.Steps) - 1; i >= 0; i-- { // in the order of a rollback
		step := &r.entry.Plan.Steps[i]
		action := model.Action(step.Kind)
		if !adds(action) || !isOpen(&r.entry.Steps[i]) {
			continue
		}
		revoke = append(revoke, fix.Step{Kind: fix.StepKind(opposite(action)), Group: step.Group, Rule: step.Rule})
		at = append(at, i)
	}
	if len(revoke) == 0 {
		return nil, nil //nolint:nilnil // nothing is to be taken away
	}
	a, err := r.analyze(ctx)
	if err != nil {
		return nil, err
	}
	dependents, err := planner.Dependents(a, r.entry.Plan.Service, r.entry.Began(), revoke)
	if err != nil {
		return nil, err
	}
	needed := map[int][]model.Ref{}
	for n, refs := range dependents {
		needed[at[n]] = refs
	}
	return needed, nil
}

// ruleStays says which rule is not taken away, and for whom.
func (r *dependents) ruleStays(i int, by []model.Ref) error {
	names := make([]string, len(by))
	for n, ref := range by {
		names[n] = aws.Printable(ref.Service)
	}
	step := &r.entry.Plan.Steps[i]
	return cannot(planner.ErrStillNeeded,
		fmt.Sprintf("the rule for %s of security group %s stays: %s, deployed since, would lose its callers",
			step.Rule.Ports(), step.Group, strings.Join(names, ", ")),
		"roll back what it was deployed for first (`hopscope journal`), or leave the rule")
}
