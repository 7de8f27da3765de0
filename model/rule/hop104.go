package rule

import (
	"fmt"
	"slices"

	"hopscope/model/reach"
)

// plainCallerHop is HOP104: decision table, row 52 of semantics.md §8.
func plainCallerHop() Rule {
	return Rule{
		Code: "HOP104", Title: "Traffic that is not Service Connect's crosses the agent without need", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceServiceDiscovery},
		Needs:   serviceFacts,
		check:   checkPlainCallerHop,
		Doc: Doc{
			What:          "Callers that found the task by service discovery reach its app through the Service Connect agent.",
			Why:           "The agent intercepts the container port for every caller. A caller without Service Connect gains nothing from it and pays for the hop and its timeouts.",
			Detection:     "A port that the service registers in Cloud Map (serviceRegistries) is listed in Service Connect without ingressPortOverride. For service discovery the finding is information: whether anyone calls is not known.",
			FalsePositive: "Nobody uses the Cloud Map name any more.",
			Fix:           "Set ingressPortOverride, as for HOP101; callers by service discovery then reach the app directly on the container port, which must stay open to them.",
			Source:        "AWS developer guide, Service Connect: “These applications can connect through the Service Connect proxy but can't resolve endpoint names”.",
		},
	}
}

func checkPlainCallerHop(c *Case) []Finding {
	var hit []*reach.Path
	for _, p := range c.Paths {
		if p.Via == reach.ViaAgent && p.Access != reach.Blocked && !endsTLS(p) {
			hit = append(hit, p)
		}
	}
	var out []Finding
	for _, paths := range groupBy(hit, targetPort) {
		p := paths[0]
		out = append(out, Finding{
			paths: paths, Severity: Info, Confidence: Medium,
			Title: fmt.Sprintf("Service discovery reaches %s:%d through the agent", c.Service.Name, p.Target.ContainerPort),
			Detail: fmt.Sprintf("%s registers port %d in Cloud Map, and callers that find it there cross its Service Connect agent: %s.",
				c.Service.Name, p.Target.ContainerPort, p.ViaWhy),
			Evidence: slices.Concat(crossing(p).Evidence, hopEvidence(p)),
			Fixes:    hopFixes(c, p),
		})
	}
	return out
}
