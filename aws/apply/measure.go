package apply

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	metrictypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

const (
	// period is the length of a data point. Service Connect publishes one each minute
	// (docs/traffic.md, Metrics).
	period = time.Minute
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
	counting := &measurement{a.newRun(e, nil)}
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
type measurement struct{ *run }

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
		if reason = uncounted(mapping); reason != "" {
			continue
		}
		if reason = foreignCallers(ix, s, service); reason != "" {
			continue
		}
		return &journal.Measured{
			Endpoint: names[edit.PortName], LoadBalancer: lb.Name, LoadBalancerARN: lb.ARN, TargetGroupARN: g.ARN,
		}, ""
	}
	return nil, reason
}

// uncounted says why the requests to a port cannot be told apart by their senders, ""
// where they can (docs/traffic.md, Metrics).
func uncounted(m *model.PortMapping) string {
	switch m.AppProtocol {
	case "http", "http2":
		return ""
	case "":
		return fmt.Sprintf("port %d has no appProtocol: its agents count connections and no requests", m.ContainerPort)
	}
	return fmt.Sprintf("port %d has appProtocol %s, of which callers publish no HTTPCode_Target_* metrics: their "+
		"requests cannot be told from the load balancer's", m.ContainerPort, m.AppProtocol)
}

// foreignCallers says which callers of a service's namespace publish their metrics in
// another account, "" where none is known.
func foreignCallers(ix *model.Index, s *model.Snapshot, service *model.Service) string {
	sc := service.Primary().ServiceConnect
	if sc == nil {
		return ""
	}
	key, _ := ix.NamespaceOf(service, sc)
	const theirs = "callers of other accounts publish their metrics there, so that their requests cannot " +
		"be told from the load balancer's"
	account := s.Scope.Account
	for i := range s.Namespaces {
		n := &s.Namespaces[i]
		if n.ARN != key.Key {
			continue
		}
		if owner := cmp.Or(n.Owner, model.ARNAccount(n.ARN)); owner != account {
			return fmt.Sprintf("namespace %s is shared by account %s: %s", n.Name, owner, theirs)
		}
		if n.Members == nil {
			return ""
		}
		for _, arn := range n.Members.Services {
			if other := model.ARNAccount(arn); other != account {
				return fmt.Sprintf("namespace %s has services of account %s: %s", n.Name, other, theirs)
			}
		}
	}
	return ""
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

// requests counts requests from one time to another. CloudWatch knows no zero: what
// has no data point did not happen.
func (r *measurement) requests(ctx context.Context, m *journal.Measured, from, to time.Time) (journal.Requests, error) {
	queries := queriesOf(m, r.entry.Plan.Service)
	sums := map[string]float64{}
	pages := cloudwatch.NewGetMetricDataPaginator(r.reads.Metrics,
		&cloudwatch.GetMetricDataInput{StartTime: &from, EndTime: &to, MetricDataQueries: queries})
	err := aws.EachPage(ctx, pages, func(page *cloudwatch.GetMetricDataOutput) {
		for i := range page.MetricDataResults {
			for _, v := range page.MetricDataResults[i].Values {
				sums[awssdk.ToString(page.MetricDataResults[i].Id)] += v
			}
		}
	})
	if err != nil {
		return journal.Requests{}, r.cannotRead(ctx, model.GetMetricData, err)
	}
	minutes := to.Sub(from).Minutes()
	out := journal.Requests{
		From: from, Minutes: int(minutes), LoadBalancer: sums["lb"] / minutes,
		Agents: sums["agents"] / minutes,
	}
	for id, sum := range sums {
		if strings.HasPrefix(id, "callers") {
			out.Callers += sum / minutes
		}
	}
	return out, nil
}

// queriesOf ask for the terms of the proof: requests that the load balancer sent to the
// target group, requests that the service's agents took in, and answers that agents of
// Service Connect callers got.
func queriesOf(m *journal.Measured, server model.Ref) []metrictypes.MetricDataQuery {
	sum := func(id, namespace, name string, dimensions ...string) metrictypes.MetricDataQuery {
		q := metrictypes.MetricDataQuery{Id: &id, MetricStat: &metrictypes.MetricStat{
			Metric: &metrictypes.Metric{Namespace: &namespace, MetricName: &name},
			Period: awssdk.Int32(int32(period / time.Second)), Stat: awssdk.String("Sum"),
		}}
		for pair := range slices.Chunk(dimensions, 2) {
			q.MetricStat.Metric.Dimensions = append(q.MetricStat.Metric.Dimensions,
				metrictypes.Dimension{Name: &pair[0], Value: &pair[1]})
		}
		return q
	}
	_, group, _ := strings.Cut(m.TargetGroupARN, ":targetgroup/")
	_, balancer, _ := strings.Cut(m.LoadBalancerARN, ":loadbalancer/")
	out := []metrictypes.MetricDataQuery{
		sum("lb", "AWS/ApplicationELB", "RequestCount", "TargetGroup", "targetgroup/"+group, "LoadBalancer", balancer),
		sum("agents", aws.MetricNamespace, "RequestCount", aws.DimensionOwnEndpoint, m.Endpoint, aws.DimensionClient,
			server.Service, aws.DimensionCluster, server.Cluster),
	}
	for _, class := range []string{"2XX", "3XX", "4XX", "5XX"} {
		out = append(out,
			sum("callers"+class, aws.MetricNamespace, "HTTPCode_Target_"+class+"_Count", aws.DimensionEndpoint, m.Endpoint))
	}
	return out
}
