package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
)

// appProtocolAtOdds is CFG312: row 2 of docs/decision-table.md.
func appProtocolAtOdds() Rule {
	return Rule{
		Code: "CFG312", Title: "appProtocol is missing, or at odds with the target group", Severity: Info,
		Sources: balancers,
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, gatewayFacts),
		check:   checkAppProtocol,
		Doc: Doc{
			What: "A port that a load balancer speaks HTTP to is offered in Service Connect without appProtocol, or with one " +
				"that differs from the target group's protocol version.",
			Why: "Without appProtocol the agent treats the port as plain TCP: no request metrics, no retries, and gRPC or " +
				"HTTP/2 calls of one connection all go to one task. A version that differs from the target group's breaks " +
				"requests that cross the agent.",
			Detection: "portMappings[].appProtocol of the listed port is compared with the target group's " +
				"Protocol and ProtocolVersion.",
			FalsePositive: "Plain TCP is wanted, for WebSockets or long requests without the agent's timeouts, say.",
			Fix: "Set appProtocol to http, http2 or grpc. It cannot be changed for an existing Service Connect " +
				"service: recreate the service, or offer a new port.",
			Source: "API reference, PortMapping.appProtocol; aws/containers-roadmap#2378, #2343.",
		},
	}
}

// appProtocols are the appProtocol that fits each protocol version of a target
// group.
var appProtocols = map[string]string{"HTTP1": "http", "HTTP2": "http2", "GRPC": "grpc"}

func checkAppProtocol(c *Case) {
	for paths := range groupBy(c.Paths, targetPort) {
		p := paths[0]
		offer, task, group := p.Facts.Interception.Offer, p.Facts.TaskDefinition, p.Facts.TargetGroup
		if offer == nil || task == nil || group == nil {
			continue
		}
		mapping, _ := task.PortNamed(offer.PortName)
		want := appProtocols[group.ProtocolVersion]
		if mapping != nil && want != "" && mapping.AppProtocol != want && !grpcIntoHTTP(p) { // which is CFG325's
			c.report(Finding{Paths: paths, Confidence: High, text: func(f *Finding) Text {
				return appProtocolText(f, mapping.AppProtocol, want)
			}})
		}
	}
}

// appProtocolText says that the appProtocol of a port is not what the load balancer
// speaks.
func appProtocolText(f *Finding, is, want string) Text {
	p := f.Paths[0]
	group := p.Facts.TargetGroup
	title := fmt.Sprintf("Port %d of %s has no appProtocol", p.Target.ContainerPort, f.Service)
	follows := "the agent treats it as plain TCP: no request metrics and no retries, and calls of one HTTP/2 " +
		"connection all go to one task"
	if is != "" {
		title = fmt.Sprintf("Port %d of %s is %s to Service Connect and %s to %s",
			p.Target.ContainerPort, f.Service, is, want, p.Source.TargetGroup)
		follows = "where requests cross the agent, it speaks another protocol than the load balancer"
	}
	return Text{
		Title: title,
		Detail: fmt.Sprintf("%s: target group %s speaks %s, and %s.",
			title, p.Source.TargetGroup, group.ProtocolVersion, follows),
		Evidence: append(configurationEvidence(p), fact(model.DescribeTargetGroups,
			"target group %s: ProtocolVersion = %s", group.Name, group.ProtocolVersion)),
	}
}
