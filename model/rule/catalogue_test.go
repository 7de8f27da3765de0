package rule_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

func TestEveryRuleIsDocumentedAndHasItsOwnCode(t *testing.T) {
	code := regexp.MustCompile(`^(HOP1|NET2|CFG3|RSK4|INF5|HLT6)\d\d$`)
	var seen []string
	for _, r := range rule.Catalogue() {
		if !code.MatchString(r.Code) {
			t.Errorf("%q is not a code of the catalogue (CONTRIBUTING.md)", r.Code)
		}
		if slices.Contains(seen, r.Code) {
			t.Errorf("%s is there twice", r.Code)
		}
		seen = append(seen, r.Code)
		for name, text := range map[string]string{
			"title": r.Title, "what": r.Doc.What, "why": r.Doc.Why, "detection": r.Doc.Detection,
			"false positive": r.Doc.FalsePositive, "fix": r.Doc.Fix, "source": r.Doc.Source,
		} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no %s", r.Code, name)
			}
		}
		if r.Severity.Rank() == 0 || len(r.Needs) == 0 {
			t.Errorf("%s lacks a severity or needs", r.Code)
		}
		for _, used := range r.Uses {
			if slices.Contains(r.Needs, used) {
				t.Errorf("%s both needs and uses %s", r.Code, used)
			}
		}
	}
	families := []string{"HOP", "NET", "CFG", "RSK", "INF", "HLT"}
	place := func(code string) string { return fmt.Sprint(slices.Index(families, code[:3]), code) }
	if !slices.IsSortedFunc(seen, func(a, b string) int { return strings.Compare(place(a), place(b)) }) {
		t.Errorf("the catalogue is not in the order of its families: %v", seen)
	}
}

// The codes are stable: other programs and people refer to them. A code may be
// added here, never removed or given another meaning.
func TestCodesAreStable(t *testing.T) {
	want := map[string]string{
		"HOP101": "Load balancer traffic crosses the Service Connect agent without need",
		"HOP106": "Health check crosses the Service Connect agent",
		"NET201": "Service Connect callers cannot reach the agent's port",
		"NET202": "Load balancer cannot reach the target port",
		"NET203": "The source's own egress rules refuse the connection",
		"NET204": "Health check port is refused",
		"NET205": "Clients cannot reach the load balancer on the listener's port",
		"HLT601": "No target is healthy",
		"HLT602": "Some targets are unhealthy",
		"HLT603": "Tasks run, but nothing is registered",
		"HLT604": "The tasks are in a target group that gets no requests, and the one that gets them is empty",
	}
	for code, title := range want {
		if r, found := rule.Lookup(strings.ToLower(code)); !found || r.Title != title {
			t.Errorf("%s is %q, want %q", code, r.Title, title)
		}
	}
	if _, found := rule.Lookup("HOP999"); found {
		t.Error("HOP999 is not a rule")
	}
}

// troubled is a snapshot in which every rule of the catalogue fires.
func troubled() *modeltest.Builder {
	return modeltest.New().
		// HOP101, HOP106: behind a load balancer, through the agent.
		Group("sg-alb").
		Group("sg-web", modeltest.In("tcp 80", "sg-alb"), modeltest.In("tcp 80", "sg-cron")).
		ALB("alb", 80, "web").
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Offer("http", 0, 80), modeltest.Behind("web", 80)).
		// NET201: the override is not open. Also a caller that is admitted by a prefix list.
		Group("sg-api", modeltest.In("tcp 80", "sg-cron"), modeltest.In("tcp 18080", "pl-office")).
		Service("api", modeltest.Port("api", 80, "http"), modeltest.Offer("api", 18080, 80)).
		// NET202, NET204: the group admits no source.
		Group("sg-closed").
		ALB("edge", 443, "closed").
		Group("sg-edge").
		Service("closed", modeltest.Port("http", 8080, "http"), modeltest.Behind("closed", 8080)).
		// NET203: the load balancer's egress is shut, and a caller's too.
		Group("sg-shut", modeltest.NoEgress()).
		ALB("shut", 80, "open").
		Group("sg-open", modeltest.In("tcp 8080", "10.0.0.0/16")).
		Service("open", modeltest.Port("http", 8080, "http"), modeltest.Behind("open", 8080)).
		Group("sg-cron").
		Service("cron", modeltest.Client()).
		Edit(func(s *model.Snapshot) {
			s.PrefixLists = append(s.PrefixLists, model.PrefixList{ID: "pl-office", Name: "office"})
			s.PrefixLists[0].Entries = s.VPCs[0].CIDRs[:0]
		})
}

