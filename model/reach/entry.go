package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"hopscope/model"
)

// Entry is what the security groups of a load balancer and the network ACLs of its subnets
// say of the clients that connect to one of its listeners: the first hop of every request.
// Who the clients are is not known; where no client is admitted, no request comes in,
// whatever is behind.
type Entry struct {
	LoadBalancer *model.LoadBalancer
	Listener     *model.Listener
	Access       Access
	// Admitted are the rules that admit clients on the listener's port, in the order
	// of the groups. There are none where nothing filters.
	Admitted []Admission
	// Missing are the facts without which it is not known who is admitted.
	Missing []model.Missing
	// Partial is set where ACLs refuse clients at some of the load balancer's subnets.
	Partial bool

	iface *netInterface
	// inside is set where only groups and addresses of the VPC, or private ones, are admitted
	// to a load balancer that is found by public addresses.
	inside bool
	// acl says what a network ACL refuses, or may refuse; "" where it does not.
	acl string
}

// Admission is a rule of a load balancer's group that admits clients.
type Admission struct {
	Group *model.SecurityGroup
	Rule  *model.SecurityGroupRule
	// Holders are what was read and has the group that the rule names, by kind, cluster
	// and name.
	Holders []Holder
	// Unread is the fact without which it is not known what else has that group: tasks
	// that no service started, functions, instances.
	Unread *model.Missing
	// Held is set where interfaces of load balancers or services have it that were not
	// read themselves.
	Held bool
	// Foreign is set where the rule names a group of another account or VPC: what has
	// it is not read here.
	Foreign bool
	// Refused is set where network ACLs of the load balancer's subnets let none of the
	// clients in.
	Refused bool

	// callers are the holders' names as those of callers.
	callers []string
}

// entry is what the clients of a listener meet. The answer is shared: do not change it.
func (d *worker) entry(lb *model.LoadBalancer, l *model.Listener) *Entry {
	e := d.entries[l]
	if e == nil {
		e = d.newEntry(lb, l)
		d.entries[l] = e
	}
	return e
}

func (d *worker) newEntry(lb *model.LoadBalancer, l *model.Listener) *Entry {
	e := &Entry{LoadBalancer: lb, Listener: l, Access: Blocked, iface: d.node(lb)}
	if e.iface.unfiltered {
		e.Access = Allowed
		d.askEntryACLs(e)
		return e
	}
	foreign := false
	for _, g := range e.iface.groups {
		for i := range g.Ingress {
			if r := &g.Ingress[i]; coversListener(r, l) && d.admitsClients(r) && d.speaksTo(lb, r) {
				a := d.admission(g, r)
				foreign = foreign || a.Foreign
				e.Admitted = append(e.Admitted, a)
			}
		}
	}
	e.inside = d.insideOnly(e)
	switch {
	case slices.ContainsFunc(e.Admitted, func(a Admission) bool { return !a.Foreign }):
		e.Access = Allowed
		// Only reports ask what has a group: where it was asked and not answered, whether
		// there is a client is not known.
		if _, unread := e.Vacant(); unread != nil && unread.State != model.NotRead {
			e.Access, e.Missing = AccessUnknown, []model.Missing{*unread}
		}
	case len(e.iface.missingGroups) > 0:
		e.Access, e.Missing = AccessUnknown, e.iface.missingGroups
	case foreign:
		e.Access = AccessUnknown
		for _, a := range e.Admitted {
			e.Missing = append(e.Missing, model.Missing{
				What:   "what has " + a.Rule.Group.ID + ", a group of another account or VPC",
				Action: model.DescribeNetworkInterfaces, State: model.NotRead,
			})
		}
	}
	if len(e.Admitted) > 0 {
		d.askEntryACLs(e)
	}
	return e
}

// coversListener tells whether a rule is about the listener's port, by one of its
// transport protocols.
func coversListener(r *model.SecurityGroupRule, l *model.Listener) bool {
	return slices.ContainsFunc(listenerTransports(l), func(protocol string) bool { return r.Covers(protocol, l.Port) })
}

// admitsClients tells whether the source of a rule can be a client's: a stale reference
// over a peering that is gone, and a prefix list without entries admit nothing.
func (d *Deriver) admitsClients(r *model.SecurityGroupRule) bool {
	switch {
	case r.Group != nil:
		return !r.Group.Stale()
	case r.PrefixList != "":
		list, missing := d.ix.PrefixList(r.PrefixList)
		return missing != nil || len(list.Entries) > 0
	}
	return r.CIDR.IsValid()
}

