package planner_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/fix"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// What the service's own configuration makes of a deployment is said before it is made.
func TestAPlanSaysWhatItsDeploymentDoes(t *testing.T) {
	for name, c := range map[string]struct {
		rollouts *model.DeploymentConfiguration
		title    string
		detail   string
	}{
		"not read":     {nil, "", ""},
		"the defaults": {&model.DeploymentConfiguration{MinimumHealthyPercent: new(100), MaximumPercent: new(200)}, "", ""},
		"no task stays": {
			&model.DeploymentConfiguration{MinimumHealthyPercent: new(0), MaximumPercent: new(100)},
			"The deployment is downtime", "stops all tasks of web before",
		},
		"none, as the maximum is rounded down": {
			&model.DeploymentConfiguration{MinimumHealthyPercent: new(0), MaximumPercent: new(150)},
			"The deployment is downtime", "maximumPercent 150, which ECS rounds down to 1 task: ECS stops",
		},
		"no circuit breaker": {
			&model.DeploymentConfiguration{CircuitBreaker: &model.CircuitBreaker{}}, "No circuit breaker", "does not go back",
		},
		"circuit breaker": {
			&model.DeploymentConfiguration{CircuitBreaker: &model.CircuitBreaker{Enabled: true, Rollback: true}}, "", "",
		},
		"circuit breaker that stops": {
			&model.DeploymentConfiguration{CircuitBreaker: &model.CircuitBreaker{Enabled: true}},
			"The circuit breaker does not roll back", "leaves the service with what runs",
		},
		"bake time": {
			&model.DeploymentConfiguration{BakeTimeMinutes: 5}, "The deployment bakes for 5 minutes",
			"nothing else can be deployed",
		},
		"new ones first": {&model.DeploymentConfiguration{MinimumHealthyPercent: new(0), MaximumPercent: new(200)}, "", ""},
		"alarms": {
			&model.DeploymentConfiguration{Alarms: []string{"few-requests"}},
			"Alarms watch the deployment", "stops the deployment",
		},
		"alarms that roll back": {
			&model.DeploymentConfiguration{Alarms: []string{"few-requests"}, AlarmRollback: true},
			"Alarms watch the deployment", "takes the change back when one of few-requests fires",
		},
	} {
		t.Run(name, func(t *testing.T) {
			configured := Change(func(s *Spec) { s.Service.DeploymentConfiguration = c.rollouts })
			p := planOf(t, web(Offer("http", 0, 80), configured).Snapshot(), "set-ingress-port-override/prod/web:80")
			own := slices.DeleteFunc(slices.Clone(p.Risks), func(n fix.Note) bool {
				return !slices.ContainsFunc([]string{"downtime", "Alarms", "circuit breaker", "bakes"}, func(word string) bool {
					return strings.Contains(n.Title, word)
				})
			})
			if p.Downtime != (c.title == fix.DowntimeTitle) {
				t.Errorf("downtime is %t", p.Downtime)
			}
			switch {
			case c.title == "" && len(own) > 0:
				t.Errorf("it says %+v", own)
			case c.title != "" && (len(own) != 1 || own[0].Title != c.title || !strings.Contains(own[0].Detail, c.detail)):
				t.Errorf("it says %+v, not %s", own, c.title)
			}
		})
	}
}

// Zone-aware routing begins with the next deployment of a service that is older than it.
func TestAPlanSaysThatZoneAwareRoutingMayBegin(t *testing.T) {
	for name, c := range map[string]struct {
		deployed time.Time
		says     bool
	}{
		"before": {rule.ZoneRoutingSince.Add(-time.Hour), true},
		"since":  {rule.ZoneRoutingSince.Add(time.Hour), false},
	} {
		t.Run(name, func(t *testing.T) {
			deployed := Change(func(s *Spec) { s.Deployment.CreatedAt = c.deployed })
			p := planOf(t, web(Offer("http", 0, 80), deployed).Snapshot(), "set-ingress-port-override/prod/web:80")
			if says := slices.ContainsFunc(p.Risks, func(n fix.Note) bool {
				return n.Title == "Zone-aware routing may begin"
			}); says != c.says {
				t.Errorf("it says %+v", p.Risks)
			}
		})
	}
}
