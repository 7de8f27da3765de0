package rule

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// agentUnhealthy is INF507.
func agentUnhealthy() Rule {
	return Rule{
		Code: "INF507", Title: "Service Connect agent of a running task is unhealthy", Severity: Warning,
		Needs: []model.Action{
			model.ListClusters, model.ListServices, model.DescribeServices, model.ListTasks,
			model.DescribeTasks,
		},
		check: checkAgentUnhealthy,
		Doc: Doc{
			What: "The container of the Service Connect agent in a running task is UNHEALTHY.",
			Why: "Requests that cross it fail, and ECS is about to replace the task: the app's containers wait for a healthy " +
				"agent. On EC2 tasks then stay PENDING.",
			Detection: "containers[] of DescribeTasks whose name starts with ecs-service-connect- and whose healthStatus is " +
				"UNHEALTHY. hopscope reads the tasks of a few services only; of those whose tasks were not asked " +
				"for nothing is said.",
			FalsePositive: "The task is just stopping.",
			Fix: "On EC2 update the ECS agent and make sure that tasks reach 169.254.170.2 and the instance ECS's " +
				"endpoints; on Fargate look at the task's stoppedReason.",
			Source: "aws/amazon-ecs-agent#4397; aws/amazon-ecs-service-connect-agent#155, #127, #157.",
		},
	}
}

func checkAgentUnhealthy(c *Case) {
	if !slices.ContainsFunc(c.Running, func(d *model.Deployment) bool { return d.ServiceConnect.Active() }) {
		return
	}
	tasks, missing := c.Index.Tasks(c.Service)
	if missing != nil {
		if missing.State != model.NotRead { // most services' tasks are of no interest
			c.lack(missing)
		}
		return
	}
	var sick []string
	for i := range tasks {
		if slices.ContainsFunc(tasks[i].Containers, func(o model.TaskContainer) bool {
			return strings.HasPrefix(o.Name, model.AgentContainer) && o.HealthStatus == "UNHEALTHY"
		}) {
			sick = append(sick, model.ARNName(tasks[i].ARN))
		}
	}
	if len(sick) == 0 {
		return
	}
	const named = 3
	all := len(tasks)
	c.report(Finding{
		Paths:   where(c.Siblings, func(p *reach.Path) bool { return p.Via == reach.ViaAgent }),
		verdict: reach.Risk,
		text: func(f *Finding) Text {
			return Text{
				Title: fmt.Sprintf("The Service Connect agent is unhealthy in %d of %d tasks of %s", len(sick), all, f.Service),
				Detail: fmt.Sprintf("In %d of %d running tasks of %s the agent's container is UNHEALTHY. Requests that cross it "+
					"fail, and ECS replaces such tasks.", len(sick), all, f.Service),
				Evidence: []reach.Evidence{fact(model.DescribeTasks, "tasks %s: container %s…, healthStatus = UNHEALTHY",
					strings.Join(sick[:min(len(sick), named)], ", "), model.AgentContainer)},
			}
		},
	})
}
