package planner

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/words"
)

// planHop repairs HOP101 and HOP104: the agent moves; where no caller reaches
// the endpoint, removing it would do as well.
func planHop(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	paths := c.pathsOf(f)
	if len(paths) == 0 {
		return nil, nil
	}
	port := paths[0].Target.ContainerPort
	clientOnly, err := makeClientOnly(c, port)
	if err != nil {
		return nil, err
	}
	override, err := setOverride(c, port)
	if err != nil {
		return nil, err
	}
	if clientOnly == nil && override == nil && c.service.Standing() > 1 {
		return adviseWait(c, f), nil // the hop is that of a deployment on its way out
	}
	if clientOnly != nil && override != nil {
		override.Why += " It keeps the endpoint, for callers that are still to come; if there are none, removing it is " +
			"simpler."
	}
	return []*fix.Plan{override, callAlias(c, f), clientOnly}, nil
}

// setOverride is the plan that moves the agent of the endpoints on a container port
// to ports of their own, so that what connects to the container port reaches
// the app directly (docs/traffic.md, Deployments). nil when there is nothing to move, or
// nowhere to.
func setOverride(c *situation, port int) (*fix.Plan, error) {
	plan, known := c.overrides[port]
	if !known {
		var err error
		if plan, err = makeOverride(c, port); err != nil {
			return nil, err
		}
		c.overrides[port] = plan
	}
	if plan == nil {
		return nil, nil
	}
	own := *plan // callers add to it
	own.Codes, own.Findings, own.Paths = slices.Clone(plan.Codes), slices.Clone(plan.Findings), slices.Clone(plan.Paths)
	own.Checks, own.Risks = slices.Clone(plan.Checks), slices.Clone(plan.Risks)
	return &own, nil
}

func makeOverride(c *situation, port int) (*fix.Plan, error) {
	sc := c.block()
	if sc == nil || port == 0 {
		return nil, nil
	}
	var edits []fix.Edit
	var taken []int
	var why string
	for i := range sc.Services {
		s := &sc.Services[i]
		if s.IngressPortOverride != 0 || c.portNamed(s.PortName) != port {
			continue
		}
		n := freeOverride(c, port, taken...)
		if n.port == 0 {
			return nil, nil
		}
		taken, why = append(taken, n.port), n.why
		edits = append(edits, fix.Edit{Kind: fix.EditOverride, Index: i, PortName: s.PortName, Port: n.port})
	}
	if len(edits) == 0 {
		return nil, nil
	}
	plan := c.plan(fix.SetOverride, fmt.Sprint(port), fmt.Sprintf("Move the agent of %s to port %d, so that port %d is "+
		"the app's alone", c.service.Name, taken[0], port))
	plan.Why = "Callers by Service Connect keep their names and ports; only the security group has to know the new " +
		"port. Nothing but the agent moves. " + why
	plan.Checks, plan.Risks = directChecks(c, port), directRisks(c, port)
	if group, speaks := c.atOdds(port); group != nil {
		plan.Why += fmt.Sprintf(" It helps only where the app itself speaks the %s of target group %s.", speaks, group.Name)
		plan.Among = fmt.Sprintf("the protocol of port %d", port)
	}
	return finishUpdate(c, plan, edits, port)
}

// finishUpdate completes a plan that edits the Service Connect block: the rules that
// keep callers admitted go in front of the update, those that nothing needs any more
// behind it.
func finishUpdate(c *situation, plan *fix.Plan, edits []fix.Edit, ports ...int) (*fix.Plan, error) {
	update := c.update(edits)
	o, err := keepOpen(c, []fix.Step{update}, c.note())
	if err != nil {
		return nil, err
	}
	plan.Steps = slices.Concat(o.steps, []fix.Step{update})
	plan.Risks = append(plan.Risks, rolloutRisks(c)...)
	plan.Checks = append(plan.Checks, elsewhereChecks(c, plan.Steps)...)
	plan.Undo = undoUpdate
	if len(o.steps) > 0 {
		plan.Undo = undoBoth
	}
	if o.after == nil {
		if o.after, err = c.after(plan.Steps); err != nil {
			return nil, err
		}
	}
	for _, port := range ports {
		needless, err := leftovers(c, o.after, port)
		if err != nil {
			return nil, err
		}
		plan.Steps = append(plan.Steps, needless...)
	}
	return finish(c, plan, o, ports...)
}

