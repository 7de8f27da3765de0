package simulator

import "time"

// resources is what a world has become: one part for each family, which alone
// knows its lists and look-ups. The simulator's lock guards all of them.
type resources struct {
	account
	clock       *clock
	network     *network
	groups      *ruleBook
	balancing   *loadBalancing
	cloudMap    *cloudMap
	definitions *taskDefinitions
	clusters    *clusters
	rollouts    *rollouts
	gateways    *gateways
	traffic     *trafficFlow
	health      *targetHealth
	alarms      []Alarm
}

// clock tells when the call that holds the lock arrived, and how many calls that
// change the resources came before.
type clock struct {
	now    time.Time
	writes int
}

// newResources makes the resources of a world. References that lead nowhere
// (World.Check refuses them) behave as in AWS after the resource was deleted.
func newResources(world *World, faults *faultState, rolloutTime time.Duration) *resources {
	w := world.withDefaults()
	r := &resources{account: account{id: w.Account, region: w.Region}, clock: &clock{}}
	r.network = newNetwork(r.account, w)
	r.groups = newRuleBook(r.account, r.network, w)
	r.balancing = newLoadBalancing(r.account, r.network, r.groups, w)
	r.cloudMap = newCloudMap(r.account, w)
	r.clusters = newClusters(r.account, r.network, r.groups, w)
	r.definitions = newTaskDefinitions(r.account, w)
	r.rollouts = newRollouts(r, faults, rolloutTime)
	addServices(r, w)
	addStandaloneTasks(r, w)
	r.gateways = newGateways(r, w)
	r.traffic = &trafficFlow{
		streams: w.Traffic, clusters: r.clusters, cloudMap: r.cloudMap, groups: r.groups, balancing: r.balancing,
	}
	r.alarms = w.Alarms
	r.health = &targetHealth{clock: r.clock, groups: r.groups, balancing: r.balancing, clusters: r.clusters}
	return r
}
