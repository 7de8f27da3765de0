package dialect

import (
	"fmt"
	"strings"
)

// patchOp is an operation of a JSON patch (RFC 6902).
type patchOp struct {
	op, path string
	// value is JSON, which is YAML as well; "" where the operation has none.
	value string
}

// patchFormat is how a format names the members of an entry, and writes texts.
type patchFormat struct {
	services, portName, override, timeout, idle, perRequest, tls, issuer, authority string

	quote func(string) string
}

// apiPatch is that of the API, in JSON.
func apiPatch() patchFormat {
	return patchFormat{
		"services", "portName", "ingressPortOverride", "timeout", "idleTimeoutSeconds", "perRequestTimeoutSeconds", "tls",
		"issuerCertificateAuthority", "awsPcaAuthorityArn",
		jsonText,
	}
}

// cfnPatch is that of CloudFormation, in YAML.
func cfnPatch() patchFormat {
	return patchFormat{
		"Services", "PortName", "IngressPortOverride", "Timeout", "IdleTimeoutSeconds", "PerRequestTimeoutSeconds", "Tls",
		"IssuerCertificateAuthority", "AwsPcaAuthorityArn",
		func(s string) string { return quoted(s, '"', escapedLong) },
	}
}

// patch is what the plan changes of a block at a place: members first, then entries from
// behind, so that the positions stay. The positions are those of AWS's answer; the source
// may have the entries in another order, which a test of their names finds out.
func (t *draft) patch(at string, n patchFormat) []patchOp {
	var out []patchOp
	for i := range t.entries {
		e, place := &t.entries[i], fmt.Sprintf("%s/%s/%d", at, n.services, i)
		var ops []patchOp
		if !e.removed {
			ops = e.patch(place, n)
		}
		if len(ops) > 0 || e.removed {
			out = append(out, patchOp{"test", place + "/" + n.portName, n.quote(e.before.PortName)})
		}
		out = append(out, ops...)
	}
	for i := len(t.entries) - 1; i >= 0; i-- {
		if t.entries[i].removed {
			out = append(out, patchOp{"remove", fmt.Sprintf("%s/%s/%d", at, n.services, i), ""})
		}
	}
	return out
}

// patch is what the plan changes of an entry.
func (e *entry) patch(at string, n patchFormat) []patchOp {
	var out []patchOp
	add := func(path, value string) { out = append(out, patchOp{"add", at + "/" + path, value}) }
	if e.overrideChanged() && e.after.IngressPortOverride != 0 {
		add(n.override, fmt.Sprint(e.after.IngressPortOverride))
	}
	timeouts := e.timeouts(n.idle, n.perRequest)
	switch {
	case e.before.Timeout != nil:
		for _, m := range timeouts {
			if m.changed {
				add(n.timeout+"/"+m.name, fmt.Sprint(m.seconds))
			}
		}
	case len(timeouts) > 0: // all are new
		add(n.timeout, timeoutJSON(timeouts))
	}
	if e.tlsChanged() {
		authority := fmt.Sprintf("{%q: %s}", n.authority, n.quote(e.after.TLS.IssuerARN))
		if e.before.TLS != nil {
			add(n.tls+"/"+n.issuer, authority)
		} else {
			add(n.tls, fmt.Sprintf("{%q: %s}", n.issuer, authority))
		}
	}
	gone := e.gone(n.override, n.timeout+"/"+n.idle, n.timeout+"/"+n.perRequest, n.tls)
	if e.before.Timeout != nil && e.after.Timeout == nil { // with the last of its members
		gone = e.gone(n.override, n.timeout, n.timeout, n.tls)
	}
	for _, name := range unrepeated(gone) {
		out = append(out, patchOp{"remove", at + "/" + name, ""})
	}
	return out
}

// timeoutJSON is a timeout as JSON has it.
func timeoutJSON(members []timeout) string {
	var out []string
	for _, m := range members {
		out = append(out, fmt.Sprintf("%q: %d", m.name, m.seconds))
	}
	return "{" + strings.Join(out, ", ") + "}"
}
