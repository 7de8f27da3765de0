package observe

import (
	"fmt"
	"strconv"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// publishedMillis is what the agent adds to a request by the one measurement that was
// published, in milliseconds (docs/traffic.md).
const publishedMillis = 1.0

// Price is what it costs that a load balancer's requests cross an agent.
type Price struct {
	// RequestsPerSecond are those of the load balancer on this path; 0 where they are not
	// counted.
	RequestsPerSecond float64 `json:"requestsPerSecond,omitempty"`
	// ConnectionsPerSecond and BytesPerSecond are what the agents took in of all senders,
	// where they count no HTTP requests.
	ConnectionsPerSecond float64 `json:"connectionsPerSecond,omitempty"`
	BytesPerSecond       float64 `json:"bytesPerSecond,omitempty"`
	// Share is the load balancer's part of what the agents of the endpoint took in, 0 to 1;
	// 0 where it is not known.
	Share float64 `json:"share,omitempty"`
	// Millis is what the agent adds to each; Estimate tells that it is the published
	// measurement, and not one of this path.
	Millis   float64 `json:"millis"`
	Estimate bool    `json:"estimate"`
}

// loadTerms are what is counted to price a path.
type loadTerms struct {
	// sent are the requests of the path's own target group.
	sent []model.Series
	// connections, bytes and callerBytes are counted where there are no HTTP requests.
	connections, bytes, callerBytes []model.Series
}

// loadTerms says what to count for the price of a way whose endpoint is known.
func (w *Way) loadTerms() loadTerms {
	var l loadTerms
	p, t := w.Path, &w.Terms
	if p.Via != reach.ViaAgent || t.Endpoint == "" || p.Facts.TargetGroup == nil || p.Facts.LoadBalancer == nil {
		return l
	}
	if p.Facts.LoadBalancer.Type == model.ApplicationLoadBalancer {
		l.sent = balancerSeries(Balancer{LoadBalancer: p.Facts.LoadBalancer.ARN, TargetGroup: p.Facts.TargetGroup.ARN})
	}
	if w.counted {
		return l
	}
	own := []string{
		model.DimensionOwnEndpoint, t.Endpoint, model.DimensionClient, t.Server.Service, model.DimensionCluster,
		t.Server.Cluster,
	}
	l.connections = []model.Series{counter(model.MetricNamespace, "NewConnectionCount", own...)}
	l.bytes = []model.Series{counter(model.MetricNamespace, "ProcessedBytes", own...)}
	l.callerBytes = []model.Series{
		counter(model.MetricNamespace, "TargetProcessedBytes", model.DimensionEndpoint, t.Endpoint),
	}
	return l
}

func (l *loadTerms) series() []model.Series {
	return append(append(append(append([]model.Series{}, l.sent...), l.connections...), l.bytes...), l.callerBytes...)
}

// price is what a way costs, by what was read; nil where nothing was counted.
func (w *Way) price(m *model.Metrics, read readValues) *Price {
	l := w.loadTerms()
	from, to, n := window(l.series(), m, read)
	if w.since.After(from) {
		from = w.since.Truncate(Period).Add(Period)
	}
	seconds := to.Sub(from).Seconds()
	if n == 0 || n < len(l.series()) || seconds < 2*Period.Seconds() {
		return nil
	}
	each := func(all []model.Series) float64 { return read.sum(all, from, to) / seconds }
	p := &Price{
		RequestsPerSecond: each(l.sent), ConnectionsPerSecond: each(l.connections), BytesPerSecond: each(l.bytes),
		Millis: publishedMillis, Estimate: true,
	}
	_, agents, _ := w.Terms.series()
	switch taken := each(agents); {
	case w.counted && taken > 0:
		p.Share = min(p.RequestsPerSecond/taken, 1)
	case !w.counted && p.BytesPerSecond > 0:
		p.Share = max(1-each(l.callerBytes)/p.BytesPerSecond, 0)
	}
	if p.RequestsPerSecond == 0 && p.ConnectionsPerSecond == 0 {
		return nil
	}
	return p
}

// Waiting is what the agent adds in a second to all that crosses it, in milliseconds: the
// order in which hops matter.
func (p *Price) Waiting() float64 {
	if p == nil {
		return 0
	}
	if p.RequestsPerSecond > 0 {
		return p.RequestsPerSecond * p.Millis
	}
	return p.ConnectionsPerSecond * max(p.Share, 0) * p.Millis
}

// Sentence says it for people, without a full stop.
func (p *Price) Sentence() string {
	var parts []string
	if p.RequestsPerSecond > 0 {
		parts = append(parts, rate(p.RequestsPerSecond)+" requests a second of the load balancer")
	}
	if p.ConnectionsPerSecond > 0 {
		parts = append(parts, fmt.Sprintf("%s connections and %s bytes a second of all senders",
			rate(p.ConnectionsPerSecond), rate(p.BytesPerSecond)))
	}
	text := strings.Join(parts, ", ") + " cross the agents"
	if p.Share > 0 {
		text += fmt.Sprintf("; the load balancer's are %.0f %% of what these take in", 100*p.Share)
	}
	text += fmt.Sprintf("; each takes about %s ms longer", rate(p.Millis))
	if p.Estimate {
		text += " (an estimate: the published measurement, not one of this path)"
	}
	if p.RequestsPerSecond > 0 {
		text += fmt.Sprintf(", %s ms of waiting in each second", rate(p.Waiting()))
	}
	return text
}

// rate is a number with as many digits as matter.
func rate(n float64) string {
	if n >= 100 {
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	return strconv.FormatFloat(n, 'g', 3, 64)
}

// AgentQuery is the query of CloudWatch Logs Insights that tells the agent's own time, where
// the agents log requests as JSON: in the log group that logConfiguration of Service Connect
// names (docs/traffic.md, Metrics).
const AgentQuery = `fields duration_ms - upstream_service_time as agent_ms
| filter ispresent(forwarded_for) and ispresent(upstream_service_time)
| stats count(*) as requests, avg(agent_ms), pct(agent_ms, 50), pct(agent_ms, 99) by bin(1m)`
