package reach

// unknownCrossing is what is known of a connection that no caller makes.
var unknownCrossing = crossing{access: AccessUnknown}

// crossed is what the network says of the callers' connections.
func (o *outcome) crossed() *crossing {
	if o == nil {
		return &unknownCrossing
	}
	return &o.crossing
}

// hop completes the hop across the network. none says why there is no caller, where
// there is none.
func (o *outcome) hop(h Hop, protocol string, ports portSpan, to *netInterface, none string) Hop {
	if o == nil {
		h.Access, h.Why = AccessUnknown, none+", so there is no caller to judge"
		h.Checks = []Check{{Kind: CheckTargetIngress, Access: AccessUnknown, Why: h.Why}}
		return h
	}
	w := words{protocol: protocol, ports: ports, from: o.interfaces(), to: to}
	if w.sampled = o.sampled; w.sampled {
		w.common = o.common()
	}
	return w.hop(h, &o.crossing)
}

// names names the callers, or counts them.
func (o *outcome) names() string {
	if o == nil {
		return "a caller"
	}
	return o.refs.String()
}
