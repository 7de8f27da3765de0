package observe_test

import (
	"strings"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/observe"
	"hopscope/model/rule"
)

// priced are the prices of the paths of a snapshot in which each series has a value a minute.
func priced(t *testing.T, s *model.Snapshot, value map[string]float64) map[string]observe.Proof {
	t.Helper()
	modeltest.Measured(0, 0, time.Hour)(s)
	s.Metrics = nil
	a := rule.Analyze(s)
	ways := observe.Ways(s, a.Index, a.Paths)
	m := &model.Metrics{
		From: modeltest.Time, To: modeltest.Time.Add(10 * time.Minute), Source: model.GetMetricData,
		Series: observe.Series(ways),
	}
	for i := range m.Series {
		key := m.Series[i].Metric.Namespace[len("AWS/"):] + " " + m.Series[i].Metric.Name
		for minute := range 10 {
			if value[key] > 0 {
				m.Series[i].Values = append(m.Series[i].Values,
					model.Value{At: m.From.Add(time.Duration(minute) * time.Minute), Value: value[key]})
			}
		}
	}
	return observe.Judge(ways, m)
}

func protocol(s *model.Snapshot, name string) *model.Snapshot {
	for i := range s.TaskDefinitions {
		for j := range s.TaskDefinitions[i].Containers[0].PortMappings {
			s.TaskDefinitions[i].Containers[0].PortMappings[j].AppProtocol = name
		}
	}
	return s
}

func TestTheHopHasAPriceByWhatWasCounted(t *testing.T) {
	for name, c := range map[string]struct {
		snapshot *model.Snapshot
		counts   map[string]float64
		want     string
		waiting  float64
	}{
		"HTTP": {
			modeltest.Article(0, 80),
			map[string]float64{
				"ApplicationELB RequestCount": 1200, "ECS RequestCount": 2400, "ECS HTTPCode_Target_2XX_Count": 1200,
			},
			"20 requests a second of the load balancer cross the agents; the load balancer's are 50 % of what these take in; " +
				"each takes about 1 ms longer (an estimate", 20,
		},
		"gRPC": {
			protocol(modeltest.Article(0, 80), "grpc"),
			map[string]float64{
				"ApplicationELB RequestCount": 600, "ECS NewConnectionCount": 1200, "ECS ProcessedBytes": 60_000,
				"ECS TargetProcessedBytes": 15_000,
			},
			"10 requests a second of the load balancer, 20 connections and 1000 bytes a second of all senders cross the " +
				"agents; the load balancer's are 75 % of", 10,
		},
		"direct":          {modeltest.Article(10080, 10080), map[string]float64{"ApplicationELB RequestCount": 1200}, "", 0},
		"nothing counted": {modeltest.Article(0, 80), nil, "", 0},
	} {
		var got *observe.Price
		for _, p := range priced(t, c.snapshot, c.counts) {
			got = p.Price
		}
		if got == nil && c.want != "" || got != nil && !strings.HasPrefix(got.Sentence(), c.want) ||
			got.Waiting() != c.waiting {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Of equally severe findings the one whose hop more requests cross comes first.
func TestTheHopThatMattersComesFirst(t *testing.T) {
	s := modeltest.New().Group("sg-alb").
		Group("sg-api", modeltest.In("all", "sg-alb")).Group("sg-web", modeltest.In("all", "sg-alb")).
		ALB("alb", 80, "api").ALB("edge", 80, "web").
		Service("api", modeltest.Port("api", 80, "http"), modeltest.Offer("api", 0, 80), modeltest.Behind("api", 80)).
		Service("web", modeltest.Port("web", 80, "http"), modeltest.Offer("web", 0, 80), modeltest.Behind("web", 80)).
		Edit(modeltest.Measured(100, 100, time.Hour)).Snapshot()
	first := func() string {
		for _, f := range rule.Analyze(s).Findings {
			if f.Code == "HOP101" {
				return f.Service
			}
		}
		return ""
	}
	if got := first(); got != "api" {
		t.Errorf("with equal prices %s is first", got)
	}
	for i := range s.Metrics.Series {
		series := &s.Metrics.Series[i]
		if series.Metric.Namespace == model.ApplicationLoadBalancers && strings.Contains(series.Key(), "targetgroup/web") {
			for j := range series.Values {
				series.Values[j].Value = 110
			}
		}
	}
	if got := first(); got != "web" {
		t.Errorf("%s is first, and web gets more requests", got)
	}
}
