package rule

import (
	"fmt"
	"slices"

	"hopscope/model/reach"
	"hopscope/model/words"
)

// agentPortTargeted is HOP102: rows 10 and 35 of docs/decision-table.md.
func agentPortTargeted() Rule {
	return Rule{
		Code: "HOP102", Title: "Load balancer targets the agent's own port", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceLoadBalancer},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts),
		check:   checkAgentPortTargeted,
		Doc: Doc{
			What: "A load balancer sends its requests to the port on which the Service Connect agent " +
				"listens because of ingressPortOverride.",
			Why: "The override is there to take the agent out of the load balancer's way; aimed at the agent's " +
				"port, every request still crosses it.",
			Detection: "The registered port of the targets (loadBalancers[].containerPort in awsvpc mode, the host port " +
				"in bridge mode) equals an ingressPortOverride of the service.",
			FalsePositive: "You want the load balancer's requests in Service Connect's metrics.",
			Fix:           "Point the load balancer at the app's container port.",
			Source: "docs/traffic.md, Who handles a request; hopping to the override port by hand is refused or reset: " +
				"terraform-provider-aws#28293, copilot-cli#4388.",
		},
	}
}

func checkAgentPortTargeted(c *Case) {
	hit := where(c.Paths, func(p *reach.Path) bool { return p.Via == reach.ViaAgent && p.Facts.Interception.Override })
	reportEach(c, hit, targetPort, Finding{verdict: reach.UnnecessaryHop, Confidence: High, text: agentPortText})
}

func agentPortText(f *Finding) Text {
	p, from := f.Paths[0], words.Sources(f.Paths)
	return Text{
		Title: fmt.Sprintf("%s targets the agent's port %d of %s", from, p.Target.WirePort, f.Service),
		Detail: fmt.Sprintf("%s sends its requests to port %d of %s, which is the agent's own: %s. Point it at the port "+
			"that the app listens on.", from, p.Target.WirePort, f.Service, p.ViaWhy()),
		Evidence: hopEvidence(p),
	}
}
