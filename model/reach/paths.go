package reach

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"hopscope/model"
)

// Paths derives every request path of a snapshot, in the order of [Path.Compare].
func Paths(ix *model.Index) []Path { return NewDeriver(ix).Paths() }

// Paths derives every request path of the snapshot, as [Paths] does.
func (d *Deriver) Paths() []Path {
	shared := d.common
	services := shared.services
	into := make([][]Path, len(services))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(services)) {
		workers.Go(func() {
			d := shared.worker()
			for i := next.Add(1) - 1; i < int64(len(services)); i = next.Add(1) - 1 {
				into[i] = d.into(services[i])
			}
		})
	}
	workers.Wait()
	// Services are sorted and their paths are: so is the whole.
	return slices.Concat(into...)
}

// usualPaths is how many paths into a service there usually are: a load
// balancer's, its health check's, and a few sets of callers.
const usualPaths = 5

// into derives the paths into the versions of one service.
func (d *deriver) into(versions []*version) []Path {
	paths := make([]Path, 0, usualPaths*len(versions))
	for _, v := range versions {
		paths = d.loadBalancerPaths(paths, v)
		paths = d.latticePaths(paths, v)
		paths = d.serviceConnectPaths(paths, v)
		paths = d.serviceDiscoveryPaths(paths, v)
	}
	paths = mergeVersions(paths)
	slices.SortFunc(paths, func(a, b Path) int { return a.Compare(&b) })
	return paths
}

// deriver derives paths. What all services share is computed once; each worker
// has memories of its own for what it asks repeatedly.
type deriver struct {
	*common
	aclAnswers map[aclKey]*aclAnswer
	crossings  map[crossKey]crossing
}

// common is what the derivation of one snapshot's paths shares. It does not
// change once it was made.
type common struct {
	ix *model.Index
	// services are the running versions of each service, in the order of their
	// refs.
	services   [][]*version
	interfaces map[string]*netInterface
	// nodes are the interfaces of the load balancers.
	nodes    map[*model.LoadBalancer]*netInterface
	forwards forwards
	// lattice is where VPC Lattice's packets come from.
	lattice *netInterface
	// callers are the Service Connect services of each namespace, neighbours
	// the services with a subnet in each VPC.
	callers, neighbours map[string]*namespaceCallers
	// unresolved is set when a service names its namespace in a way that could
	// not be resolved, because the namespaces were not read: any namespace may
	// then have more callers.
	unresolved *model.Missing
	// swaps are changes of security groups, in order; see [Deriver.With].
	swaps []*groupSwap
}

func newDeriver(ix *model.Index) *common {
	c := &common{
		ix:         ix,
		interfaces: map[string]*netInterface{},
		nodes:      map[*model.LoadBalancer]*netInterface{},
		callers:    map[string]*namespaceCallers{},
		neighbours: map[string]*namespaceCallers{},
	}
	for i := range ix.Snapshot.LoadBalancers {
		lb := &ix.Snapshot.LoadBalancers[i]
		c.nodes[lb] = c.loadBalancerInterface(lb)
	}
	for i := range ix.Snapshot.Services {
		if s := &ix.Snapshot.Services[i]; s.Loaded {
			c.services = append(c.services, c.versions(s))
		}
	}
	slices.SortStableFunc(c.services, func(a, b []*version) int { return refOf(a).Compare(refOf(b)) })
	c.findNarrowest()
	c.forwards = c.indexForwards()
	c.lattice = c.latticeInterface()
	c.attach()
	c.indexCallers()
	return c
}

// findNarrowest finds, for each interface, the group that the fewest services
// have.
func (c *common) findNarrowest() {
	users := map[string]int{}
	for _, versions := range c.services {
		for _, v := range versions {
			for _, id := range v.iface.groupIDs {
				users[id]++
			}
		}
	}
	for _, n := range c.interfaces {
		for i, id := range n.groupIDs {
			if users[id] < users[n.groupIDs[n.narrowest]] {
				n.narrowest = i
			}
		}
	}
}

// refOf is the service of versions; the zero Ref of a service that runs none.
func refOf(versions []*version) model.Ref {
	if len(versions) == 0 {
		return model.Ref{}
	}
	return versions[0].service.Ref()
}

func (c *common) worker() *deriver {
	return &deriver{common: c, aclAnswers: map[aclKey]*aclAnswer{}, crossings: map[crossKey]crossing{}}
}

// mergeVersions drops the path of a deployment that is being replaced where it
// equals the primary's, so that only real differences show during a rollout. A path
// of the primary deployment keeps its label where what is left of another
// deployment's is about one of its callers.
func mergeVersions(paths []Path) []Path {
	if !slices.ContainsFunc(paths, func(p Path) bool { return p.Target.Deployment == model.PrimaryDeployment }) {
		return paths
	}
	primaries := map[string][]*Path{}
	for i := range paths {
		if p := &paths[i]; p.Target.Deployment == model.PrimaryDeployment {
			primaries[p.name] = append(primaries[p.name], p)
		}
	}
	differs := map[*Path]bool{}
	replaced := paths[:0:0]
	for i := range paths {
		p := &paths[i]
		if p.Target.Deployment == model.PrimaryDeployment {
			continue
		}
		twins := primaries[p.name]
		if at := slices.IndexFunc(twins, p.sameWay); at >= 0 && p.Target.Deployment != "" {
			twins[at].AlsoIn = append(twins[at].AlsoIn, p.Place.Deployment)
			continue
		}
		for _, twin := range twins {
			differs[twin] = differs[twin] || twin.Source.Services.meets(p.Source.Services)
		}
		replaced = append(replaced, *p)
	}
	kept := make([]Path, 0, len(paths))
	for i := range paths {
		if p := &paths[i]; p.Target.Deployment == model.PrimaryDeployment {
			if !differs[p] {
				p.Target.Deployment = ""
			}
			kept = append(kept, *p)
		}
	}
	return append(kept, replaced...)
}

// sameWay tells whether two paths of one place lead the same way to the same
// outcome, and are refused by the same places if they are: what is refused elsewhere
// is repaired elsewhere.
func (p *Path) sameWay(o *Path) bool {
	return p.Via == o.Via && p.Access == o.Access && p.Verdict == o.Verdict && p.outcome == o.outcome &&
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
