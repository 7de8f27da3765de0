package reach

import (
	"hopscope/model"
)

// TimeoutKind says what a timeout measures.
type TimeoutKind string

// The kinds of timeouts.
const (
	// TimeoutIdle ends a connection on which nothing has moved for so long.
	TimeoutIdle TimeoutKind = "idle"
	// TimeoutRequest ends a request that has taken so long as a whole: a stream, too.
	TimeoutRequest TimeoutKind = "request"
)

// The timeouts of the Service Connect agent where services[].timeout sets none, in
// seconds (Amazon ECS developer guide, Service Connect; API reference,
// TimeoutConfiguration). A port without appProtocol is TCP: it has no requests.
const (
	defaultPerRequestTimeout = 15
	defaultIdleTimeout       = 5 * 60
	defaultIdleTimeoutTCP    = 60 * 60
)

// Timeout is what cuts requests on a path, or the connection that they use.
type Timeout struct {
	// By is what enforces it: a load balancer's name, or "Service Connect" for the agents
	// at both ends and for the one that a load balancer's requests cross.
	By   string      `json:"by"`
	Kind TimeoutKind `json:"kind"`
	// Seconds is 0 where it is off.
	Seconds int `json:"seconds"`
	// Default is set when the configuration does not say, and AWS's own number holds.
	Default bool `json:"default,omitempty"`
}

// ByServiceConnect is [Timeout.By] of Service Connect's agents.
const ByServiceConnect = "Service Connect"

// Timeouts are what cuts a request on the path, as far as it was read: the load
// balancer's first. The idle timeout of a network load balancer's listener is not read.
func (p *Path) Timeouts() []Timeout {
	var out []Timeout
	if lb := p.Facts.LoadBalancer; lb != nil && lb.Attributes != nil && lb.Attributes.IdleTimeoutSeconds != 0 {
		out = append(out, Timeout{By: lb.Name, Kind: TimeoutIdle, Seconds: lb.Attributes.IdleTimeoutSeconds})
	}
	offer := p.agentOffer()
	if offer == nil || p.Facts.TaskDefinition == nil {
		return out
	}
	idle := defaultIdleTimeoutTCP
	if request, has := RequestTimeout(p.Facts.TaskDefinition, offer); has {
		idle = defaultIdleTimeout
		out = append(out, request)
	}
	return append(out, agentTimeout(TimeoutIdle, timeoutOf(offer).IdleSeconds, idle))
}

// RequestTimeout is how long the agent gives a whole request to an offer's port; a port
// that is TCP to it has no requests.
func RequestTimeout(task *model.TaskDefinition, offer *model.ServiceConnectService) (t Timeout, has bool) {
	if !SpeaksHTTP(task, offer) {
		return Timeout{}, false
	}
	return agentTimeout(TimeoutRequest, timeoutOf(offer).PerRequestSeconds, defaultPerRequestTimeout), true
}

// timeoutOf is what an offer sets, which may be nothing.
func timeoutOf(offer *model.ServiceConnectService) model.Timeout {
	if offer.Timeout == nil {
		return model.Timeout{}
	}
	return *offer.Timeout
}

func agentTimeout(kind TimeoutKind, set *int, otherwise int) Timeout {
	if set != nil {
		return Timeout{By: ByServiceConnect, Kind: kind, Seconds: *set}
	}
	return Timeout{By: ByServiceConnect, Kind: kind, Seconds: otherwise, Default: true}
}

// agentOffer is the Service Connect service whose agent handles the path's requests, nil
// if none does.
func (p *Path) agentOffer() *model.ServiceConnectService {
	switch {
	case p.Source.Kind == SourceServiceConnect:
		return p.Facts.Offer
	case p.Via == ViaAgent:
		return p.Facts.Interception.Offer
	}
	return nil
}

// SpeaksHTTP tells whether the agent treats an offer's port as HTTP: only then it has
// requests to count and to cut.
func SpeaksHTTP(task *model.TaskDefinition, offer *model.ServiceConnectService) bool {
	return AppProtocol(task, offer) != ""
}

// AppProtocol is the appProtocol of an offer's port; "" where it has none, or is not known.
func AppProtocol(task *model.TaskDefinition, offer *model.ServiceConnectService) string {
	if task != nil {
		if mapping, _ := task.PortNamed(offer.PortName); mapping != nil {
			return mapping.AppProtocol
		}
	}
	return ""
}
