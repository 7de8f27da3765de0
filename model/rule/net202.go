package rule

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// loadBalancerRefused is NET202: row 47 of docs/decision-table.md.
func loadBalancerRefused() Rule {
	return Rule{
		Code: "NET202", Title: "Load balancer cannot reach the target port", Severity: Error,
		Sources: append(slices.Clone(balancers), reach.SourceVPCLattice),
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, gatewayFacts, networkFacts),
		check: func(c *Case) {
			refusals(c, c.Paths, "Requests", "", ownSide)
			boundPorts(c)
		},
		Doc: Doc{
			What: "The task's security group or a network ACL refuses the load balancer on the port that " +
				"its targets are registered with.",
			Why: "Targets turn unhealthy with Target.Timeout, and the load balancer answers 503 or 504. Service " +
				"Connect callers are not affected.",
			Detection: "The port is loadBalancers[].containerPort in awsvpc mode and the host port in bridge mode, " +
				"whatever the target group's own port. The rule asks the ingress of the task's groups and the network ACLs " +
				"between the load balancer's subnets and the task's. The load balancer of a service gateway is judged likewise, " +
				"and so is VPC Lattice, whose addresses a managed prefix list names. Of dynamic host ports, those that running " +
				"tasks have are asked about; it is a warning where they are admitted and others of the range are not.",
			FalsePositive: "None known where all facts could be read; a missing fact makes the path unknown instead.",
			Fix: "Open the target port in the task's security group to the load balancer's group. After setting " +
				"ingressPortOverride keep this rule: the load balancer still uses the container port.",
			Source: "Elastic Load Balancing guide, security groups for targets; docs/traffic.md, " +
				"Security groups and network ACLs.",
		},
	}
}

// egressRefused is NET203: row 45 of docs/decision-table.md.
func egressRefused() Rule {
	return Rule{
		Code: "NET203", Title: "The source's own egress rules refuse the connection", Severity: Error,
		Sources: append(slices.Clone(balancers), reach.SourceServiceConnect, reach.SourceServiceDiscovery),
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, gatewayFacts, networkFacts, namespaceFacts),
		check:   checkEgressRefused,
		Doc: Doc{
			What: "No egress rule of the source's security groups lets the connection to the target out: of the load " +
				"balancer's groups, or of Service Connect callers that the target's group names.",
			Why: "The target looks open, and yet nothing arrives: callers time out, or the load " +
				"balancer's targets turn unhealthy.",
			Detection: "The egress rules of all groups of the source are asked about the wire port and the target's " +
				"groups and addresses. Callers count only when the target's ingress names their group, which is the sign that " +
				"they are expected to call; others are closed (NET201).",
			FalsePositive: "None known where all facts could be read; a missing fact makes the path unknown instead.",
			Fix:           "Add an egress rule for the wire port to the source's security group.",
			Source: "docs/traffic.md, Security groups and network ACLs; AWS developer guide, Service Connect: “route " +
				"table rules and network ACL rules that allow the containerPort and ingressPortOverride port numbers”.",
		},
	}
}

// healthCheckRefused is NET204.
func healthCheckRefused() Rule {
	return Rule{
		Code: "NET204", Title: "Health check port is refused", Severity: Error,
		Sources: []reach.SourceKind{reach.SourceHealthCheck},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, networkFacts),
		check: func(c *Case) {
			refusals(c, c.Paths, "Health checks", "", anySide)
		},
		Doc: Doc{
			What: "A security group or network ACL refuses the load balancer's health checks on the " +
				"port that the target group checks.",
			Why: "All targets are unhealthy (Target.Timeout), although requests would arrive; ECS " +
				"keeps replacing tasks.",
			Detection: "The same questions as for requests, asked about HealthCheckPort. Where it is the traffic port, " +
				"the finding follows from NET202.",
			FalsePositive: "None known where all facts could be read; a missing fact makes the path unknown instead.",
			Fix:           "Open the health check port to the load balancer's group, or set HealthCheckPort to traffic-port.",
			Source:        "Elastic Load Balancing guide, target group health checks; docs/traffic.md, Health checks.",
		},
	}
}

// leg is what a connection leads from and to: the task, or a load balancer before it.
type leg struct {
	from, to, on string
	container    string
	port         int
	role         string
}

// boundPorts warns of sources that reach the host ports of the tasks that run, and may not
// reach that of the next one.
func boundPorts(c *Case) {
	now := where(c.Paths, func(p *reach.Path) bool { return p.Access == reach.Allowed && len(p.Facts.Bound) > 0 })
	for paths := range groupBy(now, refusedLeg) {
		leg := refusedLeg(paths[0])
		c.report(Finding{
			Paths: paths, verdict: reach.Risk, Severity: Warning, Confidence: High,
			about: fmt.Sprintf("%s:%s from %s", leg.to, leg.on, leg.from), text: boundText,
		})
	}
}

