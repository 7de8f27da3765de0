package simulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Check finds the first mistake in a world: a name that is used but not defined,
// or defined twice; a value that AWS would not take. The error is one sentence
// that names the place.
func (w *World) Check() error {
	c := &checker{world: w.withDefaults(), defined: map[string]map[string]bool{}}
	for _, check := range []func(*checker){
		checkNames, checkNetwork, checkSecurityGroups, checkLoadBalancers, checkClusters, checkTaskDefinitions,
		checkServices, checkStandaloneTasks, checkGateways, checkTraffic,
	} {
		if check(c); c.err != nil {
			return c.err
		}
	}
	return w.Faults.check(w)
}

// anyCluster is the kind of the services' names without their clusters.
const anyCluster = "service of any cluster"

// checker keeps the names that a world defines, and the first mistake. A
// function for each section says what the section has to hold.
type checker struct {
	world   *World
	defined map[string]map[string]bool // kind to names
	at      string
	err     error
}

// fail records a mistake at the current place.
func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%s: %s", c.at, fmt.Sprintf(format, args...))
	}
}

// define records a name of a kind.
func (c *checker) define(kind, section string, i int, name string) {
	c.at = place(section, i, name)
	if name == "" {
		c.fail("it has no name")
	}
	if c.defined[kind][name] {
		c.fail("%s %q is defined twice", kind, name)
	}
	c.name(kind, name)
}

// name makes a name of a kind known, defined or not.
func (c *checker) name(kind, name string) {
	if c.defined[kind] == nil {
		c.defined[kind] = map[string]bool{}
	}
	c.defined[kind][name] = true
}

// refer checks references; "" is a default and always good.
func (c *checker) refer(kind string, names ...string) {
	for _, name := range names {
		if name != "" && !c.defined[kind][name] {
			c.fail("%s %q is not defined", kind, name)
		}
	}
}

// exactlyOne fails in those words unless one of the things is given.
func (c *checker) exactlyOne(otherwise string, given ...bool) {
	n := 0
	for _, is := range given {
		if is {
			n++
		}
	}
	if n != 1 {
		c.fail("%s", otherwise)
	}
}

func (c *checker) oneOf(what, value string, choice ...string) {
	if value != "" && !slices.Contains(choice, value) {
		c.fail("%s %q is none of %s", what, value, strings.Join(choice, ", "))
	}
}

func (c *checker) cidr(text string) {
	if _, err := netip.ParsePrefix(text); err != nil {
		c.fail("%q is not a CIDR block such as 10.0.0.0/16", text)
	}
}

func checkNames(c *checker) {
	w := c.world
	named(c, "VPC", "vpcs", w.VPCs)
	named(c, "network ACL", "networkAcls", w.NetworkACLs)
	named(c, "subnet", "subnets", w.Subnets)
	named(c, "prefix list", "prefixLists", w.PrefixLists)
	named(c, "network interface", "networkInterfaces", w.NetworkInterfaces)
	named(c, "target group", "targetGroups", w.TargetGroups)
	named(c, "load balancer", "loadBalancers", w.LoadBalancers)
	named(c, "namespace", "namespaces", w.Namespaces)
	named(c, "cluster", "clusters", w.Clusters)
	named(c, "container instance", "containerInstances", w.ContainerInstances)
	named(c, "gateway", "gateways", w.Gateways)
	for i, d := range w.TaskDefinitions {
		c.define("task definition", "taskDefinitions", i, d.Family+":"+strconv.Itoa(max(d.Revision, 1)))
	}
	for i, s := range w.Services {
		c.define("service", "services", i, c.clusterOf(s.Cluster)+"/"+s.Name)
	}
	for i, g := range w.SecurityGroups {
		name := g.Name
		if name == defaultGroup { // every VPC has one
			name = c.vpcOf(g.VPC) + "/" + defaultGroup
		}
		c.define("security group", "securityGroups", i, name)
	}
	if c.err == nil {
		c.define("security group", "", 0, "default")
		definePrefixListsOfAWS(c)
		for _, d := range w.TaskDefinitions {
			c.name("task definition", d.Family)
		}
		for _, s := range w.Services {
			c.name(anyCluster, s.Name)
		}
	}
}