// What undoes a plan.
const (
	undoUpdate = "The block as it was is sent back, which makes another deployment."
	undoBoth   = "The block as it was is sent back, which makes another deployment; then the rules that were added are " +
		"removed, unless others came to need them."
	undoRules = "The rules that were added are removed, unless others came to need them, and those that were removed " +
		"are added again."
	// undoLater is for plans with rules to remove later.
	undoLater = " What was removed later is added again before all else."
)

// note is the description of the rules that a plan adds.
func (c *situation) note() string { return words.AgentNote(c.service.Name) }

// update is the step that sends the edited block.
func (c *situation) update(edits []fix.Edit) fix.Step {
	edits, did := slices.Clone(edits), make([]string, len(edits))
	for i := range edits {
		edits[i].DiscoveryName = c.repeated(&edits[i])
		did[i] = edits[i].Title()
	}
	return fix.Step{
		Kind: fix.UpdateService, Edits: edits,
		Title: fmt.Sprintf("In the Service Connect block of %s, %s: a new deployment replaces its tasks", c.service.Name,
			strings.Join(did, " and ")),
	}
}

// repeated is the discovery name of an edit's entry where another one has its port name, ""
// otherwise.
func (c *situation) repeated(e *fix.Edit) string {
	sc := c.block()
	if sc == nil || e.Index >= len(sc.Services) {
		return ""
	}
	for i := range sc.Services {
		if s := &sc.Services[i]; i != e.Index && s.PortName == e.PortName {
			return sc.Services[e.Index].Name()
		}
	}
	return ""
}

// hasTLS tells whether an endpoint of the port has TLS.
func (c *situation) hasTLS(port int) bool {
	sc := c.block()
	if sc == nil {
		return false
	}
	for i := range sc.Services {
		if sc.Services[i].TLS != nil && c.portNamed(sc.Services[i].PortName) == port {
			return true
		}
	}
	return false
}

// directRisks are what the load balancer's traffic loses with the agent.
func directRisks(c *situation, port int) []fix.Note {
	risks := []fix.Note{{
		Title: "Service Connect no longer counts these requests",
		Detail: fmt.Sprintf("Metrics, access logs and timeouts of the agent end for what connects to port %d: RequestCount "+
			"falls to the Service Connect "+
			"callers' share. Alarms on it may fire.", port),
	}}
	if c.hasTLS(port) {
		risks = append(risks, fix.Note{
			Title: "The container port is not encrypted",
			Detail: "The endpoint has TLS between agents; past the agent there is none. AWS advises against an override here: " +
				"keep the hop, with an HTTPS target group.",
		})
	}
	return risks
}

// rolloutRisks are those of any new deployment.
func rolloutRisks(c *situation) []fix.Note {
	risks := []fix.Note{{
		Title: "Tasks are replaced",
		Detail: "UpdateService makes a new deployment. While it rolls out, old tasks and new ones serve side by side, each " +
			"on the ports of its own configuration: what old tasks need stays open until they are gone.",
	}}
	switch c.service.DeploymentStrategy {
	case "BLUE_GREEN", "LINEAR", "CANARY":
		risks = append(risks, fix.Note{
			Title: "The rollout takes the service's own time",
			Detail: fmt.Sprintf("%s deploys %s: traffic shifts, bakes and waits for hooks as configured, and both sides run "+
				"until it is over.", c.service.Name, strings.ToLower(c.service.DeploymentStrategy)),
		})
	}
	return risks
}

