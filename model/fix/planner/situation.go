package planner

import (
	"slices"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// situation is what plans for one service are made from: the service as it is, or as
// it would be after some steps.
type situation struct {
	*account
	// world judges the service in the snapshot, or in what would become of it.
	world   *rule.WhatIf
	ix      *model.Index
	service *model.Service
	// paths are all paths into the service; judged by the rules once they were asked for
	// what they say.
	paths []*reach.Path
	said  *rule.Service
	// derived are the paths where no rule has judged them yet.
	derived []*reach.Path
	// overrides are the plans of setOverride, by container port.
	overrides map[int]*fix.Plan
}

// look is the situation of a service in a world. What the analysis says already is not
// derived again.
func (v *account) look(world *rule.WhatIf, ref model.Ref) *situation {
	c := &situation{account: v, world: world, ix: world.Index(), overrides: map[int]*fix.Plan{}}
	c.service = c.ix.Service(ref)
	if world == v.present {
		c.said = &rule.Service{Paths: v.analysis.Into(ref), Findings: v.analysis.About(ref)}
		c.paths = c.said.Paths
		return c
	}
	c.derived = world.Paths(ref)
	c.paths = c.derived
	return c
}

// report is what the rules say about the service. It gives the paths their verdicts.
func (c *situation) report() *rule.Service {
	if c.said == nil {
		c.said = c.world.Judge(c.service.Ref(), c.derived)
	}
	return c.said
}

// after is the situation as it would be once steps were carried out.
func (c *situation) after(steps []fix.Step) (*situation, error) {
	world, err := c.worldAfter(steps)
	if err != nil {
		return nil, err
	}
	return c.look(world, c.service.Ref()), nil
}

func (c *situation) worldAfter(steps []fix.Step) (*rule.WhatIf, error) {
	ch, err := fix.ChangesOf(c.ix.Service, c.group, c.service.Ref(), steps, c.snapshot.CollectedAt)
	if err != nil {
		return nil, err
	}
	return c.world.With(ch.Service, ch.Groups), nil
}

// group is a security group as it is in the situation, nil when it was not read.
func (c *situation) group(id string) *model.SecurityGroup {
	g, _ := c.ix.SecurityGroup(id)
	return g
}

// plan starts a plan; tail tells it from other plans of its kind for the service.
func (c *situation) plan(kind fix.Kind, tail, title string) *fix.Plan {
	id := string(kind) + "/" + c.service.Ref().String()
	if tail != "" {
		id += ":" + tail
	}
	return &fix.Plan{
		ID: id, Kind: kind, Title: title,
		Account: c.snapshot.Scope.Account, Region: c.snapshot.Scope.Region, Service: c.service.Ref(),
		Owner: fix.OwnerOf(c.service), Codes: []string{}, Steps: []fix.Step{}, Block: c.block(),
		Deployment: c.service.DeploymentConfiguration,
	}
}

// block is the service's Service Connect block, nil when it has none in force.
func (c *situation) block() *model.ServiceConnect {
	if p := c.service.Primary(); p != nil && p.ServiceConnect.Active() {
		return p.ServiceConnect
	}
	return nil
}

// task is the task definition of the primary deployment, nil when it was not read.
func (c *situation) task() *model.TaskDefinition {
	p := c.service.Primary()
	if p == nil {
		return nil
	}
	task, _ := c.ix.TaskDefinition(p.TaskDefinition)
	return task
}

// portNamed is the container port that a port name stands for, 0 when not known.
func (c *situation) portNamed(name string) int {
	if task := c.task(); task != nil {
		if m, _ := task.PortNamed(name); m != nil {
			return m.ContainerPort
		}
	}
	return 0
}

// pathsOf are the paths that a finding is about.
func (c *situation) pathsOf(f *rule.Finding) []*reach.Path {
	ids := pathIDs(f)
	return slices.DeleteFunc(slices.Clone(c.paths), func(p *reach.Path) bool { return !slices.Contains(ids, p.ID) })
}

// pathIDs are the IDs of the paths that a finding is about.
func pathIDs(f *rule.Finding) []string {
	ids := make([]string, len(f.Paths))
	for i, p := range f.Paths {
		ids[i] = p.ID
	}
	return ids
}

// callers are the Service Connect paths into the service, to the endpoints of a
// container port; of all ports for 0.
func (c *situation) callers(containerPort int) []*reach.Path {
	var out []*reach.Path
	for _, p := range c.paths {
		if p.Source.Kind == reach.SourceServiceConnect && (containerPort == 0 || p.Target.ContainerPort == containerPort) {
			out = append(out, p)
		}
	}
	return out
}