// speaksTo tells whether a load balancer's clients can have an address that a rule admits:
// those on the internet have one of IPv6 where the load balancer has no public one of IPv4.
func (d *Deriver) speaksTo(lb *model.LoadBalancer, r *model.SecurityGroupRule) bool {
	if r.Group != nil || !withoutPublicIPv4(lb) {
		return true
	}
	blocks := []netip.Prefix{r.CIDR}
	if r.PrefixList != "" {
		list, missing := d.ix.PrefixList(r.PrefixList)
		if missing != nil {
			return true
		}
		blocks = list.Entries
	}
	return slices.ContainsFunc(blocks, func(p netip.Prefix) bool { return p.Addr().Is6() })
}

// insideOnly tells whether an internet-facing load balancer admits no client with a public
// address.
func (d *worker) insideOnly(e *Entry) bool {
	if e.LoadBalancer.Scheme != model.InternetFacing || len(e.Admitted) == 0 {
		return false
	}
	return !slices.ContainsFunc(e.Admitted, func(a Admission) bool {
		blocks := []netip.Prefix{a.Rule.CIDR}
		switch {
		case a.Rule.Group != nil:
			return a.Foreign
		case a.Rule.CIDR.IsValid() && a.Rule.CIDR.Bits() == 0:
			return true
		case a.Rule.PrefixList != "":
			list, missing := d.ix.PrefixList(a.Rule.PrefixList)
			if missing != nil {
				return true
			}
			blocks = list.Entries
		}
		return len(d.publicOf(e, blocks)) > 0
	})
}

func (d *Deriver) admission(g *model.SecurityGroup, r *model.SecurityGroupRule) Admission {
	a := Admission{Group: g, Rule: r}
	if r.Group == nil {
		return a
	}
	a.Foreign = foreign(r.Group, d.ix.Snapshot.Scope.Account)
	if !a.Foreign {
		a.Holders = d.holders().All(r.Group.ID)
		a.callers = callers(a.Holders)
		with, unread := d.ix.InterfacesWith(r.Group.ID)
		a.Held, a.Unread = len(with) > 0, unread
	}
	return a
}

// foreign tells whether a group is of another account or VPC.
func foreign(g *model.GroupReference, account string) bool {
	return g.VPC != "" || g.Account != "" && account != "" && g.Account != account
}

// Vacant tells whether groups alone are admitted, and nothing has one of them. The
// missing fact is set where that is not known.
func (e *Entry) Vacant() (bool, *model.Missing) {
	var unread *model.Missing
	for i := range e.Admitted {
		a := &e.Admitted[i]
		if a.Rule.Group == nil || a.Foreign || len(a.Holders) > 0 || a.Held {
			return false, nil
		}
		if a.Unread != nil {
			unread = a.Unread
		}
	}
	return unread == nil && len(e.Admitted) > 0, unread
}

// WithoutIPv6 tells whether clients of IPv6 are refused by a load balancer that has
// IPv6 addresses and is open to the whole internet by IPv4.
func (e *Entry) WithoutIPv6() bool {
	if !strings.HasPrefix(e.LoadBalancer.IPAddressType, "dualstack") || e.LoadBalancer.Scheme != model.InternetFacing {
		return false
	}
	v4 := false
	for _, a := range e.Admitted {
		switch {
		case a.Rule.Group != nil || a.Refused:
		case a.Rule.PrefixList != "" || a.Rule.CIDR.Addr().Is6():
			return false
		case a.Rule.CIDR.Bits() == 0:
			v4 = true
		}
	}
	return v4
}

