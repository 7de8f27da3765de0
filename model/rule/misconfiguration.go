package rule

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
)

// allSources are the kinds of paths that a task's configuration can spoil.
var allSources = []reach.SourceKind{
	reach.SourceLoadBalancer, reach.SourceServiceConnect, reach.SourceServiceDiscovery, reach.SourceHealthCheck,
	reach.SourceServiceGateway, reach.SourceVPCLattice,
}

// balancers are the kinds of sources that are load balancers: one's own, or the
// one of a service gateway.
var balancers = []reach.SourceKind{reach.SourceLoadBalancer, reach.SourceServiceGateway}

// misconfiguration is a rule about a configuration that ECS refuses or that the
// task cannot run with: the interception function names the problem.
type misconfiguration struct {
	problem    reach.Problem
	confidence Confidence
	// verdict of the paths; "" leaves them unknown.
	verdict reach.Verdict
	title   string
	// detail says what follows.
	detail string
}

func (m misconfiguration) rule(code, title string, doc Doc) Rule {
	template := Finding{verdict: m.verdict, Confidence: m.confidence, text: m.text}
	return Rule{
		Code: code, Title: title, Severity: Error, Sources: allSources, Needs: serviceFacts, Doc: doc,
		check: func(c *Case) {
			type key struct{ deployment, why string }
			hit := where(c.Paths, func(p *reach.Path) bool { return p.Facts.Interception.Problem == m.problem })
			reportEach(c, hit, func(p *reach.Path) key {
				return key{p.Facts.Deployment.ID, p.Facts.Interception.Why()}
			}, template)
		},
	}
}

func (m misconfiguration) text(f *Finding) Text {
	p := f.Paths[0]
	return Text{
		Title:    fmt.Sprintf("%s: %s", f.Service, m.title),
		Detail:   fmt.Sprintf("%s: %s. %s", f.Service, p.Facts.Interception.Why(), m.detail),
		Evidence: configurationEvidence(p),
	}
}

// configurationEvidence quotes the Service Connect block and the ports of the
// task definition.
func configurationEvidence(p *reach.Path) []reach.Evidence {
	var out []reach.Evidence
	if sc := p.Facts.Deployment.ServiceConnect; sc != nil {
		for i, s := range sc.Services {
			out = append(out, fact(model.DescribeServices,
				"serviceConnectConfiguration.services[%d]: portName = %s, ingressPortOverride = %s",
				i, s.PortName, orUnset(s.IngressPortOverride)))
		}
	}
	if task := p.Facts.TaskDefinition; task != nil {
		out = append(out, portsEvidence(task))
	}
	return out
}

// portsEvidence quotes the ports of a task definition.
func portsEvidence(task *model.TaskDefinition) reach.Evidence {
	return fact(model.DescribeTaskDefinition, "task definition %s: networkMode = %s, ports %s",
		task.Name(), task.NetworkMode, portList(task))
}

func orUnset(n int) string {
	if n == 0 {
		return "unset"
	}
	return fmt.Sprint(n)
}

// portList names the ports of a task definition: "App 80 (app), sidecar 9000".
func portList(task *model.TaskDefinition) string {
	var out string
	for _, c := range task.Containers {
		for _, m := range c.PortMappings {
			if out != "" {
				out += ", "
			}
			number := fmt.Sprint(m.ContainerPort)
			if m.ContainerPortRange != "" {
				number = m.ContainerPortRange
			}
			out += c.Name + " " + number
			if m.UDP() {
				out += "/udp"
			}
			if m.Name != "" {
				out += " (" + m.Name + ")"
			}
		}
	}
	if out == "" {
		return "none"
	}
	return out
}

// overrideTaken is CFG301: rows 5 and 6 of docs/decision-table.md.
func overrideTaken() Rule {
	return misconfiguration{
		problem: reach.OverrideTaken, confidence: Medium, verdict: reach.Broken,
		title: "ingressPortOverride is a port that the task's own containers use",
		detail: "The agent starts first and takes the port, so that the container cannot bind it (EADDRINUSE) and the task " +
			"does not become healthy.",
	}.rule("CFG301", "ingressPortOverride equals a port in the task", Doc{
		What: "The agent is told to listen on a port that a container of the same task declares, alone or in a range.",
		Why: "The agent starts before the app and binds the port on all addresses. The app then cannot bind it, not even " +
			"on 127.0.0.1, and the task does not become healthy. What really happens depends on what the app does about it.",
		Detection: "services[].ingressPortOverride equals a containerPort, or lies in a containerPortRange, of any " +
			"container of the task definition, in awsvpc mode.",
		FalsePositive: "A port mapping that is declared while nothing listens there.",
		Fix:           "Choose another port from 1025 to 32767.",
		Source: "docs/traffic.md, Who handles a request (reproduced with network namespaces); " +
			"agentic-community/mcp-gateway-registry#1137.",
	})
}

