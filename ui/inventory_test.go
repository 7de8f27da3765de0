package ui

import (
	"fmt"
	"slices"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/ui/theme"
)

// serviceNames are services that nothing leads to.
func serviceNames(names ...string) *model.Snapshot {
	b := modeltest.New()
	for _, name := range names {
		b.Service(name)
	}
	return b.Snapshot()
}

// to is a path that leads to a service.
func requests(service string, kind reach.SourceKind, v reach.Verdict) *reach.Path {
	return &reach.Path{
		ID: service + "/" + string(kind) + "/" + string(v), Verdict: v, Source: reach.Source{Kind: kind},
		Target: reach.Target{Cluster: "prod", Service: service},
	}
}

func about(service string, s rule.Severity) *rule.Finding {
	return &rule.Finding{Code: "X", Severity: s, Cluster: "prod", Service: service}
}

func TestServicesSortByTheirWorstFindingThenByName(t *testing.T) {
	s := serviceNames("a-fine", "b-info", "c-unknown", "d-warned", "e-closed", "f-error", "g-broken", "h-nothing")
	lb := reach.SourceLoadBalancer
	v := newInventory(&rule.Analysis{
		Snapshot: s, Index: model.NewIndex(s),
		Paths: []*reach.Path{
			requests("a-fine", lb, reach.OK), requests("b-info", lb, reach.Needed), requests("c-unknown", lb, reach.Unknown),
			requests("e-closed", reach.SourceServiceConnect, reach.Closed), requests("g-broken", lb, reach.OK),
			requests("g-broken", lb, reach.Broken),
			requests("of another account", lb, reach.Broken),
		},
		Findings: []*rule.Finding{
			about("f-error", rule.Error), about("d-warned", rule.Warning), about("b-info", rule.Info),
			about("nowhere", rule.Error),
		},
	})
	var got []string
	for i := range v.services {
		got = append(got, v.services[i].state.Glyph()+" "+v.services[i].name())
	}
	want := []string{
		"✗ f-error", "✗ g-broken", "▲ d-warned", "? c-unknown",
		"● a-fine", "● b-info", "● e-closed", "· h-nothing",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if v.errors != 2 || v.warnings != 1 {
		t.Errorf("%d errors and %d warnings, want 2 and 1", v.errors, v.warnings)
	}
}

func TestPathsSortByWhatNeedsALookWithHealthChecksAndClosedOnesLast(t *testing.T) {
	lb, sc, hc := reach.SourceLoadBalancer, reach.SourceServiceConnect, reach.SourceHealthCheck
	v := newInventory(&rule.Analysis{
		Snapshot: serviceNames("a"), Index: model.NewIndex(serviceNames("a")),
		Paths: []*reach.Path{
			requests("a", hc, reach.Broken), requests("a", sc, reach.Closed), requests("a", sc, reach.Needed),
			requests("a", lb, reach.OK),
			requests("a", sc, reach.Broken),
		},
	})
	var got []string
	for _, p := range v.services[0].paths {
		got = append(got, string(p.Source.Kind)+" "+string(p.Verdict))
	}
	want := []string{
		"service-connect broken", "load-balancer ok", "service-connect needed", "health-check broken",
		"service-connect closed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestTheWorstPathIsTheOneSelectedFirst(t *testing.T) {
	v := newInventory(&rule.Analysis{
		Snapshot: serviceNames("a"), Index: model.NewIndex(serviceNames("a")),
		Paths: []*reach.Path{
			requests("a", reach.SourceLoadBalancer, reach.OK), requests("a", reach.SourceHealthCheck, reach.Broken),
		},
	})
	var p pathsPane
	p.show(v, v.service(model.Ref{Cluster: "prod", Service: "a"}))
	if got := p.selected(); got == nil || got.Verdict != reach.Broken {
		t.Errorf("selected %+v", got)
	}
}

func TestServicesOfSeveralClustersAreToldApart(t *testing.T) {
	s := serviceNames("web", "api")
	s.Scope.Clusters = []string{"blue", "green"}
	s.Services = append(s.Services, model.Service{Name: "web", Cluster: "blue"})
	v := newInventory(&rule.Analysis{Snapshot: s, Index: model.NewIndex(s)})
	var got []string
	for i := range v.services {
		got = append(got, v.services[i].name())
	}
	if want := []string{"api prod", "web blue", "web prod"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheTitleSaysWhatAServiceRunsOn(t *testing.T) {
	const arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7"
	primary := model.Deployment{
		Status: "PRIMARY", TaskDefinition: arn,
		CapacityProviders: []string{"FARGATE_SPOT", "FARGATE"},
	}
	read := []model.TaskDefinition{{ARN: arn, Revision: 7, NetworkMode: "bridge"}}
	cases := map[string]struct {
		service model.Service
		tasks   []model.TaskDefinition
		want    string
	}{
		"all known": {
			model.Service{Deployments: []model.Deployment{primary}},
			read,
			"bridge · FARGATE_SPOT · FARGATE · rev 7",
		},
		"no task definition": {
			model.Service{Deployments: []model.Deployment{primary}},
			nil,
			"FARGATE_SPOT · FARGATE · web:7",
		},
		"no deployment": {model.Service{LaunchType: "EC2"}, nil, "EC2"},
		"launch type of both": {model.Service{
			LaunchType:  "EC2",
			Deployments: []model.Deployment{{Status: "PRIMARY", TaskDefinition: arn}},
		}, read, "bridge · EC2 · rev 7"},
		"not loaded": {model.Service{}, nil, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			ix := model.NewIndex(&model.Snapshot{TaskDefinitions: c.tasks})
			if got := platform(ix, &c.service); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestManyPathsAreFoldedUntilSelected(t *testing.T) {
	s := serviceNames("other", "sam")
	r := &rule.Analysis{Snapshot: s, Index: model.NewIndex(s)}
	for i := range manyPaths + 1 {
		p := requests("sam", reach.SourceLoadBalancer, reach.OK)
		p.ID = fmt.Sprint(i)
		r.Paths = append(r.Paths, p)
	}
	a := appWith(nil, 100, 40)
	a.Update(analyzedMsg{inventory: newInventory(r)})
	press(a, "/", "s", "a", "m", "enter", "esc")
	open := func() (n int) {
		for _, b := range a.main.paths.blocks {
			if b.rows > 1 {
				n++
			}
		}
		return n
	}
	if n := open(); n != 0 {
		t.Errorf("%d paths are open before one is selected", n)
	}
	press(a, "tab", "j")
	if n := open(); n != 1 || a.main.paths.blocks[1].rows == 1 {
		t.Errorf("%d paths are open, want the second", n)
	}
	if theme.OfVerdict(a.main.paths.selected().Verdict) != theme.Good {
		t.Error("the wrong path is selected")
	}
}
