package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// Rules about the two clocks that run for a load balancer's request through the
// agent: the agent's per-request timeout and the load balancer's idle timeout.

// agentCutsFirst is CFG314: row 56 of docs/decision-table.md.
func agentCutsFirst() Rule {
	return Rule{
		Code: "CFG314", Title: "The agent cuts requests before the load balancer would", Severity: Info,
		Sources: balancers,
		Needs: slices.Concat(serviceFacts, loadBalancerFacts, gatewayFacts,
			[]model.Action{model.DescribeLoadBalancerAttributes}),
		check: func(c *Case) {
			reportCuts(c, func(t timeouts) bool { return t.request != 0 && t.request < t.idle }, agentCutsText)
		},
		Doc: Doc{
			What: "An application load balancer's requests cross the Service Connect agent, whose timeout for a whole request " +
				"is shorter than the time that the load balancer waits for data.",
			Why: "Slow requests, streams, server-sent events and WebSockets end with 504 “upstream request timeout” from " +
				"the agent. The load balancer counts it as an error of the target, and describe-services does not " +
				"show a default of 15 seconds.",
			Detection: "The port has an appProtocol, the path leads through the agent, and " +
				"services[].timeout.perRequestTimeoutSeconds (15 where unset, 0 is off) is less than the load balancer's " +
				"idle_timeout.timeout_seconds.",
			FalsePositive: "No request takes that long. The two measure different things: the agent the whole request, the " +
				"load balancer the time without data.",
			Fix: "Take the agent out of the way as HOP101 says, or set perRequestTimeoutSeconds to " +
				"what the app needs; 0 turns it off.",
			Source: "API reference, TimeoutConfiguration; aws/containers-roadmap#1958; " +
				"terraform-aws-modules/terraform-aws-ecs#210.",
		},
	}
}

// timeouts are the two clocks of a request through the agent, in seconds.
type timeouts struct {
	offer *model.ServiceConnectService
	// request is the agent's timeout of a request; 0 when it is off.
	request int
	// set tells whether the user chose it.
	set bool
	// idle is the load balancer's.
	idle int
}

// timeoutsOf are the clocks of a path, if it has both.
func (c *Case) timeoutsOf(p *reach.Path) (t timeouts, both bool) {
	offer, lb := p.Facts.Interception.Offer, p.Facts.LoadBalancer
	if p.Via != reach.ViaAgent || offer == nil || lb == nil || lb.Type != model.ApplicationLoadBalancer {
		return t, false
	}
	request, has := reach.RequestTimeout(p.Facts.TaskDefinition, offer)
	if !has {
		return t, false
	}
	attributes := lb.Attributes
	if attributes == nil {
		c.lackUnread(model.DescribeLoadBalancerAttributes, lb.ARN)
		return t, false
	}
	t = timeouts{offer: offer, request: request.Seconds, set: !request.Default, idle: attributes.IdleTimeoutSeconds}
	return t, t.idle != 0
}

// reportCuts reports each load balancer and target port whose clocks are hit.
func reportCuts(c *Case, hit func(timeouts) bool, text func(*Finding, timeouts) Text) {
	type key struct {
		lb     *model.LoadBalancer
		target port
	}
	cut := where(c.Paths, func(p *reach.Path) bool {
		t, both := c.timeoutsOf(p)
		return both && hit(t)
	})
	for paths := range groupBy(cut, func(p *reach.Path) key { return key{p.Facts.LoadBalancer, targetPort(p)} }) {
		t, _ := c.timeoutsOf(paths[0])
		c.report(Finding{
			Paths: paths, Confidence: Medium, about: paths[0].Facts.LoadBalancer.Name,
			text: func(f *Finding) Text { return text(f, t) },
		})
	}
}

func (t timeouts) evidence(p *reach.Path) []reach.Evidence {
	set := "unset, which means 15"
	if t.set {
		set = fmt.Sprint(t.request)
	}
	return append(hopEvidence(p),
		fact(model.DescribeServices, "serviceConnectConfiguration.services[%d].timeout.perRequestTimeoutSeconds: %s",
			p.Facts.Interception.Index, set),
		fact(model.DescribeLoadBalancerAttributes, "load balancer %s: idle_timeout.timeout_seconds = %d",
			p.Facts.LoadBalancer.Name, t.idle))
}

func agentCutsText(f *Finding, t timeouts) Text {
	lb := f.Paths[0].Facts.LoadBalancer.Name
	why := "its default, as perRequestTimeoutSeconds is not set"
	if t.set {
		why = "perRequestTimeoutSeconds"
	}
	return Text{
		Title: fmt.Sprintf("The agent of %s cuts requests of %s after %d s, not after its %d s",
			f.Service, lb, t.request, t.idle),
		Detail: fmt.Sprintf("%s waits %d s for data, but its requests cross the agent of %s, which gives a whole "+
			"request %d s (%s). Slower requests, streams and WebSockets end with 504 “upstream request timeout”, "+
			"which the load balancer counts as an error of the target.", lb, t.idle, f.Service, t.request, why),
		Evidence: t.evidence(f.Paths[0]),
	}
}
