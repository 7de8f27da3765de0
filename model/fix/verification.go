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
	// SomeHealthy tells that some targets of Unsettled are healthy, and others are not.
	SomeHealthy bool

	// waiting is how many of Open are so for nothing but the health of targets.
	waiting int
}

// Waiting tells whether nothing but the health of targets keeps the expectations from being
// met.
func (v *Verification) Waiting() bool { return len(v.Wrong) == 0 && len(v.Open) == v.waiting }

// Verified tells whether every expectation is met.
func (v *Verification) Verified() bool { return len(v.Wrong) == 0 && len(v.Open) == 0 }

// Unmet are the expectations that are not met, or not known to be.
func (v *Verification) Unmet() []Expectation { return slices.Concat(v.Wrong, v.Open) }

// Verify compares the expectations of a plan with an analysis.
func (p *Plan) Verify(a *rule.Analysis) *Verification {
	paths := a.Into(p.Service)
	v := &Verification{}
	for i := range p.Wanted {
		want := &p.Wanted[i]
		if !want.Verifiable() {
			v.Open = append(v.Open, *want)
			continue
		}
		at, _ := want.At(paths, p.Service, a.Index)
		v.compare(want, at, a.Index)
	}
	return v
}

// At are the paths of an expectation about a service. A blue/green, linear or canary
// deployment moves the tasks to the other target group of their pair, at the same rule: where
// the group of the expectation gets no requests any more, the paths are those of the other
// one, which is named.
func (e *Expectation) At(paths []*reach.Path, service model.Ref, ix *model.Index) (at []*reach.Path, other string) {
	at = change.At(paths, e.Place, e.Caller)
	other = alternate(ix.Service(service), e.Place.TargetGroup, ix)
	if other == "" || slices.ContainsFunc(at, GetsRequests) {
		return at, ""
	}
	place := e.Place
	place.TargetGroup = other
	if moved := change.At(paths, place, e.Caller); slices.ContainsFunc(moved, GetsRequests) {
		return moved, other
	}
	return at, ""
}

// GetsRequests tells whether the listener's rule forwards to a path, or health checks find
// targets there.
func GetsRequests(p *reach.Path) bool {
	if p.Source.Kind == reach.SourceHealthCheck {
		return p.Health == nil || p.Health.Len() > 0
	}
	return p.Source.Weight == nil || *p.Source.Weight > 0
}

// alternate is the name of the other target group of a pair, "" where there is none.
func alternate(s *model.Service, group string, ix *model.Index) string {
	if s == nil || group == "" {
		return ""
	}
	for i := range s.LoadBalancers {
		lb := &s.LoadBalancers[i]
		for _, arn := range []model.ARN{lb.TargetGroupARN, lb.AlternateTargetGroupARN} {
			if g, missing := ix.TargetGroup(arn); missing != nil || g.Name != group {
				continue
			}
			if other, missing := ix.TargetGroup(s.AlternateOf(arn)); missing == nil {
				return other.Name
			}
		}
	}
	return ""
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
	switch {
	case found == nil && len(ix.Snapshot.Gaps) > 0: // one of them may hide it
		v.hidden(want, ix)
	case best == wrong:
		v.Wrong = append(v.Wrong, *want)
	case best == unsettled:
		v.unsettled(want, found)
	case best == unknown:
		v.unknown(want, found, ix)
	}
}

// hidden notes an expectation whose path is not there, where some of what was asked for
// is not known.
func (v *Verification) hidden(want *Expectation, ix *model.Index) {
	v.Open = append(v.Open, *want)
	for i := range ix.Snapshot.Gaps {
		g := &ix.Snapshot.Gaps[i]
		v.missing(model.Missing{What: want.Place.String(), Action: g.Action, Resource: g.Resource, State: g.State})
	}
}

// unknown notes an expectation of which the path does not tell whether it is met.
func (v *Verification) unknown(want *Expectation, p *reach.Path, ix *model.Index) {
	v.Open = append(v.Open, *want)
	for _, m := range p.Missing {
		v.missing(m)
	}
	if g := p.Facts.TargetGroup; want.Healthy && p.Health == nil && g != nil {
		if _, m := ix.TargetHealth(g); m != nil {
			v.missing(*m)
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
	if p.Health.Down() {
		v.Wrong = append(v.Wrong, *want)
	} else { // one sick target of several may be so for reasons of its own
		v.Open = append(v.Open, *want)
		v.waiting++
		v.SomeHealthy = v.SomeHealthy || p.Health.Healthy > 0
	}
	if p.Health.Unhealthy == 0 {
		return // reasons are those of targets that may yet become healthy
	}
	for reason := range p.Health.Reasons() {
		if !slices.Contains(v.Reasons, reason) {
			v.Reasons = append(v.Reasons, reason)
		}
	}
	slices.Sort(v.Reasons)
}

// judge compares a path with an expectation.
func (e *Expectation) judge(p *reach.Path) answer {
	protocol, d := ProtocolOf(p), p.Facts.TaskDefinition
	all := []answer{
		compared(p.Via == e.Via, p.Via != reach.ViaUnknown),
		compared(e.Access == "" || p.Access == e.Access, p.Access != reach.AccessUnknown),
		e.judgeVerdict(p.Verdict),
		compared(e.Protocol == "" || protocol == e.Protocol, protocol != ""),
		compared(!e.Declared || Declared(p), d != nil),
		e.judgeHealth(p.Health),
	}
	return slices.Max(all)
}

// compared is the answer for one property: not known tells against nothing.
func compared(as, known bool) answer {
	switch {
	case as:
		return met
	case known:
		return wrong
	}
	return unknown
}

func (e *Expectation) judgeVerdict(v reach.Verdict) answer {
	return compared(e.Verdict == "" || v != reach.Unknown && v.Rank() <= e.Verdict.Rank(), v != reach.Unknown)
}

func (e *Expectation) judgeHealth(h *reach.Health) answer {
	switch {
	case !e.Healthy || h.Up():
		return met
	case h == nil:
		return unknown
	}
	return unsettled
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
