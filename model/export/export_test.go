package export_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"hopscope/model"
	"hopscope/model/export"
	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
)

// reports are the cases that every format is tried on.
func reports() map[string]*report.Report {
	hostile := "a|b`c*d_e <script>alert(1)</script> @team $x$ [l](http://evil.example)\n# h1 \x1b]0;t\x07\u202e\u009b31m"
	return map[string]*report.Report{
		"the hop":        reportOn(modeltest.Article(0, 80)),
		"the lost group": reportOn(modeltest.Article(8080, 80)),
		"both fine":      reportOn(modeltest.Article(8080, 80, 8080)),
		"denied groups":  reportOn(denied(modeltest.Article(0, 80), model.DescribeSecurityGroups)),
		"nothing at all": reportOn(&model.Snapshot{}),
		"zero value":     {},
		"hostile names":  hostileReport(hostile),
		"no path":        withoutPaths(),
	}
}

// reportOn is the report of a snapshot.
func reportOn(s *model.Snapshot) *report.Report {
	a := rule.Analyze(s)
	plans, err := planner.Plans(a)
	if err != nil {
		panic(err)
	}
	return report.New(a, plans)
}

// withoutPaths is a report whose findings belong to no path: of a service, of a
// cluster, of the account, and of a path that is not in the report.
func withoutPaths() *report.Report {
	finding := func(cluster, service, path string) report.Finding {
		return report.Finding{
			Code: "RSK405", Severity: rule.Warning, Cluster: cluster, Service: service, Path: path,
			Title: "the agent has too little memory", Confidence: rule.High,
		}
	}
	return &report.Report{
		Schema: report.SchemaV1, Scope: model.Scope{Account: "123456789012", Region: "eu-west-1", Clusters: []string{"prod"}},
		Complete: true,
		Findings: []report.Finding{
			finding("prod", "web", ""), finding("prod", "web", "gone"), finding("prod", "", ""),
			finding("", "", ""),
		},
	}
}

func denied(s *model.Snapshot, action model.Action) *model.Snapshot {
	modeltest.Deny(s, action)
	return s
}

// hostileReport has a text in every place that AWS or a file fills.
func hostileReport(text string) *report.Report {
	ref := []model.Ref{{Cluster: text, Service: text}, {Cluster: text, Service: text + "2"}}
	path := reach.Path{
		ID:     text,
		Source: reach.Source{Kind: reach.SourceServiceConnect, Services: reach.NewCallers(ref), Endpoint: text},
		Target: reach.Target{Cluster: text, Service: text, Container: text, ContainerPort: 80, WirePort: 80},
		Via:    reach.ViaAgent, Access: reach.Blocked, Verdict: reach.Broken, Findings: []string{"NET201"},
		Text: &reach.Text{Hops: []reach.Hop{
			{
				From: text, To: text, FromNode: reach.NodeCallerApp, ToNode: reach.NodeCallerAgent,
				Access: reach.Allowed, Why: text,
			},
			{
				From: text, To: text, FromNode: reach.NodeCallerAgent, ToNode: reach.NodeAgent, Port: 80,
				Access: reach.Blocked, Why: text,
			},
			{
				From: text, To: text, FromNode: reach.NodeAgent, ToNode: reach.NodeApp, Port: 80, Access: reach.AccessUnknown,
				Why: text,
			},
		}},
	}
	root := report.Finding{
		Code: "NET201", Severity: rule.Error, Key: "NET201 " + text, Path: path.ID, Cluster: text, Service: text, Title: text,
		Detail:     text,
		Confidence: rule.Medium, Evidence: []reach.Evidence{{Fact: text, From: text}},
		Fixes: []report.Fix{{ID: "x", Title: text, Steps: []string{text, text}}},
	}
	follows := report.Finding{
		Code: "HOP106", Severity: rule.Info, Cluster: text, Service: text, Title: text,
		CausedBy: &report.Cause{Code: root.Code, Key: root.Key},
	}
	return &report.Report{
		Schema: report.SchemaV1, Origin: text, CollectedAt: modeltest.Time,
		Scope:  model.Scope{Account: text, Region: text, Clusters: []string{text}},
		Counts: model.Counts{Services: model.Count{Listed: 3, Loaded: 2}},
		Gaps: []model.Gap{{
			Action: "ecs:DescribeServices", Resource: text, State: model.Denied, Error: text,
			Message: text, Effect: text,
		}},
		NotChecked: []rule.NotChecked{{Code: "HOP101", Cluster: text, Service: text, Needs: "ecs:DescribeServices"}},
		Paths:      []*reach.Path{&path},
		Findings:   []report.Finding{root, follows},
	}
}

