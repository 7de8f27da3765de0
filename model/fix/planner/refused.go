package planner

import (
	"fmt"
	"strings"

	"hopscope/model/change"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/words"
)

// planRefused repairs NET201 to NET204: the rules that refused sources are missing
// are added, on both ends.
func planRefused(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	refused, intended := refusedBy(c, f)
	if bound := c.pathsOf(f); len(bound) > 0 && len(bound[0].Facts.Bound) > 0 {
		return []*fix.Plan{adviseOpen(c, f, bound, fmt.Sprintf("Admit %s on the whole range of host ports of %s",
			words.Sender(bound[0]), c.service.Name),
			"Which host port the next task gets, its instance decides when it starts: net.ipv4.ip_local_port_range there.")}, nil
	}
	switch {
	case len(refused) == 0:
		return nil, nil
	case intended:
		return onePlan(openPort(c, f, refused))
	case f.Severity == rule.Info:
		return nil, nil // least privilege: the finding says when it is not
	}
	// No caller is admitted at all: a rule is missing, or else the endpoint is useless.
	plans, err := admitCaller(c, f, refused)
	if err != nil || len(f.Expected) > 0 {
		return plans, err
	}
	clientOnly, err := makeClientOnly(c, refused[0].Target.ContainerPort)
	if err != nil {
		return nil, err
	}
	return append(plans, clientOnly), nil
}

// refusedBy are the refused paths of a finding, and whether there is a sign that
// their sources are meant to connect.
func refusedBy(c *situation, f *rule.Finding) (refused []*reach.Path, intended bool) {
	for _, p := range c.pathsOf(f) {
		if p.Access != reach.Blocked {
			continue
		}
		refused = append(refused, p)
		intended = intended || p.Source.Services == nil || p.Facts.Intended
	}
	return refused, intended
}

func openPort(c *situation, f *rule.Finding, refused []*reach.Path) (*fix.Plan, error) {
	var o opening
	for range openingRounds {
		known := len(o.steps)
		next, err := c.after(o.steps)
		if err != nil {
			return nil, err
		}
		o.blockers = nil
		for _, p := range refused {
			for _, now := range next.paths {
				if now.Access == reach.Blocked && change.Same(p, now) {
					openFor(next, &o, restricted(now, p), openNote(c, p))
				}
			}
		}
		if len(o.steps) == known {
			break
		}
	}
	p := refused[0]
	plan := c.plan(fix.OpenPort, fmt.Sprintf("%d/%s", p.Target.WirePort, sourceID(p)),
		fmt.Sprintf("Let %s connect to %s of %s", words.Sender(p), portsOf(p).named(), c.service.Name))
	plan.Why = "Only security group rules are added: no task is replaced, and what passes now still passes."
	if len(o.steps) == 0 {
		return adviseBlocked(c, f, &o), nil
	}
	plan.Steps = o.steps
	plan.Risks = []fix.Note{{
		Title:  "The rule is for everything that has the group",
		Detail: reaches(c, o.steps),
	}}
	plan.Undo = "The rules that were added are removed, unless others came to need them."
	if _, err := finish(c, plan, o, p.Target.ContainerPort); err != nil {
		return nil, err
	}
	return plan, expectArrival(c, plan, refused)
}

// expectArrival refuses a plan after which it would not be known that its sources
// arrive.
func expectArrival(c *situation, plan *fix.Plan, refused []*reach.Path) error {
	after, err := c.after(plan.Steps)
	if err != nil || plan.Refusal != nil {
		return err
	}
	for _, p := range refused {
		for _, now := range after.paths {
			if now.SourceAccess() == reach.Allowed || !change.Same(p, now) {
				continue
			}
			plan.Refusal = &fix.Refusal{
				Reason: fmt.Sprintf("whether %s then reaches %s of %s is not known", words.Sender(p), portsOf(p).named(),
					c.service.Name),
				Instead: "see the path: " + lastWhy(now),
			}
			return nil
		}
	}
	return nil
}

// lastWhy says why the last hop of a path is what it is.
func lastWhy(p *reach.Path) string {
	hops := p.Hops()
	for i := len(hops) - 1; i >= 0; i-- {
		if hops[i].Access != reach.Allowed && hops[i].Why != "" {
			return hops[i].Why
		}
	}
	return p.ViaWhy()
}

