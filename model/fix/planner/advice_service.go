package planner

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Advice about services and task definitions: what a person changes with ecs.

func adviseNetworkMode(c *situation, f *rule.Finding) []*fix.Plan {
	mode := "awsvpc, or bridge on EC2"
	if f.Code == "CFG316" {
		mode = "awsvpc; or leave tls out of the endpoint"
	}
	plan := advice(c, "set-network-mode", "", "Give "+c.service.Name+" a network mode that Service Connect supports",
		"Nothing in the Service Connect block can change it: the mode is the task definition's. In awsvpc mode each task "+
			"has a network interface, with subnets and security groups of its own.",
		newRevision(c, "Set networkMode to "+mode)...)
	plan.Checks = []fix.Note{{
		Title: "The service names subnets and security groups",
		Detail: "A service whose tasks change to awsvpc needs networkConfiguration in the same update, and target groups " +
			"of type ip.",
	}}
	return onlyPlan(plan)
}

func adviseController(c *situation, _ *rule.Finding) []*fix.Plan {
	return onlyPlan(advice(c, "use-ecs-controller", "", "Let ECS deploy "+c.service.Name,
		"Service Connect needs the controller ECS, which shifts traffic too (blue/green, linear, canary). The controller "+
			"of a service that has Service Connect cannot be changed in place.",
		byHand("Write the service down", c.describe("services[0]")+intoJSON+"service.json"),
		byHand("Make it again under another name, with deploymentController.type ECS, and move the callers there",
			c.aws("ecs", "create-service", "--cli-input-json", "file://new-service.json")),
		byHand(fmt.Sprintf("Remove %s when no service calls it", c.service.Name), c.ofService("delete-service", "--force"))))
}

func advisePortName(c *situation, _ *rule.Finding) []*fix.Plan {
	var lost []string
	if sc := c.block(); sc != nil {
		for i := range sc.Services {
			if name := sc.Services[i].PortName; c.task() != nil && c.portNamed(name) == 0 {
				lost = append(lost, name)
			}
		}
	}
	if len(lost) == 0 {
		lost = []string{"the portName of the endpoint"}
	}
	plan := advice(c, "name-port", "", fmt.Sprintf("Name the port mapping of %s: %s", c.service.Name, list(lost)),
		"The endpoint leads nowhere until a port has its name. A tool that drops name and appProtocol has probably written "+
			"the task definition.",
		newRevision(c, fmt.Sprintf("Give the port mapping of the endpoint the name %s, and its appProtocol", list(lost)))...)
	plan.Risks = []fix.Note{{
		Title: "It comes back with the next release",
		Detail: "Older CLIs, modules and deploy actions drop name and appProtocol: update the one that registers the task " +
			"definition.",
	}}
	return onlyPlan(plan)
}

func adviseAliasName(c *situation, f *rule.Finding) []*fix.Plan {
	tail, endpoint := "", "the endpoint"
	if paths := c.pathsOf(f); len(paths) > 0 && paths[0].Facts.Offer != nil {
		tail = paths[0].Facts.Offer.PortName
		endpoint = "the endpoint " + tail
	}
	steps := editBlock(c, fmt.Sprintf("Give clientAliases of %s another dnsName or port", endpoint))
	steps = append(steps, byHand("Deploy the callers: names are written when a task starts",
		c.redeployCaller(c.pathsOf(f))))
	return onlyPlan(advice(c, "rename-alias", tail, fmt.Sprintf("Give %s of %s a name or port of its own", endpoint,
		c.service.Name), "Which of the two keeps the name is yours to say: callers of the other one have to be changed.",
		steps...))
}

func adviseAppProtocol(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	if len(paths) == 0 {
		return nil
	}
	want := "http"
	if g := paths[0].Facts.TargetGroup; g != nil {
		switch g.ProtocolVersion {
		case "HTTP2":
			want = "http2"
		case "GRPC":
			want = "grpc"
		}
	}
	steps := newRevision(c, fmt.Sprintf("Give the mapping of port %d a new name, and appProtocol %s",
		paths[0].Target.ContainerPort, want))
	steps = append(steps, editBlock(c, "Name the new port name in services[].portName, with the old discoveryName, in "+
		"the same update as the task definition")...)
	return onlyPlan(advice(c, "set-app-protocol", fmt.Sprint(paths[0].Target.ContainerPort),
		fmt.Sprintf("Set appProtocol of port %d of %s to %s", paths[0].Target.ContainerPort, c.service.Name, want),
		"The agent then knows requests: it counts and retries them, and spreads those of one connection over tasks. The "+
			"protocol of an existing Service Connect service cannot be changed, hence the new name.", steps...))
}

