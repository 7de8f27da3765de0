package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/ui/search"
	"hopscope/ui/theme"
)

// inventory is an analysis, arranged by service for the screen. It is made once and
// does not change, but for the plans that are made when they are looked at.
type inventory struct {
	*rule.Analysis
	// final is set when the collection had ended.
	final bool
	// services are sorted by their worst finding, then by name.
	services []service
	byRef    map[model.Ref]int
	// rows are the services as a list has them, labels their names; tasksWidth is the
	// width of the widest tasks.
	rows       []*service
	labels     []string
	tasksWidth int
	// errors and warnings count findings.
	errors, warnings int
	// remedies are the plans that were made so far.
	remedies remedies
	// gaps are those that are not merely a matter of waiting.
	gaps []model.Gap
	// callable are the paths that services call on.
	callable callable
	// known are the places that the palette finds.
	known placeIndex
}

// service is a row of the list and what it leads to.
type service struct {
	ref model.Ref
	// cluster is shown behind the name; "" where there is only one.
	cluster string
	state   theme.State
	// tasks is running/desired, "" while that is not known.
	tasks string
	// facts is network mode, capacity and revision.
	facts    string
	loaded   bool
	paths    []*reach.Path
	findings []*rule.Finding
	// calls are the broken paths of which the service is a caller. They are
	// judged where they lead; here they are for those who look at the caller.
	calls []*reach.Path
	// folded is the name as it is searched, and at its position among the services.
	folded string
	at     int
	// twin is set where another cluster has a service of the same name: the cluster is
	// part of the label then.
	twin bool
	// groups are the ids and names of its security groups, as they are searched.
	groups []string
	// ports are those on the paths to it.
	ports []int
}

// label is the name in a list.
func (s *service) label() string {
	if s.twin {
		return s.ref.Service + " " + s.cluster
	}
	return s.ref.Service
}

func newInventory(a *rule.Analysis) *inventory {
	s := a.Snapshot
	v := &inventory{Analysis: a, services: make([]service, len(s.Services))}
	at := make(map[model.Ref]int, len(s.Services))
	for i := range s.Services {
		svc := &s.Services[i]
		at[svc.Ref()] = i
		v.services[i] = service{
			ref: svc.Ref(), loaded: svc.Loaded, tasks: tasksOf(svc), facts: platform(a.Index, svc),
			groups: groupsOf(a.Index, svc),
		}
		if len(s.Scope.Clusters) > 1 {
			v.services[i].cluster = svc.Cluster
		}
	}
	for _, p := range v.Paths {
		if j, ok := at[p.Target.Ref()]; ok {
			row := &v.services[j]
			row.paths = append(row.paths, p)
			row.addPorts(p)
			row.state = max(row.state, serviceState(theme.OfVerdict(p.Observed())))
		}
	}
	v.addCalls(at)
	v.callable = newCallable(v.Paths)
	v.addFindings(at)
	v.sort()
	for i := range s.Gaps {
		if s.Gaps[i].State != model.Loading {
			v.gaps = append(v.gaps, s.Gaps[i])
		}
	}
	return v
}

// serviceState is what the state of a path means for the service it leads to. A
// caller that is kept out on purpose is nothing to look at.
func serviceState(s theme.State) theme.State {
	if s == theme.Calm {
		return theme.Good
	}
	return s
}

// manyCallers is the number of callers above which a broken path is not shown
// at each of them.
const manyCallers = 200

func (v *inventory) addCalls(at map[model.Ref]int) {
	for _, p := range v.Paths {
		if p.Observed() != reach.Broken || p.Source.Services.Len() > manyCallers {
			continue
		}
		for ref := range p.Source.Services.All() {
			if j, ok := at[ref]; ok {
				v.services[j].calls = append(v.services[j].calls, p)
			}
		}
	}
}

func (v *inventory) addFindings(at map[model.Ref]int) {
	for _, f := range v.Findings {
		switch f.Severity {
		case rule.Error:
			v.errors++
		case rule.Warning:
			v.warnings++
		case rule.Info:
		}
		if j, ok := at[f.Ref()]; ok {
			row := &v.services[j]
			row.findings = append(row.findings, f)
			row.state = max(row.state, serviceState(theme.OfSeverity(f.Severity)))
		}
	}
}

func (v *inventory) sort() {
	slices.SortStableFunc(v.services, func(a, b service) int {
		return cmp.Or(cmp.Compare(b.rank(), a.rank()), cmp.Compare(a.ref.Service, b.ref.Service),
			cmp.Compare(a.ref.Cluster, b.ref.Cluster))
	})
	v.byRef = make(map[model.Ref]int, len(v.services))
	v.rows, v.labels = make([]*service, len(v.services)), make([]string, len(v.services))
	names := make(map[string]int, len(v.services))
	for i := range v.services {
		names[v.services[i].ref.Service]++
	}
	for i := range v.services {
		row := &v.services[i]
		v.byRef[row.ref] = i
		row.at, row.folded = i, search.Fold(row.ref.Service)
		row.twin = row.cluster != "" && names[row.ref.Service] > 1
		v.rows[i], v.labels[i] = row, row.label()
		v.tasksWidth = max(v.tasksWidth, len(row.tasks))
		slices.SortStableFunc(row.paths, func(a, b *reach.Path) int {
			return cmp.Or(
				cmp.Compare(groupRank(a), groupRank(b)),
				cmp.Compare(lookRank(b), lookRank(a)),
				cmp.Compare(kindRank(a), kindRank(b)),
			)
		})
	}
}

