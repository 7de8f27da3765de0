package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/report"
	"hopscope/model/rule"
	"hopscope/ui"
)

// applyAll carries repairs out, one service after the other, and stops at the
// first that fails: what went wrong once may go wrong everywhere.
func (r *run) applyAll(ctx context.Context, f *fixFlags, opened Opened, read *reading, repairs []repair) (Status,
	error,
) {
	var todo, left []fix.Plan
	for i := range repairs {
		plans, err := combined(read, &repairs[i])
		if err != nil {
			return CannotCheck, fmt.Errorf("%w; nothing was sent", err)
		}
		for j := range plans {
			if plans[j].Appliable() {
				todo = append(todo, plans[j])
			} else {
				left = append(left, plans[j])
			}
		}
	}
	status := r.noteLeft(read, repairs, left, todo)
	if len(todo) == 0 {
		return status, nil
	}
	store, remove, err := r.store(f.source.demo != "")
	if err != nil {
		return CannotCheck, err
	}
	defer remove()
	a := applyRun{
		run: r, applier: opened.Applier(store), tidy: f.tidy, measure: f.measure,
		passing: f.source.demo != "",
	}
	if a.unchecked, err = a.notChecked(ctx, todo); err != nil {
		return CannotCheck, err
	}
	if err := r.agreed(ctx, f, todo, a.unchecked); err != nil {
		return CannotCheck, err
	}
	for i := range todo {
		done, err := a.apply(ctx, &todo[i])
		if err != nil {
			return done, err
		}
		if done != Clean {
			status = Found
			a.notBegun(todo[i+1:])
			break
		}
	}
	return status, nil
}

// noteLeft says which plans are left, for a person or to be named, and gives the status for
// that. What is carried out may repair what one of them is for.
func (r *run) noteLeft(read *reading, repairs []repair, forPerson, done []fix.Plan) Status {
	status := Clean
	note := func(plans []fix.Plan, why func(*fix.Plan) string) {
		for i := range plans {
			if left := leftUndone(&plans[i], done, read.report); len(left) > 0 {
				r.note("%s", why(&plans[i]))
				if slices.ContainsFunc(left, func(f *report.Finding) bool { return f.Severity != rule.Info }) {
					status = Found
				}
			}
		}
	}
	for i := range repairs {
		note(repairs[i].next, leftForNext)
		note(repairs[i].byName, leftToName)
	}
	note(forPerson, r.leftToPerson)
	return status
}

// leftUndone are the findings that a plan repairs, and none that is carried out.
func leftUndone(p *fix.Plan, done []fix.Plan, all *report.Report) []*report.Finding {
	return slices.DeleteFunc(repairedBy(p, all), func(f *report.Finding) bool {
		return slices.ContainsFunc(done, func(d fix.Plan) bool { return slices.Contains(d.Findings, f.Key) })
	})
}

// agreed says what is about to be done, and makes sure that the user named it: each
// service is confirmed at the terminal, or several were named in advance.
func (r *run) agreed(ctx context.Context, f *fixFlags, todo []fix.Plan, unchecked map[string][]string) error {
	if f.yes && len(todo) > 1 && !f.selected.namesServices() {
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("--yes would change %d services that no flag names: %s; nothing was sent",
				len(todo), joined(servicesOf(todo))),
			Next: "name them with --service ('*' means all of them), or leave --yes out to be asked for each",
		}
	}
	down := slices.IndexFunc(todo, func(p fix.Plan) bool { return p.Downtime })
	if f.yes && down >= 0 && len(f.selected.plans) == 0 {
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("the deployment of %s is downtime (ECS stops all its tasks before it starts new ones), and "+
				"--yes alone does not agree to that; nothing was sent", todo[down].Service),
			Next: "name the plan with --plan, leave --yes out to be asked, or change deploymentConfiguration first",
		}
	}
	for i := range todo {
		about := aboutPlan(&todo[i], f.tidy)
		for _, what := range unchecked[todo[i].ID] {
			about = append(about, "  not checked: "+what)
		}
		if f.yes && todo[i].Downtime {
			about = append(about, "  "+f.agreesToDowntime())
		}
		if f.yes {
			r.say(about)
			continue
		}
		if err := r.confirm(ctx, about, todo[i].Service.Service); err != nil {
			return err
		}
	}
	return nil
}

// agreesToDowntime says who agreed to a deployment that is downtime, where no user is asked.
func (f *fixFlags) agreesToDowntime() string {
	by := "--plan names the plan"
	if f.saved != "" {
		by = f.saved + " says so among its risks, and was saved to be reviewed"
	}
	return "--yes agrees to the downtime: " + by
}

// joined lists services.
func joined(refs []model.Ref) string {
	names := make([]string, len(refs))
	for i, ref := range refs {
		names[i] = ref.String()
	}
	return strings.Join(names, ", ")
}

