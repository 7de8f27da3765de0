package ui

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
	"hopscope/ui/search"
	"hopscope/ui/theme"
)

// placeKind is what a place is.
type placeKind int

// The kinds of places.
const (
	actionPlace placeKind = iota
	servicePlace
	balancerPlace
	groupPlace
	portPlace
	findingPlace
	clusterPlace
	// callerPlace calls on what was selected, callPlace is called by it.
	callerPlace
	callPlace
)

// String is the word for the kind in the palette.
func (k placeKind) String() string {
	return [...]string{
		actionPlace: "action", servicePlace: "service", balancerPlace: "lb", groupPlace: "group", portPlace: "port",
		findingPlace: "finding", clusterPlace: "cluster",
		callerPlace: "from", callPlace: "calls",
	}[k]
}

// place is something that the palette leads to.
type place struct {
	kind placeKind
	// name is shown, folded is what words are looked for in, and after it context.
	name, folded, context string
	// value is what a field of a query has to have: the name of a load balancer, the id of
	// a group, a port.
	value string
	state theme.State
	// ref is the service, path the path of a port, finding the position of a finding.
	ref     model.Ref
	path    *reach.Path
	finding int
	action  *action
}

// Text is what a query looks for words in.
func (p *place) Text() (name, context string) { return p.folded, p.context }

// Has tells whether a field of a query holds: a field also says which kind is wanted.
func (p *place) Has(field, value string) bool {
	switch field {
	case search.Balance:
		return p.kind == balancerPlace && strings.Contains(p.folded, value)
	case search.Group:
		return p.kind == groupPlace && (strings.Contains(p.folded, value) || strings.Contains(p.context, value))
	case search.Port:
		return p.kind == portPlace && strings.HasPrefix(p.value, value)
	case search.Code:
		return p.kind == findingPlace && strings.HasPrefix(p.folded, value)
	case search.State:
		return p.kind == servicePlace && stateNamed(p.state, value)
	case search.Cluster:
		return p.ref.Cluster != "" && strings.Contains(search.Fold(p.ref.Cluster), value)
	}
	return false
}

func newPlace(kind placeKind, name, context string) place {
	return place{kind: kind, name: name, folded: search.Fold(name), context: search.Fold(context)}
}

// placeIndex is all that an inventory has, services first. They are gathered once.
type placeIndex struct {
	once sync.Once
	all  []*place
}

// placesOf gathers the places of an inventory.
func (v *inventory) placesOf() []*place {
	v.known.once.Do(func() {
		var all []place
		for _, gather := range []func([]place) []place{
			v.servicePlaces, v.clusterPlaces, v.balancerPlaces, v.groupPlaces, v.portPlaces, v.findingPlaces,
		} {
			all = gather(all)
		}
		v.known.all = make([]*place, len(all))
		for i := range all {
			v.known.all[i] = &all[i]
		}
	})
	return v.known.all
}

func (v *inventory) servicePlaces(to []place) []place {
	to = slices.Grow(to, 3*len(v.rows))
	for _, s := range v.rows {
		p := newPlace(servicePlace, s.ref.Service, s.cluster)
		p.state, p.ref = s.state, s.ref
		to = append(to, p)
	}
	return to
}

func (v *inventory) clusterPlaces(to []place) []place {
	for _, name := range v.Snapshot.Scope.Clusters {
		p := newPlace(clusterPlace, name, "")
		p.ref.Cluster, p.value = name, name
		to = append(to, p)
	}
	return to
}

func (v *inventory) balancerPlaces(to []place) []place {
	states := map[string]theme.State{}
	for _, p := range v.Paths {
		if p.Source.Kind == reach.SourceLoadBalancer && p.Source.Name != "" {
			states[p.Source.Name] = max(states[p.Source.Name], theme.OfVerdict(p.Observed()))
		}
	}
	for i := range v.Snapshot.LoadBalancers {
		lb := &v.Snapshot.LoadBalancers[i]
		p := newPlace(balancerPlace, lb.Name, lb.DNSName)
		p.value, p.state = p.folded, states[lb.Name]
		to = append(to, p)
	}
	return to
}

func (v *inventory) groupPlaces(to []place) []place {
	for i := range v.Snapshot.SecurityGroups {
		g := &v.Snapshot.SecurityGroups[i]
		p := newPlace(groupPlace, cmp.Or(g.Name, g.ID), g.ID)
		p.value = p.context
		to = append(to, p)
	}
	return to
}

// portPlaces are the container ports of services, each once, with the worst path to it.
func (v *inventory) portPlaces(to []place) []place {
	for _, s := range v.rows {
		begin := len(to)
		for _, path := range s.paths {
			port := words.Port(path.Target.ContainerPort, 0)
			if port == "" {
				continue
			}
			state := theme.OfVerdict(path.Observed())
			i := slices.IndexFunc(to[begin:], func(p place) bool { return p.value == port })
			if i < 0 {
				p := newPlace(portPlace, words.ServicePort(s.ref.Service, path.Target.ContainerPort), s.cluster)
				p.value, p.ref, p.path, p.state = port, s.ref, path, state
				to = append(to, p)
			} else if o := &to[begin+i]; state > o.state {
				o.path, o.state = path, state
			}
		}
	}
	return to
}

func (v *inventory) findingPlaces(to []place) []place {
	for i, f := range v.Findings {
		p := newPlace(findingPlace, f.Code+" "+cmp.Or(f.Service, f.Cluster), f.Cluster)
		p.ref, p.finding, p.state = f.Ref(), i, theme.OfSeverity(f.Severity)
		to = append(to, p)
	}
	return to
}

// detail is what is said of a place behind its name.
func (p *place) detail(a *App) string {
	v := a.inventory
	switch p.kind {
	case actionPlace:
		if p.action.off != nil {
			if why := p.action.off(a); why != "" {
				return why
			}
		}
		return p.action.help
	case servicePlace:
		if s := v.service(p.ref); s != nil {
			return strings.TrimSpace(s.cluster + " " + s.tasks)
		}
	case callerPlace:
		return "calls " + words.Target(p.path) + " · " + words.Verdict(p.path)
	case callPlace:
		return words.Target(p.path) + " · " + words.Verdict(p.path)
	case portPlace:
		return words.Path(p.path) + " · " + words.Verdict(p.path)
	case findingPlace:
		if p.finding < len(v.Findings) {
			return v.Findings[p.finding].Title()
		}
	case groupPlace, balancerPlace:
		return p.context
	case clusterPlace:
		return "the services of this cluster"
	}
	return ""
}

// visit goes to a place, from wherever the screen is.
func (p *place) visit(a *App) {
	m := a.main
	switch p.kind {
	case servicePlace:
		m.visit(a, p.ref, nil)
	case portPlace, callPlace, callerPlace:
		m.visit(a, p.ref, p.path)
	case balancerPlace:
		m.only(a, search.Balance+":"+p.value)
	case groupPlace:
		m.only(a, search.Group+":"+p.value)
	case clusterPlace:
		m.only(a, search.Cluster+":"+p.value)
	case actionPlace, findingPlace:
	}
}
