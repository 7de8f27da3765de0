package fix

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// makeClientOnly is the plan that removes the endpoints of a container port: the
// agent then intercepts nothing there. It is nil while somebody can call them.
func (c *context) makeClientOnly(containerPort int) (*Plan, error) {
	primary := c.service.Primary()
	if primary == nil || !primary.ServiceConnect.Active() || c.isCalled(containerPort) {
		return nil, nil
	}
	plan := c.plan(MakeClientOnly, fmt.Sprintf("Remove the endpoint of port %d, which nobody can call", containerPort))
	plan.ID += fmt.Sprintf(":%d", containerPort)
	plan.Why = "No loaded service of the namespace is admitted to it. Without the endpoint the agent intercepts nothing, and no port has to be opened."
	update := Step{Kind: UpdateService, Title: fmt.Sprintf("Take the endpoint out of the Service Connect block of %s: a new deployment replaces its tasks", c.service.Name)}
	for i := range primary.ServiceConnect.Services {
		if s := &primary.ServiceConnect.Services[i]; c.portNamed(s.PortName) == containerPort {
			update.Edits = append(update.Edits, Edit{Kind: EditRemoveEndpoint, Index: i, PortName: s.PortName})
		}
	}
	if len(update.Edits) == 0 {
		return nil, nil
	}
	plan.Steps = []Step{update}
	plan.Checks = []Note{{
		Title: "Nobody calls it from elsewhere",
		Detail: "Services of clusters or accounts that were not read may share the namespace. Their calls fail as soon as the endpoint is gone, and clients keep the " +
			"name until they are deployed again.",
		Command: fmt.Sprintf("aws ecs list-services-by-namespace --namespace %s", namespaceName(primary.ServiceConnect)),
	}}
	plan.Risks = []Note{{
		Title:  "Tasks are replaced",
		Detail: "UpdateService makes a new deployment.",
	}}
	if owner := OwnerOf(c.service); owner.Tool != UnknownTool {
		plan.Risks = append(plan.Risks, driftRisk(owner))
	}
	plan.Undo = "The block as it was is sent back, which makes another deployment."
	return plan, c.expect(plan, containerPort)
}

func namespaceName(sc *model.ServiceConnect) string {
	if sc.Namespace == "" {
		return "NAMESPACE"
	}
	return sc.Namespace
}

// isCalled tells whether a Service Connect caller is admitted to an endpoint of the
// port, or may be.
func (c *context) isCalled(containerPort int) bool {
	return slices.ContainsFunc(c.callersOf(containerPort), func(p *reach.Path) bool {
		return p.Source.Services.Len() > 0 && (p.Access != reach.Blocked || p.Facts.Meant)
	})
}
