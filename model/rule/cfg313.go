package rule

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
)

// overrideInBridge is CFG313: row 34 of docs/decision-table.md.
func overrideInBridge() Rule {
	return Rule{
		Code: "CFG313", Title: "ingressPortOverride in bridge mode", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   serviceFacts,
		check: overrideFindings(func(p *reach.Path) bool {
			return p.Facts.TaskDefinition != nil && p.Facts.TaskDefinition.NetworkMode == model.ModeBridge
		}, Finding{
			verdict: reach.Risk, Confidence: Medium,
			text: overrideText("%s pins host port %d for its agent",
				"In bridge mode the agent never stands between a load balancer and the app, so that ingressPortOverride "+
					"gains nothing. It makes the agent's host port static: %s, port %d. At most one task of the service then "+
					"fits on an instance."),
		}),
		Doc: Doc{
			What: "A task in bridge mode has an ingressPortOverride.",
			Why: "Nothing is intercepted in bridge mode; the override only makes the agent's host port static, so " +
				"that two tasks of the service cannot share an instance.",
			Detection:     "networkMode is bridge and services[].ingressPortOverride is set.",
			FalsePositive: "Security groups cannot be opened for the dynamic range, and one task an instance is wanted.",
			Fix:           "Remove the override.",
			Source:        "docs/traffic.md, Who handles a request, from aws/amazon-ecs-agent, agent/api/task/task.go.",
		},
	}
}

// overrideEphemeral is RSK404: row 9.
func overrideEphemeral() Rule {
	return Rule{
		Code: "RSK404", Title: "ingressPortOverride lies in the ephemeral range", Severity: Info,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   serviceFacts,
		check: overrideFindings(func(p *reach.Path) bool {
			return model.Ephemeral(p.Facts.Offer.IngressPortOverride)
		}, Finding{
			Confidence: Medium,
			text: overrideText("%s has its agent on the ephemeral port %d",
				"The kernel takes source ports of outgoing connections from 32768 to 60999: %s may find port %d taken when "+
					"its agent starts."),
		}),
		Doc: Doc{
			What: "The agent is told to listen on a port from which the kernel also takes the " +
				"source ports of outgoing connections.",
			Why: "The port may be in use when the agent starts; in bridge mode the host's port " +
				"allocator uses the range as well.",
			Detection:     "services[].ingressPortOverride is from 32768 to 60999.",
			FalsePositive: "It works nearly always in awsvpc mode.",
			Fix:           "Choose a port from 1025 to 32767.",
			Source:        "docs/traffic.md, Who handles a request; API reference, PortMapping.hostPort on the ephemeral range.",
		},
	}
}

// overrideFindings makes a finding like a template of each endpoint whose override is
// hit.
func overrideFindings(hit func(*reach.Path) bool, template Finding) func(*Case) {
	return func(c *Case) {
		c.reportEndpoints(where(c.Paths, func(p *reach.Path) bool {
			return p.Facts.Offer != nil && p.Facts.Offer.IngressPortOverride != 0 && hit(p)
		}), template)
	}
}

// overrideText makes the text of a finding. Its title and its detail take the service
// and the port.
func overrideText(title, detail string) func(*Finding) Text {
	return func(f *Finding) Text {
		p := f.Paths[0]
		port := p.Facts.Offer.IngressPortOverride
		return Text{
			Title: fmt.Sprintf(title, f.Service, port), Detail: fmt.Sprintf(detail, f.Service, port),
			Evidence: configurationEvidence(p),
		}
	}
}
