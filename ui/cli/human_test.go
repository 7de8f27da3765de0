package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"hopscope/model"
	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
)

// humanReport is the human view of a report at a width, without its styles.
func humanReport(t *testing.T, r *report.Report, width int) string {
	t.Helper()
	var out strings.Builder
	if err := newHuman(width).render(&out, r); err != nil {
		t.Fatal(err)
	}
	return ansi.Strip(out.String())
}

// reportOn is the report of a snapshot.
func reportOn(s *model.Snapshot) *report.Report {
	a := rule.Analyze(s)
	plans, err := planner.Plans(a)
	if err != nil {
		panic(err)
	}
	return report.New(a, plans)
}

// crowded has an endpoint with many callers, a gap and a disabled rule.
func crowded() *report.Report {
	callers := make([]model.Ref, 1000)
	for i := range callers {
		callers[i] = model.Ref{Cluster: "prod", Service: fmt.Sprintf("svc-%03d", i)}
	}
	s := modeltest.Article(8080, 80)
	modeltest.Deny(s, model.DescribeNetworkAcls)
	r := reportOn(s)
	r.Stats.Calls = map[model.Action]int{model.DescribeServices: 20, model.DescribeRules: 6}
	for i := range r.Paths {
		if r.Paths[i].Source.Kind == reach.SourceServiceConnect {
			r.Paths[i].Source.Services = reach.NewCallers(callers)
		}
	}
	return r
}

func TestHumanReports(t *testing.T) {
	t.Parallel()
	reports := map[string]*report.Report{
		"the hop":        reportOn(modeltest.Article(0, 80)),
		"the lost group": reportOn(modeltest.Article(8080, 80)),
		"both fine":      reportOn(modeltest.Article(8080, 8080)),
		"crowded":        crowded(),
		"empty":          {},
	}
	for name, r := range reports {
		for _, width := range []int{60, 100} {
			t.Run(fmt.Sprintf("%s at %d columns", name, width), func(t *testing.T) {
				t.Parallel()
				text := humanReport(t, r, width)
				fits(t, text, width)
				golden.RequireEqual(t, text)
			})
		}
	}
}

// fits fails where a line of text is wider than the terminal, or ends in blanks.
func fits(t *testing.T, text string, width int) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if got := ansi.StringWidth(line); got > width {
			t.Errorf("%d columns, more than %d: %s", got, width, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("white space at the end of %q", line)
		}
	}
}

func TestHostileNamesCannotReachTheTerminal(t *testing.T) {
	t.Parallel()
	const evil = "x\x1b]0;owned\x07\x1b[2J\u009b31m\u202e\r\ny"
	r := &report.Report{
		Scope: model.Scope{Region: evil, Clusters: []string{evil}},
		Gaps:  []model.Gap{{Action: evil, Resource: evil, State: evil, Error: evil, Message: evil, Effect: evil}},
		Paths: []*reach.Path{{
			ID: evil, Source: reach.Source{Kind: evil, Name: evil, Rule: evil}, Verdict: evil,
			Target:   reach.Target{Cluster: evil, Service: evil, Deployment: evil},
			Text:     &reach.Text{Hops: []reach.Hop{{To: evil, ToNode: reach.NodeLoadBalancer, Access: evil}}},
			Findings: []string{evil},
		}},
		Findings: []report.Finding{{
			Code: evil, Severity: evil, Path: evil, Cluster: evil, Service: evil, Title: evil, Detail: evil,
			Confidence: evil,
			Evidence:   []reach.Evidence{{Fact: evil, From: evil}},
			Fixes:      []report.Fix{{Title: evil, Steps: []string{evil}}},
		}},
		NotChecked: []rule.NotChecked{{Code: evil, Needs: evil}},
	}
	var out strings.Builder
	if err := newHuman(80).render(&out, r); err != nil {
		t.Fatal(err)
	}
	// Colours and their end are ours; nothing else that controls a terminal is
	// to be there.
	if i := strings.IndexAny(ansi.Strip(out.String()), "\x1b\x07\u009b\u202e\r"); i >= 0 {
		t.Errorf("a control character came through: %q", out.String())
	}
	for _, sequence := range []string{"\x1b]", "\x1b[2J"} {
		if strings.Contains(out.String(), sequence) {
			t.Errorf("%q came through", sequence)
		}
	}
}

func TestStateIsAGlyphAndNotOnlyAColour(t *testing.T) {
	t.Parallel()
	for override, glyph := range map[int]string{0: "▲ unnecessary hop", 8080: "✗ blocked"} {
		if text := humanReport(t, reportOn(modeltest.Article(override, 80)), 100); !strings.Contains(text, glyph) {
			t.Errorf("override %d: no %q in\n%s", override, glyph, text)
		}
	}
}

func TestAnAccountThatCouldNotBeReadIsNoAnswer(t *testing.T) {
	t.Parallel()
	loaded := []model.Service{{Cluster: "c", Name: "s", Loaded: true}}
	listed := []model.Service{{Cluster: "c", Name: "s"}}
	gap := func(a model.Action, s model.GapState) model.Gap {
		return model.Gap{Action: a, State: s, Error: "Error"}
	}
	tests := map[string]struct {
		s    model.Snapshot
		want string
	}{
		"loaded": {model.Snapshot{Services: loaded}, ""},
		"loaded with gaps": {model.Snapshot{
			Services: loaded,
			Gaps:     []model.Gap{gap(model.DescribeSubnets, model.Denied)},
		}, ""},
		"no service there": {model.Snapshot{Complete: true}, ""},
		"no service there, and a gap elsewhere": {model.Snapshot{Gaps: []model.Gap{gap(model.ListGatewayRoutes,
			model.Unsupported)}}, ""},
		"nothing listed": {
			model.Snapshot{Gaps: []model.Gap{gap(model.ListServices, model.Denied)}},
			"no service could be loaded; allow ecs:ListServices",
		},
		"nothing loaded": {
			model.Snapshot{Services: listed, Gaps: []model.Gap{
				gap(model.DescribeSubnets, model.Denied),
				gap(model.DescribeServices, model.Failed),
			}},
			"no service could be loaded; ecs:DescribeServices ended with Error",
		},
		"nothing said": {model.Snapshot{Services: listed, Complete: true}, "no service could be loaded; run it again"},
	}
	for name, tt := range tests {
		got := ""
		if err := anyService(&tt.s); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
