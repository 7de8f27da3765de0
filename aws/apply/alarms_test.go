package apply_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
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
	elsewhere := few
	elsewhere.Dimensions = map[string]string{"ServiceName": "sample-ecs-app", "ClusterName": "other"}
	sum, gone := few, calm
	sum.Math, gone.Name = true, "another"
	for name, test := range map[string]struct {
		alarm     simulator.Alarm
		denied    bool
		says      string
		unchecked string
	}{
		"quiet":              {calm, false, "", ""},
		"fires already":      {fires, false, "is in state ALARM", ""},
		"would fire":         {few, false, "ECS would take the deployment of", ""},
		"of another one":     {other, false, "", ""},
		"in another cluster": {elsewhere, false, "", ""},
		"of several metrics": {sum, false, "", "the alarm few-requests is made of several metrics"},
		"not there":          {gone, false, "", "the alarm few-requests is not there"},
		"not to be read":     {fires, true, "", "the alarm few-requests could not be read (cloudwatch:DescribeAlarms)"},
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
				e, err := s.applier.Prepare(t.Context(), s.plan)
				if e != nil && !strings.HasPrefix(strings.Join(e.Unchecked, "; "), test.unchecked) ||
					e != nil && (len(e.Unchecked) > 0) != (test.unchecked != "") {
					t.Errorf("not checked: %q", e.Unchecked)
				}
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

// A plan says what its deployment does, which the service's deploymentConfiguration
// decides: another one than it was made for is refused before anything is sent.
func TestAPlanForAnotherDeploymentConfigurationIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fix.Plan)
		says   string
	}{
		"as planned":                        {func(*fix.Plan) {}, ""},
		"from the journal, where it is not": {func(p *fix.Plan) { p.Deployment = nil }, ""},
		"other percentages": {
			func(p *fix.Plan) { p.Deployment = &model.DeploymentConfiguration{MaximumPercent: new(200)} },
			"the deploymentConfiguration of sample-cluster/sample-ecs-app is no longer what the plan was made for",
		},
		"downtime that is not said": {
			func(p *fix.Plan) { p.Downtime, p.Deployment = false, nil },
			"would be downtime now",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := awstest.Load(t, "article")
				for i := range w.Services {
					w.Services[i].DeploymentConfiguration = []byte(`{"minimumHealthyPercent":0,"maximumPercent":100}`)
				}
				s := newWorkshop(t, w, nil)
				plan := *s.plan
				if !plan.Downtime || plan.Deployment == nil {
					t.Fatalf("the plan says %t, %+v", plan.Downtime, plan.Deployment)
				}
				test.change(&plan)
				_, err := s.applier.Prepare(t.Context(), &plan)
				switch {
				case test.says == "" && err != nil:
					t.Errorf("refused: %v", err)
				case test.says != "" && (!errors.Is(err, fix.ErrBlockChanged) || !strings.Contains(err.Error(), test.says)):
					t.Errorf("the error is %v", err)
				}
				s.untouched(0)
			})
		})
	}
}

// Requests already go past an agent that has an override: moving it moves none.
func TestMovingAnOverrideIsNoReasonForAnAlarmOnFewRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := awstest.Load(t, "article")
		w.Alarms = []simulator.Alarm{{Name: "few-requests", Namespace: "AWS/ECS", Metric: "RequestCount"}}
		for i := range w.Services {
			w.Services[i].DeploymentConfiguration = []byte(`{"alarms":{"alarmNames":["few-requests"],"enable":true}}`)
		}
		s := newWorkshop(t, w, nil)
		plan, block := *s.plan, *s.plan.Block
		block.Services = slices.Clone(block.Services)
		plan.Block = &block
		if _, err := s.applier.Prepare(t.Context(), &plan); err == nil || !strings.Contains(err.Error(), "few requests") {
			t.Errorf("the first override is not refused: %v", err)
		}
		block.Services[0].IngressPortOverride = 10090
		if _, err := s.applier.Prepare(t.Context(), &plan); err == nil || strings.Contains(err.Error(), "few requests") {
			t.Errorf("another override is refused for the alarm: %v", err)
		}
	})
}

// A page of alarms has 50 unless more are asked for: one that fires among a hundred is seen.
func TestEveryAlarmOfALargeDeploymentIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := awstest.Load(t, "article")
		var names []string
		for i := range 80 {
			a := simulator.Alarm{Name: fmt.Sprintf("alarm-%02d", i), State: "OK", Namespace: "AWS/ECS", Metric: "CPUUtilization"}
			if i == 79 {
				a.State = "ALARM"
			}
			w.Alarms, names = append(w.Alarms, a), append(names, strconv.Quote(a.Name))
		}
		for i := range w.Services {
			w.Services[i].DeploymentConfiguration = []byte(
				`{"alarms":{"alarmNames":[` + strings.Join(names, ",") + `],"enable":true,"rollback":true}}`)
		}
		s := newWorkshop(t, w, nil)
		if _, err := s.applier.Prepare(t.Context(), s.plan); err == nil || !strings.Contains(err.Error(), "alarm-79") {
			t.Errorf("the error is %v", err)
		}
		s.untouched(0)
	})
}
