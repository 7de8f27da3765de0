package journal_test

import (
	"strings"
	"testing"
	"time"

	"hopscope/model/journal"
)

func TestCountsSayWhatTheyShowAndNoMore(t *testing.T) {
	at := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	count := func(lb, agents, callers float64) journal.Requests {
		return journal.Requests{From: at, Minutes: 10, LoadBalancer: lb, Agents: agents, Callers: callers}
	}
	for name, c := range map[string]struct {
		before, after journal.Requests
		known, direct bool
		crossed       float64
		want          string
	}{
		"direct now": {count(930, 1240, 310), count(930, 310, 310), true, true, 0, "so they go to the app directly now"},
		// Six health checks a minute are not mentioned, nor are answers that never came.
		"health checks":  {count(930, 1246, 300), count(930, 0, 0), true, true, 0, "directly now"},
		"still crossing": {count(930, 1240, 310), count(930, 1240, 310), true, false, 1, "most of them still cross it"},
		// Callers of another account, whose answers are counted there.
		"callers elsewhere": {count(930, 1840, 310), count(930, 910, 310), false, false, 600. / 930, "not measurable"},
		"more traffic now":  {count(100, 130, 30), count(1000, 1030, 30), true, false, 1, "most of them still cross it"},
		"less traffic now":  {count(1000, 1030, 30), count(100, 130, 30), true, false, 1, "most of them still cross it"},
		"never crossed":     {count(930, 310, 310), count(930, 310, 310), false, false, 0, "do not show which way they go"},
		"callers alone":     {count(10, 5, 310), count(10, 0, 310), false, false, 0, "do not show which way they go"},
		"nothing came here": {count(0, 5, 0), count(0, 5, 0), false, false, 0, "do not show which way they go"},
	} {
		m := &journal.Measured{LoadBalancer: "alb", Before: c.before, After: c.after}
		if m.Known() != c.known || m.Direct() != c.direct || m.After.Crossed() != c.crossed {
			t.Errorf("%s: known %v, direct %v, crossed %v", name, m.Known(), m.Direct(), m.After.Crossed())
		}
		if said := strings.Join(m.Sentences(), "\n"); !strings.Contains(said, c.want) ||
			!strings.Contains(said, "before (10 min from 09:00Z): ") {
			t.Errorf("%s: %s", name, said)
		}
	}
	few := &journal.Measured{LoadBalancer: "alb", Before: journal.Requests{
		From: at, Minutes: 1, LoadBalancer: 2.25,
		Agents: 2.25,
	}}
	if got := few.Sentences()[0]; got != "before (1 min from 09:00Z): 2.2 of the 2.2 requests a minute of alb crossed "+
		"the agent" {
		t.Error(got)
	}
}

func TestWhatBecameOfACallIsSaid(t *testing.T) {
	for want, c := range map[string]journal.Call{
		"done": {},
		"refused, and changed nothing: AccessDenied":                 {Error: "AccessDenied"},
		"no answer (connection reset): it may have been carried out": {Error: "connection reset", Lost: true},
	} {
		if got := c.Outcome(); got != want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
