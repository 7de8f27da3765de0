package rule

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/reach"
)

// ruleShadowed is CFG317.
func ruleShadowed() Rule {
	return Rule{
		Code: "CFG317", Title: "Listener rule that no request reaches", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceLoadBalancer},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts),
		check:   checkRuleShadowed,
		Doc: Doc{
			What: "Every request that meets the conditions of a listener rule meets those of an earlier rule " +
				"too, which ends it.",
			Why: "No request takes the later rule: the service behind it gets nothing by this way. In blue/green deployments " +
				"it is often the test rule, so that the test traffic meets the old version.",
			Detection: "The conditions of the rules with a lower priority number are compared with the rule's: same field " +
				"(and header), and every value of the later one is among the earlier one's, or the earlier one matches " +
				"everything (* for hosts, * or /* for paths, a wider CIDR for source addresses, all that the load balancer " +
				"speaks to: 0.0.0.0/0, and ::/0 of a dualstack one). Patterns that merely overlap, " +
				"and regular expressions that differ, are not reported. It is information when the earlier rule " +
				"forwards to the same target group.",
			FalsePositive: "The earlier rule is there for a time, as during maintenance.",
			Fix:           "Give the rule a condition of its own, or a priority before the other one's.",
			Source: "Elastic Load Balancing guide, listener rules: rules are tried in the order of their priorities, " +
				"and the first whose conditions are met decides.",
		},
	}
}

func checkRuleShadowed(c *Case) {
	for paths := range groupBy(c.Paths, func(p *reach.Path) *model.ListenerRule { return p.Facts.Rule }) {
		later := paths[0].Facts.Rule
		if later == nil || paths[0].Facts.LoadBalancer == nil || paths[0].Facts.Listener == nil {
			continue
		}
		for _, earlier := range c.Priorities[later.ListenerARN] {
			if priority(earlier) >= priority(later) {
				break
			}
			if ends(earlier) && covers(earlier, later, paths[0].Facts.LoadBalancer) {
				c.report(shadowFinding(paths, earlier, later))
				break
			}
		}
	}
}

// terminal are the actions that end a request.
var terminal = []string{"forward", "redirect", "fixed-response"}

// ends tells whether a rule decides what becomes of a request, whatever an
// authentication before it says: the request never comes to the next rule.
func ends(r *model.ListenerRule) bool {
	return slices.ContainsFunc(r.Actions, func(a model.ListenerAction) bool { return slices.Contains(terminal, a.Type) })
}

// covers tells whether every request that meets the conditions of the later rule
// certainly meets those of the earlier one.
func covers(earlier, later *model.ListenerRule, lb *model.LoadBalancer) bool {
	if len(earlier.Conditions) == 0 {
		return false // only a rule whose conditions were not read has none
	}
	for i := range earlier.Conditions {
		e := &earlier.Conditions[i]
		if matchesAll(e, lb) {
			continue
		}
		if !slices.ContainsFunc(later.Conditions, func(l model.RuleCondition) bool { return implies(&l, e) }) {
			return false
		}
	}
	return true
}

// matchesAll tells whether a condition is met by every request to a load balancer.
func matchesAll(c *model.RuleCondition, lb *model.LoadBalancer) bool {
	switch c.Field {
	case "host-header":
		return slices.Contains(c.Values, "*")
	case "path-pattern":
		return slices.Contains(c.Values, "*") || slices.Contains(c.Values, "/*")
	case "source-ip":
		return slices.Contains(c.Values, "0.0.0.0/0") &&
			(!strings.HasPrefix(lb.IPAddressType, "dualstack") || slices.Contains(c.Values, "::/0"))
	}
	return false
}

// implies tells whether whatever meets the condition l meets e.
func implies(l, e *model.RuleCondition) bool {
	if l.Field != e.Field || !strings.EqualFold(l.Name, e.Name) || len(l.Values) == 0 {
		return false
	}
	for _, value := range l.Values {
		if !slices.ContainsFunc(e.Values, func(wide string) bool { return within(l.Field, value, wide) }) {
			return false
		}
	}
	return true
}

