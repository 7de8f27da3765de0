package simulator

import "cmp"

// interfaceAPI answers the calls of EC2 about instances and network interfaces,
// which follow from the load balancers, container instances and tasks.
type interfaceAPI struct {
	account
	clock     *clock
	groups    *ruleBook
	balancing *loadBalancing
	clusters  *clusters
	others    []ec2Interface // those that a world names
}

type (
	ec2Interface struct {
		ID          string              `xml:"networkInterfaceId"`
		SubnetID    string              `xml:"subnetId"`
		VPC         string              `xml:"vpcId"`
		Zone        string              `xml:"availabilityZone"`
		Description string              `xml:"description"`
		OwnerID     string              `xml:"ownerId"`
		RequesterID string              `xml:"requesterId,omitempty"`
		Managed     bool                `xml:"requesterManaged"`
		Status      string              `xml:"status"`
		Address     string              `xml:"privateIpAddress"`
		Groups      items[ec2GroupName] `xml:"groupSet"`
		Attachment  *ec2Attachment      `xml:"attachment"`
		Addresses   items[ec2PrivateIP] `xml:"privateIpAddressesSet"`
		Type        string              `xml:"interfaceType"`
		Tags        items[tagEC2]       `xml:"tagSet"`
	}
	ec2GroupName struct {
		ID   string `xml:"groupId"`
		Name string `xml:"groupName"`
	}
	ec2Attachment struct {
		ID       string `xml:"attachmentId"`
		Instance string `xml:"instanceId,omitempty"`
		Status   string `xml:"status"`
	}
	ec2PrivateIP struct {
		Address string `xml:"privateIpAddress"`
		Primary bool   `xml:"primary"`
	}
)

// family is the interfaces of load balancer nodes, container instances and awsvpc
// tasks.
func (a *interfaceAPI) family() family[ec2Interface, ec2Interface] {
	return family[ec2Interface, ec2Interface]{
		set: "networkInterfaceSet", ids: "NetworkInterfaceId", notFound: "InvalidNetworkInterfaceID.NotFound",
		noun: "networkInterface ID", unpaged: "networkInterfaceIds",
		all:     a.interfaces,
		id:      func(i ec2Interface) string { return i.ID },
		filters: ec2Interface.filters,
		show:    func(i ec2Interface) ec2Interface { return i },
	}
}

func (i ec2Interface) filters() filters {
	values := filters{
		"network-interface-id": {i.ID}, "subnet-id": {i.SubnetID}, "vpc-id": {i.VPC}, "interface-type": {i.Type},
		"private-ip-address": {i.Address}, "addresses.private-ip-address": {i.Address}, "description": {i.Description},
		"attachment.instance-id": nil, "group-id": nil,
	}
	if i.Attachment != nil {
		values["attachment.instance-id"] = []string{i.Attachment.Instance}
	}
	for _, g := range i.Groups.Items {
		values["group-id"] = append(values["group-id"], g.ID)
	}
	return values
}

func (a *interfaceAPI) interfaces() []ec2Interface {
	var all []ec2Interface
	for _, l := range a.balancing.loadBalancers {
		kind := "interface"
		groups := a.groups.effective(l.securityGroups, l.vpc)
		if l.Type != "application" {
			kind = l.Type + "_load_balancer"
			if len(l.securityGroups) == 0 {
				groups = nil
			}
		}
		of := loadBalancerPath(l.LoadBalancer)
		for _, n := range l.nodes {
			all = append(all, a.newInterface("ELB "+of, kind, n.subnet, n.address, groups, of, n.subnet.id))
		}
	}
	all = append(all, a.others...)
	for _, i := range a.clusters.instances {
		all = append(all, a.instanceInterface(i))
	}
	for _, c := range a.clusters.all {
		for _, t := range c.running(a.clock) {
			if t.of.awsvpc() && t.subnet != nil {
				all = append(all, a.newInterface(
					a.arn("ecs", "attachment/"+uuid(t.id, "eni")), "interface", t.subnet, t.address, a.groups.groupsOf(t), t.id,
				))
			}
		}
	}
	return all
}

// addOthers makes the interfaces that a world names.
func (a *interfaceAPI) addOthers(nw *network) {
	for _, n := range nw.interfaces {
		on := cmp.Or(find(nw.subnets, func(s *subnet) bool { return s.Name == n.Subnet }), nw.subnets[0])
		groups := a.groups.effective(a.groups.ids(n.SecurityGroups, on.vpc), on.vpc)
		made := a.newInterface(n.Description, cmp.Or(n.Type, "interface"), on, on.address(), groups, "interface", n.Name)
		a.others = append(a.others, made)
	}
}

func (a *interfaceAPI) newInterface(
	description, kind string, in *subnet, address string, groups []*securityGroup, name ...string,
) ec2Interface {
	i := ec2Interface{
		ID: a.resourceID("eni", "", name...), SubnetID: in.id, VPC: in.vpc.id, Zone: in.zoneName, Description: description,
		OwnerID: a.id, Managed: true, Status: "in-use", Address: address, Type: kind,
		Addresses: items[ec2PrivateIP]{[]ec2PrivateIP{{Address: address, Primary: true}}},
	}
	for _, g := range groups {
		i.Groups.Items = append(i.Groups.Items, ec2GroupName{ID: g.id, Name: g.Name})
	}
	return i
}

// instanceInterface is the network interface of a container instance, whose
// groups stand before its tasks outside awsvpc mode.
func (a *interfaceAPI) instanceInterface(i *instance) ec2Interface {
	eni := a.newInterface("", "interface", i.subnet, i.address, a.groups.effective(i.securityGroups, i.subnet.vpc), i.ec2)
	eni.Attachment = &ec2Attachment{ID: a.resourceID("eni-attach", "", i.ec2), Instance: i.ec2, Status: "attached"}
	return eni
}
