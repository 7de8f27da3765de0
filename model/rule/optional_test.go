package rule_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

func findingOf(t *testing.T, r *rule.Analysis, code string) *rule.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.Code == code {
			return f
		}
	}
	t.Fatalf("no %s in %v", code, codes(r))
	return nil
}

func TestTheHopSaysThatThePreservedAddressIsLost(t *testing.T) {
	preserve := model.TargetGroupAttributes{PreserveClientIP: true}
	tests := map[string]struct {
		build *Builder
		want  bool
	}{
		"preserved": {nlb(web(Offer("http", 0, 80))).Edit(attributes(preserve)), true},
		"not preserved": {nlb(web(Offer("http", 0, 80))).
			Edit(attributes(model.TargetGroupAttributes{})), false},
		"not read":                     {nlb(web(Offer("http", 0, 80))).Deny(model.DescribeTargetGroupAttributes), false},
		"an application load balancer": {web(Offer("http", 0, 80)).Edit(attributes(preserve)), false},
	}
	for name, tt := range tests {
		f := findingOf(t, rule.Analyze(tt.build.Snapshot()), "HOP101")
		if got := strings.Contains(f.Detail(), "preserves the clients' addresses"); got != tt.want {
			t.Errorf("%s: says so: %t; %s", name, got, f.Detail())
		}
	}
}

func TestAFindingWithoutPathsNamesItsService(t *testing.T) {
	r := rule.Analyze(New().Group("sg-web").Service("web", Client(), controlledBy("EXTERNAL")).Snapshot())
	if f := findingOf(t, r, "CFG305"); f.Cluster != "prod" || f.Service != "web" || f.Path() != "" {
		t.Errorf("cluster %q, service %q, path %q", f.Cluster, f.Service, f.Path())
	}
}

func TestWhatNobodyTriedToReadIsSaidOnce(t *testing.T) {
	two := func() *Builder {
		return web(Offer("http", 0, 80)).Group("sg-alb2").ALB("alb2", 81, "tg2").Group("sg-two", In("all", "sg-alb2")).
			Service("two", Port("two", 80, "http"), Offer("two", 0, 81), Behind("tg2", 80))
	}
	not := func(r *rule.Analysis) []string {
		var out []string
		for _, n := range r.NotChecked() {
			if n.Code == "CFG314" {
				out = append(out, fmt.Sprintf("%s/%s", n.Cluster, n.Service))
			}
		}
		return out
	}
	if got := not(rule.Analyze(two().Snapshot())); !slices.Equal(got, []string{"/"}) {
		t.Errorf("not read: %v", got)
	}
	if got := not(rule.Analyze(two().Deny(model.DescribeLoadBalancerAttributes).Snapshot())); !slices.Equal(got,
		[]string{"prod/two", "prod/web"}) {
		t.Errorf("denied: %v", got)
	}
}

func TestWhatFollowsFromTheHealthCheckPortIsFolded(t *testing.T) {
	r := rule.Analyze(web(Offer("http", 0, 443), withTLS()).Edit(https(tls13)).Edit(healthPort("443")).Snapshot())
	if f := findingOf(t, r, "RSK403"); f.CausedBy == nil || f.CausedBy.Code != "CFG319" {
		t.Errorf("RSK403 is caused by %+v", f.CausedBy)
	}
}

func TestTimeoutsFollowFromTheHopOfTheirOwnPort(t *testing.T) {
	// Port 9000 ends TLS: its hop is needed, and its timeout is the consequence of nothing.
	r := rule.Analyze(web(Offer("http", 0, 80), Port("tls", 9000, "http"), Offer("tls", 0, 443), Behind("tg2", 9000),
		Change(func(s *Spec) {
			s.Deployment.ServiceConnect.Services[1].TLS = &model.TLS{}
		})).Group("sg-edge").ALB("edge", 443, "tg2").Group("sg-web", In("all", "10.0.0.0/16")).Edit(func(s *model.Snapshot) {
		for i := range s.LoadBalancers {
			s.LoadBalancers[i].Attributes = &model.LoadBalancerAttributes{IdleTimeoutSeconds: 60}
		}
		s.TargetGroups[1].Protocol, s.Listeners[1].SSLPolicy = "HTTPS", tls13
	}).Snapshot())
	var got []string
	for _, f := range r.Findings {
		if f.Code == "CFG314" {
			got = append(got, fmt.Sprint(f.Title(), " ", f.CausedBy != nil))
		}
	}
	slices.Sort(got)
	if len(got) != 2 || !strings.HasSuffix(got[0], "alb after 15 s, not after its 60 s true") ||
		!strings.HasSuffix(got[1], "edge after 15 s, not after its 60 s false") {
		t.Errorf("timeouts: %v", got)
	}
}

