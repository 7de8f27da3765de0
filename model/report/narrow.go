package report

import (
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Part is what a report is narrowed to.
type Part struct {
	// Name says what it is, for readers: "service orders".
	Name string
	// Has tells whether a service is in it.
	Has func(model.Ref) bool
	// Paths are the IDs of its paths; none means all paths of its services.
	Paths []string
}

func (p *Part) hasPath(path *reach.Path) bool {
	return p.Has(path.Target.Ref()) && (len(p.Paths) == 0 || slices.Contains(p.Paths, path.ID))
}

// Narrowed is the report of a part: its paths, what was found on them, and where services
// are asked for, what was found of these. What could not be read stays whole.
func (r *Report) Narrowed(part Part) *Report {
	out := *r
	out.Part = part.Name
	out.Paths, out.Findings, out.TaskPorts, out.NotChecked = nil, nil, nil, nil
	kept := map[string]bool{}
	for _, p := range r.Paths {
		if part.hasPath(p) {
			kept[p.ID] = true
			out.Paths = append(out.Paths, p)
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		on := kept[f.Path] || slices.ContainsFunc(f.Paths, func(id string) bool { return kept[id] })
		if on || len(part.Paths) == 0 && part.Has(f.Ref()) {
			out.Findings = append(out.Findings, *f)
		}
	}
	if len(part.Paths) > 0 {
		return &out
	}
	for i := range r.TaskPorts {
		if part.Has(r.TaskPorts[i].Ref()) {
			out.TaskPorts = append(out.TaskPorts, r.TaskPorts[i])
		}
	}
	out.NotChecked = slices.DeleteFunc(slices.Clone(r.NotChecked), func(n rule.NotChecked) bool {
		ref := model.Ref{Cluster: n.Cluster, Service: n.Service}
		return ref != model.Ref{} && !part.Has(ref)
	})
	return &out
}
