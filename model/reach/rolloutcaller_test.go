package reach_test

import (
	"slices"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// Of a caller that runs two deployments with groups of their own, the worse answer is the
// caller's, and it says whether it is that of some. Where both are admitted, all rules and
// ports that they are admitted by are named.
func TestBothDeploymentsOfACallerAreAsked(t *testing.T) {
	t.Parallel()
	const whole, now = "tcp 32768-65535", "tcp 40001"
	for name, c := range map[string]struct {
		rules []GroupRule
		want  reach.Access
		some  bool
		by    []string
		bound []int
	}{
		"both are admitted": {
			[]GroupRule{In(whole, "sg-new"), In(whole, "sg-old")}, reach.Allowed, false, []string{"sg-new", "sg-old"}, nil,
		},
		"both by one rule": {[]GroupRule{In(whole, "10.0.0.0/16")}, reach.Allowed, false, []string{"10.0.0.0/16"}, nil},
		"neither":          {nil, reach.Blocked, false, nil, nil},
		"the new one":      {[]GroupRule{In(whole, "sg-new")}, reach.Blocked, true, nil, nil},
		"the old one":      {[]GroupRule{In(whole, "sg-old")}, reach.Blocked, true, nil, nil},
		"on the port of the task, both": {
			[]GroupRule{In(now, "sg-new"), In(now, "sg-old")}, reach.Allowed, false, []string{"sg-new", "sg-old"}, []int{40001},
		},
		"on the port of the task, the new one": {
			[]GroupRule{In(now, "sg-new"), In(whole, "sg-old")},
			reach.Allowed, false,
			[]string{"sg-new", "sg-old"},
			[]int{40001},
		},
		"on the port of the task, the old one": {
			[]GroupRule{In(whole, "sg-new"), In(now, "sg-old")},
			reach.Allowed, false,
			[]string{"sg-new", "sg-old"},
			[]int{40001},
		},
	} {
		s := New().Group("sg-new").Group("sg-old").Group("sg-node", c.rules...).
			Service("caller", func(s *Spec) {
				old := s.Deployment
				old.ID, old.Status, old.TaskDefinition = "ecs-svc/0", "ACTIVE", s.TaskDefinition.ARN
				old.Network = &model.Network{Subnets: old.Network.Subnets, SecurityGroups: []string{"sg-old"}}
				s.Deployment.Network.SecurityGroups = []string{"sg-new"}
				s.Service.Deployments = append(s.Service.Deployments, old)
			}).
			Service("web", Port("http", 80, "http"), bridge(0)).Edit(instances("sg-node")).
			Edit(func(s *model.Snapshot) {
				web := &s.Services[slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "web" })]
				web.Deployments[0].RunningCount = 1
				web.Tasks = &model.ServiceTasks{Tasks: []model.Task{{
					StartedBy: "ecs-svc/1", ContainerInstance: s.ContainerInstances[0].ARN,
					Containers: []model.TaskContainer{{
						Name: "web", Bindings: []model.NetworkBinding{{ContainerPort: 80, HostPort: 40001, Protocol: "tcp"}},
					}},
				}}}
			}).Snapshot()
		a := asked(t, s, reach.Caller{Service: &model.Ref{Cluster: "prod", Service: "caller"}})
		var by []string
		for _, r := range a.Rules {
			by = append(by, r.Peer())
		}
		slices.Sort(by)
		if a.Access != c.want || a.OfSome != c.some {
			t.Errorf("%s: %s, of some: %t: %+v", name, a.Access, a.OfSome, a.Checks)
		}
		if !slices.Equal(by, c.by) || !slices.Equal(a.Bound, c.bound) {
			t.Errorf("%s: by %q on %v, want %q on %v", name, by, a.Bound, c.by, c.bound)
		}
	}
}
