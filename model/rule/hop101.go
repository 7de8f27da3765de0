package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// unnecessaryHop is HOP101: decision table, rows 1 to 3, 16, 21, 24, 38, 40
// and 51 of docs/decision-table.md.
func unnecessaryHop() Rule {
	return Rule{
		Code: "HOP101", Title: "Load balancer traffic crosses the Service Connect agent without need", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceLoadBalancer},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts),
		Uses:    []model.Action{model.DescribeTargetGroupAttributes, model.ListMetrics},
		check:   checkUnnecessaryHop,
		Doc: Doc{
			What: "A load balancer's requests pass the Service Connect agent of the target task before they reach the app, although nothing in them needs it.",
			Why: "The agent costs time on every request (one published measurement: 4.34 ms mean through the agent, 3.31 ms without), CPU and memory of the task, " +
				"and it applies its own timeout: HTTP requests that take longer than 15 seconds are cut with 504 unless perRequestTimeoutSeconds says otherwise. " +
				"The app sees 127.0.0.1 as its peer. When the agent is down, public traffic is down with it.",
			Detection: "In awsvpc mode the agent intercepts every TCP connection to a container port that is listed in serviceConnectConfiguration.services without " +
				"ingressPortOverride. The rule fires when a listener rule forwards to a target group whose targets are registered on such a port.",
			FalsePositive: "You want Service Connect's metrics, access logs or draining for the load balancer's traffic: then the hop is a choice. " +
				"Endpoints with TLS whose target group speaks HTTPS are not reported: there the agent ends TLS.",
			Fix: "Set ingressPortOverride to a free port above 1024 and open that port in the service's security group to its Service Connect callers first. " +
				"Where nothing calls the endpoint, remove it instead: the service is then a client only, and its agent intercepts nothing.",
			Source: "AWS developer guide, Service Connect concepts: “ALB traffic defaults to routing through the Service Connect agent in awsvpc network mode”; " +
				"aws/amazon-vpc-cni-plugins, plugins/ecs-serviceconnect/plugin/ingress.go.",
		},
	}
}

func checkUnnecessaryHop(c *Case) []Finding {
	var crossed []*reach.Path
	for _, p := range c.Paths {
		if p.Via == reach.ViaAgent && !endsTLS(p) && !p.Facts.Interception.Override {
			crossed = append(crossed, p)
		}
	}
	var out []Finding
	for _, paths := range groupBy(crossed, targetPort) {
		out = append(out, hopFinding(c, paths))
	}
	return out
}

// endsTLS tells whether the agent is there to end TLS, or may be.
func endsTLS(p *reach.Path) bool { return p.Facts.Interception.EndsTLS() }

func hopFinding(c *Case, paths []*reach.Path) Finding {
	p := paths[0]
	in := p.Facts.Interception
	f := Finding{
		paths: paths, verdict: reach.UnnecessaryHop, Confidence: High,
		Title: fmt.Sprintf("%s reaches %s:%d through the agent", sourceNames(paths), c.Service.Name, p.Target.ContainerPort),
		Detail: fmt.Sprintf("Every request of %s crosses the Service Connect agent of %s before it reaches the app: %s. "+
			"One published measurement puts the cost at 1 ms a request; the agent's timeouts apply as well.", sourceNames(paths), c.Service.Name, p.ViaWhy()),
		Evidence: hopEvidence(p),
		Fixes:    hopFixes(c, p),
	}
	if in.Mixed {
		f.Confidence = Low
		f.Detail += " Another Service Connect service on the same port has an override; how ECS merges the two is not documented, and the one without is taken to win."
	}
	if preservesClients(c, paths) {
		f.Detail += " The target group preserves the clients' addresses, but the app does not get to see them: its peer is the agent on 127.0.0.1."
		f.Evidence = append(f.Evidence, reach.Evidence{
			Fact: fmt.Sprintf("target group %s: preserve_client_ip.enabled = true", p.Source.TargetGroup), From: string(model.DescribeTargetGroupAttributes),
		})
	}
	if idle(paths) {
		f.Severity = Info
		f.Detail += " No request goes this way now, because its weight is 0."
	}
	if !slices.ContainsFunc(paths, func(p *reach.Path) bool { return p.Access != reach.Blocked }) {
		f.Detail += " At present they do not arrive at all: see the other findings."
	}
	return f
}

// preservesClients tells whether it is known that packets behind a network load
// balancer keep the address of the client (row 24).
func preservesClients(c *Case, paths []*reach.Path) bool {
	return slices.ContainsFunc(paths, func(p *reach.Path) bool {
		if p.Facts.TargetGroup == nil || p.Facts.LoadBalancer == nil || p.Facts.LoadBalancer.Type != "network" {
			return false
		}
		attributes, missing := c.Index.TargetGroupAttributes(p.Facts.TargetGroup)
		return missing == nil && attributes.PreserveClientIP
	})
}

