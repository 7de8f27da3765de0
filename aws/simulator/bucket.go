package simulator

import "time"

// limit is a token bucket as AWS documents it: burst tokens, refilled at a rate
// per second.
type limit struct {
	name          string
	burst, refill float64
}

// limits are the token buckets that a call takes from, all of them. They are
// those of AWS's pages "Request throttling" for the APIs of ECS, ELB and EC2 (docs/aws.md,
// Throttles); Cloud Map publishes none.
func (o *operation) limits() []limit {
	switch o.service {
	case serviceECS:
		if l, ok := ecsLimits[o.name]; ok {
			return []limit{l}
		}
		return []limit{{"ecs " + o.name, 10, 1}} // an assumption: AWS publishes none
	case serviceELB:
		account := limit{"elb", 40, 10}
		if o.mutating {
			return []limit{account, {"elb mutating", 20, 3}}
		}
		return []limit{account, {"elb non-mutating", 40, 10}}
	case serviceEC2:
		if o.mutating {
			return []limit{{"ec2 " + o.name, 50, 5}}
		}
		return []limit{{"ec2 " + o.name, 100, 20}}
	case serviceCW:
		switch o.name {
		case "ListMetrics":
			return []limit{{"cloudwatch ListMetrics", 25, 25}}
		case "DescribeAlarms":
			return []limit{{"cloudwatch DescribeAlarms", 9, 9}}
		}
		return []limit{{"cloudwatch GetMetricData", 500, 500}}
	}
	return nil
}

var (
	clusterRead        = limit{"ecs cluster read", 50, 20}
	serviceRead        = limit{"ecs service read", 100, 20}
	taskDefinitionRead = limit{"ecs task definition read", 50, 20}
	resourceRead       = limit{"ecs cluster resource read", 100, 20}
	deploymentRead     = limit{"ecs service deployment", 50, 20}

	ecsLimits = map[string]limit{
		"ListClusters": clusterRead, "DescribeClusters": clusterRead,
		"ListServices": serviceRead, "DescribeServices": serviceRead,
		"DescribeTaskDefinition": taskDefinitionRead, "ListTaskDefinitions": taskDefinitionRead,
		"ListTasks": resourceRead, "DescribeTasks": resourceRead,
		"ListContainerInstances": resourceRead, "DescribeContainerInstances": resourceRead,
		"ListServiceDeployments": deploymentRead, "DescribeServiceDeployments": deploymentRead,
		"DescribeServiceRevisions": {"ecs service revision", 50, 20},
		"ListServicesByNamespace":  {"ecs namespace", 10, 1},
		"UpdateService":            {"ecs service modify", 50, 5},
	}
)

// bucket holds the tokens of a limit.
type bucket struct {
	tokens float64
	at     time.Time
}

// take takes a token from every bucket that the operation draws on, or none.
func (s *faultState) take(op *operation, now time.Time) bool {
	limits := op.limits()
	for _, l := range limits {
		b := s.buckets[l.name]
		if b == nil {
			b = &bucket{tokens: l.burst, at: now}
			s.buckets[l.name] = b
		}
		b.tokens = min(l.burst, b.tokens+now.Sub(b.at).Seconds()*l.refill)
		b.at = now
	}
	for _, l := range limits {
		if s.buckets[l.name].tokens < 1 {
			return false
		}
	}
	for _, l := range limits {
		s.buckets[l.name].tokens--
	}
	return true
}