func adviseTCP(c *situation, _ *rule.Finding) []*fix.Plan {
	return onlyPlan(advice(c, "use-tcp", "", "Offer a TCP port of "+c.service.Name,
		"Service Connect carries TCP only. For UDP there is Cloud Map service discovery, which needs no agent.",
		newRevision(c, "Map the port for tcp, if the app speaks it")...))
}

func advisePortTwice(c *situation, f *rule.Finding) []*fix.Plan {
	return onlyPlan(advice(c, "move-container", slug(f.Title()),
		"Give each container of "+c.service.Name+" a port of its own",
		"All containers of a task in awsvpc mode share one network: the second one to start cannot have the port.",
		newRevision(c, "Let one of the containers listen on another port, and declare that. "+f.Title())...))
}

func adviseNamespace(c *situation, _ *rule.Finding) []*fix.Plan {
	steps := []fix.Step{byHand("Find the namespace of the services that it calls",
		c.aws("servicediscovery", "list-namespaces", "--query", "Namespaces[].[Name,Arn]", "--output", "text"))}
	return onlyPlan(advice(c, "use-one-namespace", "", "Use the namespace of the endpoints that "+c.service.Name+" calls",
		"A client knows the endpoints of its own namespace only. If it calls none, it needs no agent: Service Connect can "+
			"be disabled for it.",
		append(steps, editBlock(c, "Set namespace to its ARN")...)...))
}

func adviseNamespaceARN(c *situation, _ *rule.Finding) []*fix.Plan {
	steps := []fix.Step{byHand(fmt.Sprintf("Find the namespaces that are called %s", c.namespace()),
		c.aws("servicediscovery", "list-namespaces", "--query", "Namespaces[].[Name,Arn]", "--output", "text"))}
	return onlyPlan(advice(c, "use-namespace-arn", "", "Let "+c.service.Name+" refer to its namespace by the ARN",
		"A name that several namespaces have can lead to either; the ARN cannot. A namespace that no service needs can be "+
			"deleted.",
		append(steps, editBlock(c, "Set namespace to the ARN of the one that is meant")...)...))
}

func adviseDiscoveryName(c *situation, f *rule.Finding) []*fix.Plan {
	tail, example := "", ""
	if paths := c.pathsOf(f); len(paths) > 0 && paths[0].Facts.Offer != nil {
		tail, example = paths[0].Facts.Offer.PortName, ", such as "+paths[0].Facts.Offer.Name()+"-sc"
	}
	return onlyPlan(advice(c, "rename-discovery", tail, "Give the endpoint of "+c.service.Name+" another discovery name",
		"Service Connect and the service registry then have a Cloud Map service each. Callers use the alias: its dnsName "+
			"can stay as it is.",
		editBlock(c, "Set discoveryName of the endpoint to a name that no service registry has"+example+", and keep "+
			"dnsName")...))
}

// advisePublication is about a discovery name that another service of the namespace has.
func advisePublication(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	if len(paths) == 0 || paths[0].Facts.Offer == nil {
		return nil
	}
	offer := paths[0].Facts.Offer
	names := "its dnsName, so that callers need not change"
	if !slices.ContainsFunc(offer.ClientAliases, func(a model.ClientAlias) bool { return a.DNSName != "" }) {
		names = "the name that callers use now, by a dnsName in clientAliases"
	}
	steps := editBlock(c, fmt.Sprintf("Set discoveryName of the endpoint %s to a name that no other service of the "+
		"namespace has, such as %s-%s, and keep %s", offer.PortName, c.service.Name, offer.PortName, names))
	plan := advice(c, "rename-discovery", offer.PortName,
		fmt.Sprintf("Give the endpoint %s of %s a discovery name of its own", offer.PortName, c.service.Name),
		"A namespace has each name once. Which of the two keeps it is yours to say: ECS makes a new Cloud Map service for "+
			"the other one.", steps...)
	plan.Checks = []fix.Note{{
		Title:  "See which Cloud Map service has the name now",
		Detail: "Only one of the two has it, and its tasks get the calls.",
		Command: c.aws("servicediscovery", "list-services", "--query",
			fmt.Sprintf("Services[?Name=='%s'].[Name,Arn]", offer.Name())),
	}}
	return onlyPlan(plan)
}

