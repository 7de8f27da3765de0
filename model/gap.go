package model

import "fmt"

// Action is an IAM action such as "ecs:DescribeServices". Facts are named by the
// action that reads them: it is what a user must allow to fill a gap.
type Action string

// The actions that reading an account uses, by their names in an IAM policy.
const (
	ListClusters               Action = "ecs:ListClusters"
	DescribeClusters           Action = "ecs:DescribeClusters"
	ListServices               Action = "ecs:ListServices"
	DescribeServices           Action = "ecs:DescribeServices"
	DescribeTaskDefinition     Action = "ecs:DescribeTaskDefinition"
	ListGatewayRoutes          Action = "ecs:ListGatewayRoutes"
	DescribeTargetGroups       Action = "elasticloadbalancing:DescribeTargetGroups"
	DescribeLoadBalancers      Action = "elasticloadbalancing:DescribeLoadBalancers"
	DescribeListeners          Action = "elasticloadbalancing:DescribeListeners"
	DescribeRules              Action = "elasticloadbalancing:DescribeRules"
	DescribeSecurityGroups     Action = "ec2:DescribeSecurityGroups"
	DescribeSubnets            Action = "ec2:DescribeSubnets"
	DescribeVpcs               Action = "ec2:DescribeVpcs"
	DescribeNetworkAcls        Action = "ec2:DescribeNetworkAcls"
	DescribeManagedPrefixLists Action = "ec2:DescribeManagedPrefixLists"
	GetPrefixListEntries       Action = "ec2:GetManagedPrefixListEntries"
	ListNamespaces             Action = "servicediscovery:ListNamespaces"
)

// The actions that some rules and rarer ways into a task need. What they read is
// optional: without them those rules are not checked, and no verdict is invented.
const (
	DescribeServiceRevisions       Action = "ecs:DescribeServiceRevisions"
	ListServicesByNamespace        Action = "ecs:ListServicesByNamespace"
	ListTasks                      Action = "ecs:ListTasks"
	DescribeTasks                  Action = "ecs:DescribeTasks"
	ListContainerInstances         Action = "ecs:ListContainerInstances"
	DescribeContainerInstances     Action = "ecs:DescribeContainerInstances"
	DescribeInstances              Action = "ec2:DescribeInstances"
	DescribeNetworkInterfaces      Action = "ec2:DescribeNetworkInterfaces"
	DescribeTargetHealth           Action = "elasticloadbalancing:DescribeTargetHealth"
	DescribeTargetGroupAttributes  Action = "elasticloadbalancing:DescribeTargetGroupAttributes"
	DescribeLoadBalancerAttributes Action = "elasticloadbalancing:DescribeLoadBalancerAttributes"
	ListDiscoveryServices          Action = "servicediscovery:ListServices"
	ListMetrics                    Action = "cloudwatch:ListMetrics"
	GetMetricData                  Action = "cloudwatch:GetMetricData"
)

// GapState says why a fact is not known.
type GapState string

const (
	// Loading means that the reading has not finished; a later snapshot may know.
	Loading GapState = "loading"
	// Denied means that IAM refused the action.
	Denied GapState = "denied"
	// Failed means that the call ended in an error other than a refusal.
	Failed GapState = "failed"
	// Unsupported means that the endpoint does not know the operation.
	Unsupported GapState = "unsupported"
	// NotRead means that this version of hopscope, or this command, does not read it.
	NotRead GapState = "not-read"
	// Absent means that AWS answered, and the resource was not in the answer (deleted
	// meanwhile, or owned by another account).
	Absent GapState = "absent"
	// Ambiguous means that AWS answered with several resources of one name.
	Ambiguous GapState = "ambiguous"
)

// Gap is something that could not be read.
type Gap struct {
	// Action is the IAM action that would have read it.
	Action Action `json:"action"`
	// Resource is the ARN or id it was read for; "" stands for everything that
	// the action reads.
	Resource string `json:"resource,omitempty"`
	// State says why it is missing.
	State GapState `json:"state"`
	// Error is AWS's error code ("AccessDeniedException"), or a short word of
	// ours where no answer came ("timeout").
	Error string `json:"error"`
	// Message is one sentence for the user that ends with the next step.
	Message string `json:"message,omitempty"`
	// Effect says which verdicts are unknown because of the gap.
	Effect string `json:"effect,omitempty"`
}

// Filtered is the error of a gap where another answer speaks of what the list lacks: it is
// there all the same, or may be.
const Filtered = "FILTERED"

// Hides tells whether what the gap is of may exist: AWS did not say that it does not.
func (g *Gap) Hides() bool { return g.State != Absent || g.Error == Filtered }

// Missing is a fact that a look-up did not find, and why.
type Missing struct {
	// What names the fact for a reader: "task definition web:7".
	What string `json:"what"`
	// Action is the IAM action that reads it.
	Action Action `json:"action"`
	// Resource is the ARN or id that was looked up.
	Resource string `json:"resource,omitempty"`
	// State says why it is missing.
	State GapState `json:"state"`
}

// String is the fact and the reason it is missing, in one line.
func (m Missing) String() string {
	switch m.State {
	case Loading:
		return fmt.Sprintf("%s: waiting for %s", m.What, m.Action)
	case Denied:
		return fmt.Sprintf("%s: %s is denied", m.What, m.Action)
	case Unsupported:
		return fmt.Sprintf("%s: the endpoint does not support %s", m.What, m.Action)
	case NotRead:
		return fmt.Sprintf("%s: hopscope does not read this yet (%s)", m.What, m.Action)
	case Absent:
		return fmt.Sprintf("%s: not in the answer of %s", m.What, m.Action)
	case Ambiguous:
		return fmt.Sprintf("%s: several have this name in the answer of %s", m.What, m.Action)
	case Failed:
	}
	return fmt.Sprintf("%s: %s failed", m.What, m.Action)
}

// CannotCheckError says that a question could not be answered at all: no
// credentials, an unreachable endpoint, an unreadable file, an unknown cluster.
// It is not a finding, and never a clean result.
type CannotCheckError struct {
	// Reason is one clause without a full stop: "no ECS cluster in us-east-1".
	Reason string
	// Next is the next step, as an imperative clause: "pass --region".
	Next string
	// Err is the cause, if there is one; its text is not shown to users.
	Err error
}

// Error is the reason and the next step in one sentence.
func (e *CannotCheckError) Error() string {
	if e.Next == "" {
		return e.Reason
	}
	return e.Reason + "; " + e.Next
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *CannotCheckError) Unwrap() error { return e.Err }
