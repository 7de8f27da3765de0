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
			What:          "The containers of a task with Service Connect claim so much of its CPU or memory that less is left than AWS advises to add for the agent.",
			Why:           "The agent runs beside the app, in every request's way. Without CPU it adds latency, without memory it is killed, and the task with it.",
			Detection:     "The task's cpu less the sum of its containers' is under 256 units, or its memory less theirs under 64 MiB. Only where the task and all of its containers have values.",
			FalsePositive: "The app uses less than it claims: CPU units of containers are shares, and the agent may take what is idle.",
			Fix:           "Raise the task's cpu and memory, or claim less for the containers.",
			Source:        "AWS developer guide, Service Connect concepts: add 256 CPU units and at least 64 MiB of memory to the task for the proxy container; aws/copilot-cli#4354.",
		},
	}
}

func checkAgentStarved(c *Case) []Finding {
	d := c.Service.Primary()
	if d == nil || !d.ServiceConnect.Active() {
		return nil
	}
	task, missing := c.Index.TaskDefinition(d.TaskDefinition)
	if missing != nil {
		c.lack(missing)
		return nil
	}
	var short, sums []string
	if left, known := leftOver(task, task.CPU, func(c *model.Container) int { return c.CPU }); known && left < agentCPU {
		short = append(short, fmt.Sprintf("%d CPU units (%d advised)", max(left, 0), agentCPU))
		sums = append(sums, fmt.Sprintf("cpu = %d, containers claim %d", task.CPU, task.CPU-left))
	}
	if left, known := leftOver(task, task.Memory, func(c *model.Container) int { return c.Memory }); known && left < agentMemory {
		short = append(short, fmt.Sprintf("%d MiB (%d advised)", max(left, 0), agentMemory))
		sums = append(sums, fmt.Sprintf("memory = %d, containers claim %d", task.Memory, task.Memory-left))
	}
	if len(short) == 0 {
		return nil
	}
	left := strings.Join(short, " and ")
	return []Finding{{
		Confidence: Low,
		title:      fmt.Sprintf("%s leaves its agent %s", c.Service.Name, left),
		detail: fmt.Sprintf("The containers of %s claim nearly all of the task, and leave the Service Connect agent %s. Under load the agent is what gets slow first, or is killed.",
			task.Name(), left),
		evidence: []reach.Evidence{{
			Fact: fmt.Sprintf("task definition %s: %s", task.Name(), strings.Join(sums, "; ")), From: string(model.DescribeTaskDefinition),
		}},
	}}
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
