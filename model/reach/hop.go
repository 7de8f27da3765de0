package reach

// Node is a kind of thing that handles a request.
type Node string

// The kinds of things on a path, as the diagram draws them.
const (
	// NodeClients are what connects to a load balancer: which programs those are, is not
	// known.
	NodeClients      Node = "clients"
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
	FromNode Node `json:"fromNode,omitempty"`
	ToNode   Node `json:"toNode"`
	// Port is the destination port; 0 when not known.
	Port int `json:"port,omitempty"`
	// Protocol is what is spoken: http, https, tcp, tls, grpc, udp …
	Protocol string `json:"protocol,omitempty"`
	Access   Access `json:"access"`
	// Why names the rule that admits or refuses, or what is missing.
	Why string `json:"why,omitempty"`
	// Admitted are the clients that a load balancer's groups admit.
	Admitted []string `json:"admitted,omitempty"`
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
	Why    string    `json:"why,omitempty"`
	// Partial is set when an ACL refuses some pairs of subnets, not all.
	Partial bool `json:"partial,omitempty"`
	// Resource is the group or ACL that decided, if one did.
	Resource string `json:"resource,omitempty"`
}
