package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// overrideInBridge is CFG313: row 34 of docs/decision-table.md.
func overrideInBridge() Rule {
	return Rule{
		Code: "CFG313", Title: "ingressPortOverride in bridge mode", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   serviceFacts,
		check: func(c *Case) []Finding {
			return overrideFindings(c, func(p *reach.Path) bool {
				return p.Facts.TaskDefinition != nil && p.Facts.TaskDefinition.NetworkMode == model.ModeBridge
			}, Finding{
				verdict: reach.Risk, Confidence: Medium,
				title:  "%s pins host port %d for its agent",
				detail: "In bridge mode the agent never stands between a load balancer and the app, so that ingressPortOverride gains nothing. It makes the agent's host port static: %s, port %d. At most one task of the service then fits on an instance.",
			})
		},
		Doc: Doc{
			What:          "A task in bridge mode has an ingressPortOverride.",
			Why:           "Nothing is intercepted in bridge mode; the override only makes the agent's host port static, so that two tasks of the service cannot share an instance.",
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
		check: func(c *Case) []Finding {
			return overrideFindings(c, func(p *reach.Path) bool {
				n := p.Facts.Offer.IngressPortOverride
				return model.Ephemeral(n)
			}, Finding{
				Confidence: Medium,
				title:      "%s has its agent on the ephemeral port %d",
				detail:     "The kernel takes source ports of outgoing connections from 32768 to 60999: %s may find port %d taken when its agent starts.",
			})
		},
		Doc: Doc{
			What:          "The agent is told to listen on a port from which the kernel also takes the source ports of outgoing connections.",
			Why:           "The port may be in use when the agent starts; in bridge mode the host's port allocator uses the range as well.",
			Detection:     "services[].ingressPortOverride is from 32768 to 60999.",
			FalsePositive: "It works nearly always in awsvpc mode.",
			Fix:           "Choose a port from 1025 to 32767.",
			Source:        "docs/traffic.md, Who handles a request; API reference, PortMapping.hostPort on the ephemeral range.",
		},
	}
}

// overrideFindings makes a finding of each endpoint whose override is hit. The
// template's texts take the service and the port.
func overrideFindings(c *Case, hit func(*reach.Path) bool, template Finding) []Finding {
	var out []Finding
	overridden := where(c.Paths, func(p *reach.Path) bool {
		return p.Facts.Offer != nil && p.Facts.Offer.IngressPortOverride != 0 && hit(p)
	})
	for _, paths := range groupBy(overridden, endpointOf) {
		p := paths[0]
		f := template
		f.Paths, f.about = slices.Clone(paths), p.Source.Endpoint
		f.title = fmt.Sprintf(template.title, c.Service.Name, p.Facts.Offer.IngressPortOverride)
		f.detail = fmt.Sprintf(template.detail, c.Service.Name, p.Facts.Offer.IngressPortOverride)
		f.evidence = configurationEvidence(p)
		out = append(out, f)
	}
	return out
}
