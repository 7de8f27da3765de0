package rule

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model/reach"
	"hopscope/model/words"
)

// Rules about Service Connect's TLS: the agent ends it, so that a load balancer
// either speaks TLS 1.3 to it or goes past it (docs/traffic.md, Service Connect).

// tlsBehindPlain is CFG307: row 28 of docs/decision-table.md.
func tlsBehindPlain() Rule {
	return Rule{
		Code: "CFG307", Title: "TLS endpoint behind a target group that speaks plaintext", Severity: Error,
		Sources: balancers,
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, gatewayFacts),
		check: func(c *Case) []Finding {
			return tlsFindings(c, func(p *reach.Path) bool { return p.Via == reach.ViaAgent && speaks(p, "HTTP") }, Finding{
				verdict: reach.Broken, Confidence: Medium,
				title:  "%s speaks %s to the TLS port of %s",
				detail: "%s sends %s to port %d of %s, where the agent expects TLS 1.3. Connections are reset and targets turn unhealthy. That the agent tolerates plaintext there is not documented.",
			})
		},
		Doc: Doc{
			What:          "A load balancer sends plaintext to a port on which the Service Connect agent expects TLS.",
			Why:           "Connections are reset, targets turn unhealthy, and the load balancer answers 502.",
			Detection:     "services[].tls is set without ingressPortOverride, and the target group's protocol is HTTP. A TCP group passes on what its clients speak, which may be TLS.",
			FalsePositive: "Whether the agent's listener tolerates plaintext is not documented; AWS requires HTTPS.",
			Fix:           "Use an HTTPS target group with a TLS 1.3 policy on the listener.",
			Source:        "AWS developer guide, Service Connect TLS.",
		},
	}
}

// tls13Missing is CFG308: row 27.
func tls13Missing() Rule {
	return Rule{
		Code: "CFG308", Title: "The listener's policy does not promise TLS 1.3 to a TLS endpoint", Severity: Error,
		Sources: append(slices.Clone(balancers), reach.SourceHealthCheck),
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, gatewayFacts),
		check: func(c *Case) []Finding {
			return tlsFindings(c, func(p *reach.Path) bool {
				return p.Via == reach.ViaAgent && speaks(p, "HTTPS", "TLS") && !checksPlain(p) && p.Facts.Listener != nil && !strings.Contains(p.Facts.Listener.SSLPolicy, "TLS13")
			}, Finding{
				verdict: reach.Broken, Confidence: Medium,
				title:  "%s speaks %s to %s under a policy without TLS 1.3",
				detail: "%s sends %s to port %d of %s, where the agent accepts TLS 1.3 only, but the name of the listener's security policy does not promise it. The handshake fails: 502 and TargetTLSNegotiationErrorCount.",
			})
		},
		Doc: Doc{
			What:          "A load balancer speaks TLS to the Service Connect agent under a security policy whose name does not promise TLS 1.3.",
			Why:           "The agent speaks TLS 1.3 only. The handshake fails, and the load balancer answers 502.",
			Detection:     "services[].tls is set without ingressPortOverride, the target group's protocol is HTTPS or TLS, and the listener's SslPolicy does not contain TLS13.",
			FalsePositive: "A policy that offers TLS 1.3 under another name.",
			Fix:           "Use ELBSecurityPolicy-TLS13-1-2-2021-06 or another TLS 1.3 policy.",
			Source:        "AWS developer guide, Service Connect TLS; aws/containers-roadmap#2321.",
		},
	}
}

// plaintextPastTLS is RSK401: rows 29 and 30.
func plaintextPastTLS() Rule {
	return Rule{
		Code: "RSK401", Title: "Side door past Service Connect's TLS", Severity: Warning,
		Sources: append(slices.Clone(balancers), reach.SourceHealthCheck, reach.SourceServiceDiscovery),
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, gatewayFacts),
		check: func(c *Case) []Finding {
			return tlsFindings(c, func(p *reach.Path) bool { return p.Via == reach.ViaDirect && p.Access != reach.Blocked }, Finding{
				verdict: reach.Risk, Confidence: High,
				title:  "%s goes past the TLS of %[3]s with %[2]s",
				detail: "%s sends %s to port %d of %s directly, past the agent that ends TLS. The container port is open to every source that the security group admits; with HTTPS it works only if the app itself speaks TLS.",
			})
		},
		Doc: Doc{
			What:          "An endpoint has TLS between agents, and an ingressPortOverride lets the load balancer reach the app's port without it.",
			Why:           "That leg is not encrypted by Service Connect, and the container port is a side door for anyone that the security group admits.",
			Detection:     "services[].tls and ingressPortOverride are set, and a listener forwards to the container port, or callers by service discovery are admitted to it.",
			FalsePositive: "The app speaks TLS itself on that port.",
			Fix:           "Restrict the container port to the load balancer, or remove the override and speak HTTPS to the agent.",
			Source:        "AWS developer guide, Service Connect TLS: avoid setting ingressPortOverride.",
		},
	}
}

// checksPlain tells whether a path is that of health checks which do not use TLS,
// whatever the target group's requests use.
func checksPlain(p *reach.Path) bool {
	return p.Source.Kind == reach.SourceHealthCheck && p.Facts.TargetGroup.HealthCheck.Protocol != "HTTPS"
}

// speaks tells whether the target group's protocol is one of several.
func speaks(p *reach.Path, protocols ...string) bool {
	group := p.Facts.TargetGroup
	return group != nil && slices.Contains(protocols, group.Protocol)
}

// tlsFindings makes a finding of each port behind an offer with TLS whose paths
// are hit. The template's Title takes the source, the protocol and the service,
// its Detail the source, the protocol, the port and the service.
func tlsFindings(c *Case, hit func(*reach.Path) bool, template Finding) []Finding {
	var paths []*reach.Path
	for _, p := range c.Paths {
		if endsTLS(p) && !p.Facts.Interception.TLSDiffers && hit(p) {
			paths = append(paths, p)
		}
	}
	var out []Finding
	for _, group := range groupBy(paths, targetPort) {
		p := group[0]
		f := template
		f.Paths = group
		protocol := "requests"
		if hop := p.Crossing(); hop.Protocol != "" {
			protocol = hop.Protocol
		}
		names := words.Sources(group)
		if requests := where(group, func(p *reach.Path) bool { return p.Source.Kind != reach.SourceHealthCheck }); len(requests) > 0 {
			names = words.Sources(requests)
		}
		f.title = fmt.Sprintf(template.title, names, protocol, c.Service.Name)
		f.detail = fmt.Sprintf(template.detail, names, protocol, p.Target.WirePort, c.Service.Name)
		f.evidence = append(hopEvidence(p), reach.Evidence{
			Fact: fmt.Sprintf("serviceConnectConfiguration.services[%d].tls is set", p.Facts.Interception.Index), From: "ecs:DescribeServices",
		})
		if p.Facts.Listener != nil && p.Facts.Listener.SSLPolicy != "" {
			f.evidence = append(f.evidence, reach.Evidence{
				Fact: "listener: SslPolicy = " + p.Facts.Listener.SSLPolicy, From: "elasticloadbalancing:DescribeListeners",
			})
		}
		out = append(out, f)
	}
	return out
}