// Clients names who is admitted, each source once: "10.0.0.0/8", "sg-1 (batch)".
func (e *Entry) Clients() []string {
	var all []string
	for _, a := range e.Admitted {
		if name := e.client(&a); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// client names the source of a rule, a group with what has it.
func (e *Entry) client(a *Admission) string {
	if a.Refused {
		pass := *a
		pass.Refused = false
		return e.client(&pass) + ", refused by network ACLs"
	}
	switch {
	case a.Rule.Group == nil:
		return a.Rule.Peer()
	case a.Foreign:
		return a.Rule.Peer() + " (of another account or VPC)"
	case len(a.Holders) == 0 && a.Held:
		return a.Rule.Peer()
	case len(a.Holders) == 0 && a.Unread == nil:
		return a.Rule.Peer() + " (which nothing has)"
	case len(a.Holders) == 0:
		return a.Rule.Peer() + " (which nothing that was read has)"
	}
	return a.Rule.Peer() + " (" + shownNames(a.callers) + ")"
}

// Why says who is admitted, or that no client is.
func (e *Entry) Why() string {
	on := fmt.Sprintf("%s %d", e.Transport(), e.Listener.Port)
	switch {
	case e.acl != "":
		return e.acl
	case e.iface.unfiltered && len(e.Missing) == 0:
		return "a network load balancer without security groups limits nothing"
	case len(e.Missing) > 0:
		return e.Missing[0].String()
	case e.Access == Blocked && withoutPublicIPv4(e.LoadBalancer):
		return "no ingress rule of " + groupNames([]*netInterface{e.iface}) + " admits " + on +
			" from an IPv6 address, and " + e.LoadBalancer.Name + " has no others on the internet (" +
			e.LoadBalancer.IPAddressType + ")"
	case e.Access == Blocked:
		return "no ingress rule of " + groupNames([]*netInterface{e.iface}) + " admits " + on + " from anywhere"
	}
	return groupNames([]*netInterface{e.iface}) + " admits on " + on + ": " + strings.Join(e.Clients(), ", ") +
		e.withoutServiceConnect() + e.byGateways()
}

// byGateways says of a load balancer with a public name that admits only what is inside that
// this is not how its clients come.
func (e *Entry) byGateways() string {
	if !e.inside {
		return ""
	}
	return "; no public address is among them, and the name of " + e.LoadBalancer.Name + ", which is internet-facing, " +
		"resolves to public ones: a client in the VPC comes with that of its gateway, for which none of these rules holds"
}

// shownNames are the first ones of some names, and how many more there are.
func shownNames(all []string) string {
	return model.Names(all[:min(len(all), model.NamesShown)], len(all))
}

// StandaloneTasks names the tasks that are admitted and that no service started, each
// family once, "" where none is known.
func (e *Entry) StandaloneTasks() string {
	var all []Holder
	for i := range e.Admitted {
		for _, h := range e.Admitted[i].Holders {
			same := func(o Holder) bool { return o.Name == h.Name && o.Cluster == h.Cluster }
			if h.Kind != HolderTasks {
				continue
			}
			if at := slices.IndexFunc(all, same); at < 0 {
				all = append(all, h)
			} else { // by several rules they are the same tasks
				all[at].Count = max(all[at].Count, h.Count)
			}
		}
	}
	return shownNames(callers(all))
}

// withoutServiceConnect says which of the clients cannot use Service Connect: only tasks
// of services can. What tasks run on an instance is not asked here.
func (e *Entry) withoutServiceConnect() string {
	var kinds []string
	for _, k := range [...]struct {
		kind HolderKind
		noun string
	}{{HolderTasks, "standalone tasks"}, {HolderFunction, "functions"}} {
		if slices.ContainsFunc(e.Admitted, func(a Admission) bool {
			return slices.ContainsFunc(a.Holders, func(h Holder) bool { return h.Kind == k.kind })
		}) {
			kinds = append(kinds, k.noun)
		}
	}
	if len(kinds) == 0 {
		return ""
	}
	return "; the " + strings.Join(kinds, " and ") +
		" among them cannot use Service Connect, so the load balancer is right for them"
}

// ByACL tells whether network ACLs refuse the clients that the groups admit.
func (e *Entry) ByACL() bool { return e.Access == Blocked && e.acl != "" }

// Transport is the protocol to admit clients on: of a listener for both, TCP.
func (e *Entry) Transport() string { return listenerTransports(e.Listener)[0] }

// hop is the leg from the clients to the load balancer.
func (e *Entry) hop() Hop {
	h := Hop{
		From: "clients", FromNode: NodeClients, To: e.LoadBalancer.Name, ToNode: NodeLoadBalancer,
		Port: e.Listener.Port, Protocol: strings.ToLower(e.Listener.Protocol), Access: e.Access, Why: e.Why(),
		Admitted: e.Clients(),
		Evidence: []Evidence{{
			Fact: fmt.Sprintf("listener %s :%d, security groups %s", e.LoadBalancer.Name, e.Listener.Port,
				strings.Join(e.iface.groupIDs, ", ")),
			From: string(model.DescribeListeners),
		}},
	}
	if e.iface.unfiltered {
		h.Evidence[0].Fact = fmt.Sprintf("listener %s :%d, no security groups", e.LoadBalancer.Name, e.Listener.Port)
	}
	if h.Access == Blocked {
		h.Symptom = "connections to " + e.LoadBalancer.Name + " time out, and no request arrives"
		if e.Partial {
			h.Symptom = "a part of the connections to " + e.LoadBalancer.Name + " times out"
		}
		if e.acl == "" {
			h.Needed = fmt.Sprintf("ingress rule on %s: %s %d from the clients", e.iface.opened(), e.Transport(),
				e.Listener.Port)
		}
	}
	return h
}
