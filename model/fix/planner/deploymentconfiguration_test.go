package planner_test

import (
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	. "hopscope/model/modeltest"
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
				return n.Title != "The deployment is downtime" && n.Title != "Alarms watch the deployment"
			})
			switch {
			case c.title == "" && len(own) > 0:
				t.Errorf("it says %+v", own)
			case c.title != "" && (len(own) != 1 || own[0].Title != c.title || !strings.Contains(own[0].Detail, c.detail)):
				t.Errorf("it says %+v, not %s", own, c.title)
			}
		})
	}
}
