package assert

import (
	"cmp"
	"fmt"
	"strings"

	"hopscope/model/reach"
	"hopscope/model/selector"
	"hopscope/model/who"
	"hopscope/model/words"
)

// isBlocked judges FROM -> TO blocked: no path of the configuration lets requests through, nor
// does the network, on any port, nor a load balancer on the way.
func (j *judge) isBlocked() error {
	paths, err := j.paths()
	if err != nil {
		return err
	}
	for _, p := range paths {
		j.blockedOn(p)
	}
	j.lacksAny(j.as.from.String()+" → "+j.as.to.String(), serviceActions...)
	if j.as.from.Kind == selector.LoadBalancer && j.as.to.Kind == selector.Service {
		// A load balancer sends to its targets alone: they are the paths.
		j.lacksAny(j.as.from.String(), balancerActions...)
		return nil
	}
	if err := j.asks(j.as.from, func(a *who.Answer) { j.blockedFor(a, "") }); err != nil {
		return err
	}
	if j.as.to.Kind != selector.Service {
		return nil
	}
	return j.blockedBehindBalancers()
}

// blockedOn judges a path by whether requests get through: one hop that refuses all of them
// is enough.
func (j *judge) blockedOn(p *reach.Path) {
	r := Reason{Path: p.ID, Way: words.Path(p)}
	switch through(p) {
	case reach.Allowed:
		if r.Hop, r.Why = lastHop(p); p.Access == reach.Blocked {
			r.Hop, r.Why = refusedHop(p)
			r.Why = "only a part is refused: " + r.Why
		}
		j.fails(r)
	case reach.AccessUnknown:
		r.Why = cmp.Or(p.WhyUnknown(), "it is not known whether requests get through")
		j.lacks(r)
	case reach.Blocked:
	}
}

// through is whether any request of a path gets through its hops, behind the clients.
func through(p *reach.Path) reach.Access {
	out := reach.Allowed
	if p.Access == reach.AccessUnknown {
		out = reach.AccessUnknown
	}
	for _, h := range p.Hops() {
		if h.FromNode == reach.NodeClients {
			continue
		}
		switch whole(h.Access, h.Checks) {
		case reach.Blocked:
			return reach.Blocked
		case reach.AccessUnknown:
			out = reach.AccessUnknown
		case reach.Allowed:
		}
	}
	return out
}

// whole is what checks say of all requests: an ACL that refuses some pairs of subnets refuses
// a hop, and lets others through it.
func whole(access reach.Access, checks []reach.Check) reach.Access {
	if len(checks) == 0 {
		return access
	}
	out := reach.Allowed
	for i := range checks {
		switch c := &checks[i]; {
		case c.Access == reach.Blocked && !c.Partial:
			return reach.Blocked
		case c.Access == reach.AccessUnknown:
			out = reach.AccessUnknown
		}
	}
	if access == reach.AccessUnknown {
		return access
	}
	return out
}

// lastHop is the hop by which a path arrives.
func lastHop(p *reach.Path) (hop, why string) {
	for _, h := range p.Hops() {
		if h.Port != 0 && h.Why != "" {
			hop, why = h.From+" → "+words.WithPort(h.To, h.Port, 0), h.Why
		}
	}
	if why == "" {
		why = "requests are admitted"
	}
	return hop, why
}

// blockedFor judges an answer: a part of a block, or some of the tasks, are enough to be let in.
func (j *judge) blockedFor(a *who.Answer, by string) {
	r := Reason{Way: answerName(a) + by}
	checks := make([]reach.Check, len(a.Checks))
	for i := range a.Checks {
		checks[i] = a.Checks[i].Check
	}
	refused := a.Verdict == who.No && whole(reach.Blocked, checks) == reach.Blocked && !a.OfSome
	switch {
	case len(a.Part) > 0:
		r.Why = "admitted are " + words.Names(a.Part)
		j.fails(r)
	case refused:
	case a.Verdict == who.Yes, a.OfSome && len(a.Missing) == 0 && whole(reach.Blocked, checks) != reach.AccessUnknown:
		r.Why = "admitted"
		for i := range checks {
			if checks[i].Kind == reach.CheckTargetIngress {
				r.Hop, r.Why = "target ingress", checks[i].Why
			}
		}
		j.fails(r)
	default:
		r.Why = cmp.Or(strings.Join(a.Missing, "; "), "it is not known whether some of it is admitted")
		j.lacks(r)
	}
}

// blockedBehindBalancers judges the ways by way of load balancers: who reaches one reaches
// what is behind it.
func (j *judge) blockedBehindBalancers() error {
	targets, err := j.as.to.Services(j.a.Snapshot)
	if err != nil {
		return err
	}
	j.lacksAny(j.as.to.String(), balancerActions...)
	for _, ref := range targets {
		for _, p := range j.a.Into(ref) {
			if !hasPort(p, j.as.to.Port) {
				continue
			}
			switch p.Source.Kind {
			case reach.SourceLoadBalancer, reach.SourceServiceGateway:
				if err := j.blockedBehind(p); err != nil {
					return err
				}
			case reach.SourceVPCLattice:
				if p.Access != reach.Blocked {
					j.lacks(Reason{Path: p.ID, Way: words.Path(p), Why: "who may use VPC Lattice is not read"})
				}
			case reach.SourceServiceConnect, reach.SourceServiceDiscovery, reach.SourceHealthCheck:
			}
		}
	}
	return nil
}

// blockedBehind judges one way by a load balancer: its listener is asked about, and what
// comes behind it is the path's.
func (j *judge) blockedBehind(p *reach.Path) error {
	behind := through(p)
	if behind == reach.Blocked {
		return nil
	}
	listener := selector.Selector{Kind: selector.LoadBalancer, Name: p.Source.Name, Port: p.Source.ListenerPort}
	if found, _ := listener.LoadBalancers(j.a.Snapshot); len(found) == 0 {
		j.lacks(Reason{Path: p.ID, Way: words.Path(p), Why: "its load balancer was not read"})
		return nil
	}
	doc, err := who.Ask(j.a, j.as.from, listener)
	if err != nil {
		return err
	}
	by := fmt.Sprintf(", and on to %s", words.Target(p))
	for i := range doc.Answers {
		a := &doc.Answers[i]
		if behind == reach.AccessUnknown && a.Verdict != who.No {
			j.lacks(Reason{Path: p.ID, Way: answerName(a) + by, Why: p.WhyUnknown()})
			continue
		}
		j.blockedFor(a, by)
	}
	return nil
}
