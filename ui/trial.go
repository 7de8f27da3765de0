package ui

import (
	"cmp"
	"slices"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// trial is what would follow from a supposition.
type trial struct {
	pairs []pair
	// gone and fresh are findings about the service that would go and come, kept
	// those that would stay.
	gone, fresh, kept []*rule.Finding
	// elsewhere are services other than this one with paths that would change,
	// elsewherePaths counts these.
	elsewhere      []model.Ref
	elsewherePaths int
	// free are ports that an override may have, by the position of the endpoint.
	free map[int]int
	err  error
}

// try works out, in a command, what would follow. One is worked out at a time;
// what was typed meanwhile is next.
func (s *whatIfScreen) try(a *App) tea.Cmd {
	if s.trying {
		s.again = true
		return nil
	}
	s.trying, s.serial = true, a.serial()
	serial, v, judge := s.serial, a.inventory, a.o.Analyze
	u := s.supposition.clone()
	var free map[int]int
	if s.trial != nil {
		free = s.trial.free
	}
	return func() tea.Msg {
		t := newTrial(v, &u, judge)
		if t.free = free; free == nil {
			t.free = freePorts(v, u.ref)
		}
		return triedMsg{serial: serial, trial: t}
	}
}

// freePorts are the ports that fix would take for overrides.
func freePorts(v *inventory, ref model.Ref) map[int]int {
	out := map[int]int{}
	knobs := fix.KnobsOf(v.snapshot, v.report, ref)
	for i := range knobs.Endpoints {
		if e := &knobs.Endpoints[i]; e.Suggested != 0 {
			out[e.Index] = e.Suggested
		}
	}
	return out
}

func (a *App) tried(msg triedMsg) tea.Cmd {
	for _, open := range a.screens {
		s, ok := open.(*whatIfScreen)
		if !ok || s.serial != msg.serial {
			continue
		}
		s.trying = false
		if s.again {
			// What was typed meanwhile is what counts.
			s.again = false
			return s.try(a)
		}
		s.trial = msg.trial
		a.arrange()
	}
	return nil
}

// clone is a copy that does not change while it is worked on.
func (u *supposition) clone() supposition {
	c := *u
	c.endpoints, c.rules, c.added = slices.Clone(u.endpoints), slices.Clone(u.rules), slices.Clone(u.added)
	return c
}

func newTrial(v *inventory, u *supposition, judge func(*model.Snapshot) *rule.Report) *trial {
	after, err := fix.Outcome(v.snapshot, u.ref, u.steps())
	if err != nil {
		return &trial{err: err}
	}
	report := judge(after)
	t := &trial{pairs: pairUp(pathsTo(v.paths, u.ref), pathsTo(report.Paths, u.ref), nil)}
	t.compareFindings(findingsAbout(v.report, u.ref), findingsAbout(report, u.ref))
	t.compareOthers(v.report, report, u.ref)
	return t
}

func findingsAbout(r *rule.Report, ref model.Ref) []*rule.Finding {
	var out []*rule.Finding
	for i := range r.Findings {
		if r.Findings[i].Ref() == ref {
			out = append(out, &r.Findings[i])
		}
	}
	return out
}

func (t *trial) compareFindings(now, after []*rule.Finding) {
	has := func(all []*rule.Finding, f *rule.Finding) bool {
		return slices.ContainsFunc(all, func(o *rule.Finding) bool { return o.Code == f.Code && o.Title == f.Title })
	}
	for _, f := range now {
		if !has(after, f) {
			t.gone = append(t.gone, f)
		}
	}
	for _, f := range after {
		if has(now, f) {
			t.kept = append(t.kept, f)
		} else {
			t.fresh = append(t.fresh, f)
		}
	}
}

// look is what is compared of a path.
type look struct {
	via     reach.Via
	access  reach.Access
	verdict reach.Verdict
}

// compareOthers counts the paths of other services that would change: a group may
// be shared.
func (t *trial) compareOthers(now, after *rule.Report, ref model.Ref) {
	looks := make(map[string]look, len(now.Paths))
	for i := range now.Paths {
		if p := &now.Paths[i]; p.Target.Ref() != ref {
			looks[p.ID] = look{p.Via, p.Access, p.Verdict}
		}
	}
	seen := map[model.Ref]bool{}
	for i := range after.Paths {
		p := &after.Paths[i]
		if p.Target.Ref() == ref || looks[p.ID] == (look{p.Via, p.Access, p.Verdict}) {
			continue
		}
		t.elsewherePaths++
		if !seen[p.Target.Ref()] {
			seen[p.Target.Ref()] = true
			t.elsewhere = append(t.elsewhere, p.Target.Ref())
		}
	}
	slices.SortFunc(t.elsewhere, func(a, b model.Ref) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Cluster, b.Cluster))
	})
}

// words name a path among those of the service: its source, and where it leads if
// that is not the same for all.
func (t *trial) words(p *pair) string {
	port := t.pairs[0].path().Target.ContainerPort
	for i := range t.pairs {
		if t.pairs[i].path().Target.ContainerPort != port {
			return headline(p.path())
		}
	}
	return sourceWords(p.path())
}
