package planner

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Plans makes the plans for everything that a report found, sorted by service; of
// one finding the better plan first. The report must be the snapshot's.
func Plans(report *rule.Analysis) ([]fix.Plan, error) {
	refs := make([]model.Ref, len(report.Snapshot.Services))
	for i := range refs {
		refs[i] = report.Snapshot.Services[i].Ref()
	}
	slices.SortFunc(refs, model.Ref.Compare)
	made, errs := make([][]fix.Plan, len(refs)), make([]error, len(refs))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(refs)) {
		workers.Go(func() {
			v := newAccount(report)
			for i := next.Add(1) - 1; i < int64(len(refs)); i = next.Add(1) - 1 {
				made[i], errs[i] = v.plansFor(refs[i])
			}
		})
	}
	workers.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	out := make([]fix.Plan, 0, 2*len(made))
	for _, plans := range made {
		for i := range plans {
			out = merge(out, &plans[i])
		}
	}
	// Callers to be deployed again are planned for with those that they call.
	slices.SortStableFunc(out, func(a, b fix.Plan) int { return a.Service.Compare(b.Service) })
	return out, nil
}

// merge adds a plan, or what it repairs to the same plan that findings about another
// service asked for.
func merge(all []fix.Plan, p *fix.Plan) []fix.Plan {
	if p.Kind == fix.Redeploy || p.Kind == fix.Advice {
		if at := slices.IndexFunc(all, func(o fix.Plan) bool { return o.ID == p.ID }); at >= 0 {
			o := &all[at]
			o.Codes, o.Findings = sortedOnce(slices.Concat(o.Codes, p.Codes)), sortedOnce(slices.Concat(o.Findings, p.Findings))
			o.Paths, o.Checks = sortedOnce(slices.Concat(o.Paths, p.Paths)), once(slices.Concat(o.Checks, p.Checks))
			return all
		}
	}
	return append(all, *p)
}

// PlansFor makes the plans for the findings of one service, the better one of a
// finding first. What repairs a finding may be a plan for another service: callers
// that have to be deployed again.
func PlansFor(report *rule.Analysis, ref model.Ref) ([]fix.Plan, error) {
	return newAccount(report).plansFor(ref)
}

func (v *account) plansFor(ref model.Ref) ([]fix.Plan, error) {
	findings := v.analysis.About(ref)
	if len(findings) == 0 {
		return nil, nil
	}
	c := v.look(v.present, ref)
	if c.service == nil {
		return nil, nil
	}
	var out []fix.Plan
	for _, f := range findings {
		planner, known := planners[f.Code]
		if !known {
			continue
		}
		plans, err := planner(c, f)
		if err != nil {
			return nil, fmt.Errorf("plan for %s: %w", ref, err)
		}
		plans = slices.DeleteFunc(plans, func(p *fix.Plan) bool { return p == nil })
		order(plans)
		for _, p := range plans {
			if p.Appliable() && p.Kind != fix.Redeploy && !endsRollout(c, p) && !slices.Contains(p.Codes, f.Code) {
				if slices.ContainsFunc(out, func(o fix.Plan) bool { return o.Appliable() && sameWork(p, &o) }) {
					continue // it is a plan for something else
				}
				p.Refusal = &fix.Refusal{
					Reason:  fmt.Sprintf("%s would still be there afterwards: %s", f.Code, f.Title()),
					Instead: "see what else stands in the way on its path, and repair that first",
				}
			}
			out = addPlan(out, p, f)
		}
	}
	namedLast(out)
	return out, nil
}

// addPlan adds a plan for a finding, or adds the finding to a plan that does the
// same for another one. What is refused for one finding, and carried out for another,
// are two plans: carried out, it is not known to repair the first.
func addPlan(all []fix.Plan, p *fix.Plan, f *rule.Finding) []fix.Plan {
	at := slices.IndexFunc(all, func(o fix.Plan) bool { return o.Appliable() == p.Appliable() && sameWork(p, &o) })
	if at < 0 {
		id := p.ID
		for n := 2; slices.ContainsFunc(all, func(o fix.Plan) bool { return o.ID == p.ID }); n++ {
			p.ID = fmt.Sprintf("%s/%d", id, n)
		}
		at, all = len(all), append(all, *p)
	}
	claim(&all[at], f)
	return all
}