func jsonOf(t *testing.T, r *report.Report) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := export.JSON(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func markdownOf(t *testing.T, r *report.Report) string {
	t.Helper()
	var out strings.Builder
	if err := export.Markdown(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestReportsAsJSON(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.RequireEqual(t, jsonOf(t, r))
		})
	}
}

func TestReportsAsMarkdown(t *testing.T) {
	t.Parallel()
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.RequireEqual(t, markdownOf(t, r))
		})
	}
}

// contract is an example of a report, member by member: what other
// programs may read, with values of the documented types.
const contract = `{
 "schema": "hopscope.report/v1",
 "scope": {"account": "123456789012", "region": "ap-northeast-1", "clusters": ["prod"]},
 "collectedAt": "2026-11-22T09:00:00Z",
 "complete": true,
 "counts": {"services": {"listed": 12, "loaded": 12}, "targetGroups": {"listed": 9, "loaded": 9}},
 "gaps": [{"action": "elasticloadbalancing:DescribeRules", "resource": "arn", "error": "AccessDenied",
           "effect": "unknown"}],
 "paths": [{
   "id": "stable",
   "source": {"kind": "load-balancer", "name": "lb", "listenerPort": 80, "listenerProtocol": "HTTP", "rule": "default",
              "targetGroup": "name", "services": [{"cluster": "prod", "service": "web"}], "endpoint": "app.ns:80",
              "weight": 50},
   "target": {"cluster": "prod", "service": "api", "container": "app", "containerPort": 80, "wirePort": 8080,
              "deployment": "PRIMARY"},
   "via": "agent", "access": "allowed", "verdict": "needed",
   "hops": [{"from": "a", "to": "b", "port": 8080, "protocol": "http", "access": "allowed", "why": "because"}],
   "findings": ["HOP101"]
 }],
 "findings": [{
   "code": "HOP101", "severity": "warning", "path": "id", "cluster": "prod", "service": "api",
   "title": "t", "detail": "d", "confidence": "high",
   "evidence": [{"fact": "f", "from": "ecs:DescribeServices"}],
   "fixes": [{"id": "set-ingress-port-override", "title": "t", "appliable": true, "steps": ["s"]}]
 }],
 "notChecked": [{"code": "HOP101", "cluster": "prod", "service": "api", "needs": "ecs:DescribeServices"}],
 "stats": {"calls": {"ecs:DescribeServices": 3}, "throttled": 0, "collectMillis": 412, "analyzeMillis": 3}
}`

func TestTheReportHasEveryMemberOfTheContract(t *testing.T) {
	t.Parallel()
	var want any
	if err := json.Unmarshal([]byte(contract), &want); err != nil {
		t.Fatal(err)
	}
	var all []any
	for _, s := range contracted() {
		var got any
		if err := json.Unmarshal(jsonOf(t, reportOn(s)), &got); err != nil {
			t.Fatal(err)
		}
		all = append(all, got)
	}
	contains(t, "report", want, all)
}

// contracted are snapshots whose reports have something to say in every member of
// the contract between them.
func contracted() []*model.Snapshot {
	unread := denied(modeltest.Article(0, 80), model.DescribeTaskDefinition)
	unread.Gaps[0].Resource = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/sample-ecs-app:7"
	rollout := modeltest.Article(0, 80)
	rollout.Stats.Calls = map[model.Action]int{model.DescribeServices: 3}
	web := &rollout.Services[slices.IndexFunc(rollout.Services, func(s model.Service) bool {
		return s.Name == "sample-ecs-app"
	})]
	old := web.Deployments[0]
	block := *old.ServiceConnect
	block.Services = slices.Clone(block.Services)
	block.Services[0].IngressPortOverride = 8080
	old.ID, old.Status, old.ServiceConnect, old.RunningCount = "ecs-svc/old", "ACTIVE", &block, 1
	web.Deployments = append(web.Deployments, old)
	forward := &rollout.ListenerRules[0].Actions[0].Forward
	*forward = append(*forward, model.WeightedTargetGroup{TargetGroupARN: "arn:other", Weight: 1})
	return []*model.Snapshot{modeltest.Article(0, 80), unread, rollout}
}

