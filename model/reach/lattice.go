package reach

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"hopscope/model"
)

// VPC Lattice reaches a task from link-local addresses, which a managed prefix
// list of AWS names (VPC Lattice user guide, "Control traffic to services using
// security groups"). What Lattice lets in on its own side is not read.

// latticePaths adds the paths from the VPC Lattice target groups that a version
// is registered in.
func (d *worker) latticePaths(paths []Path, v *version) []Path {
	for i := range v.deployment.VPCLattice {
		paths = append(paths, d.latticePath(v, i))
	}
	return paths
}

func (d *worker) latticePath(v *version, index int) Path {
	attached := &v.deployment.VPCLattice[index]
	group := model.ARNName(attached.TargetGroupARN)
	container, port, in := v.namedPort(attached.PortName)
	wire := v.hostPort(container, port, tcp)
	p := Path{
		Place:  v.place(SourceVPCLattice, container, port),
		Source: Source{Kind: SourceVPCLattice, Name: "VPC Lattice", TargetGroup: group},
		Target: v.target(container, port, wire),
		Via:    in.Via, Facts: v.facts(in), Access: AccessUnknown,
	}
	p.Place.TargetGroup = group
	if port == 0 {
		p.Place.PortName = attached.PortName
	}
	p.identify()
	missing := missingOf(in)
	to := &latticeWay{v: v, attached: attached, index: index, from: d.lattice, crossing: crossing{access: AccessUnknown}}
	if port != 0 {
		f := flow{protocol: tcp, ports: portSpan{wire, wire}}
		var bound bindings
		if wire == 0 {
			bound = v.bindingsOf(container, port, tcp)
			f.ports = bound.span()
			p.Target.WirePort, p.Target.WirePortEnd = f.ports.first, f.ports.last
		}
		to.ports = f.ports
		ask := func(f flow) crossing {
			return eachKind(d.lattice, v.iface, func(from, to *netInterface) crossing { return d.fromOutside(from, to, f) })
		}
		to.crossing, p.Facts.Bound = v.atBindings(bound, ask(f), f, ask)
		p.Access = to.crossing.access
		if p.Access == AccessUnknown && bound.unread != nil {
			missing = append(missing, *bound.unread)
		}
		missing = slices.Concat(missing, to.crossing.missing)
	}
	p.way = to
	p.Missing = uniqueMissing(missing)
	p.Verdict = p.judgeLattice()
	return p
}

// latticeWay is the way of VPC Lattice's packets into a task.
type latticeWay struct {
	v        *version
	attached *model.VPCLatticeTarget
	index    int
	from     *netInterface
	ports    portSpan
	crossing crossing
}

func (l *latticeWay) crossings() (front, into *crossing) { return nil, &l.crossing }

func (l *latticeWay) hops(p *Path) []Hop {
	w := words{protocol: tcp, ports: l.ports, from: []*netInterface{l.from}, to: l.v.iface}
	hop := w.hop(Hop{
		From: "VPC Lattice", FromNode: NodeLoadBalancer, Port: p.Target.WirePort, Protocol: tcp,
		Evidence: []Evidence{{
			Fact: "vpcLatticeConfigurations[" + strconv.Itoa(l.index) + "]: portName " + l.attached.PortName +
				", target group " + p.Source.TargetGroup,
			From: string(model.DescribeServices),
		}},
	}, &l.crossing)
	if hop.Access == Blocked {
		hop.Symptom = "targets turn unhealthy and VPC Lattice answers 503 or times out"
	}
	return l.v.intoTask(make([]Hop, 0, 2), hop, p)
}

// namedPort resolves the name of a port, and decides who handles connections to
// it.
func (v *version) namedPort(name string) (container string, port int, in Interception) {
	if v.task == nil {
		return "", 0, v.intercept(tcp, 0)
	}
	mapping, container := v.task.PortNamed(name)
	if mapping == nil || mapping.ContainerPort == 0 {
		return container, 0, unknownInterception(PortNameLost, reason{
			format: "VPC Lattice is attached to port name %[3]q, which task definition %[4]s does not have", name: name,
			also: v.task.Name(),
		})
	}
	return container, mapping.ContainerPort, v.intercept(tcp, v.hostPort(container, mapping.ContainerPort, tcp))
}

