package simulator

import (
	"net/netip"
	"slices"
)

type vpc struct {
	VPC
	id string
}

type subnet struct {
	Subnet
	id   string
	vpc  *vpc
	acl  *networkACL
	used uint32 // addresses handed out

	zoneName string // of the availability zone
}

type networkACL struct {
	NetworkACL
	id        string
	vpc       *vpc
	isDefault bool
}

type prefixList struct {
	PrefixList
	id string
}

// network is the VPCs with what stands in them but security groups.
type network struct {
	account
	interfaces  []NetworkInterface // of the world, besides those that follow from it
	vpcs        []*vpc
	subnets     []*subnet
	subnetOf    map[string]*subnet // by id
	acls        []*networkACL
	prefixLists []*prefixList
}

// newNetwork makes VPCs, network ACLs, subnets and prefix lists.
func newNetwork(a account, w *World) *network {
	nw := &network{account: a, interfaces: w.NetworkInterfaces, subnetOf: map[string]*subnet{}}
	for _, v := range w.VPCs {
		made := &vpc{VPC: v, id: nw.resourceID("vpc", v.ID, v.Name)}
		nw.vpcs = append(nw.vpcs, made)
		nw.acls = append(nw.acls, &networkACL{
			NetworkACL: NetworkACL{Name: "default", Entries: allowAll(len(v.IPv6CIDRs) > 0)},
			id:         nw.resourceID("acl", "", v.Name, "default"),
			vpc:        made,
			isDefault:  true,
		})
	}
	for _, n := range w.NetworkACLs {
		nw.acls = append(nw.acls, &networkACL{
			NetworkACL: n, id: nw.resourceID("acl", "", n.Name), vpc: nw.vpcNamed(n.VPC),
		})
	}
	for _, s := range w.Subnets {
		in := nw.vpcNamed(s.VPC)
		if s.Zone == "" {
			s.Zone = "a"
		}
		made := &subnet{
			Subnet: s, id: nw.resourceID("subnet", s.ID, s.Name),
			vpc: in, acl: nw.aclNamed(s.NetworkACL, in), zoneName: nw.region + s.Zone,
		}
		nw.subnets = append(nw.subnets, made)
		nw.subnetOf[made.id] = made
	}
	lists := slices.Clone(w.PrefixLists)
	for _, p := range latticePrefixLists(w.Region) {
		if !slices.ContainsFunc(lists, func(given PrefixList) bool { return given.Name == p.Name }) {
			lists = append(lists, p)
		}
	}
	for _, p := range lists {
		if p.Owner == "" {
			p.Owner = nw.id
		}
		p.Version = max(p.Version, 1)
		nw.prefixLists = append(nw.prefixLists, &prefixList{PrefixList: p, id: nw.resourceID("pl", p.ID, p.Name)})
	}
	return nw
}

// latticePrefixLists are the lists that AWS keeps of where VPC Lattice sends from.
// Every region has them; the blocks are those of the Lattice user guide.
func latticePrefixLists(region string) []PrefixList {
	return []PrefixList{
		{Name: "com.amazonaws." + region + ".vpc-lattice", Owner: "AWS", Entries: []string{"169.254.171.0/24"}},
		{Name: "com.amazonaws." + region + ".ipv6.vpc-lattice", Owner: "AWS", Entries: []string{"fd00:ec2:80::/64"}},
	}
}

// allowAll are the entries of the ACL that comes with a VPC.
func allowAll(ipv6 bool) []NetworkACLEntry {
	var entries []NetworkACLEntry
	for _, egress := range []bool{true, false} {
		entries = append(entries, NetworkACLEntry{Number: 100, Egress: egress, Action: "allow", CIDR: "0.0.0.0/0"})
		if ipv6 {
			entries = append(entries, NetworkACLEntry{Number: 101, Egress: egress, Action: "allow", CIDR: "::/0"})
		}
	}
	return entries
}

// vpcNamed finds a VPC; the first one when there is no such name.
func (nw *network) vpcNamed(name string) *vpc {
	if v := find(nw.vpcs, func(v *vpc) bool { return v.Name == name }); v != nil {
		return v
	}
	return nw.vpcs[0]
}

// aclNamed finds a network ACL; the default one of the VPC when there is no such
// name.
func (nw *network) aclNamed(name string, in *vpc) *networkACL {
	if n := find(nw.acls, func(n *networkACL) bool { return n.Name == name && !n.isDefault }); n != nil {
		return n
	}
	return find(nw.acls, func(n *networkACL) bool { return n.isDefault && n.vpc == in })
}

// subnetIDs resolves names of subnets. No names stand for all subnets of the first
// VPC.
func (nw *network) subnetIDs(names []string) []string {
	var ids []string
	if len(names) == 0 {
		for _, s := range nw.subnets {
			if s.vpc == nw.vpcs[0] {
				ids = append(ids, s.id)
			}
		}
		return ids
	}
	for _, name := range names {
		if s := find(nw.subnets, func(s *subnet) bool { return s.Name == name }); s != nil {
			ids = append(ids, s.id)
		} else {
			ids = append(ids, nw.resourceID("subnet", "", name))
		}
	}
	return ids
}

// subnet finds a subnet by id, or nil.
func (nw *network) subnet(id string) *subnet { return nw.subnetOf[id] }

// vpcOf is the VPC of the first of some subnets.
func (nw *network) vpcOf(subnetIDs []string) *vpc {
	for _, id := range subnetIDs {
		if s := nw.subnet(id); s != nil {
			return s.vpc
		}
	}
	return nw.vpcs[0]
}

// prefixList finds a prefix list by id, or nil.
func (nw *network) prefixList(id string) *prefixList {
	return find(nw.prefixLists, func(p *prefixList) bool { return p.id == id })
}

// prefixListID resolves the name of a prefix list.
func (nw *network) prefixListID(name string) string {
	if p := find(nw.prefixLists, func(p *prefixList) bool { return p.Name == name || p.id == name }); p != nil {
		return p.id
	}
	return nw.resourceID("pl", "", name)
}

// address hands out the next address of the subnet. A full subnet starts again:
// a world needs addresses that differ, not leases.
func (s *subnet) address() string {
	block := s.CIDR
	if block == "" {
		block = s.IPv6CIDR
	}
	prefix, err := netip.ParsePrefix(block)
	if err != nil {
		return ""
	}
	const reserved = 10 // AWS keeps the first four of every subnet
	addr := prefix.Masked().Addr()
	hosts := uint32(1) << min(addr.BitLen()-prefix.Bits(), 30)
	skip := (reserved + s.used) % hosts
	s.used++
	return offset(addr, skip).String()
}

// offset adds to an address. The offset is smaller than the host part.
func offset(addr netip.Addr, by uint32) netip.Addr {
	b := addr.AsSlice()
	for i := len(b) - 1; i >= 0 && by > 0; i-- {
		by += uint32(b[i])
		b[i] = byte(by)
		by >>= 8
	}
	sum, _ := netip.AddrFromSlice(b)
	return sum
}