// contains tells whether the values, which stand at one place of the report, have
// all members of a wanted value between them, each of its type.
func contains(t *testing.T, at string, want any, got []any) {
	t.Helper()
	if len(got) == 0 {
		t.Errorf("%s is not in the report", at)
		return
	}
	for _, value := range got {
		if reflect.TypeOf(value) != reflect.TypeOf(want) {
			t.Errorf("%s is %T, want %T", at, value, want)
			return
		}
	}
	switch want := want.(type) {
	case map[string]any:
		for member, value := range want {
			var there []any
			for _, object := range got {
				if v, has := object.(map[string]any)[member]; has {
					there = append(there, v)
				}
			}
			contains(t, at+"."+member, value, there)
		}
	case []any:
		var elements []any
		for _, array := range got {
			elements = append(elements, array.([]any)...)
		}
		for _, value := range want {
			contains(t, at+"[]", value, elements)
		}
	}
}

func TestNoArrayOfAReportIsNull(t *testing.T) {
	t.Parallel()
	all := reports()
	all["paths and findings without details"] = &report.Report{
		Paths: []*reach.Path{
			{Source: reach.Source{Kind: reach.SourceLoadBalancer}},
			{Source: reach.Source{Kind: reach.SourceServiceConnect}},
		},
		Findings: []report.Finding{{Fixes: []report.Fix{{}}}},
	}
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := jsonOf(t, r)
			if bytes.Contains(text, []byte("null")) {
				t.Errorf("null in:\n%s", text)
			}
			for _, member := range []string{"gaps", "paths", "findings", "notChecked"} {
				var report map[string]json.RawMessage
				if err := json.Unmarshal(text, &report); err != nil {
					t.Fatal(err)
				}
				if !bytes.HasPrefix(report[member], []byte("[")) {
					t.Errorf("%s is %q, want an array", member, report[member])
				}
			}
		})
	}
}

func TestCallersAreListedForServiceConnectOnly(t *testing.T) {
	t.Parallel()
	text := string(jsonOf(t, &report.Report{Paths: []*reach.Path{
		{ID: "lb", Source: reach.Source{Kind: reach.SourceLoadBalancer}},
		{ID: "sc", Source: reach.Source{Kind: reach.SourceServiceConnect}},
	}}))
	var report struct {
		Paths []struct {
			ID     string
			Source map[string]any
		}
	}
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	if _, listed := report.Paths[0].Source["services"]; listed {
		t.Error("a load balancer's path lists calling services")
	}
	if services, ok := report.Paths[1].Source["services"].([]any); !ok || len(services) != 0 {
		t.Errorf("callers of an endpoint without callers: %v, want an empty array", report.Paths[1].Source["services"])
	}
}

func TestEqualSnapshotsGiveEqualReports(t *testing.T) {
	t.Parallel()
	first, again := reports(), reports()
	for name := range first {
		if !bytes.Equal(jsonOf(t, first[name]), jsonOf(t, again[name])) ||
			markdownOf(t, first[name]) != markdownOf(t, again[name]) {
			t.Errorf("%s: two runs differ", name)
		}
	}
}

func TestNoFormatLetsControlCharactersThrough(t *testing.T) {
	t.Parallel()
	r := reports()["hostile names"]
	for format, text := range map[string]string{"JSON": string(jsonOf(t, r)), "Markdown": markdownOf(t, r)} {
		if i := strings.IndexAny(text, "\x1b\x07\u202e\u009b"); i >= 0 {
			t.Errorf("%s has a control character: %q", format, text[max(i-20, 0):i+20])
		}
	}
	spans := regexp.MustCompile("`` .*? ``|`[^`]*`")
	prose := spans.ReplaceAllString(strings.ReplaceAll(markdownOf(t, r), "\\`", ""), "")
	if i := strings.IndexAny(prose, "<>@"); i >= 0 {
		t.Errorf("markup outside of a code span: %q", prose[max(i-20, 0):i+20])
	}
	var back struct{ Findings []report.Finding }
	if err := json.Unmarshal(jsonOf(t, r), &back); err != nil {
		t.Fatal(err)
	}
	if back.Findings[0].Title != r.Findings[0].Title {
		t.Errorf("title reads back as %q, want %q", back.Findings[0].Title, r.Findings[0].Title)
	}
}

