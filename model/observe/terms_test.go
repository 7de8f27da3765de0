package observe_test

import (
	"slices"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/observe"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// filled are the metrics of ten minutes from noon with a value each minute for each
// series, by the name of its metric.
func filled(t *observe.Terms, value func(s *model.Series, minute int) float64) *model.Metrics {
	m := &model.Metrics{From: noon, To: noon.Add(10 * time.Minute), Series: t.Series()}
	for i := range m.Series {
		for minute := range 10 {
			if v := value(&m.Series[i], minute); v > 0 {
				m.Series[i].Values = append(m.Series[i].Values,
					model.Value{At: noon.Add(time.Duration(minute) * time.Minute), Value: v})
			}
		}
	}
	return m
}

func TestCountsAreThoseOfTheWindowAndTheTerms(t *testing.T) {
	terms := &observe.Terms{
		Server: model.Ref{Cluster: "prod", Service: "web"}, Endpoint: "web",
		Balancers: []observe.Balancer{
			{
				LoadBalancer: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/alb/50dc6c495c0c9188",
				TargetGroup:  "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/73e2d6bc24d8a067",
			},
		},
	}
	m := filled(terms, func(s *model.Series, minute int) float64 {
		switch {
		case s.Metric.Name == "HTTPCode_Target_5XX_Count":
			return 0 // no data
		case s.Metric.Name == "RequestCount" && s.Metric.Namespace == "AWS/ECS":
			return 100
		case s.Metric.Name == "RequestCount":
			return float64(minute)
		}
		return 10
	})
	got := terms.Count(m, noon.Add(2*time.Minute), noon.Add(4*time.Minute))
	if got != (observe.Counts{LoadBalancer: 2 + 3, Agents: 200, Callers: 60}) {
		t.Errorf("%+v", got)
	}
	want := []model.Dimension{
		{Name: "TargetGroup", Value: "targetgroup/web/73e2d6bc24d8a067"},
		{Name: "LoadBalancer", Value: "app/alb/50dc6c495c0c9188"},
	}
	if d := m.Series[0].Metric.Dimensions; len(d) != 2 || d[0] != want[0] || d[1] != want[1] {
		t.Errorf("asks for %v", d)
	}
	// The same metric by the other statistic, or of another service, is not a term.
	for i := range m.Series {
		m.Series[i].Statistic = "Average"
	}
	if got := terms.Count(m, noon, noon.Add(time.Hour)); got != (observe.Counts{}) {
		t.Errorf("%+v of averages", got)
	}
}

// Of two questions each keeps its window; what both ask for counts from the newer one.
func TestSeriesOfTwoQuestionsKeepTheirWindows(t *testing.T) {
	first := &observe.Terms{Server: model.Ref{Cluster: "prod", Service: "web"}, Endpoint: "web"}
	second := &observe.Terms{Server: model.Ref{Cluster: "prod", Service: "api"}, Endpoint: "api"}
	one := func(*model.Series, int) float64 { return 1 }
	older, newer := filled(first, one), filled(second, one)
	newer.From, newer.To = noon.Add(time.Hour), noon.Add(70*time.Minute)
	both := (*model.Metrics)(nil).With(older).With(newer).With(newer)
	if len(both.Series) != len(older.Series)+len(newer.Series) || !both.From.Equal(newer.From) {
		t.Fatalf("%+v", both)
	}
	for i := range both.Series {
		s := &both.Series[i]
		want := newer.From
		if slices.ContainsFunc(older.Series, func(o model.Series) bool { return o.Key() == s.Key() }) {
			want = older.From
		}
		if from, to := both.Window(s); !from.Equal(want) || to.Sub(from) != 10*time.Minute {
			t.Errorf("%s is of %s to %s", s.Metric.Name, from, to)
		}
	}
}
