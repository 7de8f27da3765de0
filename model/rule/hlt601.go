package rule

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hopscope/model"
	"hopscope/model/reach"
)

// healthSources are the paths whose targets' health is read.
var healthSources = append(slices.Clone(balancers), reach.SourceHealthCheck)

// noHealthyTarget is HLT601.
func noHealthyTarget() Rule {
	return Rule{
		Code: "HLT601", Title: "No target is healthy", Severity: Error,
		Sources: healthSources,
		Needs:   healthFacts,
		check:   checkNoHealthyTarget,
		Doc: Doc{
			What: "Every target of a target group that counts is unhealthy. Those that are being registered or taken " +
				"out, that are not in use or not checked, and those in the grace period of a deployment do not count.",
			Why: "The load balancer sends requests to all of them, as it has no better one (fail open): with " +
				"Target.Timeout or Target.FailedHealthChecks they fail as the checks do. ECS keeps replacing the tasks.",
			Detection: "State and reason of DescribeTargetHealth; where many target groups are read and that one was " +
				"not, CloudWatch's HealthyHostCount and UnHealthyHostCount. The finding says what the reason points to, and what " +
				"hopscope has ruled out. Where a finding about the configuration explains it (NET202, NET203, NET204, " +
				"CFG319 and others), it follows from that one. " +
				"The paths are broken where nothing answers the checks (Target.Timeout, Target.FailedHealthChecks) and the " +
				"configuration treats checks and requests alike; else they are a risk.",
			FalsePositive: "None known: it is what the load balancer says. It may have changed since it was read.",
			Fix:           "Do what the reason points to: the finding lists it in order.",
			Source: "Elastic Load Balancing guide, target group health checks: target health status, reason " +
				"codes, fail open.",
		},
	}
}

// someUnhealthyTargets is HLT602.
func someUnhealthyTargets() Rule {
	return Rule{
		Code: "HLT602", Title: "Some targets are unhealthy", Severity: Warning,
		Sources: healthSources,
		Needs:   healthFacts,
		check:   checkSomeUnhealthyTargets,
		Doc: Doc{
			What: "Some targets of a target group are unhealthy, and others are healthy.",
			Why: "The healthy ones take all requests. If tasks differ, as during a deployment, the unhealthy " +
				"ones may be the new version.",
			Detection: "State and reason of DescribeTargetHealth. While a deployment is in progress it is for " +
				"information only: tasks are then replaced, and their targets come and go.",
			FalsePositive: "A task that is about to be replaced anyway.",
			Fix: "Look at the tasks behind the unhealthy targets: their stopped reasons, their logs, the " +
				"answer to the health check.",
			Source: "Elastic Load Balancing guide, target group health checks: target health status, reason codes.",
		},
	}
}

func checkNoHealthyTarget(c *Case) {
	unhealthy(c, (*reach.Health).Down, "No target of %s is healthy: %d of %d unhealthy", Error, "")
}

func checkSomeUnhealthyTargets(c *Case) {
	some := func(h *reach.Health) bool { return h.Unhealthy > 0 && h.Healthy > 0 }
	severity, but := Warning, ""
	if c.Service.Standing() > 1 {
		severity, but = Info, " A deployment is in progress: targets come and go."
	}
	unhealthy(c, some, "%s has unhealthy targets: %d of %d unhealthy", severity, but)
}

// targetGroup is the target group that a path leads by; nil for none.
func targetGroup(p *reach.Path) *model.TargetGroup { return p.Facts.TargetGroup }

// unhealthy makes a finding of each target group for whose health something holds. Its
// title takes the group's name, how many of its targets are unhealthy, and how many
// there are; its detail ends with but.
func unhealthy(c *Case, holds func(*reach.Health) bool, title string, severity Severity, but string) {
	for paths := range groupBy(c.Paths, targetGroup) {
		group := paths[0].Facts.TargetGroup
		if group == nil {
			continue
		}
		if group.Health == nil && group.HostCounts == nil {
			c.lackUnread(model.DescribeTargetHealth, group.ARN)
			continue
		}
		paths = where(paths, func(p *reach.Path) bool { return p.Health != nil && holds(p.Health) })
		if len(paths) == 0 {
			continue
		}
		unknown := whyUnknown(paths)
		c.report(Finding{Paths: paths, Severity: severity, about: group.Name, text: func(f *Finding) Text {
			h := f.Paths[0].Health
			return Text{
				Title:    fmt.Sprintf(title, group.Name, h.Unhealthy, h.Len()),
				Detail:   whatReasonsPointTo(group, h, portWords(f.Paths, unknown)) + but,
				Evidence: healthEvidence(group, h),
			}
		}})
	}
}

// whatReasonsPointTo says, for each reason of the unhealthy targets, what it means and
// what is to be looked at, in order, and what is ruled out already: network is what the
// network says of the checks.
func whatReasonsPointTo(group *model.TargetGroup, h *reach.Health, network string) string {
	if h.Counted {
		return "CloudWatch counts them; which targets these are and for what reason was not read " +
			"(" + string(model.DescribeTargetHealth) + "). " + network
	}
	seen := map[string]*model.Target{}
	for i := range h.Targets {
		if t := &h.Targets[i]; t.FailsChecks() && seen[t.Reason] == nil {
			seen[t.Reason] = t
		}
	}
	var all []string
	for _, reason := range slices.Sorted(maps.Keys(seen)) {
		all = append(all, reasonWords(group, seen[reason], network))
	}
	return strings.Join(all, " ")
}