// definePrefixListsOfAWS may be referred to, and written down all the same.
func definePrefixListsOfAWS(c *checker) {
	for _, p := range latticePrefixLists(c.world.Region) {
		c.name("prefix list", p.Name)
	}
}

// named defines the resources of a section by their field Name.
func named[T any](c *checker, kind, section string, all []T) {
	for i, t := range all {
		c.define(kind, section, i, reflect.ValueOf(t).FieldByName("Name").String())
	}
}

// clusterOf and vpcOf are the names that a default stands for.
func (c *checker) clusterOf(name string) string {
	if name == "" && len(c.world.Clusters) > 0 {
		return c.world.Clusters[0].Name
	}
	return name
}

func (c *checker) vpcOf(name string) string {
	if name == "" {
		return c.world.VPCs[0].Name
	}
	return name
}

func checkNetwork(c *checker) {
	for i, v := range c.world.VPCs {
		c.at = place("vpcs", i, v.Name)
		for _, block := range slices.Concat(v.CIDRs, v.IPv6CIDRs) {
			c.cidr(block)
		}
	}
	for i, s := range c.world.Subnets {
		c.at = place("subnets", i, s.Name)
		c.refer("VPC", s.VPC)
		c.refer("network ACL", s.NetworkACL)
		if s.CIDR == "" && s.IPv6CIDR == "" {
			c.fail("it has neither cidr nor ipv6Cidr")
		}
		for _, block := range []string{s.CIDR, s.IPv6CIDR} {
			if block != "" {
				c.cidr(block)
			}
		}
	}
	for i, n := range c.world.NetworkACLs {
		c.at = place("networkAcls", i, n.Name)
		c.refer("VPC", n.VPC)
		for j, e := range n.Entries {
			c.at = place("networkAcls", i, n.Name) + ": " + place("entries", j, "")
			c.cidr(e.CIDR)
			c.oneOf("action", e.Action, "allow", "deny")
			if e.Action == "" || e.Number < 1 || e.Number > 32766 {
				c.fail("it needs an action, and a number from 1 to 32766")
			}
		}
	}
	for i, p := range c.world.PrefixLists {
		c.at = place("prefixLists", i, p.Name)
		for _, block := range p.Entries {
			c.cidr(block)
		}
	}
}

func checkSecurityGroups(c *checker) {
	for i, n := range c.world.NetworkInterfaces {
		c.at = place("networkInterfaces", i, n.Name)
		c.refer("subnet", n.Subnet)
		c.refer("security group", n.SecurityGroups...)
	}
	for i, g := range c.world.SecurityGroups {
		c.at = place("securityGroups", i, g.Name)
		c.refer("VPC", g.VPC)
		at := c.at
		check := func(direction string, rules []SecurityGroupRule) {
			for j, r := range rules {
				c.at = at + ": " + place(direction, j, "")
				checkRule(c, r)
			}
		}
		check("ingress", g.Ingress)
		check("egress", g.Egress)
	}
}

func checkRule(c *checker, r SecurityGroupRule) {
	c.exactlyOne("it needs exactly one of cidr, group and prefixList", r.CIDR != "", r.Group != "", r.PrefixList != "")
	if r.CIDR != "" {
		c.cidr(r.CIDR)
	}
	c.refer("prefix list", r.PrefixList)
	if !strings.HasPrefix(r.Group, "sg-") || r.Account == "" && r.PeerVPC == "" {
		c.refer("security group", r.Group)
	}
	checkProtocol(c, r.Protocol)
}

func checkProtocol(c *checker, name string) {
	if n, err := strconv.Atoi(name); err == nil && n >= -1 && n <= 255 {
		return
	}
	c.oneOf("protocol", name, "tcp", "udp", "icmp", "icmpv6", allProtocols)
}

