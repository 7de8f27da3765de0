package model

import (
	"net/netip"
	"slices"
)

// NetworkInterface is an interface that has a security group which a rule of a load
// balancer, task or instance names: an instance, a Lambda function, a task or
// whatever else the rule admits.
//
// Source: Amazon EC2 API reference, NetworkInterface.
type NetworkInterface struct {
	ID             string       `json:"id"`
	VPC            string       `json:"vpc,omitempty"`
	Subnet         string       `json:"subnet,omitempty"`
	SecurityGroups []string     `json:"securityGroups,omitempty"`
	Addresses      []netip.Addr `json:"addresses,omitempty"`
	// Type is interface, lambda, nat_gateway, vpc_endpoint, network_load_balancer and
	// so on.
	Type string `json:"type,omitempty"`
	// Description is AWS's where a service made the interface: "ELB app/…", "AWS Lambda
	// VPC ENI-…", the ARN of an ECS attachment.
	Description string `json:"description,omitempty"`
	// Instance is the EC2 instance that the interface is attached to.
	Instance string `json:"instance,omitempty"`
}

// InterfacesWith are the network interfaces that have a security group, which may be
// none.
func (ix *Index) InterfacesWith(group string) ([]*NetworkInterface, *Missing) {
	if unread := ix.InterfacesUnread(group); unread != nil {
		return nil, unread
	}
	var all []*NetworkInterface
	for i := range ix.Snapshot.NetworkInterfaces {
		if n := &ix.Snapshot.NetworkInterfaces[i]; slices.Contains(n.SecurityGroups, group) {
			all = append(all, n)
		}
	}
	return all, nil
}

// InterfacesUnread says why the interfaces that have a security group are not known; nil
// where they are.
func (ix *Index) InterfacesUnread(group string) *Missing {
	g := ix.securityGroups[group]
	if g == nil || !g.InterfacesRead || ix.Gap(DescribeNetworkInterfaces, group) != nil {
		return ix.unread("interfaces with security group "+group, DescribeNetworkInterfaces, group)
	}
	return nil
}
