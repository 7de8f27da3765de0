package reach

import "hopscope/model"

// Via says who handles a request first inside the target task.
type Via string

// The ways into a task.
const (
	ViaAgent   Via = "agent"
	ViaDirect  Via = "direct"
	ViaUnknown Via = "unknown"
)

// Access says whether the network lets a request through.
type Access string

// The outcomes of asking security groups and network ACLs.
const (
	Allowed       Access = "allowed"
	Blocked       Access = "blocked"
	AccessUnknown Access = "unknown"
)

// Verdict is the judgement on a path, in the words of the report.
type Verdict string

// The verdicts; see [Verdict.Rank] for their order.
const (
	OK             Verdict = "ok"
	Needed         Verdict = "needed"
	Closed         Verdict = "closed"
	UnnecessaryHop Verdict = "unnecessary-hop"
	Risk           Verdict = "risk"
	Unknown        Verdict = "unknown"
	Broken         Verdict = "broken"
)

var verdictRanks = map[Verdict]int{OK: 0, Needed: 1, Closed: 2, UnnecessaryHop: 3, Risk: 4, Unknown: 5, Broken: 6}

// Rank orders verdicts: ok, needed, closed, unnecessary-hop, risk, unknown,
// broken.
func (v Verdict) Rank() int { return verdictRanks[v] }

// Worse is the worse of two verdicts.
func (v Verdict) Worse(o Verdict) Verdict {
	if o.Rank() > v.Rank() {
		return o
	}
	return v
}

// SourceKind says what sends a request.
type SourceKind string

// The kinds of sources.
const (
	SourceLoadBalancer     SourceKind = "load-balancer"
	SourceServiceConnect   SourceKind = "service-connect"
	SourceServiceDiscovery SourceKind = "service-discovery"
	SourceHealthCheck      SourceKind = "health-check"
	SourceServiceGateway   SourceKind = "service-gateway"
	SourceVPCLattice       SourceKind = "vpc-lattice"
)

// Source is where the requests of a path come from.
type Source struct {
	Kind SourceKind
	// Name is the name of the load balancer or gateway.
	Name             string
	ListenerPort     int
	ListenerProtocol string
	// Rule is "default" or the rule's priority.
	Rule        string
	TargetGroup string
	// Weight is the percentage of a weighted forward; nil when the action has
	// one target group.
	Weight *int
	// Services are the calling services; nil for other kinds of sources.
	Services *Callers
	// Endpoint is discoveryName.namespace:aliasPort, or the alias's DNS name.
	Endpoint string
	// Scheme is the load balancer's: internet-facing or internal.
	Scheme string
	// LoadBalancerType is application or network.
	LoadBalancerType model.LoadBalancerType
}

// Target is where a path ends.
type Target struct {
	Cluster   string `json:"cluster"`
	Service   string `json:"service"`
	Container string `json:"container,omitempty"`
	// ContainerPort is the app's port; 0 when not known.
	ContainerPort int `json:"containerPort,omitempty"`
	// WirePort is the port that security groups see; 0 when not known.
	WirePort int `json:"wirePort,omitempty"`
	// WirePortEnd is the end of a dynamic port range that starts at WirePort.
	WirePortEnd int `json:"wirePortEnd,omitempty"`
	// Deployment is PRIMARY or ACTIVE when the running deployments differ.
	Deployment string `json:"deployment,omitempty"`
}

// Ref is the target service.
func (t Target) Ref() model.Ref { return model.Ref{Cluster: t.Cluster, Service: t.Service} }

// Path is one way of a request, and what is known about it. What is said of it is
// made when it is shown: [Path.Hops], [Path.ViaWhy].
type Path struct {
	// ID is the name of the place and a digest of the callers. It is the same from
	// run to run, and whatever the outcome is, as long as they are.
	ID string
	// Place is where the path leads from and to.
	Place Place
	// AlsoIn are the roles of other running deployments that the path stands for as
	// well; see [Path.Places].
	AlsoIn []string
	Source Source
	Target Target
	// Twin is set where only its target group tells the path from another one into the
	// service: it is named then.
	Twin   bool
	Via    Via
	Access Access
	// Verdict is what the configuration gives; see [Path.Observed].
	Verdict Verdict
	// Health is what was observed of the targets of a load balancer's path; nil where
	// it was not read.
	Health *Health
	// Findings are the codes of the findings on this path, sorted.
	Findings []string
	// Missing lists the facts without which the path cannot be judged.
	Missing []model.Missing
	// Facts are what the path was derived from, for rules and the screen.
	Facts Facts
	// Text is what is said of a path that a test wrote; nil for all others, whose
	// texts are made when they are shown.
	Text *Text

	// way is what the hops are made from, and note what follows from the way for the
	// verdict.
	way  way
	note string
	// unhealthy is what targets that are all unhealthy make of the path at least; ""
	// where they are not.
	unhealthy Verdict
	// name is the place's without the deployment, and outcome the key of what its
	// callers meet.
	name, outcome string
}

// Facts are what a path was derived from. They point into the snapshot; each may
// be nil.
type Facts struct {
	Service    *model.Service
	Deployment *model.Deployment
	// Interception is the decision behind Via.
	Interception Interception
	// Namespace is the key of the namespace that a service-connect path's
	// endpoint is in; see [model.Index.Namespace].
	Namespace string
	// SideDoor is set when a rule names callers that are admitted on the wire
	// port on the container port as well, past the agent that an override moved.
	SideDoor *SideDoor
	// GroupToOpen is the security group to open when a port of the target must
	// be opened: the one that the fewest services share. "" when not known.
	GroupToOpen string
	// GroupToOpenID is its id alone.
	GroupToOpenID string
	// Intended is a sign that the refused callers of an endpoint are to be
	// admitted: its groups name theirs, on the wire port or on the container port
	// from which an override moved the endpoint away; or all groups admit them,
	// and only a network ACL refuses.
	Intended       bool
	TaskDefinition *model.TaskDefinition
	// Offer is the Service Connect service whose endpoint a service-connect
	// path leads to.
	Offer *model.ServiceConnectService
	// LoadBalancer is the one that connects to the task; Front is the network
	// load balancer in front of it, if there is one.
	LoadBalancer *model.LoadBalancer
	Front        *model.LoadBalancer
	// Bound are the host ports that the running tasks have, where all of them are admitted
	// and the range from which the next task gets its port is not known to be; else nil.
	Bound []int
	// ByHand is set when another program than ECS registered the target.
	ByHand      bool
	Listener    *model.Listener
	Rule        *model.ListenerRule
	TargetGroup *model.TargetGroup
}
