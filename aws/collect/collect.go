package collect

import (
	"context"
	"fmt"

	"hopscope/aws"
	"hopscope/model"
)

// Options say what of an account to read.
type Options struct {
	// Clusters are the clusters to read: names, ARNs, or patterns for
	// [path.Match]. None stands for every cluster of the region.
	Clusters []string
	// Everything reads also what rules alone need, however many calls that
	// takes: the targets of a thousand groups are a thousand calls out of the
	// bucket that the account's whole use of ELB shares. Without it such facts
	// are read where few calls do, and not at all elsewhere.
	Everything bool
	// TaskDefinitionCache is the directory in which task definitions are kept
	// between runs; a registered revision never changes. "" is for not at all.
	TaskDefinitionCache string
}

// Source is an account, or some clusters of it, that can be read any number of
// times.
type Source struct {
	account   *aws.Account
	options   Options
	attention *attention
}

// New makes a source. The error is a [model.CannotCheckError] for a pattern of
// clusters that cannot be read.
func New(account *aws.Account, o Options) (*Source, error) {
	if err := checkPatterns(o.Clusters); err != nil {
		return nil, err
	}
	return &Source{account: account, options: o, attention: &attention{}}, nil
}

// Account is what the source reads.
func (s *Source) Account() *aws.Account { return s.account }

// WholeRegion is a source for every cluster of the region, and for everything of them.
func (s *Source) WholeRegion() *Source {
	all := *s
	all.options.Clusters, all.options.Everything, all.attention = nil, true, &attention{}
	return &all
}

// Collect reads everything that request paths depend on, once. It calls progress,
// unless that is nil, from the calling goroutine with ever better snapshots, and
// returns the last one. There are 20 a second at first, and one in two seconds later on.
//
// What could not be read is a gap of the snapshot, and only a snapshot without
// gaps is complete. The error is a [model.CannotCheckError] if there is nothing to
// show: the endpoint cannot be reached, the credentials do not work, a cluster of
// [Options.Clusters] does not exist, or no service could be loaded. It wraps the
// context's error if that ended first.
func (s *Source) Collect(parent context.Context, progress func(*model.Snapshot)) (*model.Snapshot, error) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	r := newReaders(newRun(s.account, s.options), s.attention)
	defer s.attention.tell(func() { r.hurry(ctx) })()
	done := make(chan error, 1)
	go func() {
		err := r.clusters.read(ctx, r.readRegion)
		if err != nil {
			cancel()
		}
		r.pending.Wait()
		r.recount(ctx)
		done <- err
	}()
	err := r.publish(done, progress)
	r.definitions.save()
	switch {
	case parent.Err() != nil:
		return nil, fmt.Errorf("read %s: %w", s.account.Region(), context.Cause(parent))
	case err != nil:
		return nil, err
	}
	r.update(r.finishLocked)
	last := r.snapshot(r.countsLocked)
	r.definitions.hosts.match(last)
	if err := s.checkAnything(last); err != nil {
		return nil, err
	}
	return last, nil
}

// readers are the readers of the families of resources in one run, which start
// each other's calls.
type readers struct {
	*run

	clusters    *clusters
	services    *services
	definitions *taskDefinitions
	revisions   *revisions
	balancing   *loadBalancing
	targets     *targets
	network     *network
	prefixLists *prefixLists
	discovery   *serviceDiscovery
	instances   *containerInstances
	tasks       *tasks
	interfaces  *networkInterfaces
	traffic     *traffic
}

func newReaders(r *run, look *attention) *readers {
	all := &readers{run: r}
	all.prefixLists = &prefixLists{run: r, named: make(set), asked: make(set)}
	all.network = newNetwork(r, all.prefixLists)
	all.definitions = &taskDefinitions{run: r, named: make(set), hosts: newHostNames()}
	all.targets = newTargets(r, all.network, look)
	all.balancing = newLoadBalancing(r, all.network, all.targets)
	all.targets.balancing = all.balancing
	all.services = &services{run: r, definitions: all.definitions, balancing: all.balancing, network: all.network}
	all.clusters = &clusters{run: r, services: all.services, definitions: all.definitions}
	all.revisions = &revisions{run: r, balancing: all.balancing, asked: make(set)}
	all.discovery = &serviceDiscovery{run: r, listed: make(set)}
	all.instances = &containerInstances{run: r, network: all.network, named: make(set)}
	all.tasks = newTasks(r, look)
	all.interfaces = &networkInterfaces{run: r, network: all.network, attention: look, asked: make(set)}
	all.traffic = &traffic{run: r}
	return all
}

// set holds names, ids or ARNs.
type set map[string]bool

// readRegion starts what depends on no cluster.
func (r *readers) readRegion(ctx context.Context) {
	r.balancing.read(ctx)
	r.network.read(ctx)
	r.discovery.read(ctx)
	r.revisions.read(ctx)
	r.instances.read(ctx)
	r.traffic.read(ctx)
	r.targets.read(ctx)
	r.tasks.read(ctx)
	r.interfaces.read(ctx)
}

// countsLocked compares what the listings and the services name with what was
// loaded.
func (r *readers) countsLocked() model.Counts {
	rows := r.rows
	c := model.Counts{
		Services:        model.Count{Listed: rows.services.len()},
		TaskDefinitions: model.Count{Listed: len(r.definitions.named), Loaded: rows.taskDefinitions.len()},
		TargetGroups:    model.Count{Listed: len(r.balancing.groups.named), Loaded: rows.targetGroups.len()},
		LoadBalancers:   model.Count{Listed: len(r.balancing.balancers.named), Loaded: rows.loadBalancers.len()},
	}
	for _, s := range rows.services.order {
		if s.Loaded {
			c.Services.Loaded++
		}
	}
	if r.calls.finished { // before, the rest of the list is on its way
		for _, n := range r.missingServicesLocked() {
			c.Services.Listed += n
		}
	}
	return c
}

// finishLocked records a gap for everything that is named and that AWS did not
// give, although it answered: it was deleted meanwhile, or belongs to another
// account. A snapshot is complete if it has no gap then.
func (r *readers) finishLocked() {
	r.calls.finished = true
	r.clusters.finishLocked()
	r.services.finishLocked()
	r.definitions.finishLocked()
	r.balancing.finishLocked()
	r.network.finishLocked()
	r.prefixLists.finishLocked()
	r.instances.finishLocked()
	r.contradictLocked()
}

// addMissing records a gap for every name that has no row.
func addMissing[T any](c *calls, action model.Action, named set, rows map[string]*T) {
	for _, name := range without(named, rows) {
		c.addAbsent(action, name, "")
	}
}
