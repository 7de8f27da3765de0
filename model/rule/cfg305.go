package rule

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/reach"
)

// controllerUnsupported is CFG305: row 37 of docs/decision-table.md.
func controllerUnsupported() Rule {
	return Rule{
		Code: "CFG305", Title: "Deployment controller that Service Connect does not support", Severity: Error,
		Needs: []model.Action{model.ListClusters, model.ListServices, model.DescribeServices},
		check: checkController,
		Doc: Doc{
			What: "A service whose deployment controller is CODE_DEPLOY or EXTERNAL has Service Connect enabled.",
			Why: "ECS refuses it: “DeploymentController#type CODE_DEPLOY is not supported by ECS Service Connect.” No " +
				"caller reaches the service by its endpoints.",
			Detection: "deploymentController.type is CODE_DEPLOY or EXTERNAL, and a deployment of the service has an enabled " +
				"serviceConnectConfiguration. The API refuses the pair today, so that it shows in services and snapshots from " +
				"before, or in ones made by hand.",
			FalsePositive: "None known.",
			Fix: "Use the ECS controller: its own blue/green, linear and canary deployments work " +
				"with Service Connect.",
			Source: "aws/containers-roadmap#1993, #2322; aws/amazon-ecs-service-connect-agent#74; AWS developer guide, " +
				"Service Connect blue/green.",
		},
	}
}

func checkController(c *Case) {
	controller := c.Service.DeploymentController
	if controller != model.ControllerCodeDeploy && controller != model.ControllerExternal {
		return
	}
	for _, d := range c.Running {
		if !d.ServiceConnect.Active() {
			continue
		}
		c.report(Finding{Paths: c.pathsOf(d), verdict: reach.Broken, text: func(f *Finding) Text {
			return Text{
				Title: fmt.Sprintf("%s has Service Connect under the controller %s, which ECS does not support",
					f.Service, controller),
				Detail: fmt.Sprintf("%s is deployed by %s, and its deployment %s has Service Connect enabled. "+
					"ECS refuses the two together, so that the service cannot be deployed as it is written.",
					f.Service, controller, d.ID),
				Evidence: []reach.Evidence{
					fact(model.DescribeServices, "deploymentController.type = %s", controller),
					fact(model.DescribeServices, "deployment %s: serviceConnectConfiguration.enabled = true", d.ID),
				},
			}
		}})
	}
}

// pathsOf are the paths into one deployment of the case's service.
func (c *Case) pathsOf(d *model.Deployment) []*reach.Path {
	var out []*reach.Path
	for _, p := range c.Siblings {
		if p.Facts.Deployment == d {
			out = append(out, p)
		}
	}
	return out
}
