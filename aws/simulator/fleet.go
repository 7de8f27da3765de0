package simulator

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// MaxFleet is the largest fleet: the quota of services in a cluster, and more
// than most regions hold.
const MaxFleet = 5000

// fleetPrefix begins the name of a fleet, as Load takes it.
const fleetPrefix = "fleet:"

// FleetName is the name by which Load knows the fleet of n services.
func FleetName(n int) string { return fleetPrefix + strconv.Itoa(n) }

// IsFleet tells whether a name is that of a fleet, of any size.
func IsFleet(name string) bool { return strings.HasPrefix(name, fleetPrefix) }

// loadFleet makes the fleet of a name such as "fleet:300".
func loadFleet(name string) (*World, error) {
	const seed = 1
	n, err := strconv.Atoi(strings.TrimPrefix(name, fleetPrefix))
	if err != nil || n < 1 || n > MaxFleet {
		return nil, fmt.Errorf("there is no world %q: a fleet has 1 to %d services, as in %s", name, MaxFleet, FleetName(300))
	}
	return Fleet(n, seed), nil
}

// Fleet is a generated world of n services, in clusters and namespaces by area of
// business. Most are healthy; of every fifty, about one in three has something to
// find, and each kind of finding is there. Equal arguments give equal worlds.
//
// modeltest.Fleet is another thing: a snapshot of one namespace for tests of the
// model, which must not import the simulator.
func Fleet(n int, seed uint64) *World {
	f := newFleet(n, seed)
	for i := range n {
		k := fleetKinds[f.order(i)]
		area := &f.areas[i%len(f.areas)]
		s := f.newService(area, k)
		k.make(f, s)
		f.add(s)
	}
	return f.world
}

// fleetKind is a kind of service, and how many of every fifty are of it.
type fleetKind struct {
	make  func(*fleet, *fleetService)
	count int
	roles []string // the last word of the name
}

// fleet is a world that grows service by service.
type fleet struct {
	world  *World
	rng    *rand.Rand
	areas  []fleetArea
	kinds  []int               // what the next services are
	named  map[string]int      // names given out
	offers map[string][]string // namespace to the names of its endpoints
}

// fleetArea is an area of business: a cluster with a namespace of its own.
type fleetArea struct {
	name      string
	domains   []string
	namespace string
	mesh      string         // the group that tasks in the namespace have besides their own
	private   *fleetBalancer // the load balancer inside the VPC that has room
	public    *fleetBalancer // the one that faces the internet
	groups    []string       // those of single services
	shared    string         // the group that some services share, once it is there
	instances string         // the group of the EC2 instances, once they are there
	hostPorts int            // given out on the instances
}

// fleetBalancer is a load balancer whose listener has room for more rules.
type fleetBalancer struct {
	index int // among those of the world
	rules int
}

func newFleet(n int, seed uint64) *fleet {
	const perCluster, most = 25, 8 // of a small fleet; larger ones have larger clusters
	f := &fleet{
		rng:   rand.New(rand.NewPCG(seed, uint64(n))),
		named: map[string]int{}, offers: map[string][]string{},
		world: &World{
			Name: FleetName(n),
			Note: "generated: docs/worlds.md, Fleets, says how",
			VPCs: []VPC{{Name: "acme-prod", CIDRs: []string{"10.0.0.0/16"}}},
			Subnets: []Subnet{
				{Name: "app-a", CIDR: "10.0.0.0/18", Zone: "a"},
				{Name: "app-c", CIDR: "10.0.64.0/18", Zone: "c"},
				{Name: "app-d", CIDR: "10.0.128.0/18", Zone: "d"},
				{Name: "lb-a", CIDR: "10.0.192.0/20", Zone: "a"},
				{Name: "lb-c", CIDR: "10.0.208.0/20", Zone: "c"},
				{Name: "lb-d", CIDR: "10.0.224.0/20", Zone: "d"},
			},
			Namespaces: []Namespace{{Name: sharedNamespace}},
		},
	}
	f.group(sharedMesh, "tasks in the namespace that all areas share")
	for _, a := range fleetAreas()[:min(1+n/perCluster, most)] {
		a.namespace, a.mesh = a.name+".acme.internal", shortRegion+a.name+"-mesh"
		f.areas = append(f.areas, a)
		f.world.Namespaces = append(f.world.Namespaces, Namespace{Name: a.namespace, Type: "DNS_PRIVATE"})
		f.world.Clusters = append(f.world.Clusters, Cluster{Name: fleetRegion + a.name, DefaultNamespace: a.namespace})
		f.group(a.mesh, "tasks in the namespace of the area")
	}
	return f
}

