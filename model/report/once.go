package report

import (
	"slices"
	"strings"

	"hopscope/model/reach"
)

// A report of thousands of services says nothing twice: what a path has in common with its
// findings, and a finding with its cause, is said by the finding and by the cause.

// toldBy are the findings on each path, by its ID.
func (r *Report) toldBy() map[string][]*Finding {
	out := map[string][]*Finding{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if len(f.Paths) == 0 {
			out[f.Path] = append(out[f.Path], f)
		}
		for _, id := range f.Paths {
			out[id] = append(out[id], f)
		}
	}
	return out
}

// newHops are the hops of a path. What admits a hop is its why, but inside a task,
// where nothing is asked. The checks of a hop are those that do not admit it, and its
// evidence is that of a hop which is not admitted. Where the refusal is as it should be,
// there is no symptom, and nothing is needed. FromNode is left out where it is the
// ToNode of the hop before.
func newHops(p *reach.Path, told []*Finding) []reach.Hop {
	hops := append([]reach.Hop{}, p.Hops()...)
	for i := len(hops) - 1; i >= 0; i-- {
		hop := &hops[i]
		if hop.Access == reach.Allowed {
			hop.Checks, hop.Evidence = nil, nil
			if insideTask(hop) {
				hop.Why = ""
			}
		} else {
			leaveOut(hop, told)
		}
		if p.Verdict == reach.Closed {
			hop.Symptom, hop.Needed = "", ""
		}
		if i > 0 && hop.FromNode == hops[i-1].ToNode {
			hop.FromNode = ""
		}
	}
	return hops
}

// leaveOut takes from a hop that is not admitted what is said elsewhere.
func leaveOut(hop *reach.Hop, told []*Finding) {
	admits := func(c reach.Check) bool { return c.Access == reach.Allowed }
	hop.Checks = slices.DeleteFunc(slices.Clone(hop.Checks), admits)
	for i := range hop.Checks {
		if c := &hop.Checks[i]; c.Why == hop.Why {
			c.Why = ""
		}
	}
	for _, f := range told {
		hop.Evidence = without(hop.Evidence, f.Evidence)
	}
}

// insideTask tells whether a hop is between the containers of one task.
func insideTask(h *reach.Hop) bool {
	return h.FromNode == reach.NodeCallerApp && h.ToNode == reach.NodeCallerAgent ||
		h.FromNode == reach.NodeAgent && h.ToNode == reach.NodeApp
}

// newViaWhy says why requests go the way that they go. Calls of Service Connect are calls
// to the agent.
func newViaWhy(p *reach.Path, told []*Finding) string {
	why := p.ViaWhy()
	says := func(f *Finding) bool { return strings.Contains(f.Detail, why) }
	if p.Source.Kind == reach.SourceServiceConnect && p.Via == reach.ViaAgent || slices.ContainsFunc(told, says) {
		return ""
	}
	return why
}

// newTimeouts are what cuts requests that arrive. A health check has a timeout of its own.
func newTimeouts(p *reach.Path) []reach.Timeout {
	if p.Access == reach.Blocked || p.Source.Kind == reach.SourceHealthCheck {
		return nil
	}
	return p.Timeouts()
}

// without are the facts less others.
func without(evidence, others []reach.Evidence) []reach.Evidence {
	in := func(e reach.Evidence) bool { return slices.Contains(others, e) }
	if !slices.ContainsFunc(evidence, in) {
		return evidence
	}
	return slices.DeleteFunc(slices.Clone(evidence), in)
}