func TestEveryRuleFiresSomewhere(t *testing.T) {
	got := codes(rule.Analyze(troubled().Snapshot()))
	for _, row := range decisionTable() {
		got = append(got, row.codes...)
	}
	for _, f := range firings() {
		got = append(got, f.code) // TestRulesFireAndSayWhat
	}
	got = append(got, "CFG310") // TestTwoEndpointsOfOneNameCollide
	for _, r := range rule.Catalogue() {
		if !slices.ContainsFunc(got, func(c string) bool { return strings.HasPrefix(c, r.Code) }) {
			t.Errorf("%s did not fire; findings: %v", r.Code, got)
		}
	}
}

// deniable are the actions that modeltest.Deny can take away one by one.
var deniable = []model.Action{
	model.DescribeServices, model.DescribeTaskDefinition, model.DescribeTargetGroups, model.DescribeLoadBalancers,
	model.DescribeListeners, model.DescribeRules, model.DescribeSecurityGroups, model.DescribeSubnets,
	model.DescribeNetworkAcls,
	model.DescribeManagedPrefixLists, model.GetPrefixListEntries, model.ListNamespaces, model.ListGatewayRoutes,
	model.DescribeServiceRevisions, model.ListServicesByNamespace, model.ListTasks, model.DescribeTasks,
	model.ListContainerInstances,
	model.DescribeContainerInstances, model.DescribeInstances, model.DescribeTargetHealth,
	model.DescribeTargetGroupAttributes,
	model.DescribeLoadBalancerAttributes, model.ListDiscoveryServices, model.ListMetrics,
	model.DescribeNetworkInterfaces,
}

// A rule's Needs are what it really reads: without a needed fact it says "not
// checked" wherever its finding is gone, and taking away a fact that it neither
// needs nor uses changes nothing of its findings.
func TestNeedsAreWhatRulesRead(t *testing.T) {
	compare := func(t *testing.T, build func() *modeltest.Builder, rules []rule.Rule) {
		t.Helper()
		whole := rule.Analyze(build().Snapshot())
		for _, action := range deniable {
			without := rule.Analyze(build().Deny(action).Snapshot())
			for i := range rules {
				compareWithout(t, &rules[i], action, whole, without)
			}
		}
	}
	t.Run("all rules in one snapshot", func(t *testing.T) { compare(t, troubled, rule.Catalogue()) })
	for _, f := range firings() {
		r, _ := rule.Lookup(f.code)
		t.Run(f.String(), func(t *testing.T) { compare(t, f.build, []rule.Rule{r}) })
	}
}

func compareWithout(t *testing.T, r *rule.Rule, action model.Action, whole, without *rule.Analysis) {
	t.Helper()
	before, after := titles(whole, r.Code), titles(without, r.Code)
	notChecked := slices.ContainsFunc(without.NotChecked(), func(n rule.NotChecked) bool {
		return n.Code == r.Code && n.Needs == action
	})
	switch needed, used := slices.Contains(r.Needs, action), slices.Contains(r.Uses, action); {
	case !needed && !used && !slices.Equal(before, after):
		t.Errorf("%s does not declare %s, but without it finds %v instead of %v", r.Code, action, after, before)
	case !needed && notChecked:
		t.Errorf("%s is not checked for want of %s, which it does not declare", r.Code, action)
	case needed && !slices.Equal(before, after) && !notChecked:
		t.Errorf("%s lost findings without %s and does not say so: %v instead of %v", r.Code, action, after, before)
	}
}

