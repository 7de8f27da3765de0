package model

import "testing"

func TestStandaloneTasksAreMissingWhereAnythingOfThemIs(t *testing.T) {
	const arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod"
	snapshot := Snapshot{
		Clusters:        []Cluster{{Name: "prod", ARN: arn}, {Name: "other"}},
		StandaloneTasks: []StandaloneTasks{{Cluster: "prod", Tasks: []StandaloneTask{{Group: "family:report"}}}},
	}
	for name, test := range map[string]struct {
		cluster string
		gap     *Gap
		want    GapState
	}{
		"read":              {cluster: "prod"},
		"not asked for":     {cluster: "other", want: NotRead},
		"refused":           {cluster: "prod", gap: &Gap{Action: ListTasks, Resource: arn, State: Denied}, want: Denied},
		"refused, by name":  {cluster: "prod", gap: &Gap{Action: ListTasks, Resource: "prod", State: Denied}, want: Denied},
		"some failed":       {cluster: "prod", gap: &Gap{Action: DescribeTasks, Resource: arn, State: Failed}, want: Failed},
		"still loading":     {cluster: "prod", gap: &Gap{Action: DescribeTasks, State: Loading}, want: Loading},
		"refused elsewhere": {cluster: "prod", gap: &Gap{Action: ListTasks, Resource: "other", State: Denied}},
	} {
		t.Run(name, func(t *testing.T) {
			s := snapshot
			if test.gap != nil {
				s.Gaps = []Gap{*test.gap}
			}
			tasks, missing := NewIndex(&s).StandaloneTasks(test.cluster)
			if test.want == "" {
				if missing != nil || len(tasks.Tasks) != 1 {
					t.Errorf("got %v, missing %v", tasks, missing)
				}
			} else if tasks != nil || missing == nil || missing.State != test.want {
				t.Errorf("got %v, missing %v, want %s", tasks, missing, test.want)
			}
		})
	}
}
