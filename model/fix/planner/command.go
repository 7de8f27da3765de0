package planner

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/internal/shell"
	"hopscope/model"
	"hopscope/model/reach"
)

// aws is a command of the AWS CLI in the snapshot's region, quoted for a shell.
func (c *situation) aws(words ...string) string {
	line := append(make([]string, 0, len(words)+3), "aws")
	line = append(line, words...)
	if region := c.snapshot.Scope.Region; region != "" {
		line = append(line, "--region", region)
	}
	return shell.Line(line...)
}

// inContainer is a command that runs in the container of a port.
func (c *situation) inContainer(port int, command string) string {
	container := "CONTAINER"
	if task := c.task(); task != nil {
		for i := range task.Containers {
			if slices.ContainsFunc(task.Containers[i].PortMappings,
				func(m model.PortMapping) bool { return m.ContainerPort == port }) {
				container = task.Containers[i].Name
				break
			}
		}
	}
	line := c.aws("ecs", "execute-command", "--cluster", c.service.Cluster, "--task", c.aTask(),
		"--container", container, "--interactive", "--command", command)
	if c.aTask() != noTask {
		return line
	}
	// The shell asks for the task that was not read.
	ask := c.aws("ecs", "list-tasks", "--cluster", c.service.Cluster, "--service-name", c.service.Name, "--query",
		"taskArns[0]", "--output", "text")
	return strings.Replace(line, " --task "+noTask+" ", ` --task "$(`+ask+`)" `, 1)
}

// noTask stands for a task where none was read.
const noTask = "TASK"

// aTask is the id of a running task, or a placeholder where none was read.
func (c *situation) aTask() string {
	if t := c.service.Tasks; t != nil && len(t.Tasks) > 0 {
		return model.ARNName(t.Tasks[0].ARN)
	}
	return noTask
}

// redeployCaller is the command that deploys a caller of paths again: the one that there
// is, or else a placeholder.
func (c *situation) redeployCaller(paths []*reach.Path) string {
	caller := model.Ref{Cluster: c.service.Cluster, Service: "CALLER"}
	var known []model.Ref
	for _, p := range paths {
		if p.Source.Services.Len() > 0 {
			known = append(known, p.Source.Services.First(2)...)
		}
	}
	if known = unique(known); len(known) == 1 {
		caller = known[0]
	}
	return c.aws("ecs", "update-service", "--cluster", caller.Cluster, "--service", caller.Service,
		"--force-new-deployment")
}

// oldTask is the id of a running task that no deployment of the service started, or a
// placeholder where none was read.
func (c *situation) oldTask() string {
	if c.service.Tasks != nil {
		for _, t := range c.service.Tasks.Tasks {
			listed := func(d model.Deployment) bool { return d.ID == t.StartedBy }
			if strings.HasPrefix(t.StartedBy, "ecs-svc/") && !slices.ContainsFunc(c.service.Deployments, listed) {
				return model.ARNName(t.ARN)
			}
		}
	}
	return "TASK"
}

// ofService are the words that name the service to a command of aws ecs.
func (c *situation) ofService(command string, more ...string) string {
	return c.aws(append([]string{"ecs", command, "--cluster", c.service.Cluster, "--service", c.service.Name}, more...)...)
}

// describe is the command that shows the service.
func (c *situation) describe(query string) string {
	return c.aws("ecs", "describe-services", "--cluster", c.service.Cluster, "--services", c.service.Name, "--query",
		query)
}

// describeTask is the command that shows the task definition.
func (c *situation) describeTask() string {
	name := "TASK_DEFINITION"
	if p := c.service.Primary(); p != nil {
		name = model.ARNName(p.TaskDefinition)
	}
	return c.aws("ecs", "describe-task-definition", "--task-definition", name, "--query", "taskDefinition")
}

// intoJSON writes what a command says to a file: the user's output format
// may be another one, in which nothing reads it back.
const intoJSON = " --output json > "

// list is some names for a reader, the first few of many.
func list(names []string) string {
	const shown = 3
	switch {
	case len(names) == 0:
		return "none"
	case len(names) == 1:
		return names[0]
	case len(names) > shown+1:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