func checkLoadBalancers(c *checker) {
	for i, t := range c.world.TargetGroups {
		c.at = place("targetGroups", i, t.Name)
		c.refer("VPC", t.VPC)
		c.oneOf("targetType", t.TargetType, "ip", "instance", "lambda", "alb")
		c.oneOf("protocol", t.Protocol, "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC")
		c.oneOf("protocolVersion", t.ProtocolVersion, "HTTP1", "HTTP2", "GRPC")
		for _, target := range t.Targets {
			checkTarget(c, target)
		}
		for _, h := range t.Health {
			c.oneOf("state", h.State,
				"healthy", "unhealthy", "unhealthy.draining", "initial", "draining", "unused", "unavailable")
		}
	}
	for i, l := range c.world.LoadBalancers {
		c.at = place("loadBalancers", i, l.Name)
		c.oneOf("type", l.Type, "application", "network", "gateway")
		c.oneOf("scheme", l.Scheme, "internal", "internet-facing")
		c.refer("subnet", l.Subnets...)
		c.refer("security group", l.SecurityGroups...)
		for _, li := range l.Listeners {
			at := place("loadBalancers", i, l.Name) + ": listener " + strconv.Itoa(li.Port)
			c.at = at
			checkAction(c, li.Default)
			for _, r := range li.Rules {
				c.at = at + ", rule " + strconv.Itoa(r.Priority)
				checkAction(c, r.Action)
				if r.Priority < 1 || r.Priority > 50000 {
					c.fail("a priority is a number from 1 to 50000")
				}
				for _, cond := range r.Conditions {
					c.oneOf(
						"field", cond.Field, "host-header", "path-pattern", "http-header", "query-string", "http-request-method",
						"source-ip",
					)
				}
			}
		}
	}
}

func checkTarget(c *checker, t Target) {
	c.refer("load balancer", t.LoadBalancer)
	c.refer("cluster", t.Cluster)
	if t.Service != "" {
		c.refer("service", c.clusterOf(t.Cluster)+"/"+t.Service)
	}
	c.exactlyOne("a target is exactly one of address, loadBalancer and service",
		t.Address != "", t.LoadBalancer != "", t.Service != "")
}

func checkAction(c *checker, act Action) {
	c.exactlyOne("an action is exactly one of forward, redirect and fixedResponse",
		len(act.Forward) > 0, act.Redirect != nil, act.FixedResponse != nil)
	c.oneOf("authenticate", act.Authenticate, "authenticate-oidc", "authenticate-cognito", "jwt-validation")
	for _, t := range act.Forward {
		c.refer("target group", t.TargetGroup)
	}
}

func checkClusters(c *checker) {
	for i, n := range c.world.Namespaces {
		c.at = place("namespaces", i, n.Name)
		c.oneOf("type", n.Type, "HTTP", "DNS_PRIVATE", "DNS_PUBLIC")
	}
	for i, in := range c.world.ContainerInstances {
		c.at = place("containerInstances", i, in.Name)
		c.refer("cluster", in.Cluster)
		c.refer("subnet", in.Subnet)
		c.refer("security group", in.SecurityGroups...)
	}
}

func checkTaskDefinitions(c *checker) {
	for i, d := range c.world.TaskDefinitions {
		c.at = place("taskDefinitions", i, d.Family)
		c.oneOf("networkMode", d.NetworkMode, "awsvpc", "bridge", "host", "none", unset)
		for _, con := range d.Containers {
			for _, m := range con.PortMappings {
				c.oneOf("protocol of a port mapping", m.Protocol, "tcp", "udp")
				c.oneOf("appProtocol", m.AppProtocol, "http", "http2", "grpc")
				if m.ContainerPortRange == "" && (m.ContainerPort < 1 || m.ContainerPort > maxPort) {
					c.fail("container %q: containerPort %d is not a port", con.Name, m.ContainerPort)
				}
			}
		}
	}
}

