package reach

import (
	"fmt"
	"strings"

	"hopscope/model"
)

// judge sets the verdict of a load balancer's path, as far as way and access
// decide it. spoken is the protocol of the target group or the health check.
func (e *targetGroupRoute) judge(p *Path, spoken string) {
	p.Missing = uniqueMissing(p.Missing)
	switch {
	case p.Access == Blocked:
		p.Verdict = Broken
	case len(p.Missing) > 0 || p.Access == AccessUnknown || p.Via == ViaUnknown:
		p.Verdict = Unknown
	case p.Via == ViaAgent:
		p.Verdict = e.judgeAgent(p, spoken)
	default:
		p.Verdict = e.judgeDirect(p, spoken)
	}
}

// judgeAgent: the agent is in the way without need, unless it ends TLS
// (decision table, rows 1 and 26 to 28).
func (e *targetGroupRoute) judgeAgent(p *Path, spoken string) Verdict {
	in := &p.Facts.Interception
	if !in.EndsTLS() {
		return UnnecessaryHop
	}
	switch {
	case in.TLSDiffers:
		p.note += tlsDiffers
		return Unknown
	case spoken != "HTTPS" && spoken != "TLS":
		p.note += fmt.Sprintf("; the agent speaks TLS there, while the load balancer speaks %s: whether that works is not "+
			"known", spoken)
		return Unknown
	case p.Facts.Listener != nil && !promisesTLS13(p.Facts.Listener):
		p.note += fmt.Sprintf("; the agent speaks TLS 1.3 only, and the name of the listener's policy %q does not promise "+
			"it", p.Facts.Listener.SSLPolicy)
		return Unknown
	}
	p.note += "; the agent ends TLS, so the hop is needed"
	return Needed
}

// promisesTLS13 goes by the name of the listener's security policy.
func promisesTLS13(l *model.Listener) bool { return strings.Contains(l.SSLPolicy, "TLS13") }

// tlsDiffers is said where several services on one port differ in having TLS.
const tlsDiffers = "; another Service Connect service of this port differs in having TLS, and how ECS " +
	"merges them is not documented"

// judgeDirect: straight to the app is fine, unless TLS is to protect the
// port (rows 29 and 30).
func (e *targetGroupRoute) judgeDirect(p *Path, spoken string) Verdict {
	if !p.Facts.Interception.EndsTLS() {
		return OK
	}
	p.note += "; the endpoint has TLS between agents, which this way goes past"
	if spoken == "HTTPS" || spoken == "TLS" {
		p.note += ", and whether the app itself speaks TLS is not known"
		return Unknown
	}
	return Risk
}

// judgeServiceConnect sets the verdict of a Service Connect path. Closed is what
// a refusal means as long as nothing says that the callers are to be admitted;
// the rules look for such signs. Where a fact is missing with which one might
// see them, the verdict is unknown, although the access is blocked.
func judgeServiceConnect(p *Path, missing []model.Missing) {
	p.Missing = uniqueMissing(missing)
	switch {
	case p.Access == AccessUnknown || p.Via == ViaUnknown || len(p.Missing) > 0:
		p.Verdict = Unknown
	case p.Access == Blocked:
		p.Verdict = Closed
	default:
		p.Verdict = Needed
	}
}