func TestManyOlderCallersAreCountedNotListed(t *testing.T) {
	b := New().Group("sg-web", In("all", "10.0.0.0/16")).Service("web", Port("http", 80, "http"), Offer("http", 0, 80))
	old := map[string]time.Time{}
	for i := range 250 {
		name := fmt.Sprintf("caller-%03d", i)
		b.Group("sg-"+name).Service(name, Client())
		old[name] = Time.Add(-time.Hour)
	}
	f := findingOf(t, rule.Analyze(b.Edit(published(Time, old)).Snapshot()), "CFG311")
	if want := "more than 200 callers were deployed before http.ns:80 existed"; !strings.HasPrefix(f.Title(), want) ||
		f.Severity != rule.Info {
		t.Errorf("%s: %s", f.Severity, f.Title())
	}
	if len(f.Evidence()) > 10 {
		t.Errorf("%d facts are quoted", len(f.Evidence()))
	}
}

// Only callers that a rule names are surely expected; the others are not counted
// with them.
func TestExpectedCallersComeFirst(t *testing.T) {
	before := Time.Add(-time.Hour)
	r := rule.Analyze(web(Offer("http", 0, 80)).Group("sg-old").Service("old", Client()).
		Group("sg-web", In("tcp 80", "sg-client"), In("tcp 80", "10.0.0.0/16")).
		Edit(published(Time, map[string]time.Time{"client": before, "old": before})).Snapshot())
	if f := findingOf(t, r, "CFG311"); !strings.HasPrefix(f.Title(), "client was deployed") || f.Severity != rule.Warning {
		t.Errorf("%s: %s", f.Severity, f.Title())
	}
	if p := pathOf(t, r, reach.SourceServiceConnect, "web"); p.Verdict != reach.Risk {
		t.Errorf("the path of callers that do not know the name is %s", p.Verdict)
	}
}

func TestTheEmptyGroupIsToldOfAtTheFirstServiceBehindTheListener(t *testing.T) {
	r := rule.Analyze(web().Group("sg-any", In("all", "sg-alb")).
		Service("any", Port("http", 80, "http"), Behind("tg", 80)).
		Edit(ruleBefore("5", forwardTo("gone"), urlPath("/old/*"))).Edit(emptied("gone")).Snapshot())
	var at []string
	for _, f := range r.Findings {
		if f.Code == "CFG318" {
			at = append(at, f.Service)
		}
	}
	if !slices.Equal(at, []string{"any"}) {
		t.Errorf("told of at %v", at)
	}
}

func TestListenerFindingsQuoteTheRules(t *testing.T) {
	header := model.RuleCondition{Field: "http-header", Name: "x-test", Values: []string{"1", "2"}}
	b := web().Edit(ruleBefore("2", forwardTo("tg"), urlPath("/x"), header)).Edit(ruleBefore("1", fixed(), urlPath("/*"))).
		Edit(ruleBefore("3", forwardTo("gone"), header)).Edit(emptied("gone"))
	r := rule.Analyze(b.Snapshot())
	quoted := func(code string) string {
		var facts []string
		for _, e := range findingOf(t, r, code).Evidence() {
			facts = append(facts, e.Fact)
		}
		return strings.Join(facts, "; ")
	}
	if got, want := quoted("CFG317"), "rule 1: path-pattern = /*, then fixed-response; rule 2: path-pattern = /x and "+
		"http-header x-test = <masked>, then forward to tg"; got != want {
		t.Errorf("CFG317 quotes %q, want %q", got, want)
	}
	if got, want := quoted("CFG318"), "listener alb :80, rule 3: http-header x-test = <masked>, then forward to gone; "+
		"target group gone: 0 targets"; got != want {
		t.Errorf("CFG318 quotes %q, want %q", got, want)
	}
}

