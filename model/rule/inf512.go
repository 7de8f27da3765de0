package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// portNotListed is INF512: row 82 of docs/decision-table.md.
func portNotListed() Rule {
	return Rule{
		Code: "INF512", Title: "Service Connect does not list a port that has an appProtocol", Severity: Info,
		Needs: serviceFacts,
		Uses:  loadBalancerFacts,
		check: checkPortNotListed,
		Doc: Doc{
			What: "A service offers ports in Service Connect, and another named port of its task definition, with an " +
				"appProtocol, is not among them.",
			Why: "Only Service Connect reads appProtocol. The entry was forgotten, or a tool has lost it: a name that callers " +
				"use for the port then leads nowhere.",
			Detection: "portMappings[].name and appProtocol are set, no services[].portName names the mapping or another one " +
				"of its container port, and no load balancer, VPC Lattice or service discovery leads to the port. Where a " +
				"portName is not in the task definition, CFG309 says so instead.",
			FalsePositive: "The port is for other containers of the task, or for metrics, and a console or a module wrote its " +
				"name and appProtocol.",
			Fix: "Add the port to serviceConnectConfiguration.services, or drop appProtocol from its mapping.",
			Source: "API reference, PortMapping.appProtocol, PortMapping.name and " +
				"ServiceConnectService.portName.",
		},
	}
}

func checkPortNotListed(c *Case) {
	i := slices.IndexFunc(c.Running, func(d *model.Deployment) bool { return d.Status == model.PrimaryDeployment })
	if i < 0 {
		return
	}
	d := c.Running[i]
	if !d.ServiceConnect.Active() || len(d.ServiceConnect.Services) == 0 {
		return
	}
	task, missing := c.Index.TaskDefinition(d.TaskDefinition)
	if missing != nil {
		c.lack(missing)
		return
	}
	var idle []string
	for i := range task.Containers {
		for j := range task.Containers[i].PortMappings {
			m := &task.Containers[i].PortMappings[j]
			if m.Name == "" || m.AppProtocol == "" || c.leadsTo(d, m.ContainerPort) {
				continue
			}
			listed, known := listsPort(task, d.ServiceConnect, m.ContainerPort)
			if !known {
				return // which is CFG309's
			}
			if !listed {
				idle = append(idle, m.Name)
			}
		}
	}
	if len(idle) > 0 {
		c.report(Finding{text: func(f *Finding) Text { return notListedText(f, d, task, idle) }})
	}
}

// leadsTo tells whether a path of a deployment leads to a container port.
func (c *Case) leadsTo(d *model.Deployment, port int) bool {
	return slices.ContainsFunc(c.Siblings, func(p *reach.Path) bool {
		return p.Facts.Deployment == d && p.Target.ContainerPort == port
	})
}

// listsPort tells whether Service Connect lists a container port, by whatever name. It is
// not known where it names a port that the task definition does not have.
func listsPort(task *model.TaskDefinition, sc *model.ServiceConnect, port int) (listed, known bool) {
	for i := range sc.Services {
		m, _ := task.PortNamed(sc.Services[i].PortName)
		if m == nil {
			return false, false
		}
		listed = listed || m.ContainerPort == port
	}
	return listed, true
}

func notListedText(f *Finding, d *model.Deployment, task *model.TaskDefinition, idle []string) Text {
	var listed []string
	for i := range d.ServiceConnect.Services {
		listed = append(listed, d.ServiceConnect.Services[i].PortName)
	}
	evidence := []reach.Evidence{fact(model.DescribeServices,
		"serviceConnectConfiguration.services[].portName: %s", words.Names(listed))}
	for _, name := range idle {
		m, container := task.PortNamed(name)
		evidence = append(evidence, fact(model.DescribeTaskDefinition,
			"task definition %s, container %s: port %d is named %s and has appProtocol %s", task.Name(), container,
			m.ContainerPort, name, m.AppProtocol))
	}
	return Text{
		Title: fmt.Sprintf("Service Connect does not list %s of %s", words.Names(idle), f.Service),
		Detail: fmt.Sprintf("The task definition gives %s an appProtocol, which only Service Connect reads, and %s offers "+
			"%s alone: callers have no name for it. It was forgotten, or a tool has lost the entry.",
			words.Names(idle), f.Service, words.Names(listed)),
		Evidence: evidence,
	}
}
