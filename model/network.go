package model

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// VPC is a virtual private cloud.
type VPC struct {
	ID    string         `json:"id"`
	CIDRs []netip.Prefix `json:"cidrs,omitempty"`
}

// Subnet is a subnet of a VPC.
type Subnet struct {
	ID               string `json:"id"`
	VPC              string `json:"vpc"`
	AvailabilityZone string `json:"availabilityZone,omitempty"`
	// CIDRs holds the IPv4 block (absent in an IPv6-only subnet) and the IPv6
	// blocks.
	CIDRs []netip.Prefix `json:"cidrs,omitempty"`
}

// SecurityGroup is a security group with its rules, one source or destination
// a rule.
type SecurityGroup struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	VPC   string `json:"vpc,omitempty"`
	Owner string `json:"owner,omitempty"`
	// Ingress and Egress keep AWS's order.
	Ingress []SecurityGroupRule `json:"ingress,omitempty"`
	Egress  []SecurityGroupRule `json:"egress,omitempty"`
	Tags    map[string]string   `json:"tags,omitempty"`
	// InterfacesRead is set when the network interfaces that have the group were read.
	InterfacesRead bool `json:"interfacesRead,omitempty"`
}

// AllProtocols is the protocol of a rule for every protocol and port.
const AllProtocols = "-1"

// SecurityGroupRule admits traffic. Exactly one of CIDR, PrefixList and Group
// is set; it is the source of an ingress rule and the destination of an egress
// rule.
type SecurityGroupRule struct {
	// Protocol is tcp, udp, icmp, icmpv6, a protocol number, or [AllProtocols].
	Protocol string `json:"protocol"`
	// FromPort and ToPort bound the port range, both included; ignored for
	// AllProtocols.
	FromPort    int             `json:"fromPort,omitempty"`
	ToPort      int             `json:"toPort,omitempty"`
	CIDR        netip.Prefix    `json:"cidr,omitzero"`
	PrefixList  string          `json:"prefixList,omitempty"`
	Group       *GroupReference `json:"group,omitempty"`
	Description string          `json:"description,omitempty"`
}

// GroupReference names another security group as source or destination.
type GroupReference struct {
	ID string `json:"id"`
	// Account and VPC are set for a group of another account or VPC.
	Account string `json:"account,omitempty"`
	VPC     string `json:"vpc,omitempty"`
	// PeeringStatus is active, or another state of the peering connection
	// that makes the rule stale.
	PeeringStatus string `json:"peeringStatus,omitempty"`
}

// Stale tells whether the group is over a peering that is gone: such a rule admits
// nothing.
func (g *GroupReference) Stale() bool { return g.PeeringStatus != "" && g.PeeringStatus != "active" }

// Covers tells whether the rule is about the protocol ("tcp" or "udp") and port.
func (r *SecurityGroupRule) Covers(protocol string, port int) bool {
	return r.Protocol == AllProtocols || CoversProtocol(r.Protocol, protocol) && r.FromPort <= port && port <= r.ToPort
}

// CoversProtocol tells whether the protocol of a rule or an ACL entry (a name, a
// number or [AllProtocols]) is or includes a protocol, "tcp" or "udp".
func CoversProtocol(of, protocol string) bool {
	return of == AllProtocols || of == protocol || of == protocolNumbers[protocol]
}

// protocolNumbers are the IANA numbers, which the EC2 API accepts in place of
// the names.
var protocolNumbers = map[string]string{"tcp": "6", "udp": "17"}

// Peer is the text of the rule's source or destination.
func (r *SecurityGroupRule) Peer() string {
	switch {
	case r.Group != nil:
		return r.Group.ID
	case r.PrefixList != "":
		return r.PrefixList
	}
	return r.CIDR.String()
}

// Ports is the protocol and the port range for a reader: "tcp 80", "tcp
// 8000-8010", "all traffic".
func (r *SecurityGroupRule) Ports() string {
	name := r.Protocol
	switch name {
	case AllProtocols:
		return "all traffic"
	case protocolNumbers["tcp"]:
		name = "tcp"
	case protocolNumbers["udp"]:
		name = "udp"
	}
	switch {
	case r.FromPort == 0 && r.ToPort == maxPort:
		return "all " + name
	case r.FromPort == r.ToPort:
		return name + " " + strconv.Itoa(r.FromPort)
	}
	return name + " " + strconv.Itoa(r.FromPort) + "-" + strconv.Itoa(r.ToPort)
}

// PrefixList is a managed prefix list. Entries is nil until they were read.
type PrefixList struct {
	ID      string         `json:"id"`
	Name    string         `json:"name,omitempty"`
	Owner   string         `json:"owner,omitempty"`
	Version int64          `json:"version,omitempty"`
	Entries []netip.Prefix `json:"entries"`
}

// NetworkACL is a network access control list: stateless, ordered by rule
// number, first match wins, and everything else is refused.
type NetworkACL struct {
	ID      string            `json:"id"`
	VPC     string            `json:"vpc"`
	Default bool              `json:"default,omitempty"`
	Subnets []string          `json:"subnets,omitempty"`
	Entries []NetworkACLEntry `json:"entries,omitempty"`
}

// NetworkACLEntry is a rule of a network ACL.
type NetworkACLEntry struct {
	Number int `json:"number"`
	// Egress is false for an ingress entry.
	Egress bool `json:"egress,omitempty"`
	Allow  bool `json:"allow"`
	// Protocol is an IANA number, or [AllProtocols].
	Protocol string       `json:"protocol"`
	CIDR     netip.Prefix `json:"cidr"`
	FromPort int          `json:"fromPort,omitempty"`
	ToPort   int          `json:"toPort,omitempty"`
}

// String is the entry as the console writes it: "rule 100 allows tcp 0-65535
// from 0.0.0.0/0".
func (e *NetworkACLEntry) String() string {
	var b strings.Builder
	verb, side := "denies", "from"
	if e.Allow {
		verb = "allows"
	}
	if e.Egress {
		side = "to"
	}
	ports := SecurityGroupRule{Protocol: e.Protocol, FromPort: e.FromPort, ToPort: e.ToPort}
	fmt.Fprintf(&b, "rule %d %s %s %s %s", e.Number, verb, ports.Ports(), side, e.CIDR)
	return b.String()
}
