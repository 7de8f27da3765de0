package planner_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// count counts the findings of a code about a service that are as severe as the mildest
// of some keys at least. Where one caller of several was admitted, what is left of NET201
// is an info: least privilege.
func count(r, before *rule.Analysis, p *fix.Plan, code string) int {
	least := rule.Error
	for _, f := range before.Findings {
		if f.Code == code && slices.Contains(p.Findings, f.Key()) && f.Severity.Rank() < least.Rank() {
			least = f.Severity
		}
	}
	n := 0
	for _, f := range r.Findings {
		if f.Code == code && f.Ref() == p.Service && f.Severity.Rank() >= least.Rank() {
			n++
		}
	}
	return n
}

// ways are who gets where: a source, a target, and whether it arrives.
func ways(r *rule.Analysis) map[string]reach.Access {
	out := map[string]reach.Access{}
	add := func(key string, a reach.Access) {
		if old, known := out[key]; known && old != a {
			a = reach.AccessUnknown // two ways that look alike
		}
		out[key] = a
	}
	for _, p := range r.Paths {
		if p.Source.Services == nil {
			add(p.ID, p.Access)
			continue
		}
		for ref := range p.Source.Services.All() {
			add(fmt.Sprint(ref, p.Source.Kind, p.Source.Endpoint, p.Target.Ref(), p.Target.Container, p.Target.ContainerPort),
				p.Access)
		}
	}
	return out
}

// errorsOf are the errors that no plan may cause, by service.
func errorsOf(r *rule.Analysis) map[string]bool {
	out := map[string]bool{}
	for _, f := range r.Findings {
		if f.Severity == rule.Error && (strings.HasPrefix(f.Code, "NET2") || strings.HasPrefix(f.Code, "CFG3")) {
			out[f.Code+" "+f.Ref().String()] = true
		}
	}
	return out
}

// T is a test, or the run of a property.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// unmetBesidesHealth are the expectations that a snapshot does not meet: how targets are
// after a plan, no outcome that was derived can tell.
func unmetBesidesHealth(p *fix.Plan, s *model.Snapshot) []fix.Expectation {
	configured := *p
	configured.Wanted = slices.Clone(p.Wanted)
	for i := range configured.Wanted {
		configured.Wanted[i].Healthy = false
	}
	return configured.Unmet(rule.Analyze(s))
}

// keepsItsWord carries a plan out on the snapshot and looks at the whole account
// afterwards: the finding is gone, nothing else is worse, and what the plan expects
// is so.
func keepsItsWord(t T, s *model.Snapshot, before *rule.Analysis, p *fix.Plan) {
	t.Helper()
	now := slices.DeleteFunc(slices.Clone(p.Steps), func(s fix.Step) bool { return s.Later })
	after, err := fix.Outcome(s, p.Service, now)
	if err != nil {
		t.Fatalf("%s: %v", p.ID, err)
	}
	report := rule.Analyze(after)
	if p.Kind != fix.Redeploy {
		for _, code := range p.Codes {
			if count(report, before, p, code) >= count(before, before, p, code) {
				t.Errorf("%s: %s is still there", p.ID, code)
			}
		}
	}
	if unmet := unmetBesidesHealth(p, after); len(unmet) > 0 {
		t.Errorf("%s: not met: %+v", p.ID, unmet)
	}
	noWorse(t, p, before, report, "CFG")
	all, err := fix.Outcome(s, p.Service, p.Steps)
	if err != nil {
		t.Fatalf("%s: %v", p.ID, err)
	}
	noWorse(t, p, before, rule.Analyze(all), "CFG")
}

// noWorse: no caller is cut off, and there are no new errors. A rule that lets packets
// in may uncover what was wrong all the time: errors of some families then.
func noWorse(t T, p *fix.Plan, before, after *rule.Analysis, uncovered ...string) {
	t.Helper()
	were, are := ways(before), ways(after)
	for key, access := range are {
		if access == reach.Blocked && were[key] == reach.Allowed {
			t.Errorf("%s: %s was allowed, and is blocked", p.ID, key)
		}
	}
	opensOnly := !slices.ContainsFunc(p.Steps, func(s fix.Step) bool {
		return s.Kind != fix.AuthorizeIngress &&
			s.Kind != fix.AuthorizeEgress
	})
	known := errorsOf(before)
	for key := range errorsOf(after) {
		if excused := opensOnly && slices.Contains(uncovered, key[:3]); !known[key] && !excused {
			t.Errorf("%s: there is a new error: %s", p.ID, key)
		}
	}
}

// Whatever an account looks like: every plan that hopscope would carry out removes
// the finding it is for, causes no error, and cuts no caller off.
func TestEveryAppliablePlanKeepsItsWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := modeltest.Draw(t)
		report := rule.Analyze(s)
		plans, err := planner.Plans(report)
		if err != nil {
			t.Fatal(err)
		}
		for i := range plans {
			if plans[i].Appliable() {
				keepsItsWord(t, s, report, &plans[i])
			}
		}
	})
}
