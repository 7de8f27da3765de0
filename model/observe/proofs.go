package observe

import (
	"fmt"
	"time"

	"hopscope/model"
	"hopscope/model/reach"
)

const (
	windowMinutes = 10
	// lateness is how long after the end of a minute its numbers may come.
	lateness = 2 * Period
)

// Window is what to read at a time: full minutes whose numbers have come.
func Window(now time.Time) (from, to time.Time) {
	to = now.UTC().Add(-lateness).Truncate(Period)
	return to.Add(-windowMinutes * Period), to
}

// Way is a path of a load balancer whose requests can be counted, or Reason says why not.
type Way struct {
	Path   *reach.Path
	Terms  Terms
	Reason string

	// checks are the health checks a minute, since when the tasks are as they are now, and
	// others what else may send to the agents.
	checks float64
	since  time.Time
	others string
	// counted tells that the agents count HTTP requests of the port.
	counted bool
}

// Ways are the paths of load balancers with what has to be counted for each.
func Ways(s *model.Snapshot, ix *model.Index, paths []*reach.Path) []Way {
	a := newAccount(s, ix, paths)
	var out []Way
	for _, p := range paths {
		if p.Source.Kind == reach.SourceLoadBalancer && p.Via != reach.ViaUnknown {
			out = append(out, a.way(p))
		}
	}
	return out
}

// Series are the series of all ways, each once.
func Series(ways []Way) []model.Series {
	var out []model.Series
	seen := map[string]bool{}
	for i := range ways {
		load := ways[i].loadTerms()
		wanted := load.series()
		if ways[i].Reason == "" {
			wanted = append(ways[i].Terms.Series(), wanted...)
		}
		for _, s := range wanted {
			if key := s.Key(); !seen[key] {
				seen[key] = true
				out = append(out, s)
			}
		}
	}
	return out
}

// proof judges a way by what was read for a window; false where it was not asked about.
func (w *Way) proof(m *model.Metrics, read readValues) (p Proof, asked bool) {
	if w.Reason != "" {
		return Proof{Answer: NotMeasurable, Via: w.Path.Via, Why: w.Reason}, true
	}
	from, to, got := window(w.Terms.Series(), m, read)
	switch all := len(w.Terms.Series()); got {
	case 0:
		return Proof{}, false
	case all:
	default:
		return Proof{
			Answer: NotMeasurable, Via: w.Path.Via,
			Why: fmt.Sprintf("CloudWatch gave no answer for %d of %d metrics: ask again", all-got, all),
		}, true
	}
	if w.since.After(from) {
		from = w.since.Truncate(Period).Add(Period)
	}
	minutes := int(to.Sub(from) / Period)
	if minutes < 2 {
		return Proof{
			Answer: TooFew, Via: w.Path.Via,
			Why: "the deployment is not two full minutes old: older counts are another one's",
		}, true
	}
	n := w.Terms.count(read, from, to)
	p = Proof{
		Via: w.Path.Via, From: from, Minutes: minutes, LoadBalancer: n.LoadBalancer, Agents: n.Agents, Callers: n.Callers,
		HealthChecks: w.checks * float64(minutes),
	}
	even := minutes / 2 * 2
	half := from.Add(time.Duration(even/2) * Period)
	p.Answer, p.Formula, p.Why = whole(w.Path.Via, n, w.Terms.count(read, from, half),
		w.Terms.count(read, half, from.Add(time.Duration(even)*Period)), p.HealthChecks)
	if p.Answer == Contradicted && w.others != "" {
		p.Answer, p.Formula, p.Why = NotMeasurable, "", w.others
	}
	return p, true
}

// Proofs judge the ways of load balancers by what a snapshot has of metrics, by the IDs of
// the paths; nil where nothing was measured.
func Proofs(s *model.Snapshot, ix *model.Index, paths []*reach.Path) map[string]Proof {
	if s.Metrics == nil {
		return nil
	}
	return Judge(Ways(s, ix, paths), s.Metrics)
}

// Judge judges ways by what was read, by the IDs of their paths: those that were not asked
// about are not there.
func Judge(ways []Way, m *model.Metrics) map[string]Proof {
	out, read := make(map[string]Proof, len(ways)), bySeries(m)
	for i := range ways {
		if p, asked := ways[i].proof(m, read); asked {
			p.Price = ways[i].price(m, read)
			out[ways[i].Path.ID] = p
		}
	}
	return out
}
