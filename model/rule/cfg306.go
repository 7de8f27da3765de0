package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// Rules about proxy protocol v2, a header that a network load balancer may write
// in front of each connection: the agent does not understand it.

// proxyProtocolIntoAgent is CFG306: row 22 of docs/decision-table.md.
func proxyProtocolIntoAgent() Rule {
	return Rule{
		Code: "CFG306", Title: "Proxy protocol v2 into the Service Connect agent", Severity: Error,
		Sources: []reach.SourceKind{reach.SourceLoadBalancer},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, []model.Action{model.DescribeTargetGroupAttributes}),
		check:   checkProxyProtocolIntoAgent,
		Doc: Doc{
			What: "A network load balancer writes a proxy protocol v2 header to connections that the " +
				"Service Connect agent takes.",
			Why: "The agent does not support proxy protocol v2: it takes the header for the first bytes of a " +
				"request, and the connection fails.",
			Detection: "The load balancer's type is network, proxy_protocol_v2.enabled of the target group is true, and " +
				"the agent intercepts the registered port.",
			FalsePositive: "The port has no appProtocol, and the app reads the header: the agent then passes the " +
				"bytes on as they come.",
			Fix: "Set ingressPortOverride, so that the load balancer reaches the app directly, if the app reads the " +
				"header; otherwise turn proxy protocol v2 off.",
			Source: "AWS developer guide, Service Connect: proxy protocol v2 is not supported.",
		},
	}
}

func checkProxyProtocolIntoAgent(c *Case) {
	hit := where(c.Paths, func(p *reach.Path) bool { return p.Via == reach.ViaAgent && c.proxyProtocol(p) })
	for paths := range groupBy(hit, targetPort) {
		f := Finding{Paths: paths, verdict: reach.Broken, text: proxyProtocolText}
		if !crossesAsHTTP(paths[0]) {
			f.Confidence = Medium
		}
		c.report(f)
	}
}

// crossesAsHTTP tells whether the agent treats the requests of a path as HTTP.
func crossesAsHTTP(p *reach.Path) bool {
	return reach.SpeaksHTTP(p.Facts.TaskDefinition, p.Facts.Interception.Offer)
}

func proxyProtocolText(f *Finding) Text {
	p := f.Paths[0]
	t := Text{
		Title: fmt.Sprintf("%s writes proxy protocol v2 to the agent of %s, which does not understand it",
			words.Sources(f.Paths), f.Service),
		Detail: fmt.Sprintf("Target group %s has proxy protocol v2 on, and its connections to port %d of %s end at the "+
			"Service Connect agent: %s. The agent takes the header for a broken request, and connections fail.",
			p.Source.TargetGroup, p.Target.WirePort, f.Service, p.ViaWhy()),
		Evidence: append(hopEvidence(p), proxyProtocolEvidence(p)),
	}
	if !crossesAsHTTP(p) {
		t.Detail += " The port has no appProtocol, so that the agent may pass the header on to the app."
	}
	return t
}

// proxyProtocol tells whether a path's load balancer writes proxy protocol v2, which
// network load balancers can.
func (c *Case) proxyProtocol(p *reach.Path) bool {
	if !behindNetwork(p) {
		return false
	}
	attributes, missing := c.Index.TargetGroupAttributes(p.Facts.TargetGroup)
	if missing != nil {
		c.lack(missing)
		return false
	}
	return attributes.ProxyProtocolV2
}

// behindNetwork tells whether a path leads by a target group of a network load balancer.
func behindNetwork(p *reach.Path) bool {
	return p.Facts.TargetGroup != nil && p.Facts.LoadBalancer != nil &&
		p.Facts.LoadBalancer.Type == model.NetworkLoadBalancer
}

func proxyProtocolEvidence(p *reach.Path) reach.Evidence {
	return fact(model.DescribeTargetGroupAttributes, "target group %s: proxy_protocol_v2.enabled = true",
		p.Source.TargetGroup)
}
