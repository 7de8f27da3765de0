package collect

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"hopscope/aws"
	"hopscope/model"
)

// gapKey identifies a gap; resource is "" for everything that an action reads.
type gapKey struct {
	action   model.Action
	resource string
}

// picture is what a collection knows so far. Its fields are guarded by mu; the
// methods whose names end in Locked expect the caller to hold it.
type picture struct {
	mu sync.Mutex

	account string
	region  string
	// allClusters is set when the listing has ended and none was left out.
	allClusters bool
	clusters    table[model.Cluster]
	services    table[model.Service]

	taskDefinitions table[model.TaskDefinition]
	gatewayRoutes   table[model.GatewayRoute]
	targetGroups    table[model.TargetGroup]
	loadBalancers   table[model.LoadBalancer]
	listeners       table[model.Listener]
	rules           table[model.ListenerRule]
	securityGroups  table[model.SecurityGroup]
	networkACLs     table[model.NetworkACL]
	prefixLists     table[model.PrefixList]
	subnets         table[model.Subnet]
	vpcs            table[model.VPC]
	namespaces      table[model.Namespace]

	revisions         table[model.ServiceRevision]
	instances         table[model.ContainerInstance]
	discoveryServices table[model.DiscoveryService]
	traffic           *model.Traffic

	wanted wanted
	// extras is what is read behind the core.
	extras extras

	gaps map[gapKey]model.Gap
	// outstanding counts the calls of an action that were started, or are sure
	// to be, and have not ended.
	outstanding map[model.Action]int
	// answered tells that a call of the action has succeeded.
	answered map[model.Action]bool
	// faults counts calls that failed in a way that may concern all of them.
	faults map[model.Action]int
	// finished is set when nothing more will be read.
	finished bool
	// dead is set when the credentials no longer work.
	dead *aws.Failure

	// later are calls that wait for something to be known.
	later []continuation
	// changed holds a value when there is something new to show.
	changed chan struct{}
}

// wanted is what the services name, so that it is known what to read and what
// is missing at the end.
type wanted struct {
	taskDefinitions map[model.ARN]bool
	targetGroups    map[model.ARN]bool
	loadBalancers   map[model.ARN]bool
	securityGroups  map[string]bool
	subnets         map[string]bool
	vpcs            map[string]bool
	prefixLists     map[string]bool
	// unread are load balancers whose listeners have not been started.
	unread []model.ARN
	// seenGroups and seenBalancers are those that a page of the whole region
	// held, whether a service names them or not.
	seenGroups    map[model.ARN]model.TargetGroup
	seenBalancers map[model.ARN]model.LoadBalancer
	// askedGroups are the VPCs and ids that security groups were asked for by,
	// askedLists the prefix lists that were.
	askedGroups, askedLists map[string]bool
	// fresh are target groups that were shown since extras were last started.
	fresh []model.ARN
}

// continuation is work that starts when its condition holds.
type continuation struct {
	ready func() bool // called with the picture locked
	run   func()
}

func newPicture(region string) *picture {
	p := &picture{
		region:      region,
		gaps:        make(map[gapKey]model.Gap),
		outstanding: make(map[model.Action]int),
		answered:    make(map[model.Action]bool),
		faults:      make(map[model.Action]int),
		changed:     make(chan struct{}, 1),
		wanted: wanted{
			taskDefinitions: make(map[model.ARN]bool),
			targetGroups:    make(map[model.ARN]bool),
			loadBalancers:   make(map[model.ARN]bool),
			securityGroups:  make(map[string]bool),
			subnets:         make(map[string]bool),
			vpcs:            make(map[string]bool),
			prefixLists:     make(map[string]bool),
			seenGroups:      make(map[model.ARN]model.TargetGroup),
			seenBalancers:   make(map[model.ARN]model.LoadBalancer),
			askedGroups:     make(map[string]bool),
			askedLists:      make(map[string]bool),
		},
		extras: extras{
			asked:   make(map[model.ARN]bool),
			targets: make(map[model.ARN]*model.TargetHealth),
			tasksOf: make(map[string]bool),
		},
	}
	p.sortTables()
	return p
}

