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

// addNetwork makes VPCs, network ACLs, subnets and prefix lists.
func (a *account) addNetwork(w *World) {
	for _, v := range w.VPCs {
		made := &vpc{VPC: v, id: a.resourceID("vpc", v.ID, v.Name)}
		a.vpcs = append(a.vpcs, made)
		a.networkACLs = append(a.networkACLs, &networkACL{
			NetworkACL: NetworkACL{Name: "default", Entries: allowAll(len(v.IPv6CIDRs) > 0)},
			id:         a.resourceID("acl", "", v.Name, "default"),
			vpc:        made,
			isDefault:  true,
		})
	}
	for _, n := range w.NetworkACLs {
		a.networkACLs = append(a.networkACLs, &networkACL{
			NetworkACL: n, id: a.resourceID("acl", "", n.Name), vpc: a.vpcNamed(n.VPC),
		})
	}
	for _, s := range w.Subnets {
		in := a.vpcNamed(s.VPC)
		if s.Zone == "" {
			s.Zone = "a"
		}
		a.subnets = append(a.subnets, &subnet{
			Subnet: s, id: a.resourceID("subnet", s.ID, s.Name), vpc: in, acl: a.aclNamed(s.NetworkACL, in),
		})
	}
	lists := slices.Clone(w.PrefixLists)
	for _, p := range latticePrefixLists(w.Region) {
		if !slices.ContainsFunc(lists, func(given PrefixList) bool { return given.Name == p.Name }) {
			lists = append(lists, p)
		}
	}
	for _, p := range lists {
		if p.Owner == "" {
			p.Owner = a.id
		}
		p.Version = max(p.Version, 1)
		a.prefixLists = append(a.prefixLists, &prefixList{PrefixList: p, id: a.resourceID("pl", p.ID, p.Name)})
	}
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

// vpcNamed finds a VPC; the first one is meant when there is no such name.
func (a *account) vpcNamed(name string) *vpc {
	if v := find(a.vpcs, func(v *vpc) bool { return v.Name == name }); v != nil {
		return v
	}
	return a.vpcs[0]
}

// aclNamed finds a network ACL; the default one of the VPC is meant when there
// is no such name.
func (a *account) aclNamed(name string, in *vpc) *networkACL {
	if n := find(a.networkACLs, func(n *networkACL) bool { return n.Name == name && !n.isDefault }); n != nil {
		return n
	}
	return find(a.networkACLs, func(n *networkACL) bool { return n.isDefault && n.vpc == in })
}

// subnetIDs resolves names of subnets. No names mean all subnets of the first
// VPC.
func (a *account) subnetIDs(names []string) []string {
	var ids []string
	if len(names) == 0 {
		for _, s := range a.subnets {
			if s.vpc == a.vpcs[0] {
				ids = append(ids, s.id)
			}
		}
		return ids
	}
	for _, name := range names {
		if s := find(a.subnets, func(s *subnet) bool { return s.Name == name }); s != nil {
			ids = append(ids, s.id)
		} else {
			ids = append(ids, a.resourceID("subnet", "", name))
		}
	}
	return ids
}

// subnet finds a subnet by id, or nil.
func (a *account) subnet(id string) *subnet {
	return find(a.subnets, func(s *subnet) bool { return s.id == id })
}

// vpcOf is the VPC of the first of some subnets.
func (a *account) vpcOf(subnetIDs []string) *vpc {
	for _, id := range subnetIDs {
		if s := a.subnet(id); s != nil {
			return s.vpc
		}
	}
	return a.vpcs[0]
}

// prefixListID resolves the name of a prefix list.
func (a *account) prefixListID(name string) string {
	if p := find(a.prefixLists, func(p *prefixList) bool { return p.Name == name || p.id == name }); p != nil {
		return p.id
	}
	return a.resourceID("pl", "", name)
}

// zone is the name of the subnet's availability zone.
func (a *account) zone(s *subnet) string { return a.region + s.Zone }

// address hands out the next address of the subnet. A full subnet starts again:
// worlds are pictures, not leases.
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
