package ui

import (
	"context"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/observe"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// Meter reads what CloudWatch counted. Each metric that is asked for costs money.
type Meter interface {
	// Now is the time of the account's clock.
	Now() time.Time
	// Measure reads series from one time to another, one call at a time. Its error says what
	// AWS refused.
	Measure(ctx context.Context, wanted []model.Series, from, to time.Time) (*model.Metrics, error)
}

// remeasured is the least time between two questions about the same service: CloudWatch
// has nothing new before.
const remeasured = time.Minute

// measurements are what was asked of CloudWatch: on demand, and about the service that is
// looked at alone.
type measurements struct {
	meter Meter
	clock *clock
	// off is set when the user has turned measuring off.
	off bool
	// last has for each service when it was asked about, and failures why that gave nothing.
	last     map[model.Ref]time.Time
	failures map[model.Ref]string
	// asking is the service that is being asked about, since when; zero for none.
	asking model.Ref
	since  time.Time
	// metrics counts those that were asked for.
	metrics int
	// ticks numbers the seconds that are counted on screen.
	ticks int
}

// measuredMsg is what CloudWatch said of a service.
type measuredMsg struct {
	service model.Ref
	metrics *model.Metrics
	// asked is how many metrics were paid for.
	asked int
	err   error
}

// measuringMsg lets the seconds on screen go on.
type measuringMsg struct{ tick int }

// active tells whether CloudWatch is being asked.
func (m *measurements) active() bool { return m.asking != (model.Ref{}) }

// wait is how long there is nothing new about a service.
func (m *measurements) wait(service model.Ref) time.Duration {
	at, asked := m.last[service]
	if !asked {
		return 0
	}
	return max(remeasured-m.clock.now().Sub(at), 0)
}

// ask asks which way the requests of load balancers to a service went.
func (m *measurements) ask(v *inventory, service model.Ref) tea.Cmd {
	m.asking, m.since = service, m.clock.now()
	meter, ctx := m.meter, m.clock.ctx
	read := func() tea.Msg {
		ways := slices.DeleteFunc(observe.Ways(v.Snapshot, v.Index, v.Paths), func(w observe.Way) bool {
			return w.Path.Target.Ref() != service
		})
		wanted := observe.Series(ways)
		from, to := observe.Window(meter.Now())
		if len(wanted) == 0 {
			return measuredMsg{service: service, metrics: &model.Metrics{
				ReadAt: meter.Now().UTC(), From: from, To: to, Source: model.GetMetricData,
			}}
		}
		got, err := meter.Measure(ctx, wanted, from, to)
		return measuredMsg{service: service, metrics: got, asked: len(wanted), err: err}
	}
	return tea.Batch(read, m.tick())
}

// tick brings the next second while one is counted on screen.
func (m *measurements) tick() tea.Cmd {
	m.ticks++
	return m.clock.after(time.Second, measuringMsg{m.ticks})
}

// ticked counts a second. Nothing wakes the program once there is nothing to count.
func (m *measurements) ticked(msg measuringMsg, shown model.Ref) tea.Cmd {
	if msg.tick != m.ticks || !m.active() && m.wait(shown) == 0 {
		return nil
	}
	return m.tick()
}

// measured takes what CloudWatch said.
func (a *App) measured(msg measuredMsg) tea.Cmd {
	m := &a.measurements
	m.asking = model.Ref{}
	m.last[msg.service] = m.clock.now()
	m.metrics += msg.asked
	delete(m.failures, msg.service)
	if msg.err != nil {
		m.failures[msg.service] = msg.err.Error()
		return a.say("not measured: " + msg.err.Error())
	}
	said := a.say(m.cost())
	return tea.Batch(said, a.loading.measured(msg.metrics, a.inventory))
}

// cost says what was asked for in all, and what that costs.
func (m *measurements) cost() string {
	if m.metrics == 0 {
		return "nothing was asked of CloudWatch"
	}
	return fmt.Sprintf("CloudWatch was asked for %s, about %s", words.Count(m.metrics, "metric"),
		observe.Dollars(m.metrics))
}

// measured attaches what was measured to what is read, now and later.
func (l *loading) measured(m *model.Metrics, shown *inventory) tea.Cmd {
	l.metrics = l.metrics.With(m)
	if shown == nil || l.active {
		return nil // what is being read gets it
	}
	return l.offer(shown.Snapshot)
}

// withMetrics is a snapshot with what was measured since the program began.
func (l *loading) withMetrics(s *model.Snapshot) *model.Snapshot {
	if l.metrics == nil {
		return s
	}
	beside := *s
	beside.Metrics = l.metrics
	return &beside
}

// measureActions ask CloudWatch about the service that is looked at, and turn that off.
func measureActions(name string) []action {
	return []action{
		{
			id: "measure", keys: []string{"m"}, key: "m", name: name,
			help: "measure: which way requests went, as CloudWatch counted them (costs; M turns it off)",
			run:  measureSelected, off: cannotMeasureSelected,
		},
		{id: "measuring", keys: []string{"M"}, run: switchMeasuring},
	}
}

func switchMeasuring(a *App) tea.Cmd {
	m := &a.measurements
	m.off = !m.off
	if m.off {
		return a.say("measuring is off: CloudWatch is asked for nothing; M turns it on")
	}
	return a.say("measuring is on: m asks CloudWatch about the service that is selected")
}

func measureSelected(a *App) tea.Cmd {
	return a.arranged(a.measurements.ask(a.inventory, a.main.services.current().ref))
}

func cannotMeasureSelected(a *App) string {
	m := &a.measurements
	switch s := a.main.services.current(); {
	case a.inventory == nil:
		return "nothing is loaded yet"
	case s == nil:
		return "no service is selected"
	case m.meter == nil:
		return "CloudWatch cannot be asked from a file: what was measured when it was saved is shown"
	case m.off:
		return "measuring is off: M turns it on"
	case !slices.ContainsFunc(s.paths, func(p *reach.Path) bool { return p.Source.Kind == reach.SourceLoadBalancer }):
		return "only the ways of load balancers are measured, and none sends requests here"
	case m.active():
		return "CloudWatch is being asked"
	case m.wait(s.ref) > 0:
		return "CloudWatch has nothing new about it for another " + took(m.wait(s.ref))
	}
	return ""
}

// measured is what counts say about the way of the path, and what asking costs.
func (x explanation) measured(p *reach.Path) []paragraph {
	m := x.measurements
	if p.Source.Kind != reach.SourceLoadBalancer {
		return nil
	}
	var out []paragraph
	_, asked := m.last[p.Target.Ref()]
	if proof, ok := x.inventory.Proofs()[p.ID]; ok && (asked || m.meter == nil) {
		out = append(out, x.fact("measured:", proof.Sentence()))
	}
	if why := m.failures[p.Target.Ref()]; why != "" {
		out = append(out, x.fact("measured:", "not: "+why))
	}
	switch {
	case m.asking == p.Target.Ref():
		out = append(out, x.fact("measured:", "asking CloudWatch"+m.clock.elapsed(m.since)))
	case asked:
		text := m.cost()
		if wait := m.wait(p.Target.Ref()); wait > 0 {
			text += "; something new in " + took(wait)
		}
		out = append(out, x.fact("cost:", text))
	}
	return out
}
