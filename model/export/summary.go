package export

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
	"hopscope/model/words"
)

// Scope names what a report is about: "prod, staging · eu-west-1 · 123456789012".
func Scope(r *report.Report) string {
	var parts []string
	for _, part := range []string{strings.Join(r.Scope.Clusters, ", "), r.Scope.Region, r.Scope.Account} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "no cluster"
	}
	return strings.Join(parts, " · ")
}

// Summary says in one line how a report ended: "1 error, 2 warnings on 31 paths
// of 12 services". It never says that all is well where something was not read.
func Summary(r *report.Report) string {
	var found []string
	for _, s := range []rule.Severity{rule.Error, rule.Warning, rule.Info} {
		n := 0
		for i := range r.Findings {
			if r.Findings[i].Severity == s && r.Findings[i].Accepted == nil {
				n++
			}
		}
		switch {
		case n == 0:
		case s == rule.Info:
			found = append(found, fmt.Sprintf("%d info", n))
		default:
			found = append(found, words.Count(n, string(s)))
		}
	}
	summary := strings.Join(found, ", ")
	switch n := r.Accepted(); {
	case n > 0 && summary == "":
		summary = fmt.Sprintf("%d accepted and no other findings", n)
	case n > 0:
		summary += fmt.Sprintf(", %d accepted", n)
	case summary == "":
		summary = "no findings"
	}
	all := " of " + words.Count(r.Counts.Services.Loaded, "service")
	if r.Part != "" {
		all = " (" + r.Part + ")"
	}
	summary += " on " + words.Count(len(r.Paths), "path") + all
	if n := Unknown(r); n > 0 {
		summary += fmt.Sprintf(", %s unknown", words.Count(n, "path"))
	}
	if !r.Complete {
		summary += ", and not everything could be read"
	}
	return summary
}

// Unknown counts the paths that cannot be judged.
func Unknown(r *report.Report) int {
	n := 0
	for _, p := range r.Paths {
		if p.Observed() == reach.Unknown {
			n++
		}
	}
	return n
}

// Completeness says what was read, and at what cost: "12 of 12 services · 26
// calls · 0 failed".
func Completeness(r *report.Report) string {
	calls, failed := 0, 0
	for _, n := range r.Stats.Calls {
		calls += n
	}
	for i := range r.Gaps {
		if s := r.Gaps[i].State; s == model.Denied || s == model.Failed || s == model.Unsupported {
			failed++
		}
	}
	services := r.Counts.Services
	return fmt.Sprintf("%d of %s · %s · %d failed",
		services.Loaded, words.Count(services.Listed, "service"), words.Count(calls, "call"), failed)
}

// NotChecked names the rules that gaps disabled and how often: "HOP101 (needs
// ecs:DescribeTaskDefinition; 3 services)".
func NotChecked(all []rule.NotChecked) []string {
	type reason struct {
		code  string
		needs model.Action
	}
	services := make(map[reason]map[model.Ref]bool)
	for _, n := range all {
		why := reason{n.Code, n.Needs}
		if services[why] == nil {
			services[why] = make(map[model.Ref]bool)
		}
		services[why][model.Ref{Cluster: n.Cluster, Service: n.Service}] = true
	}
	out := make([]string, 0, len(services))
	for why, refs := range services {
		where := words.Count(len(refs), "service")
		if refs[model.Ref{}] {
			where = "all services"
		}
		out = append(out, fmt.Sprintf("%s (needs %s; %s)", why.code, why.needs, where))
	}
	slices.Sort(out)
	return out
}
