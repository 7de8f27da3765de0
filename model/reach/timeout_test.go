package reach_test

import (
	"slices"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// Whatever cuts a request is on its path: the load balancer's idle timeout, and that of
// the agents which it crosses, for callers of Service Connect as well.
func TestTimeoutsOfAPath(t *testing.T) {
	idle60 := func(s *model.Snapshot) {
		s.LoadBalancers[0].Attributes = &model.LoadBalancerAttributes{IdleTimeoutSeconds: 60}
	}
	timeout := func(idle, request *int) func(*Spec) {
		return Change(func(s *Spec) {
			s.Deployment.ServiceConnect.Services[0].Timeout = &model.Timeout{IdleSeconds: idle, PerRequestSeconds: request}
		})
	}
	number := func(n int) *int { return &n }
	alb := reach.Timeout{By: "alb", Kind: reach.TimeoutIdle, Seconds: 60}
	agent := func(kind reach.TimeoutKind, seconds int, unset bool) reach.Timeout {
		return reach.Timeout{By: reach.ByServiceConnect, Kind: kind, Seconds: seconds, Default: unset}
	}
	build := func(appProtocol string, edit func(*model.Snapshot), options ...func(*Spec)) *model.Snapshot {
		return New().Group("sg-alb").Group("sg-client").Group("sg-web", In("all", "10.0.0.0/16")).
			ALB("alb", 80, "tg").Edit(edit).
			Service("client", Client()).
			Service("web", append([]func(*Spec){Port("http", 80, appProtocol), Behind("tg", 80)}, options...)...).Snapshot()
	}
	unread := func(*model.Snapshot) {}
	tests := []struct {
		name     string
		snapshot *model.Snapshot
		kind     reach.SourceKind
		want     []reach.Timeout
	}{
		{
			"a load balancer through the agent", build("http", idle60, Offer("http", 0, 80)), reach.SourceLoadBalancer,
			[]reach.Timeout{alb, agent(reach.TimeoutRequest, 15, true), agent(reach.TimeoutIdle, 300, true)},
		},
		{
			"a load balancer past the agent", build("http", idle60, Offer("http", 8080, 80)), reach.SourceLoadBalancer,
			[]reach.Timeout{alb},
		},
		{
			"attributes that were not read", build("http", unread, Offer("http", 8080, 80)), reach.SourceLoadBalancer, nil,
		},
		{
			"a caller of Service Connect", build("grpc", idle60, Offer("http", 8080, 80)), reach.SourceServiceConnect,
			[]reach.Timeout{agent(reach.TimeoutRequest, 15, true), agent(reach.TimeoutIdle, 300, true)},
		},
		{
			"timeouts that are set, one of them off",
			build("http", idle60, Offer("http", 0, 80), timeout(number(20), number(0))), reach.SourceServiceConnect,
			[]reach.Timeout{agent(reach.TimeoutRequest, 0, false), agent(reach.TimeoutIdle, 20, false)},
		},
		{
			"TCP has no requests", build("", idle60, Offer("http", 0, 80)), reach.SourceServiceConnect,
			[]reach.Timeout{agent(reach.TimeoutIdle, 3600, true)},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			paths := reach.Paths(model.NewIndex(test.snapshot))
			i := slices.IndexFunc(paths, func(p *reach.Path) bool {
				return p.Source.Kind == test.kind && p.Target.Service == "web"
			})
			if i < 0 {
				t.Fatalf("no %s path", test.kind)
			}
			if got := paths[i].Timeouts(); !slices.Equal(got, test.want) {
				t.Errorf("timeouts %v, want %v", got, test.want)
			}
		})
	}
}
