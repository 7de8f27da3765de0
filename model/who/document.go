// Package who answers who may reach a port: every source that its security groups admit
// and what needs it, or yes, no or unknown for one caller with everything that is in
// its way. [reach.Deriver] knows; this package makes of it what people and programs
// read. It is apart from model/report, which is about the paths that the configuration
// has: here any caller may be named.
package who

import (
	"strings"
	"time"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// SchemaV1 is the value of Document.Schema.
const SchemaV1 = "hopscope.who/v1"

// Document is an answer. Members are added to its JSON, never renamed; arrays are
// sorted, and what is absent is not known or does not apply.
type Document struct {
	Schema      string      `json:"schema"`
	Scope       model.Scope `json:"scope"`
	CollectedAt time.Time   `json:"collectedAt,omitzero"`
	Complete    bool        `json:"complete"`
	// Target and Caller are the names as they were written; Caller is empty in a list.
	Target string `json:"target"`
	Caller string `json:"caller,omitempty"`
	// Verdict sums the answers up: no if any is no, else unknown if any is. In a list
	// it is unknown where a destination could not be judged, and empty otherwise.
	Verdict Verdict `json:"verdict,omitempty"`
	// Destinations are there in a list, Answers where a caller was named.
	Destinations []Destination `json:"destinations,omitempty"`
	Answers      []Answer      `json:"answers,omitempty"`
	// Notes are what the answer leaves out.
	Notes []string    `json:"notes,omitempty"`
	Gaps  []model.Gap `json:"gaps,omitempty"`
}

// Verdict is the answer to whether a caller is let through.
type Verdict string

// The verdicts.
const (
	Yes     Verdict = "yes"
	No      Verdict = "no"
	Unknown Verdict = "unknown"
)

func verdictOf(a reach.Access) Verdict {
	switch a {
	case reach.Allowed:
		return Yes
	case reach.Blocked:
		return No
	case reach.AccessUnknown:
	}
	return Unknown
}

// worse: one refusal is enough, whatever else is not known.
func worse(a, b Verdict) Verdict {
	switch {
	case a == No || b == No:
		return No
	case a == Unknown || b == Unknown:
		return Unknown
	}
	return Yes
}

// Port is a port that packets come to.
type Port struct {
	// Kind is app, agent or listener.
	Kind    PortKind `json:"kind"`
	Cluster string   `json:"cluster,omitempty"`
	Service string   `json:"service,omitempty"`
	// Deployment is set where the service runs several that differ.
	Deployment    string `json:"deployment,omitempty"`
	Container     string `json:"container,omitempty"`
	ContainerPort int    `json:"containerPort,omitempty"`
	LoadBalancer  string `json:"loadBalancer,omitempty"`
	// Listener is the listener's protocol.
	Listener string `json:"listenerProtocol,omitempty"`
	Protocol string `json:"protocol"`
	// Port is what security groups see, PortEnd the end of a range of dynamic host ports.
	Port    int `json:"port,omitempty"`
	PortEnd int `json:"portEnd,omitempty"`
	// Via says who in the task handles the connections.
	Via        reach.Via `json:"via,omitempty"`
	Undeclared bool      `json:"undeclared,omitempty"`
}

// PortKind is whose port it is.
type PortKind string

// The kinds of ports.
const (
	App      PortKind = "app"
	Agent    PortKind = "agent"
	Listener PortKind = "listener"
)

// Group is a security group.
type Group struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Destination is a port with all that its groups admit.
type Destination struct {
	Port Port `json:"port"`
	// Groups are those that decide: of instances, where tasks share their interfaces.
	Groups      []Group `json:"groups"`
	OnInstances bool    `json:"onInstances,omitempty"`
	// Unfiltered is set for a network load balancer without security groups.
	Unfiltered bool     `json:"unfiltered,omitempty"`
	Admitted   []Source `json:"admitted"`
	// Refused is what needs the port and is not admitted, or may not be.
	Refused []Need `json:"refused,omitempty"`
	// Behind are the ways on from a listener.
	Behind  []Behind `json:"behind,omitempty"`
	Missing []string `json:"missing,omitempty"`
	Notes   []string `json:"notes,omitempty"`
}

// SourceKind is what a rule admits.
type SourceKind string

// The kinds of sources.
const (
	SourceGroup      SourceKind = "security-group"
	SourceForeign    SourceKind = "foreign-security-group"
	SourceBlock      SourceKind = "cidr"
	SourceWorld      SourceKind = "world"
	SourcePrefixList SourceKind = "prefix-list"
)

// Source is what one rule admits.
type Source struct {
	// Group has the rule; AWS's ids of rules are not read, so that its ports and its
	// source name it.
	Group       Group      `json:"group"`
	Ports       string     `json:"ports"`
	Description string     `json:"description,omitempty"`
	Kind        SourceKind `json:"kind"`
	// Source is the rule's: the id of a group or a prefix list, or a block.
	Source string `json:"source"`
	// Name is the name of the group or list, or what the block is.
	Name    string   `json:"name,omitempty"`
	Account string   `json:"account,omitempty"`
	VPC     string   `json:"vpc,omitempty"`
	Entries []string `json:"entries,omitempty"`
	// Holders are what has the group, as far as it was read.
	Holders []reach.Holder `json:"holders,omitempty"`
	// Part is set where the rule is about some of the ports alone, OnSome where only
	// some of the container instances have it.
	Part   bool `json:"partOfPorts,omitempty"`
	OnSome bool `json:"onSomeInstances,omitempty"`
	// Bound is set where these are all dynamic host ports that tasks have now.
	Bound bool `json:"portsBoundNow,omitempty"`
	// NeededFor is what needs the rule, as far as the configuration tells.
	NeededFor []Need `json:"neededFor"`
	// Checks are the places besides the target's groups that refuse what the rule admits, or
	// may: network ACLs of both ends' subnets, and what the source's group lets out.
	Checks []reach.Check `json:"checks,omitempty"`
	// Missing is why it is not known what else the source is.
	Missing string `json:"missing,omitempty"`

	rule *model.SecurityGroupRule
	held bool
}

// Need is a use of a port.
type Need struct {
	Kind reach.SourceKind `json:"kind"`
	// Name is who comes: "main-alb :443", "web and cart".
	Name     string        `json:"name"`
	Endpoint string        `json:"endpoint,omitempty"`
	Services []model.Ref   `json:"services,omitempty"`
	Count    int           `json:"count,omitempty"`
	Access   reach.Access  `json:"access"`
	Verdict  reach.Verdict `json:"verdict,omitempty"`
	Why      string        `json:"why,omitempty"`
}

// Behind is a way on from a listener.
type Behind struct {
	Rule    string        `json:"rule"`
	Target  string        `json:"target"`
	Verdict reach.Verdict `json:"verdict"`
}

// Answer is the answer for one caller and one port.
type Answer struct {
	Caller Caller `json:"caller"`
	Port   Port   `json:"port"`
	// Way is how the caller comes: direct, service-connect, load-balancer.
	Way Way `json:"way"`
	// Beside is set for a port that the caller has no use for: its requests take another
	// one, which has an answer of its own. It is not counted.
	Beside  bool    `json:"beside,omitempty"`
	Verdict Verdict `json:"verdict"`
	// Checks are the places on the way, in order, with what each of them says.
	Checks []Check `json:"checks"`
	// Part is what rules admit of a block, where it is not all.
	Part    []string `json:"part,omitempty"`
	OfSome  bool     `json:"ofSome,omitempty"`
	Needed  string   `json:"needed,omitempty"`
	Missing []string `json:"missing,omitempty"`
	Notes   []string `json:"notes,omitempty"`
}

// Word is the verdict for a reader: where some connections alone are refused, or some of a
// block's addresses alone are known to be admitted, it is a part.
func (a *Answer) Word() string {
	if a.Verdict == No && a.OfSome || a.Verdict == Unknown && len(a.Part) > 0 {
		return "partly"
	}
	return string(a.Verdict)
}

// Way is how a caller comes.
type Way string

// The ways.
const (
	Direct            Way = "direct"
	ByServiceConnect  Way = "service-connect"
	AsLoadBalancer    Way = "load-balancer"
	ToTheLoadBalancer Way = "to-load-balancer"
)

// Caller is a caller.
type Caller struct {
	// Kind is service, standalone-tasks, load-balancer, security-group or addresses.
	Kind    string `json:"kind"`
	Cluster string `json:"cluster,omitempty"`
	Name    string `json:"name"`
	// Is says what it is, where the name does not.
	Is string `json:"is,omitempty"`
}

// Check is what one place on the way says.
type Check struct {
	reach.Check

	Evidence []reach.Evidence `json:"evidence,omitempty"`
}

// Holding names what has the group of a source, "" where the source is no group: "load
// balancer main-alb, services cart and web, 3 standalone tasks of report".
func (s *Source) Holding() string {
	switch {
	case s.Kind == SourceForeign:
		return "a group of another account or VPC: what has it is not read here"
	case s.Kind != SourceGroup:
		return ""
	case len(s.Holders) == 0 && s.held:
		return "interfaces of load balancers or services that were not read themselves"
	case len(s.Holders) == 0 && s.Missing != "":
		return "nothing that was read has it"
	case len(s.Holders) == 0:
		return "nothing has it"
	}
	var parts []string
	for _, kind := range []reach.HolderKind{
		reach.HolderLoadBalancer, reach.HolderService, reach.HolderTasks, reach.HolderInstance, reach.HolderFunction,
		reach.HolderInterface,
	} {
		if part := held(s.Holders, kind); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// HeldUnread tells whether something has the group of the source that was not read itself.
func (s *Source) HeldUnread() bool { return s.Kind == SourceGroup && len(s.Holders) == 0 && s.held }

// held names the holders of one kind.
func held(all []reach.Holder, kind reach.HolderKind) string {
	var names []string
	tasks := 0
	for i := range all {
		if h := &all[i]; h.Kind == kind {
			name := h.Name
			if h.Description != "" {
				name += " (" + h.Description + ")"
			}
			names, tasks = append(names, name), tasks+h.Count
		}
	}
	noun := map[reach.HolderKind]string{
		reach.HolderLoadBalancer: "load balancer", reach.HolderService: "service", reach.HolderInstance: "instance",
		reach.HolderFunction: "Lambda function", reach.HolderInterface: "network interface",
	}[kind]
	switch {
	case len(names) == 0:
		return ""
	case kind == reach.HolderTasks:
		return words.Count(tasks, "standalone task") + " of " + words.Names(names)
	case len(names) > 1:
		noun += "s"
	}
	return noun + " " + words.Names(names)
}