// leftToPerson says why hopscope does not carry a plan out.
func (r *run) leftToPerson(p *fix.Plan) string {
	what := fmt.Sprintf("not applied to %s: %s", p.Service, p.Title)
	if p.Refusal != nil {
		return fmt.Sprintf("%s; %s; %s", what, p.Refusal.Reason, p.Refusal.Instead)
	}
	return what + "; it is for a person, and this shows the steps: " + fixCommand(r.from, "--plan", p.ID)
}

// applyRun carries plans out, one after the other.
type applyRun struct {
	*run
	applier ui.Applier
	tidy    bool
	measure bool
	// passing is set when the journal ends with the program.
	passing bool
	// sent is set once something may have reached AWS.
	sent bool
	// unchecked is what was told before the user agreed, by the plans' ids.
	unchecked map[string][]string
}

// notChecked is what cannot be looked at before the first call, by the plans' ids: whoever
// agrees is to know. Plans are prepared for that where alarms watch their deployments, and
// once more when they are carried out: what keeps one from it is said then.
func (a *applyRun) notChecked(ctx context.Context, todo []fix.Plan) (map[string][]string, error) {
	out := map[string][]string{}
	for i := range todo {
		p := &todo[i]
		if !p.Deploys() || p.Deployment == nil || len(p.Deployment.Alarms) == 0 {
			continue
		}
		prepared, err := a.applier.Prepare(ctx, p)
		switch {
		case ctx.Err() != nil:
			return nil, err
		case err == nil:
			out[p.ID] = prepared.Unchecked
		}
	}
	return out, nil
}

// apply carries one plan out and prints what became of it. The error is for an
// interruption before anything was sent.
func (a *applyRun) apply(ctx context.Context, p *fix.Plan) (Status, error) {
	a.note("%s: %s", p.Service, p.Title)
	prepared, err := a.applier.Prepare(ctx, p)
	if err != nil {
		return a.notChanged(ctx, p, err)
	}
	for _, what := range prepared.Unchecked {
		if !slices.Contains(a.unchecked[p.ID], what) {
			a.note("%s: not checked: %s", p.Service, what)
		}
	}
	watch := &watcher{run: a.run, subject: p.Service.String()}
	done, err := a.applier.Apply(ctx, prepared, watch.see)
	if done == nil {
		done = prepared
	}
	if err != nil && done.State == journal.Prepared {
		return a.notChanged(ctx, p, err)
	}
	a.sent = true
	if a.tidy && err == nil && done.State == journal.Applied &&
		slices.ContainsFunc(p.Steps, func(s fix.Step) bool { return s.Later }) {
		var tidied *journal.Entry
		if tidied, err = a.applier.Tidy(ctx, done.ID, watch.see); tidied != nil {
			done = tidied
		}
	}
	if a.measure && err == nil {
		return a.result(ctx, a.measured(ctx, done), nil), nil
	}
	return a.result(ctx, done, err), nil
}

// measured compares metrics. That there is nothing to compare is no failure: the paths
// were verified.
func (a *applyRun) measured(ctx context.Context, done *journal.Entry) *journal.Entry {
	a.note("%s: waiting for the metrics of the first minutes after the rollout; ctrl+c ends the wait",
		done.Plan.Service)
	e, err := a.applier.Measure(ctx, done.ID, nil)
	if err != nil {
		a.note("%s: not measured: %v", done.Plan.Service, err)
	}
	if e == nil {
		return done
	}
	return e
}

// notChanged says why a plan was not begun. The account could be read a moment ago:
// unless it was an interruption, this is about the plan.
func (a *applyRun) notChanged(ctx context.Context, p *fix.Plan, err error) (Status, error) {
	if ctx.Err() != nil && !a.sent {
		return CannotCheck, err
	}
	a.note("%s was not changed: %v", p.Service, err)
	return Found, nil
}

// result prints what became of an entry, and gives the status for it.
func (a *applyRun) result(ctx context.Context, done *journal.Entry, err error) Status {
	switch {
	case err == nil:
	case ctx.Err() != nil && done.ChangedNothing():
		a.note("interrupted: nothing was sent to %s that changes it", done.Plan.Service)
	case ctx.Err() != nil:
		a.note("interrupted: what was sent to %s stays as it is", done.Plan.Service)
	default:
		a.note("%s: %v", done.Plan.Service, err)
	}
	p := a.page()
	p.entry(done, a.passing)
	if werr := p.flush(); werr != nil {
		a.note("%v", werr)
		return Found
	}
	crossed := done.Measured != nil && done.Measured.Known() && !done.Measured.Direct()
	if err != nil || done.State != journal.Applied || crossed {
		return Found
	}
	return Clean
}

// notBegun names what a run that stopped did not get to.
func (a *applyRun) notBegun(rest []fix.Plan) {
	if len(rest) == 0 {
		return
	}
	a.note("not begun: %s", joined(servicesOf(rest)))
}
