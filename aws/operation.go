package aws

import (
	"iter"
	"maps"
	"slices"

	"golang.org/x/time/rate"

	"hopscope/model"
)

// Operation is what hopscope knows about an AWS operation that it sends: a row of
// one table, under the IAM action that allows it.
type Operation struct {
	Pace
	// Page is the largest page of a listing, and Batch the resources, or values of
	// a filter, that one call takes; 0 where there is no such thing.
	Page  int32
	Batch int
	// NeverEmpty tells that its list has something in it, whatever it is asked about.
	NeverEmpty bool
	// After are the operations whose answers start its calls: it cannot have
	// ended before them.
	After actions
	// ResourceLevel tells that an IAM policy may allow the operation for one
	// resource and not for another.
	ResourceLevel bool
	// Urgent calls list what other calls need; they get tokens and room first.
	Urgent bool
	// Use says what it is sent for.
	Use Use
	// Optional tells that nothing is unknown without it: what it tells is asked of other
	// operations then, with more calls.
	Optional bool
	// Scope is how far an IAM policy can narrow it.
	Scope Scope
	// Effect says what is unknown, or cannot be done, without it.
	Effect string
}

// Use is what an operation is sent for.
type Use int

// The uses of operations.
const (
	// Reading an account is what everything else begins with.
	Reading Use = iota
	// Applying a plan, or taking one back.
	Applying
)

// Scope is what an IAM policy can allow an operation for, as far as hopscope can name
// it; the zero value is for everything, and nothing less.
//
// Source: AWS service authorization reference.
type Scope struct {
	// Types are the resource types, as in the ARNs of the operation's service.
	Types []string
	// ByCluster tells that there is none, but the condition key ecs:cluster.
	ByCluster bool
	// Foreign tells that the resources may belong to other accounts, or to AWS.
	Foreign bool
}

// actions are operations by their IAM actions.
type actions = []model.Action

// Pace is how fast calls may follow each other.
type Pace struct {
	// Quota is the rate limit that its calls share with others.
	Quota Quota
	// Lane is the group of calls whose concurrency is bounded together; the zero
	// lane is for calls that are sent one by one.
	Lane Lane
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

// The paces that operations share. The quotas of the gateway reads and of Cloud
// Map's control plane are not published; these are cautious.
//
// Sources: Amazon ECS API reference, request throttling; Elastic Load Balancing
// user guide, API throttling; Amazon EC2 API throttling; CloudWatch service quotas.
var (
	clusterReads         = Pace{Quota{"ECS cluster read", 50, 20}, Lane{"ecs clusters", 4}}
	serviceReads         = Pace{Quota{"ECS service read", 100, 20}, Lane{"ecs services", 24}}
	taskDefinitionReads  = Pace{Quota{"ECS task definition read", 50, 20}, Lane{"ecs task definitions", 16}}
	gatewayReads         = Pace{Quota{"ECS gateway read", 10, 1}, Lane{"ecs gateways", 2}}
	revisionReads        = Pace{Quota{"ECS service revision", 50, 20}, Lane{"ecs service revisions", 8}}
	clusterResourceReads = Pace{Quota{"ECS cluster resource read", 100, 20}, Lane{"ecs tasks and instances", 8}}
	namespaceReads       = Pace{Quota{"ECS ListServicesByNamespace", 10, 1}, Lane{"ecs namespaces", 2}}
	loadBalancerReads    = Pace{Quota{"ELBv2", 40, 10}, Lane{"elbv2", 16}}
	cloudMapReads        = Pace{Quota{"Cloud Map", 20, 5}, Lane{"cloud map", 2}}
	metricReads          = Pace{Quota{"CloudWatch ListMetrics", 25, 25}, Lane{"cloudwatch", 2}}
	alarmReads           = Pace{Quota: Quota{"CloudWatch DescribeAlarms", 9, 9}}
	metricDataReads      = Pace{Quota{"CloudWatch GetMetricData", 500, 500}, Lane{"cloudwatch", 2}}
	serviceWrites        = Pace{Quota: Quota{"ECS service modify", 50, 5}}
)

// ec2Reads is the pace of a non-mutating operation of EC2, which has a quota to
// itself when it is paged or filtered.
func ec2Reads(a model.Action) Pace { return Pace{Quota{string(a), 100, 20}, Lane{"ec2", 8}} }

// ec2Writes is the pace of an operation of EC2 that changes rules.
func ec2Writes(a model.Action) Pace { return Pace{Quota: Quota{string(a), 50, 5}} }

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
func Reads() iter.Seq[model.Action] { return slices.Values(ActionsFor(Reading)) }

// ActionsFor are the actions that are sent for a use, sorted.
func ActionsFor(use Use) []model.Action {
	var all []model.Action
	for a := range maps.Keys(operations) {
		if operations[a].Use == use {
			all = append(all, a)
		}
	}
	slices.Sort(all)
	return all
}
