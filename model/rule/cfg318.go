package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// forwardsToNobody is CFG318.
func forwardsToNobody() Rule {
	return Rule{
		Code: "CFG318", Title: "Listener forwards to a target group without targets", Severity: Warning,
		Needs: healthFacts,
		check: checkForwardsToNobody,
		Doc: Doc{
			What: "A rule or default action of a listener forwards to a target group that has no registered " +
				"target and that no service names.",
			Why: "Requests that meet the rule get 503. Often the service is gone, and its rule and target group stayed. A " +
				"default action gets what no rule takes: a path pattern without a wildcard takes exactly that path, /orders " +
				"neither /orders/ nor /orders/1.",
			Detection: "A forward action with a weight above 0 names a target group that is in no services[].loadBalancers, " +
				"taskSets[].loadBalancers or service revision, and DescribeTargetHealth lists no target. It is reported once, at " +
				"the first service that the same listener leads to, or else the same load balancer.",
			FalsePositive: "Something else registers targets from time to time: an autoscaling group that is scaled to zero, " +
				"a service of another account or cluster that was not read.",
			Fix: "Attach a service to the target group, or remove the rule. A default action cannot be removed: let it answer " +
				"by itself, and give rules whose sub-paths come to it a second pattern, such as /orders/*.",
			Source: "Elastic Load Balancing guide, HTTP 503: the target groups for the load balancer have no registered " +
				"targets; condition types for listener rules, path conditions.",
		},
	}
}

// idleForward is a way to a target group that no service names.
type idleForward struct {
	Forward
	// missing is set where the group is.
	missing *model.Missing
}

// idleForwards finds the ways to target groups that no service names. They have
// no path of their own: they are told of at the first service behind the same
// listener, or else the same load balancer. Where tasks of the VPC wait in a group that no
// listener forwards to, it is their service's affair, and no neighbour's.
func idleForwards(ix *model.Index, paths []*reach.Path) map[model.Ref][]idleForward {
	named := namedGroups(ix.Snapshot)
	behind, beside := map[model.ARN]model.Ref{}, map[model.ARN]model.Ref{}
	for _, p := range paths { // sorted by target
		if p.Source.Kind != reach.SourceLoadBalancer || p.Facts.Listener == nil || p.Facts.LoadBalancer == nil {
			continue
		}
		first(behind, p.Facts.Listener.ARN, p.Target.Ref())
		first(beside, p.Facts.LoadBalancer.ARN, p.Target.Ref())
	}
	out, waiting := map[model.Ref][]idleForward{}, findUnforwarded(ix)
	for i := range ix.Snapshot.LoadBalancers {
		lb := &ix.Snapshot.LoadBalancers[i]
		at, used := beside[lb.ARN]
		waits := waiting[lb.VPC]
		if !used && waits == nil {
			continue
		}
		listeners, _ := ix.Listeners(lb.ARN)
		for _, l := range listeners {
			ref, leads := behind[l.ARN]
			if !leads {
				ref = at
			}
			for _, r := range rulesOf(ix, l) {
				way := idleForward{Forward: Forward{LoadBalancer: lb, Listener: l, Rule: r}}
				for _, way := range appendIdle(nil, ix, named, way) {
					switch {
					case waits.left(way.TargetGroup):
						out[waits.ref] = append(out[waits.ref], way)
					case used:
						out[ref] = append(out[ref], way)
					}
				}
			}
		}
	}
	return out
}

func first(to map[model.ARN]model.Ref, arn model.ARN, ref model.Ref) {
	if _, known := to[arn]; !known {
		to[arn] = ref
	}
}

// rulesOf are the rules of a listener: those that were read, or its default
// action, which DescribeListeners gives too.
func rulesOf(ix *model.Index, l *model.Listener) []*model.ListenerRule {
	rules, _ := ix.Rules(l.ARN)
	if len(rules) == 0 && len(l.DefaultActions) > 0 {
		return []*model.ListenerRule{{ListenerARN: l.ARN, Priority: "default", Default: true, Actions: l.DefaultActions}}
	}
	return rules
}

// appendIdle adds the target groups of a rule that get requests and that no
// service names.
func appendIdle(to []idleForward, ix *model.Index, named map[model.ARN]bool, way idleForward) []idleForward {
	for i := range way.Rule.Actions {
		for _, t := range way.Rule.Actions[i].Forward {
			if t.Weight == 0 || named[t.TargetGroupARN] {
				continue
			}
			way.TargetGroup, way.missing = ix.TargetGroup(t.TargetGroupARN)
			to = append(to, way)
		}
	}
	return to
}

// namedGroups are the target groups that services, task sets and service
// revisions name.
func namedGroups(s *model.Snapshot) map[model.ARN]bool {
	named := make(map[model.ARN]bool, len(s.TargetGroups))
	for i := range s.Services {
		for arn := range s.Services[i].TargetGroups() {
			named[arn] = true
		}
	}
	for i := range s.ServiceRevisions {
		r := &s.ServiceRevisions[i]
		for _, lb := range r.LoadBalancers {
			named[lb.TargetGroupARN] = true
		}
		for _, g := range r.GatewayConnections {
			named[g.TargetGroupARN], named[g.AlternateTargetGroupARN] = true, true
		}
		for _, in := range r.IngressPaths {
			for _, g := range in.TargetGroups {
				named[g.ARN] = true
			}
		}
	}
	return named
}

