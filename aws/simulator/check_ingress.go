package simulator

import (
	"slices"
	"strconv"
	"strings"
)

// checkGateways checks the gateways and their routes.
func checkGateways(c *checker) {
	for i, g := range c.world.Gateways {
		c.at = place("gateways", i, g.Name)
		if g.LoadBalancer == "" {
			c.fail("it needs a loadBalancer")
		}
		c.refer("load balancer", g.LoadBalancer)
		c.refer("security group", g.SecurityGroup)
	}
	for i, r := range c.world.GatewayRoutes {
		c.at = place("gatewayRoutes", i, r.Gateway)
		c.refer("cluster", r.Cluster)
		c.refer("service", c.clusterOf(r.Cluster)+"/"+r.Service)
		c.refer("target group", r.TargetGroup)
		checkHealthCheckPort(c, r.HealthCheckPort)
		if r.TargetGroup != "" {
			c.refer("gateway", r.Gateway)
			checkListenerRule(c, r.Rule)
		}
	}
}

// checkIngressPaths checks the ways into a service of Express mode.
func checkIngressPaths(c *checker, s Service) {
	if len(s.IngressPaths) > 0 && s.ResourceManagementType != "ECS" {
		c.fail("ingressPaths belong to a service with the resourceManagementType ECS")
	}
	for _, p := range s.IngressPaths {
		if p.TargetGroup == "" {
			c.fail("an ingress path needs a targetGroup")
		}
		c.refer("target group", p.TargetGroup)
		checkHealthCheckPort(c, p.HealthCheckPort)
		checkListenerRule(c, p.Rule)
	}
}

func checkHealthCheckPort(c *checker, port int) {
	if port < 0 || port > maxPort {
		c.fail("healthCheckPort %d is not a port", port)
	}
}

// checkListenerRule checks "load-balancer:port/priority".
func checkListenerRule(c *checker, text string) {
	balancer, rest, _ := strings.Cut(text, ":")
	port, priority, _ := strings.Cut(rest, "/")
	for _, l := range c.world.LoadBalancers {
		for _, li := range l.Listeners {
			named := func(r ListenerRule) bool { return strconv.Itoa(r.Priority) == priority }
			if l.Name == balancer && strconv.Itoa(li.Port) == port &&
				(priority == "" || priority == "default" || slices.ContainsFunc(li.Rules, named)) {
				return
			}
		}
	}
	c.fail("there is no rule %q; write one as load-balancer:port/priority", text)
}
