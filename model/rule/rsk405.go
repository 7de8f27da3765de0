package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// proxyProtocolMixed is RSK405: row 23 of docs/decision-table.md.
func proxyProtocolMixed() Rule {
	return Rule{
		Code: "RSK405", Title: "One app port gets connections with and without proxy protocol v2", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceLoadBalancer},
		Needs: slices.Concat(serviceFacts, loadBalancerFacts, networkFacts, namespaceFacts,
			[]model.Action{model.DescribeTargetGroupAttributes}),
		check: checkProxyProtocolMixed,
		Doc: Doc{
			What: "A network load balancer writes proxy protocol v2 headers to an app port that the Service Connect agent " +
				"hands requests to as well.",
			Why: "The agent writes no header. An app that insists on it refuses the Service Connect callers; one that does " +
				"not read it refuses the load balancer. An app that takes both believes any caller that writes a header.",
			Detection: "proxy_protocol_v2.enabled of a network load balancer's target group is true, its connections " +
				"reach the app directly, and an endpoint of the service leads to the same container port.",
			FalsePositive: "The app tells the two apart: many servers have an optional mode.",
			Fix: "Give the load balancer a port of its own in the app, or turn proxy protocol v2 off and preserve " +
				"the client's address instead.",
			Source: "AWS developer guide, Service Connect: proxy protocol v2 is not supported; Elastic " +
				"Load Balancing guide, proxy protocol.",
		},
	}
}

func checkProxyProtocolMixed(c *Case) {
	hit := where(c.Paths, func(p *reach.Path) bool {
		return p.Via == reach.ViaDirect && len(c.endpointsTo(p)) > 0 && c.proxyProtocol(p) && c.calledEndpoint(p) != nil
	})
	for paths := range groupBy(hit, targetPort) {
		p := paths[0]
		alias := c.calledEndpoint(p)
		c.report(Finding{Paths: paths, verdict: reach.Risk, Confidence: Medium, text: func(f *Finding) Text {
			from, port := words.Sources(f.Paths), p.Target.ContainerPort
			return Text{
				Title: fmt.Sprintf("%s:%d gets proxy protocol v2 from %s and none from the agent", f.Service, port, from),
				Detail: fmt.Sprintf("%s writes proxy protocol v2 headers to port %d of %s. Callers of %s reach the same port "+
					"through the agent, which writes none: the app has to understand both.",
					from, port, f.Service, alias.Source.Endpoint),
				Evidence: append(append(hopEvidence(p), proxyProtocolEvidence(p)), alias.Crossing().Evidence...),
			}
		}})
	}
}

// calledEndpoint is a path of Service Connect callers to the same app port, nil
// if none takes one. Callers of whom that is not known are noted, and so is that
// there may be others.
func (c *Case) calledEndpoint(p *reach.Path) *reach.Path {
	endpoints := c.endpointsTo(p)
	for _, o := range endpoints {
		if o.Access == reach.Allowed && o.Source.Services.Len() > 0 {
			return o
		}
	}
	for _, o := range endpoints {
		for i := range o.Missing {
			m := &o.Missing[i]
			unsure := o.Access == reach.AccessUnknown && o.Source.Services.Len() > 0 && slices.Contains(networkFacts, m.Action)
			if unsure || slices.Contains(namespaceFacts, m.Action) {
				c.lack(m)
			}
		}
	}
	return nil
}

// endpointsTo are the Service Connect paths to the app port of a path, with callers
// or without.
func (c *Case) endpointsTo(p *reach.Path) []*reach.Path {
	return where(c.Siblings, func(o *reach.Path) bool {
		return o.Source.Kind == reach.SourceServiceConnect && o.Facts.Deployment == p.Facts.Deployment &&
			o.Target.Container == p.Target.Container &&
			o.Target.ContainerPort == p.Target.ContainerPort
	})
}
