package planner

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// drawSteps draws changes of a service: sensible ones and nonsense.
func drawSteps(t *rapid.T, s *model.Snapshot, service *model.Service) []fix.Step {
	var steps []fix.Step
	if p := service.Primary(); p != nil && p.ServiceConnect != nil {
		update := fix.Step{Kind: fix.UpdateService, ForceNewDeployment: rapid.Bool().Draw(t, "force")}
		for i := range p.ServiceConnect.Services {
			e := fix.Edit{Index: i, PortName: p.ServiceConnect.Services[i].PortName}
			switch e.Kind = rapid.SampledFrom([]fix.EditKind{
				"", fix.EditOverride, fix.EditTimeout, fix.EditTLS,
				fix.EditRemoveEndpoint,
			}).Draw(t, "edit"); e.Kind {
			case fix.EditOverride:
				e.Port = rapid.SampledFrom([]int{0, 80, 1024, 8080, 9000, 18080, 40000}).Draw(t, "port")
			case fix.EditTimeout:
				e.PerRequestSeconds = new(rapid.IntRange(0, 100).Draw(t, "seconds"))
			case fix.EditTLS, fix.EditRemoveEndpoint:
				e.Drop = rapid.Bool().Draw(t, "drop")
			default:
				continue
			}
			update.Edits = append(update.Edits, e)
		}
		steps = append(steps, update)
	}
	for range rapid.IntRange(0, 3).Draw(t, "rules") {
		g := rapid.SampledFrom(s.SecurityGroups).Draw(t, "group")
		kind := rapid.SampledFrom([]fix.StepKind{
			fix.AuthorizeIngress, fix.AuthorizeEgress, fix.RevokeIngress,
			fix.RevokeEgress,
		}).Draw(t, "step")
		r := model.SecurityGroupRule{
			Protocol: "tcp", FromPort: 80, ToPort: rapid.SampledFrom([]int{80, 8080}).Draw(t, "to"),
			Group: &model.GroupReference{ID: rapid.SampledFrom(s.SecurityGroups).Draw(t, "peer").ID},
		}
		if have := slices.Concat(g.Ingress, g.Egress); len(have) > 0 && rapid.Bool().Draw(t, "present") {
			r = rapid.SampledFrom(have).Draw(t, "rule")
		}
		steps = append(steps, fix.Step{Kind: kind, Group: g.ID, Rule: &r})
	}
	return steps
}

// What is said of one service in a changed snapshot is what the analysis of the
// whole changed snapshot says of it: for the service that was changed, and for every
// other one, which may share its groups.
func TestOneServiceIsJudgedAsInTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := modeltest.Draw(t)
		service := rapid.SampledFrom(s.Services).Draw(t, "service")
		steps := drawSteps(t, s, &service)
		v := newAccount(rule.Analyze(s))
		c := v.look(v.analysis.WhatIf(), service.Ref())
		sameAsWhole(t, s, c, service.Ref(), nil)
		sameAsWhole(t, s, c, service.Ref(), steps)
	})
}

// The same of a change of a change: plans look at what would be once rules were
// removed from what would be.
func TestAChangeOfAChangeIsJudgedAsInTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := modeltest.Draw(t)
		service := rapid.SampledFrom(s.Services).Draw(t, "service")
		steps := drawSteps(t, s, &service)
		v := newAccount(rule.Analyze(s))
		next, err := v.look(v.analysis.WhatIf(), service.Ref()).after(steps)
		if err != nil {
			t.Fatal(err)
		}
		once, err := fix.Outcome(s, service.Ref(), steps)
		if err != nil {
			t.Fatal(err)
		}
		more := slices.DeleteFunc(drawSteps(t, s, &service), func(s fix.Step) bool { return s.Kind == fix.UpdateService })
		sameAsWhole(t, once, next, service.Ref(), more)
	})
}

func sameAsWhole(t *rapid.T, s *model.Snapshot, c *situation, ref model.Ref, steps []fix.Step) {
	world, err := c.worldAfter(steps)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := fix.Outcome(s, ref, steps)
	if err != nil {
		t.Fatal(err)
	}
	report := rule.Analyze(whole)
	for i := range s.Services {
		ref := s.Services[i].Ref()
		if got, want := said(world.Service(ref).Paths, world.Service(ref).Findings),
			said(report.Into(ref), about(report, ref)); got != want {
			t.Fatalf("of %s after %+v:\n%s\nnot\n%s", ref, steps, without(got, want), without(want, got))
		}
	}
}

// without are the lines of a text that another one has not.
func without(text, other string) string {
	lines := strings.Split(other, "\n")
	return strings.Join(slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		return slices.Contains(lines, line)
	}), "\n")
}

// said is what an analysis says of a service.
func said(paths []*reach.Path, findings []*rule.Finding) string {
	out := ""
	for _, p := range paths {
		out += asJSON(p) + "\n"
	}
	for _, f := range findings {
		f := new(*f)
		f.Behind = nil // other services that share the fault are found where all are looked at
		out += fmt.Sprintln(f.Key(), f.Severity, f.Confidence, f.Title(), f.Detail(), f.Evidence(), pathIDs(f))
		// A cause that is another service's is found where all are looked at.
		if f.CausedBy != nil && f.CausedBy.Ref() == f.Ref() {
			out += "  because of " + f.CausedBy.Key() + "\n"
		}
	}
	return out
}

func about(a *rule.Analysis, ref model.Ref) []*rule.Finding {
	return slices.DeleteFunc(slices.Clone(a.Findings), func(f *rule.Finding) bool { return f.Ref() != ref })
}

func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(text)
}
