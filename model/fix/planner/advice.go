package planner

import (
	"fmt"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Advice about load balancers: what a person changes with elbv2.

// onlyPlan is a list of one plan.
func onlyPlan(p *fix.Plan) []*fix.Plan { return []*fix.Plan{p} }

// newRevision are the steps that give a service another task definition.
func newRevision(c *situation, change string) []fix.Step {
	family := "FAMILY"
	switch task, p := c.task(), c.service.Primary(); {
	case task != nil && task.Family != "":
		family = task.Family
	case p != nil && p.TaskDefinition != "":
		family, _, _ = strings.Cut(model.ARNName(p.TaskDefinition), ":")
	}
	return []fix.Step{
		byHand("Write the task definition down", c.describeTask()+intoJSON+"task-definition.json"),
		byHand(change+". Leave out what register-task-definition does not take: taskDefinitionArn, revision, status, "+
			"requiresAttributes, compatibilities, registeredAt, registeredBy",
			c.aws("ecs", "register-task-definition", "--cli-input-json", "file://task-definition.json")),
		byHand(fmt.Sprintf("Deploy it to %s", c.service.Name), c.ofService("update-service", "--task-definition", family)),
	}
}

// editBlock are the steps that send a block back which a person has edited.
func editBlock(c *situation, change string) []fix.Step {
	return []fix.Step{
		byHand("Write the Service Connect block down: what is not sent back is lost",
			c.describe("services[0].deployments[?status=='PRIMARY'].serviceConnectConfiguration | "+
				"[0]")+intoJSON+"service-connect.json"),
		byHand(change, c.ofService("update-service", "--service-connect-configuration", "file://service-connect.json")),
	}
}

func adviseTargetApp(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	if len(paths) == 0 {
		return nil
	}
	p := paths[0]
	app := "APP_PORT"
	if offer := p.Facts.Interception.Offer; offer != nil {
		if n := c.portNamed(offer.PortName); n != 0 {
			app = fmt.Sprint(n)
		}
	}
	plan := advice(c, "target-app-port", fmt.Sprint(p.Target.WirePort),
		fmt.Sprintf("Point %s at the app's port %s of %s", p.Source.Name, app, c.service.Name),
		fmt.Sprintf("The override has already moved the agent out of the way: only the load balancer still connects to the "+
			"agent's port %d.", p.Target.WirePort))
	if p.Facts.ByHand && p.Facts.TargetGroup != nil {
		command := []string{"elbv2", "deregister-targets", "--target-group-arn", p.Facts.TargetGroup.ARN, "--targets"}
		plan.Steps = []fix.Step{
			byHand("Let ECS register the targets: deregister those that were registered by hand",
				c.aws("elbv2", "describe-target-health", "--target-group-arn", p.Facts.TargetGroup.ARN)),
			byHand("Deregister each on the agent's port",
				c.aws(append(command, targetsOn(c, p.Facts.TargetGroup, p.Target.WirePort)...)...)),
		}
		return onlyPlan(plan)
	}
	group := "TARGET_GROUP_ARN"
	if p.Facts.TargetGroup != nil {
		group = p.Facts.TargetGroup.ARN
	}
	plan.Steps = []fix.Step{byHand(fmt.Sprintf("Set loadBalancers[].containerPort of %s to the app's port %s, and name "+
		"the others of the list as they are", c.service.Name, app),
		c.ofService("update-service", "--load-balancers", fmt.Sprintf("targetGroupArn=%s,containerName=%s,containerPort=%s",
			group, p.Target.Container, app)))}
	return onlyPlan(plan)
}

// targetsOn are the targets of a group on a port, for the AWS CLI.
func targetsOn(c *situation, group *model.TargetGroup, port int) []string {
	var out []string
	if targets, missing := c.ix.TargetHealth(group); missing == nil {
		for _, t := range targets {
			if t.Port == port {
				out = append(out, fmt.Sprintf("Id=%s,Port=%d", t.ID, port))
			}
		}
	}
	if len(out) == 0 {
		out = []string{fmt.Sprintf("Id=TARGET,Port=%d", port)}
	}
	return out
}

func adviseAlias(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	if len(paths) == 0 {
		return nil
	}
	var names []string
	var clients []*reach.Path
	for _, p := range c.callers(paths[0].Target.ContainerPort) {
		if p.Source.Services.Len() > 0 {
			names, clients = append(names, p.Source.Endpoint), append(clients, p)
		}
	}
	names = unique(names)
	if len(names) == 0 {
		return nil
	}
	plan := advice(c, "call-alias", fmt.Sprint(paths[0].Target.ContainerPort),
		fmt.Sprintf("Let Service Connect clients call %s instead of %s", names[0], paths[0].Source.Name),
		"It saves the load balancer and not only the agent: calls go from agent to agent, with retries and metrics. But "+
			"clients have to be changed, and what the load balancer does for "+
			"them (rules, authentication, rewrites) is gone. Keep the load balancer for callers without Service Connect.",
		byHand(fmt.Sprintf("Change the address that the client calls to %s", list(names)), ""),
		byHand("Deploy the client: its tasks must be newer than the endpoint to know the name",
			c.redeployCaller(clients)))
	return onlyPlan(plan)
}

func adviseTLSPolicy(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	group := newGroup
	if len(paths) > 0 && paths[0].Facts.TargetGroup != nil {
		group = paths[0].Facts.TargetGroup.ARN
	}
	steps := policySteps(c, paths, group)
	if len(steps) == 0 {
		return nil
	}
	plan := advice(c, "tls13-policy", "", "Give the listeners in front of "+c.service.Name+" a TLS 1.3 policy",
		"The agent speaks TLS 1.3 only. The policy of the listener also counts for what the load balancer speaks to its "+
			"targets.", steps...)
	plan.Checks = []fix.Note{{
		Title:  "The listener's clients can do without what the policy leaves out",
		Detail: "ELBSecurityPolicy-TLS13-1-2-2021-06 takes TLS 1.2 and 1.3. Clients with TLS 1.0 or 1.1 are refused.",
	}}
	return onlyPlan(plan)
}

func adviseHealthPort(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	plan := c.plan(fix.CheckTraffic, "", "Let the health checks of "+c.service.Name+" use the port that its requests use")
	plan.Why = "Health then says something about the way that requests take, whatever becomes of the agent."
	for _, g := range targetGroups(paths) {
		port := model.TrafficPort
		plan.Steps = append(plan.Steps, byHand(fmt.Sprintf("Set HealthCheckPort of target group %s to %s", g.Name, port),
			c.aws("elbv2", "modify-target-group", "--target-group-arn", g.ARN, "--health-check-port", port)))
		plan.ID += ":" + g.Name
	}
	if len(plan.Steps) == 0 {
		return nil
	}
	if f.Code == "CFG319" {
		plan.Why += " Or let a container listen on the port of the checks, and declare it in the task definition."
	}
	plan.Checks = []fix.Note{{
		Title: "The app answers the health check on that port",
		Detail: "The path of the check is asked of the port that requests use. A path that only another process serves " +
			"fails there, and ECS replaces the tasks.",
	}}
	plan.Undo = "Set HealthCheckPort back to what it was."
	return onlyPlan(plan)
}

func adviseSideDoor(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	if len(paths) == 0 {
		return nil
	}
	port := paths[0].Target.ContainerPort
	keep := keepHop(c, paths)
	keep.Why = "It is the only way to have the load balancer's leg encrypted: without the override the agent ends TLS " +
		"for it, as AWS advises."
	keep.Steps = append(keep.Steps, editBlock(c, "Remove ingressPortOverride of the endpoint")...)
	restrict := advice(c, "restrict-container-port", fmt.Sprint(port),
		fmt.Sprintf("Admit the load balancer alone to port %d of %s", port, c.service.Name),
		"It leaves the load balancer's leg in plaintext, and closes the side door to all others.")
	for _, id := range reach.TaskGroups(c.ix, c.service) {
		g := c.group(id)
		if g == nil {
			continue
		}
		for i := range g.Ingress {
			r := &g.Ingress[i]
			if !r.Covers("tcp", port) || r.Group != nil && len(c.holders.LoadBalancers(r.Group.ID)) > 0 {
				continue
			}
			restrict.Removes = append(restrict.Removes, fmt.Sprintf("the rule for %s from %s of %s", r.Ports(), r.Peer(),
				c.ix.GroupLabel(id)))
			restrict.Steps = append(restrict.Steps, byHand(
				fmt.Sprintf("Remove the rule for %s from %s of %s, unless something else needs it", r.Ports(), r.Peer(),
					c.ix.GroupLabel(id)),
				c.aws("ec2", "revoke-security-group-ingress", "--group-id", id, "--ip-permissions", permission(r))))
		}
	}
	if len(restrict.Steps) == 0 {
		return onlyPlan(keep)
	}
	return []*fix.Plan{keep, restrict}
}

// permission is a rule in the short form of the AWS CLI.
func permission(r *model.SecurityGroupRule) string {
	out := "IpProtocol=" + r.Protocol
	if r.Protocol != model.AllProtocols {
		out += fmt.Sprintf(",FromPort=%d,ToPort=%d", r.FromPort, r.ToPort)
	}
	switch {
	case r.Group != nil:
		pair := "GroupId=" + r.Group.ID
		if r.Group.Account != "" { // of another account, EC2 finds it only so
			pair += ",UserId=" + r.Group.Account
		}
		if r.Group.VPC != "" {
			pair += ",VpcId=" + r.Group.VPC
		}
		return out + ",UserIdGroupPairs=[{" + pair + "}]"
	case r.PrefixList != "":
		return out + ",PrefixListIds=[{PrefixListId=" + r.PrefixList + "}]"
	case r.CIDR.Addr().Is6():
		return out + ",Ipv6Ranges=[{CidrIpv6=" + r.CIDR.String() + "}]"
	}
	return out + ",IpRanges=[{CidrIp=" + r.CIDR.String() + "}]"
}

func adviseSecondPort(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	plan := advice(c, "separate-ports", "", "Keep connections to "+c.service.Name+" with and without the header apart",
		"The app then knows of each port whether the header comes; no caller can pretend to be another one.",
		byHand("Let the app listen on a second port for the load balancer, declare it in the task definition, and point "+
			"loadBalancers[].containerPort there", ""))
	for _, g := range targetGroups(paths) {
		plan.Steps = append(plan.Steps, byHand(fmt.Sprintf("Or turn the header of target group %s off, and preserve the "+
			"clients' addresses", g.Name),
			c.aws("elbv2", "modify-target-group-attributes", "--target-group-arn", g.ARN, "--attributes",
				"Key=proxy_protocol_v2.enabled,Value=false", "Key=preserve_client_ip.enabled,Value=true")))
	}
	return onlyPlan(plan)
}

func adviseIdleTimeout(c *situation, f *rule.Finding) []*fix.Plan {
	plan := advice(c, "raise-idle-timeout", "", "", "Slow requests through the load balancer then get the time that "+
		"they have at the agent.")
	seen := map[*model.LoadBalancer]bool{}
	var names []string
	for _, p := range c.pathsOf(f) {
		lb, offer := p.Facts.LoadBalancer, p.Facts.Interception.Offer
		if lb == nil || seen[lb] || offer == nil || offer.Timeout == nil || offer.Timeout.PerRequestSeconds == nil {
			continue
		}
		seen[lb] = true
		names = append(names, lb.Name)
		seconds := *offer.Timeout.PerRequestSeconds
		value := fmt.Sprint(seconds)
		if seconds == 0 {
			value = "SECONDS"
		}
		plan.Steps = append(plan.Steps, byHand(fmt.Sprintf("Let %s wait as long as the agent does (at most 4000 s)", lb.Name),
			c.aws("elbv2", "modify-load-balancer-attributes", "--load-balancer-arn", lb.ARN, "--attributes",
				"Key=idle_timeout.timeout_seconds,Value="+value)))
	}
	if len(plan.Steps) == 0 {
		return nil
	}
	plan.Title = fmt.Sprintf("Raise the idle timeout of %s, in front of %s", list(names), c.service.Name)
	plan.Checks = []fix.Note{{
		Title:  "Slow requests come through the load balancer",
		Detail: "If the long timeout is meant for Service Connect callers only, nothing has to be done.",
	}}
	return onlyPlan(plan)
}

// slug is a text as a part of an ID.
func slug(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r == '-', r == '_', r == '.':
			return r
		}
		return '-'
	}, s), "-")
}
