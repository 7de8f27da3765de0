// Package probe makes, of a path from a load balancer, the request that goes along it,
// and writes it for curl and for k6. The answer proves the way from outside: Envoy, which
// the Service Connect agent is, sets a header on the responses that it passes on.
package probe

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// Header is what Envoy sets on the responses of its HTTP, HTTP/2 and gRPC listeners: the
// milliseconds that it waited for the app. An app that is a proxy itself may pass one on,
// and a proxy in front of the load balancer may strip it (docs/traffic.md, Metrics).
const Header = "x-envoy-upstream-service-time"

// Probe is a request that goes along a path.
type Probe struct {
	// Path names the path, for people, and ID is its id.
	Path, ID string
	// URL is the load balancer's, unless a rule wants another host by HTTPS.
	URL string
	// Host is the Host header, "" for that of the URL.
	Host string
	// ConnectTo is the load balancer's address, where the host of the URL is another.
	ConnectTo string
	// Unverified is set where the certificate is for a name that is not known.
	Unverified bool
	// Method is the request's.
	Method string
	// Via is the way that hopscope expects.
	Via reach.Via
	// Notes say what has to be added by hand, and what else to know.
	Notes []string
}

// Of makes the probe of a path; or else it says why there is none.
func Of(ix *model.Index, p *reach.Path) (probe *Probe, reason string) {
	if reason := unasked(p); reason != "" {
		return nil, reason
	}
	lb, listener, rule := p.Facts.LoadBalancer, p.Facts.Listener, p.Facts.Rule
	probe = &Probe{Path: words.Path(p), ID: p.ID, Method: harmless(rule)[0], Via: p.Via}
	asked := request{probe: probe, path: "/"}
	for i := range rule.Conditions {
		asked.meet(&rule.Conditions[i])
	}
	entrance, port := lb, listener.Port
	if front := p.Facts.Front; front != nil && front.DNSName != "" {
		entrance, port = front, p.Place.Front.Port
	}
	asked.address(strings.ToLower(listener.Protocol), entrance.DNSName, port)
	rules, _ := ix.Rules(listener.ARN)
	if before := slices.IndexFunc(rules, func(r *model.ListenerRule) bool { return r.ARN == rule.ARN }); before > 0 {
		asked.note("%s of the listener may take the request before this one does", words.Count(before, "other rule"))
	}
	if p.Access == reach.Blocked {
		asked.note("the way is blocked: expect no response of the app")
	}
	if w := p.Source.Weight; w != nil && *w < percent {
		asked.note("%d %% of the requests go this way: ask more than once", *w)
	}
	if entrance.Scheme != model.InternetFacing {
		asked.note("the load balancer is internal: ask from inside of its VPC")
	}
	return probe, ""
}

// unasked says why a path has no probe, "" where it has one.
func unasked(p *reach.Path) string {
	lb, listener := p.Facts.LoadBalancer, p.Facts.Listener
	switch {
	case p.Source.Kind == reach.SourceServiceConnect:
		return "answers to Service Connect callers have the header always: their own agent sets it"
	case p.Source.Kind != reach.SourceLoadBalancer:
		return "only a load balancer can be asked from outside"
	case lb == nil || listener == nil || p.Facts.Rule == nil || lb.DNSName == "":
		return "the load balancer, its listener or its rule was not read"
	case listener.Protocol != "HTTP" && listener.Protocol != "HTTPS":
		return fmt.Sprintf("the listener's protocol is %s: there are no headers to look at", listener.Protocol)
	case p.Facts.TargetGroup != nil && p.Facts.TargetGroup.ProtocolVersion == "GRPC":
		return "the targets speak gRPC: ask with a client of its own for the header among the response's metadata"
	case p.Source.Weight != nil && *p.Source.Weight == 0:
		return "no request goes this way: its weight is 0"
	case len(harmless(p.Facts.Rule)) == 0:
		return "the rule takes requests alone that may change something in the app: ask with one that you know"
	}
	return answeredBefore(p.Facts.Rule)
}

// answeredBefore says which action of a rule answers before the app does, "" where none.
func answeredBefore(rule *model.ListenerRule) string {
	for _, action := range rule.Actions {
		if strings.HasPrefix(action.Type, "authenticate-") || action.Type == "jwt-validation" {
			return fmt.Sprintf("the rule's action %s answers by itself before the app does: ask with a session of yours",
				action.Type)
		}
	}
	return ""
}

// methodField is the field of a condition by the request's method.
const methodField = "http-request-method"

// harmless are the methods that a rule takes of those that change nothing (RFC 9110,
// §9.2.1), the best one first. A proof must not be a DELETE.
func harmless(r *model.ListenerRule) []string {
	safe := []string{"GET", "HEAD", "OPTIONS"}
	for i := range r.Conditions {
		if c := &r.Conditions[i]; c.Field == methodField {
			safe = slices.DeleteFunc(safe, func(method string) bool { return !slices.Contains(c.Values, method) })
		}
	}
	return safe
}

const percent = 100

// request is a probe under construction.
type request struct {
	probe *Probe
	path  string
	host  string
}

func (r *request) note(format string, args ...any) {
	r.probe.Notes = append(r.probe.Notes, fmt.Sprintf(format, args...))
}

// meet makes the request meet a condition of the rule.
func (r *request) meet(c *model.RuleCondition) {
	i := slices.IndexFunc(c.Values, func(v string) bool { return !strings.HasPrefix(v, "regex:") })
	switch {
	case c.HoldsSecrets():
		r.note("the rule wants a certain %s: add it by hand", strings.TrimSpace(c.Field+" "+c.Name))
	case c.Field == "source-ip":
		r.note("the rule wants requests from %s", strings.Join(c.Values, " or "))
	case i < 0:
		r.note("the rule wants a %s that fits %s: set it by hand", c.Field, strings.Join(c.Values, " or "))
	case c.Field == "path-pattern":
		r.path = "/" + strings.TrimPrefix(example(c.Values[i], ""), "/")
	case c.Field == "host-header":
		r.host = example(c.Values[i], "x")
	case c.Field == methodField: // see harmless
	default:
		r.note("the rule has a condition by %s: meet it by hand", c.Field)
	}
}

// example is a text that a pattern of a listener rule takes: * stands for any text, and
// also for none, ? for one character.
//
// Source: Elastic Load Balancing, Application Load Balancers, Condition types for
// listener rules.
func example(pattern, anyText string) string {
	return strings.NewReplacer("*", anyText, "?", "x").Replace(pattern)
}

// address is where the request goes.
func (r *request) address(scheme, name string, port int) {
	u := url.URL{Scheme: scheme, Host: hostPort(scheme, name, port), Path: r.path}
	switch {
	case r.host == "" || r.host == name:
		r.probe.Unverified = scheme == "https"
	case scheme == "https": // the name decides on the certificate, too
		u.Host = hostPort(scheme, r.host, port)
		r.probe.ConnectTo = net.JoinHostPort(name, strconv.Itoa(port))
	default:
		r.probe.Host = r.host
	}
	if r.probe.Unverified {
		r.note("no rule tells the name that the certificate is for, so that it is not verified")
	}
	r.probe.URL = u.String()
}

// hostPort leaves the port out where it is the scheme's own.
func hostPort(scheme, name string, port int) string {
	if scheme == "http" && port == 80 || scheme == "https" && port == 443 {
		return name
	}
	return net.JoinHostPort(name, strconv.Itoa(port))
}
