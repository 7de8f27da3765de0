package assert

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/selector"
	"hopscope/model/who"
	"hopscope/model/words"
)

// balancerActions read what leads from load balancers to tasks.
var balancerActions = []model.Action{
	model.DescribeLoadBalancers, model.DescribeListeners, model.DescribeRules, model.DescribeTargetGroups,
}

// serviceActions read which services there are, and which ports they have.
var serviceActions = []model.Action{
	model.ListClusters, model.ListServices, model.DescribeServices, model.DescribeTaskDefinition,
}

// arrives judges FROM -> TO: every path of the configuration between the two has to arrive,
// the way that was asked for; where there is none, the network is asked.
func (j *judge) arrives() error {
	paths, err := j.paths()
	if err != nil {
		return err
	}
	for _, p := range paths {
		j.arrivesOn(p)
	}
	if len(paths) > 0 {
		return nil
	}
	if j.as.from.Kind == selector.LoadBalancer && j.as.to.Kind == selector.Service {
		way := j.as.from.String() + " → " + j.as.to.String()
		if j.lacksAny(way, append(balancerActions, model.DescribeServices)...); len(j.unknown) == 0 {
			j.fails(Reason{Way: way, Why: "no path leads there"})
		}
		return nil
	}
	return j.asks(j.as.from, func(a *who.Answer) {
		if a.Beside {
			return
		}
		r := Reason{Way: answerName(a)}
		switch a.Verdict {
		case who.No:
			r.Hop, r.Why = refusal(a)
			j.fails(r)
		case who.Unknown:
			r.Why = cmp.Or(strings.Join(a.Missing, "; "), "it is not known whether all of it is admitted")
			j.lacks(r)
		case who.Yes:
			j.wayOf(r, a.Port.Via, "")
		}
	})
}

// arrivesOn judges one path.
func (j *judge) arrivesOn(p *reach.Path) {
	r := Reason{Path: p.ID, Way: words.Path(p)}
	switch {
	case p.Access == reach.Blocked:
		r.Hop, r.Why = refusedHop(p)
		j.fails(r)
	case p.Observed() == reach.Broken:
		r.Why = "the path is broken: " + strings.Join(p.Findings, ", ")
		if health := words.UnhealthyTargets(p.Health); health != "" {
			r.Why += ", " + health
		}
		j.fails(r)
	case p.Access == reach.AccessUnknown || p.Observed() == reach.Unknown:
		r.Why = cmp.Or(p.WhyUnknown(), "it is not known whether requests arrive")
		j.wayOf(r, p.Via, p.ViaWhy()) // what is known to be wrong is broken
		j.lacks(r)
	default:
		j.wayOf(r, p.Via, p.ViaWhy())
	}
}

// wayOf compares the way with the one that was asked for.
func (j *judge) wayOf(r Reason, is reach.Via, why string) {
	switch want := j.as.via; {
	case want == "" || is == want:
	case is == reach.ViaUnknown || is == "":
		r.Why = cmp.Or(why, "it is not known who in the task takes the requests")
		j.lacks(r)
	default:
		r.Hop = "inside the task"
		r.Why = "the app takes the requests itself, and not the agent"
		if is == reach.ViaAgent {
			r.Why = "the agent takes the requests"
		}
		if why != "" {
			r.Why += ": " + why
		}
		j.fails(r)
	}
}

// refusedHop is the first hop of a path that the network refuses.
func refusedHop(p *reach.Path) (hop, why string) {
	for _, h := range p.Hops() {
		if h.Access == reach.Blocked {
			return h.From + " → " + words.WithPort(h.To, h.Port, 0), h.Why
		}
	}
	return "", "the network refuses it"
}

// paths are the paths of the configuration between the two ends.
func (j *judge) paths() ([]*reach.Path, error) {
	starts, err := j.starts()
	if err != nil {
		return nil, err
	}
	if j.as.to.Kind != selector.Service {
		return nil, j.knownBalancer()
	}
	targets, err := j.as.to.Services(j.a.Snapshot)
	if err != nil {
		return nil, err
	}
	var out []*reach.Path
	for _, ref := range targets {
		for _, p := range j.a.Into(ref) {
			if p.Source.Kind != reach.SourceHealthCheck && starts(p) && hasPort(p, j.as.to.Port) {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// knownBalancer is the error of a load balancer that is the target and that there is not.
func (j *judge) knownBalancer() error {
	if j.as.to.Kind != selector.LoadBalancer {
		return nil
	}
	_, err := j.as.to.LoadBalancers(j.a.Snapshot)
	return err
}

func hasPort(p *reach.Path, port int) bool {
	return port == 0 || p.Target.ContainerPort == port || p.Target.WirePort == port
}

// starts tells which paths start where the assertion says.
func (j *judge) starts() (func(*reach.Path) bool, error) {
	from, s := j.as.from, j.a.Snapshot
	switch from.Kind {
	case selector.LoadBalancer:
		if _, err := from.LoadBalancers(s); err != nil {
			return nil, err
		}
		return func(p *reach.Path) bool { return startsAtBalancer(p, &from) }, nil
	case selector.Service:
		services, _, err := from.Callers(s)
		if err != nil {
			return nil, err
		}
		return func(p *reach.Path) bool {
			return p.Source.Services.Len() > 0 && slices.ContainsFunc(services, p.Source.Services.Contains)
		}, nil
	case selector.SecurityGroup, selector.Addresses, selector.Any:
	}
	return func(*reach.Path) bool { return false }, nil
}

// startsAtBalancer tells whether a path passes a listener of a load balancer: it may stand
// behind another one.
func startsAtBalancer(p *reach.Path, from *selector.Selector) bool {
	fits := func(name string, port int) bool {
		ok, err := path.Match(from.Name, name)
		return ok && err == nil && (from.Port == 0 || from.Port == port)
	}
	if p.Source.Kind != reach.SourceLoadBalancer && p.Source.Kind != reach.SourceServiceGateway {
		return false
	}
	return fits(p.Source.Name, p.Source.ListenerPort) || fits(p.Place.Rule.LoadBalancer, p.Place.Rule.Port)
}

// asks asks the network about a caller and the target, for each port.
func (j *judge) asks(from selector.Selector, each func(*who.Answer)) error {
	doc, err := who.Ask(j.a, from, j.as.to)
	if err != nil {
		return err
	}
	for i := range doc.Answers {
		each(&doc.Answers[i])
	}
	if len(doc.Answers) == 0 {
		j.lacks(Reason{Way: from.String() + " → " + j.as.to.String(), Why: "no port of the target is known"})
	}
	return nil
}

// refusal is the first place that refuses a caller.
func refusal(a *who.Answer) (hop, why string) {
	for i := range a.Checks {
		if c := &a.Checks[i]; c.Access == reach.Blocked {
			return strings.ReplaceAll(string(c.Kind), "-", " "), c.Why
		}
	}
	return "", "the network refuses it"
}

func answerName(a *who.Answer) string {
	name := a.Caller.Name
	if a.Caller.Cluster != "" {
		name = a.Caller.Cluster + "/" + name
	}
	return fmt.Sprintf("%s → %s", name, a.Port.Name())
}
