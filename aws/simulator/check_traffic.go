package simulator

import "strings"

// traffic checks the streams. A discovery name may be one that nobody offers:
// such a call goes nowhere, in AWS as well.
func (c *checker) traffic() {
	for i, t := range c.world.Traffic {
		c.at = place("traffic", i, t.From)
		balanced, called := c.defined["load balancer"][t.From], c.caller(t.From)
		switch {
		case t.From == "" || t.To == "":
			c.fail("it needs from and to")
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

// caller tells whether a service has the name, alone or with its cluster.
func (c *checker) caller(name string) bool {
	if strings.Contains(name, "/") {
		return c.defined["service"][name]
	}
	for _, s := range c.world.Services {
		if s.Name == name {
			return true
		}
	}
	return false
}
