package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/observe"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// unnecessaryHop is HOP101: decision table, rows 1 to 3, 16, 21, 24, 38, 40
// and 51 of docs/decision-table.md.
func unnecessaryHop() Rule {
	return Rule{
		Code: "HOP101", Title: "Load balancer traffic crosses the Service Connect agent without need", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceLoadBalancer},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts),
		Uses:    []model.Action{model.DescribeTargetGroupAttributes},
		check:   checkUnnecessaryHop,
		Doc: Doc{
			What: "A load balancer's requests pass the Service Connect agent of the target task before they reach the app, " +
				"although nothing in them needs it.",
			Why: "The agent costs time on every request (one published measurement: 4.34 ms mean through the agent, 3.31 ms " +
				"without), CPU and memory of the task, and it applies its own timeout: HTTP requests that take longer than 15 " +
				"seconds are cut with 504 unless perRequestTimeoutSeconds says otherwise. The app sees 127.0.0.1 as its peer. " +
				"When the agent is down, public traffic is down with it.",
			Detection: "In awsvpc mode the agent intercepts every TCP connection to a container port that is listed in " +
				"serviceConnectConfiguration.services without ingressPortOverride. The rule fires when a listener rule forwards " +
				"to a target group whose targets are registered on such a port.",
			FalsePositive: "You want Service Connect's metrics, access logs or draining for the load balancer's traffic: then " +
				"the hop is a choice. Endpoints with TLS whose target group speaks HTTPS are not reported: there " +
				"the agent ends TLS.",
			Fix: "Set ingressPortOverride to a free port above 1024 and open that port in the service's security group to its " +
				"Service Connect callers first. Where nothing calls the endpoint, remove it instead: the service is then a " +
				"client only, and its agent intercepts nothing.",
			Source: "AWS developer guide, Service Connect concepts: “ALB traffic defaults to routing through the Service " +
				"Connect agent in awsvpc network mode”; aws/amazon-vpc-cni-plugins, " +
				"plugins/ecs-serviceconnect/plugin/ingress.go.",
		},
	}
}

func checkUnnecessaryHop(c *Case) {
	crossed := where(c.Paths, func(p *reach.Path) bool {
		return p.Via == reach.ViaAgent && !endsTLS(p) && !p.Facts.Interception.Override
	})
	for paths := range groupBy(crossed, targetPort) {
		f := Finding{Paths: paths, verdict: reach.UnnecessaryHop, text: hopText}
		if prices := c.prices(paths); len(prices) > 0 {
			for _, p := range prices {
				f.Price += p.Waiting()
			}
			deployment := c.Running[0]
			f.text = func(f *Finding) Text { return pricedText(f, prices, deployment) }
		}
		if paths[0].Facts.Interception.Mixed {
			f.Confidence = Low
		}
		if idle(paths) {
			f.Severity = Info
		}
		c.report(f)
	}
}

// endsTLS tells whether the agent is there to end TLS, or may be.
func endsTLS(p *reach.Path) bool { return p.Facts.Interception.EndsTLS() }

// hopText says that the load balancer's requests to a service cross its agent.
func hopText(f *Finding) Text {
	p, from := f.Paths[0], words.Sources(f.Paths)
	t := Text{
		Title: fmt.Sprintf("%s reaches %s:%d through the agent", from, f.Service, p.Target.ContainerPort),
		Detail: fmt.Sprintf("Every request of %s crosses the Service Connect agent of %s before it reaches the app: %s. "+
			"One published measurement puts the cost at 1 ms a request; the agent's timeouts apply as well.",
			from, f.Service, p.ViaWhy()),
		Evidence: hopEvidence(p),
	}
	if p.Facts.Interception.Mixed {
		t.Detail += " Another Service Connect service on the same port has an override; " +
			"how ECS merges the two is not documented, and the one without is taken to win."
	}
	if slices.ContainsFunc(f.Paths, preservesClients) {
		t.Detail += " The target group preserves the clients' addresses, but the app does not get to see them: " +
			"its peer is the agent on 127.0.0.1."
		t.Evidence = append(t.Evidence, fact(model.DescribeTargetGroupAttributes,
			"target group %s: preserve_client_ip.enabled = true", p.Source.TargetGroup))
	}
	if idle(f.Paths) {
		t.Detail += weightless
	}
	if !slices.ContainsFunc(f.Paths, func(p *reach.Path) bool { return p.Access != reach.Blocked }) {
		t.Detail += " At present they do not arrive at all: see the other findings."
	}
	return t
}

// prices are what counts say that paths cost, of those that were counted.
func (c *Case) prices(paths []*reach.Path) []*observe.Price {
	var out []*observe.Price
	for _, p := range paths {
		if proof := c.Proofs[p.ID]; proof.Price != nil && proof.Via == p.Via {
			out = append(out, proof.Price)
		}
	}
	return out
}

// pricedText is [hopText] with what was counted, and what the agent has of each task.
func pricedText(f *Finding, prices []*observe.Price, d *model.Deployment) Text {
	t := hopText(f)
	for _, p := range prices {
		t.Detail += " Price: " + p.Sentence() + "."
	}
	task := f.Paths[0].Facts.TaskDefinition
	cpu, known := leftOver(task, task.CPU, func(c *model.Container) int { return c.CPU })
	memory, also := leftOver(task, task.Memory, func(c *model.Container) int { return c.Memory })
	if known && also {
		t.Detail += fmt.Sprintf(" Each of %s leaves the agent %d CPU units and %d MiB.", words.Count(d.RunningCount, "task"),
			max(cpu, 0), max(memory, 0))
	} else {
		t.Detail += fmt.Sprintf(" AWS advises to add %d CPU units and %d MiB to each of %s for the agent.", agentCPU,
			agentMemory, words.Count(d.RunningCount, "task"))
	}
	return t
}

// weightless is said of paths that no request takes: see [idle].
const weightless = " No request goes this way now, because its weight is 0."

// preservesClients tells whether it is known that packets behind a network load
// balancer keep the address of the client (row 24).
func preservesClients(p *reach.Path) bool {
	return behindNetwork(p) && p.Facts.TargetGroup.Attributes != nil && p.Facts.TargetGroup.Attributes.PreserveClientIP
}

// idle tells whether no request takes any of the paths.
func idle(paths []*reach.Path) bool { return !slices.ContainsFunc(paths, inUse) }

func hopEvidence(p *reach.Path) []reach.Evidence {
	in, task := p.Facts.Interception, p.Facts.TaskDefinition
	out := slices.Clone(p.Crossing().Evidence)
	if in.Offer != nil {
		override := "no ingressPortOverride"
		if in.Offer.IngressPortOverride != 0 {
			override = fmt.Sprintf("ingressPortOverride = %d", in.Offer.IngressPortOverride)
		}
		out = append(out, fact(model.DescribeServices, "serviceConnectConfiguration.services[%d]: portName = %s, %s",
			in.Index, in.Offer.PortName, override))
	}
	if task != nil {
		out = append(out, fact(model.DescribeTaskDefinition,
			"task definition %s: networkMode = %s, container %s, containerPort = %d",
			task.Name(), task.NetworkMode, p.Target.Container, p.Target.ContainerPort))
	}
	return out
}
