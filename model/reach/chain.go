package reach

import (
	"slices"
	"strconv"

	"hopscope/model"
)

// putInFront puts a network load balancer in front of a path whose load balancer
// is its target: the requests then come from there, and have one more hop.
func (d *deriver) putInFront(p *Path, front *forward, lb *model.LoadBalancer) {
	p.Place.Front = front.name()
	p.Facts.Front = front.lb
	p.Source.Name, p.Source.Scheme, p.Source.LoadBalancerType = front.lb.Name, front.lb.Scheme, front.lb.Type
	p.Source.ListenerPort, p.Source.ListenerProtocol = front.listener.Port, front.listener.Protocol

	from, to := d.node(front.lb), d.node(lb)
	port := p.Facts.Listener.Port
	f := flow{protocol: tcp, ports: portSpan{port, port}}
	_, missing := d.seesClients(front.lb, front.group, tcp)
	c := d.withClientAddresses(d.crossCached(from, to, f), to, f, missing)
	w := words{protocol: tcp, ports: f.ports, from: []*netInterface{from}, to: to}
	checks := w.checks(c)
	hop := Hop{
		From: front.lb.Name, FromNode: NodeLoadBalancer, To: lb.Name, ToNode: NodeLoadBalancer, Port: port, Protocol: tcp,
		Access: c.access, Why: summary(c.access, checks), Checks: checks, Needed: w.neededRule(c),
		Evidence: []Evidence{{
			Fact: "target group " + front.group.Name + " of type alb: target " + lb.Name + ", port " + strconv.Itoa(port),
			From: string(model.DescribeTargetHealth),
		}},
	}
	if c.access == Blocked {
		hop.Symptom = "connections to " + front.lb.Name + " time out: its target counts as unhealthy"
	}
	p.Hops = slices.Insert(p.Hops, 0, hop)
	p.Access = worseAccess(p.Access, c.access)
	p.Missing = append(p.Missing, c.missing...)
	if front.missing != nil {
		p.Missing = append(p.Missing, *front.missing)
	}
}
