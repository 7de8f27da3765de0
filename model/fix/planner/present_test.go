package planner_test

import (
	"testing"

	"hopscope/model"
	"hopscope/model/fix/planner"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// Callers that look alike are noted one by one: one of them may move to another group
// later, and be cut off by itself.
func TestWhatIsPresentNamesEveryCaller(t *testing.T) {
	s := Article(0, 80)
	for i := range s.Services {
		if s.Services[i].Name == "client-service" {
			other := s.Services[i]
			other.Name = "other-client"
			other.ARN += "-2"
			s.Services = append(s.Services, other)
		}
	}
	named := map[string]int{}
	for _, e := range planner.Present(rule.Analyze(s), model.Ref{Cluster: "prod", Service: "sample-ecs-app"}) {
		named[e.Caller.Service] += 1 + e.Others
	}
	if named["client-service"] != 1 || named["other-client"] != 1 {
		t.Errorf("the callers are %v", named)
	}
}
