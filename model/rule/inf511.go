package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// longRequestsCut is INF511.
func longRequestsCut() Rule {
	return Rule{
		Code: "INF511", Title: "Service Connect ends requests after 15 seconds", Severity: Info,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   slices.Concat(serviceFacts, networkFacts, namespaceFacts),
		check:   checkLongRequests,
		Doc: Doc{
			What: "Services call an HTTP, HTTP/2 or gRPC endpoint of Service Connect whose per-request timeout is not set, so " +
				"that AWS's default of 15 seconds holds.",
			Why: "Streams, server-sent events, WebSockets, long polls and slow calls between services end after 15 seconds, " +
				"with 504 “upstream request timeout” from the agent. describe-services does not show the default.",
			Detection: "The port that services[].portName names has an appProtocol, " +
				"services[].timeout.perRequestTimeoutSeconds is not set, a service of the namespace is admitted, and the service " +
				"is behind no load balancer: there CFG314 looks, and every path shows its timeouts.",
			FalsePositive: "No request takes that long.",
			Fix: "Set perRequestTimeoutSeconds to what the app needs; 0 turns it off. The idle timeout, 5 minutes by default, " +
				"then still ends what is silent.",
			Source: "Amazon ECS developer guide, Service Connect; API reference, TimeoutConfiguration.",
		},
	}
}

func checkLongRequests(c *Case) {
	if len(c.Service.LoadBalancers) > 0 || c.Service.ResourceManagementType == "ECS" {
		return // CFG314 has those that wait longer than the agent
	}
	cut := where(c.Paths, func(p *reach.Path) bool {
		if !calledByAgent(p) {
			return false
		}
		request, has := reach.RequestTimeout(p.Facts.TaskDefinition, p.Facts.Offer)
		return has && request.Default
	})
	reportEach(c, cut, targetPort, Finding{text: longRequestsText})
}

// calledByAgent tells whether services reach an endpoint of Service Connect through the
// agent.
func calledByAgent(p *reach.Path) bool {
	return p.Source.Services.Len() > 0 && p.Access == reach.Allowed && p.Via == reach.ViaAgent
}

func longRequestsText(f *Finding) Text {
	p := f.Paths[0]
	request, _ := reach.RequestTimeout(p.Facts.TaskDefinition, p.Facts.Offer)
	return Text{
		Title: fmt.Sprintf("Service Connect ends requests to %s:%d after %d s", p.Target.Service, p.Target.ContainerPort,
			request.Seconds),
		Detail: fmt.Sprintf("AWS's default holds for every caller of %s: streams, server-sent events, WebSockets and slow "+
			"calls end with 504 “upstream request timeout”.", p.Source.Endpoint),
		Evidence: []reach.Evidence{
			fact(model.DescribeServices, "portName %s: appProtocol is set, timeout.perRequestTimeoutSeconds is not",
				p.Facts.Offer.PortName),
		},
	}
}
