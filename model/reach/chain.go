package reach

import (
	"strconv"

	"hopscope/model"
)

// putInFront puts a network load balancer in front of a path whose load balancer
// is its target: the requests then come from there, and have one more hop.
func (d *worker) putInFront(p *Path, front *forward, lb *model.LoadBalancer) {
	p.Place.Front = front.name()
	p.Facts.Front = front.lb
	p.Source.Name, p.Source.Scheme, p.Source.LoadBalancerType = front.lb.Name, front.lb.Scheme, front.lb.Type
	p.Source.ListenerPort, p.Source.ListenerProtocol = front.listener.Port, front.listener.Protocol

	from, to := d.node(front.lb), d.node(lb)
	port := p.Facts.Listener.Port
	f := flow{protocol: tcp, ports: portSpan{port, port}}
	_, missing := d.seesClients(front.lb, front.group, tcp)
	c := d.withClientAddresses(d.crossCached(from, to, f), to, f, missing)
	if into, is := p.way.(*arrival); is {
		into.front = &frontCrossing{forward: front, lb: lb, port: port, from: from, to: to, crossing: c}
	}
	p.Access = worseAccess(p.Access, c.access)
	p.Missing = append(p.Missing, c.missing...)
	if front.missing != nil {
		p.Missing = append(p.Missing, *front.missing)
	}
}

// frontCrossing is the connection of a network load balancer to the load balancer
// behind it.
type frontCrossing struct {
	*forward
	// lb is the load balancer behind, which listens on port.
	lb       *model.LoadBalancer
	port     int
	from, to *netInterface
	crossing crossing
}

func (f *frontCrossing) words() words {
	return words{protocol: tcp, ports: portSpan{f.port, f.port}, from: []*netInterface{f.from}, to: f.to}
}

func (f *frontCrossing) hop() Hop {
	hop := f.words().hop(Hop{
		From: f.forward.lb.Name, FromNode: NodeLoadBalancer, To: f.lb.Name, ToNode: NodeLoadBalancer, Port: f.port,
		Protocol: tcp,
		Evidence: []Evidence{{
			Fact: "target group " + f.group.Name + " of type alb: target " + f.lb.Name + ", port " + strconv.Itoa(f.port),
			From: string(model.DescribeTargetHealth),
		}},
	}, &f.crossing)
	if hop.Access == Blocked {
		hop.Symptom = "connections to " + f.forward.lb.Name + " time out: its target counts as unhealthy"
	}
	return hop
}