// unforwarded is a service with running tasks whose target groups no listener forwards to.
type unforwarded struct {
	ref   model.Ref
	group *model.TargetGroup
}

// left tells whether a group without targets may be the one that the service's tasks were
// in before: it is like the one that they are in.
func (u *unforwarded) left(group *model.TargetGroup) bool {
	return u != nil && group != nil && group.Protocol == u.group.Protocol && group.Port == u.group.Port &&
		group.TargetType == u.group.TargetType
}

// findUnforwarded are such services, the first of each VPC.
func findUnforwarded(ix *model.Index) map[string]*unforwarded {
	out := map[string]*unforwarded{}
	for i := range ix.Snapshot.Services {
		s := &ix.Snapshot.Services[i]
		if s.RunningCount == 0 {
			continue
		}
		var first *model.TargetGroup
		used := false
		for arn := range s.TargetGroups() {
			g, missing := ix.TargetGroup(arn)
			if used = missing != nil || len(g.LoadBalancers) > 0; used {
				break
			}
			first = cmp.Or(first, g)
		}
		if !used && first != nil && out[first.VPC] == nil {
			out[first.VPC] = &unforwarded{s.Ref(), first}
		}
	}
	return out
}

func checkForwardsToNobody(c *Case) {
	for _, p := range c.Siblings {
		for i := range p.Missing {
			if slices.Contains(loadBalancerFacts, p.Missing[i].Action) {
				c.lack(&p.Missing[i])
			}
		}
	}
	for _, way := range c.Idle[c.Service.Ref()] {
		targets, missing := c.targetsOf(&way)
		if missing != nil {
			c.lack(missing)
		}
		if missing != nil || len(targets) > 0 {
			continue
		}
		c.report(idleFinding(way.Forward, c.Priorities[way.Listener.ARN]))
	}
}

// idleFinding says that a forward leads to no target. all are the rules of its listener.
func idleFinding(way Forward, all []*model.ListenerRule) Finding {
	name := fmt.Sprintf("%s :%d", way.LoadBalancer.Name, way.Listener.Port)
	r, group := way.Rule, way.TargetGroup
	return Finding{
		about: fmt.Sprintf("%s rule %s %s", name, r.Priority, group.Name), Forward: &way,
		text: func(*Finding) Text {
			answer := "they get 503"
			if way.LoadBalancer.Type == model.NetworkLoadBalancer {
				answer = "no target answers them"
			}
			return Text{
				Title: fmt.Sprintf("Rule %s of %s forwards to %s, which has 0 targets", r.Priority, name, group.Name),
				Detail: fmt.Sprintf("Requests to %s that meet rule %s (%s) are forwarded to target group %s. It has 0 registered "+
					"targets, "+
					"and no service that was read names it: %s.%s",
					name, r.Priority, conditions(r), group.Name, answer, exactPaths(r, all)),
				Evidence: []reach.Evidence{
					ruleEvidence("listener "+name+", ", r),
					fact(model.DescribeTargetHealth, "target group %s: 0 targets", group.Name),
				},
			}
		},
	}
}

// exactPaths says which paths a rule takes alone, without those below them; of a
// default action, which the other rules do, as the paths below come to it.
func exactPaths(r *model.ListenerRule, all []*model.ListenerRule) string {
	if !r.Default {
		if exact := exactPatterns(r); len(exact) > 0 {
			return fmt.Sprintf(" A pattern without a wildcard takes exactly its path: %s, and not %s/1.", words.Names(exact),
				below(exact[0]))
		}
		return ""
	}
	var said []string
	example := ""
	for _, other := range all {
		if exact := exactPatterns(other); len(exact) > 0 {
			said = append(said, fmt.Sprintf("%s (rule %s)", words.Names(exact), other.Priority))
			example = cmp.Or(example, below(exact[0]))
		}
	}
	if example == "" {
		return ""
	}
	return fmt.Sprintf(" The default action gets what no rule takes. A pattern without a wildcard takes exactly its "+
		"path: %s; "+
		"%s/1 comes here.", words.Names(said), example)
}

// exactPatterns are the paths of a rule that have no wildcard. The root is left out: /1
// is below it, but is not taken for a part of it.
func exactPatterns(r *model.ListenerRule) []string {
	var out []string
	for _, c := range r.Conditions {
		if c.Field != "path-pattern" {
			continue
		}
		for _, v := range c.Values {
			if !strings.HasPrefix(v, "regex:") && !strings.ContainsAny(v, "*?") && v != "/" {
				out = append(out, v)
			}
		}
	}
	return out
}

func below(path string) string { return strings.TrimSuffix(path, "/") }

// targetsOf are the targets of the group that a forward leads to. Groups that no
// service names are not always read: their absence from the snapshot says nothing.
func (c *Case) targetsOf(way *idleForward) ([]model.Target, *model.Missing) {
	switch {
	case way.missing == nil:
		return c.Index.TargetHealth(way.TargetGroup)
	case way.missing.State != model.Absent:
		return nil, way.missing
	}
	return nil, &model.Missing{
		What: "targets of a group that no service names", Action: model.DescribeTargetHealth,
		State: model.NotRead,
	}
}