// overrideLow is CFG302: row 7.
func overrideLow() Rule {
	return misconfiguration{
		problem: reach.OverrideLow, confidence: High, verdict: reach.Broken,
		title:  "ingressPortOverride is not above 1024",
		detail: "ECS refuses it: “IngressPortOverride cannot use ports <= 1024.”",
	}.rule("CFG302", "ingressPortOverride is not above 1024", Doc{
		What:          "The override is a port from 1 to 1024.",
		Why:           "ECS refuses such a service, because the agent runs without the privilege to bind low ports.",
		Detection:     "services[].ingressPortOverride is between 1 and 1024. An override of 0 is how some SDKs write unset.",
		FalsePositive: "None known.",
		Fix:           "Choose a port from 1025 to 32767.",
		Source:        "hashicorp/terraform-provider-aws#28293: “IngressPortOverride cannot use ports <= 1024.”",
	})
}

// overrideTwice is CFG303: row 8.
func overrideTwice() Rule {
	return misconfiguration{
		problem: reach.OverrideTwice, confidence: High, verdict: reach.Broken,
		title:  "two Service Connect services have the same ingressPortOverride",
		detail: "The ECS agent refuses the task: “listener port collision detected in the ingress config”.",
	}.rule("CFG303", "Overrides of one task collide", Doc{
		What:          "Two Service Connect services of a task have the same ingressPortOverride.",
		Why:           "The ECS agent refuses such a task, which then never starts.",
		Detection:     "Two entries of serviceConnectConfiguration.services with one ingressPortOverride.",
		FalsePositive: "None known.",
		Fix:           "Give each of them a port of its own.",
		Source:        "aws/amazon-ecs-agent, agent/api/serviceconnect/service_connect_validator.go.",
	})
}

// modeUnsupported is CFG304: row 36.
func modeUnsupported() Rule {
	return misconfiguration{
		problem: reach.ModeUnsupported, confidence: High, verdict: reach.Broken,
		title:  "Service Connect does not support the task's network mode",
		detail: "The ECS agent refuses such a task. Service Connect wants awsvpc or bridge, set explicitly.",
	}.rule("CFG304", "Network mode that Service Connect does not support", Doc{
		What: "Service Connect is enabled for a task in host mode, without a network, or with the mode left out.",
		Why: "The ECS agent refuses the task. Even on Linux, where a mode left out means " +
			"bridge, it must be written down.",
		Detection: "taskDefinition.networkMode is neither awsvpc nor bridge, and the deployment's " +
			"serviceConnectConfiguration is enabled.",
		FalsePositive: "None known.",
		Fix:           "Set networkMode to awsvpc, or to bridge on EC2.",
		Source:        "aws/amazon-ecs-agent, service_connect_validator.go; mreferre/yelb#86.",
	})
}

// tlsInBridge is CFG316: row 32.
func tlsInBridge() Rule {
	return misconfiguration{
		problem: reach.TLSInBridge, confidence: High, verdict: reach.Broken,
		title:  "Service Connect's TLS does not work in bridge mode",
		detail: "AWS documents that it is not supported.",
	}.rule("CFG316", "Service Connect's TLS in bridge mode", Doc{
		What:          "A Service Connect service of a task in bridge mode has TLS.",
		Why:           "Service Connect with TLS does not support bridge mode: callers cannot be served as configured.",
		Detection:     "services[].tls is set and the task definition's networkMode is bridge.",
		FalsePositive: "None known.",
		Fix:           "Use awsvpc, or leave TLS out.",
		Source:        "AWS developer guide: “Service Connect with TLS does not support bridge networking mode”.",
	})
}

// portNameLost is CFG309: row 41.
func portNameLost() Rule {
	return misconfiguration{
		problem: reach.PortNameLost, confidence: High,
		title: "Service Connect names a port that the task definition does not have",
		detail: "ECS refuses a service like that, so that the task definition was probably changed by a tool that drops " +
			"names. Which ports the agent handles cannot be said.",
	}.rule("CFG309", "portName is not in the task definition", Doc{
		What: "An entry of serviceConnectConfiguration.services has a portName that no port mapping of the " +
			"running task definition has.",
		Why: "The endpoint leads nowhere, and it cannot be said which ports the agent handles.",
		Detection: "services[].portName is compared with portMappings[].name of all containers of the " +
			"deployment's task definition.",
		FalsePositive: "None known.",
		Fix:           "Name the port mapping, or correct portName.",
		Source: "aws/aws-cli#7531; cloudposse/terraform-aws-ecs-container-definition#162; " +
			"aws-actions/amazon-ecs-deploy-task-definition#426.",
	})
}

// portNameUDP is CFG315: row 42.
func portNameUDP() Rule {
	return misconfiguration{
		problem: reach.PortNameUDP, confidence: Medium, verdict: reach.Broken,
		title:  "Service Connect names a port that is mapped for UDP",
		detail: "Only TCP is supported.",
	}.rule("CFG315", "Endpoint on a port mapping for UDP", Doc{
		What:          "A Service Connect service refers to a port mapping whose protocol is udp.",
		Why:           "Service Connect carries TCP only; callers of the endpoint do not reach the app.",
		Detection:     "portMappings[].protocol of the mapping that services[].portName names is udp.",
		FalsePositive: "None known.",
		Fix:           "Offer a TCP port, or use Cloud Map service discovery.",
		Source:        "AWS developer guide, task definition parameters: “Only tcp is supported for Service Connect”.",
	})
}
