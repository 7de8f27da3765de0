package rule

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
)

// timeoutOnTCP is CFG324.
func timeoutOnTCP() Rule {
	return Rule{
		Code: "CFG324", Title: "Per-request timeout on a port without appProtocol", Severity: Error,
		Needs: serviceFacts,
		check: checkTimeoutOnTCP,
		Doc: Doc{
			What: "A Service Connect service sets perRequestTimeoutSeconds for a port whose " +
				"mapping has no appProtocol.",
			Why: "The agent treats the port as plain TCP and knows no requests. ECS refuses the configuration: " +
				"“Per request timeout 0 can't be set for tcp application.”",
			Detection: "services[].timeout.perRequestTimeoutSeconds is set, and the port mapping that " +
				"portName names has no appProtocol.",
			FalsePositive: "ECS took the configuration all the same, and ignores the timeout.",
			Fix: "Leave the timeout out, or set appProtocol on a port mapping with a new name: it cannot be changed " +
				"for an existing Service Connect service.",
			Source: "pulumi/pulumi-aws#4265; cloudposse/terraform-aws-ecs-alb-service-task#238; " +
				"API reference, TimeoutConfiguration.",
		},
	}
}

func checkTimeoutOnTCP(c *Case) {
	for _, d := range c.Running {
		if !d.ServiceConnect.Active() {
			continue
		}
		for i := range d.ServiceConnect.Services {
			offer := &d.ServiceConnect.Services[i]
			if offer.Timeout == nil || offer.Timeout.PerRequestSeconds == nil {
				continue
			}
			task, missing := c.Index.TaskDefinition(d.TaskDefinition)
			if missing != nil {
				c.lack(missing)
				continue
			}
			mapping, _ := task.PortNamed(offer.PortName)
			if mapping == nil || mapping.AppProtocol != "" {
				continue
			}
			c.report(timeoutFinding(c, d, task, i))
		}
	}
}

func timeoutFinding(c *Case, d *model.Deployment, task *model.TaskDefinition, index int) Finding {
	offer := &d.ServiceConnect.Services[index]
	return Finding{
		Paths:      where(c.pathsOf(d), func(p *reach.Path) bool { return p.Facts.Offer == offer }),
		Confidence: Medium, about: offer.PortName,
		text: func(f *Finding) Text {
			port, seconds := offer.PortName, *offer.Timeout.PerRequestSeconds
			return Text{
				Title: fmt.Sprintf("%s sets a per-request timeout for %s, which is plain TCP to the agent", f.Service, port),
				Detail: fmt.Sprintf("perRequestTimeoutSeconds = %d is set for portName %s of %s, whose port mapping has no "+
					"appProtocol: the agent sees a stream of bytes and no requests. ECS refuses a deployment with it.",
					seconds, port, f.Service),
				Evidence: []reach.Evidence{
					fact(model.DescribeServices,
						"serviceConnectConfiguration.services[%d].timeout.perRequestTimeoutSeconds = %d", index, seconds),
					fact(model.DescribeTaskDefinition, "task definition %s: port mapping %s has no appProtocol", task.Name(), port),
				},
			}
		},
	}
}
