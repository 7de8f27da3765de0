package e2e

import (
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/export"
	"hopscope/model/report"
	"hopscope/model/words"
)

// Callers of which no path tells are said of the port of the tasks, in every form of the
// report, with the way that they come; and nothing is said where none is admitted.
func TestTasksThatConnectToAPortOfTasksAreTold(t *testing.T) {
	const (
		who     = "web:8080: admits nightly-report: 3 standalone tasks and function thumbnails, directly to the port"
		without = "; standalone tasks and functions cannot use Service Connect names"
	)
	for _, c := range []struct {
		name   string
		edits  []string
		denied model.Action
		want   []string
	}{
		{"the agent is elsewhere", nil, "", []string{who + ", past the agent" + without}},
		{
			"the agent is there",
			[]string{`"ingressPortOverride": 15000, `, "", `"ports": 15000, `, `"ports": 8080, `},
			"",
			[]string{who + ", through the agent" + without},
		},
		{
			"no agent",
			[]string{`{"enabled": true, "namespace": "prod", "services": [`, `{"enabled": false, "services": [`},
			"",
			[]string{who + without},
		},
		{"addresses are admitted", []string{`"group": "batch"`, `"cidr": "10.9.0.0/16"`}, "", nil},
		{"on another port", []string{`{"ports": 8080, "group": "batch"}`, `{"ports": 8081, "group": "batch"}`}, "", nil},
		{
			"no egress",
			[]string{`{"name": "batch"}`, `{"name": "batch", "egress": [{"ports": 443, "cidr": "0.0.0.0/0"}]}`},
			"",
			[]string{
				"a group admits nightly-report: 3 standalone tasks, and the way is refused: no egress rule of",
				"a group admits function thumbnails, and the way is refused: no egress rule of",
			},
		},
		{
			"tasks denied", nil, model.ListTasks, []string{
				"web:8080: admits function thumbnails, directly to the port, past the agent; functions cannot use Service " +
					"Connect names; who else connects is not known: standalone tasks of cluster prod: ecs:ListTasks is denied",
			},
		},
		{
			"interfaces denied", nil, model.DescribeNetworkInterfaces,
			[]string{"web:8080: who else connects is not known: interfaces with security group sg-"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := analysisWithout(t, *smallWorld(t, "tasks-to-a-task-port", c.edits...), c.denied)
			r := report.New(a, nil)
			var texts []string
			for i := range r.TaskPorts {
				texts = append(texts, words.TaskPort(&r.TaskPorts[i]))
			}
			text := strings.Join(texts, "\n")
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in %q", want, text)
				}
			}
			if (text != "") != (c.want != nil) {
				t.Errorf("the ports are %q", text)
			}
			if c.denied != "" && strings.Contains(text, "nightly-report") {
				t.Errorf("what was not read is told: %q", text)
			}
			var page strings.Builder
			if err := export.Markdown(&page, r); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(page.String(), "Besides services and load balancers") != (c.want != nil) {
				t.Errorf("the page is %s", page.String())
			}
		})
	}
}
