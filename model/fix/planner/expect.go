package planner

import (
	"math"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// manyCallers is how many callers of a path are expected one by one.
const manyCallers = 50

// expect fills in what verifies a plan: the paths to some container ports, to all of
// them if none is given, as they will be. Callers that are refused before and after
// are of no concern.
func expect(c *situation, plan *fix.Plan, after *situation, ports ...int) {
	for _, p := range after.paths {
		if len(ports) > 0 && !slices.Contains(ports, p.Target.ContainerPort) {
			continue
		}
		all := expectations(p, c.likeness, manyCallers)
		for i := range all {
			c.promise(&all[i], p)
		}
		plan.Wanted = slices.Grow(plan.Wanted, len(all))
		for _, e := range all {
			if !slices.Contains(plan.Wanted, e) {
				plan.Wanted = append(plan.Wanted, e)
			}
		}
	}
}

// promise adds what can be verified besides the way: protocol, port, and that targets are
// healthy where they were seen to be, or where a refusal explains why they are not.
func (c *situation) promise(e *fix.Expectation, p *reach.Path) {
	if p.Access != reach.Allowed {
		return
	}
	e.Protocol, e.Declared = fix.ProtocolOf(p), fix.Declared(p)
	balanced := p.Source.Kind == reach.SourceLoadBalancer || p.Source.Kind == reach.SourceHealthCheck
	if !balanced || p.Facts.TargetGroup == nil || c.service.DesiredCount == 0 ||
		p.Verdict == reach.Broken || p.Verdict == reach.Unknown {
		return
	}
	for _, before := range c.paths {
		if !change.Same(before, p) {
			continue
		}
		e.Healthy = before.Access == reach.Blocked || before.Health.Up()
		if !e.Healthy {
			return
		}
	}
}

// Present is what the paths into a service are, each in the words of an expectation: what
// was before a plan can be compared with what is later. Sources that are refused, or may
// be, are left out, and so are target groups that get no requests.
func Present(a *rule.Analysis, ref model.Ref) []fix.Expectation {
	v := newAccount(a)
	return present(v.look(v.present, ref))
}

// PresentIn is [Present] in an account with other groups and another service of that name.
func PresentIn(a *rule.Analysis, service *model.Service, groups []*model.SecurityGroup) []fix.Expectation {
	v := newAccount(a)
	return present(v.look(v.present.With(service, groups), service.Ref()))
}

func present(c *situation) []fix.Expectation {
	var out []fix.Expectation
	for _, p := range c.paths {
		if p.Access == reach.Allowed && fix.GetsRequests(p) {
			// Callers that look alike now may part later.
			all := expectations(p, model.Ref.String, math.MaxInt)
			for i := range all {
				all[i].Healthy = p.Health.Up()
			}
			out = append(out, all...)
		}
	}
	return out
}

// now are the steps that are not left for later.
func now(steps []fix.Step) []fix.Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s fix.Step) bool { return s.Later })
}

// expectations are what a path that will be says about its sources. Of callers of the
// same kind the first one stands for the others. Of more than limit, the last one stands
// for the rest.
func expectations(p *reach.Path, kindOf func(model.Ref) string, limit int) []fix.Expectation {
	e := expectation(p)
	switch {
	case p.Source.Services == nil:
		return []fix.Expectation{e}
	case p.Access == reach.Blocked:
		return nil
	}
	var out []fix.Expectation
	at := map[string]int{}
	for ref := range p.Source.Services.All() {
		kind := kindOf(ref)
		if i, known := at[kind]; known {
			out[i].Others++
			continue
		}
		if len(out) == limit {
			out[limit-1].Others++
			continue
		}
		at[kind] = len(out)
		e.Caller, e.From = ref, ref.String()
		out = append(out, e)
	}
	return out
}

// likeness is equal for services whose packets look alike, because they have the same
// groups and subnets.
func (c *situation) likeness(ref model.Ref) string {
	s := c.ix.Service(ref)
	if s == nil || len(s.Deployments) != 1 || s.Primary() == nil || s.Primary().Network == nil {
		return ref.String()
	}
	n := s.Primary().Network
	return strings.Join(n.SecurityGroups, ",") + "|" + strings.Join(n.Subnets, ",")
}

func expectation(p *reach.Path) fix.Expectation {
	e := fix.Expectation{
		Place: p.Place, Source: p.Source.Kind, From: p.Source.Name, Container: p.Target.Container,
		ContainerPort: p.Target.ContainerPort,
		Via:           p.Via, Access: p.Access, Verdict: p.Verdict,
	}
	if p.Access != reach.Allowed {
		// Whether it arrives is not what the plan is about, or not known.
		e.Access, e.Verdict = "", ""
	}
	if p.Verdict == reach.Unknown {
		e.Verdict = ""
	}
	return e
}
