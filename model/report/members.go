package report

import (
	"iter"

	"hopscope/model"
	"hopscope/model/reach"
)

// Member is a member of the report's JSON object.
type Member struct {
	Name string
	// Value is nil where Elements are the member.
	Value any
	// Elements are those of an array that is too large to be held as JSON at once.
	Elements iter.Seq[any]
}

// Members are the members of the report's JSON object, in order. None is null.
func (r *Report) Members() []Member {
	groups := reach.GroupCallers(r.Paths)
	members := []Member{{Name: "schema", Value: r.Schema}, {Name: "scope", Value: r.scope()}}
	if r.Origin != "" {
		members = append(members, Member{Name: "origin", Value: r.Origin})
	}
	if r.Part != "" {
		members = append(members, Member{Name: "part", Value: r.Part})
	}
	if !r.CollectedAt.IsZero() {
		members = append(members, Member{Name: "collectedAt", Value: r.CollectedAt})
	}
	members = append(members,
		Member{Name: "complete", Value: r.Complete},
		Member{Name: "counts", Value: r.Counts},
		Member{Name: "gaps", Value: notNil(r.Gaps)},
		Member{Name: "callerGroups", Elements: callerGroups(groups)},
		Member{Name: "paths", Elements: r.paths(groups)},
		Member{Name: "taskPorts", Elements: r.taskPorts},
		Member{Name: "findings", Elements: r.findings},
		Member{Name: "notChecked", Value: notNil(r.NotChecked)},
	)
	if r.Assertions != nil {
		members = append(members, Member{Name: "assertions", Value: r.Assertions})
	}
	if r.Baseline != nil {
		members = append(members, Member{Name: "baseline", Value: r.Baseline.complete()})
	}
	return append(members, Member{Name: "stats", Value: r.stats()})
}

func callerGroups(groups *reach.CallerGroups) iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, g := range groups.All() {
			if !yield(CallerGroup{g.ID, g.Services}) {
				return
			}
		}
	}
}

func (r *Report) paths(groups *reach.CallerGroups) iter.Seq[any] {
	return func(yield func(any) bool) {
		told := r.toldBy()
		for _, p := range r.Paths {
			out := newPath(p, groups, told[p.ID])
			if seen, known := r.Seen[p.ID]; known && out.Source.Callers != nil {
				out.Source.Callers.Seen = &seen
			}
			if proof, ok := r.Proofs[p.ID]; ok {
				out.Proof = &proof
			}
			if !yield(out) {
				return
			}
		}
	}
}

func (r *Report) taskPorts(yield func(any) bool) {
	for i := range r.TaskPorts {
		if !yield(r.TaskPorts[i]) {
			return
		}
	}
}

func (r *Report) findings(yield func(any) bool) {
	byKey := make(map[string]*Finding, len(r.Findings))
	for i := range r.Findings {
		byKey[r.Findings[i].Key] = &r.Findings[i]
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		var cause *Finding
		if f.CausedBy != nil {
			cause = byKey[f.CausedBy.Key]
		}
		if !yield(onItsOwn(f, cause)) {
			return
		}
	}
}

// onItsOwn is a finding whose arrays are there, less the evidence of its cause.
func onItsOwn(f, cause *Finding) Finding {
	out := *f
	if cause != nil && cause != f {
		out.Evidence = without(f.Evidence, cause.Evidence)
	}
	out.Evidence, out.Fixes = notNil(out.Evidence), make([]Fix, len(f.Fixes))
	for i, fix := range f.Fixes {
		fix.Steps = notNil(fix.Steps)
		out.Fixes[i] = fix
	}
	return out
}

func (r *Report) scope() model.Scope {
	scope := r.Scope
	scope.Clusters = notNil(scope.Clusters)
	return scope
}

func (r *Report) stats() Stats {
	stats := r.Stats
	if stats.Calls == nil {
		stats.Calls = map[model.Action]int{}
	}
	return stats
}
