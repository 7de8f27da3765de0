package apply_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
)

// Alarms that ECS watches, or would not watch, are looked at before anything is sent.
func TestAlarmsOfTheDeploymentAreLookedAtFirst(t *testing.T) {
	few := simulator.Alarm{
		Name: "few-requests", Namespace: "AWS/ECS", Metric: "RequestCount",
		Dimensions: map[string]string{"ServiceName": "sample-ecs-app"},
	}
	other := few
	other.Dimensions = map[string]string{"ServiceName": "client-service"}
	fires := simulator.Alarm{Name: "few-requests", State: "ALARM", Namespace: "AWS/ECS", Metric: "CPUUtilization"}
	calm := fires
	calm.State = "OK"
	for name, test := range map[string]struct {
		alarm  simulator.Alarm
		denied bool
		says   string
	}{
		"quiet":          {calm, false, ""},
		"fires already":  {fires, false, "is in state ALARM"},
		"would fire":     {few, false, "ECS would take the deployment of"},
		"of another one": {other, false, ""},
		"not to be read": {fires, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := awstest.Load(t, "article")
				w.Alarms = []simulator.Alarm{test.alarm}
				for i := range w.Services {
					w.Services[i].DeploymentConfiguration = []byte(
						`{"alarms":{"alarmNames":["few-requests"],"enable":true,"rollback":true}}`)
				}
				s := newWorkshop(t, w, nil)
				if test.denied {
					s.sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{
						Action: string(aws.DescribeAlarms), With: simulator.AccessDenied,
					}}})
				}
				_, err := s.applier.Prepare(t.Context(), s.plan)
				switch {
				case test.says == "" && err != nil:
					t.Errorf("refused: %v", err)
				case test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)):
					t.Errorf("the error is %v", err)
				}
				if n := awstest.Count(s.sim, aws.DescribeAlarms); n != 1 {
					t.Errorf("alarms were asked for %d times", n)
				}
				s.untouched(0)
			})
		})
	}
}
