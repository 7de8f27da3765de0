package diff

import (
	"cmp"
	"slices"

	"hopscope/model"
	"hopscope/model/change"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// Direction says whether a change is for the worse.
type Direction string

// The directions of changes. Neither is what appeared or vanished without being at fault,
// or what goes another way to the same verdict.
const (
	Worse   Direction = "worse"
	Better  Direction = "better"
	Neither Direction = "neither"
)

// Path is a path that differs.
type Path struct {
	Change    Kind      `json:"change"`
	Direction Direction `json:"direction"`
	Cluster   string    `json:"cluster"`
	Service   string    `json:"service"`
	// Name is source and target: "main-alb :80 → web:8080".
	Name  string `json:"name"`
	Place string `json:"place"`
	// Before and After are absent where there was, or is, no such path.
	Before *State `json:"before,omitempty"`
	After  *State `json:"after,omitempty"`
	// CallersGained and CallersLost are services that call by the same endpoint now, or no
	// more; the first ones, and how many there are.
	CallersGained *Callers `json:"callersGained,omitempty"`
	CallersLost   *Callers `json:"callersLost,omitempty"`
	// Unread says why it is not known whether the path is gone, or new, or is better or worse.
	Unread string `json:"unread,omitempty"`
	// Facts are the IDs of the facts behind the change.
	Facts []string `json:"facts,omitempty"`
}

// State is what was known of a path.
type State struct {
	ID      string        `json:"id"`
	Via     reach.Via     `json:"via"`
	Access  reach.Access  `json:"access"`
	Verdict reach.Verdict `json:"verdict"`
	// Port is the port that security groups see.
	Port int `json:"wirePort,omitempty"`
	// Health is how its targets are, unless all are healthy.
	Health   string   `json:"health,omitempty"`
	Findings []string `json:"findings,omitempty"`
}

// Callers are services that call.
type Callers struct {
	Count    int         `json:"count"`
	Services []model.Ref `json:"services"`
}

// shownCallers is how many callers are named.
const shownCallers = 20

func stateOf(p *reach.Path) *State {
	if p == nil {
		return nil
	}
	return &State{
		ID: p.ID, Via: p.Via, Access: p.Access, Verdict: p.Observed(), Port: p.Target.WirePort,
		Health: words.UnhealthyTargets(p.Health), Findings: slices.Clone(p.Findings),
	}
}

// differs tells whether a reader of the two states has something to see. Codes of findings
// are compared as findings.
func (s *State) differs(o *State) bool {
	return s.Via != o.Via || s.Access != o.Access || s.Verdict != o.Verdict || s.Port != o.Port || s.Health != o.Health
}

// paths are the paths that differ.
func (c *comparison) paths() []Path {
	out := []Path{}
	for _, ref := range c.services() {
		before, after := c.before.Into(ref), c.after.Into(ref)
		moved := c.callersMoved(before, after)
		for _, pair := range change.Paths(before, after) {
			place := pair.Path().Place
			gained := moved[place]
			delete(moved, place)
			if p := c.path(&pair, gained); p != nil {
				out = append(out, *p)
			}
		}
	}
	return out
}

// services are those to which a path leads before or after.
func (c *comparison) services() []model.Ref {
	var out []model.Ref
	for _, paths := range [][]*reach.Path{c.before.Paths, c.after.Paths} {
		for _, p := range paths {
			out = append(out, p.Target.Ref())
		}
	}
	slices.SortFunc(out, model.Ref.Compare)
	return slices.Compact(out)
}

// path is what became of a path, nil where nothing did.
func (c *comparison) path(pair *change.Pair, moved movement) *Path {
	p := pair.Path()
	out := &Path{
		Change: Changed, Cluster: p.Target.Cluster, Service: p.Target.Service, Name: words.Path(p),
		Place: p.Place.String(), Before: stateOf(pair.Before), After: stateOf(pair.After),
		CallersGained: moved.gained, CallersLost: moved.lost,
	}
	switch {
	case pair.Before == nil:
		out.Change, out.Unread = Appeared, c.before.unreadPath(pair.After)
	case pair.After == nil:
		out.Change, out.Unread = Vanished, c.after.unreadPath(pair.Before)
	case !out.Before.differs(out.After) && moved.none():
		return nil
	default:
		out.Unread = c.unreadVerdict(pair, moved)
	}
	out.Direction = directionOf(out)
	out.Facts = c.behindPair(pair, moved)
	return out
}

// behindPair are the facts behind the change of a path: those that touch it, or else those
// that touch other paths at its place, since what becomes of all callers of an endpoint says
// whether one is expected to be refused; or else what one of the readings lacks.
func (c *comparison) behindPair(pair *change.Pair, moved movement) []string {
	own := []*reach.Path{pair.Before, pair.After}
	all := slices.Concat(own, samePlace(c.before, pair.Path()), samePlace(c.after, pair.Path()))
	if pair.Before != nil && pair.After != nil && moved.none() {
		if facts := c.behind(own...); len(facts) > 0 {
			return facts
		}
	}
	if facts := c.behind(all...); len(facts) > 0 {
		return facts
	}
	return c.gaps()
}

// samePlace are the paths that an analysis has at the place of a path: its callers may be on
// another one, or have been.
func samePlace(a *side, p *reach.Path) []*reach.Path {
	var out []*reach.Path
	for _, o := range a.Into(p.Target.Ref()) {
		if o.Place.InDeployment("") == p.Place.InDeployment("") {
			out = append(out, o)
		}
	}
	return out
}

// directionOf compares verdicts. A path that is unknown now is worse than one that was
// judged well, and one that is known to be broken is worse than both.
func directionOf(p *Path) Direction {
	was, is := verdictOf(p.Before), verdictOf(p.After)
	harmless := reach.Closed.Rank() // and so are those that rank below
	switch {
	case p.Unread != "":
		return Neither
	case p.After != nil && is == reach.Unknown && is.Rank() < was.Rank():
		return Neither // what is not known is no better
	case was.Rank() > is.Rank() && was.Rank() > harmless:
		return Better
	case is.Rank() > was.Rank() && is.Rank() > harmless:
		return Worse
	case p.Before != nil && p.After != nil && p.Before.Access != p.After.Access:
		if p.After.Access == reach.Allowed {
			return Better
		}
		return Worse
	}
	return Neither
}

// verdictOf is the verdict on a path; one that is not there harms nothing.
func verdictOf(s *State) reach.Verdict {
	if s == nil {
		return reach.OK
	}
	return s.Verdict
}

// movement are callers that came to a place and left it.
type movement struct {
	gained, lost *Callers
	// unread says why it is not known of some callers whether they came or left.
	unread string
}

func (m movement) none() bool { return m.gained == nil && m.lost == nil }

// callersMoved are the callers that places of both analyses gained and lost.
func (c *comparison) callersMoved(before, after []*reach.Path) map[reach.Place]movement {
	out := map[reach.Place]movement{}
	was, is := byPlace(before), byPlace(after)
	for place, old := range was {
		now := is[place]
		if len(now) == 0 || slices.EqualFunc(old, now, func(a, b *reach.Path) bool { return a.ID == b.ID }) {
			continue
		}
		var m movement
		m.gained, m.unread = c.before.missingFrom(now, old)
		var unread string
		m.lost, unread = c.after.missingFrom(old, now)
		if m.unread = cmp.Or(m.unread, unread); m != (movement{}) {
			out[place] = m
		}
	}
	return out
}

// byPlace are the paths with callers, by place, each place's sorted by ID.
func byPlace(paths []*reach.Path) map[reach.Place][]*reach.Path {
	out := map[reach.Place][]*reach.Path{}
	for _, p := range paths {
		if p.Source.Services != nil {
			out[p.Place] = append(out[p.Place], p)
		}
	}
	for _, all := range out {
		slices.SortFunc(all, func(a, b *reach.Path) int { return cmp.Compare(a.ID, b.ID) })
	}
	return out
}

// missingFrom are the callers of some paths that none of others has, which are of this side;
// nil for none. Of those that the side did not read it is said why.
func (s *side) missingFrom(of, others []*reach.Path) (*Callers, string) {
	var out Callers
	unread := ""
	for _, p := range of {
		for ref := range p.Source.Services.All() {
			has := func(o *reach.Path) bool { return o.Source.Services.Contains(ref) }
			if slices.ContainsFunc(others, has) {
				continue
			}
			if why := s.unreadService(ref); why != "" {
				unread = why
				continue
			}
			if out.Count++; len(out.Services) < shownCallers {
				out.Services = append(out.Services, ref)
			}
		}
	}
	if out.Count == 0 {
		return nil, unread
	}
	slices.SortFunc(out.Services, model.Ref.Compare)
	return &out, unread
}
