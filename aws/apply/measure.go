package apply

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"hopscope/aws/metrics"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/observe"
)

const (
	period = observe.Period
	// measuredMinutes is how long the requests are counted, before and after.
	measuredMinutes = 10
	// lateness is how long after the end of a minute its numbers may come.
	lateness = 2 * time.Minute
	// measurePatience is how long to wait for the first minute after the rollout.
	measurePatience = 6 * time.Minute
	// measureLook is the time between two looks.
	measureLook = 20 * time.Second
)

// Measure compares what metrics say of the requests of a load balancer before a plan
// was carried out and after; see ui.Applier. It is what docs/traffic.md, Metrics proves a
// path with: the agents of a service count the requests that cross them, and answers to
// Service Connect callers are counted apart. It changes nothing but the entry, and
// locks the service for that alone: waiting for metrics blocks no other run.
func (a *Applier) Measure(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error) {
	e, err := a.load(id)
	if err != nil {
		return nil, err
	}
	reading := a.newRun(e, nil)
	counting := &measurement{reading, metrics.New(reading.reads, a.account.Now)}
	defer a.count(counting.run)
	m, err := counting.measure(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return e, fmt.Errorf("%s: %w", model.GetMetricData, context.Cause(ctx))
		}
		return e, err
	}
	r, unlock, err := a.resume(id, progress)
	if err != nil {
		return e, err
	}
	defer unlock()
	if r.entry.State != e.State {
		return r.entry, cannot(nil,
			fmt.Sprintf("the plan is %s meanwhile, and the counts are about what it did", r.entry.State), "see its paths")
	}
	r.entry.Measured = m
	return r.entry, r.save()
}

// measurement counts requests by metrics.
type measurement struct {
	*run

	metrics *metrics.Reader
}

func (r *measurement) measure(ctx context.Context) (*journal.Measured, error) {
	e := r.entry
	if e.State != journal.Applied && e.State != journal.Unverified {
		return nil, cannot(nil, fmt.Sprintf("the plan is %s, and only what an applied one did can be measured", e.State),
			"apply it first")
	}
	s, err := r.source.Collect(ctx, nil)
	if err != nil {
		return nil, err
	}
	m, reason := subjectOf(e, s)
	if m == nil {
		return nil, cannot(nil, "not measurable: "+reason, "see its paths")
	}
	end := e.Calls[0].Time.Truncate(period)
	if m.Before, err = r.requests(ctx, m, end.Add(-measuredMinutes*period), end); err != nil {
		return nil, err
	}
	const fewest = 10
	if m.Before.LoadBalancer*measuredMinutes < fewest {
		return nil, cannot(nil, fmt.Sprintf("%s sent %s fewer than %d requests in the %d minutes before", m.LoadBalancer,
			e.Plan.Service.Service, fewest, measuredMinutes),
			"there is nothing to compare; see its paths")
	}
	m.After, err = r.requestsAfter(ctx, m)
	return m, err
}

// subjectOf is what to measure: an endpoint that the plan took a container port from,
// and the target group of an Application Load Balancer that has this port; or else why
// the metrics cannot tell what the plan did.
func subjectOf(e *journal.Entry, s *model.Snapshot) (m *journal.Measured, reason string) {
	const none = "the plan leads no HTTP requests of an Application Load Balancer past an agent, " +
		"so that no metric tells what it did"
	ix := model.NewIndex(s)
	service := ix.Service(e.Plan.Service)
	if e.VerifiedAt.IsZero() || len(e.Calls) == 0 || service == nil || service.Primary() == nil {
		return nil, none
	}
	task, _ := ix.TaskDefinition(service.Primary().TaskDefinition)
	names := discoveryNames(e.Before.Block)
	reason = none
	for _, edit := range e.Plan.Edits() {
		direct := edit.Kind == fix.EditRemoveEndpoint || edit.Kind == fix.EditOverride && edit.Port != 0
		if !direct || task == nil || names[edit.PortName] == "" {
			continue
		}
		mapping, container := task.PortNamed(edit.PortName)
		if mapping == nil {
			continue
		}
		g, lb := balancerOf(ix, service, container, mapping.ContainerPort)
		if lb == nil {
			continue
		}
		if reason = observe.Uncounted(mapping); reason != "" {
			continue
		}
		if reason = observe.ForeignCallers(ix, s, service, service.Primary().ServiceConnect); reason != "" {
			continue
		}
		return &journal.Measured{
			Endpoint: names[edit.PortName], LoadBalancer: lb.Name, LoadBalancerARN: lb.ARN, TargetGroupARN: g.ARN,
		}, ""
	}
	return nil, reason
}

