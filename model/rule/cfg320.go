package rule

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
)

// portTwice is CFG320.
func portTwice() Rule {
	return Rule{
		Code: "CFG320", Title: "Two containers of a task declare one port", Severity: Error,
		Needs: serviceFacts,
		check: checkPortTwice,
		Doc: Doc{
			What: "Two containers of an awsvpc task declare the same TCP port.",
			Why: "All containers of the task share one network namespace. The one that starts later cannot bind the " +
				"port (EADDRINUSE); which one gets the requests, its start decides.",
			Detection: "portMappings[].containerPort of two containers of a task definition with networkMode awsvpc are " +
				"equal, or one lies in the other's containerPortRange.",
			FalsePositive: "One of the two declares the port without listening on it.",
			Fix:           "Move one of the containers to another port.",
			Source: "Amazon ECS developer guide, awsvpc network mode: containers of a task share the network " +
				"interface; agentic-community/mcp-gateway-registry#1137.",
		},
	}
}

func checkPortTwice(c *Case) {
	for i, d := range c.Running {
		if i > 0 && d.TaskDefinition == c.Running[0].TaskDefinition {
			continue
		}
		task, missing := c.Index.TaskDefinition(d.TaskDefinition)
		if missing != nil {
			c.lack(missing)
			continue
		}
		if task.NetworkMode != model.ModeAwsvpc || len(task.Containers) < 2 {
			continue
		}
		for _, t := range portsTwice(task) {
			c.report(portTwiceFinding(c, d, task, t))
		}
	}
}

// twice is a port that two containers declare.
type twice struct {
	one, other string
	port       int
}

func portsTwice(task *model.TaskDefinition) []twice {
	var out []twice
	for i := range task.Containers {
		one := &task.Containers[i]
		for j := range task.Containers {
			if i == j {
				continue
			}
			other := model.TaskDefinition{Containers: task.Containers[j : j+1]}
			for k := range one.PortMappings {
				m := &one.PortMappings[k]
				if m.ContainerPort == 0 || m.UDP() || !reach.UsesPort(&other, m.ContainerPort) {
					continue
				}
				if j < i && other.Port("", m.ContainerPort) != nil {
					continue // the other container was compared with this one before
				}
				out = append(out, twice{one.Name, task.Containers[j].Name, m.ContainerPort})
			}
		}
	}
	return out
}

func portTwiceFinding(c *Case, d *model.Deployment, task *model.TaskDefinition, t twice) Finding {
	return Finding{
		Paths:   where(c.pathsOf(d), func(p *reach.Path) bool { return p.Target.ContainerPort == t.port }),
		verdict: reach.Broken, Confidence: Medium, about: fmt.Sprint(t.port),
		text: func(f *Finding) Text {
			return Text{
				Title: fmt.Sprintf("%s and %s of %s both declare port %d", t.one, t.other, f.Service, t.port),
				Detail: fmt.Sprintf("The containers %s and %s of %s share one network namespace and both declare tcp %d. "+
					"The second one to start cannot bind it (EADDRINUSE): either the task fails, or requests reach whichever "+
					"was first.", t.one, t.other, task.Name(), t.port),
				Evidence: []reach.Evidence{portsEvidence(task)},
			}
		},
	}
}
