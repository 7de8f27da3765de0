package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// healthDiffers is RSK403: rows 19 and 20 of docs/decision-table.md.
func healthDiffers() Rule {
	return Rule{
		Code: "RSK403", Title: "Health check and requests take different ways", Severity: Warning,
		Sources: append(slices.Clone(balancers), reach.SourceHealthCheck),
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, gatewayFacts),
		check:   checkHealthDiffers,
		Doc: Doc{
			What: "Of a target group's requests and health checks, one crosses the Service Connect " +
				"agent and the other does not.",
			Why: "A check that goes past the agent says healthy while requests fail at it; a check that crosses it " +
				"removes a healthy app when the agent fails.",
			Detection:     "HealthCheckPort is not the traffic port, and interception differs between the two ports.",
			FalsePositive: "The health check port is served by a process that itself checks the way of the requests.",
			Fix:           "Set HealthCheckPort to traffic-port.",
			Source:        "docs/traffic.md, Who handles a request: interception looks at the destination port only.",
		},
	}
}

func checkHealthDiffers(c *Case) {
	checks := where(c.Paths, func(p *reach.Path) bool {
		return p.Source.Kind == reach.SourceHealthCheck && p.Via != reach.ViaUnknown && p.Facts.TargetGroup != nil &&
			anotherWay(c, p) != nil
	})
	type key struct {
		lb, group string
		target    port
		via       reach.Via
	}
	for paths := range groupBy(checks, func(p *reach.Path) key {
		return key{p.Source.Name, p.Source.TargetGroup, targetPort(p), p.Via}
	}) {
		check, request := paths[0], anotherWay(c, paths[0])
		c.report(Finding{
			Paths: paths, verdict: reach.Risk, Confidence: High,
			about: fmt.Sprintf("%s of %s %s", check.Source.TargetGroup, check.Source.Name, check.Via),
			text:  func(f *Finding) Text { return healthDiffersText(f, check, request) },
		})
	}
}

func healthDiffersText(f *Finding, check, request *reach.Path) Text {
	return Text{
		Title: fmt.Sprintf("Health checks of %s go %s, requests %s", check.Source.TargetGroup, way(check), way(request)),
		Detail: fmt.Sprintf("%s checks port %d of %s %s, while its requests go to port %d %s: health says nothing about the "+
			"way that requests take.",
			check.Source.Name, check.Target.WirePort, f.Service, way(check), request.Target.WirePort, way(request)),
		Evidence: append(hopEvidence(check), healthPortEvidence(check)),
	}
}

// anotherWay is a path of the requests behind a health check that goes another way
// into the task, nil if there is none. A check on the traffic port goes to each
// target as its requests do; targets that were registered by hand are another
// matter (HOP102).
func anotherWay(c *Case, check *reach.Path) *reach.Path {
	if check.Facts.TargetGroup.HealthCheck.Port == model.TrafficPort {
		return nil
	}
	for _, p := range c.Paths {
		behind := p.Source.TargetGroup == check.Source.TargetGroup && p.Facts.LoadBalancer == check.Facts.LoadBalancer
		inOneTask := p.Target.Deployment == check.Target.Deployment || p.Target.Deployment == "" ||
			check.Target.Deployment == ""
		if p.Source.Kind != reach.SourceHealthCheck && !p.Facts.ByHand && behind && inOneTask && p.Via != check.Via &&
			p.Via != reach.ViaUnknown {
			return p
		}
	}
	return nil
}

func way(p *reach.Path) string {
	if p.Via == reach.ViaAgent {
		return "through the agent"
	}
	return "straight to the app"
}
