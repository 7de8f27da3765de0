package planner

import (
	"fmt"
	"slices"

	"hopscope/model/fix"
	"hopscope/model/reach"
)

// keepHop is the advice to let the agent end TLS for the load balancer too. ECS takes
// no target group that no load balancer has, so that the listener comes first; what
// serves now goes on until the new targets are healthy.
func keepHop(c *situation, paths []*reach.Path) *fix.Plan {
	p := paths[0]
	port := p.Target.ContainerPort
	plan := advice(c, "https-target-group", fmt.Sprint(port), "Keep the hop, and speak HTTPS to the agent "+
		"of "+c.service.Name,
		"The endpoint has TLS: the agent ends it, for the load balancer as for Service Connect callers, and the hop is "+
			"what keeps the wire encrypted. AWS advises against ingressPortOverride here.",
		byHand(fmt.Sprintf("Make a target group with protocol HTTPS and health checks by HTTPS on port %d", port),
			c.aws("elbv2", "create-target-group", "--name", "NAME", "--protocol", "HTTPS", "--port", fmt.Sprint(port),
				"--vpc-id", vpc(p),
				"--target-type", "ip", "--health-check-protocol", "HTTPS", "--health-check-port", fmt.Sprint(port))))
	plan.Steps = slices.Concat(plan.Steps, policySteps(c, paths, newGroup), weightSteps(c, p), []fix.Step{
		byHand(fmt.Sprintf("Attach the target group to %s, next to those that it has: the list is replaced", c.service.Name),
			c.ofService("update-service", loadBalancersWith(c, p.Target.Container, port)...)),
		byHand("Give it all the weight once its targets are healthy", ""),
	})
	return plan
}

// newGroup stands for the target group that a person makes.
const newGroup = "TARGET_GROUP_ARN"

// weightSteps let the listener of a path forward to a new target group as well, no
// request so far.
func weightSteps(c *situation, p *reach.Path) []fix.Step {
	f := &p.Facts
	if f.Listener == nil || f.Listener.Protocol != "HTTPS" || f.TargetGroup == nil {
		return nil
	}
	words := []string{"elbv2", "modify-listener", "--listener-arn", f.Listener.ARN, "--default-actions"}
	if f.Rule != nil && f.Rule.Priority != "default" {
		words = []string{"elbv2", "modify-rule", "--rule-arn", f.Rule.ARN, "--actions"}
	}
	words = append(words, fmt.Sprintf("Type=forward,ForwardConfig={TargetGroups=["+
		"{TargetGroupArn=%s,Weight=1},{TargetGroupArn=%s,Weight=0}]}", f.TargetGroup.ARN, newGroup))
	return []fix.Step{byHand(fmt.Sprintf("Let %s :%d forward to it with weight 0, next to %s: ECS takes no target group "+
		"that no load balancer has",
		p.Source.Name, p.Source.ListenerPort, f.TargetGroup.Name), c.aws(words...))}
}

// loadBalancersWith are the load balancers of the service, and a new target group of a
// container's port.
func loadBalancersWith(c *situation, container string, port int) []string {
	words := []string{"--load-balancers"}
	for i := range c.service.LoadBalancers {
		if lb := &c.service.LoadBalancers[i]; lb.TargetGroupARN != "" {
			words = append(words, fmt.Sprintf("targetGroupArn=%s,containerName=%s,containerPort=%d", lb.TargetGroupARN,
				lb.ContainerName, lb.ContainerPort))
		}
	}
	return append(words, fmt.Sprintf("targetGroupArn=%s,containerName=%s,containerPort=%d", newGroup, container, port))
}

func vpc(p *reach.Path) string {
	if g := p.Facts.TargetGroup; g != nil && g.VPC != "" {
		return g.VPC
	}
	return "VPC"
}

// policySteps give the listeners of paths a policy with TLS 1.3, which the agent
// insists on: the policy of a listener decides what is spoken to the targets, and one
// for plaintext has none. The group is where such a listener's successor forwards to.
func policySteps(c *situation, paths []*reach.Path, group string) []fix.Step {
	const policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
	var out []fix.Step
	for _, p := range paths {
		l := p.Facts.Listener
		switch {
		case l == nil:
		case l.Protocol == "HTTP":
			out = appendStep(out, byHand(fmt.Sprintf("Give %s an HTTPS listener with a policy for TLS 1.3, the only version "+
				"that the agent speaks: behind :%d, which is HTTP, "+
				"TLS to the targets ends at 1.2", p.Source.Name, p.Source.ListenerPort),
				c.aws("elbv2", "create-listener", "--load-balancer-arn", l.LoadBalancerARN, "--protocol", "HTTPS", "--port", "443",
					"--certificates", "CertificateArn=CERTIFICATE_ARN", "--ssl-policy", policy, "--default-actions",
					"Type=forward,TargetGroupArn="+group)))
		default:
			out = appendStep(out, byHand(fmt.Sprintf("Give the listener %s :%d a policy with TLS 1.3: the agent speaks "+
				"nothing older", p.Source.Name, p.Source.ListenerPort),
				c.aws("elbv2", "modify-listener", "--listener-arn", l.ARN, "--ssl-policy", policy)))
		}
	}
	return out
}
