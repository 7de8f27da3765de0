package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
)

// loadBalancerCutsFirst is INF506.
func loadBalancerCutsFirst() Rule {
	return Rule{
		Code: "INF506", Title: "The load balancer gives up before the agent does", Severity: Info,
		Sources: balancers,
		Needs: slices.Concat(serviceFacts, loadBalancerFacts, gatewayFacts,
			[]model.Action{model.DescribeLoadBalancerAttributes}),
		check: func(c *Case) {
			reportCuts(c, func(t timeouts) bool { return t.set && (t.request == 0 || t.request > t.idle) }, loadBalancerCutsText)
		},
		Doc: Doc{
			What: "Requests have more time at the Service Connect agent than the load balancer in front " +
				"of it waits for data.",
			Why: "The longer time has no effect on the load balancer's requests: it closes the connection first and " +
				"answers 504, while the app goes on working in vain.",
			Detection: "services[].timeout.perRequestTimeoutSeconds is set, to 0 or to more than the load balancer's " +
				"idle_timeout.timeout_seconds, and the load balancer's requests cross the agent.",
			FalsePositive: "The longer time is for Service Connect callers; or the app sends data often enough, so that " +
				"the connection is never idle.",
			Fix: "Raise idle_timeout.timeout_seconds to at least the agent's timeout, if slow requests " +
				"come through the load balancer.",
			Source: "Elastic Load Balancing guide, connection idle timeout; API reference, TimeoutConfiguration.",
		},
	}
}

func loadBalancerCutsText(f *Finding, t timeouts) Text {
	lb := f.Paths[0].Facts.LoadBalancer.Name
	wait := fmt.Sprintf("%d s", t.request)
	if t.request == 0 {
		wait = "any time"
	}
	return Text{
		Title: fmt.Sprintf("%s gives up after %d s of silence, the agent of %s allows %s", lb, t.idle, f.Service, wait),
		Detail: fmt.Sprintf("perRequestTimeoutSeconds of portName %s allows a request %s, but %s closes a connection on "+
			"which nothing moved for %d s and answers 504. The outer timeout should be the longer one.",
			t.offer.PortName, wait, lb, t.idle),
		Evidence: t.evidence(f.Paths[0]),
	}
}
