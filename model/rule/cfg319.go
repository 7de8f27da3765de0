package rule

import (
	"fmt"
	"slices"
	"strconv"

	"hopscope/model"
	"hopscope/model/reach"
)

// healthPortUndeclared is CFG319: row 31 of docs/decision-table.md.
func healthPortUndeclared() Rule {
	return Rule{
		Code: "CFG319", Title: "Health check on a port that no container declares", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceHealthCheck},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts),
		Uses:    []model.Action{model.DescribeTargetHealth, model.GetMetricData},
		check:   checkHealthPort,
		Doc: Doc{
			What: "A target group checks a port of the tasks that no container of the task definition declares.",
			Why: "If nothing listens there, every target is unhealthy: ECS keeps replacing tasks, and the load balancer " +
				"answers 503. With Service Connect's TLS it is often the default 443 of HTTPS checks.",
			Detection: "HealthCheckPort is a number that no portMappings[] of the task definition has, and that is no " +
				"ingressPortOverride. A healthy target proves that something listens, and nothing is said. In bridge mode it is " +
				"the instance's port that counts: a hostPort with that number. Unhealthy targets make it an error, as does TLS " +
				"with port 443 and another container port. Without either it is a warning with low confidence: a container may " +
				"listen on a port that it does not declare. Where the targets' health was not read, the path of " +
				"the checks is unknown.",
			FalsePositive: "A container listens on the port without declaring it, which awsvpc mode allows; or, in bridge and " +
				"host mode, something else on the instance does.",
			Fix: "Set HealthCheckPort to traffic-port (with Service Connect's TLS: the container " +
				"port), or declare the port.",
			Source: "AWS developer guide, Service Connect TLS: the health check port is the container port; Elastic " +
				"Load Balancing guide, target group health checks.",
		},
	}
}

func checkHealthPort(c *Case) {
	type key struct {
		group      *model.TargetGroup
		deployment string
	}
	for paths := range groupBy(c.Paths, func(p *reach.Path) key { return key{p.Facts.TargetGroup, role(p)} }) {
		p := paths[0]
		group, task := p.Facts.TargetGroup, p.Facts.TaskDefinition
		if group == nil || task == nil || group.HealthCheck.Port == model.TrafficPort {
			continue
		}
		n, err := strconv.Atoi(group.HealthCheck.Port)
		if err != nil || reach.Answers(task, n) || p.Via == reach.ViaAgent || listensAgent(p.Facts.Deployment, n) {
			continue
		}
		states, missing := c.states(group)
		if states["healthy"] > 0 || group.HostCounts != nil && group.HostCounts.Healthy > 0 {
			continue
		}
		c.report(healthPortFinding(c, paths, n, states, missing))
	}
}

// listensAgent tells whether a port is the agent's own, by an override.
func listensAgent(d *model.Deployment, n int) bool {
	return d.ServiceConnect.Active() &&
		slices.ContainsFunc(d.ServiceConnect.Services, func(s model.ServiceConnectService) bool {
			return s.IngressPortOverride == n
		})
}

// states counts the targets of a group by state.
func (c *Case) states(group *model.TargetGroup) (map[string]int, *model.Missing) {
	targets, missing := c.Index.TargetHealth(group)
	out := map[string]int{}
	for i := range targets {
		out[targets[i].State]++
	}
	return out, missing
}

func healthPortFinding(c *Case, paths []*reach.Path, n int, states map[string]int, missing *model.Missing) Finding {
	p, unhealthy := paths[0], states["unhealthy"]
	// A check that the network refuses fails whatever listens.
	failing := unhealthy > 0 && p.Access != reach.Blocked
	tls := n == httpsPort && c.tlsOn(p)
	f := Finding{Paths: paths, Confidence: Low, verdict: reach.Risk, about: p.Facts.TargetGroup.Name}
	switch {
	case failing, tls:
		f.Severity, f.Confidence, f.verdict = Error, High, reach.Broken
	case missing != nil:
		f.verdict, f.missing = reach.Unknown, missing
	}
	f.text = func(f *Finding) Text {
		t := healthPortText(f, n)
		switch {
		case failing:
			t.Detail += fmt.Sprintf(" None of its targets is healthy (%d unhealthy).", unhealthy)
			t.Evidence = append(t.Evidence, fact(model.DescribeTargetHealth,
				"target group %s: %d unhealthy, 0 healthy", p.Facts.TargetGroup.Name, unhealthy))
		case tls:
			t.Detail += " The endpoint has Service Connect's TLS, which the agent ends on the container port: 443 is only " +
				"the default of HTTPS health checks."
		case f.missing != nil:
			t.Detail += " Whether the targets are healthy was not read."
		}
		return t
	}
	return f
}

// healthPortText says that no container declares the port of the health checks.
func healthPortText(f *Finding, n int) Text {
	p := f.Paths[0]
	group, task, declares := p.Facts.TargetGroup.Name, p.Facts.TaskDefinition, "declares"
	if p.Facts.Deployment.Network == nil {
		declares = "publishes on the instance"
	}
	return Text{
		Title: fmt.Sprintf("%s checks port %d of %s, which no container %s", group, n, f.Service, declares),
		Detail: fmt.Sprintf("Target group %s checks the health of %s on port %d, which no container of %s %s. "+
			"If nothing listens there, every target is unhealthy and ECS keeps replacing tasks.",
			group, f.Service, n, task.Name(), declares),
		Evidence: []reach.Evidence{
			fact(model.DescribeTargetGroups, "target group %s: HealthCheckPort = %d", group, n),
			fact(model.DescribeTaskDefinition, "task definition %s: ports %s", task.Name(), portList(task)),
		},
	}
}

const httpsPort = 443

// tlsOn tells whether the port that a health check's target group gets requests
// on belongs to an endpoint with TLS, and is not 443 itself.
func (c *Case) tlsOn(check *reach.Path) bool {
	return slices.ContainsFunc(c.Siblings, func(p *reach.Path) bool {
		return slices.Contains(balancers, p.Source.Kind) && p.Facts.TargetGroup == check.Facts.TargetGroup &&
			p.Facts.Deployment == check.Facts.Deployment &&
			p.Target.ContainerPort != httpsPort && endsTLS(p)
	})
}