// balancerOf is the Application Load Balancer that sends requests to a container's port,
// with the target group that it does so by; nil when there is none.
func balancerOf(
	ix *model.Index, s *model.Service, container string, port int,
) (*model.TargetGroup, *model.LoadBalancer) {
	for _, at := range s.LoadBalancers {
		g, _ := ix.TargetGroup(at.TargetGroupARN)
		if g == nil || at.ContainerName != container || at.ContainerPort != port || len(g.LoadBalancers) == 0 {
			continue
		}
		if lb, _ := ix.LoadBalancer(g.LoadBalancers[0]); lb != nil && lb.Type == model.ApplicationLoadBalancer {
			return g, lb
		}
	}
	return nil, nil
}

// discoveryNames are the endpoints of a Service Connect block by their port names.
func discoveryNames(block string) map[string]string {
	var described struct {
		Services []struct {
			PortName      string `json:"portName"`
			DiscoveryName string `json:"discoveryName"`
		} `json:"services"`
	}
	if json.Unmarshal([]byte(block), &described) != nil {
		return nil // a plan that changes no block has none
	}
	out := map[string]string{}
	for _, s := range described.Services {
		out[s.PortName] = cmp.Or(s.DiscoveryName, s.PortName)
	}
	return out
}

// requestsAfter counts the requests after the rollout, once the numbers of a whole
// minute are there.
func (r *measurement) requestsAfter(ctx context.Context, m *journal.Measured) (journal.Requests, error) {
	first := r.entry.VerifiedAt.Truncate(period).Add(period)
	for {
		now := r.account.Now()
		end := now.Add(-lateness).Truncate(period)
		begin := first
		if earliest := end.Add(-measuredMinutes * period); earliest.After(first) {
			begin = earliest
		}
		if end.After(begin) {
			after, err := r.requests(ctx, m, begin, end)
			if err != nil || after.LoadBalancer > 0 {
				return after, err
			}
		}
		if now.After(first.Add(measurePatience)) {
			return journal.Requests{}, cannot(nil,
				fmt.Sprintf("CloudWatch has no requests of %s since the rollout", m.LoadBalancer),
				"measure again when there were some")
		}
		if err := pause(ctx, measureLook); err != nil {
			return journal.Requests{}, err
		}
	}
}

// requests counts requests from one time to another.
func (r *measurement) requests(ctx context.Context, m *journal.Measured, from, to time.Time) (journal.Requests, error) {
	terms := observe.Terms{
		Server: r.entry.Plan.Service, Endpoint: m.Endpoint,
		Balancers: []observe.Balancer{{LoadBalancer: m.LoadBalancerARN, TargetGroup: m.TargetGroupARN}},
	}
	read, err := r.metrics.Read(ctx, terms.Series(), from, to)
	if err != nil {
		return journal.Requests{}, r.cannotRead(ctx, model.GetMetricData, err)
	}
	minutes, counts := to.Sub(from).Minutes(), terms.Count(read, from, to)
	return journal.Requests{
		From: from, Minutes: int(minutes), LoadBalancer: counts.LoadBalancer / minutes,
		Agents: counts.Agents / minutes, Callers: counts.Callers / minutes,
	}, nil
}