// sortTables sets the order of every family.
func (p *picture) sortTables() {
	p.clusters.compare = func(a, b *model.Cluster) int { return cmp.Compare(a.Name, b.Name) }
	p.services.compare = func(a, b *model.Service) int { return a.Ref().Compare(b.Ref()) }
	p.taskDefinitions.compare = func(a, b *model.TaskDefinition) int { return compareTaskDefinitions(*a, *b) }
	p.gatewayRoutes.compare = func(a, b *model.GatewayRoute) int { return cmp.Compare(a.ARN, b.ARN) }
	p.targetGroups.compare = func(a, b *model.TargetGroup) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ARN, b.ARN))
	}
	p.loadBalancers.compare = func(a, b *model.LoadBalancer) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ARN, b.ARN))
	}
	p.listeners.compare = func(a, b *model.Listener) int {
		return cmp.Or(cmp.Compare(a.LoadBalancerARN, b.LoadBalancerARN), cmp.Compare(a.Port, b.Port),
			cmp.Compare(a.ARN, b.ARN))
	}
	p.rules.compare = compareRules
	p.securityGroups.compare = func(a, b *model.SecurityGroup) int { return cmp.Compare(a.ID, b.ID) }
	p.networkACLs.compare = func(a, b *model.NetworkACL) int { return cmp.Compare(a.ID, b.ID) }
	p.prefixLists.compare = func(a, b *model.PrefixList) int { return cmp.Compare(a.ID, b.ID) }
	p.subnets.compare = func(a, b *model.Subnet) int { return cmp.Compare(a.ID, b.ID) }
	p.vpcs.compare = func(a, b *model.VPC) int { return cmp.Compare(a.ID, b.ID) }
	p.revisions.compare = func(a, b *model.ServiceRevision) int { return cmp.Compare(a.ARN, b.ARN) }
	p.instances.compare = func(a, b *model.ContainerInstance) int { return cmp.Compare(a.ARN, b.ARN) }
	p.discoveryServices.compare = func(a, b *model.DiscoveryService) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ARN, b.ARN))
	}
	p.namespaces.compare = func(a, b *model.Namespace) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ARN, b.ARN))
	}
}

func compareTaskDefinitions(a, b model.TaskDefinition) int { return cmp.Compare(a.ARN, b.ARN) }

// compareRules orders rules as a listener tries them: by number, the default
// rule last.
func compareRules(a, b *model.ListenerRule) int {
	return cmp.Or(cmp.Compare(a.ListenerARN, b.ListenerARN), cmp.Compare(priority(a), priority(b)),
		cmp.Compare(a.ARN, b.ARN))
}

// priority is a rule's number; the default rule comes behind the last possible.
func priority(r *model.ListenerRule) int {
	const afterAll = 1 << 30
	if n, err := strconv.Atoi(r.Priority); err == nil && !r.Default {
		return n
	}
	return afterAll
}

// update changes the picture, starts what that makes possible, and tells the
// publisher.
func (p *picture) update(change func()) {
	p.mu.Lock()
	change()
	ready := p.readyLocked()
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
	for _, c := range ready {
		c.run()
	}
}

// readyLocked takes the continuations whose time has come.
func (p *picture) readyLocked() []continuation {
	var ready []continuation
	p.later = slices.DeleteFunc(p.later, func(c continuation) bool {
		if !c.ready() {
			return false
		}
		ready = append(ready, c)
		return true
	})
	return ready
}

// settledLocked tells whether nothing more can come of an action.
func (p *picture) settledLocked(action model.Action) bool {
	if p.outstanding[action] > 0 {
		return false
	}
	for _, before := range aws.OperationOf(action).After {
		if !p.settledLocked(before) {
			return false
		}
	}
	return true
}

// closedLocked tells whether an action is known not to work, for everything or
// for a resource.
func (p *picture) closedLocked(action model.Action, resource string) bool {
	if p.dead != nil {
		return true
	}
	if _, ok := p.gaps[gapKey{action, ""}]; ok {
		return true
	}
	_, ok := p.gaps[gapKey{action, resource}]
	return ok && resource != ""
}

// addGapLocked records a gap; the first reason stays. A gap for everything that
// an action reads takes the place of those for single failures.
func (p *picture) addGapLocked(action model.Action, resource string, f aws.Failure) {
	key := gapKey{action, resource}
	if _, ok := p.gaps[key]; ok {
		return
	}
	if resource == "" {
		maps.DeleteFunc(p.gaps, func(k gapKey, g model.Gap) bool { return k.action == action && g.State == model.Failed })
	}
	p.gaps[key] = model.Gap{
		Action: action, Resource: resource, State: f.State, Error: f.Code,
		Message: f.Sentence, Effect: aws.OperationOf(action).Effect,
	}
}

// maxFaults are the calls of an action that may fail, while none has succeeded,
// before the rest is not sent.
const maxFaults = 3

// failLocked records why a call failed. The gap is about the resources of the
// call, or about the whole action when there are none or when the reason is the
// same for all.
func (p *picture) failLocked(action model.Action, resources []string, f aws.Failure) {
	if f.Credentials && p.dead == nil {
		p.dieLocked(f)
	}
	if f.Transient {
		p.faults[action]++
	}
	hopeless := p.faults[action] >= maxFaults && !p.answered[action]
	if f.Everything || hopeless || len(resources) == 0 {
		p.addGapLocked(action, "", f)
		return
	}
	for _, r := range resources {
		p.addGapLocked(action, r, f)
	}
}

// dieLocked notes that no call can succeed any more: what is still to be read
// will not be.
func (p *picture) dieLocked(f aws.Failure) {
	p.dead = &f
	for action := range aws.Reads() {
		if !p.settledLocked(action) {
			p.addGapLocked(action, "", f)
		}
	}
}

// showable tells whether there is a name to show.
func (p *picture) showable() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.services.len() > 0
}

