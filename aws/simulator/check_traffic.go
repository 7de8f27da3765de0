package simulator

import "strings"

// checkTraffic checks the streams. A discovery name may be one that no service offers:
// such a call goes nowhere, in AWS as well.
func checkTraffic(c *checker) {
	for i, t := range c.world.Traffic {
		c.at = place("traffic", i, t.From)
		balanced, called := c.defined["load balancer"][t.From], isCaller(c, t.From)
		switch {
		case t.From == "" || t.To == "":
			c.fail("it needs from and to")
		case t.Account != "":
			if balanced || called {
				c.fail("account is for callers that the world does not have, and it has %q", t.From)
			}
		case balanced && called:
			c.fail("it is a load balancer and a service; write the service as CLUSTER/NAME")
		case balanced:
			c.refer("target group", t.To)
		case !called:
			c.fail("load balancer or service %q is not defined", t.From)
		}
		const most = 1e6
		if t.RequestsPerSecond <= 0 || t.RequestsPerSecond > most || t.Millis < 0 || t.Millis > most {
			c.fail("requestsPerSecond is more than 0, and neither it nor millis more than %d", int(most))
		}
	}
}

// isCaller tells whether a service has the name, alone or with its cluster.
func isCaller(c *checker, name string) bool {
	if strings.Contains(name, "/") {
		return c.defined["service"][name]
	}
	return c.defined[anyCluster][name]
}