// idle tells whether no request takes any of the paths.
func idle(paths []*reach.Path) bool {
	return !slices.ContainsFunc(paths, func(p *reach.Path) bool { return p.Source.Weight == nil || *p.Source.Weight > 0 })
}

// sourceNames names the sources of paths: load balancers with their listener
// ports, or callers by service discovery.
func sourceNames(paths []*reach.Path) string {
	var names []string
	for _, p := range paths {
		name := cmp.Or(p.Source.Name, "service discovery")
		if p.Source.ListenerPort != 0 {
			name = fmt.Sprintf("%s :%d", p.Source.Name, p.Source.ListenerPort)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func hopEvidence(p *reach.Path) []reach.Evidence {
	in, task := p.Facts.Interception, p.Facts.TaskDefinition
	out := slices.Clone(p.Crossing().Evidence)
	if in.Offer != nil {
		override := "no ingressPortOverride"
		if in.Offer.IngressPortOverride != 0 {
			override = fmt.Sprintf("ingressPortOverride = %d", in.Offer.IngressPortOverride)
		}
		out = append(out, reach.Evidence{
			Fact: fmt.Sprintf("serviceConnectConfiguration.services[%d]: portName = %s, %s", in.Index, in.Offer.PortName, override),
			From: string(model.DescribeServices),
		})
	}
	if task != nil {
		out = append(out, reach.Evidence{
			Fact: fmt.Sprintf("task definition %s: networkMode = %s, container %s, containerPort = %d",
				task.Name(), task.NetworkMode, p.Target.Container, p.Target.ContainerPort),
			From: string(model.DescribeTaskDefinition),
		})
	}
	return out
}

// hopFixes are the ways to take the agent out of the load balancer's path. Until
// hopscope can carry them out they are steps for a person.
func hopFixes(c *Case, p *reach.Path) []Fix {
	in := p.Facts.Interception
	n := freePort(c, p)
	group := cmp.Or(p.Facts.GroupToOpen, "the service's security group")
	override := Fix{
		ID: "set-ingress-port-override", Title: fmt.Sprintf("Move the agent to port %d with ingressPortOverride", n),
		Steps: []string{
			"Check that the app listens on 0.0.0.0 or ::, not only on 127.0.0.1: the load balancer will connect to it directly (ss -ltn in the container).",
			fmt.Sprintf("Open tcp %d on %s to the security groups of every Service Connect caller. Keep the rule for port %d: old tasks still listen there.",
				n, group, p.Target.ContainerPort),
			fmt.Sprintf("Set ingressPortOverride to %d for portName %s of %s, and send the whole serviceConnectConfiguration back with it: UpdateService replaces the block.",
				n, in.Offer.PortName, c.Service.Name),
			"Wait for the deployment to finish, then look again: the path must be direct and the callers' paths allowed.",
		},
	}
	switch {
	case c.neverCalled(p):
		return []Fix{override, clientOnly(c, in.Offer,
			fmt.Sprintf("Make sure that nothing calls %s by its Service Connect name: in the last three hours nobody was seen doing so.", in.Offer.Name()))}
	case offerIsCalled(c, p):
		return []Fix{override}
	}
	return []Fix{override, clientOnly(c, in.Offer,
		fmt.Sprintf("Make sure that nothing calls %s by its Service Connect name: no loaded service is admitted to it.", in.Offer.Name()))}
}

// offerIsCalled tells whether a Service Connect caller may use the endpoint.
func offerIsCalled(c *Case, p *reach.Path) bool {
	for _, other := range c.Siblings {
		if other.Source.Kind == reach.SourceServiceConnect && other.Target.ContainerPort == p.Target.ContainerPort &&
			other.Access != reach.Blocked {
			return true
		}
	}
	return false
}

// The ports that freePort suggests (docs/traffic.md, Deployments): above the privileged
// ones, below the ephemeral ones.
const (
	lowestFree  = 1025
	highestFree = 32767
	fallback    = 15000
)

// freePort suggests a port for ingressPortOverride that nothing in the task
// uses and no health check: the container port plus 10000, or the first free one
// from 15000 on.
func freePort(c *Case, p *reach.Path) int {
	used := func(n int) bool {
		return reach.UsesPort(p.Facts.TaskDefinition, n) ||
			slices.ContainsFunc(p.Facts.Deployment.ServiceConnect.Services, func(s model.ServiceConnectService) bool { return s.IngressPortOverride == n }) ||
			slices.ContainsFunc(c.Siblings, func(o *reach.Path) bool { return o.Source.Kind == reach.SourceHealthCheck && o.Target.WirePort == n })
	}
	if n := p.Target.ContainerPort + 10000; n >= lowestFree && n <= highestFree && !used(n) {
		return n
	}
	for n := fallback; n <= highestFree; n++ {
		if !used(n) {
			return n
		}
	}
	return fallback
}