// within tells whether one value of a condition is certainly part of another.
func within(field, value, wide string) bool {
	switch {
	case value == wide:
		return true
	case field == "host-header":
		return !strings.HasPrefix(value, "regex:") && strings.EqualFold(value, wide)
	case field != "source-ip":
		return false
	}
	v, err := netip.ParsePrefix(value)
	if err != nil {
		return false
	}
	w, err := netip.ParsePrefix(wide)
	return err == nil && w.Bits() <= v.Bits() && w.Contains(v.Addr())
}

func shadowFinding(paths []*reach.Path, earlier, later *model.ListenerRule) Finding {
	facts := &paths[0].Facts
	name := fmt.Sprintf("%s :%d", facts.LoadBalancer.Name, facts.Listener.Port)
	harmless := facts.TargetGroup != nil && forwardsTo(earlier, facts.TargetGroup.ARN)
	f := Finding{
		Paths: paths, verdict: reach.Risk, about: name + " rule " + later.Priority,
		Forward: &Forward{LoadBalancer: facts.LoadBalancer, Listener: facts.Listener, Rule: earlier},
	}
	if harmless {
		f.Severity, f.verdict = Info, ""
	}
	f.text = func(f *Finding) Text {
		t := Text{
			Title: fmt.Sprintf("No request takes rule %s of %s to %s: rule %s comes first",
				later.Priority, name, f.Service, earlier.Priority),
			Detail: fmt.Sprintf("Whatever meets the conditions of rule %s of %s meets those of rule %s too, which is tried "+
				"first and ends the request (%s). %s gets no request by this way.",
				later.Priority, name, earlier.Priority, outcome(earlier), f.Service),
			Evidence: []reach.Evidence{ruleEvidence("", earlier), ruleEvidence("", later)},
		}
		if harmless {
			t.Detail += " The other rule forwards to the same target group, so that nothing is lost."
		}
		return t
	}
	return f
}

// ruleEvidence quotes a listener rule, with the listener's name in front of it.
func ruleEvidence(listener string, r *model.ListenerRule) reach.Evidence {
	return fact(model.DescribeRules, "%srule %s: %s, then %s", listener, r.Priority, conditions(r), outcome(r))
}

// forwardsTo tells whether a rule sends requests to a target group.
func forwardsTo(r *model.ListenerRule, group model.ARN) bool {
	return slices.ContainsFunc(r.Actions, func(a model.ListenerAction) bool {
		return slices.ContainsFunc(a.Forward, func(t model.WeightedTargetGroup) bool {
			return t.TargetGroupARN == group && t.Weight > 0
		})
	})
}

// conditions are the conditions of a rule, for a reader.
func conditions(r *model.ListenerRule) string {
	if len(r.Conditions) == 0 {
		return "no condition"
	}
	all := make([]string, len(r.Conditions))
	for i, c := range r.Conditions {
		field := c.Field
		if c.Name != "" {
			field += " " + c.Name
		}
		values := c.Values
		if c.HoldsSecrets() {
			values = []string{text.Masked}
		}
		all[i] = field + " = " + strings.Join(values, " or ")
	}
	return strings.Join(all, " and ")
}

// outcome is what a rule does with a request, for a reader.
func outcome(r *model.ListenerRule) string {
	for _, a := range r.Actions {
		switch {
		case a.Type == "forward" && len(a.Forward) > 0:
			names := make([]string, len(a.Forward))
			for i, t := range a.Forward {
				names[i] = groupName(t.TargetGroupARN)
			}
			return "forward to " + strings.Join(names, ", ")
		case slices.Contains(terminal, a.Type):
			return a.Type
		}
	}
	return "nothing"
}

// groupName is the name inside a target group's ARN, whose resource is
// targetgroup/NAME/ID.
func groupName(arn model.ARN) string {
	if parts := strings.Split(model.ARNResource(arn), "/"); len(parts) > 1 {
		return parts[1]
	}
	return arn
}
