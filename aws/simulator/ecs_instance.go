package simulator

type containerInstancesInput struct {
	pageRequest
	Cluster string   `json:"cluster"`
	ARNs    []string `json:"containerInstances"`
}

type ecsInstance struct {
	ARN            string `json:"containerInstanceArn"`
	EC2            string `json:"ec2InstanceId"`
	Status         string `json:"status"`
	AgentConnected bool   `json:"agentConnected"`
	Running        int    `json:"runningTasksCount"`
	RegisteredAt   epoch  `json:"registeredAt"`
}

func (a *clusterAPI) listInstances(in *containerInstancesInput) (map[string]any, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	var arns []string
	for _, i := range c.instances {
		arns = append(arns, i.arn)
	}
	return listing("containerInstanceArns", arns, in.pageRequest, 100)
}

func (a *clusterAPI) describeInstances(in *containerInstancesInput) (map[string]any, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	if len(in.ARNs) == 0 || len(in.ARNs) > 100 {
		return nil, errParameter("Container instances must have between 1 and 100 elements.")
	}
	return batch("containerInstances", in.ARNs, func(name string) (d ecsInstance, found bool) {
		i := find(c.instances, func(i *instance) bool { return name != "" && isFor(name, i.arn) })
		if i == nil {
			return d, false
		}
		d = ecsInstance{ARN: i.arn, EC2: i.ec2, Status: "ACTIVE", AgentConnected: true, RegisteredAt: epoch{created()}}
		for _, t := range c.running(a.clock) {
			if t.instance == i {
				d.Running++
			}
		}
		return d, true
	}), nil
}
