package reach

import (
	"cmp"
	"strconv"
)

// Place is where a path leads from and to. It says nothing about callers and
// outcome: callers with different outcomes are several paths of one place, and a
// path that a fix repairs stays at its place. Places are comparable.
type Place struct {
	Kind SourceKind `json:"kind"`
	// Front is the rule of a network load balancer that stands in front of the
	// load balancer of Rule.
	Front ListenerRule `json:"front,omitzero"`
	// Rule is the rule of the load balancer that connects to the task. Health checks
	// and load balancers whose listeners were not read have the name alone.
	Rule        ListenerRule `json:"rule,omitzero"`
	TargetGroup string       `json:"targetGroup,omitempty"`
	// Endpoint is discoveryName.namespace:aliasPort, or the alias's DNS name. For
	// service discovery it is the last part of the Cloud Map service's ARN.
	Endpoint string `json:"endpoint,omitempty"`
	// PortName stands in for the container port where the task definition has no
	// port of this name.
	PortName      string `json:"portName,omitempty"`
	Cluster       string `json:"cluster"`
	Service       string `json:"service"`
	Container     string `json:"container,omitempty"`
	ContainerPort int    `json:"containerPort,omitempty"`
	// RegisteredPort is the port of targets that another program than ECS
	// registered, 0 of all others.
	RegisteredPort int `json:"registeredPort,omitempty"`
	// Deployment is the role of the deployment: "" is the primary one, ACTIVE one
	// that is being replaced. Where several are, they are counted: ACTIVE-2.
	Deployment string `json:"deployment,omitempty"`
}

// ListenerRule names a rule of a listener.
type ListenerRule struct {
	LoadBalancer string `json:"loadBalancer"`
	// Port is the listener's.
	Port int `json:"port,omitempty"`
	// Priority is "default" or the rule's number.
	Priority string `json:"priority,omitempty"`
}

// InDeployment is the same place in another running deployment of the service.
func (p Place) InDeployment(role string) Place {
	p.Deployment = role
	return p
}

// String names the place: "lb/alb:80/default/tg/prod/web/app:8080", with "@ACTIVE"
// behind it for a deployment that is being replaced.
func (p Place) String() string { return string(p.appendRole(p.appendName(nil))) }

var placePrefixes = map[SourceKind]string{
	SourceLoadBalancer: "lb", SourceServiceGateway: "gw", SourceHealthCheck: "hc",
	SourceServiceConnect: "sc", SourceServiceDiscovery: "sd", SourceVPCLattice: "lattice",
}

// appendName appends the name of the place less the deployment.
func (p *Place) appendName(b []byte) []byte {
	b = append(b, placePrefixes[p.Kind]...)
	switch p.Kind {
	case SourceServiceConnect, SourceServiceDiscovery:
		b = append(append(b, '/'), p.Endpoint...)
	case SourceLoadBalancer, SourceServiceGateway, SourceHealthCheck:
		if p.Front != (ListenerRule{}) {
			b = p.Front.append(b)
		}
		b = p.Rule.append(b)
		fallthrough
	case SourceVPCLattice:
		b = append(append(b, '/'), p.TargetGroup...)
	}
	b = append(append(b, '/'), p.Cluster...)
	b = append(append(b, '/'), p.Service...)
	b = append(b, '/')
	if p.PortName != "" {
		b = append(b, p.PortName...)
	} else {
		b = append(append(b, p.Container...), ':')
		b = strconv.AppendInt(b, int64(p.ContainerPort), 10)
	}
	if p.RegisteredPort != 0 {
		b = append(b, "/by-hand:"...)
		b = strconv.AppendInt(b, int64(p.RegisteredPort), 10)
	}
	return b
}

func (r *ListenerRule) append(b []byte) []byte {
	b = append(append(b, '/'), r.LoadBalancer...)
	if r.Port != 0 {
		b = append(b, ':')
		b = strconv.AppendInt(b, int64(r.Port), 10)
		b = append(append(b, '/'), r.Priority...)
	}
	return b
}

func (p *Place) appendRole(b []byte) []byte {
	if p.Deployment != "" {
		b = append(append(b, '@'), p.Deployment...)
	}
	return b
}

// identify sets the path's ID: its place, and a digest of its callers.
func (p *Path) identify() {
	const usual = 128
	b := p.Place.appendName(make([]byte, 0, usual))
	name := len(b)
	b = p.Place.appendRole(b)
	if p.Source.Services.Len() > 0 {
		b = p.Source.Services.digest.append(append(b, '/'))
	}
	p.ID = string(b)
	p.name = p.ID[:name]
}

// Places are the places that a path stands for: its own, and that of each running
// deployment in which the requests go the same way to the same outcome.
func (p *Path) Places() []Place {
	out := append(make([]Place, 0, 1+len(p.AlsoIn)), p.Place)
	for _, role := range p.AlsoIn {
		out = append(out, p.Place.InDeployment(role))
	}
	return out
}

// SameOutcome tells whether the callers of two paths meet the same: they are admitted,
// or the same places refuse them with the same signs that they are to be admitted.
func (p *Path) SameOutcome(o *Path) bool { return p.Access == o.Access && p.outcome == o.outcome }

// Compare orders paths for the report: by target, kind of source and place; what
// is admitted comes before what is refused.
func (p *Path) Compare(o *Path) int {
	return cmp.Or(
		p.Target.Ref().Compare(o.Target.Ref()),
		cmp.Compare(p.Source.Kind, o.Source.Kind),
		cmp.Compare(p.name, o.name),
		cmp.Compare(p.outcome, o.outcome),
		cmp.Compare(p.Place.Deployment, o.Place.Deployment),
		cmp.Compare(p.ID, o.ID),
	)
}
