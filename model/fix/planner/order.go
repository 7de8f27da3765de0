package planner

import (
	"cmp"
	"fmt"
	"slices"

	"hopscope/model/fix"
)

// order puts the plans of a finding in the order of regret: what admits sources that
// are refused, then what moves the agent, then what changes a setting, and last what
// takes something away. Among equals the better one is first already.
func order(plans []*fix.Plan) {
	slices.SortStableFunc(plans, func(a, b *fix.Plan) int { return cmp.Compare(regret(a), regret(b)) })
}

// namedLast puts the plans that are carried out by name alone behind all others of their
// service, and those that take something away last: one of another finding must not come
// in front of a finding's own.
func namedLast(plans []fix.Plan) {
	last := func(p *fix.Plan) int {
		switch {
		case len(p.Removes) > 0:
			return 2
		case p.Among != "":
			return 1
		}
		return 0
	}
	slices.SortStableFunc(plans, func(a, b fix.Plan) int { return cmp.Compare(last(&a), last(&b)) })
}

// regret ranks what a plan does: the less it can be regretted, the lower.
func regret(p *fix.Plan) int {
	switch {
	case len(p.Removes) > 0:
		return 3
	case p.Kind == fix.OpenPort && p.Appliable():
		return 0
	case p.Kind == fix.SetOverride, p.Kind == fix.UnsetOverride:
		return 1
	}
	return 2
}

// removals names what steps take away, in words that go behind "it takes away".
func removals(c *situation, steps []fix.Step) []string {
	var out []string
	for _, s := range now(steps) {
		switch {
		case s.Revokes():
			out = append(out, fmt.Sprintf("the rule for %s of %s", s.Rule.Ports(), c.ix.GroupLabel(s.Group)))
		case s.Kind == fix.UpdateService:
			for i := range s.Edits {
				if what := removal(c, &s.Edits[i]); what != "" {
					out = append(out, what)
				}
			}
		}
	}
	return unique(out)
}

// removal names what an edit takes away, "" for nothing. An override leads requests
// past the agent that ends TLS for them.
func removal(c *situation, e *fix.Edit) string {
	switch {
	case e.Kind == fix.EditRemoveEndpoint:
		return "the endpoint " + e.PortName
	case e.Kind == fix.EditTLS && e.Drop:
		return "TLS of the endpoint " + e.PortName
	case e.Kind == fix.EditOverride && e.Port != 0 && c.hasTLS(c.portNamed(e.PortName)):
		if sc := c.block(); e.Index < len(sc.Services) && sc.Services[e.Index].IngressPortOverride == 0 {
			return "TLS between load balancers and the port of " + e.PortName
		}
	}
	return ""
}
