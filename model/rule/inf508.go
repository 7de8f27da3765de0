package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// readyTooEarly is INF508.
func readyTooEarly() Rule {
	return Rule{
		Code: "INF508", Title: "Nothing tells Service Connect when a new task is ready", Severity: Info,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   slices.Concat(serviceFacts, networkFacts, namespaceFacts),
		check:   checkReadyTooEarly,
		Doc: Doc{
			What: "An HTTP endpoint's container has no container health check, and no load balancer checks the service either.",
			Why: "Service Connect sends requests to a task as soon as it runs, and ECS stops the old tasks as soon as the new " +
				"ones run: during a deployment callers get 503 until the apps listen. The agents retry on a refused " +
				"connection, a few times.",
			Detection: "The port that services[].portName names has an appProtocol, its container has no healthCheck in the " +
				"task definition, and services[].loadBalancers is empty. Behind a load balancer ECS at least keeps the old tasks " +
				"until the new ones are healthy; to keep the list short that is not reported.",
			FalsePositive: "The app listens at once.",
			Fix:           "Add a healthCheck to the container that answers when the app is ready.",
			Source:        "aws/containers-roadmap#2334, #2184, #1963; AWS developer guide, Service Connect concepts: retries.",
		},
	}
}

func checkReadyTooEarly(c *Case) {
	if len(c.Service.LoadBalancers) > 0 || c.Service.ResourceManagementType == "ECS" {
		return
	}
	called := where(c.Paths, func(p *reach.Path) bool {
		return p.Source.Services.Len() > 0 && p.Access != reach.Blocked &&
			p.Facts.Deployment.Status == model.PrimaryDeployment
	})
	for paths := range groupBy(called, func(p *reach.Path) string { return p.Target.Container }) {
		p := paths[0]
		task := p.Facts.TaskDefinition
		if !reach.SpeaksHTTP(task, p.Facts.Offer) {
			continue
		}
		i := slices.IndexFunc(task.Containers, func(o model.Container) bool { return o.Name == p.Target.Container })
		if i < 0 || task.Containers[i].HasHealthCheck {
			continue
		}
		c.report(Finding{Paths: paths, Confidence: Medium, text: readyText})
	}
}

func readyText(f *Finding) Text {
	p := f.Paths[0]
	task := p.Facts.TaskDefinition.Name()
	return Text{
		Title: fmt.Sprintf("New tasks of %s get requests before they are ready", f.Service),
		Detail: fmt.Sprintf("Container %s of %s has no health check, and no load balancer has one either: during a "+
			"deployment "+
			"callers of %s get 503 until the new tasks listen.", p.Target.Container, task, p.Source.Endpoint),
		Evidence: []reach.Evidence{
			fact(model.DescribeTaskDefinition, "task definition %s, container %s: no healthCheck", task, p.Target.Container),
			fact(model.DescribeServices, "loadBalancers is empty"),
		},
	}
}
