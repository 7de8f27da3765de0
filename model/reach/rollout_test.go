package reach_test

import (
	"slices"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// The load balancer's own egress refuses the new tasks; the group of the old ones
// refuses as well. One path would hide what is wrong with the old ones.
func TestDeploymentsThatAreRefusedByOthersAreTwoPaths(t *testing.T) {
	into := func(groups ...GroupRule) []string {
		s := New().Group("sg-alb", NoEgress()).Group("sg-web", In("all", "sg-alb")).Group("sg-old", groups...).
			ALB("alb", 80, "tg").
			Service("web", Port("http", 80, "http"), Behind("tg", 80), Change(func(s *Spec) {
				old := s.Deployment
				old.ID, old.Status, old.TaskDefinition = "ecs-svc/0", "ACTIVE", s.TaskDefinition.ARN
				old.Network = &model.Network{Subnets: old.Network.Subnets, SecurityGroups: []string{"sg-old"}}
				s.Service.Deployments = []model.Deployment{old}
			})).Snapshot()
		var out []string
		for _, p := range paths(s) {
			if p.Source.Kind == reach.SourceLoadBalancer {
				out = append(out, p.Target.Deployment)
			}
		}
		return out
	}
	if got := into(In("all", "sg-alb")); !slices.Equal(got, []string{""}) {
		t.Errorf("refused by the same: %q", got)
	}
	if got := into(); !slices.Equal(got, []string{"PRIMARY", "ACTIVE"}) {
		t.Errorf("refused by others: %q", got)
	}
}
