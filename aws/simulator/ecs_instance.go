package simulator

import "strings"

type containerInstancesInput struct {
	Cluster    string   `json:"cluster"`
	ARNs       []string `json:"containerInstances"`
	MaxResults *int     `json:"maxResults"`
	NextToken  string   `json:"nextToken"`
}

type listContainerInstancesReply struct {
	ARNs      []string `json:"containerInstanceArns"`
	NextToken string   `json:"nextToken,omitempty"`
}

type describeContainerInstancesReply struct {
	Instances []ecsInstance `json:"containerInstances"`
	Failures  []failure     `json:"failures"`
}

type ecsInstance struct {
	ARN            string `json:"containerInstanceArn"`
	EC2            string `json:"ec2InstanceId"`
	Status         string `json:"status"`
	AgentConnected bool   `json:"agentConnected"`
	Running        int    `json:"runningTasksCount"`
	RegisteredAt   epoch  `json:"registeredAt"`
}

func (a *clusterAPI) listInstances(in *containerInstancesInput) (*listContainerInstancesReply, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	arns := []string{}
	for _, i := range c.instances {
		arns = append(arns, i.arn)
	}
	page, next, err := pageJSON(arns, in.NextToken, in.MaxResults, 100)
	return &listContainerInstancesReply{ARNs: page, NextToken: next}, err
}

func (a *clusterAPI) describeInstances(in *containerInstancesInput) (*describeContainerInstancesReply, error) {
	c, err := a.clusters.find(in.Cluster)
	if err != nil {
		return nil, err
	}
	if len(in.ARNs) == 0 || len(in.ARNs) > 100 {
		return nil, errParameter("Container instances must have between 1 and 100 elements.")
	}
	reply := &describeContainerInstancesReply{Instances: []ecsInstance{}, Failures: []failure{}}
	for _, name := range in.ARNs {
		i := find(c.instances, func(i *instance) bool {
			return i.arn == name || strings.HasSuffix(i.arn, "/"+name)
		})
		if i == nil {
			reply.Failures = append(reply.Failures, failure{ARN: name, Reason: "MISSING"})
			continue
		}
		d := ecsInstance{ARN: i.arn, EC2: i.ec2, Status: "ACTIVE", AgentConnected: true, RegisteredAt: epoch{created()}}
		for _, s := range c.services {
			for _, t := range s.running(a.clock.now) {
				if t.instance == i {
					d.Running++
				}
			}
		}
		reply.Instances = append(reply.Instances, d)
	}
	return reply, nil
}
