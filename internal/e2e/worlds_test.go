package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hopscope/aws/simulator"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// smallWorld is a world of testdata/worlds, some of its text replaced: old and new in turn.
func smallWorld(t *testing.T, name string, edits ...string) *simulator.World {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "worlds", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for pair := range slices.Chunk(edits, 2) {
		if strings.Count(text, pair[0]) != 1 {
			t.Fatalf("%s does not have %s once", name, pair[0])
		}
		text = strings.Replace(text, pair[0], pair[1], 1)
	}
	w, err := simulator.ParseWorld([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return w
}

// smallWorlds are worlds with one fault each, and beside each the same one without it.
var smallWorlds = []struct {
	world string
	// edits make another world of it: a control, where no code is expected.
	edits []string
	// codes are those of errors and warnings.
	codes []string
	// requests and checks are the verdicts on the load balancer's paths.
	requests, checks reach.Verdict
	// calls is the verdict on calls by Service Connect, where they are looked at.
	calls reach.Verdict
	// says is a part of what the paths or findings say.
	says string
}{
	{
		world: "zone-not-enabled", codes: []string{"NET206"}, requests: reach.Risk, checks: reach.OK,
		says: "Tasks of web in ap-northeast-1c get no request from alb",
	},
	{
		world: "zone-not-enabled", edits: []string{`"subnets": ["a", "c"]`, `"subnets": ["c"]`},
		codes: []string{"NET206"}, requests: reach.Broken, checks: reach.OK, says: "ap-northeast-1c",
	},
	{
		world: "zone-not-enabled", edits: []string{`"subnets": ["a", "c"]`, `"subnets": ["a", "b"]`},
		requests: reach.OK, checks: reach.OK,
	},
	{
		world: "one-of-two-subnets", codes: []string{"HLT601", "NET202", "NET204"}, requests: reach.Broken,
		checks: reach.Broken, says: "(1 of 2 subnets refused)",
	},
	{
		world:    "one-of-two-subnets",
		edits:    []string{`"ports": 8080, "cidr": "10.0.0.0/24"`, `"ports": 8080, "cidr": "10.0.0.0/23"`},
		requests: reach.OK, checks: reach.OK,
	},
	{
		world: "callers-in-two-subnets", calls: reach.Unknown,
		says: "is refused, and nothing is known to run there",
	},
	{
		world: "callers-in-two-subnets", edits: []string{`"10.0.0.0/24"}]`, `"10.0.0.0/23"}]`}, calls: reach.Needed,
	},
	{
		world: "listener-closed", codes: []string{"NET205"}, requests: reach.Broken, checks: reach.OK,
		says: "Clients cannot reach alb :80",
	},
	{
		world: "acl-before-the-load-balancer", codes: []string{"NET205"}, requests: reach.Broken, checks: reach.OK,
		says: "answers to clients out of",
	},
	{
		world: "acl-before-the-load-balancer", edits: []string{`"cidr": "198.51.100.0/24"`, `"cidr": "0.0.0.0/0"`},
		codes: []string{"NET205"}, requests: reach.Broken, checks: reach.OK, says: "refuses answers to clients",
	},
	{
		world: "acl-before-the-load-balancer", edits: []string{
			`"cidr": "198.51.100.0/24"`, `"cidr": "0.0.0.0/0"`, `"scheme": "internet-facing"`, `"scheme": "internal"`,
		},
		requests: reach.OK, checks: reach.OK,
	},
	{
		world: "acl-before-the-load-balancer", edits: []string{`"ports": "80-443"`, `"ports": "1024-65535"`},
		requests: reach.OK, checks: reach.OK,
	},
	{world: "listener-closed", edits: []string{`"ports": 443`, `"ports": 80`}, requests: reach.OK, checks: reach.OK},
	{
		world: "group-that-nothing-has", codes: []string{"NET205"}, requests: reach.Risk, checks: reach.OK,
		says: "(which nothing has)",
	},
	{
		world: "group-that-nothing-has", edits: []string{`"securityGroups": ["batch"]`, `"securityGroups": ["report"]`},
		requests: reach.OK, checks: reach.OK, says: "report: 3 standalone tasks",
	},
	{
		world: "ipv6-closed", codes: []string{"NET205"}, requests: reach.Risk, checks: reach.OK,
		says: "Clients with IPv6 addresses cannot reach alb :80",
	},
	{
		world: "ipv6-closed", edits: []string{`"cidr": "0.0.0.0/0"}`, `"cidr": "0.0.0.0/0"}, {"ports": 80, "cidr": "::/0"}`},
		requests: reach.OK, checks: reach.OK,
	},
	{
		world: "ipv6-closed", edits: []string{`"dualstack"`, `"ipv4"`}, requests: reach.OK, checks: reach.OK,
	},
	{
		world: "https-before-agent", codes: []string{"CFG325", "HOP101"}, requests: reach.Broken,
		checks: reach.UnnecessaryHop, says: "alb :80 speaks TLS to the agent of web, which expects http",
	},
	{
		world: "https-before-agent", edits: []string{`"clientAliases"`, `"ingressPortOverride": 15000, "clientAliases"`},
		requests: reach.OK, checks: reach.OK,
	},
	{
		world: "grpc-before-agent", codes: []string{"CFG325", "HOP101"}, requests: reach.Broken, checks: reach.Broken,
		says: "alb :80 speaks gRPC to the agent of web, which expects HTTP/1.1",
	},
	{
		world: "grpc-before-agent", edits: []string{
			`"appProtocol": "http"`, `"appProtocol": "grpc"`,
			`"clientAliases"`, `"ingressPortOverride": 15000, "clientAliases"`,
		},
		requests: reach.OK, checks: reach.OK,
	},
	{
		world: "host-ports-bound", codes: []string{"HLT601", "NET202", "NET204"}, requests: reach.Broken,
		checks: reach.Broken, says: "admits tcp 32768 from",
	},
	{
		world: "host-ports-bound", edits: []string{"49153-65535", "32768-65535"}, requests: reach.OK, checks: reach.OK,
	},
	{
		world: "host-ports-bound", edits: []string{"49153-65535", "32768-32769"}, codes: []string{"NET202"},
		requests: reach.Risk, checks: reach.OK,
		says: "alb reaches web on the host ports that its tasks have now (32768 and 32769)",
	},
	{
		world: "callers-of-all-kinds", requests: reach.OK, checks: reach.OK,
		says: "nightly-report: 3 standalone tasks",
	},
	{
		world: "callers-of-all-kinds", edits: []string{`"group": "batch"`, `"cidr": "10.9.0.0/16"`},
		requests: reach.OK, checks: reach.OK, says: "admits on tcp 80: 10.9.0.0/16",
	},
	{
		world: "targets-sick", codes: []string{"HLT601"}, requests: reach.Risk, checks: reach.Risk,
		says: "2 of 2 unhealthy",
	},
	{
		world: "targets-sick", edits: []string{`"unhealthy"`, `"healthy"`, `"Target.ResponseCodeMismatch"`, `""`},
		requests: reach.OK, checks: reach.OK,
	},
}

func TestSmallWorldsAreUnderstood(t *testing.T) {
	for _, c := range smallWorlds {
		t.Run(c.world+" "+strings.Join(c.edits, " "), func(t *testing.T) {
			a := analysisWithout(t, *smallWorld(t, c.world, c.edits...), "")
			var codes, texts []string
			for _, f := range a.Findings {
				if f.Severity != rule.Info && !slices.Contains(codes, f.Code) {
					codes = append(codes, f.Code)
				}
				texts = append(texts, f.Title(), f.Detail())
			}
			slices.Sort(codes)
			if !slices.Equal(codes, c.codes) {
				t.Errorf("findings %v, want %v", codes, c.codes)
			}
			verdicts := map[reach.SourceKind]reach.Verdict{}
			for _, p := range a.Paths {
				verdict := p.Observed()
				if worst, has := verdicts[p.Source.Kind]; has {
					verdict = worst.Worse(verdict)
				}
				verdicts[p.Source.Kind] = verdict
				for _, h := range p.Hops() {
					texts = append(texts, h.Why)
				}
			}
			if got := verdicts[reach.SourceLoadBalancer]; got != c.requests {
				t.Errorf("requests are %s, want %s", got, c.requests)
			}
			if got := verdicts[reach.SourceHealthCheck]; got != c.checks {
				t.Errorf("checks are %s, want %s", got, c.checks)
			}
			if got := verdicts[reach.SourceServiceConnect]; c.calls != "" && got != c.calls {
				t.Errorf("calls are %s, want %s", got, c.calls)
			}
			text := strings.Join(texts, "\n")
			if !strings.Contains(text, c.says) {
				t.Errorf("nothing says %q:\n%s", c.says, text)
			}
			const tasks = "standalone task"
			if strings.Contains(text, tasks) && !strings.Contains(c.says, tasks) {
				t.Errorf("tasks are named that are not admitted:\n%s", text)
			}
		})
	}
}
