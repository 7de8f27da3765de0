package rule

import (
	"fmt"
	"slices"
	"strconv"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// protocolAtOdds is CFG325: rows 71 to 73 of docs/decision-table.md.
func protocolAtOdds() Rule {
	return Rule{
		Code: "CFG325", Title: "The target group's protocol contradicts the port", Severity: Error,
		Sources: append(slices.Clone(balancers), reach.SourceHealthCheck),
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts),
		check:   checkProtocolAtOdds,
		Doc: Doc{
			What: "A load balancer speaks HTTPS to a port at which the Service Connect agent expects plain HTTP, or gRPC to " +
				"one that is HTTP/1.1 to the agent. Or two target groups send HTTP and gRPC to one container port, while another " +
				"port that the container declares gets nothing.",
			Why: "No request and no health check of such a group succeeds: the load balancer answers 502, and ECS replaces " +
				"tasks that are in order. Where two groups share a port the app has to speak both protocols on it, which few do: " +
				"usually loadBalancers[].containerPort of one group is a copy of the other's.",
			Detection: "Requests or checks cross the agent, services[].tls is not set, and the target group's Protocol (the " +
				"check's, for checks) is HTTPS; or its ProtocolVersion is GRPC and appProtocol of the port is http. Two entries " +
				"of loadBalancers name one containerPort, their groups' ProtocolVersion differ, and a tcp mapping of the " +
				"container is in no entry and not offered in Service Connect: a warning.",
			FalsePositive: "An agent that passes gRPC on at a port of appProtocol http: AWS says neither that it does nor " +
				"that it does not. One port that serves HTTP and gRPC by design.",
			Fix: "Let group, port mapping and app speak one protocol. A target group's protocol cannot be " +
				"changed: a new group takes its place.",
			Source: "Amazon ECS developer guide, Service Connect TLS; API reference, PortMapping.appProtocol; " +
				"aws/aws-cdk#15077.",
		},
	}
}

func checkProtocolAtOdds(c *Case) {
	tls := where(c.Paths, func(p *reach.Path) bool { return intoPlainAgent(p) && sendsTLS(p) })
	reportAtOdds(c, tls, Finding{verdict: reach.Broken, text: httpsIntoAgentText})
	grpc := where(c.Paths, grpcIntoHTTP)
	reportAtOdds(c, grpc, Finding{verdict: reach.Broken, Confidence: Medium, text: grpcIntoAgentText})
	reportTwoVersions(c)
}

// reportAtOdds reports a finding like a template of each port and target group.
func reportAtOdds(c *Case, paths []*reach.Path, template Finding) {
	for template.Paths = range groupBy(paths, portAndGroup) {
		template.about = template.Paths[0].Facts.TargetGroup.Name
		c.report(template)
	}
}

type groupPort struct {
	port
	group *model.TargetGroup
}

func portAndGroup(p *reach.Path) groupPort { return groupPort{targetPort(p), p.Facts.TargetGroup} }

// intoPlainAgent tells whether the load balancer's requests end at an agent that speaks
// HTTP without TLS.
func intoPlainAgent(p *reach.Path) bool {
	offer := p.Facts.Interception.Offer
	return p.Via == reach.ViaAgent && p.Facts.TargetGroup != nil && offer != nil && offer.TLS == nil &&
		!p.Facts.Interception.TLSDiffers && reach.SpeaksHTTP(p.Facts.TaskDefinition, offer)
}

// sendsTLS tells whether the load balancer begins with a TLS handshake.
func sendsTLS(p *reach.Path) bool { return slices.Contains([]string{"HTTPS", "TLS"}, sentProtocol(p)) }

// sentProtocol is what the load balancer speaks on a path: checks have a protocol of
// their own.
func sentProtocol(p *reach.Path) string {
	if p.Source.Kind == reach.SourceHealthCheck {
		return p.Facts.TargetGroup.HealthCheck.Protocol
	}
	return p.Facts.TargetGroup.Protocol
}

// grpcIntoHTTP tells whether gRPC, or a check by gRPC, ends at an agent that speaks
// HTTP/1.1.
func grpcIntoHTTP(p *reach.Path) bool {
	return intoPlainAgent(p) && p.Facts.TargetGroup.ProtocolVersion == "GRPC" && !sendsTLS(p) &&
		agentProtocol(p) == "http"
}

// agentProtocol is the appProtocol of the offer that handles the path's requests.
func agentProtocol(p *reach.Path) string {
	return reach.AppProtocol(p.Facts.TaskDefinition, p.Facts.Interception.Offer)
}

func httpsIntoAgentText(f *Finding) Text {
	p := f.Paths[0]
	return Text{
		Title: fmt.Sprintf("%s speaks TLS to the agent of %s, which expects %s", requesting(f.Paths), f.Service,
			agentProtocol(p)),
		Detail: fmt.Sprintf("Port %d of %s is offered in Service Connect as %s, without TLS: the agent answers a TLS "+
			"handshake with an error, so that %s of target group %s.",
			p.Target.ContainerPort, f.Service, agentProtocol(p), failing(f.Paths), p.Facts.TargetGroup.Name),
		Evidence: protocolEvidence(p),
	}
}

