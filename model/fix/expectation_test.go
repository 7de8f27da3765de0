package fix_test

import (
	"encoding/json"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// admittedA is an endpoint whose group admits the caller a, and not the caller b.
func admittedA() *rule.Analysis {
	has := func(group string) func(*Spec) {
		return Change(func(s *Spec) { s.Deployment.Network.SecurityGroups = []string{group} })
	}
	return rule.Analyze(New().Group("sg-a").Group("sg-b").Group("sg-web", In("tcp 80", "sg-a")).
		Service("web", Port("http", 80, "http"), Offer("http", 0, 80)).
		Service("a", Client(), has("sg-a")).Service("b", Client(), has("sg-b")).Snapshot())
}

// wantedOf is that a caller of the only endpoint is admitted.
func wantedOf(t *testing.T, a *rule.Analysis, caller model.Ref) fix.Expectation {
	t.Helper()
	for _, p := range a.Into(model.Ref{Cluster: "prod", Service: "web"}) {
		if p.Source.Services.Contains(caller) {
			return fix.Expectation{
				Place: p.Place, Caller: caller, Source: p.Source.Kind, From: caller.String(),
				Container: p.Target.Container, ContainerPort: p.Target.ContainerPort, Via: p.Via, Access: reach.Allowed,
			}
		}
	}
	t.Fatalf("%s calls nothing", caller)
	return fix.Expectation{}
}

// Two callers of one place with different outcomes: what is true of the one is no
// answer about the other.
func TestACallerIsVerifiedByItsOwnPath(t *testing.T) {
	t.Parallel()
	a := admittedA()
	admitted := wantedOf(t, a, model.Ref{Cluster: "prod", Service: "a"})
	refused := wantedOf(t, a, model.Ref{Cluster: "prod", Service: "b"})
	if admitted.Place != refused.Place {
		t.Fatalf("the places are %s and %s", admitted.Place, refused.Place)
	}
	p := fix.Plan{Service: model.Ref{Cluster: "prod", Service: "web"}, Wanted: []fix.Expectation{admitted, refused}}
	if unmet := p.Unmet(a); len(unmet) != 1 || unmet[0] != refused {
		t.Errorf("not met: %+v", unmet)
	}
	read, err := json.Marshal(p.Wanted)
	var again []fix.Expectation
	if err == nil {
		err = json.Unmarshal(read, &again)
	}
	if err != nil || len(again) != 2 || again[0] != admitted || again[1] != refused {
		t.Errorf("read back from %s: %+v, %v", read, again, err)
	}
}

// A listener is not verified by another one of the same load balancer.
func TestAListenerIsVerifiedByItsOwnPath(t *testing.T) {
	t.Parallel()
	a := rule.Analyze(Article(8080, 8080))
	ref := model.Ref{Cluster: "prod", Service: "sample-ecs-app"}
	for _, p := range a.Into(ref) {
		if p.Source.Kind != reach.SourceLoadBalancer {
			continue
		}
		want := fix.Expectation{Place: p.Place, Source: p.Source.Kind, From: p.Source.Name, Via: p.Via, Access: p.Access}
		other := want
		other.Place.Rule.Port++
		plan := fix.Plan{Service: ref, Wanted: []fix.Expectation{want, other}}
		if unmet := plan.Unmet(a); len(unmet) != 1 || unmet[0] != other {
			t.Errorf("not met: %+v", unmet)
		}
		return
	}
	t.Fatal("no load balancer leads to it")
}

// Journals of earlier versions name no place: however well a path fits, it is not known
// to be the one.
func TestWhatNamesNoPlaceIsNeverMet(t *testing.T) {
	t.Parallel()
	a := admittedA()
	want := wantedOf(t, a, model.Ref{Cluster: "prod", Service: "a"})
	old := `[{"source":"service-connect","from":"prod/a","container":"` + want.Container +
		`","containerPort":80,"via":"agent","access":"allowed"}]`
	p := fix.Plan{Service: model.Ref{Cluster: "prod", Service: "web"}}
	if err := json.NewDecoder(strings.NewReader(old)).Decode(&p.Wanted); err != nil {
		t.Fatal(err)
	}
	if unmet := p.Unmet(a); len(unmet) != 1 || unmet[0].Verifiable() || unmet[0].From != want.From {
		t.Errorf("not met: %+v", unmet)
	}
}
