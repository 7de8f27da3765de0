package probe_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/probe"
	"hopscope/model/reach"
)

// made is the probe of the load balancer's path of a small world, which a test edits.
func made(t *testing.T, edit func(s *model.Snapshot)) (*probe.Probe, string) {
	t.Helper()
	s := modeltest.New().Group("sg-web", modeltest.In("tcp 80", "sg-alb")).Group("sg-alb").ALB("alb", 80, "tg").
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Behind("tg", 80), modeltest.Offer("http", 0, 80)).
		Snapshot()
	s.LoadBalancers[0].DNSName = "alb.example.com"
	s.LoadBalancers[0].Scheme = model.InternetFacing
	if edit != nil {
		edit(s)
	}
	ix := model.NewIndex(s)
	for _, p := range reach.Paths(ix) {
		if p.Source.Kind == reach.SourceLoadBalancer {
			return probe.Of(ix, p)
		}
	}
	t.Fatal("there is no path of the load balancer")
	return nil, ""
}

func group(s *model.Snapshot, id string) *model.SecurityGroup {
	return &s.SecurityGroups[slices.IndexFunc(s.SecurityGroups, func(g model.SecurityGroup) bool { return g.ID == id })]
}

func conditions(all ...model.RuleCondition) func(*model.Snapshot) {
	return func(s *model.Snapshot) { s.ListenerRules[0].Conditions = all }
}

func TestARequestMeetsTheConditionsOfItsRule(t *testing.T) {
	condition := func(field string, values ...string) model.RuleCondition {
		return model.RuleCondition{Field: field, Values: values}
	}
	https := func(s *model.Snapshot) {
		s.Listeners[0].Protocol, s.Listeners[0].Port = "HTTPS", 8443
		rule := &group(s, "sg-alb").Ingress[0]
		rule.FromPort, rule.ToPort = 8443, 8443
	}
	for name, test := range map[string]struct {
		edit func(*model.Snapshot)
		want probe.Probe
		note string
	}{
		"none":   {nil, probe.Probe{URL: "http://alb.example.com/"}, ""},
		"a path": {conditions(condition("path-pattern", "/api/*")), probe.Probe{URL: "http://alb.example.com/api/"}, ""},
		"a path of one character": {
			conditions(condition("path-pattern", "/v?/x")), probe.Probe{URL: "http://alb.example.com/vx/x"}, "",
		},
		"a path by another pattern than the first": {
			conditions(condition("path-pattern", "regex:^/a+$", "/b")), probe.Probe{URL: "http://alb.example.com/b"}, "",
		},
		"a path by a regular expression": {
			conditions(condition("path-pattern", "regex:^/a+$")), probe.Probe{URL: "http://alb.example.com/"}, "^/a+$",
		},
		"a host": {
			conditions(condition("host-header", "*.shop.com")),
			probe.Probe{URL: "http://alb.example.com/", Host: "x.shop.com"},
			"",
		},
		"a host by HTTPS": {
			func(s *model.Snapshot) { https(s); conditions(condition("host-header", "shop.com"))(s) },
			probe.Probe{URL: "https://shop.com:8443/", ConnectTo: "alb.example.com:8443"},
			"",
		},
		"HTTPS": {https, probe.Probe{URL: "https://alb.example.com:8443/", Unverified: true}, "not verified"},
		"a method": {
			conditions(condition("http-request-method", "DELETE", "HEAD")),
			probe.Probe{URL: "http://alb.example.com/", Method: "HEAD"},
			"",
		},
		"a header": {
			conditions(model.RuleCondition{Field: "http-header", Name: "X-Key", Values: []string{"s3cret"}}),
			probe.Probe{URL: "http://alb.example.com/"},
			"http-header X-Key",
		},
		"an address": {
			conditions(condition("source-ip", "10.0.0.0/8")), probe.Probe{URL: "http://alb.example.com/"}, "10.0.0.0/8",
		},
		"from inside": {
			func(s *model.Snapshot) { s.LoadBalancers[0].Scheme = "internal" },
			probe.Probe{URL: "http://alb.example.com/"},
			"inside of its VPC",
		},
		"a blocked way": {
			func(s *model.Snapshot) { group(s, "sg-web").Ingress = nil },
			probe.Probe{URL: "http://alb.example.com/"},
			"blocked",
		},
	} {
		got, reason := made(t, test.edit)
		if got == nil {
			t.Errorf("%s: %s", name, reason)
			continue
		}
		notes := strings.Join(got.Notes, "\n")
		if test.note == "" && notes != "" || !strings.Contains(notes, test.note) || strings.Contains(notes, "s3cret") {
			t.Errorf("%s: notes %q, want %q", name, notes, test.note)
		}
		if test.want.Method == "" {
			test.want.Method = "GET"
		}
		test.want.Path, test.want.ID, test.want.Via, test.want.Notes = got.Path, got.ID, reach.ViaAgent, got.Notes
		if diff := cmp.Diff(&test.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestWhatHasNoHeadersHasNoProbe(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(*model.Snapshot)
		want string
	}{
		"TCP":  {func(s *model.Snapshot) { s.Listeners[0].Protocol = "TCP" }, "no headers"},
		"gRPC": {func(s *model.Snapshot) { s.TargetGroups[0].ProtocolVersion = "GRPC" }, "gRPC"},
		"DELETE": {
			conditions(model.RuleCondition{Field: "http-request-method", Values: []string{"DELETE", "POST"}}),
			"change",
		},
		"a login": {
			func(s *model.Snapshot) {
				rule := &s.ListenerRules[0]
				rule.Actions = append([]model.ListenerAction{{Type: "authenticate-oidc"}}, rule.Actions...)
			}, "authenticate-oidc answers by itself",
		},
		"no name": {func(s *model.Snapshot) { s.LoadBalancers[0].DNSName = "" }, "was not read"},
	} {
		if got, reason := made(t, test.edit); got != nil || !strings.Contains(reason, test.want) {
			t.Errorf("%s: %+v, %q", name, got, reason)
		}
	}
}

func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(name + " is not installed")
	}
	return path
}