func reasonWords(group *model.TargetGroup, t *model.Target, network string) string {
	check := &group.HealthCheck
	asked := checkWords(check)
	switch t.Reason {
	case model.TargetTimeout:
		return fmt.Sprintf("%s: nothing answers %s within %d s. %s Then look whether the app listens on that port and "+
			"on all addresses, not on 127.0.0.1 alone, whether it answers in that time, and whether a firewall inside the "+
			"task or the instance drops packets.",
			t.Reason, asked, cmp.Or(check.TimeoutSeconds, 5), network)
	case model.TargetFailedHealthChecks:
		return fmt.Sprintf("%s: the connection for %s was refused or reset, or the answer was not understood. The "+
			"packets arrive: security groups and network ACLs are not the reason. Look whether the app listens on that "+
			"port and on all addresses, and whether it speaks %s there.",
			t.Reason, asked, cmp.Or(check.Protocol, "TCP"))
	case model.TargetResponseCodeMismatch:
		return fmt.Sprintf("%s: the app answers %s, with another code than %s (%s). The network is not the reason, "+
			"and requests may be answered: look at the path, at what it needs to answer, and at the matcher.",
			t.Reason, asked, cmp.Or(check.Matcher, "the matcher"),
			strings.TrimSuffix(cmp.Or(t.Description, "AWS does not say which"), "."))
	case "":
		return "AWS gives no reason."
	}
	description := cmp.Or(t.Description, "see the Elastic Load Balancing guide")
	return fmt.Sprintf("%s: %s.", t.Reason, strings.TrimSuffix(description, "."))
}

// checkWords is what a health check asks: "HTTP /health on the traffic port".
func checkWords(check *model.HealthCheck) string {
	on := "port " + check.Port
	if check.Port == model.TrafficPort {
		on = "the traffic port"
	}
	return strings.Join(strings.Fields(check.Protocol+" "+check.Path), " ") + " on " + on
}

// checked is the first of paths that the health checks take, nil if none is.
func checked(paths []*reach.Path) *reach.Path {
	i := slices.IndexFunc(paths, func(p *reach.Path) bool { return p.Source.Kind == reach.SourceHealthCheck })
	if i < 0 {
		return nil
	}
	return paths[i]
}

// whyUnknown is what keeps it from being known whether the network lets the health
// checks through, before other rules change the verdict.
func whyUnknown(paths []*reach.Path) string {
	if p := checked(paths); p != nil && p.Access == reach.AccessUnknown {
		return p.WhyUnknown()
	}
	return ""
}

// portWords says what the network says of the health checks.
func portWords(paths []*reach.Path, unknown string) string {
	p := checked(paths)
	if p == nil {
		return "Look first whether security groups and network ACLs let the checks through."
	}
	why := p.Crossing().Why
	switch p.Access {
	case reach.Allowed:
		return fmt.Sprintf("The port is open as far as AWS shows: %s.", why)
	case reach.Blocked:
		return fmt.Sprintf("The network refuses the checks: %s.", why)
	default:
		return fmt.Sprintf("Whether the network lets the checks through is not known: %s.", cmp.Or(unknown, why))
	}
}

func healthEvidence(group *model.TargetGroup, h *reach.Health) []reach.Evidence {
	check := &group.HealthCheck
	var out []reach.Evidence
	if h.Counted {
		out = append(out, fact(model.GetMetricData, "target group %s: HealthyHostCount = %d, UnHealthyHostCount = %d in the "+
			"minute to %s", group.Name, h.Healthy, h.Unhealthy, h.ReadAt.UTC().Format(time.RFC3339)))
	}
	type key struct{ state, reason, description string }
	count := map[key]int{}
	for i := range h.Targets {
		t := &h.Targets[i]
		count[key{t.State, t.Reason, t.Description}]++
	}
	for k, n := range count {
		quote := fmt.Sprintf("target group %s: %d × %s", group.Name, n, k.state)
		if k.reason != "" {
			quote += ", " + k.reason
		}
		if k.description != "" {
			quote += " (" + k.description + ")"
		}
		out = append(out, reach.Evidence{Fact: quote, From: string(model.DescribeTargetHealth)})
	}
	slices.SortFunc(out, func(a, b reach.Evidence) int { return cmp.Compare(a.Fact, b.Fact) })
	quote := fmt.Sprintf("health check of %s: %s", group.Name, checkWords(check))
	if check.Matcher != "" {
		quote += ", matcher " + check.Matcher
	}
	if check.IntervalSeconds > 0 {
		quote += fmt.Sprintf(", every %d s, timeout %d s, healthy after %d, unhealthy after %d",
			check.IntervalSeconds, check.TimeoutSeconds, check.HealthyThreshold, check.UnhealthyThreshold)
	}
	return append(out, reach.Evidence{Fact: quote, From: string(model.DescribeTargetGroups)})
}
