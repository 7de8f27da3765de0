package fix

import (
	"slices"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Verification is what an analysis says of the expectations of a plan.
type Verification struct {
	// Wrong are known not to be met, Open are not known to be.
	Wrong, Open []Expectation
	// Missing are the facts without which it is not known.
	Missing []model.Missing
	// Unsettled are the target groups that keep expectations from being met by nothing but
	// their targets, which may become healthy.
	Unsettled []model.ARN
	// Reasons are why targets are unhealthy, in AWS's words.
	Reasons []string
}

// Verified tells whether every expectation is met.
func (v *Verification) Verified() bool { return len(v.Wrong) == 0 && len(v.Open) == 0 }

// Unmet are the expectations that are not met, or not known to be.
func (v *Verification) Unmet() []Expectation { return slices.Concat(v.Wrong, v.Open) }

// Verify compares the expectations of a plan with an analysis.
func (p *Plan) Verify(a *rule.Analysis) *Verification {
	paths := reach.Pointers(a.Into(p.Service))
	v := &Verification{}
	for i := range p.Wanted {
		want := &p.Wanted[i]
		if !want.Verifiable() {
			v.Open = append(v.Open, *want)
			continue
		}
		v.compare(want, change.At(paths, want.Place, want.Caller), a.Index)
	}
	return v
}

// answer is how far a path is as expected.
type answer int

// The answers, the best one first.
const (
	met answer = iota
	unsettled
	unknown
	wrong
)

// compare judges an expectation by the paths at its place. One of them is enough.
func (v *Verification) compare(want *Expectation, paths []*reach.Path, ix *model.Index) {
	best, found := wrong, (*reach.Path)(nil)
	for _, p := range paths {
		if got := want.judge(p); found == nil || got < best {
			best, found = got, p
		}
	}
	if found == nil && len(ix.Snapshot.Gaps) > 0 { // one of them may hide it
		best = unknown
		for i := range ix.Snapshot.Gaps {
			g := &ix.Snapshot.Gaps[i]
			v.missing(model.Missing{What: want.Place.String(), Action: g.Action, Resource: g.Resource, State: g.State})
		}
	}
	switch best {
	case met:
		return
	case wrong:
		v.Wrong = append(v.Wrong, *want)
	case unsettled:
		v.unsettled(want, found)
	case unknown:
		v.Open = append(v.Open, *want)
		if found == nil {
			return
		}
		for _, m := range found.Missing {
			v.missing(m)
		}
		if g := found.Facts.TargetGroup; want.Healthy && found.Health == nil && g != nil {
			if _, m := ix.TargetHealth(g); m != nil {
				v.missing(*m)
			}
		}
	}
}

func (v *Verification) missing(m model.Missing) {
	if !slices.Contains(v.Missing, m) {
		v.Missing = append(v.Missing, m)
	}
}

// unsettled notes an expectation that nothing but the health of targets keeps from being
// met.
func (v *Verification) unsettled(want *Expectation, p *reach.Path) {
	if g := p.Facts.TargetGroup; g != nil && !slices.Contains(v.Unsettled, g.ARN) {
		v.Unsettled = append(v.Unsettled, g.ARN)
	}
	if p.Health.Unhealthy == 0 {
		v.Open = append(v.Open, *want)
		return
	}
	v.Wrong = append(v.Wrong, *want)
	for reason := range p.Health.Reasons() {
		if !slices.Contains(v.Reasons, reason) {
			v.Reasons = append(v.Reasons, reason)
		}
	}
	slices.Sort(v.Reasons)
}

// judge compares a path with an expectation.
func (e *Expectation) judge(p *reach.Path) answer {
	protocol := ProtocolOf(p)
	switch {
	case p.Via != e.Via && p.Via != reach.ViaUnknown,
		e.Access != "" && p.Access != e.Access && p.Access != reach.AccessUnknown,
		e.Verdict != "" && p.Verdict.Rank() > e.Verdict.Rank() && p.Verdict != reach.Unknown,
		e.Protocol != "" && protocol != "" && protocol != e.Protocol,
		e.Declared && p.Facts.TaskDefinition != nil && !Declared(p):
		return wrong
	case p.Via != e.Via, e.Access != "" && p.Access != e.Access, e.Verdict != "" && p.Verdict == reach.Unknown,
		e.Protocol != "" && protocol == "", e.Declared && p.Facts.TaskDefinition == nil,
		e.Healthy && p.Health == nil:
		return unknown
	case e.Healthy && (p.Health.Healthy == 0 || p.Health.Unhealthy > 0):
		return unsettled
	}
	return met
}

// ProtocolOf is what the source of a path speaks at the port of the target, "" where that
// is not known.
func ProtocolOf(p *reach.Path) string {
	switch {
	case p.Facts.TargetGroup != nil:
		return p.Facts.TargetGroup.Protocol
	case p.Facts.Offer == nil || p.Facts.TaskDefinition == nil:
		return ""
	}
	mapping, _ := p.Facts.TaskDefinition.PortNamed(p.Facts.Offer.PortName)
	if mapping == nil {
		return ""
	}
	protocol := mapping.AppProtocol
	if protocol == "" {
		protocol = "tcp"
	}
	if p.Facts.Offer.TLS != nil {
		protocol += " in TLS"
	}
	return protocol
}

// Declared tells whether a container of the target declares the port of a path.
func Declared(p *reach.Path) bool {
	d := p.Facts.TaskDefinition
	return d != nil && d.Port(p.Target.Container, p.Target.ContainerPort) != nil
}
