package e2e

import (
	"path/filepath"
	"testing"

	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/selector"
	"hopscope/model/who"
)

// answersAgree asks hopscope who about every caller and target that a path has, and
// holds the answers to what the paths say together. It returns how many it compared.
func answersAgree(t *testing.T, s *model.Snapshot) int {
	t.Helper()
	a := rule.Analyze(s)
	type question struct{ caller, target selector.Selector }
	paths := map[question][]*reach.Path{}
	for _, p := range a.Paths {
		if p.Target.ContainerPort == 0 || p.Target.WirePort == 0 || p.Facts.Front != nil {
			continue
		}
		target := selector.Selector{
			Kind: selector.Service, Cluster: p.Target.Cluster, Name: p.Target.Service, Port: p.Target.ContainerPort,
		}
		if p.Source.Kind == reach.SourceServiceConnect {
			for ref := range p.Source.Services.All() {
				caller := selector.Selector{Kind: selector.Service, Cluster: ref.Cluster, Name: ref.Service}
				paths[question{caller, target}] = append(paths[question{caller, target}], p)
			}
		}
		if lb := p.Facts.LoadBalancer; lb != nil && p.Source.Kind != reach.SourceHealthCheck {
			caller := selector.Selector{Kind: selector.LoadBalancer, Name: lb.Name}
			paths[question{caller, target}] = append(paths[question{caller, target}], p)
		}
	}
	for q, all := range paths {
		want := who.Yes
		for _, p := range all {
			switch access := p.SourceAccess(); {
			case access == reach.Blocked:
				want = who.No
			case access == reach.AccessUnknown && want == who.Yes:
				want = who.Unknown
			}
		}
		doc, err := who.Ask(a, q.caller, q.target)
		if err != nil {
			t.Errorf("%s → %s: %v", q.caller, q.target, err)
			continue
		}
		if doc.Verdict != want {
			t.Errorf("%s → %s: %s, the paths say %s: %+v", q.caller, q.target, doc.Verdict, want, doc.Answers)
		}
	}
	return len(paths)
}

func TestWhoAgreesWithThePaths(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]*simulator.World{
		"article": awstest.Load(t, "article"), "shop": awstest.Load(t, "shop"), "fleet": awstest.Fleet(40),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n := answersAgree(t, readAll(t, simulator.New(w, simulator.Options{}))); n < 2 {
				t.Errorf("%d answers were compared", n)
			}
		})
	}
	t.Run("field", func(t *testing.T) {
		t.Parallel()
		files, err := filepath.Glob(filepath.Join(casesDir(t), "..", "field", "[0-9]*.json"))
		if err != nil || len(files) == 0 {
			t.Skip("no public reports at ../shared/field: they are not part of the repository")
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Logf("%d answers", answersAgree(t, fieldSnapshot(t, file)))
			})
		}
	})
}