func checkServices(c *checker) {
	for i, s := range c.world.Services {
		c.at = place("services", i, s.Name)
		c.refer("cluster", s.Cluster)
		c.refer("task definition", cmp.Or(s.TaskDefinition, s.Name))
		c.refer("subnet", s.Subnets...)
		c.refer("security group", s.SecurityGroups...)
		c.oneOf("deploymentController", s.DeploymentController, "ECS", "CODE_DEPLOY", "EXTERNAL")
		if n := len(s.DeploymentConfiguration); n > 0 && !isObject(s.DeploymentConfiguration) {
			c.fail("deploymentConfiguration is not an object")
		}
		c.oneOf("deploymentStrategy", s.DeploymentStrategy, "ROLLING", "BLUE_GREEN", "LINEAR", "CANARY")
		for _, lb := range s.LoadBalancers {
			c.refer("target group", lb.TargetGroup, lb.AlternateTargetGroup)
		}
		for _, r := range s.Registries {
			c.refer("namespace", r.Namespace)
		}
		if s.CreatedAt != "" {
			if _, err := time.Parse(time.RFC3339, s.CreatedAt); err != nil {
				c.fail("createdAt %q is not a time such as 2026-01-31T12:00:00Z", s.CreatedAt)
			}
		}
		checkCounts(c, s)
		checkIngressPaths(c, s)
		checkServiceConnectBlock(c, "serviceConnect", s.ServiceConnect)
		for _, p := range s.PreviousDeployments {
			c.refer("task definition", p.TaskDefinition)
			c.refer("security group", p.SecurityGroups...)
			checkServiceConnectBlock(c, "previousDeployments: serviceConnect", p.ServiceConnect)
			for _, lb := range p.LoadBalancers {
				c.refer("target group", lb.TargetGroup)
			}
		}
	}
}

func checkStandaloneTasks(c *checker) {
	for i, t := range c.world.StandaloneTasks {
		c.at = place("standaloneTasks", i, t.TaskDefinition)
		if t.TaskDefinition == "" {
			c.fail("it needs a taskDefinition")
		}
		c.refer("task definition", t.TaskDefinition)
		c.refer("cluster", t.Cluster)
		c.refer("subnet", t.Subnets...)
		c.refer("security group", t.SecurityGroups...)
		if t.Count < 0 || t.Count > maxTasks {
			c.fail("a count is a number from 0 to %d", maxTasks)
		}
		if strings.HasPrefix(t.Group, "service:") {
			c.fail("the group %q is that of a service", t.Group)
		}
	}
}

func isObject(text json.RawMessage) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(text, &members) == nil && members != nil
}

// checkCounts refuses negative numbers of tasks, and more than the quota of ECS.
func checkCounts(c *checker, s Service) {
	all := []*int{s.DesiredCount, s.RunningCount}
	for _, p := range s.PreviousDeployments {
		all = append(all, &p.RunningCount)
	}
	for _, n := range all {
		if n != nil && (*n < 0 || *n > maxTasks) {
			c.fail("a count is a number from 0 to %d", maxTasks)
		}
	}
}

// checkServiceConnectBlock checks only what the simulator itself reads: a world may
// hold what AWS would refuse, because accounts do.
func checkServiceConnectBlock(c *checker, what string, block json.RawMessage) {
	if len(block) == 0 {
		return
	}
	var sc serviceConnectConfiguration
	if err := json.Unmarshal(block, &sc); err != nil {
		c.fail("%s: %s", what, plain(err))
	}
	known := func(n Namespace) bool { return n.HTTPName == sc.Namespace }
	if !strings.HasPrefix(sc.Namespace, "arn:") && !slices.ContainsFunc(c.world.Namespaces, known) {
		c.refer("namespace", sc.Namespace)
	}
}

// choices lists what a value may be.
func choices[T ~string](all []T) string {
	texts := make([]string, len(all))
	for i, t := range all {
		texts[i] = string(t)
	}
	return strings.Join(texts, ", ")
}