// written is a probe as curl or k6 gets it.
func written(t *testing.T, p *probe.Probe, script bool) string {
	t.Helper()
	var b strings.Builder
	write := p.Curl
	if script {
		write = p.K6
	}
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// at makes the load balancer a server of the test.
func at(t *testing.T, server *httptest.Server) func(*model.Snapshot) {
	t.Helper()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return func(s *model.Snapshot) {
		s.LoadBalancers[0].DNSName, s.Listeners[0].Port = u.Hostname(), port
		conditions(model.RuleCondition{Field: "host-header", Values: []string{"*.shop.com"}},
			model.RuleCondition{Field: "path-pattern", Values: []string{"/a b{c,d}[1-2]*"}})(s)
	}
}

// The command prints the header where the agent sets it, and else nothing.
func TestCurlPrintsTheHeaderOfTheAgent(t *testing.T) {
	bash := tool(t, "bash")
	tool(t, "curl")
	for _, byAgent := range []bool{true, false} {
		var asked *http.Request
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r
			if byAgent {
				w.Header().Set(probe.Header, "3")
			}
		}))
		p, reason := made(t, at(t, server))
		if p == nil {
			t.Fatal(reason)
		}
		cmd := exec.CommandContext(t.Context(), bash)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "no_proxy=*"}
		cmd.Stdin = strings.NewReader(written(t, p, false))
		out, _ := cmd.CombinedOutput()
		server.Close()
		if asked == nil || asked.Host != "x.shop.com" || asked.URL.Path != "/a b{c,d}[1-2]" || asked.Method != "GET" {
			t.Errorf("asked %+v by\n%s", asked, written(t, p, false))
		}
		want := map[bool]string{true: probe.Header + ": 3"}[byAgent]
		status, got, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(string(out), "\r", "")), "\n")
		if got = strings.TrimSpace(got); got != want || status != "http/1.1 200 ok" {
			t.Errorf("by agent %t: %q", byAgent, out)
		}
	}
}

// hostile are names that try to leave their place in a shell, a comment or a script.
var hostile = []string{
	"$(touch owned)", "`touch owned`", "'; touch owned; '", "\"; touch owned; \"", "x\ntouch owned\n", "-o owned",
	"*/ owned() /*", "${owned}", "\u2028owned()\u2029", "</script>", "\x1b]0;x\a", "\\",
}

func TestHostileNamesStayTexts(t *testing.T) {
	bash, node := tool(t, "bash"), tool(t, "node")
	for _, name := range hostile {
		p, reason := made(t, func(s *model.Snapshot) {
			s.LoadBalancers[0].DNSName, s.LoadBalancers[0].Name = "127.0.0.1", name
			s.Services[0].Name, s.TargetGroups[0].Name = name, name
			conditions(model.RuleCondition{Field: "host-header", Values: []string{name}},
				model.RuleCondition{Field: "path-pattern", Values: []string{"/" + name}},
				model.RuleCondition{Field: "source-ip", Values: []string{name}},
				model.RuleCondition{Field: "http-header", Name: name})(s)
		})
		if p == nil {
			t.Fatal(reason)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "curl"), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), bash)
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
		cmd.Stdin = strings.NewReader(written(t, p, false))
		if out, _ := cmd.CombinedOutput(); len(out) > 0 {
			t.Errorf("%q: bash says %s", name, out)
		}
		if _, err := os.Stat(filepath.Join(dir, "owned")); err == nil {
			t.Errorf("%q was carried out by\n%s", name, written(t, p, false))
		}
		script := filepath.Join(dir, "script.mjs")
		if err := os.WriteFile(script, []byte(written(t, p, true)), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), node, "--check", script).CombinedOutput(); err != nil {
			t.Errorf("%q: node says %s", name, out)
		}
		for _, text := range []string{written(t, p, false), written(t, p, true)} {
			if strings.ContainsAny(text, "\x1b\u2028\u2029\a") {
				t.Errorf("%q gets through in\n%q", name, text)
			}
		}
	}
}
