package report

import (
	"time"

	"hopscope/model"
	"hopscope/model/observe"
	"hopscope/model/reach"
)

// namedCallers is how many callers a path lists by name, sampleCallers how many of those
// that are more. All of them can be worked out from the caller groups.
const (
	namedCallers  = 20
	sampleCallers = 2
)

// Path is a path in the form of the report.
type Path struct {
	// ID is stable from run to run: the place, and a digest of the callers.
	ID string `json:"id"`
	// Place is where the path leads from and to, whatever becomes of its requests:
	// paths of callers with different outcomes share it.
	Place   string        `json:"place"`
	Source  Source        `json:"source"`
	Target  reach.Target  `json:"target"`
	Via     reach.Via     `json:"via"`
	Access  reach.Access  `json:"access"`
	Verdict reach.Verdict `json:"verdict"`
	Hops    []reach.Hop   `json:"hops"`
	// Findings are the codes of the findings on the path, sorted.
	Findings []string `json:"findings"`
	// ViaWhy says why, where no finding on the path says it.
	ViaWhy  string          `json:"viaWhy,omitempty"`
	Missing []model.Missing `json:"missing,omitempty"`
	// Health is what was observed of the targets; nil where it was not read.
	Health *Health `json:"health,omitempty"`
	// Timeouts are what cuts a request on the path, as far as it was read.
	Timeouts []reach.Timeout `json:"timeouts,omitempty"`
	// Proof is what counts say about the way; nil where nothing was measured.
	Proof *observe.Proof `json:"proof,omitempty"`
}

// Health is what DescribeTargetHealth said of the targets of a load balancer's path, or
// what CloudWatch counted.
type Health struct {
	// Healthy and Targets count targets: of a target that is neither healthy nor
	// unhealthy, States has what it is.
	Healthy int `json:"healthy"`
	Targets int `json:"targets"`
	// States and Reasons count the targets by AWS's words.
	States  map[string]int `json:"states"`
	Reasons map[string]int `json:"reasons,omitempty"`
	// Counted tells that the counts are CloudWatch's: there are no reasons, and ReadAt is
	// the end of the minute that was counted.
	Counted bool      `json:"counted,omitempty"`
	ReadAt  time.Time `json:"readAt,omitzero"`
}

func newHealth(h *reach.Health) *Health {
	if h == nil {
		return nil
	}
	return &Health{
		Healthy: h.Healthy, Targets: h.Len(), States: h.States(), Reasons: h.Reasons(), Counted: h.Counted, ReadAt: h.ReadAt,
	}
}

// Source is where the requests of a path come from.
type Source struct {
	Kind             reach.SourceKind `json:"kind"`
	Name             string           `json:"name,omitempty"`
	ListenerPort     int              `json:"listenerPort,omitempty"`
	ListenerProtocol string           `json:"listenerProtocol,omitempty"`
	Rule             string           `json:"rule,omitempty"`
	TargetGroup      string           `json:"targetGroup,omitempty"`
	Weight           *int             `json:"weight,omitempty"`
	// Services are the first of the calling services; nil for other kinds of
	// sources, and then Callers is too.
	Services *[]model.Ref `json:"services,omitempty"`
	Callers  *Callers     `json:"callers,omitempty"`
	Endpoint string       `json:"endpoint,omitempty"`
	Scheme   string       `json:"scheme,omitempty"`
	// LoadBalancerType is application or network.
	LoadBalancerType string `json:"loadBalancerType,omitempty"`
}

// Callers are all callers of a path: the members of its groups less Except, and Also. Where
// they are few, and no group describes them, the path names them all, and Count is all
// that is here.
type Callers struct {
	Count int `json:"count"`
	// Groups are IDs of caller groups of the report.
	Groups []string    `json:"groups,omitempty"`
	Except []model.Ref `json:"except,omitempty"`
	// Also are callers that the report does not describe by groups: what a rule names.
	Also []model.Ref `json:"also,omitempty"`
	// Seen are those that metrics saw calling in the last three hours; nil where metrics would
	// not show any.
	Seen *[]model.Ref `json:"seen,omitempty"`
}

// CallerGroup is a set of services that call as one: what decides about their
// requests is the same for all of them. A caller is in one group.
type CallerGroup struct {
	ID       string      `json:"id"`
	Services []model.Ref `json:"services"`
}

// newPath is a path with its findings in the form of the report: no array is null.
func newPath(p *reach.Path, groups *reach.CallerGroups, told []*Finding) Path {
	return Path{
		ID: p.ID, Place: p.Place.String(), Source: newSource(p, groups), Target: p.Target,
		Via: p.Via, Access: p.Access, Verdict: p.Observed(),
		Hops: newHops(p, told), Findings: notNil(p.Findings), ViaWhy: newViaWhy(p, told), Missing: p.Missing,
		Health: newHealth(p.Health), Timeouts: newTimeouts(p),
	}
}

func newSource(p *reach.Path, groups *reach.CallerGroups) Source {
	s := &p.Source
	out := Source{
		Kind: s.Kind, Name: s.Name, ListenerPort: s.ListenerPort, ListenerProtocol: s.ListenerProtocol, Rule: s.Rule,
		TargetGroup: s.TargetGroup, Weight: s.Weight, Endpoint: s.Endpoint,
		Scheme: s.Scheme, LoadBalancerType: string(s.LoadBalancerType),
	}
	if s.Services != nil || s.Kind == reach.SourceServiceConnect || s.Kind == reach.SourceServiceDiscovery {
		out.Services, out.Callers = newCallers(p, groups)
	}
	return out
}

// newCallers are the callers of a path: by name, and as groups.
func newCallers(p *reach.Path, groups *reach.CallerGroups) (*[]model.Ref, *Callers) {
	n := p.Source.Services.Len()
	all, few := groups.Of(p), n <= namedCallers
	shown := n
	if !few {
		shown = sampleCallers
	}
	first := notNil(p.Source.Services.First(shown))
	if few && len(all.Also) > 0 {
		return &first, &Callers{Count: n}
	}
	return &first, &Callers{Count: n, Groups: all.Groups, Except: all.Except, Also: all.Also}
}

// notNil makes an absent list an empty one.
func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
