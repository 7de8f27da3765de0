package fix

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"hopscope/model"
)

// EditKind is what an edit changes of a Service Connect block.
type EditKind string

// The edits.
const (
	EditOverride       EditKind = "ingressPortOverride"
	EditTimeout        EditKind = "timeout"
	EditTLS            EditKind = "tls"
	EditRemoveEndpoint EditKind = "remove"
)

// Edit is a change of one entry of serviceConnectConfiguration.services. All that
// it does not name stays as it is, members that this build does not know included.
type Edit struct {
	Kind EditKind `json:"kind"`
	// Index and PortName name the entry: several may have one port name.
	Index    int    `json:"index"`
	PortName string `json:"portName"`
	// DiscoveryName is the entry's where several have its port name, "" otherwise: it is for
	// readers.
	DiscoveryName string `json:"discoveryName,omitempty"`
	// Port is the new override, 0 for none.
	Port int `json:"port,omitempty"`
	// PerRequestSeconds and IdleSeconds are the new timeouts; nil leaves one.
	PerRequestSeconds *int `json:"perRequestSeconds,omitempty"`
	IdleSeconds       *int `json:"idleSeconds,omitempty"`
	// IssuerARN is the private certificate authority of an endpoint that gets TLS.
	IssuerARN model.ARN `json:"issuerArn,omitempty"`
	// Drop takes away what the kind names instead of setting it: the per-request
	// timeout, or TLS.
	Drop bool `json:"drop,omitempty"`
}

// ErrBlockChanged tells that a Service Connect block is not the one that a plan was
// made for.
var ErrBlockChanged = errors.New("the Service Connect block is not the one that the plan was made for")

// Same tells whether two edits do the same.
func (e *Edit) Same(o *Edit) bool {
	same := func(x, y *int) bool { return x == nil && y == nil || x != nil && y != nil && *x == *y }
	return e.Kind == o.Kind && e.Index == o.Index && e.PortName == o.PortName && e.Port == o.Port &&
		e.IssuerARN == o.IssuerARN && e.Drop == o.Drop &&
		same(e.PerRequestSeconds, o.PerRequestSeconds) && same(e.IdleSeconds, o.IdleSeconds)
}

// inOrder are the edits as they are carried out: entries are removed from behind,
// after everything else, so that the positions of the others stay.
func inOrder(edits []Edit) []Edit {
	out := slices.Clone(edits)
	slices.SortStableFunc(out, func(a, b Edit) int {
		switch aGone, bGone := a.Kind == EditRemoveEndpoint, b.Kind == EditRemoveEndpoint; {
		case aGone && bGone:
			return b.Index - a.Index
		case aGone:
			return 1
		case bGone:
			return -1
		}
		return 0
	})
	return out
}

// ApplyEdits carries edits out on the model's form of a block.
func ApplyEdits(sc model.ServiceConnect, edits []Edit) (model.ServiceConnect, error) {
	sc.Services = slices.Clone(sc.Services)
	for _, e := range inOrder(edits) {
		if e.Index < 0 || e.Index >= len(sc.Services) || sc.Services[e.Index].PortName != e.PortName {
			return sc, ErrBlockChanged
		}
		s := &sc.Services[e.Index]
		switch e.Kind {
		case EditRemoveEndpoint:
			sc.Services = slices.Delete(sc.Services, e.Index, e.Index+1)
		case EditOverride:
			s.IngressPortOverride = e.Port
		case EditTimeout:
			s.Timeout = withTimeouts(s.Timeout, e)
		case EditTLS:
			s.TLS = &model.TLS{IssuerARN: e.IssuerARN}
			if e.Drop {
				s.TLS = nil
			}
		}
	}
	return sc, nil
}

func withTimeouts(old *model.Timeout, e Edit) *model.Timeout {
	t := model.Timeout{}
	if old != nil {
		t = *old
	}
	if e.Drop {
		t.PerRequestSeconds = nil
	}
	if e.PerRequestSeconds != nil {
		t.PerRequestSeconds = e.PerRequestSeconds
	}
	if e.IdleSeconds != nil {
		t.IdleSeconds = e.IdleSeconds
	}
	if t == (model.Timeout{}) {
		return nil
	}
	return &t
}

// Title says what an edit does.
func (e *Edit) Title() string {
	name := cmp.Or(e.DiscoveryName, e.PortName)
	switch e.Kind {
	case EditOverride:
		if e.Port == 0 {
			return "remove ingressPortOverride of " + name
		}
		return fmt.Sprintf("set ingressPortOverride of %s to %d", name, e.Port)
	case EditRemoveEndpoint:
		return "remove the endpoint " + name
	case EditTimeout:
		switch {
		case e.Drop:
			return "remove the per-request timeout of " + name
		case e.PerRequestSeconds != nil:
			return fmt.Sprintf("set the per-request timeout of %s to %d s", name, *e.PerRequestSeconds)
		}
		return "change the idle timeout of " + name
	case EditTLS:
		if e.Drop {
			return "remove TLS of " + name
		}
		return "give " + name + " TLS"
	}
	return "change " + name
}
