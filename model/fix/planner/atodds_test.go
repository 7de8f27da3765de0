package planner_test

import (
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

// Past the agent, the app has to speak what the target group sends: where the agent was
// refused that, nothing says that the app does, so that a person decides.
func TestAWayPastTheAgentForAnotherProtocolIsAChoice(t *testing.T) {
	for _, test := range []struct {
		protocol, version, says string
	}{{"HTTP", "HTTP1", ""}, {"HTTPS", "HTTP1", "speaks TLS on port 80"}, {"HTTP", "GRPC", "speaks gRPC on port 80"}} {
		s := modeltest.New().Group("sg-web", modeltest.In("tcp 80", "sg-alb")).Group("sg-alb").ALB("alb", 80, "tg").
			Service("web", modeltest.Port("http", 80, "http"), modeltest.Behind("tg", 80), modeltest.Offer("http", 0, 80)).
			Edit(func(s *model.Snapshot) {
				s.TargetGroups[0].Protocol, s.TargetGroups[0].ProtocolVersion = test.protocol, test.version
			}).Snapshot()
		plans, err := planner.Plans(rule.Analyze(s))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for i := range plans {
			p := &plans[i]
			if p.Kind != fix.SetOverride {
				continue
			}
			found = true
			if choice := p.Among != ""; choice != (test.says != "") {
				t.Errorf("%+v: among %q", test, p.Among)
			}
			if test.says != "" && !strings.Contains(p.Checks[0].Title, test.says) {
				t.Errorf("%+v: the first check is %q", test, p.Checks[0].Title)
			}
		}
		if !found {
			t.Errorf("%+v: no plan moves the agent", test)
		}
	}
}
