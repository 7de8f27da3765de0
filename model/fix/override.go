package fix

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model/reach"
)

// setOverride is the plan that moves the agent of the endpoints on a container port
// to ports of their own, so that whoever connects to the container port reaches
// the app directly (semantics.md §9.2). nil when there is nothing to move.
func (c *context) setOverride(paths []*reach.Path) (*Plan, error) {
	p := paths[0]
	primary := c.service.Primary()
	if primary == nil || !primary.ServiceConnect.Active() {
		return nil, nil
	}
	port := p.Target.ContainerPort
	plan := c.plan(SetOverride, "")
	plan.ID += fmt.Sprintf(":%d", port)
	update := Step{Kind: UpdateService}
	var moved []string
	for i := range primary.ServiceConnect.Services {
		s := &primary.ServiceConnect.Services[i]
		if s.IngressPortOverride != 0 || c.portNamed(s.PortName) != port {
			continue
		}
		n := c.freeOverride(port)
		for _, e := range update.Edits {
			if e.Port == n {
				n = c.nextFree(n)
			}
		}
		update.Edits = append(update.Edits, Edit{Kind: EditOverride, Index: i, PortName: s.PortName, Port: n})
		moved = append(moved, fmt.Sprintf("ingressPortOverride = %d for %s", n, s.PortName))
	}
	if len(update.Edits) == 0 {
		return nil, nil
	}
	update.Title = fmt.Sprintf("Set %s of %s: a new deployment replaces its tasks", strings.Join(moved, ", "), c.service.Name)
	plan.Title = fmt.Sprintf("Move the agent of %s to port %d, so that port %d is the app's alone", c.service.Name, update.Edits[0].Port, port)
	plan.Why = "Callers by Service Connect keep their names and ports; only the security group has to know the new port. Nothing but the agent moves."
	return plan, c.finishOverride(plan, update, port)
}

// finishOverride puts the rules in front of the update, and adds what to check and
// expect.
func (c *context) finishOverride(plan *Plan, update Step, port int) error {
	steps := []Step{update}
	o, err := c.keepOpen(steps, port, "hopscope: Service Connect agent of "+c.service.Name)
	if err != nil {
		return err
	}
	plan.Steps = slices.Concat(o.steps, steps)
	plan.Steps = append(plan.Steps, c.sideDoors(plan.Steps, port)...)
	plan.Checks = append(overrideChecks(c.service.Name, port), o.blockers...)
	plan.Risks = c.overrideRisks(port)
	plan.Undo = "The block as it was is sent back, which makes another deployment; then the rules that were added are removed."
	if len(o.blockers) > 0 {
		plan.Refusal = &Refusal{Reason: o.blockers[0].Title, Instead: o.blockers[0].Detail}
	}
	return c.expect(plan, port)
}

// portNamed is the container port that a port name stands for, 0 when not known.
func (c *context) portNamed(name string) int {
	task, missing := c.ix.TaskDefinition(c.service.Primary().TaskDefinition)
	if missing != nil {
		return 0
	}
	if m, _ := task.PortNamed(name); m != nil {
		return m.ContainerPort
	}
	return 0
}

// nextFree is a free port behind another one.
func (c *context) nextFree(n int) int {
	for n++; n <= highestOverride; n++ {
		if c.isFree(n) {
			return n
		}
	}
	return 0
}

// overrideChecks are what nothing in the API shows, and a person has to look at.
func overrideChecks(service string, port int) []Note {
	return []Note{
		{
			Title: "The app listens on more than 127.0.0.1",
			Detail: fmt.Sprintf("The agent reaches it over loopback; afterwards others connect to port %d of the task's address. An app that is bound to "+
				"127.0.0.1 alone refuses them.", port),
			Command: fmt.Sprintf("aws ecs execute-command --cluster CLUSTER --task TASK --container CONTAINER --interactive --command 'ss -ltn' # a task of %s", service),
		},
		{
			Title: "The app keeps idle connections longer than the load balancer",
			Detail: "The load balancer reuses its connections to the app from now on. Where the app closes them first, some requests get a 502: its keep-alive " +
				"timeout must be longer than the load balancer's idle timeout (60 seconds unless set; Node's default is 5).",
		},
		{
			Title: "The app does not take 127.0.0.1 for its proxy",
			Detail: "Its peer is now the load balancer's address. Where X-Forwarded-For is trusted from loopback only, the range of the load balancer's subnets has " +
				"to be trusted instead.",
		},
	}
}

// overrideRisks are what the load balancer's traffic loses with the agent.
func (c *context) overrideRisks(port int) []Note {
	risks := []Note{
		{
			Title: "Service Connect no longer counts these requests",
			Detail: "Metrics, access logs and timeouts of the agent end for whoever connects to the container port: RequestCount falls to the Service Connect " +
				"callers' share. Alarms on it may fire.",
		},
		{
			Title: "Tasks are replaced",
			Detail: "UpdateService makes a new deployment. While it rolls out, old tasks serve Service Connect on the old port and new ones on the new: both must stay " +
				"open, which is why old rules are removed last.",
		},
	}
	for _, p := range c.callersOf(port) {
		if p.Facts.Offer != nil && p.Facts.Offer.TLS != nil {
			risks = append(risks, Note{
				Title:  "The container port is not encrypted",
				Detail: "The endpoint has TLS between agents; past the agent there is none. AWS advises against an override here: keep the hop, with an HTTPS target group.",
			})
			break
		}
	}
	if owner := OwnerOf(c.service); owner.Tool != UnknownTool {
		risks = append(risks, driftRisk(owner))
	}
	return risks
}

// driftRisk says that a change behind the owner's back does not last.
func driftRisk(o Owner) Note {
	where := map[Tool]string{
		CloudFormation: "CloudFormation stack " + o.Stack, CDK: "CDK stack " + o.Stack, Terraform: "Terraform",
	}[o.Tool]
	return Note{
		Title: "The next deployment of its owner undoes it",
		Detail: fmt.Sprintf("The service seems to belong to %s (%s). What is changed by API is drift, and is put back when the owner deploys: make the change there "+
			"as well.", where, o.Evidence),
	}
}
