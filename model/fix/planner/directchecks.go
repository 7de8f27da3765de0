package planner

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
)

// listening shows the sockets that programs listen on: images without ss may have
// netstat, and the kernel's own list is always there.
const listening = "sh -c 'ss -ltn || netstat -ltn || cat /proc/net/tcp /proc/net/tcp6'"

// directChecks are what nothing in the API shows, and a person has to look at before
// others than the agent connect to the app: those of the load balancers that do.
func directChecks(c *situation, port int) []fix.Note {
	checks := []fix.Note{{
		Title: "The app listens on more than 127.0.0.1",
		Detail: fmt.Sprintf("The agent reaches it over loopback; afterwards others connect to port %d of the task's "+
			"address. An app that is bound to 127.0.0.1 alone refuses them. Where the image has neither ss nor netstat, "+
			"0100007F:%04X is port %d of 127.0.0.1.", port, port, port),
		Command: c.inContainer(port, listening),
	}}
	if group, speaks := c.atOdds(port); group != nil {
		checks = append([]fix.Note{{
			Title: fmt.Sprintf("The app itself speaks %s on port %d", speaks, port),
			Detail: fmt.Sprintf("Target group %s sends %s, and the load balancer reaches the app itself afterwards. Nothing in "+
				"AWS says what the app speaks: the agent got plain HTTP/1.1 to pass on. Where the app speaks that, the group "+
				"needs a successor instead.", group.Name, speaks),
		}}, checks...)
	}
	lb := c.balancerOf(port)
	peer := fix.Note{Title: "The app does not take 127.0.0.1 for its proxy"}
	switch {
	case lb == nil:
		peer.Detail = "Its peer is now the caller's address."
	case lb.Type == model.ApplicationLoadBalancer:
		checks = append(checks, fix.Note{
			Title: "The app keeps idle connections longer than the load balancer",
			Detail: fmt.Sprintf("The load balancer reuses its connections to the app from now on. Where the app closes them "+
				"first, some requests get a 502: its keep-alive timeout must be longer than the load balancer's idle timeout "+
				"(%s; Node's default is 5).", idleTimeout(lb)),
		})
		peer.Detail = "Its peer is now the load balancer's address. Where X-Forwarded-For is trusted from loopback only, " +
			"the range of the load balancer's subnets has to be trusted instead."
	default:
		peer.Detail = "Its peer is now the client's address, or the load balancer's where client addresses are not " +
			"preserved. This load balancer sets no X-Forwarded-For."
	}
	return append(checks, peer)
}

// atOdds is a target group that sends to a port what the agent in front of it does not
// take (CFG325), with what it sends; nil where there is none.
func (c *situation) atOdds(port int) (group *model.TargetGroup, speaks string) {
	for _, p := range c.paths {
		g := p.Facts.TargetGroup
		if g == nil || p.Target.ContainerPort != port || p.Verdict != reach.Broken || !slices.Contains(p.Findings, "CFG325") {
			continue
		}
		if g.ProtocolVersion == "GRPC" {
			return g, "gRPC"
		}
		return g, "TLS"
	}
	return nil, ""
}

// balancerOf is the load balancer in front of a port: an application load balancer if
// there is one, as it asks the most of the app; nil where there is none.
func (c *situation) balancerOf(port int) *model.LoadBalancer {
	var out *model.LoadBalancer
	for _, p := range c.paths {
		lb := p.Facts.LoadBalancer
		if lb == nil || p.Target.ContainerPort != port {
			continue
		}
		if out == nil || lb.Type == model.ApplicationLoadBalancer && out.Type != model.ApplicationLoadBalancer {
			out = lb
		}
	}
	return out
}

// idleTimeout is the idle timeout of an application load balancer, in words.
func idleTimeout(lb *model.LoadBalancer) string {
	if lb.Attributes != nil && lb.Attributes.IdleTimeoutSeconds > 0 {
		return fmt.Sprintf("%d seconds for %s", lb.Attributes.IdleTimeoutSeconds, lb.Name)
	}
	return "60 seconds unless set"
}