// What a rule declares beyond the facts that all of them read, it reads indeed:
// somewhere its answer is another one without it.
func TestDeclaredOptionalFactsAreRead(t *testing.T) {
	// Those of container instances, and of the tasks on them, come with the network's, for
	// whatever is in bridge mode.
	optional := []model.Action{
		model.ListGatewayRoutes, model.DescribeServiceRevisions, model.ListServicesByNamespace, model.ListTasks,
		model.DescribeTasks,
		model.DescribeTargetHealth, model.DescribeTargetGroupAttributes, model.DescribeLoadBalancerAttributes,
		model.ListDiscoveryServices, model.ListMetrics, model.GetMetricData,
		model.DescribeNetworkInterfaces,
	}
	read := map[string]bool{}
	for _, f := range slices.Concat(firings(), sharpened()) {
		whole := rule.Analyze(f.build().Snapshot())
		for _, action := range optional {
			without := rule.Analyze(f.build().Deny(action).Snapshot())
			if answer(whole, f.code) != answer(without, f.code) {
				read[f.code+" "+string(action)] = true
			}
		}
	}
	for _, r := range rule.Catalogue() {
		for _, action := range slices.Concat(r.Needs, r.Uses) {
			if ofInstances := action == model.ListTasks || action == model.DescribeTasks; ofInstances &&
				slices.Contains(r.Needs, model.ListContainerInstances) {
				continue
			}
			if slices.Contains(optional, action) && !read[r.Code+" "+string(action)] {
				t.Errorf("%s declares %s, and answers the same without it", r.Code, action)
			}
		}
	}
}

// answer is everything that a report says about a rule.
func answer(r *rule.Analysis, code string) string {
	var out strings.Builder
	for _, f := range r.Findings {
		if f.Code == code {
			fmt.Fprintln(&out, f.Severity, f.Confidence, f.Title(), f.Detail(), f.Evidence())
		}
	}
	for _, n := range r.NotChecked() {
		if n.Code == code {
			fmt.Fprintln(&out, n)
		}
	}
	return out.String()
}

// sharpened are cases in which a fact that a rule uses changes what it says.
func sharpened() []firing {
	return []firing{
		{"HOP101", "preserved addresses", func() *modeltest.Builder {
			return nlb(web(modeltest.Offer("http", 0, 80))).Edit(attributes(model.TargetGroupAttributes{PreserveClientIP: true}))
		}, nil},
		{"NET201", "a refused caller was seen", func() *modeltest.Builder {
			return web(modeltest.Offer("http", 0, 80)).Group("sg-web", modeltest.In("tcp 80", "sg-alb")).
				Edit(traffic(calls("client", "http")))
		}, nil},
		{"CFG311", "a caller was seen", func() *modeltest.Builder {
			return web(modeltest.Offer("http", 0, 80)).Group("sg-web", modeltest.In("all", "10.0.0.0/16")).
				Edit(traffic(calls("client", "http"))).
				Edit(published(modeltest.Time, map[string]time.Time{"client": modeltest.Time.Add(-time.Hour)}))
		}, nil},
		{"CFG319", "CloudWatch counts healthy targets", func() *modeltest.Builder {
			return web().Edit(healthPort("8081")).Edit(counted(0, 2, 0))
		}, nil},
		{"HLT605", "the agent counts what goes past it", func() *modeltest.Builder {
			return web(modeltest.Offer("http", 10080, 80)).Edit(modeltest.Measured(100, 104, time.Hour))
		}, nil},
		{"INF504", "a revision with a gateway", func() *modeltest.Builder {
			return lonely(overridden(), modeltest.Change(func(s *modeltest.Spec) {
				s.Service.CurrentRevisions = []model.CurrentRevision{{ARN: "rev"}}
			})).Edit(func(s *model.Snapshot) {
				s.ServiceRevisions = []model.ServiceRevision{{
					ARN:               "rev",
					GatewayConnectors: []model.GatewayConnector{{PortName: "http"}},
				}}
			})
		}, nil},
	}
}

func titles(r *rule.Analysis, code string) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Code == code {
			out = append(out, f.Title())
		}
	}
	return out
}
