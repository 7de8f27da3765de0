package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"
)

// account is what a world has become. The simulator's lock guards it; now is
// when the call that holds the lock arrived.
type account struct {
	id, region  string
	now         time.Time
	rolloutTime time.Duration
	faults      *faultState

	vpcs            []*vpc
	subnets         []*subnet
	networkACLs     []*networkACL
	prefixLists     []*prefixList
	securityGroups  []*securityGroup
	targetGroups    []*targetGroup
	loadBalancers   []*loadBalancer
	namespaces      []*namespace
	mapServices     []*mapService
	clusters        []*cluster
	instances       []*instance
	taskDefinitions []*taskDefinition
	gatewayRoutes   []gatewayRoute
	traffic         []Traffic

	// Look-ups for what there may be thousands of.
	securityGroupOf  map[string]*securityGroup // by id
	groupOfName      map[groupName]*securityGroup
	taskDefinitionOf map[string]*taskDefinition // by ARN
	newestOf         map[string]*taskDefinition // by family
	targetGroupOf    map[string]*targetGroup    // by ARN
	mapServiceOf     map[mapServiceName]*mapService
	attachments      map[string][]*service // target group ARN to the services that register in it
	ruleIDs          int                   // security group rules made by calls
}

// created is when everything was made of which a world does not say it: a fixed
// day, so that two runs answer the same.
func created() time.Time { return time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC) }

// newAccount makes the resources of a world. References that lead nowhere
// (World.Check refuses them) behave as in AWS after the resource was deleted.
func newAccount(world *World, rolloutTime time.Duration) *account {
	w := world.withDefaults()
	a := &account{
		id:          w.Account,
		region:      w.Region,
		rolloutTime: rolloutTime,
		traffic:     w.Traffic,

		securityGroupOf:  map[string]*securityGroup{},
		groupOfName:      map[groupName]*securityGroup{},
		taskDefinitionOf: map[string]*taskDefinition{},
		newestOf:         map[string]*taskDefinition{},
		targetGroupOf:    map[string]*targetGroup{},
		mapServiceOf:     map[mapServiceName]*mapService{},
		attachments:      map[string][]*service{},
	}
	a.addNetwork(w)
	a.addSecurityGroups(w)
	a.addTargetGroups(w)
	a.addLoadBalancers(w)
	a.addNamespaces(w)
	a.addClusters(w)
	a.addTaskDefinitions(w)
	a.addServices(w)
	a.addGateways(w)
	return a
}

// withDefaults fills in what every world has. It copies the World, not the
// lists it does not change.
func (w *World) withDefaults() *World {
	d := *w
	if d.Account == "" {
		d.Account = "123456789012"
	}
	if d.Region == "" {
		d.Region = "ap-northeast-1"
	}
	if len(d.VPCs) == 0 {
		d.VPCs = []VPC{{Name: "main"}}
	}
	d.VPCs = slices.Clone(d.VPCs)
	for i := range d.VPCs {
		if len(d.VPCs[i].CIDRs) == 0 {
			d.VPCs[i].CIDRs = []string{"10.0.0.0/16"}
		}
	}
	if len(d.Subnets) == 0 {
		d.Subnets = []Subnet{
			{Name: "a", CIDR: "10.0.0.0/20", Zone: "a"},
			{Name: "b", CIDR: "10.0.16.0/20", Zone: "c"},
		}
	}
	if len(d.Clusters) == 0 && len(d.Services) > 0 {
		d.Clusters = []Cluster{{Name: "default"}}
	}
	return &d
}

// arn is the ARN of a resource of the account and region.
func (a *account) arn(service, resource string) string {
	return strings.Join([]string{"arn:aws", service, a.region, a.id, resource}, ":")
}

// resourceID makes the id of a named resource: sg-0a1b…, always the same for
// the same name.
func (a *account) resourceID(prefix, given string, name ...string) string {
	if given != "" {
		return given
	}
	const digits = 17
	return prefix + "-" + hash(digits, append(name, prefix, a.id, a.region)...)
}

// hash is n (at most 64) hexadecimal digits that follow from the parts.
func hash(n int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])[:n]
}

// number is a decimal number of n (at most 60) digits that follows from the
// parts.
func number(n int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	text := "1" + new(big.Int).SetBytes(sum[:]).String()
	return text[:n]
}

// uuid is a UUID in form, not in chance: it follows from the parts.
func uuid(parts ...string) string {
	h := hash(32, parts...)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// find returns the first element that the predicate holds for, or nil.
func find[T any](all []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i]
	}
	return nil
}

// sortedKeys are the keys of a map in order: nothing that is answered depends on
// the order of a map.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
