package scene

import (
	"hopscope/model/reach"
	"hopscope/model/words"
)

// NoHop is the hop of a wire that no hop of the path stands behind.
const NoHop = -1

// Mark says whether requests get over a wire.
type Mark int

// The marks of wires.
const (
	Passes Mark = iota
	// Refused: no request gets over it.
	Refused
	// Unjudged: it is not known if requests get over it.
	Unjudged
)

// Wire leads from one box to the next.
type Wire struct {
	// Hop is its index among the hops of the path, or NoHop.
	Hop int
	// Port is the port, or range of ports, that it leads to; "" when not known.
	Port string
	Mark Mark
	// State is that of the hop as the path sees it: what is closed on purpose is no fault,
	// and a hop without need shows where it is.
	State State
	// Word says in words what the mark says; "" of a wire that requests pass.
	Word string
}

// Exists tells whether a hop of the path stands behind the wire.
func (w *Wire) Exists() bool { return w.Hop != NoHop }

// Closed tells whether requests do not get over a hop, as far as is known.
func (w *Wire) Closed() bool { return w.Exists() && w.Mark != Passes }

// wires makes the wires of a path.
type wires struct {
	hops    []reach.Hop
	verdict reach.Verdict
	target  reach.Target
	// into is the hop into the task, and agentHop that from its agent to the app.
	into, agentHop int
}

func (x *wires) wire(hop int) Wire {
	w := Wire{Hop: hop, Port: x.port(hop), Mark: x.mark(hop), State: x.stateOf(hop)}
	switch {
	case w.Mark == Refused && x.verdict == reach.Closed:
		w.Word = "closed"
	case w.Mark == Refused:
		w.Word = "blocked"
	case w.Mark == Unjudged:
		w.Word = "unknown"
	}
	return w
}

func (x *wires) port(hop int) string {
	if hop == NoHop {
		return ""
	}
	if t := &x.target; hop == x.into && t.WirePortEnd > 0 {
		return words.Port(t.WirePort, t.WirePortEnd)
	}
	return words.Port(x.hops[hop].Port, 0)
}

func (x *wires) mark(hop int) Mark {
	if hop == NoHop {
		if x.verdict == reach.Unknown {
			return Unjudged
		}
		return Passes
	}
	switch x.hops[hop].Access {
	case reach.Allowed:
		return Passes
	case reach.Blocked:
		return Refused
	case reach.AccessUnknown:
	}
	return Unjudged
}

func (x *wires) stateOf(hop int) State {
	if hop == NoHop {
		if x.verdict == reach.Unknown {
			return Unknown
		}
		return None
	}
	s := OfAccess(x.hops[hop].Access)
	switch {
	case s == Bad && x.verdict == reach.Closed:
		return Calm
	case s == Good && hop == x.agentHop && x.verdict == reach.UnnecessaryHop:
		return Warn
	}
	return s
}
