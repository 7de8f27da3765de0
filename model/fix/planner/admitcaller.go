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

// manyCandidates is how many possible callers get a plan each.
const manyCandidates = 10

// candidate are refused callers that may be those which an endpoint is for: services
// that no packet can tell apart, so that admitting one admits all.
type candidate struct{ refs []model.Ref }

func (o candidate) name() string { return words.Services(o.refs) }

// candidatesOf are the refused callers of a finding: those that signs name, where there
// are signs, and otherwise all.
func candidatesOf(c *situation, f *rule.Finding, refused []*reach.Path) []candidate {
	var out []candidate
	at := map[string]int{}
	add := func(ref model.Ref) {
		kind := c.likeness(ref)
		i, known := at[kind]
		if !known {
			i, at[kind] = len(out), len(out)
			out = append(out, candidate{})
		}
		if !slices.Contains(out[i].refs, ref) {
			out[i].refs = append(out[i].refs, ref)
		}
	}
	for i := range f.Expected {
		add(f.Expected[i].Caller)
	}
	for _, p := range refused {
		if len(f.Expected) > 0 {
			break
		}
		for ref := range p.Source.Services.All() {
			if add(ref); len(out) > manyCandidates {
				return out
			}
		}
	}
	for i := range out {
		slices.SortFunc(out[i].refs, model.Ref.Compare)
	}
	return out
}

// pathsFrom are refused paths with no callers but a candidate's.
func (o candidate) pathsFrom(refused []*reach.Path) []*reach.Path {
	var out []*reach.Path
	for _, p := range refused {
		refs := slices.DeleteFunc(slices.Clone(o.refs), func(ref model.Ref) bool { return !p.Source.Services.Contains(ref) })
		if len(refs) > 0 {
			only := *p
			only.Source.Services = reach.NewCallers(refs)
			out = append(out, &only)
		}
	}
	return out
}

// admitCaller are the plans for an endpoint whose callers are refused: the caller is
// admitted where there is one that it can be for. Of several, none is chosen.
func admitCaller(c *situation, f *rule.Finding, refused []*reach.Path) ([]*fix.Plan, error) {
	all := candidatesOf(c, f, refused)
	switch {
	case len(f.Expected) > 0:
		var paths []*reach.Path
		for _, o := range all {
			paths = append(paths, o.pathsFrom(refused)...)
		}
		return onePlan(openPort(c, f, paths))
	case len(all) == 1 && all[0].clientOnly(c):
		plan, err := openPort(c, f, all[0].pathsFrom(refused))
		if err == nil && plan != nil {
			plan.Why = fmt.Sprintf("No other service can call %s: %s. %s", refused[0].Source.Endpoint, onlyCaller(all[0]),
				plan.Why)
		}
		return onePlan(plan, err)
	case len(all) > manyCandidates:
		return onlyPlan(adviseOpen(c, f, refused, fmt.Sprintf("Admit the caller that %s of %s is for",
			portsOf(refused[0]).named(), c.service.Name),
			fmt.Sprintf("Which of the services of the namespace is to call it, nothing in AWS says: choose its group. They are "+
				"more than %d, among them %s.", manyCandidates, namesOf(all[:manyCandidates])))), nil
	}
	var out []*fix.Plan
	for i, o := range all {
		plan, err := openPort(c, f, o.pathsFrom(refused))
		if err != nil {
			return nil, err
		}
		if plan == nil {
			continue
		}
		if plan.Kind == fix.OpenPort {
			plan.ID = strings.TrimSuffix(plan.ID, string(reach.SourceServiceConnect)) + o.refs[0].Service
			plan.Among = "the caller of " + refused[0].Source.Endpoint
		}
		may := "no other service of the namespace can call it, but this one publishes endpoints of its own"
		if others := slices.Delete(slices.Clone(all), i, i+1); len(others) > 0 {
			may = "so may " + namesOf(others)
		}
		plan.Why = fmt.Sprintf("%s may be the caller that %s is for; %s. Nothing in AWS says so: choose. %s",
			o.name(), refused[0].Source.Endpoint, may, plan.Why)
		out = append(out, plan)
	}
	return out, nil
}

// onlyCaller says why an endpoint has no other candidate.
func onlyCaller(o candidate) string {
	if len(o.refs) > 1 {
		return o.name() + " are the others of its namespace, clients only with one set of groups"
	}
	return o.name() + " is the only other one of its namespace, and a client only"
}

// clientOnly tells whether a candidate publishes nothing: it is in the namespace to call.
func (o candidate) clientOnly(c *situation) bool {
	return !slices.ContainsFunc(o.refs, func(ref model.Ref) bool {
		p := c.ix.Service(ref).Primary()
		return p == nil || !p.ServiceConnect.Active() || len(p.ServiceConnect.Services) > 0
	})
}

func namesOf(all []candidate) string {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].name()
	}
	return strings.Join(names, ", ")
}
