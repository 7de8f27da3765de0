package ui

import (
	"slices"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/words"
)

func TestAnAgeIsInWordsAndNeverFinerThanItsStep(t *testing.T) {
	cases := map[time.Duration]string{
		0: "now", 999 * time.Millisecond: "now", time.Second: "1 s ago", 9 * time.Second: "9 s ago",
		19 * time.Second: "10 s ago", 59 * time.Second: "50 s ago", time.Minute: "1 min ago",
		59 * time.Minute: "59 min ago", time.Hour: "1 h ago", 47 * time.Hour: "47 h ago", 49 * time.Hour: "2 days ago",
	}
	for age, want := range cases {
		if got := ago(age); got != want {
			t.Errorf("ago(%v) = %q, want %q", age, got, want)
		}
	}
}

func TestAnAccountIsMasked(t *testing.T) {
	for in, want := range map[string]string{"123456789012": "1234…9012", "": "", "short": "short"} {
		if got := masked(in); got != want {
			t.Errorf("masked(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPathsHaveHeadlines(t *testing.T) {
	// Of each snapshot what the paths other than health checks are called.
	want := map[string][]string{
		"everything on port 80": {
			"main-alb :80 → sample-ecs-app:80: unnecessary hop",
			"client-service → app.ns:80: ok (by agent)",
		},
		"the agent on another port, which is shut": {
			"main-alb :80 → sample-ecs-app:80: ok, direct",
			"client-service → app.ns:80: blocked",
		},
		"two load balancers": {
			"alb :8000 → web:80: ok, direct",
			"edge :443 via alb → web:80: ok, direct", "callers not known → http.ns:80: unknown",
		},
		"service gateway": {
			"callers not known → http.ns:80: unknown",
			"gateway front :443 → web:80: unnecessary hop",
		},
		"VPC Lattice refused": {"VPC Lattice (web-lattice) → web:80: blocked"},
		"target registered by hand": {
			"alb :80 → web:80: ok, direct",
			"alb :80 (registered by hand) → web:80: unnecessary hop", "callers not known → http.ns:80: unknown",
		},
		"a side of a blue/green deployment that is idle": {
			"alb :80 (100 %) → web:80 (ACTIVE): unnecessary hop", "alb :80 (0 %, idle) → web:80: ok, direct",
			"callers not known → http.ns:80 (PRIMARY): unknown", "callers not known → http.ns:80 (ACTIVE): unknown",
		},
		"load balancer that ECS manages": {"load balancer that ECS manages → web: unknown"},
		"callers of which some are refused": {
			"a-caller → http.ns:80: ok (by agent)",
			"b-caller, c-caller and 2 more → http.ns:80: closed",
		},
	}
	for _, w := range modeltest.Ways() {
		var got []string
		for _, p := range rule.Analyze(w.Snapshot).Paths {
			if p.Source.Kind != reach.SourceHealthCheck {
				got = append(got, words.Path(p)+": "+words.Verdict(p))
			}
		}
		if lines, ok := want[w.Name]; ok && !slices.Equal(got, lines) {
			t.Errorf("%s: got %q, want %q", w.Name, got, lines)
		}
		delete(want, w.Name)
	}
	if len(want) > 0 {
		t.Errorf("there is no such snapshot: %v", want)
	}
	if got := words.Path(&reach.Path{}); got != "unknown source → " {
		t.Errorf("of a path of which nothing is known: %q", got)
	}
}

func TestExportNamesAreFileNames(t *testing.T) {
	s := modeltest.Article(0, 80)
	s.Scope.Region = "../x\x1b\u202e\u200b"
	if got, want := exportName(s), "hopscope-..-x----20261122-090000.json"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := exportName(&model.Snapshot{}), "hopscope.json"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
