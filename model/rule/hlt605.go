package rule

import (
	"fmt"
	"slices"
	"time"

	"hopscope/model"
	"hopscope/model/observe"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// countsContradict is HLT605.
func countsContradict() Rule {
	return Rule{
		Code: "HLT605", Title: "Requests go another way than the configuration says", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceLoadBalancer},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts),
		Uses:    append(slices.Clone(namespaceFacts), model.ListServicesByNamespace, model.GetMetricData),
		check:   checkCountsContradict,
		Doc: Doc{
			What: "What CloudWatch counted on a path follows the formula of the other way: the configuration leads the load " +
				"balancer's requests through the agent, and the agents did not count them, or the other way round.",
			Why: "Configuration and counts cannot both be right. What else is said of the path rests on the configuration, " +
				"so that the path is a risk until the contradiction is explained.",
			Detection: "Only where it was measured (hopscope check --measure, m): A requests of the load balancer, S of the " +
				"server's agents, C answers to Service Connect callers and H health checks, each summed over full minutes after " +
				"the deployment ended. Via agent: S = A + C + H; direct: S = C. Both halves of the window follow the same " +
				"formula, and nothing else is known that may have sent requests.",
			FalsePositive: "A caller of another account that no fact tells of, or metrics that CloudWatch is late with.",
			Fix: "Measure again ten minutes after the last deployment. If it stays, deploy the service again, so that its " +
				"tasks are those of the configuration.",
			Source: "Amazon ECS developer guide, Amazon ECS CloudWatch metrics; docs/traffic.md, Metrics; docs/evidence.md.",
		},
	}
}

func checkCountsContradict(c *Case) {
	for _, p := range c.Paths {
		// A proof is of the way that the path had: after a change it says nothing of the new one.
		proof, measured := c.Proofs[p.ID]
		if !measured || proof.Answer != observe.Contradicted || proof.Via != p.Via {
			continue
		}
		metrics, read := c.Index.Snapshot.Metrics, c.Index.Snapshot.CollectedAt
		c.report(Finding{
			Paths: []*reach.Path{p}, Confidence: Medium, verdict: reach.Risk, about: p.Place.String(),
			text: func(f *Finding) Text { return contradictionText(f, &proof, metrics, read) },
		})
	}
}

// recently is how long before the window a deployment may have ended whose targets still
// drain: the longest delay of deregistration is an hour.
const recently = time.Hour

// contradictionText says which facts disagree, and what may be the reason.
func contradictionText(
	f *Finding, proof *observe.Proof, m *model.Metrics, read time.Time,
) Text {
	p := f.Paths[0]
	d := p.Facts.Deployment
	said := "directly"
	if proof.Via == reach.ViaDirect {
		said = "through the agent"
	}
	t := Text{
		Title: fmt.Sprintf("The requests of %s go to %s %s, and the configuration says otherwise",
			words.Sources(f.Paths), f.Service, said),
		Evidence: append(hopEvidence(p), []reach.Evidence{
			fact(model.DescribeServices, "deployment %s: rolloutState = %s, updatedAt = %s", d.ID, d.RolloutState,
				d.UpdatedAt.UTC().Format(time.RFC3339)),
			fact(m.Source, "%d minutes from %s: A = %.0f, S = %.0f, C = %.0f, H about %.0f (%s)", proof.Minutes,
				proof.From.UTC().Format(time.RFC3339), proof.LoadBalancer, proof.Agents, proof.Callers, proof.HealthChecks,
				proof.Formula),
		}...),
	}
	t.Detail = fmt.Sprintf("The configuration, read at %s, leads these requests %s; the counts of %d minutes from %s "+
		"follow %q. One of three is wrong. ", read.UTC().Format("15:04Z"), wayWords(proof.Via), proof.Minutes,
		proof.From.UTC().Format("15:04Z"), proof.Formula)
	if ago := proof.From.Sub(d.UpdatedAt); ago < recently {
		t.Detail += fmt.Sprintf("In transition: the deployment ended %d minutes before these counts, and tasks of the one "+
			"before may have taken the requests while they drained; measure again later. ", int(ago.Minutes()))
	} else {
		t.Detail += "In transition: not likely, as no deployment ended in the hour before these counts. "
	}
	t.Detail += "Drift: the tasks that run are not those of the configuration; a new deployment replaces them. " +
		"Or hopscope is mistaken: report it with these numbers."
	return t
}

func wayWords(via reach.Via) string {
	if via == reach.ViaDirect {
		return "directly to the app"
	}
	return "through the agent"
}
