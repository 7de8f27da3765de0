package simulator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// VPC is a virtual private cloud. Each has a network ACL and a security group
// named "default" that need not be written down.
type VPC struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	ID   string `json:"id,omitempty"`
	// CIDRs are its IPv4 blocks; 10.0.0.0/16 when left out.
	CIDRs     []string `json:"cidrs,omitempty"`
	IPv6CIDRs []string `json:"ipv6Cidrs,omitempty"`
}

// Subnet is a subnet of a VPC.
type Subnet struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	ID   string `json:"id,omitempty"`
	// VPC defaults to the first one.
	VPC string `json:"vpc,omitempty"`
	// CIDR may be left out in an IPv6-only subnet.
	CIDR     string `json:"cidr,omitempty"`
	IPv6CIDR string `json:"ipv6Cidr,omitempty"`
	// Zone is the letter of the availability zone, "a" by default.
	Zone string `json:"zone,omitempty"`
	// NetworkACL defaults to the default one of the VPC, which allows all.
	NetworkACL string `json:"networkAcl,omitempty"`
}

// NetworkACL is a network access control list. It denies what no
// entry matches.
type NetworkACL struct {
	Name    string            `json:"name"`
	Note    string            `json:"note,omitempty"`
	VPC     string            `json:"vpc,omitempty"`
	Entries []NetworkACLEntry `json:"entries"`
}

// NetworkACLEntry is a numbered rule.
type NetworkACLEntry struct {
	Note   string `json:"note,omitempty"`
	Number int    `json:"number"`
	// Egress is false for an ingress entry.
	Egress bool `json:"egress,omitempty"`
	// Action is allow or deny.
	Action string `json:"action"`
	// Protocol is tcp, udp, a number, or -1 for all, which is the default when
	// no ports are given; with ports the default is tcp.
	Protocol string    `json:"protocol,omitempty"`
	CIDR     string    `json:"cidr"`
	Ports    PortRange `json:"ports,omitzero"`
}

// PrefixList is a managed prefix list.
type PrefixList struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	ID   string `json:"id,omitempty"`
	// Owner defaults to the account; AWS's own lists have "AWS".
	Owner string `json:"owner,omitempty"`
	// Version defaults to 1.
	Version int      `json:"version,omitempty"`
	Entries []string `json:"entries"`
}

// NetworkInterface is an interface of something that is no load balancer, task or
// container instance: a Lambda function, a bastion host.
type NetworkInterface struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	// Type defaults to interface; lambda, nat_gateway and so on are AWS's words.
	Type        string `json:"type,omitempty"`
	Description string `json:"description,omitempty"`
	// Subnet defaults to the first one.
	Subnet         string   `json:"subnet,omitempty"`
	SecurityGroups []string `json:"securityGroups,omitempty"`
}

// SecurityGroup is a security group.
type SecurityGroup struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"`
	ID   string `json:"id,omitempty"`
	// VPC defaults to the first one.
	VPC     string              `json:"vpc,omitempty"`
	Ingress []SecurityGroupRule `json:"ingress,omitempty"`
	// Egress nil, or left out, allows all; empty, or [], lets nothing out.
	Egress []SecurityGroupRule `json:"egress"`
	Tags   map[string]string   `json:"tags,omitempty"`
}

// SecurityGroupRule admits traffic from or to exactly one of CIDR, Group and
// PrefixList.
type SecurityGroupRule struct {
	// Note is the rule's description.
	Note string `json:"note,omitempty"`
	// Protocol is tcp, udp, icmp, icmpv6, a number, or -1 for all, which is the
	// default when no ports are given; with ports the default is tcp.
	Protocol string    `json:"protocol,omitempty"`
	Ports    PortRange `json:"ports,omitzero"`
	// CIDR is an IPv4 or IPv6 block.
	CIDR string `json:"cidr,omitempty"`
	// Group is the name of a security group, or the id of one that belongs to
	// another VPC or account.
	Group      string `json:"group,omitempty"`
	PrefixList string `json:"prefixList,omitempty"`
	// Account, PeerVPC and PeeringStatus belong to a group of another account
	// or VPC.
	Account       string `json:"account,omitempty"`
	PeerVPC       string `json:"peerVpc,omitempty"`
	PeeringStatus string `json:"peeringStatus,omitempty"`
}

// PortRange is a range of ports, both ends included. The zero value means that
// no ports were given. In a file it is a number, "80", or "8000-8010".
type PortRange struct{ From, To int }

// Port is the range of one port.
func Port(p int) PortRange { return PortRange{From: p, To: p} }

// UnmarshalJSON reads a number or a string.
func (r *PortRange) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	from, to, ranged := strings.Cut(text, "-")
	if !ranged {
		to = from
	}
	var err error
	if r.From, err = port(from); err != nil {
		return err
	}
	if r.To, err = port(to); err != nil {
		return err
	}
	if r.From > r.To {
		return fmt.Errorf("port range %q ends before it begins", text)
	}
	return nil
}

// MarshalJSON writes the form that UnmarshalJSON reads.
func (r PortRange) MarshalJSON() ([]byte, error) {
	if r.From == r.To {
		return json.Marshal(r.From)
	}
	return json.Marshal(fmt.Sprintf("%d-%d", r.From, r.To))
}

func port(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxPort {
		return 0, fmt.Errorf("%q is not a port: write a number from 0 to %d, or a range such as \"8000-8010\"", text, maxPort)
	}
	return n, nil
}

const maxPort = 65535