// judgeLattice: the agent is in the way without need, unless it has TLS, of which
// it is not known whether Lattice speaks it (decision table, row 53).
func (p *Path) judgeLattice() Verdict {
	tls := p.Facts.Interception.EndsTLS()
	switch {
	case p.Access == Blocked:
		return Broken
	case p.Access == AccessUnknown || p.Via == ViaUnknown || len(p.Missing) > 0:
		return Unknown
	case tls:
		p.note += "; the endpoint has TLS, and the protocol of the VPC Lattice target group is not read"
		return Unknown
	case p.Via == ViaAgent:
		return UnnecessaryHop
	}
	return OK
}

// latticeInterface is where Lattice's packets come from.
func (r *interfaces) latticeInterface() *netInterface {
	n := &netInterface{key: "VPC Lattice", unfiltered: true, outside: "VPC Lattice", ephemeral: loadBalancerEphemeral}
	region := r.ix.Snapshot.Scope.Region
	for _, family := range [...]string{"", ".ipv6"} {
		name := "com.amazonaws." + region + family + ".vpc-lattice"
		list, missing := r.ix.PrefixListNamed(name)
		if missing != nil {
			n.missingSubnets = append(n.missingSubnets, *missing)
			continue
		}
		for _, cidr := range list.Entries {
			if cidr.Addr().Is4() {
				n.v4 = append(n.v4, cidr)
			} else {
				n.v6 = append(n.v6, cidr)
			}
		}
	}
	if len(n.v4) > 0 {
		// IPv4 is used where the task has it; the other list matters to tasks
		// with IPv6 alone.
		n.missingSubnets = nil
	}
	return n
}

// fromOutside asks about a connection that comes from addresses outside every
// subnet: there is no other end whose groups and ACL could refuse.
func (d *worker) fromOutside(from, to *netInterface, f flow) crossing {
	if to.unknown != nil {
		return d.cross(from, to, f)
	}
	f.v6 = len(to.v4) == 0 && len(to.v6) > 0
	return combine(d.edgeACLs(from, to, f), d.admits(ingress, to, from, f))
}

// edgeACLs asks the ACLs of the target's subnets about packets from addresses
// outside.
func (d *worker) edgeACLs(from, to *netInterface, f flow) decision {
	dec := decision{kind: CheckNetworkACL, access: Allowed}
	refused := 0
	for _, subnet := range to.subnets {
		acl, missing := d.ix.SubnetACL(subnet.ID)
		if missing != nil {
			dec.missing = append(dec.missing, *missing)
			dec.access, dec.note = worseAccess(dec.access, AccessUnknown), missing.String()
			continue
		}
		access, why := edgePasses(acl, subnet, f, from.addresses(f.v6), from.ephemeral)
		if access == Blocked {
			refused++
		}
		if worse := worseAccess(dec.access, access); worse != dec.access {
			dec.access, dec.note, dec.resource = worse, why, acl.ID
		}
	}
	if dec.access == Allowed && len(to.missingSubnets) > 0 {
		dec.access, dec.note, dec.missing = AccessUnknown, to.missingSubnets[0].String(), to.missingSubnets
	}
	if refused > 0 {
		dec.partial, dec.missing = refused < len(to.subnets), nil
		dec.note += fmt.Sprintf(" (%d of %d subnets)", refused, len(to.subnets))
	}
	return dec
}

// edgePasses asks one ACL about requests from outside and their answers.
func edgePasses(
	acl *model.NetworkACL, subnet *model.Subnet, f flow, peer []netip.Prefix, ephemeral portSpan,
) (Access, string) {
	if len(peer) == 0 {
		return AccessUnknown, "the addresses of the other end are not known"
	}
	in, why := passes(acl, false, f.protocol, peer, f.ports)
	out, whyOut := passes(acl, true, f.protocol, peer, ephemeral)
	switch {
	case in == Blocked:
		return in, fmt.Sprintf("network ACL %s refuses the request into %s on %s %s: %s", acl.ID, subnet.ID, f.protocol,
			f.ports, why)
	case out == Blocked:
		return out, fmt.Sprintf("network ACL %s refuses the answer out of %s on %s %s: %s", acl.ID, subnet.ID, f.protocol,
			ephemeral, whyOut)
	case in == AccessUnknown || out == AccessUnknown:
		return AccessUnknown, fmt.Sprintf("network ACL %s lets only a part of the requests into %s, or of the answers out "+
			"of it, pass", acl.ID, subnet.ID)
	}
	return Allowed, ""
}
