package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// managedInstances is INF505: row 59 of docs/decision-table.md.
func managedInstances() Rule {
	return Rule{
		Code: "INF505", Title: "Service Connect on Managed Instances", Severity: Info,
		Needs: []model.Action{model.ListClusters, model.ListServices, model.DescribeServices},
		check: checkManagedInstances,
		Doc: Doc{
			What:          "A service on ECS Managed Instances has Service Connect enabled.",
			Why:           "AWS's documentation says that the two do not go together, while the agent's code and users say that they do. hopscope judges the paths as on Fargate, where the same rules hold.",
			Detection:     "launchType of the service or of a running deployment is MANAGED_INSTANCES. Capacity providers are not read, so that a service which names only one is not recognised.",
			FalsePositive: "The documentation was updated meanwhile.",
			Fix:           "Nothing, if it works. The instance profile needs ecs:Poll on task-set/*; ask AWS before you rely on it.",
			Source:        "AWS developer guide, Service Connect concepts; aws/amazon-ecs-agent commit 0abf17de; aws/amazon-ecs-service-connect-agent#142.",
		},
	}
}

func checkManagedInstances(c *Case) []Finding {
	const managed = "MANAGED_INSTANCES"
	i := slices.IndexFunc(c.Running, func(d *model.Deployment) bool {
		return d.ServiceConnect.Active() && (d.LaunchType == managed || c.Service.LaunchType == managed)
	})
	if i < 0 {
		return nil
	}
	id := c.Running[i].ID
	return []Finding{{Confidence: Medium, text: func(f *Finding) Text {
		return Text{
			Title: fmt.Sprintf("%s uses Service Connect on Managed Instances, which AWS does not document", f.Service),
			Detail: fmt.Sprintf("AWS's documentation says that Service Connect is not available on Managed Instances; the "+
				"agent's code and reports from users say that it works. The paths of %s are judged as they would be on "+
				"Fargate.", f.Service),
			Evidence: []reach.Evidence{fact(model.DescribeServices,
				"deployment %s: launchType = %s, serviceConnectConfiguration.enabled = true", id, managed)},
		}
	}}}
}