func adviseRoom(c *situation, _ *rule.Finding) []*fix.Plan {
	return onlyPlan(advice(c, "make-room-for-agent", "", "Leave the agent of "+c.service.Name+" its share of the task",
		"AWS advises to add 256 CPU units and 64 MiB to the task for the agent, and 256 units more above 500 requests a "+
			"second.",
		newRevision(c, "Raise cpu and memory of the task, or let its containers claim less")...))
}

func adviseRequestTimeout(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	if len(paths) == 0 || paths[0].Facts.Offer == nil {
		return nil
	}
	offer := paths[0].Facts.Offer
	plan := advice(c, "set-request-timeout", offer.PortName, "Give requests to "+c.service.Name+" more "+
		"time than 15 s", "How long requests take is the app's.",
		byHand("Set timeout.perRequestTimeoutSeconds of portName "+offer.PortName+" in serviceConnectConfiguration; 0 turns "+
			"it off", ""))
	plan.Unless = fmt.Sprintf("requests to %s (port name %s) take longer than 15 s", c.service.Name, offer.PortName)
	return onlyPlan(plan)
}

// advisePortListing is for INF512. Which ports callers are to use is the app's: the entry, or
// the appProtocol, is one too few or too many.
func advisePortListing(c *situation, _ *rule.Finding) []*fix.Plan {
	steps := editBlock(c,
		"Add an entry for the port to services, with its portName and an alias, if callers are to use it")
	plan := advice(c, "list-port", "", "Offer the ports of "+c.service.Name+" that callers use",
		"Where only the task itself uses the port, its appProtocol has no effect.", steps...)
	plan.Unless = "callers are to use the ports that " + c.service.Name + " does not offer"
	return onlyPlan(plan)
}

func adviseWait(c *situation, _ *rule.Finding) []*fix.Plan {
	plan := advice(c, "wait-for-rollout", "", "Wait until one deployment of "+c.service.Name+" is left",
		"Every rollout of such a change shows it, and most end by themselves.",
		byHand("Wait for the rollout", c.aws("ecs", "wait", "services-stable", "--cluster", c.service.Cluster, "--services",
			c.service.Name)),
		byHand("If it does not end, see why; if the change is not wanted, deploy what was there before",
			c.describe("services[0].events[:10].message")))
	return onlyPlan(plan)
}

// adviseOldTasks: ECS's own wait for a stable service does not look at such tasks.
func adviseOldTasks(c *situation, _ *rule.Finding) []*fix.Plan {
	return onlyPlan(advice(c, "wait-for-old-tasks", "", "Wait until the old tasks of "+c.service.Name+" are gone, or "+
		"stop them",
		"They serve requests, and how they are configured is not in what ECS tells of the service. A deployment that "+
			"counts as successful early may leave them.",
		byHand("Read the ids of the deployments", c.describe("services[0].deployments[].[id,status,runningCount]")),
		byHand("List the tasks", c.aws("ecs", "list-tasks", "--cluster", c.service.Cluster, "--service-name",
			c.service.Name)),
		byHand("Find the old ones: startedBy is none of the ids",
			c.aws("ecs", "describe-tasks", "--cluster", c.service.Cluster, "--tasks", c.oldTask(), "--query",
				"tasks[].[taskArn,startedBy]")),
		byHand("Stop those that stay", c.aws("ecs", "stop-task", "--cluster", c.service.Cluster, "--task", c.oldTask()))))
}

