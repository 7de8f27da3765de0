package observe

import (
	"strings"
	"testing"
	"time"

	"hopscope/model/reach"
)

func TestCountsAnswerAndNoMore(t *testing.T) {
	for name, c := range map[string]struct {
		via    reach.Via
		n      Counts
		checks float64
		want   Answer
		why    string
	}{
		"via the agent":            {reach.ViaAgent, Counts{1000, 1520, 500}, 20, Confirmed, ""},
		"checks go past it":        {reach.ViaAgent, Counts{1000, 1500, 500}, 100, Confirmed, ""},
		"more nodes than zones":    {reach.ViaAgent, Counts{1000, 1750, 500}, 100, Confirmed, ""},
		"direct":                   {reach.ViaDirect, Counts{1000, 500, 500}, 20, Confirmed, ""},
		"direct, checks by agent":  {reach.ViaDirect, Counts{1000, 520, 500}, 20, Confirmed, ""},
		"direct, nothing counted":  {reach.ViaDirect, Counts{1000, 0, 0}, 20, Confirmed, ""},
		"direct by configuration":  {reach.ViaDirect, Counts{1000, 1500, 500}, 20, Contradicted, "says direct"},
		"agent by configuration":   {reach.ViaAgent, Counts{1000, 500, 500}, 20, Contradicted, "the counts say direct"},
		"no data is not zero":      {reach.ViaAgent, Counts{1000, 0, 0}, 20, NotMeasurable, "no data is not zero"},
		"half of them":             {reach.ViaAgent, Counts{1000, 1000, 500}, 20, NotMeasurable, "neither formula"},
		"lost on their way":        {reach.ViaAgent, Counts{1000, 200, 500}, 20, NotMeasurable, "callers are lost"},
		"others":                   {reach.ViaAgent, Counts{1000, 2500, 500}, 20, NotMeasurable, "another account"},
		"too few":                  {reach.ViaAgent, Counts{99, 99, 0}, 0, TooFew, "fewer than 100"},
		"just enough":              {reach.ViaAgent, Counts{100, 100, 0}, 10, Confirmed, ""},
		"checks are more":          {reach.ViaAgent, Counts{100, 111, 0}, 11, TooFew, "10 times"},
		"callers are many":         {reach.ViaAgent, Counts{100, 1101, 1001}, 0, TooFew, "callers send"},
		"far from via the agent":   {reach.ViaAgent, Counts{1000, 840, 0}, 0, NotMeasurable, "neither"},
		"near enough to the agent": {reach.ViaAgent, Counts{1000, 850, 0}, 0, Confirmed, ""},
		"far from direct":          {reach.ViaDirect, Counts{1000, 160, 0}, 0, NotMeasurable, "neither"},
	} {
		got, formula, why := judge(c.via, c.n, c.checks)
		if got != c.want || !strings.Contains(why, c.why) || (formula != "") != (got == Confirmed || got == Contradicted) {
			t.Errorf("%s: %s (%s): %s", name, got, formula, why)
		}
	}
}

// A way that changed within the window is neither confirmed nor contradicted, though the
// whole sum may follow a formula by chance.
func TestHalvesHaveToAgree(t *testing.T) {
	all := Counts{2000, 2000, 0}
	if got, _, why := whole(reach.ViaAgent, all, Counts{1000, 1000, 0}, Counts{1000, 1000, 0}, 0); got != Confirmed {
		t.Errorf("%s: %s", got, why)
	}
	got, formula, why := whole(reach.ViaAgent, all, Counts{1000, 2000, 0}, Counts{1000, 0, 0}, 0)
	if got != NotMeasurable || formula != "" || !strings.Contains(why, "halves") {
		t.Errorf("%s (%s): %s", got, formula, why)
	}
	// All the load balancer's requests came in one half: nothing speaks against it.
	if got, _, why := whole(reach.ViaAgent, all, Counts{2000, 2000, 0}, Counts{}, 0); got != Confirmed {
		t.Errorf("%s: %s", got, why)
	}
}

func TestAProofIsSaidWithNumbersWindowAndFormula(t *testing.T) {
	p := Proof{
		Answer: Contradicted, Formula: directFormula, Why: "because", Minutes: 10,
		From:         time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC),
		LoadBalancer: 1000, Agents: 500.4, Callers: 500, HealthChecks: 40,
	}
	const want = "the way is contradicted by counts of 10 min from 12:00Z: A 1000 of the load balancer, S 500 of the " +
		"agents, C 500 of callers, H about 40 health checks (direct: S = C): because"
	if got := p.Sentence(); got != want {
		t.Error(got)
	}
	p = Proof{Answer: NotMeasurable, Why: "it is TCP"}
	if got := p.Sentence(); got != "the way is not measurable by counts: it is TCP" {
		t.Error(got)
	}
}

func TestTheWindowIsOfWholeMinutesWhoseNumbersHaveCome(t *testing.T) {
	from, to := Window(time.Date(2026, 11, 28, 12, 0, 59, 0, time.UTC))
	if from.Format("15:04:05") != "11:48:00" || to.Format("15:04:05") != "11:58:00" {
		t.Errorf("from %s to %s", from, to)
	}
}
