package reach

import (
	"slices"

	"hopscope/model"
)

// Paths derives every request path of a snapshot, sorted by target, kind of
// source and ID.
func Paths(ix *model.Index) []Path {
	d := newDeriver(ix)
	var paths []Path
	for i := range ix.Snapshot.Services {
		s := &ix.Snapshot.Services[i]
		if !s.Loaded {
			continue
		}
		for _, v := range d.versions(s) {
			paths = d.loadBalancerPaths(paths, v)
			paths = d.serviceConnectPaths(paths, v)
		}
	}
	paths = mergeVersions(paths)
	slices.SortFunc(paths, func(a, b Path) int { return compare(&a, &b) })
	return paths
}

// deriver holds what the derivation of one snapshot's paths shares.
type deriver struct {
	ix         *model.Index
	interfaces map[string]*netInterface
	aclAnswers map[aclKey]*aclAnswer
	crossings  map[crossKey]crossing
	forwards   forwards
	callers    map[string]*namespaceCallers
}

func newDeriver(ix *model.Index) *deriver {
	d := &deriver{
		ix:         ix,
		interfaces: map[string]*netInterface{},
		aclAnswers: map[aclKey]*aclAnswer{},
		crossings:  map[crossKey]crossing{},
		callers:    map[string]*namespaceCallers{},
	}
	d.forwards = d.indexForwards()
	d.indexCallers()
	return d
}

// mergeVersions drops the path of a deployment that is being replaced where it
// equals the primary's, so that only real differences show during a rollout.
func mergeVersions(paths []Path) []Path {
	primaries := map[string]*Path{}
	for i := range paths {
		if p := &paths[i]; p.Target.Deployment == primary {
			primaries[p.ID] = p
		}
	}
	if len(primaries) == 0 {
		return paths
	}
	differs := map[string]bool{}
	kept := make([]Path, 0, len(paths))
	for i := range paths {
		p := paths[i]
		if p.Target.Deployment != "" && p.Target.Deployment != primary {
			if twin := primaries[p.ID]; twin != nil && twin.sameWay(&p) {
				continue
			}
			differs[p.ID] = true
			p.ID += "@" + p.Target.Deployment
		}
		kept = append(kept, p)
	}
	for i := range kept {
		if p := &kept[i]; p.Target.Deployment == primary && !differs[p.ID] {
			p.Target.Deployment = ""
		}
	}
	return kept
}

// sameWay tells whether two paths of one ID lead the same way to the same
// outcome.
func (p *Path) sameWay(o *Path) bool {
	return p.Via == o.Via && p.Access == o.Access && p.Verdict == o.Verdict &&
		p.Target.WirePort == o.Target.WirePort && p.Source.Services.Len() == o.Source.Services.Len()
}