// The names of a fleet: services and clusters begin with one prefix, as those of a
// company do that names things by environment and region.
const (
	fleetRegion     = "acme-prod-apne1-"
	shortRegion     = "apne1-" // target groups and load balancers have 32 characters
	sharedNamespace = "shared.acme.internal"
	sharedMesh      = shortRegion + "shared-mesh"
)

func fleetAreas() []fleetArea {
	area := func(name, domains string) fleetArea { return fleetArea{name: name, domains: strings.Fields(domains)} }
	return []fleetArea{
		area("storefront", "web catalog search cart checkout wishlist reviews promo"),
		area("payments", "billing invoice ledger payout refund tax wallet fraud"),
		area("logistics", "orders inventory shipping returns courier warehouse routing customs"),
		area("identity", "login profile session consent token audit tenant access"),
		area("content", "media image video article page banner feed comment"),
		area("insight", "metrics events report forecast segment cohort funnel score"),
		area("partner", "vendor merchant affiliate supplier contract onboarding quote rebate"),
		area("platform", "notify email sms push config flag schedule job"),
	}
}

// order is the kind of the i-th service: the first fifty in the order of the table,
// so that small fleets have what there is to see, the others shuffled.
func (f *fleet) order(i int) int {
	if len(f.kinds) == 0 {
		for k, kind := range fleetKinds {
			for range kind.count {
				f.kinds = append(f.kinds, k)
			}
		}
		if i > 0 {
			f.rng.Shuffle(len(f.kinds), func(x, y int) { f.kinds[x], f.kinds[y] = f.kinds[y], f.kinds[x] })
		}
	}
	k := f.kinds[0]
	f.kinds = f.kinds[1:]
	return k
}

// fleetService is a service on its way into the world.
type fleetService struct {
	Service
	area       *fleetArea
	short      string // without the prefix: "orders-api"
	definition TaskDefinition
	group      string              // its own; "" for none
	namespace  string              // of Service Connect
	mesh       string              // the group that the tasks of the namespace have besides their own
	ingress    []SecurityGroupRule // of the group
}

func (f *fleet) newService(area *fleetArea, k fleetKind) *fleetService {
	short := area.domains[f.rng.IntN(len(area.domains))] + "-" + k.roles[f.rng.IntN(len(k.roles))]
	f.named[short]++
	if n := f.named[short]; n > 1 {
		short += "-" + strconv.Itoa(n)
	}
	desired := 1 + f.rng.IntN(3)
	s := &fleetService{area: area, short: short, group: shortRegion + short, namespace: area.namespace, mesh: area.mesh}
	if f.rng.IntN(10) == 0 {
		s.namespace, s.mesh = sharedNamespace, sharedMesh
	}
	s.Service = Service{
		Name: fleetRegion + short + "-service", Cluster: fleetRegion + area.name, DesiredCount: &desired,
		Subnets: []string{"app-a", "app-c", "app-d"}, SecurityGroups: []string{s.group, s.mesh},
		Tags: map[string]string{"team": area.name, "env": "prod"},
	}
	s.definition = TaskDefinition{Family: s.Name, Revision: 1 + f.rng.IntN(60), Containers: []Container{{Name: "app"}}}
	return s
}

