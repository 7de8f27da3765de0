package fix

import (
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// expect fills in what verifies a plan: the paths to a container port as they will
// be. Each caller of an endpoint is one expectation.
func (c *context) expect(plan *Plan, containerPort int) error {
	after, err := Outcome(c.snapshot, c.service.Ref(), now(plan.Steps))
	if err != nil {
		return err
	}
	report := rule.Analyze(after)
	for _, p := range pathsInto(report.Paths, c.service.Ref()) {
		if p.Target.ContainerPort == containerPort {
			plan.Wanted = append(plan.Wanted, expectations(p)...)
		}
	}
	return nil
}

// now are the steps that are not left for later.
func now(steps []Step) []Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s Step) bool { return s.Later })
}

func expectations(p *reach.Path) []Expectation {
	e := Expectation{
		Source: p.Source.Kind, From: p.Source.Name, Container: p.Target.Container, ContainerPort: p.Target.ContainerPort,
		Via: p.Via, Access: p.Access, Verdict: p.Verdict,
	}
	if p.Source.Services == nil {
		return []Expectation{e}
	}
	var out []Expectation
	for ref := range p.Source.Services.All() {
		e.From = ref.String()
		out = append(out, e)
	}
	return out
}

// Unmet are the expectations of a plan that a snapshot does not meet: none when the
// plan worked. What is not known is not met.
func (p *Plan) Unmet(s *model.Snapshot) []Expectation {
	report := rule.Analyze(s)
	var have []Expectation
	for _, path := range pathsInto(report.Paths, p.Service) {
		have = append(have, expectations(path)...)
	}
	var out []Expectation
	for _, want := range p.Wanted {
		if !slices.Contains(have, want) {
			out = append(out, want)
		}
	}
	return out
}
