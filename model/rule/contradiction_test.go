package rule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

func contradictionFirings() []firing {
	return []firing{
		{"HLT605", "the agent counts what goes past it", func() *Builder {
			return web(Offer("http", 10080, 80)).Edit(Measured(100, 104, 3*time.Hour))
		}, []string{
			"warning medium: The requests of alb :80 go to web through the agent, and the configuration says otherwise",
		}},
		{"HLT605", "the agent does not count what crosses it", func() *Builder {
			return web(Offer("http", 0, 80)).Edit(Measured(100, 1, 3*time.Hour))
		}, []string{"warning medium: The requests of alb :80 go to web directly, and the configuration says otherwise"}},
		{"HLT605", "as configured", func() *Builder {
			return web(Offer("http", 10080, 80)).Edit(Measured(100, 0, 3*time.Hour))
		}, nil},
		{"HLT605", "too few requests", func() *Builder {
			return web(Offer("http", 10080, 80)).Edit(Measured(9, 9, 3*time.Hour))
		}, nil},
		{"HLT605", "not measured", func() *Builder { return web(Offer("http", 10080, 80)) }, nil},
	}
}

// A path whose counts contradict it is not fine, and the finding says which facts disagree
// and what the reason may be.
func TestAContradictionSaysWhichFactsDisagree(t *testing.T) {
	for name, c := range map[string]struct {
		since time.Duration
		why   string
	}{
		"in transition": {5 * time.Minute, "the deployment ended 5 minutes before these counts"},
		"drift":         {3 * time.Hour, "In transition: not likely"},
	} {
		a := rule.Analyze(web(Offer("http", 10080, 80)).Edit(Measured(100, 104, c.since)).Snapshot())
		var found *rule.Finding
		for _, f := range a.Findings {
			if f.Code == "HLT605" {
				found = f
			}
		}
		if found == nil {
			t.Fatalf("%s: nothing was found", name)
		}
		if p := found.Paths[0]; p.Verdict != reach.Risk {
			t.Errorf("%s: the path is %s", name, p.Verdict)
		}
		text := found.Detail()
		for _, e := range found.Evidence() {
			text += "\n" + e.Fact
		}
		for _, want := range []string{
			c.why, "directly to the app", `"via agent: S = A + C + H"`, "Drift:", "hopscope is mistaken",
			"A = 1000, S = 1040, C = 0, H about 40", "rolloutState = COMPLETED", "portName = http, ingressPortOverride = 10080",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: nothing says %q: %s", name, want, text)
			}
		}
	}
}

// What was counted before a change is no proof of the way after it.
func TestCountsOfBeforeSayNothingOfAChange(t *testing.T) {
	s := web(Offer("http", 10080, 80)).Edit(Measured(100, 104, 3*time.Hour)).Snapshot()
	a := rule.Analyze(s)
	for _, override := range []int{0, 10081} {
		service := *a.Index.Service(model.Ref{Cluster: "prod", Service: "web"})
		service.Deployments = slices.Clone(service.Deployments)
		connect := *service.Deployments[0].ServiceConnect
		connect.Services = slices.Clone(connect.Services)
		connect.Services[0].IngressPortOverride = override
		service.Deployments[0].ServiceConnect = &connect
		var found bool
		for _, f := range a.WhatIf().With(&service, nil).Service(service.Ref()).Findings {
			found = found || f.Code == "HLT605"
		}
		// With another override requests go the way that the counts contradict, as before.
		if found != (override != 0) {
			t.Errorf("with the override %d: %v", override, found)
		}
	}
}
