package aws

import (
	"iter"
	"maps"

	"golang.org/x/time/rate"

	"hopscope/model"
)

// Operation is what hopscope knows about an AWS operation that it sends: a row of
// one table, under the IAM action that allows it.
type Operation struct {
	// Quota is the rate limit that its calls share with others.
	Quota Quota
	// Lane is the group of calls whose concurrency is bounded together; the zero
	// lane is for calls that are sent one by one.
	Lane Lane
	// Page is the largest page of a listing, and Batch the resources, or values of
	// a filter, that one call takes; 0 where there is no such thing.
	Page  int32
	Batch int
	// After are the operations whose answers start its calls: it cannot have
	// ended before them.
	After []model.Action
	// ResourceLevel tells that an IAM policy may allow the operation for one
	// resource and not for another.
	ResourceLevel bool
	// Urgent calls list what other calls need; they get tokens and room first.
	Urgent bool
	// Effect says which verdicts are unknown without it; "" is for operations that
	// reading an account does not send.
	Effect string
}

// Quota is a documented token bucket: its size, and what flows in each second.
// Operations whose quotas have one name draw from one bucket.
type Quota struct {
	Name   string
	Burst  int
	Refill rate.Limit
}

// Lane is a number of calls that may be under way at once. At 20 calls a second
// and 0.25 s a call, 5 would do; more drain the burst sooner.
type Lane struct {
	Name  string
	Width int
}

// The quotas that operations share. Those of the gateway reads and of Cloud Map's
// control plane are not published; these are cautious.
//
// Sources: Amazon ECS API reference, request throttling; Elastic Load Balancing
// user guide, API throttling; Amazon EC2 API throttling; CloudWatch service quotas.
var (
	clusterReads         = Quota{Name: "ECS cluster read", Burst: 50, Refill: 20}
	serviceReads         = Quota{Name: "ECS service read", Burst: 100, Refill: 20}
	taskDefinitionReads  = Quota{Name: "ECS task definition read", Burst: 50, Refill: 20}
	gatewayReads         = Quota{Name: "ECS gateway read", Burst: 10, Refill: 1}
	revisionReads        = Quota{Name: "ECS service revision", Burst: 50, Refill: 20}
	clusterResourceReads = Quota{Name: "ECS cluster resource read", Burst: 100, Refill: 20}
	namespaceReads       = Quota{Name: "ECS ListServicesByNamespace", Burst: 10, Refill: 1}
	serviceWrites        = Quota{Name: "ECS service modify", Burst: 50, Refill: 5}
	loadBalancerReads    = Quota{Name: "ELBv2", Burst: 40, Refill: 10}
	cloudMapReads        = Quota{Name: "Cloud Map", Burst: 20, Refill: 5}
	metricReads          = Quota{Name: "CloudWatch ListMetrics", Burst: 25, Refill: 25}
	metricDataReads      = Quota{Name: "CloudWatch GetMetricData", Burst: 500, Refill: 500}
)

// ec2Read is the quota that a non-mutating operation of EC2 has to itself when it
// is paged or filtered.
func ec2Read(a model.Action) Quota { return Quota{Name: string(a), Burst: 100, Refill: 20} }

// ec2Write is the quota that an operation of EC2 has to itself that changes rules.
func ec2Write(a model.Action) Quota { return Quota{Name: string(a), Burst: 50, Refill: 5} }

// The lanes.
var (
	clusterLane         = Lane{Name: "ecs clusters", Width: 4}
	serviceLane         = Lane{Name: "ecs services", Width: 24}
	taskDefinitionLane  = Lane{Name: "ecs task definitions", Width: 16}
	gatewayLane         = Lane{Name: "ecs gateways", Width: 2}
	revisionLane        = Lane{Name: "ecs service revisions", Width: 8}
	clusterResourceLane = Lane{Name: "ecs tasks and instances", Width: 8}
	namespaceLane       = Lane{Name: "ecs namespaces", Width: 2}
	loadBalancerLane    = Lane{Name: "elbv2", Width: 16}
	networkLane         = Lane{Name: "ec2", Width: 8}
	cloudMapLane        = Lane{Name: "cloud map", Width: 2}
	metricLane          = Lane{Name: "cloudwatch", Width: 2}
)

// OperationOf is the row of an action; one without a row has the zero row.
func OperationOf(a model.Action) Operation { return operations[a] }

// PageSize is the largest page of an action's listing.
func PageSize(a model.Action) *int32 {
	size := operations[a].Page
	return &size
}

// Batch is how many resources one call of an action takes.
func Batch(a model.Action) int { return operations[a].Batch }

// Reads are the actions that reading an account sends.
func Reads() iter.Seq[model.Action] {
	return func(yield func(model.Action) bool) {
		for a := range maps.Keys(operations) {
			if operations[a].Effect != "" && !yield(a) {
				return
			}
		}
	}
}
