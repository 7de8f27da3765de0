package reach

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"hopscope/model"
)

// Paths derives every request path of a snapshot, in the order of [Path.Compare].
func Paths(ix *model.Index) []*Path { return NewDeriver(ix).Paths() }

// Paths derives every request path of the snapshot, as [Paths] does.
func (d *Deriver) Paths() []*Path {
	services := d.services
	into := make([][]*Path, len(services))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(services)) {
		workers.Go(func() {
			w := d.worker()
			for i := next.Add(1) - 1; i < int64(len(services)); i = next.Add(1) - 1 {
				into[i] = w.into(services[i])
			}
		})
	}
	workers.Wait()
	// Services are sorted and their paths are: so is the whole.
	return slices.Concat(into...)
}

// into derives the paths into the versions of one service.
func (d *worker) into(versions []*version) []*Path {
	paths := d.room.paths[:0]
	for _, v := range versions {
		paths = d.loadBalancerPaths(paths, v)
		paths = d.latticePaths(paths, v)
		paths = d.serviceConnectPaths(paths, v)
		paths = d.serviceDiscoveryPaths(paths, v)
	}
	d.room.paths = paths
	all := d.room.all[:0]
	for i := range paths {
		all = append(all, &paths[i])
	}
	d.room.all = all
	all = mergeVersions(all)
	slices.SortFunc(all, (*Path).Compare)
	kept, out := make([]Path, len(all)), d.room.cut(len(all))
	for i, p := range all {
		kept[i] = *p
		out[i] = &kept[i]
	}
	markTwins(out)
	observeTasks(versions, out)
	return out
}

// markTwins marks the paths that only their target groups tell apart. Paths of one
// listener rule stand side by side.
func markTwins(paths []*Path) {
	for i, p := range paths {
		if p.Place.TargetGroup == "" {
			continue
		}
		for _, o := range paths[i+1:] {
			if p.Place.Kind != o.Place.Kind || p.Place.Front != o.Place.Front || p.Place.Rule != o.Place.Rule {
				break
			}
			if p.twinOf(o) {
				p.Twin, o.Twin = true, true
			}
		}
	}
}

// twinOf tells whether two paths differ in their target groups alone.
func (p *Path) twinOf(o *Path) bool {
	place := o.Place
	place.TargetGroup = p.Place.TargetGroup
	return p.Place == place && p.Place != o.Place && equalWeights(p.Source.Weight, o.Source.Weight)
}

func equalWeights(a, b *int) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// refOf is the service of versions; the zero Ref of a service that runs none.
func refOf(versions []*version) model.Ref {
	if len(versions) == 0 {
		return model.Ref{}
	}
	return versions[0].service.Ref()
}

// mergeVersions drops the path of a deployment that is being replaced where it
// equals the primary's, so that only real differences show during a rollout. A path
// of the primary deployment keeps its label where what is left of another
// deployment's is about one of its callers.
func mergeVersions(paths []*Path) []*Path {
	if !slices.ContainsFunc(paths, (*Path).ofPrimary) {
		return paths
	}
	primaries := map[string][]*Path{}
	for _, p := range paths {
		if p.ofPrimary() {
			primaries[p.name] = append(primaries[p.name], p)
		}
	}
	differs := map[*Path]bool{}
	kept := slices.DeleteFunc(paths, func(p *Path) bool {
		if p.ofPrimary() {
			return false
		}
		twins := primaries[p.name]
		if at := slices.IndexFunc(twins, p.sameWay); at >= 0 && p.Target.Deployment != "" {
			twins[at].AlsoIn = append(twins[at].AlsoIn, p.Place.Deployment)
			return true
		}
		for _, twin := range twins {
			differs[twin] = differs[twin] || twin.Source.Services.meets(p.Source.Services)
		}
		return false
	})
	for _, p := range kept {
		if p.ofPrimary() && !differs[p] {
			p.Target.Deployment = ""
		}
	}
	return kept
}

// ofPrimary tells whether a path is the primary deployment's while another one runs.
func (p *Path) ofPrimary() bool { return p.Target.Deployment == model.PrimaryDeployment }

// sameWay tells whether two paths of one place lead the same way to the same
// outcome, and are refused by the same places if they are: what is refused elsewhere
// is repaired elsewhere.
func (p *Path) sameWay(o *Path) bool {
	return p.Via == o.Via && p.Access == o.Access && p.SourceAccess() == o.SourceAccess() &&
		p.Verdict == o.Verdict && p.outcome == o.outcome &&
		p.Target.WirePort == o.Target.WirePort && p.Source.Services.equal(o.Source.Services) &&
		slices.Equal(p.refusedBy(), o.refusedBy())
}

// refusedBy are the kinds of the places that refuse a path.
func (p *Path) refusedBy() []CheckKind {
	var out []CheckKind
	front, into := p.way.crossings()
	for _, c := range [...]*crossing{front, into} {
		if c == nil {
			continue
		}
		decisions := c.decisions()
		for i := range decisions {
			if dec := &decisions[i]; dec.access == Blocked {
				out = append(out, dec.kind)
			}
		}
	}
	return out
}
