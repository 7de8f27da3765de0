package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"hopscope/internal/atomicfile"
	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/export"
	"hopscope/model/fix"
)

// savePlans writes the plans that --apply would carry out to a file, or to stdout, which
// then has nothing else.
func (r *run) savePlans(f *fixFlags, read *reading, repairs []repair) (Status, error) {
	s := read.snapshot()
	saved := fix.Saved{
		Schema: fix.SavedV1, Origin: s.Origin, Account: s.Scope.Account, Region: s.Scope.Region,
		Plans: []fix.SavedPlan{},
	}
	var forPerson, done []fix.Plan
	for i := range repairs {
		all, left, err := toSave(read, &repairs[i])
		if err != nil {
			return CannotCheck, err
		}
		forPerson, saved.Plans = append(forPerson, left...), append(saved.Plans, all...)
		for j := range all {
			done = append(done, all[j].Plan)
		}
	}
	status := r.noteLeft(read, repairs, forPerson, done)
	if len(saved.Plans) == 0 {
		r.note("nothing was saved: no plan can be carried out by hopscope without being named")
		return status, nil
	}
	write := func(w io.Writer) error { return export.Indented(w, saved) }
	if f.output == toStdout {
		return status, write(r.Stdout)
	}
	if err := atomicfile.Replace(f.output, write); err != nil {
		return CannotCheck, &model.CannotCheckError{
			Reason: "the plan cannot be saved: " + err.Error(), Next: "name another file", Err: err,
		}
	}
	for i := range saved.Plans {
		r.note("saved in %s: %s", text.Clean(f.output), saved.Plans[i].Plan.Title)
		if saved.Plans[i].Plan.Downtime {
			r.note("its deployment is downtime (ECS stops all tasks of %s before it starts new ones): --apply --yes with "+
				"this file agrees to that", saved.Plans[i].Plan.Service)
		}
	}
	r.note("once it is reviewed: %s", f.applyCommand(f.output))
	return status, nil
}

// toSave are the plans of a repair that hopscope can carry out, and those that are left.
func toSave(read *reading, of *repair) (all []fix.SavedPlan, left []fix.Plan, err error) {
	plans, err := combined(read, of)
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	for _, p := range appliables(of.plans) {
		ids = append(ids, p.ID)
	}
	for i := range plans {
		if plans[i].Appliable() {
			all = append(all, fix.NewSavedPlan(&plans[i], ids, read.analysis.Index))
		} else {
			left = append(left, plans[i])
		}
	}
	return all, left, nil
}

// loadPlans reads a file of saved plans.
func loadPlans(ctx context.Context, file string) (*fix.Saved, error) {
	saved, err := readFrom(ctx, file, func(r io.Reader) (*fix.Saved, error) {
		data, err := io.ReadAll(io.LimitReader(r, fix.MaxSaved+1))
		if err != nil {
			return nil, err
		}
		return fix.ReadSaved(data)
	})
	if err != nil && ctx.Err() == nil {
		return nil, &model.CannotCheckError{
			Reason: fmt.Sprintf("the plan in %s cannot be used: %s", text.Clean(file), text.Clean(err.Error())),
			Next:   "save it again with hopscope fix -o", Err: err,
		}
	}
	return saved, err
}

// setRegion takes the region of an account from a file of saved plans. Another one is
// refused before anything is read: nothing there can be what was saved.
func (f *sourceFlags) setRegion(saved *fix.Saved) error {
	region := &f.account.o.Region
	switch {
	case f.demo != "" || f.snapshot != "":
	case *region == "":
		*region = saved.Region
	case *region != saved.Region:
		return stale("it was made for account %s in %s, and --region is %s", saved.Account, saved.Region, *region)
	}
	return nil
}

// madeAgain are the saved plans as they are made from a reading. What is carried out is
// that, and never what the file says: the two have to be the same.
func madeAgain(saved *fix.Saved, read *reading) ([]repair, error) {
	scope := read.snapshot().Scope
	if saved.Account != scope.Account || saved.Region != scope.Region {
		return nil, stale("it was made for account %s in %s, and this is account %s in %s", saved.Account, saved.Region,
			scope.Account, scope.Region)
	}
	var out []repair
	for i := range saved.Plans {
		was := &saved.Plans[i]
		var of repair
		for _, id := range was.Of {
			at := slices.IndexFunc(read.plans, func(p fix.Plan) bool { return p.ID == id && p.Appliable() })
			if at < 0 {
				return nil, stale("there is no plan %s any more that can be carried out", id)
			}
			of.plans = append(of.plans, read.plans[at])
			if of.plans[0].Service != read.plans[at].Service {
				return nil, stale("it combines plans of several services")
			}
		}
		now, _, err := toSave(read, &of)
		if err != nil || len(now) != 1 {
			return nil, stale("its plans do not go together now")
		}
		if changed := was.Changed(&now[0]); len(changed) > 0 {
			return nil, stale("%s", strings.Join(changed, "; "))
		}
		out = append(out, of)
	}
	return out, nil
}

// isDone tells whether all that saved plans would do is so already.
func isDone(saved *fix.Saved, s *model.Snapshot) bool {
	return saved.Account == s.Scope.Account && saved.Region == s.Scope.Region &&
		!slices.ContainsFunc(saved.Plans, func(p fix.SavedPlan) bool { return !p.Done(s) })
}

// stale refuses saved plans.
func stale(format string, args ...any) error {
	return &model.CannotCheckError{
		Reason: "the saved plan is not the one that is made now: " + text.Clean(fmt.Sprintf(format, args...)) +
			"; nothing was sent",
		Next: "save it again with hopscope fix -o, and review it",
	}
}