func boundText(f *Finding) Text {
	p := f.Paths[0]
	leg, verb, container := refusedLeg(p), "reaches", p.Target.Container
	next := "a task may start whose target stays unhealthy"
	if p.Source.Services != nil {
		next = "a task may start that these callers do not reach"
	}
	if p.Source.Services.Len() > 1 {
		verb = "reach"
	}
	if p.Source.Kind == reach.SourceServiceConnect {
		container = model.AgentContainer + "…"
	}
	ports := make([]string, len(p.Facts.Bound))
	for i, port := range p.Facts.Bound {
		ports[i] = fmt.Sprint(port)
	}
	have := words.Names(ports)
	return Text{
		Title: fmt.Sprintf("%s %s %s on the host ports that its tasks have now (%s), and not on all of %s",
			leg.from, verb, leg.to, have, leg.on),
		Detail: fmt.Sprintf("The rules admit %s on %s, the host ports of the running tasks of %s. ECS gives the next task "+
			"any port of the instance's range, which is %s as far as is known: they do not admit all of it, "+
			"so that %s.", leg.from, have, leg.to, leg.on, next),
		Evidence: append([]reach.Evidence{
			fact(model.DescribeTasks, "networkBindings of container %s: hostPort = %s", container, have),
		}, p.Crossing().Evidence...),
	}
}

// The places that NET203 and NET204 are about.
var (
	sourceSide = []reach.CheckKind{reach.CheckSourceEgress}
	anySide    = slices.Concat(ownSide, sourceSide)
)

func refusedLeg(p *reach.Path) leg {
	l := leg{words.Sender(p), p.Target.Service, wirePort(p), p.Target.Container, p.Target.ContainerPort, role(p)}
	if hop := p.Crossing(); hop.ToNode == reach.NodeLoadBalancer {
		l.to, l.on = hop.To, fmt.Sprint(hop.Port)
	}
	return l
}

// refusals makes a finding of each load balancer and target port that one of the
// places refuses. Its title ends with why.
func refusals(c *Case, paths []*reach.Path, what, why string, kinds []reach.CheckKind) {
	refused := where(paths, func(p *reach.Path) bool { return p.Access == reach.Blocked && p.RefusedBy(kinds...) })
	for paths := range groupBy(refused, refusedLeg) {
		leg := refusedLeg(paths[0])
		c.report(Finding{
			Paths: paths, verdict: reach.Broken, Confidence: High,
			about: fmt.Sprintf("%s:%s from %s", leg.to, leg.on, leg.from),
			text: func(f *Finding) Text {
				p, what := f.Paths[0], what
				if refusal(p, kinds...).Partial {
					what = "Some " + strings.ToLower(what)
				}
				return Text{
					Title: fmt.Sprintf("%s of %s cannot reach %s on tcp %s%s%s", what, leg.from, leg.to, leg.on, deployment(p), why),
					Detail: fmt.Sprintf("%s of %s are refused on the way to %s on tcp %s: %s. Symptom: %s.",
						what, leg.from, leg.to, leg.on, refusal(p, kinds...).Why, p.Crossing().Symptom),
					Evidence: refusalEvidence(p),
				}
			},
		})
	}
}

func checkEgressRefused(c *Case) {
	egress := where(c.Paths, func(p *reach.Path) bool {
		return p.Access == reach.Blocked && p.RefusedBy(reach.CheckSourceEgress)
	})
	behind := where(egress, func(p *reach.Path) bool { return slices.Contains(balancers, p.Source.Kind) })
	refusals(c, behind, "Requests", ": its own egress refuses", sourceSide)
	for _, p := range egress {
		if p.Facts.Intended && !slices.Contains(balancers, p.Source.Kind) {
			f := Finding{
				Paths: []*reach.Path{p}, verdict: reach.Broken, Confidence: High, about: call(p), text: egressText,
			}
			if refusal(p, sourceSide...).Partial {
				f.Severity = Warning
			}
			c.report(f)
		}
	}
}

func egressText(f *Finding) Text {
	p := f.Paths[0]
	callers, check := words.Callers(p.Source.Services), refusal(p, sourceSide...)
	t := Text{
		Title: fmt.Sprintf("%s cannot call %s: their own egress refuses tcp %s", callers, words.Callee(p), wirePort(p)),
		Detail: fmt.Sprintf("The group of %s admits %s, but their own security groups do not let them out: %s. Symptom: %s.",
			f.Service, callers, check.Why, p.Crossing().Symptom),
		Evidence: refusalEvidence(p),
	}
	if check.Partial {
		t.Title = fmt.Sprintf("Some calls of %s to %s are refused: their own egress refuses tcp %s", callers,
			words.Callee(p), wirePort(p))
		t.Detail += passElsewhere(check)
	}
	return t
}

// call names the calls of a path: the endpoint, how it is found, and the first of the
// callers, who are on no other path to it.
func call(p *reach.Path) string {
	return fmt.Sprintf("%s %s from %s", p.Source.Kind, words.Callee(p), p.Source.Services.First(1)[0])
}
