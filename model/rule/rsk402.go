package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// agentBypass is RSK402: row 48 of docs/decision-table.md.
func agentBypass() Rule {
	return Rule{
		Code: "RSK402", Title: "Callers may bypass the agent", Severity: Info,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   slices.Concat(serviceFacts, networkFacts, namespaceFacts),
		check:   checkAgentBypass,
		Doc: Doc{
			What: "After an ingressPortOverride, Service Connect callers are still admitted on the container port, where the " +
				"app now listens without the agent.",
			Why: "The rule is left over from before the override: nothing needs it any more, and callers that dial the task's " +
				"address go past the agent, its metrics and its TLS. With TLS this is a warning.",
			Detection: "A rule names the group of callers, which are admitted on the override, on the container port as " +
				"well. While two deployments run, old tasks may need it, and nothing is said.",
			FalsePositive: "During the rollout of an override old tasks still serve on the container port: keep the rule " +
				"until they are gone. Other clients of the same group may need the port.",
			Fix:    "Revoke the rule for the container port from the callers' group, not the load balancer's.",
			Source: "docs/traffic.md, Security groups and network ACLs.",
		},
	}
}

func checkAgentBypass(c *Case) {
	hit := where(c.Paths, func(p *reach.Path) bool { return p.Facts.SideDoor != nil && p.Target.Deployment == "" })
	for paths := range groupBy(hit, endpointOf) {
		f := Finding{Paths: paths, Confidence: Medium, about: paths[0].Source.Endpoint, text: bypassText}
		if paths[0].Facts.Offer.TLS != nil {
			f.Severity = Warning
		}
		c.report(f)
	}
}

func bypassText(f *Finding) Text {
	p := f.Paths[0]
	callers := words.Callers(p.Source.Services)
	t := Text{
		Title: fmt.Sprintf("%s may still reach %s on port %d, past the agent", callers, f.Service, p.Target.ContainerPort),
		Detail: fmt.Sprintf("ingressPortOverride moved the agent of %s to port %d, but %s still admits %s on port %d, where "+
			"the app itself listens now.",
			f.Service, p.Target.WirePort, p.Facts.SideDoor.Group(), callers, p.Target.ContainerPort),
		Evidence: append(refusalEvidence(p), fact(model.DescribeSecurityGroups, "%s", p.Facts.SideDoor.Why())),
	}
	if p.Facts.Offer.TLS != nil {
		t.Detail += " The endpoint has TLS, which that port does without."
	}
	return t
}