// add puts the service into the world, with its task definition and group.
func (f *fleet) add(s *fleetService) {
	w := f.world
	w.TaskDefinitions = append(w.TaskDefinitions, s.definition)
	w.Services = append(w.Services, s.Service)
	if s.group != "" {
		f.group(s.group, "tasks of "+s.short, s.ingress...)
		s.area.groups = append(s.area.groups, s.group)
	}
	if all := f.offers[s.namespace]; len(s.ServiceConnect) > 0 && len(all) > 0 && f.rng.IntN(2) == 0 {
		f.world.Traffic = append(f.world.Traffic, Traffic{
			From: s.Cluster + "/" + s.Name, To: all[f.rng.IntN(len(all))],
			RequestsPerSecond: float64(1 + f.rng.IntN(20)), Millis: float64(3 + f.rng.IntN(30)),
		})
	}
}

func (f *fleet) group(name, note string, ingress ...SecurityGroupRule) {
	f.world.SecurityGroups = append(f.world.SecurityGroups, SecurityGroup{Name: name, Note: note, Ingress: ingress})
}

// admit adds a rule of the service's group.
func (s *fleetService) admit(port int, group string) {
	s.ingress = append(s.ingress, SecurityGroupRule{Ports: Port(port), Group: group})
}

// listen publishes a port of the container.
func (s *fleetService) listen(name string, port int, protocol string) {
	c := &s.definition.Containers[0]
	c.PortMappings = append(c.PortMappings, PortMapping{Name: name, ContainerPort: port, AppProtocol: protocol})
}

// rulesPerListener is less than the default quota of rules of a load balancer.
const rulesPerListener = 90

// balance puts a port of the service behind a load balancer of its area, by a rule of
// the listener, and returns the load balancer's name, which its security group has
// too.
func (f *fleet) balance(s *fleetService, public bool, group TargetGroup) string {
	b, suffix := f.balancer(s.area, public), ""
	l := &f.world.LoadBalancers[b.index]
	if public {
		suffix = "-pub"
	}
	group.Name = shortRegion + s.short + suffix
	b.rules++
	listener := &l.Listeners[len(l.Listeners)-1]
	listener.Rules = append(listener.Rules, ListenerRule{
		Priority: b.rules, Action: ForwardTo(group.Name),
		Conditions: []RuleCondition{{Field: "host-header", Values: []string{s.short + ".acme.example"}}},
	})
	f.world.TargetGroups = append(f.world.TargetGroups, group)
	s.LoadBalancers = append(s.LoadBalancers, ServiceLoadBalancer{
		TargetGroup: group.Name, ContainerName: "app", ContainerPort: group.Port,
	})
	f.world.Traffic = append(f.world.Traffic, Traffic{
		From: l.Name, To: group.Name, RequestsPerSecond: float64(1 + f.rng.IntN(40)), Millis: float64(3 + f.rng.IntN(30)),
	})
	return l.Name
}

// balancer is the load balancer of an area whose listener has room for a rule.
func (f *fleet) balancer(a *fleetArea, public bool) *fleetBalancer {
	b, kind, scheme, admitted := &a.private, "int", "internal", "10.0.0.0/16"
	if public {
		b, kind, scheme, admitted = &a.public, "pub", "internet-facing", "0.0.0.0/0"
	}
	if *b != nil && (*b).rules < rulesPerListener {
		return *b
	}
	*b = &fleetBalancer{index: len(f.world.LoadBalancers)}
	name := fmt.Sprintf("%s%s-%s-%02d", shortRegion, a.name, kind, 1+(*b).index)
	f.group(name, "load balancer "+name, SecurityGroupRule{Ports: Port(80), CIDR: admitted}, SecurityGroupRule{
		Ports: Port(443), CIDR: admitted,
	})
	l := LoadBalancer{
		Name: name, Scheme: scheme, Subnets: []string{"lb-a", "lb-c", "lb-d"}, SecurityGroups: []string{name},
		Listeners: []Listener{{Port: 80, Default: Action{FixedResponse: &FixedResponse{StatusCode: 404}}}},
	}
	if public {
		l.Listeners[0].Default = Action{Redirect: &Redirect{}}
		l.Listeners = append(l.Listeners, Listener{
			Port: 443, Protocol: "HTTPS", Default: Action{FixedResponse: &FixedResponse{StatusCode: 404}},
		})
	}
	f.world.LoadBalancers = append(f.world.LoadBalancers, l)
	return *b
}
