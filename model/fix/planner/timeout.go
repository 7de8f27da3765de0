package planner

import (
	"fmt"

	"hopscope/model/fix"
	"hopscope/model/rule"
)

// planTimeout repairs CFG314: the agent gives a request as long as the load balancer
// waits for data.
func planTimeout(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	idle, index, name, port := 0, -1, "", 0
	for _, p := range c.pathsOf(f) {
		lb, in := p.Facts.LoadBalancer, p.Facts.Interception
		if lb == nil || lb.Attributes == nil || in.Offer == nil {
			continue
		}
		idle = max(idle, lb.Attributes.IdleTimeoutSeconds)
		index, name, port = in.Index, in.Offer.PortName, p.Target.ContainerPort
	}
	if index < 0 || idle == 0 || c.block() == nil {
		return nil, nil
	}
	plan := c.plan(fix.SetTimeout, fmt.Sprint(port), fmt.Sprintf("Give requests to %s the %d s that the load balancer "+
		"waits", c.service.Name, idle))
	plan.Why = "The load balancer's requests then end by one clock instead of two. Taking the agent out of their way " +
		"does as much for them, and leaves the timeout of Service Connect callers as it is. Requests that need longer " +
		"still need a larger number; 0 is no limit."
	plan.Risks = []fix.Note{{
		Title: "Slow requests hold on to the app longer",
		Detail: fmt.Sprintf("The timeout is the agent's for every request, Service Connect callers' included: what used to "+
			"end after 15 s or less may now take %d s.", idle),
	}}
	return onePlan(finishUpdate(c, plan, []fix.Edit{{
		Kind: fix.EditTimeout, Index: index, PortName: name,
		PerRequestSeconds: &idle,
	}}, port))
}

// planDropTimeout repairs CFG324: a port that is plain TCP to the agent has no
// requests to time.
func planDropTimeout(c *situation, _ *rule.Finding) ([]*fix.Plan, error) {
	sc, task := c.block(), c.task()
	if sc == nil || task == nil {
		return nil, nil
	}
	var edits []fix.Edit
	var ports []int
	for i := range sc.Services {
		s := &sc.Services[i]
		m, _ := task.PortNamed(s.PortName)
		if m == nil || m.AppProtocol != "" || s.Timeout == nil || s.Timeout.PerRequestSeconds == nil {
			continue
		}
		edits = append(edits, fix.Edit{Kind: fix.EditTimeout, Index: i, PortName: s.PortName, Drop: true})
		ports = append(ports, m.ContainerPort)
	}
	if len(edits) == 0 {
		return nil, nil
	}
	plan := c.plan(fix.SetTimeout, "drop", fmt.Sprintf("Remove the per-request timeout of %s, whose port is plain TCP",
		c.service.Name))
	plan.Why = "Without an appProtocol the agent knows no requests, and ECS refuses the timeout. The idle timeout, " +
		"which counts for TCP, stays. If the port does speak HTTP, offer a port mapping with a new name and an appProtocol " +
		"instead: that of a port that Service Connect offers cannot be changed."
	return onePlan(finishUpdate(c, plan, edits, ports...))
}