// sourceID names the source of a path in the ID of a plan.
func sourceID(p *reach.Path) string {
	if p.Source.Services == nil {
		return p.Source.Name
	}
	return string(p.Source.Kind)
}

// restricted is a path with the callers that another one has too, or as it is where
// it has none.
func restricted(p, to *reach.Path) *reach.Path {
	if p.Source.Services == nil || to.Source.Services == nil {
		return p
	}
	if only := common(p, to); only != nil {
		return only
	}
	return p
}

// openNote is the description of the rules that are added for a source.
func openNote(c *situation, p *reach.Path) string {
	if p.Source.Services == nil {
		return "hopscope: " + p.Source.Name + " to " + c.service.Name
	}
	return words.CallersNote(c.service.Name)
}

// reaches says to whom else rules apply.
func reaches(c *situation, steps []fix.Step) string {
	var out []string
	for i := range steps {
		s := &steps[i]
		out = append(out, fmt.Sprintf("%s: hopscope knows %s", c.ix.GroupLabel(s.Group), c.usersOf(s.Group)))
		if s.Rule.Group != nil {
			out = append(out, fmt.Sprintf("%s: hopscope knows %s", c.ix.GroupLabel(s.Rule.Group.ID), c.usersOf(s.Rule.Group.ID)))
		}
	}
	return strings.Join(unique(out), ". ") + "."
}

func unique[T comparable](all []T) []T {
	seen := map[T]bool{}
	var out []T
	for _, s := range all {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// wire is the port of a path as groups see it, or its range.
func wire(p *reach.Path) string {
	return portsOf(p).String()
}

// adviseOpen tells a person how to admit a caller of refused paths.
func adviseOpen(c *situation, f *rule.Finding, refused []*reach.Path, title, why string) *fix.Plan {
	p := refused[0]
	target := "TARGET_GROUP"
	if targets, missing := groupsToOpen(c, p); missing == nil {
		target = targets[0]
	}
	caller, who := "CALLER_GROUP", "the group of the caller"
	if lb := p.Facts.LoadBalancer; p.Source.Services == nil && lb != nil && len(lb.SecurityGroups) > 0 {
		caller, who = lb.SecurityGroups[0], c.ix.GroupLabel(lb.SecurityGroups[0])
	}
	ports := portsOf(p)
	permission := fmt.Sprintf("IpProtocol=%s,FromPort=%d,ToPort=%d,UserIdGroupPairs=[{GroupId=%s}]",
		ports.transport(), ports.first, ports.last, caller)
	plan := advice(c, "admit-caller", wire(p), title, why,
		byHand(fmt.Sprintf("Admit %s on %s %s of %s", who, ports.transport(), ports, c.ix.GroupLabel(target)),
			c.aws("ec2", "authorize-security-group-ingress", "--group-id", target, "--ip-permissions", permission)))
	claim(plan, f)
	return plan
}

// adviseBlocked tells a person what no rule of ours can repair.
func adviseBlocked(c *situation, f *rule.Finding, o *opening) *fix.Plan {
	var steps []fix.Step
	for _, b := range o.blockers {
		steps = append(steps, byHand(b.Title+". "+b.Detail, b.Command))
	}
	if len(steps) == 0 {
		return nil
	}
	title := "Let through what is refused on the way to " + c.service.Name
	if refused, _ := refusedBy(c, f); len(refused) > 0 {
		title = fmt.Sprintf("Let %s through to %s of %s", words.Sender(refused[0]), portsOf(refused[0]).named(),
			c.service.Name)
	}
	plan := advice(c, "let-pass", strings.ToLower(f.Code), title, "What refuses it is not a rule that hopscope changes.",
		steps...)
	claim(plan, f)
	return plan
}

// advice is a plan for a person. what is the name of the fix.
func advice(c *situation, what, tail, title, why string, steps ...fix.Step) *fix.Plan {
	plan := c.plan(fix.Advice, tail, title)
	plan.ID = what + strings.TrimPrefix(plan.ID, string(fix.Advice))
	plan.Why, plan.Steps = why, steps
	return plan
}
