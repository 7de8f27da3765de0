package model_test

import (
	"testing"

	"hopscope/model"
)

// ECS rounds the minimum up and the maximum down; a blue/green deployment has both sets of
// tasks at once, whatever the percentages.
func TestTheTasksOfADeploymentAreRoundedAsECSDoes(t *testing.T) {
	for name, tt := range map[string]struct {
		desired, minimum, maximum int
		strategy                  string
		want                      bool
	}{
		"one, and none more":            {1, 0, 100, "", true},
		"one, and half of one more":     {1, 0, 150, "ROLLING", true},
		"one, and one more":             {1, 0, 200, "", false},
		"two, and one more":             {2, 0, 150, "", false},
		"three, and none more":          {3, 0, 133, "", true},
		"one of which half has to stay": {1, 50, 100, "", false},
		"no task":                       {0, 0, 100, "", false},
		"blue and green":                {1, 0, 100, "BLUE_GREEN", false},
	} {
		s := model.Service{
			DesiredCount: tt.desired, DeploymentStrategy: tt.strategy,
			DeploymentConfiguration: &model.DeploymentConfiguration{
				MinimumHealthyPercent: &tt.minimum, MaximumPercent: &tt.maximum,
			},
		}
		if s.StopsAllFirst() != tt.want {
			t.Errorf("%s: %t", name, !tt.want)
		}
	}
}
