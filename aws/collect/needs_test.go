package collect

import (
	"testing"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"hopscope/model"
)

func TestOnlyRevisionsThatTellMoreAreRead(t *testing.T) {
	deployments := func(running ...int) []model.Deployment {
		var all []model.Deployment
		for _, n := range running {
			all = append(all, model.Deployment{RunningCount: n})
		}
		return all
	}
	progressive := func(strategy string, running ...int) model.Service {
		return model.Service{DeploymentStrategy: strategy, Deployments: deployments(running...)}
	}
	managed := func(by string) model.Service {
		return model.Service{ResourceManagementType: by, Deployments: deployments(1)}
	}
	for name, test := range map[string]struct {
		service model.Service
		want    bool
	}{
		"settled":                      {model.Service{Deployments: deployments(2)}, false},
		"rolling":                      {model.Service{Deployments: deployments(1, 1)}, false},
		"rolling, said so":             {progressive("ROLLING", 1, 1), false},
		"blue/green, settled":          {progressive("BLUE_GREEN", 2), false},
		"blue/green, green not up":     {progressive("BLUE_GREEN", 0, 2), false},
		"blue/green, both":             {progressive("BLUE_GREEN", 2, 2), true},
		"canary, both":                 {progressive("CANARY", 1, 9), true},
		"Express mode":                 {managed("ECS"), true},
		"managed by the customer":      {managed("CUSTOMER"), false},
		"behind a service gateway":     {model.Service{ARN: "behind", Deployments: deployments(1)}, true},
		"not behind a service gateway": {model.Service{ARN: "elsewhere", Deployments: deployments(1)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := &revisions{run: testRun(t)}
			r.rows.gatewayRoutes.put(model.GatewayRoute{ARN: "route", ServiceARN: "behind"})
			test.service.Name, test.service.CurrentRevisions = "web", []model.CurrentRevision{{ARN: "one"}, {ARN: "two"}}
			r.rows.services.put(test.service)
			var want []model.ARN
			if test.want {
				want = []model.ARN{"one", "two"}
			}
			if diff := cmp.Diff(want, r.tellingLocked()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTasksThatDoNotServeYetAreNotRunning(t *testing.T) {
	for status, want := range map[string]bool{
		"PROVISIONING": false, "PENDING": false, "ACTIVATING": true, "RUNNING": true, "DEACTIVATING": false, "STOPPED": false,
	} {
		if got := isRunning(&ecstypes.Task{LastStatus: &status}); got != want {
			t.Errorf("%s: running %t", status, got)
		}
	}
}
