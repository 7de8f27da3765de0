package fix_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
)

// FuzzReadSaved reads what any program may have written: it ends in plans that are whole,
// or in a sentence.
func FuzzReadSaved(f *testing.F) {
	whole := fix.Saved{Schema: fix.SavedV1, Plans: []fix.SavedPlan{fix.NewSavedPlan(&fix.Plan{
		ID: "open-port/prod/web:80", Service: model.Ref{Cluster: "prod", Service: "web"},
		Steps: []fix.Step{{Kind: fix.AuthorizeIngress, Group: "sg-1", Rule: &model.SecurityGroupRule{Protocol: "tcp"}}},
	}, []string{"open-port/prod/web:80"}, model.NewIndex(&model.Snapshot{}))}}
	data, err := json.Marshal(whole)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(data), string(data) + "{}", strings.Replace(string(data), "/v1", "/v9", 1), "{", "null", "[]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := fix.ReadSaved(data)
		if err != nil {
			if s != nil || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Fatalf("%v, %q", s, err)
			}
			return
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		back, err := fix.ReadSaved(again)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		for i := range s.Plans {
			if changed := s.Plans[i].Changed(&back.Plans[i]); len(changed) > 0 {
				t.Fatalf("read again: %v", changed)
			}
		}
		if !bytes.Contains(again, []byte(fix.SavedV1)) {
			t.Fatal("the schema is lost")
		}
	})
}

// AWS lists the rules of a group in an order of its own, which says nothing.
func TestRulesInAnotherOrderAreTheSame(t *testing.T) {
	plan := fix.Plan{Steps: []fix.Step{{Kind: fix.AuthorizeIngress, Group: "sg-1"}}}
	saved := func(ports ...int) fix.SavedPlan {
		g := model.SecurityGroup{ID: "sg-1"}
		for _, port := range ports {
			g.Ingress = append(g.Ingress, model.SecurityGroupRule{Protocol: "tcp", FromPort: port, ToPort: port})
		}
		return fix.NewSavedPlan(&plan, nil, model.NewIndex(&model.Snapshot{SecurityGroups: []model.SecurityGroup{g}}))
	}
	was, turned, other := saved(80, 81), saved(81, 80), saved(80, 82)
	if changed := was.Changed(&turned); len(changed) > 0 {
		t.Errorf("in another order: %v", changed)
	}
	if changed := was.Changed(&other); len(changed) != 1 {
		t.Errorf("another rule: %v", changed)
	}
}

// As many rules as before are not the rules of before: a plan that adds one to a group and
// takes one from it leaves their number as it is.
func TestAPlanThatAddsAndTakesIsDoneWhenBothAre(t *testing.T) {
	rule := func(port int) model.SecurityGroupRule {
		return model.SecurityGroupRule{
			Protocol: "tcp", FromPort: port, ToPort: port, Group: &model.GroupReference{ID: "sg-2"},
		}
	}
	old, next := rule(80), rule(8080)
	plan := fix.SavedPlan{Plan: fix.Plan{Steps: []fix.Step{
		{Kind: fix.AuthorizeIngress, Group: "sg-1", Rule: &next},
		{Kind: fix.RevokeIngress, Group: "sg-1", Rule: &old},
	}}}
	for want, has := range map[bool]model.SecurityGroupRule{false: old, true: next} {
		s := &model.Snapshot{SecurityGroups: []model.SecurityGroup{{ID: "sg-1", Ingress: []model.SecurityGroupRule{has}}}}
		if got := plan.Done(s); got != want {
			t.Errorf("with the rule for %s it is done: %t, want %t", has.Ports(), got, want)
		}
	}
}
