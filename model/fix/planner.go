package fix

import (
	"cmp"
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/rule"
)

// Plans makes the plans for everything that a report found, sorted by service; of
// one finding the better plan first. The report must be the snapshot's.
func Plans(s *model.Snapshot, report *rule.Report) ([]Plan, error) {
	ix := model.NewIndex(s)
	users := groupUsers(s)
	findings := map[model.Ref][]*rule.Finding{}
	for i := range report.Findings {
		f := &report.Findings[i]
		findings[f.Ref()] = append(findings[f.Ref()], f)
	}
	var out []Plan
	for i := range s.Services {
		service := &s.Services[i]
		if len(findings[service.Ref()]) == 0 {
			continue
		}
		c := &context{
			snapshot: s, ix: ix, service: service, findings: findings[service.Ref()], users: users,
			paths: pathsInto(report.Paths, service.Ref()),
		}
		plans, err := c.plans()
		if err != nil {
			return nil, fmt.Errorf("plan for %s: %w", service.Ref(), err)
		}
		out = append(out, plans...)
	}
	slices.SortStableFunc(out, func(a, b Plan) int { return a.Service.Compare(b.Service) })
	return out, nil
}

// groupUsers counts the services that have each security group.
func groupUsers(s *model.Snapshot) map[string]int {
	users := map[string]int{}
	for i := range s.Services {
		if p := s.Services[i].Primary(); p != nil && p.Network != nil {
			for _, id := range p.Network.SecurityGroups {
				users[id]++
			}
		}
	}
	return users
}

// planners make the plans for a finding, by its code; the better one first.
var planners = map[string]func(*context, *rule.Finding) ([]*Plan, error){
	"HOP101": (*context).planHop,
	"HOP104": (*context).planHop,
	"HOP105": (*context).planUnused,
}

func (c *context) plans() ([]Plan, error) {
	var out []Plan
	for _, f := range c.findings {
		planner, known := planners[f.Code]
		if !known {
			continue
		}
		plans, err := planner(c, f)
		if err != nil {
			return nil, err
		}
		for _, p := range plans {
			out = c.addPlan(out, p, f)
		}
	}
	return out, nil
}

// addPlan adds a plan for a finding, or adds the finding to the same plan for
// another one.
func (c *context) addPlan(all []Plan, p *Plan, f *rule.Finding) []Plan {
	if p == nil {
		return all
	}
	at := slices.IndexFunc(all, func(o Plan) bool { return o.ID == p.ID })
	if at < 0 {
		if p.Refusal == nil {
			p.Refusal = c.refusal(p)
		}
		at, all = len(all), append(all, *p)
	}
	o := &all[at]
	if !slices.Contains(o.Codes, f.Code) {
		o.Codes = append(o.Codes, f.Code)
		slices.Sort(o.Codes)
	}
	for _, path := range c.pathsOf(f) {
		if !slices.Contains(o.Paths, path.ID) {
			o.Paths = append(o.Paths, path.ID)
		}
	}
	return all
}

// planHop repairs HOP101 and HOP104: where nobody can call the endpoint it is
// removed, else the agent moves.
func (c *context) planHop(f *rule.Finding) ([]*Plan, error) {
	paths := c.pathsOf(f)
	if len(paths) == 0 {
		return nil, nil
	}
	clientOnly, err := c.makeClientOnly(paths[0].Target.ContainerPort)
	if err != nil {
		return nil, err
	}
	override, err := c.setOverride(paths)
	if err != nil {
		return nil, err
	}
	return compact(clientOnly, override), nil
}

// planUnused repairs HOP105.
func (c *context) planUnused(f *rule.Finding) ([]*Plan, error) {
	var out []*Plan
	for _, p := range c.pathsOf(f) {
		plan, err := c.makeClientOnly(p.Target.ContainerPort)
		if err != nil {
			return nil, err
		}
		out = append(out, compact(plan)...)
	}
	return out, nil
}

func compact(plans ...*Plan) []*Plan {
	return slices.DeleteFunc(plans, func(p *Plan) bool { return p == nil })
}

// refusal says why hopscope does not carry a plan out (design.md §8, api.md §1.4).
func (c *context) refusal(p *Plan) *Refusal {
	s := c.service
	changesService := slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Kind == UpdateService })
	switch {
	case changesService && cmp.Or(s.DeploymentController, "ECS") != "ECS":
		return &Refusal{
			Reason:  fmt.Sprintf("deployments of %s are made by %s, and UpdateService cannot change its configuration", s.Name, s.DeploymentController),
			Instead: "change it where its deployments are made; Service Connect needs the ECS controller (rolling, or ECS's own blue/green)",
		}
	case changesService && s.ResourceManagementType == "ECS":
		return &Refusal{
			Reason:  s.Name + " is an Express service, whose load balancer and groups ECS manages",
			Instead: "use aws ecs update-express-gateway-service",
		}
	case changesService && len(s.Deployments) > 1:
		return &Refusal{
			Reason:  "a deployment of " + s.Name + " is in progress",
			Instead: "wait until it has finished, refresh, and plan again",
		}
	}
	for i := range p.Steps {
		if r := c.refuseGroup(&p.Steps[i]); r != nil {
			return r
		}
	}
	return nil
}

// refuseGroup refuses to change a group that belongs to another account.
func (c *context) refuseGroup(s *Step) *Refusal {
	if s.Group == "" {
		return nil
	}
	g, missing := c.ix.SecurityGroup(s.Group)
	switch {
	case missing != nil:
		return &Refusal{Reason: missing.String(), Instead: "allow the action and refresh"}
	case g.Owner != "" && c.snapshot.Scope.Account != "" && g.Owner != c.snapshot.Scope.Account:
		return &Refusal{
			Reason:  fmt.Sprintf("security group %s belongs to account %s", s.Group, g.Owner),
			Instead: "ask its owner for the rule: " + s.Title,
		}
	}
	return nil
}
