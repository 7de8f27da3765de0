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
	Kind SourceKind `json:"kind"`
	// Name is the name of the load balancer or gateway.
	Name             string `json:"name,omitempty"`
	ListenerPort     int    `json:"listenerPort,omitempty"`
	ListenerProtocol string `json:"listenerProtocol,omitempty"`
	// Rule is "default" or the rule's priority.
	Rule        string `json:"rule,omitempty"`
	TargetGroup string `json:"targetGroup,omitempty"`
	// Weight is the percentage of a weighted forward; nil when the action has
	// one target group.
	Weight *int `json:"weight,omitempty"`
	// Services are the calling services; nil for other kinds of sources.
	Services *Callers `json:"services,omitempty"`
	// Endpoint is discoveryName.namespace:aliasPort, or the alias's DNS name.
	Endpoint string `json:"endpoint,omitempty"`
	// Scheme is the load balancer's: internet-facing or internal.
	Scheme string `json:"scheme,omitempty"`
	// LoadBalancerType is application or network.
	LoadBalancerType string `json:"loadBalancerType,omitempty"`
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

// Node is a kind of thing that handles a request.
type Node string

// The kinds of things on a path, as the diagram draws them.
const (
	NodeLoadBalancer Node = "load-balancer"
	NodeCallerApp    Node = "caller-app"
	NodeCallerAgent  Node = "caller-agent"
	NodeAgent        Node = "agent"
	NodeApp          Node = "app"
	// NodeTask stands for a task about which it is not known who in it
	// handles the request.
	NodeTask Node = "task"
)

// Evidence is a fact and the API call that said it.
type Evidence struct {
	// Fact quotes the field: "services[0].portName = app".
	Fact string `json:"fact"`
	// From is the IAM action, or another place: "ecs:DescribeServices".
	From string `json:"from"`
}

// Hop is one leg of a path.
type Hop struct {
	// From and To name the two ends for a reader: "client agent of web".
	From string `json:"from"`
	To   string `json:"to"`
	// FromNode and ToNode are their kinds.
	FromNode Node `json:"fromNode"`
	ToNode   Node `json:"toNode"`
	// Port is the destination port; 0 when not known.
	Port int `json:"port,omitempty"`
	// Protocol is what is spoken: http, https, tcp, tls, grpc, udp …
	Protocol string `json:"protocol,omitempty"`
	Access   Access `json:"access"`
	// Why names the rule that admits or refuses, or what is missing.
	Why string `json:"why"`
	// Symptom is what users see when the hop is refused.
	Symptom string `json:"symptom,omitempty"`
	// Needed is the rule that would admit a refused hop.
	Needed   string     `json:"needed,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	// Checks are the single decisions behind Access, in the order that a packet
	// meets them.
	Checks []Check `json:"checks,omitempty"`
}

// CheckKind is a place where the network decides.
type CheckKind string

// The places, in the order that a packet meets them.
const (
	CheckSourceEgress  CheckKind = "source-egress"
	CheckNetworkACL    CheckKind = "network-acl"
	CheckTargetIngress CheckKind = "target-ingress"
	CheckRouting       CheckKind = "routing"
)

// Check is the decision of one place on the way.
type Check struct {
	Kind   CheckKind `json:"kind"`
	Access Access    `json:"access"`
	Why    string    `json:"why"`
	// Partial is set when an ACL refuses some pairs of subnets, not all.
	Partial bool `json:"partial,omitempty"`
	// Resource is the group or ACL that decided, if one did.
	Resource string `json:"resource,omitempty"`
}

// Path is one way of a request, and what is known about it. The JSON form is
// part of the report, which other programs depend on.
type Path struct {
	// ID is the name of the place and a digest of the callers. It is the same from
	// run to run, and whatever the outcome is, as long as they are.
	ID string `json:"id"`
	// Place is where the path leads from and to.
	Place Place `json:"-"`
	// AlsoIn are the roles of other running deployments that the path stands for as
	// well; see [Path.Places].
	AlsoIn  []string `json:"-"`
	Source  Source   `json:"source"`
	Target  Target   `json:"target"`
	Via     Via      `json:"via"`
	Access  Access   `json:"access"`
	Verdict Verdict  `json:"verdict"`
	Hops    []Hop    `json:"hops"`
	// Findings are the codes of the findings on this path, sorted.
	Findings []string `json:"findings"`
	// ViaWhy says why the request goes this way.
	ViaWhy string `json:"viaWhy,omitempty"`
	// Missing lists the facts without which the path cannot be judged.
	Missing []model.Missing `json:"missing,omitempty"`

	// Facts are what the path was derived from, for rules and the screen.
	Facts Facts `json:"-"`

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
	// Meant is a sign that the refused callers of an endpoint are meant to
	// call it: its groups name theirs, on the wire port or on the container port
	// from which an override moved the endpoint away; or all groups admit them,
	// and only a network ACL refuses.
	Meant          bool
	TaskDefinition *model.TaskDefinition
	// Offer is the Service Connect service whose endpoint a service-connect
	// path leads to.
	Offer *model.ServiceConnectService
	// LoadBalancer is the one that connects to the task; Front is the network
	// load balancer in front of it, if there is one.
	LoadBalancer *model.LoadBalancer
	Front        *model.LoadBalancer
	// ByHand is set when somebody other than ECS registered the target.
	ByHand      bool
	Listener    *model.Listener
	Rule        *model.ListenerRule
	TargetGroup *model.TargetGroup
}

// WhyUnknown says what keeps a path from being judged, "" if its verdict is
// another one.
func (p *Path) WhyUnknown() string {
	switch {
	case p.Verdict != Unknown:
		return ""
	case len(p.Missing) > 0:
		return p.Missing[0].String()
	case p.Via == ViaUnknown:
		return p.ViaWhy
	}
	for i := range p.Hops {
		if p.Hops[i].Access == AccessUnknown {
			return p.Hops[i].Why
		}
	}
	return p.ViaWhy
}

// SideDoor is a rule that lets callers reach the app past the agent.
type SideDoor struct {
	// Group is the security group that has the rule.
	Group string
	// Why quotes the rule.
	Why string
}
