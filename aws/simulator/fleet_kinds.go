package simulator

import "encoding/json"

// fleetKinds are the kinds of services, fifty in all. The first fifty services come
// in this order.
var fleetKinds = []fleetKind{
	// Something to find, and what it takes to see it.
	{(*fleet).unnecessaryHop, 1, servers},
	{(*fleet).clientOnly, 1, clients},
	{(*fleet).closedOverride, 1, servers},
	{(*fleet).lostGroups, 1, servers},
	{(*fleet).healthCheckPort, 1, servers},
	{(*fleet).tls, 1, servers},
	{(*fleet).severalBalancers, 2, servers},
	{(*fleet).sharedGroup, 2, servers},
	{(*fleet).bridge, 2, clients},
	{(*fleet).rollingOut, 1, servers},
	{(*fleet).fewCallers, 1, servers},
	// Healthy.
	{(*fleet).meshed, 11, servers},
	{(*fleet).direct, 9, servers},
	{(*fleet).clientOnly, 5, clients},
	{(*fleet).balancedOnly, 6, servers},
	{(*fleet).grpc, 2, servers},
	{(*fleet).discovered, 1, servers},
	// Again what there is to find.
	{(*fleet).unnecessaryHop, 2, servers},
}

var (
	servers = []string{"api", "gateway", "query", "bff", "cache", "index", "rules", "proxy", "admin", "stream"}
	clients = []string{"worker", "cron", "batch", "export", "import", "sync"}
)

// The ports of a fleet: every application listens on 8080, and an agent that was
// moved away from it on 18080.
const (
	fleetPort     = 8080
	fleetOverride = 18080
	fleetGRPC     = 9090
	fleetHealth   = 8081
)

// fleetGroup is what the target groups of a fleet have in common.
var fleetGroup = TargetGroup{Port: fleetPort, HealthCheck: HealthCheck{Path: "/health"}}

// fleetBlock is serviceConnectConfiguration as a fleet needs it.
type fleetBlock struct {
	Enabled   bool            `json:"enabled"`
	Namespace string          `json:"namespace"`
	Services  []fleetEndpoint `json:"services,omitempty"`
}

type fleetEndpoint struct {
	PortName            string          `json:"portName"`
	DiscoveryName       string          `json:"discoveryName"`
	ClientAliases       []fleetAlias    `json:"clientAliases"`
	IngressPortOverride int             `json:"ingressPortOverride,omitempty"`
	TLS                 json.RawMessage `json:"tls,omitempty"`
}

type fleetAlias struct {
	Port    int    `json:"port"`
	DNSName string `json:"dnsName"`
}

// connect gives the service a Service Connect block: a server's with an endpoint, or
// a client's without.
func (f *fleet) connect(s *fleetService, endpoints ...fleetEndpoint) {
	for i := range endpoints {
		endpoints[i].DiscoveryName = s.short
		endpoints[i].ClientAliases = []fleetAlias{{Port: 80, DNSName: s.short}}
		f.offers[s.namespace] = append(f.offers[s.namespace], s.short)
	}
	s.ServiceConnect = raw(fleetBlock{Enabled: true, Namespace: s.namespace, Services: endpoints})
}

// serve makes the service an HTTP server behind a load balancer of the area, with its
// agent on the port of the override if that is not 0.
func (f *fleet) serve(s *fleetService, override int) {
	s.listen("http", fleetPort, "http")
	s.admit(fleetPort, f.balance(s, false, fleetGroup))
	f.connect(s, fleetEndpoint{PortName: "http", IngressPortOverride: override})
}

// unnecessaryHop is behind a load balancer whose requests cross the agent.
func (f *fleet) unnecessaryHop(s *fleetService) {
	f.serve(s, 0)
	s.admit(fleetPort, s.mesh)
}

// direct has its agent on another port, which is open to the callers.
func (f *fleet) direct(s *fleetService) {
	f.serve(s, fleetOverride)
	s.admit(fleetOverride, s.mesh)
}

// closedOverride forgot to open the port of the override.
func (f *fleet) closedOverride(s *fleetService) {
	f.serve(s, fleetOverride)
	s.admit(fleetPort, s.mesh)
}

// lostGroups was updated with a network configuration that names no groups: the
// tasks have the default group of the VPC.
func (f *fleet) lostGroups(s *fleetService) {
	s.listen("http", fleetPort, "http")
	f.balance(s, false, fleetGroup)
	s.SecurityGroups, s.group = nil, ""
}

// healthCheckPort is checked on a port that its group does not admit.
func (f *fleet) healthCheckPort(s *fleetService) {
	s.listen("http", fleetPort, "http")
	s.listen("health", fleetHealth, "")
	group := fleetGroup
	group.HealthCheck.Port = "8081"
	s.admit(fleetPort, f.balance(s, false, group))
	s.admit(fleetOverride, s.mesh)
	f.connect(s, fleetEndpoint{PortName: "http", IngressPortOverride: fleetOverride})
}