func adviseTasks(c *situation, _ *rule.Finding) []*fix.Plan {
	if c.service.DesiredCount == 0 {
		plan := advice(c, "scale-up", "", "Run a task of "+c.service.Name, c.service.Name+" is scaled to zero.",
			byHand(fmt.Sprintf("Let ECS run a task of %s", c.service.Name),
				c.ofService("update-service", "--desired-count", "1")))
		plan.Unless = c.service.Name + " is to run"
		return onlyPlan(plan)
	}
	return onlyPlan(advice(c, "find-why-tasks-stop", "", "Find out why no task of "+c.service.Name+" stays",
		"ECS wants tasks and has none: its events and the last tasks say why.",
		byHand("Read the events", c.describe("services[0].events[:10].message")),
		byHand("List the tasks that stopped", c.aws("ecs", "list-tasks", "--cluster", c.service.Cluster, "--service-name",
			c.service.Name, "--desired-status", "STOPPED")),
		byHand("Read why one of them stopped", c.aws("ecs", "describe-tasks", "--cluster", c.service.Cluster, "--tasks",
			"TASK", "--query", "tasks[].[stoppedReason,containers[].reason]"))))
}

func adviseAgent(c *situation, _ *rule.Finding) []*fix.Plan {
	sick := c.sickTask()
	return onlyPlan(advice(c, "repair-agent", "", "Find out what the agent of "+c.service.Name+" lacks",
		"ECS replaces tasks with an unhealthy agent, so that it heals or comes back: the reason is in the task, the log, "+
			"or the instance.",
		byHand("See what ECS says about the task", c.aws("ecs", "describe-tasks", "--cluster", c.service.Cluster, "--tasks",
			sick)),
		byHand("Read the agent's log: the block says where it goes",
			c.describe("services[0].deployments[0].serviceConnectConfiguration.logConfiguration")),
		byHand("On EC2 update the ECS agent of the instance, and make sure that tasks reach 169.254.170.2 and the instance "+
			"ECS's endpoints on 443", ""),
		byHand("Replace the task", c.aws("ecs", "stop-task", "--cluster", c.service.Cluster, "--task", sick))))
}

// sickTask is the id of a task whose agent is unhealthy.
func (c *situation) sickTask() string {
	if c.service.Tasks != nil {
		for _, t := range c.service.Tasks.Tasks {
			for _, o := range t.Containers {
				if strings.HasPrefix(o.Name, model.AgentContainer) && o.HealthStatus == "UNHEALTHY" {
					return model.ARNName(t.ARN)
				}
			}
		}
	}
	return c.aTask()
}

func adviseContainerCheck(c *situation, f *rule.Finding) []*fix.Plan {
	container, tail := "the container", "the-container"
	if paths := c.pathsOf(f); len(paths) > 0 {
		tail = slug(paths[0].Target.Container)
		container = "container " + paths[0].Target.Container
	}
	return onlyPlan(advice(c, "add-container-health-check", tail,
		fmt.Sprintf("Let %s of %s say when it is ready", container, c.service.Name),
		"Service Connect sends requests to a task as soon as its containers are healthy; without a check that is as soon "+
			"as they run.",
		newRevision(c, fmt.Sprintf("Give %s a healthCheck that succeeds once the app answers", container))...))
}

// adviseLeftover tells a person how to remove a rule that hopscope does not remove,
// as it is about more than the port, or something else uses it.
func adviseLeftover(c *situation, f *rule.Finding, port int) []*fix.Plan {
	var steps []fix.Step
	for _, id := range reach.TaskGroups(c.ix, c.service) {
		steps = append(steps, byHand(fmt.Sprintf("See what else has %s", c.ix.GroupLabel(id)), c.interfacesOf(id)))
	}
	steps = append(steps, byHand(fmt.Sprintf("Narrow the rule to what else needs it, without tcp %d", port), ""))
	plan := advice(c, "narrow-rule", fmt.Sprint(port), fmt.Sprintf("Narrow the rule for port %d of %s that is left over",
		port, c.service.Name),
		"hopscope does not remove it: it is about more than this port, another path that hopscope knows uses it, or its "+
			"group is widely shared.", steps...)
	plan.Removes = []string{fmt.Sprintf("tcp %d of the rule", port)}
	claim(plan, f)
	return onlyPlan(plan)
}