// planMove moves every override of the block that cannot stay where it is: CFG301,
// CFG302, CFG303 and RSK404. One deployment repairs them all.
func planMove(c *situation, _ *rule.Finding) ([]*fix.Plan, error) {
	sc := c.block()
	if sc == nil || c.task() == nil {
		return nil, nil
	}
	var edits []fix.Edit
	var taken, ports []int
	var why string
	for i := range sc.Services {
		s := &sc.Services[i]
		if !mustMove(c, sc, i) {
			continue
		}
		port := c.portNamed(s.PortName)
		n := freeOverride(c, port, taken...)
		if n.port == 0 {
			return nil, nil
		}
		taken, why, ports = append(taken, n.port), n.why, append(ports, port)
		edits = append(edits, fix.Edit{Kind: fix.EditOverride, Index: i, PortName: s.PortName, Port: n.port})
	}
	if len(edits) == 0 {
		return nil, nil
	}
	plan := c.plan(fix.SetOverride, "move", fmt.Sprintf("Give the agent of %s a port that is free: %s", c.service.Name,
		joinPorts(taken)))
	plan.Why = "The override stays, on a port that nothing else uses. " + why
	return onePlan(finishUpdate(c, plan, edits, ports...))
}

// mustMove tells whether the override of an entry is refused, taken, or in the
// ephemeral range; of two equal ones the second moves.
func mustMove(c *situation, sc *model.ServiceConnect, i int) bool {
	n := sc.Services[i].IngressPortOverride
	if n == 0 {
		return false
	}
	for j := range i {
		if sc.Services[j].IngressPortOverride == n {
			return true
		}
	}
	task := c.task()
	taken := reach.UsesPort(task, n)
	if task.NetworkMode == model.ModeBridge {
		taken = usesHostPort(task, n)
	}
	return n < lowestOverride || taken || model.Ephemeral(n)
}

// planUnset removes overrides that gain nothing: in bridge mode (CFG313), and where
// Service Connect callers alone use the port (INF504).
func planUnset(c *situation, f *rule.Finding) ([]*fix.Plan, error) {
	sc := c.block()
	if sc == nil {
		return nil, nil
	}
	offers := map[int]bool{}
	for _, p := range c.pathsOf(f) {
		offers[p.Target.ContainerPort] = true
	}
	var edits []fix.Edit
	var ports []int
	for i := range sc.Services {
		s := &sc.Services[i]
		if port := c.portNamed(s.PortName); s.IngressPortOverride != 0 && offers[port] {
			edits = append(edits, fix.Edit{Kind: fix.EditOverride, Index: i, PortName: s.PortName})
			ports = append(ports, port)
		}
	}
	if len(edits) == 0 {
		return nil, nil
	}
	plan := c.plan(fix.UnsetOverride, joinPorts(ports), fmt.Sprintf("Remove ingressPortOverride of %s, which gains "+
		"nothing", c.service.Name))
	plan.Why = "Service Connect callers alone use the port, so that there is nothing to step aside for. Callers keep " +
		"their names and ports. It can wait for the next change of the service."
	if task := c.task(); task != nil && task.NetworkMode == model.ModeBridge {
		plan.Why = "In bridge mode the agent never stands between a load balancer and the app. Without the override its " +
			"host port is dynamic again, and several tasks fit on an instance."
		plan.Risks = []fix.Note{{
			Title: "The dynamic ports are opened between the instances",
			Detail: "Callers then connect to a host port from the dynamic range, which their group must be admitted to as a " +
				"whole.",
		}}
	} else {
		plan.Checks = []fix.Note{{
			Title: "No program connects to the task's address by itself",
			Detail: "A program that dials the container port without a load balancer or Cloud Map reaches the app directly " +
				"now, and the agent afterwards. AWS does not show such callers.",
		}}
	}
	return onePlan(finishUpdate(c, plan, edits, ports...))
}

func joinPorts(ports []int) string {
	out := make([]string, len(ports))
	for i, n := range ports {
		out[i] = fmt.Sprint(n)
	}
	return strings.Join(out, ",")
}

// onePlan is a list of one plan.
func onePlan(p *fix.Plan, err error) ([]*fix.Plan, error) { return []*fix.Plan{p}, err }
