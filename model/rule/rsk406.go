package rule

import (
	"fmt"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// What AWS advises to leave to the agent of a task (AWS developer guide, Service
// Connect concepts): CPU units and MiB.
const (
	agentCPU    = 256
	agentMemory = 64
)

// agentStarved is RSK406.
func agentStarved() Rule {
	return Rule{
		Code: "RSK406", Title: "Task leaves little for the Service Connect agent", Severity: Info,
		Needs: serviceFacts,
		check: checkAgentStarved,
		Doc: Doc{
			What: "The containers of a task with Service Connect claim so much of its CPU or memory that less is " +
				"left than AWS advises to add for the agent.",
			Why: "The agent runs beside the app, in every request's way. Without CPU it adds latency, without " +
				"memory it is killed, and the task with it.",
			Detection: "The task's cpu less the sum of its containers' is under 256 units, or its memory less theirs " +
				"under 64 MiB. Only where the task and all of its containers have values.",
			FalsePositive: "The app uses less than it claims: CPU units of containers are shares, and the agent " +
				"may take what is idle.",
			Fix: "Raise the task's cpu and memory, or claim less for the containers.",
			Source: "AWS developer guide, Service Connect concepts: add 256 CPU units and at least 64 MiB of memory to " +
				"the task for the proxy container; aws/copilot-cli#4354.",
		},
	}
}

func checkAgentStarved(c *Case) {
	d := c.Service.Primary()
	if d == nil || !d.ServiceConnect.Active() {
		return
	}
	task, missing := c.Index.TaskDefinition(d.TaskDefinition)
	if missing != nil {
		c.lack(missing)
		return
	}
	if short, _ := starved(task); short == "" {
		return
	}
	c.report(Finding{Confidence: Low, text: func(f *Finding) Text {
		short, sums := starved(task)
		return Text{
			Title: fmt.Sprintf("%s leaves its agent %s", f.Service, short),
			Detail: fmt.Sprintf("The containers of %s claim nearly all of the task, and leave the Service Connect agent %s. "+
				"Under load the agent is what gets slow first, or is killed.", task.Name(), short),
			Evidence: []reach.Evidence{fact(model.DescribeTaskDefinition, "task definition %s: %s", task.Name(), sums)},
		}
	}})
}

// starved says what a task leaves its agent that is less than advised, and how it comes
// about; "" if nothing is.
func starved(task *model.TaskDefinition) (short, sums string) {
	var left, claims []string
	for _, r := range [...]struct {
		limit, advised int
		unit, field    string
		claim          func(*model.Container) int
	}{
		{task.CPU, agentCPU, "CPU units", "cpu", func(c *model.Container) int { return c.CPU }},
		{task.Memory, agentMemory, "MiB", "memory", func(c *model.Container) int { return c.Memory }},
	} {
		if n, known := leftOver(task, r.limit, r.claim); known && n < r.advised {
			left = append(left, fmt.Sprintf("%d %s (%d advised)", max(n, 0), r.unit, r.advised))
			claims = append(claims, fmt.Sprintf("%s = %d, containers claim %d", r.field, r.limit, r.limit-n))
		}
	}
	return strings.Join(left, " and "), strings.Join(claims, "; ")
}

// leftOver is what the containers of a task leave of its limit, if it has one
// and all of them claim something.
func leftOver(task *model.TaskDefinition, limit int, claim func(*model.Container) int) (left int, known bool) {
	if limit == 0 || len(task.Containers) == 0 {
		return 0, false
	}
	left = limit
	for i := range task.Containers {
		n := claim(&task.Containers[i])
		if n == 0 {
			return 0, false
		}
		left -= n
	}
	return left, true
}
