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

type describeInstancesReply struct {
	Reservations items[ec2Reservation] `xml:"reservationSet"`
	NextToken    string                `xml:"nextToken,omitempty"`
}

func (a *interfaceAPI) describeInstances(p params) (*describeInstancesReply, error) {
	if p.has("MaxResults") && p.has("InstanceId.1") {
		return nil, refuse(
			"InvalidParameterCombination", "The parameter instancesSet cannot be used with the parameter maxResults",
		)
	}
	found, err := selection(p, a.clusters.instances, "InstanceId", "InvalidInstanceID.NotFound", "instance ID",
		func(i *instance) map[string][]string {
			return map[string][]string{
				"instance-id": {i.ec2}, "subnet-id": {i.subnet.id}, "vpc-id": {i.subnet.vpc.id}, "private-ip-address": {i.address},
			}
		},
		func(i *instance) string { return i.ec2 })
	if err != nil {
		return nil, err
	}
	page, next, err := pageEC2(found, p, 5, 1000)
	if err != nil {
		return nil, err
	}
	reply := &describeInstancesReply{NextToken: next}
	for _, i := range page {
		eni := a.instanceInterface(i)
		reply.Reservations.Items = append(reply.Reservations.Items, ec2Reservation{
			ID: a.resourceID("r", "", i.ec2), OwnerID: a.id, Instances: items[ec2Instance]{[]ec2Instance{{
				ID: i.ec2, State: ec2State{Code: 16, Name: "running"}, Type: "m7g.large", Address: i.address, SubnetID: i.subnet.id,
				VPC: i.subnet.vpc.id, Groups: eni.Groups, Interfaces: items[ec2Interface]{[]ec2Interface{eni}},
				Tags: nameTag(i.Name),
			}}},
		})
	}
	return reply, nil
}