func TestALineDrawsEveryHop(t *testing.T) {
	t.Parallel()
	weight := 30
	callers := make([]model.Ref, 1000)
	for i := range callers {
		callers[i] = model.Ref{Cluster: "prod", Service: string(rune('a' + i%26))}
	}
	article := func(override int, open ...int) map[reach.SourceKind]string {
		lines := make(map[reach.SourceKind]string)
		r := reportOn(modeltest.Article(override, open...))
		for _, p := range r.Paths {
			lines[p.Source.Kind] = export.Line(p)
		}
		return lines
	}
	tests := map[string]struct{ got, want string }{
		"load balancer, agent, app": {
			article(0, 80)[reach.SourceLoadBalancer],
			"main-alb :80 ─▶ agent :80 ─▶ app :80",
		},
		"load balancer, app": {article(8080, 80)[reach.SourceLoadBalancer], "main-alb :80 ─▶ app :80"},
		"refused caller": {
			article(8080, 80)[reach.SourceServiceConnect],
			"client-service (app.ns:80) ╌×╌ agent :8080 ─▶ app :80",
		},
		"health check": {
			article(0, 80)[reach.SourceHealthCheck],
			"health check of main-alb ─▶ agent :80 ─▶ app :80",
		},
		"many callers": {export.Line(&reach.Path{
			Source: reach.Source{Kind: reach.SourceServiceConnect, Services: reach.NewCallers(callers)},
			Target: reach.Target{ContainerPort: 80},
		}), "a, b and 998 more ╌?╌ app :80"},
		"a weighted rule while two deployments run": {export.Line(&reach.Path{
			Source: reach.Source{Kind: reach.SourceLoadBalancer, Name: "lb", ListenerPort: 443, Rule: "10", Weight: &weight},
			Target: reach.Target{Deployment: "ACTIVE"},
			Text:   &reach.Text{Hops: []reach.Hop{{ToNode: reach.NodeTask, Access: reach.AccessUnknown}}},
		}), "lb :443 rule 10 (30 %) ╌?╌ task (deployment ACTIVE)"},
		"a network load balancer before it": {export.Line(&reach.Path{
			Source: reach.Source{Kind: reach.SourceLoadBalancer, Name: "nlb", ListenerPort: 443, Rule: "default"},
			Text: &reach.Text{Hops: []reach.Hop{
				{ToNode: reach.NodeLoadBalancer, To: "alb", Port: 80, Access: reach.Allowed},
				{ToNode: reach.NodeApp, Port: 80, Access: reach.Allowed},
			}},
		}), "nlb :443 ─▶ alb :80 ─▶ app :80"},
		"a gateway": {export.Line(&reach.Path{
			Source: reach.Source{Kind: reach.SourceServiceGateway, Name: "shop", ListenerPort: 443, Rule: "10"},
		}), "gateway shop :443 rule 10 ╌?╌ app"},
		"VPC Lattice": {export.Line(&reach.Path{
			Source: reach.Source{Kind: reach.SourceVPCLattice, Name: "VPC Lattice", TargetGroup: "tg"},
		}), "VPC Lattice (tg) ╌?╌ app"},
		"an idle side, and a target by hand": {export.Line(&reach.Path{
			Source: reach.Source{Kind: reach.SourceLoadBalancer, Name: "alb", ListenerPort: 80, Weight: new(0)},
			Facts:  reach.Facts{ByHand: true},
		}), "alb :80 (0 %, idle) ╌?╌ app (registered by hand)"},
		"nothing known": {export.Line(&reach.Path{}), "unknown source ╌?╌ app"},
		"dynamic ports": {export.Line(&reach.Path{
			Source: reach.Source{Kind: reach.SourceLoadBalancer, Name: "lb", ListenerPort: 443},
			Target: reach.Target{ContainerPort: 80, WirePort: 32768, WirePortEnd: 60999},
			Text:   &reach.Text{Hops: []reach.Hop{{ToNode: reach.NodeApp, Port: 32768, Access: reach.Allowed}}},
		}), "lb :443 ─▶ app :32768-60999"},
	}
	for name, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, tt.got, tt.want)
		}
	}
}

func TestASummaryNeverCallsAnIncompleteReadingFine(t *testing.T) {
	t.Parallel()
	if got, want := export.Summary(&report.Report{Complete: true}), "no findings on 0 paths of 0 services"; got != want {
		t.Errorf("complete: %q, want %q", got, want)
	}
	if got := export.Summary(&report.Report{}); !strings.Contains(got, "not everything could be read") {
		t.Errorf("incomplete: %q does not say so", got)
	}
}

