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
			What: "After an ingressPortOverride, Service Connect callers are still admitted on the container port, where the app now listens without the agent.",
			Why: "The rule is left over from before the override: nothing needs it any more, and callers that dial the task's address go past the agent, its metrics and its TLS. " +
				"With TLS this is a warning.",
			Detection:     "A rule names the group of callers, which are admitted on the override, on the container port as well. While two deployments run, old tasks may need it, and nothing is said.",
			FalsePositive: "During the rollout of an override old tasks still serve on the container port: keep the rule until they are gone. Other clients of the same group may need the port.",
			Fix:           "Revoke the rule for the container port from the callers' group, not the load balancer's.",
			Source:        "docs/traffic.md, Security groups and network ACLs.",
		},
	}
}

func checkAgentBypass(c *Case) []Finding {
	var hit []*reach.Path
	for _, p := range c.Paths {
		if p.Facts.SideDoor != nil && p.Target.Deployment == "" {
			hit = append(hit, p)
		}
	}
	var out []Finding
	for _, paths := range groupBy(hit, endpointOf) {
		p := paths[0]
		f := Finding{
			Paths: paths, Confidence: Medium, about: p.Source.Endpoint,
			title: fmt.Sprintf("%s may still reach %s on port %d, past the agent", words.Callers(p.Source.Services), c.Service.Name, p.Target.ContainerPort),
			detail: fmt.Sprintf("ingressPortOverride moved the agent of %s to port %d, but %s still admits %s on port %d, where the app itself listens now.",
				c.Service.Name, p.Target.WirePort, p.Facts.SideDoor.Group(), words.Callers(p.Source.Services), p.Target.ContainerPort),
			evidence: append(refusalEvidence(p), reach.Evidence{Fact: p.Facts.SideDoor.Why(), From: string(model.DescribeSecurityGroups)}),
		}
		if p.Facts.Offer.TLS != nil {
			f.Severity = Warning
			f.detail += " The endpoint has TLS, which that port does without."
		}
		out = append(out, f)
	}
	return out
}