// sameWork tells whether two plans do the same, and one need not be shown.
func sameWork(p, o *fix.Plan) bool {
	return p.Kind == o.Kind && p.Service == o.Service && slices.EqualFunc(p.Steps, o.Steps,
		func(a, b fix.Step) bool { return a.Same(&b) })
}

// claim notes that the plan repairs a finding.
func claim(p *fix.Plan, f *rule.Finding) {
	if !slices.Contains(p.Codes, f.Code) {
		p.Codes = append(p.Codes, f.Code)
		slices.Sort(p.Codes)
	}
	if key := f.Key(); !slices.Contains(p.Findings, key) {
		p.Findings = append(p.Findings, key)
		slices.Sort(p.Findings)
	}
	for _, id := range pathIDs(f) {
		if !slices.Contains(p.Paths, id) {
			p.Paths = append(p.Paths, id)
			slices.Sort(p.Paths)
		}
	}
}

// finish tries a plan that can be carried out: it fills in what the plan is expected
// to do to the paths of some container ports (to all of them, for none), which
// findings are gone afterwards, and why it is not carried out, if it is not.
func finish(c *situation, plan *fix.Plan, o opening, ports ...int) (*fix.Plan, error) {
	after := o.after
	if after == nil {
		var err error
		if after, err = c.after(now(plan.Steps)); err != nil {
			return nil, err
		}
	}
	after.report() // gives the paths their verdicts
	expect(c, plan, after, ports...)
	if !endsRollout(c, plan) { // then much is gone because the rollout is over
		for _, f := range goneIn(c, after) {
			claim(plan, f)
		}
	}
	plan.Removes = removals(c, plan.Steps)
	plan.Checks = slices.Concat(plan.ChecksFirst(), o.blockers, laterChecks(c, plan.Steps))
	if slices.ContainsFunc(plan.Steps, func(s fix.Step) bool { return s.Later && s.Revokes() }) {
		plan.Undo += undoLater
	}
	if updates([]fix.Plan{*plan}) {
		deploys(c, plan)
	}
	plan.Risks = slices.Concat(plan.Risks, sharedRisks(c, plan.Steps), ownerRisks(c, plan))
	plan.Why = strings.TrimSpace(plan.Why + " " + trafficWords(c, after, plan))
	if plan.Refusal == nil {
		plan.Refusal = refusal(c, plan)
	}
	if plan.Refusal == nil {
		plan.Refusal = o.refusal()
	}
	if plan.Refusal == nil {
		plan.Refusal = harm(c, after)
	}
	if plan.Refusal == nil {
		plan.Refusal = harmElsewhere(c, plan.Steps, after)
	}
	return plan, nil
}

// endsRollout tells whether what is found after a plan is found because the older
// deployments, and tasks that no deployment tells of, are gone by then.
func endsRollout(c *situation, p *fix.Plan) bool {
	return (c.service.Standing() > 1 || c.unlistedRevision() != nil) &&
		slices.ContainsFunc(p.Steps, func(s fix.Step) bool { return s.Kind == fix.UpdateService })
}

// blurred tells whether a finding would be gone only because it is not known any more
// whether its sources arrive.
func blurred(c *situation, f *rule.Finding, after *situation) bool {
	for _, p := range c.pathsOf(f) {
		if p.Access == reach.Blocked && slices.ContainsFunc(after.paths,
			func(q *reach.Path) bool { return q.Access == reach.AccessUnknown && change.Same(p, q) }) {
			return true
		}
	}
	return false
}

// severity is a code and how severe a finding of it is.
type severity struct {
	code string
	rank int
}

// severities count the findings of each code that are as severe at least.
func (c *situation) severities() map[severity]int {
	n := map[severity]int{}
	for _, f := range c.report().Findings {
		for rank := range f.Severity.Rank() + 1 {
			n[severity{f.Code, rank}]++
		}
	}
	return n
}

// goneIn are the findings about the service that are not there any more in what
// would be.
func goneIn(c *situation, after *situation) []*rule.Finding {
	left := map[string]bool{}
	for _, f := range after.report().Findings {
		left[f.Key()] = true
	}
	were, are := c.severities(), after.severities()
	var out []*rule.Finding
	for _, f := range c.report().Findings {
		// One that is as severe may be the same in other words.
		at := severity{f.Code, f.Severity.Rank()}
		fewer := were[at] > are[at]
		if fewer && !left[f.Key()] && !blurred(c, f, after) {
			out = append(out, f)
		}
	}
	return out
}
