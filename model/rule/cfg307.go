package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
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
		check: tlsFindings(func(p *reach.Path) bool { return p.Via == reach.ViaAgent && speaks(p, "HTTP") }, Finding{
			verdict: reach.Broken, Confidence: Medium,
			text: tlsText("%s speaks %s to the TLS port of %s",
				"%s sends %s to port %d of %s, where the agent expects TLS 1.3. Connections are reset and targets turn "+
					"unhealthy. That the agent tolerates plaintext there is not documented."),
		}),
		Doc: Doc{
			What: "A load balancer sends plaintext to a port on which the Service Connect agent expects TLS.",
			Why:  "Connections are reset, targets turn unhealthy, and the load balancer answers 502.",
			Detection: "services[].tls is set without ingressPortOverride, and the target group's protocol is HTTP. A TCP " +
				"group passes on what its clients speak, which may be TLS.",
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
		check: tlsFindings(withoutTLS13, Finding{
			verdict: reach.Broken, Confidence: Medium,
			text: tlsText("%s speaks %s to %s under a policy without TLS 1.3",
				"%s sends %s to port %d of %s, where the agent accepts TLS 1.3 only, but the name of the listener's security "+
					"policy does not promise it. The handshake fails: 502 and TargetTLSNegotiationErrorCount."),
		}),
		Doc: Doc{
			What: "A load balancer speaks TLS to the Service Connect agent under a security policy " +
				"whose name does not promise TLS 1.3.",
			Why: "The agent speaks TLS 1.3 only. The handshake fails, and the load balancer answers 502.",
			Detection: "services[].tls is set without ingressPortOverride, the target group's protocol is HTTPS or TLS, " +
				"and the listener's SslPolicy does not contain TLS13.",
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
		check: tlsFindings(func(p *reach.Path) bool { return p.Via == reach.ViaDirect && p.Access != reach.Blocked }, Finding{
			verdict: reach.Risk, Confidence: High,
			text: tlsText("%s goes past the TLS of %[3]s with %[2]s",
				"%s sends %s to port %d of %s directly, past the agent that ends TLS. The container port is open to every "+
					"source that the security group admits; with HTTPS it works only if the app itself speaks TLS."),
		}),
		Doc: Doc{
			What: "An endpoint has TLS between agents, and an ingressPortOverride lets the load " +
				"balancer reach the app's port without it.",
			Why: "That leg is not encrypted by Service Connect, and the container port is a side door for anyone " +
				"that the security group admits.",
			Detection: "services[].tls and ingressPortOverride are set, and a listener forwards to the container port, or " +
				"callers by service discovery are admitted to it.",
			FalsePositive: "The app speaks TLS itself on that port.",
			Fix: "Restrict the container port to the load balancer, or remove the override and speak " +
				"HTTPS to the agent.",
			Source: "AWS developer guide, Service Connect TLS: avoid setting ingressPortOverride.",
		},
	}
}

// withoutTLS13 tells whether a load balancer speaks TLS to the agent under a policy
// whose name does not promise TLS 1.3.
func withoutTLS13(p *reach.Path) bool {
	listener := p.Facts.Listener
	return p.Via == reach.ViaAgent && speaks(p, "HTTPS", "TLS") && !checksPlain(p) &&
		listener != nil && !strings.Contains(listener.SSLPolicy, "TLS13")
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

// tlsFindings makes a finding like a template of each port behind an offer with TLS
// whose paths are hit.
func tlsFindings(hit func(*reach.Path) bool, template Finding) func(*Case) {
	return func(c *Case) {
		paths := where(c.Paths, func(p *reach.Path) bool {
			return endsTLS(p) && !p.Facts.Interception.TLSDiffers && hit(p)
		})
		reportEach(c, paths, targetPort, template)
	}
}

// tlsText makes the text of a finding. Its title takes the source, the protocol and the
// service, its detail the source, the protocol, the port and the service.
func tlsText(title, detail string) func(*Finding) Text {
	return func(f *Finding) Text {
		p := f.Paths[0]
		protocol := cmp.Or(p.Crossing().Protocol, "requests")
		names := requesting(f.Paths)
		t := Text{
			Title:  fmt.Sprintf(title, names, protocol, f.Service),
			Detail: fmt.Sprintf(detail, names, protocol, p.Target.WirePort, f.Service),
			Evidence: append(hopEvidence(p), fact(model.DescribeServices,
				"serviceConnectConfiguration.services[%d].tls is set", p.Facts.Interception.Index)),
		}
		if p.Facts.Listener != nil && p.Facts.Listener.SSLPolicy != "" {
			t.Evidence = append(t.Evidence, fact(model.DescribeListeners,
				"listener: SslPolicy = %s", p.Facts.Listener.SSLPolicy))
		}
		return t
	}
}

// requesting names what sends requests on some paths, or checks where nothing does.
func requesting(paths []*reach.Path) string {
	requests := where(paths, func(p *reach.Path) bool { return p.Source.Kind != reach.SourceHealthCheck })
	if len(requests) > 0 {
		return words.Sources(requests)
	}
	return "health check of " + words.Sources(paths)
}