func TestNotCheckedIsCountedByRuleAndReason(t *testing.T) {
	t.Parallel()
	got := strings.Join(export.NotChecked([]rule.NotChecked{
		{Code: "NET202", Needs: model.DescribeSubnets},
		{Code: "HOP101", Cluster: "c", Service: "a", Needs: model.DescribeTaskDefinition},
		{Code: "HOP101", Cluster: "c", Service: "b", Needs: model.DescribeTaskDefinition},
		{Code: "HOP101", Cluster: "c", Service: "b", Needs: model.DescribeServices},
	}), "\n")
	want := "HOP101 (needs ecs:DescribeServices; 1 service)\n" +
		"HOP101 (needs ecs:DescribeTaskDefinition; 2 services)\n" +
		"NET202 (needs ec2:DescribeSubnets; all services)"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestConsequencesAreFoldedUnderTheirCause(t *testing.T) {
	t.Parallel()
	folded := export.Fold([]report.Finding{
		{Code: "B", Key: "b", CausedBy: &report.Cause{Code: "A", Key: "a"}},
		{Code: "A", Key: "a"},
		{Code: "C", Key: "c", CausedBy: &report.Cause{Code: "A", Key: "another"}},
		{Code: "D", Key: "d"},
	})
	var got []string
	for _, f := range folded {
		line := f.Code
		for _, c := range f.Consequences {
			line += "+" + c.Code
		}
		got = append(got, line)
	}
	if want := "A+B D C"; strings.Join(got, " ") != want {
		t.Errorf("folded = %s, want %s", strings.Join(got, " "), want)
	}
}

// FuzzReports looks for a snapshot file that makes the analysis or a format
// panic, or that breaks out of a format.
func FuzzReports(f *testing.F) {
	for _, s := range []*model.Snapshot{modeltest.Article(0, 80), modeltest.Article(8080, 80), {}} {
		var file bytes.Buffer
		if err := model.Encode(&file, s, ""); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := model.Decode(bytes.NewReader(data))
		if err != nil {
			return
		}
		r := reportOn(s)
		text := jsonOf(t, r)
		if !json.Valid(text) {
			t.Fatalf("not JSON: %q", text)
		}
		if strings.ContainsAny(markdownOf(t, r)+string(text), "\x1b\u009b\u202e") {
			t.Fatal("a control character came through")
		}
	})
}

// A hop that is admitted says so once, in its why; one that is not says all that it
// rests on.
func TestOnlyWhatIsNotAdmittedHasChecks(t *testing.T) {
	t.Parallel()
	refused := 0
	for _, p := range []int{0, 8080} {
		r := jsonOf(t, reportOn(modeltest.Article(p, 80)))
		var got struct {
			Paths    []report.Path
			Findings []report.Finding
		}
		if err := json.Unmarshal(r, &got); err != nil {
			t.Fatal(err)
		}
		for _, path := range got.Paths {
			for _, hop := range path.Hops {
				if hop.Access == reach.Allowed && len(hop.Checks)+len(hop.Evidence) > 0 {
					t.Errorf("%s, %s → %s: %+v", path.ID, hop.From, hop.To, hop)
				}
				if hop.Access != reach.Blocked {
					continue
				}
				refused++
				told := slices.ContainsFunc(got.Findings, func(f report.Finding) bool {
					return f.Path == path.ID && len(f.Evidence) > 0
				})
				if len(hop.Evidence) == 0 && !told || !slices.ContainsFunc(hop.Checks, func(c reach.Check) bool {
					return c.Access == reach.Blocked
				}) {
					t.Errorf("%s, %s → %s: %+v", path.ID, hop.From, hop.To, hop)
				}
			}
		}
	}
	if refused == 0 {
		t.Error("no hop is refused")
	}
}

func TestMarkdownShowsWhatCountsSayOfTheWay(t *testing.T) {
	s := modeltest.Article(10080, 10080)
	modeltest.Measured(100, 104, 3*time.Hour)(s)
	text := markdownOf(t, report.New(rule.Analyze(s), nil))
	for _, want := range []string{
		"Measured:\n\n- `main-alb :80 ─▶ app :80`: the way", "is contradicted by counts of 10 min from 09:00Z",
		"A 1000 of the load balancer", "HLT605 warning",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q: %s", want, text)
		}
	}
	s.Metrics = nil
	if text := markdownOf(t, report.New(rule.Analyze(s), nil)); strings.Contains(text, "Measured") {
		t.Error("nothing was measured")
	}
}