// failing says what does not succeed: the requests, or the checks, or both.
func failing(paths []*reach.Path) string {
	checks := where(paths, func(p *reach.Path) bool { return p.Source.Kind == reach.SourceHealthCheck })
	switch len(checks) {
	case 0:
		return "no request succeeds (502)"
	case len(paths):
		return "no check succeeds, while requests may"
	}
	return "neither requests nor checks succeed (502)"
}

func grpcIntoAgentText(f *Finding) Text {
	p := f.Paths[0]
	return Text{
		Title: fmt.Sprintf("%s speaks gRPC to the agent of %s, which expects HTTP/1.1", requesting(f.Paths), f.Service),
		Detail: fmt.Sprintf("Target group %s has ProtocolVersion GRPC, and its requests to port %d of %s end at the agent, "+
			"which treats the port as http: gRPC needs HTTP/2 from end to end, so that neither requests nor checks succeed.",
			p.Facts.TargetGroup.Name, p.Target.ContainerPort, f.Service),
		Evidence: protocolEvidence(p),
	}
}

func protocolEvidence(p *reach.Path) []reach.Evidence {
	group := p.Facts.TargetGroup
	return append(hopEvidence(p),
		fact(model.DescribeTaskDefinition, "portName %s: appProtocol = %s", p.Facts.Interception.Offer.PortName,
			agentProtocol(p)),
		fact(model.DescribeTargetGroups, "target group %s: Protocol = %s, ProtocolVersion = %s, HealthCheckProtocol = %s",
			group.Name, group.Protocol, group.ProtocolVersion, group.HealthCheck.Protocol))
}

// reportTwoVersions reports container ports that two target groups speak different
// protocol versions to, while another port of the container gets no request.
func reportTwoVersions(c *Case) {
	requests := where(c.Paths, func(p *reach.Path) bool {
		return p.Source.Kind != reach.SourceHealthCheck && p.Facts.TargetGroup != nil && !p.Facts.ByHand
	})
	for paths := range groupBy(requests, targetPort) {
		if len(versionsOf(paths)) < 2 {
			continue
		}
		idle := idlePorts(c.Service, paths[0])
		if len(idle) == 0 {
			continue
		}
		other := where(paths, func(p *reach.Path) bool { return p.Facts.TargetGroup.ProtocolVersion != "HTTP1" })
		c.report(Finding{
			Paths: other, Severity: Warning, Confidence: Medium, verdict: reach.Risk,
			text: func(f *Finding) Text { return twoVersionsText(f, paths, idle) },
		})
	}
}

// versionsOf are the protocol versions that paths speak, with the groups that do.
func versionsOf(paths []*reach.Path) map[string]string {
	out := map[string]string{}
	for _, p := range paths {
		if g := p.Facts.TargetGroup; g.ProtocolVersion != "" {
			out[g.ProtocolVersion] = g.Name
		}
	}
	return out
}

// idlePorts are the tcp ports that the container of a path declares, which no target
// group gets and Service Connect does not offer.
func idlePorts(s *model.Service, p *reach.Path) []int {
	task := p.Facts.TaskDefinition
	if task == nil {
		return nil
	}
	used := func(m *model.PortMapping) bool {
		sc := p.Facts.Deployment.ServiceConnect
		return slices.ContainsFunc(s.LoadBalancers, func(l model.ServiceLoadBalancer) bool {
			return l.ContainerName == p.Target.Container && l.ContainerPort == m.ContainerPort
		}) || sc != nil && m.Name != "" && slices.ContainsFunc(sc.Services, func(o model.ServiceConnectService) bool {
			return o.PortName == m.Name
		})
	}
	var out []int
	for i := range task.Containers {
		if task.Containers[i].Name != p.Target.Container {
			continue
		}
		for j := range task.Containers[i].PortMappings {
			m := &task.Containers[i].PortMappings[j]
			if m.ContainerPort != 0 && m.Protocol != "udp" && !used(m) {
				out = append(out, m.ContainerPort)
			}
		}
	}
	return out
}

func twoVersionsText(f *Finding, paths []*reach.Path, idle []int) Text {
	p := f.Paths[0]
	var groups []string
	var evidence []reach.Evidence
	versions := versionsOf(paths)
	for _, version := range []string{"HTTP1", "HTTP2", "GRPC"} {
		if name := versions[version]; name != "" {
			groups = append(groups, fmt.Sprintf("%s (%s)", name, version))
			evidence = append(evidence, fact(model.DescribeTargetGroups, "target group %s: ProtocolVersion = %s", name, version))
		}
	}
	ports := make([]string, len(idle))
	for i, port := range idle {
		ports[i] = strconv.Itoa(port)
	}
	return Text{
		Title: fmt.Sprintf("%s send different protocols to port %d of %s", words.Names(groups),
			p.Target.ContainerPort, f.Service),
		Detail: fmt.Sprintf("Container %s also declares %s, to which no target group sends anything. An app that does not "+
			"speak both protocols on port %d never answers the checks of one of the groups.", p.Target.Container,
			words.Names(ports), p.Target.ContainerPort),
		Evidence: append(evidence, portsEvidence(p.Facts.TaskDefinition)),
	}
}