// A pattern without a wildcard takes no path below it: that is what comes to the default
// action.
func TestAForwardToNoTargetsSaysWhichPathsComeToIt(t *testing.T) {
	idleDefault := func(s *model.Snapshot) {
		s.ListenerRules[0].Actions = forwardTo("gone")
		s.TargetGroups[0].LoadBalancers = []model.ARN{s.LoadBalancers[0].ARN}
	}
	for name, tt := range map[string]struct {
		build *Builder
		want  string
	}{
		"the default action": {
			web().Edit(idleDefault).Edit(ruleBefore("3", forwardTo("tg"), urlPath("/orders", "/cart/*"))).Edit(emptied("gone")),
			"A pattern without a wildcard takes exactly its path: /orders (rule 3); /orders/1 comes here.",
		},
		"a rule": {
			web().Edit(ruleBefore("5", forwardTo("gone"), urlPath("/orders/"))).Edit(emptied("gone")),
			"A pattern without a wildcard takes exactly its path: /orders/, and not /orders/1.",
		},
		"patterns with wildcards": {
			web().Edit(ruleBefore("5", forwardTo("gone"), urlPath("/orders*", "/", "regex:^/x$"), host("a"))).
				Edit(emptied("gone")), "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := findingOf(t, rule.Analyze(tt.build.Snapshot()), "CFG318")
			if detail := f.Detail(); !strings.HasSuffix(detail, cmp.Or(tt.want, "they get 503.")) {
				t.Errorf("%s", detail)
			}
		})
	}
}

// Without the targets' health it cannot be said whether anything listens.
func TestAnUndeclaredHealthCheckPortIsUnknownWithoutHealth(t *testing.T) {
	tests := []struct {
		build *Builder
		want  reach.Verdict
	}{
		{web().Edit(healthPort("8081")), reach.Unknown},
		{web().Edit(healthPort("8081", "initial")), reach.Risk},
		{web().Edit(healthPort("8081", "unhealthy")), reach.Broken},
		{web().Edit(healthPort("8081", "healthy")), reach.OK},
	}
	for _, tt := range tests {
		p := pathOf(t, rule.Analyze(tt.build.Snapshot()), hcPath, "web")
		if p.Verdict != tt.want {
			t.Errorf("verdict %s, want %s", p.Verdict, tt.want)
		}
		if why := p.WhyUnknown(); p.Verdict == reach.Unknown && !strings.Contains(why, "targets of tg") {
			t.Errorf("unknown because of %q", why)
		}
	}
}

// That no caller was seen follows from a metric only if a caller would publish it.
func TestNoCallerWasSeenIsSaidOfMetricsThatCallersPublish(t *testing.T) {
	const answers = "HTTPCode_Target_2XX_Count" // what files of earlier versions have
	for _, tt := range []struct{ metric, protocol, want string }{
		{model.MetricCallers, "http", model.MetricCallers},
		{model.MetricCallers, "http2", model.MetricCallers},
		{model.MetricCallers, "grpc", model.MetricCallers},
		{model.MetricCallers, "", model.MetricCallers},
		{"", "http", answers},
		{"", "http2", answers},
		{"", "grpc", ""},
		{"", "", ""},
	} {
		s := lonely(mapping(func(m *model.PortMapping) { m.AppProtocol = tt.protocol })).Edit(allClusters).Snapshot()
		s.Traffic = &model.Traffic{Metric: tt.metric, Edges: []model.TrafficEdge{calls("web", "other")}}
		text := findingOf(t, rule.Analyze(s), "HOP105").Text()
		last := text.Evidence[len(text.Evidence)-1].Fact
		said := strings.HasSuffix(text.Detail, "none published "+tt.want+".") &&
			last == "no "+tt.want+" of the last three hours has TargetDiscoveryName = http"
		if tt.want == "" {
			said = !strings.Contains(text.Detail+last, "three hours")
		}
		if !said {
			t.Errorf("metric %q, appProtocol %q: %s (%s)", tt.metric, tt.protocol, text.Detail, last)
		}
	}
}