// snapshot is the picture as of now. It shares slices with other snapshots for
// what has not changed in between.
func (p *picture) snapshot(origin string, now time.Time, stats model.Stats) *model.Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	gaps := p.gapsLocked()
	s := &model.Snapshot{
		Origin:      origin,
		Scope:       model.Scope{Account: p.account, Region: p.region, Clusters: []string{}, AllClusters: p.allClusters},
		CollectedAt: now,
		Complete:    p.finished && len(gaps) == 0,
		Counts:      p.countsLocked(),
		Gaps:        gaps,
		Stats:       stats,

		Clusters:        p.clusters.slice(),
		Services:        p.services.slice(),
		TaskDefinitions: p.taskDefinitions.slice(),
		GatewayRoutes:   p.gatewayRoutes.slice(),
		LoadBalancers:   p.loadBalancers.slice(),
		Listeners:       p.listeners.slice(),
		ListenerRules:   p.rules.slice(),
		TargetGroups:    p.targetGroups.slice(),
		SecurityGroups:  p.securityGroups.slice(),
		NetworkACLs:     p.networkACLs.slice(),
		PrefixLists:     p.prefixLists.slice(),
		Subnets:         p.subnets.slice(),
		VPCs:            p.vpcs.slice(),
		Namespaces:      p.namespaces.slice(),

		ServiceRevisions:   p.revisions.slice(),
		ContainerInstances: p.instances.slice(),
		DiscoveryServices:  p.discoveryServices.slice(),
		Traffic:            p.traffic,
	}
	for i := range s.Clusters {
		s.Scope.Clusters = append(s.Scope.Clusters, s.Clusters[i].Name)
	}
	return s
}

// gapsLocked are the gaps for good and one for each action that is under way.
func (p *picture) gapsLocked() []model.Gap {
	gaps := make([]model.Gap, 0, len(p.gaps))
	for _, g := range p.gaps {
		gaps = append(gaps, g)
	}
	for action := range aws.Reads() {
		if _, closed := p.gaps[gapKey{action, ""}]; !closed && !p.settledLocked(action) {
			gaps = append(gaps, model.Gap{Action: action, State: model.Loading, Error: string(model.Loading)})
		}
	}
	slices.SortFunc(gaps, func(a, b model.Gap) int {
		return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource))
	})
	return gaps
}

// countsLocked compares what the listings and the services name with what was
// loaded.
func (p *picture) countsLocked() model.Counts {
	c := model.Counts{
		Services:        model.Count{Listed: p.services.len()},
		TaskDefinitions: model.Count{Listed: len(p.wanted.taskDefinitions), Loaded: p.taskDefinitions.len()},
		TargetGroups:    model.Count{Listed: len(p.wanted.targetGroups), Loaded: p.targetGroups.len()},
		LoadBalancers:   model.Count{Listed: len(p.wanted.loadBalancers), Loaded: p.loadBalancers.len()},
	}
	for _, s := range p.services.order {
		if s.Loaded {
			c.Services.Loaded++
		}
	}
	return c
}

// finishLocked records a gap for everything that is named and that AWS did not
// give, although it answered: it was deleted meanwhile, or belongs to another
// account. A picture is complete if it has no gap then.
func (p *picture) finishLocked() {
	p.finished = true
	for _, s := range p.services.order {
		if !s.Loaded {
			p.addAbsentLocked(model.DescribeServices, s.ARN, p.clusterKeyLocked(s.Cluster))
		}
	}
	for _, arn := range unseen(p.wanted.taskDefinitions, p.taskDefinitions.rows) {
		p.addAbsentLocked(model.DescribeTaskDefinition, arn, "")
	}
	for _, arn := range unseen(p.wanted.targetGroups, p.targetGroups.rows) {
		p.addAbsentLocked(model.DescribeTargetGroups, arn, "")
	}
	for _, arn := range unseen(p.wanted.loadBalancers, p.loadBalancers.rows) {
		p.addAbsentLocked(model.DescribeLoadBalancers, arn, "")
	}
	for _, id := range unseen(p.wanted.securityGroups, p.securityGroups.rows) {
		p.addAbsentLocked(model.DescribeSecurityGroups, id, "")
	}
	for _, id := range unseen(p.wanted.subnets, p.subnets.rows) {
		p.addAbsentLocked(model.DescribeSubnets, id, "")
	}
	for _, id := range unseen(p.wanted.prefixLists, p.prefixLists.rows) {
		p.addAbsentLocked(model.DescribeManagedPrefixLists, id, "")
	}
	p.finishExtrasLocked()
}

// clusterKeyLocked is what a cluster's gaps are about.
func (p *picture) clusterKeyLocked(name string) string {
	for key, row := range p.clusters.rows {
		if row.Name == name {
			return key
		}
	}
	return ""
}

// addAbsentLocked records that AWS answered without a resource, unless a gap
// explains already why the resource, or the scope it lies in, was not read.
func (p *picture) addAbsentLocked(action model.Action, resource, scope string) {
	if p.closedLocked(action, resource) || p.closedLocked(action, scope) {
		return
	}
	p.addGapLocked(action, resource, aws.Failure{
		State: model.Absent, Code: "MISSING",
		Sentence: fmt.Sprintf("%s answered without %s; it was deleted meanwhile or belongs to another account: "+
			"read again", action, aws.Printable(model.ARNResource(resource))),
	})
}
