package simulator

type (
	ec2Reservation struct {
		ID        string             `xml:"reservationId"`
		OwnerID   string             `xml:"ownerId"`
		Instances items[ec2Instance] `xml:"instancesSet"`
	}
	ec2Instance struct {
		ID         string              `xml:"instanceId"`
		State      ec2State            `xml:"instanceState"`
		Type       string              `xml:"instanceType"`
		Address    string              `xml:"privateIpAddress"`
		SubnetID   string              `xml:"subnetId"`
		VPC        string              `xml:"vpcId"`
		Groups     items[ec2GroupName] `xml:"groupSet"`
		Interfaces items[ec2Interface] `xml:"networkInterfaceSet"`
		Tags       items[tagEC2]       `xml:"tagSet"`
	}
	ec2State struct {
		Code int    `xml:"code"`
		Name string `xml:"name"`
	}
)

func (a *interfaceAPI) instanceFamily() family[*instance, ec2Reservation] {
	return family[*instance, ec2Reservation]{
		set: "reservationSet", ids: "InstanceId", notFound: "InvalidInstanceID.NotFound", noun: "instance ID",
		unpaged: "instancesSet",
		all:     func() []*instance { return a.clusters.instances },
		id:      func(i *instance) string { return i.ec2 },
		filters: func(i *instance) filters {
			return filters{
				"instance-id": {i.ec2}, "subnet-id": {i.subnet.id}, "vpc-id": {i.subnet.vpc.id}, "private-ip-address": {i.address},
			}
		},
		show: a.describeInstance,
	}
}

func (a *interfaceAPI) describeInstance(i *instance) ec2Reservation {
	eni := a.instanceInterface(i)
	return ec2Reservation{
		ID: a.resourceID("r", "", i.ec2), OwnerID: a.id, Instances: items[ec2Instance]{[]ec2Instance{{
			ID: i.ec2, State: ec2State{Code: 16, Name: "running"}, Type: "m7g.large", Address: i.address, SubnetID: i.subnet.id,
			VPC: i.subnet.vpc.id, Groups: eni.Groups, Interfaces: items[ec2Interface]{[]ec2Interface{eni}},
			Tags: nameTag(i.Name),
		}}},
	}
}
