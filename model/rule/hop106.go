package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// healthCheckHop is HOP106: rows 18 and 20 of docs/decision-table.md.
func healthCheckHop() Rule {
	return Rule{
		Code: "HOP106", Title: "Health check crosses the Service Connect agent", Severity: Info,
		Sources: []reach.SourceKind{reach.SourceHealthCheck},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts),
		check:   checkHealthCheckHop,
		Doc: Doc{
			What: "The load balancer's health checks pass the Service Connect agent of the target task.",
			Why: "A target then counts as unhealthy when its agent is, although the app may be fine, and intermittent " +
				"failures of the check are hard to tell from failures of the app. The checks also add to " +
				"Service Connect's RequestCount.",
			Detection: "The port of the health check (the traffic port, or the target group's own HealthCheckPort) is " +
				"intercepted by the agent, or is the agent's ingressPortOverride.",
			FalsePositive: "Where requests cross the agent too, a check on the same way is right: it checks what the requests " +
				"use. It then follows from HOP101 and is repaired with it.",
			Fix: "Repair HOP101 for the same port. If only the health check crosses the agent, set " +
				"HealthCheckPort to traffic-port.",
			Source: "docs/traffic.md, Who handles a request, from aws/amazon-vpc-cni-plugins: interception looks at the " +
				"destination port only; aws/copilot-cli#5613 reports failing health checks with Service Connect on.",
		},
	}
}

func checkHealthCheckHop(c *Case) {
	crossed := where(c.Paths, func(p *reach.Path) bool { return p.Via == reach.ViaAgent && !endsTLS(p) })
	reportEach(c, crossed, targetPort, Finding{Confidence: High, text: healthCheckText})
}

func healthCheckText(f *Finding) Text {
	p := f.Paths[0]
	return Text{
		Title: fmt.Sprintf("Health checks of %s cross the agent on port %d", f.Service, p.Target.WirePort),
		Detail: fmt.Sprintf("The health checks of %s reach the app of %s through the Service Connect agent: %s.",
			words.Sources(f.Paths), f.Service, p.ViaWhy()),
		Evidence: append(hopEvidence(p), healthPortEvidence(p)),
	}
}

// healthPortEvidence quotes the port that a target group checks.
func healthPortEvidence(p *reach.Path) reach.Evidence {
	return fact(model.DescribeTargetGroups, "target group %s: HealthCheckPort = %s",
		p.Source.TargetGroup, p.Facts.TargetGroup.HealthCheck.Port)
}