// name is what the filter searches and the title shows: the service, and its
// cluster where there are several.
func (s *service) name() string {
	if s.cluster == "" {
		return s.ref.Service
	}
	return s.ref.Service + " " + s.cluster
}

// rank orders services: only what needs a look comes first.
func (s *service) rank() theme.State { return needsLook(s.state) }

// lookRank orders paths in the same way.
func lookRank(p *reach.Path) theme.State { return needsLook(theme.OfVerdict(p.Observed())) }

// needsLook makes all states equal in which everything is as it should be.
func needsLook(s theme.State) theme.State {
	if s <= theme.Good {
		return theme.None
	}
	return s
}

// groupRank puts what serves users first, then health checks, then callers that
// are kept out.
func groupRank(p *reach.Path) int {
	switch {
	case p.Verdict == reach.Closed:
		return 2
	case p.Source.Kind == reach.SourceHealthCheck:
		return 1
	}
	return 0
}

// kindRank puts requests from outside before those of other services.
func kindRank(p *reach.Path) int {
	switch p.Source.Kind {
	case reach.SourceServiceConnect, reach.SourceServiceDiscovery:
		return 1
	case reach.SourceLoadBalancer, reach.SourceHealthCheck, reach.SourceServiceGateway, reach.SourceVPCLattice:
	}
	return 0
}

// service finds a service by its identity.
func (v *inventory) service(ref model.Ref) *service {
	if v == nil {
		return nil
	}
	if i, ok := v.byRef[ref]; ok {
		return &v.services[i]
	}
	return nil
}

// nothingFound tells whether nothing was found about a service.
func (v *inventory) nothingFound(ref model.Ref) bool {
	s := v.service(ref)
	return s == nil || len(s.findings) == 0
}

// findingsOf are the findings about a path.
func (s *service) findingsOf(p *reach.Path) []*rule.Finding {
	var out []*rule.Finding
	for _, f := range s.findings {
		if slices.Contains(f.Paths, p) || slices.Contains(p.Findings, f.Code) &&
			(len(f.Paths) == 0 || !s.has(f.Path(), f.Code)) {
			out = append(out, f)
		}
	}
	return out
}

// ownFindings are the findings about the service itself, or about a path that the
// report does not have: no path shows them.
func (s *service) ownFindings() []*rule.Finding {
	var out []*rule.Finding
	for _, f := range s.findings {
		shown := slices.ContainsFunc(s.paths, func(p *reach.Path) bool {
			return slices.Contains(f.Paths, p) ||
				slices.Contains(p.Findings, f.Code)
		})
		if !shown {
			out = append(out, f)
		}
	}
	return out
}

// has tells whether a path of the service exists and names a code.
func (s *service) has(id, code string) bool {
	return slices.ContainsFunc(s.paths, func(p *reach.Path) bool {
		return p.ID == id && slices.Contains(p.Findings, code)
	})
}

// groupsOf are the ids and names of the groups that the tasks of a service have.
func groupsOf(ix *model.Index, s *model.Service) []string {
	d := s.Primary()
	if d == nil || d.Network == nil {
		return nil
	}
	out := make([]string, 0, 2*len(d.Network.SecurityGroups))
	for _, id := range d.Network.SecurityGroups {
		out = append(out, id)
		if g, _ := ix.SecurityGroup(id); g != nil && g.Name != id {
			out = append(out, search.Fold(g.Name))
		}
	}
	return out
}

// tasksOf is running/desired.
func tasksOf(s *model.Service) string {
	if !s.Loaded {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.RunningCount, s.DesiredCount)
}

// platform is what a service runs on, as the title line says it: network mode,
// capacity and revision.
func platform(ix *model.Index, s *model.Service) string {
	var words []string
	d := s.Primary()
	if d == nil {
		return strings.Join(capacity(s.LaunchType, s.CapacityProviders), " · ")
	}
	task, _ := ix.TaskDefinition(d.TaskDefinition)
	if task != nil && task.NetworkMode != "" {
		words = append(words, string(task.NetworkMode))
	}
	if d.LaunchType != "" || len(d.CapacityProviders) > 0 {
		words = append(words, capacity(d.LaunchType, d.CapacityProviders)...)
	} else {
		words = append(words, capacity(s.LaunchType, s.CapacityProviders)...)
	}
	switch {
	case task != nil && task.Revision > 0:
		words = append(words, fmt.Sprintf("rev %d", task.Revision))
	case d.TaskDefinition != "":
		words = append(words, model.ARNName(d.TaskDefinition))
	}
	return strings.Join(words, " · ")
}

func capacity(launchType string, providers []string) []string {
	if launchType == "" {
		return providers
	}
	return []string{launchType}
}