// tls encrypts Service Connect, on the port that a load balancer speaks HTTP to.
func (f *fleet) tls(s *fleetService) {
	s.listen("http", fleetPort, "http")
	s.admit(fleetPort, f.balance(s, false, fleetGroup))
	s.admit(fleetPort, s.mesh)
	f.connect(s, fleetEndpoint{PortName: "http", TLS: json.RawMessage(
		`{"issuerCertificateAuthority": {"awsPcaAuthorityArn": ` +
			`"arn:aws:acm-pca:ap-northeast-1:123456789012:certificate-authority/5f0c2d7e-0000-4000-8000-000000000001"}}`)})
}

// severalBalancers is behind an internal load balancer and one that faces the
// internet; half of them with an unnecessary hop in both ways.
func (f *fleet) severalBalancers(s *fleetService) {
	override, wire := 0, fleetPort
	if f.rng.IntN(2) == 0 {
		override, wire = fleetOverride, fleetOverride
	}
	f.serve(s, override)
	s.admit(fleetPort, f.balance(s, true, fleetGroup))
	s.admit(wire, s.mesh)
}

// sharedGroup has an unnecessary hop, and a group that others of its area have too.
func (f *fleet) sharedGroup(s *fleetService) {
	f.serve(s, 0)
	if s.area.shared == "" {
		s.area.shared = shortRegion + s.area.name + "-shared"
		f.group(
			s.area.shared, "applications that share a group", SecurityGroupRule{Ports: Port(fleetPort), CIDR: "10.0.0.0/16"},
		)
	}
	s.group, s.SecurityGroups = "", []string{s.area.shared, s.mesh}
}

// bridge runs on EC2 in bridge mode, behind a load balancer that sends to the host's
// port, and calls others by Service Connect.
func (f *fleet) bridge(s *fleetService) {
	const firstHostPort, instances = 20000, 2
	a := s.area
	if a.instances == "" {
		a.instances = shortRegion + a.name + "-ec2"
		f.group(a.instances, "container instances", SecurityGroupRule{
			Ports: PortRange{From: firstHostPort, To: maxPort}, CIDR: "10.0.0.0/16",
		})
		for _, zone := range []string{"a", "c"} {
			f.world.ContainerInstances = append(f.world.ContainerInstances, ContainerInstance{
				Name: a.instances + "-" + zone, Cluster: s.Cluster, Subnet: "app-" + zone, SecurityGroups: []string{
					a.instances, a.mesh, sharedMesh,
				},
			})
		}
	}
	s.listen("http", fleetPort, "http")
	s.definition.NetworkMode = "bridge"
	s.definition.Containers[0].PortMappings[0].HostPort = firstHostPort + a.hostPorts
	a.hostPorts++
	group := fleetGroup
	group.TargetType = "instance"
	f.balance(s, false, group)
	*s.DesiredCount = instances // a host port is taken once on each
	s.group, s.SecurityGroups, s.Subnets = "", nil, nil
	f.connect(s)
}

// rollingOut is on its way to an override: the older deployment still runs.
func (f *fleet) rollingOut(s *fleetService) {
	f.unnecessaryHop(s)
	before := s.ServiceConnect
	s.ServiceConnect = raw(fleetBlock{Enabled: true, Namespace: s.namespace, Services: []fleetEndpoint{{
		PortName: "http", DiscoveryName: s.short, ClientAliases: []fleetAlias{{Port: 80, DNSName: s.short}},
		IngressPortOverride: fleetOverride,
	}}})
	s.admit(fleetOverride, s.mesh)
	*s.DesiredCount = 2
	s.PreviousDeployments = []PreviousDeployment{{RunningCount: 1, ServiceConnect: before}}
}

// fewCallers admits three services of its area, and not the others.
func (f *fleet) fewCallers(s *fleetService) {
	s.listen("http", fleetPort, "http")
	f.connect(s, fleetEndpoint{PortName: "http"})
	const callers = 3
	known := s.area.groups
	for i := range min(callers, len(known)) {
		s.admit(fleetPort, known[len(known)-1-i])
	}
}

// meshed is a server and client of Service Connect without a load balancer. Most have
// a health check of the container.
func (f *fleet) meshed(s *fleetService) {
	s.listen("http", fleetPort, "http")
	if f.rng.IntN(6) > 0 {
		s.definition.Containers[0].HealthCheck = []string{"CMD-SHELL", "curl -f http://localhost:8080/health"}
	}
	s.admit(fleetPort, s.mesh)
	f.connect(s, fleetEndpoint{PortName: "http"})
}

func (f *fleet) grpc(s *fleetService) {
	s.listen("grpc", fleetGRPC, "grpc")
	s.definition.Containers[0].HealthCheck = []string{"CMD", "grpc_health_probe", "-addr=:9090"}
	s.admit(fleetGRPC, s.mesh)
	f.connect(s, fleetEndpoint{PortName: "grpc"})
}

func (f *fleet) clientOnly(s *fleetService) { f.connect(s) }

// balancedOnly has nothing to do with Service Connect.
func (f *fleet) balancedOnly(s *fleetService) {
	s.listen("http", fleetPort, "http")
	s.admit(fleetPort, f.balance(s, f.rng.IntN(3) == 0, fleetGroup))
}

// discovered is found by a name in DNS: callers dial the task.
func (f *fleet) discovered(s *fleetService) {
	s.listen("http", fleetPort, "http")
	s.admit(fleetPort, s.mesh)
	s.Registries = []ServiceRegistry{{Namespace: s.area.namespace, Service: s.short}}
}
