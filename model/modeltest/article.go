package modeltest

import (
	"fmt"

	"hopscope/model"
)

// Article is the case that hopscope grew from: the service sample-ecs-app behind
// the internal load balancer main-alb and called by client-service through
// Service Connect. The override is 0 for none; the server's group admits the
// client on each of the open ports, and the load balancer on port 80. The load
// balancer has AWS's default idle timeout.
func Article(override int, open ...int) *model.Snapshot {
	rules := []GroupRule{In("tcp 80", "sg-main-alb")}
	for _, port := range open {
		rules = append(rules, In(fmt.Sprintf("tcp %d", port), "sg-client-service"))
	}
	return New().
		Group("sg-main-alb", In("tcp 80", "10.0.0.0/16")).
		Group("sg-client-service").
		Group("sg-sample-ecs-app", rules...).
		ALB("main-alb", 80, "sample-tg").
		Service("sample-ecs-app", Port("app", 80, "http"), Offer("app", override, 80), Behind("sample-tg", 80)).
		Service("client-service", Client()).
		Edit(func(s *model.Snapshot) {
			s.LoadBalancers[0].Attributes = &model.LoadBalancerAttributes{IdleTimeoutSeconds: 60}
			s.TargetGroups[0].Health = &model.TargetHealth{
				Targets: []model.Target{{ID: "10.0.0.4", Port: 80, State: model.TargetHealthy}}, ReadAt: Time,
			}
		}).
		Snapshot()
}

// UnhealthyArticle is the article's end, with two tasks of which none answers its health
// checks, although all are admitted.
func UnhealthyArticle() *model.Snapshot {
	s := Article(10080, 10080)
	s.TargetGroups[0].Health = &model.TargetHealth{ReadAt: Time}
	for _, address := range []string{"10.0.0.4", "10.0.0.5"} {
		s.TargetGroups[0].Health.Targets = append(s.TargetGroups[0].Health.Targets, model.Target{
			ID: address, Port: 80, State: model.TargetUnhealthy, Reason: model.TargetTimeout,
		})
	}
	return s
}
