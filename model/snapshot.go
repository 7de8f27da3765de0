package model

import "time"

// Scope is what a snapshot was asked to cover.
type Scope struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	// Clusters are the names of the clusters that were read, sorted.
	Clusters []string `json:"clusters"`
	// AllClusters is set when they are all clusters of the region: no --cluster left
	// any out.
	AllClusters bool `json:"allClusters,omitempty"`
}

// Count compares what a listing named with what was loaded.
type Count struct {
	Listed int `json:"listed"`
	Loaded int `json:"loaded"`
}

// Counts compares listings with what was loaded. A shortfall has a Gap.
type Counts struct {
	Services        Count `json:"services"`
	TaskDefinitions Count `json:"taskDefinitions"`
	TargetGroups    Count `json:"targetGroups"`
	LoadBalancers   Count `json:"loadBalancers"`
}

// Stats is what reading the account cost.
type Stats struct {
	// Calls counts the requests sent, retries included, by IAM action.
	Calls map[Action]int `json:"calls,omitempty"`
	// Throttled counts the replies that refused a call for its rate.
	Throttled int `json:"throttled"`
	// CollectMillis is the time from the first request to the last answer.
	CollectMillis int64 `json:"collectMillis"`
}

// TotalCalls is the number of requests sent.
func (s Stats) TotalCalls() int {
	total := 0
	for _, n := range s.Calls {
		total += n
	}
	return total
}

// Snapshot is everything that was read from one account and region. It is
// immutable once handed out: progressive loading hands out new snapshots, which
// may share slices with older ones. Every slice is sorted by name or ARN.
type Snapshot struct {
	// Origin says where the facts come from, for the header and the report:
	// "aws", "simulator:article", or an endpoint URL.
	Origin      string    `json:"origin,omitempty"`
	Scope       Scope     `json:"scope"`
	CollectedAt time.Time `json:"collectedAt,omitzero"`
	// Complete is true when the reading ended and nothing was left out.
	Complete bool   `json:"complete"`
	Counts   Counts `json:"counts"`
	// Gaps lists what could not be read, sorted by action, then resource.
	Gaps  []Gap `json:"gaps,omitempty"`
	Stats Stats `json:"stats"`

	Clusters        []Cluster        `json:"clusters,omitempty"`
	Services        []Service        `json:"services,omitempty"`
	TaskDefinitions []TaskDefinition `json:"taskDefinitions,omitempty"`
	GatewayRoutes   []GatewayRoute   `json:"gatewayRoutes,omitempty"`
	// ServiceRevisions are the current revisions of the services of which
	// DescribeServices does not tell everything: behind a service gateway, of
	// Express mode, or between two revisions.
	ServiceRevisions []ServiceRevision `json:"serviceRevisions,omitempty"`
	// ContainerInstances are those of the clusters that have tasks without
	// network interfaces of their own.
	ContainerInstances []ContainerInstance `json:"containerInstances,omitempty"`
	// StandaloneTasks are the tasks of clusters that no service started; a cluster
	// whose tasks were not looked at is not among them.
	StandaloneTasks []StandaloneTasks `json:"standaloneTasks,omitempty"`
	LoadBalancers   []LoadBalancer    `json:"loadBalancers,omitempty"`
	Listeners       []Listener        `json:"listeners,omitempty"`
	ListenerRules   []ListenerRule    `json:"listenerRules,omitempty"`
	TargetGroups    []TargetGroup     `json:"targetGroups,omitempty"`
	SecurityGroups  []SecurityGroup   `json:"securityGroups,omitempty"`
	NetworkACLs     []NetworkACL      `json:"networkAcls,omitempty"`
	// NetworkInterfaces are those with security groups that rules of others name.
	NetworkInterfaces []NetworkInterface `json:"networkInterfaces,omitempty"`
	PrefixLists       []PrefixList       `json:"prefixLists,omitempty"`
	Subnets           []Subnet           `json:"subnets,omitempty"`
	VPCs              []VPC              `json:"vpcs,omitempty"`
	Namespaces        []Namespace        `json:"namespaces,omitempty"`
	// DiscoveryServices are the Cloud Map services of the namespaces in use.
	DiscoveryServices []DiscoveryService `json:"discoveryServices,omitempty"`
	// Traffic is who called whom through Service Connect lately; nil when that
	// was not read.
	Traffic *Traffic `json:"traffic,omitempty"`
	// Metrics are what was measured beside all this; nil where it was not asked for.
	Metrics *Metrics `json:"metrics,omitempty"`
}

// Loading tells whether the reading is still going on.
func (s *Snapshot) Loading() bool {
	for i := range s.Gaps {
		if s.Gaps[i].State == Loading {
			return true
		}
	}
	return false
}
