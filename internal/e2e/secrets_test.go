package e2e

import (
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/simulator"
	"hopscope/model/fix/dialect"
	"hopscope/model/journal"
)

// planted begins every secret of the world.
const planted = "planted-"

// withSecrets is the article's world with a secret in every place that AWS lets one
// stand in.
func withSecrets(t *testing.T) *simulator.World {
	t.Helper()
	w, err := simulator.Load("article")
	if err != nil {
		t.Fatal(err)
	}
	w.Services[0].ServiceConnect = []byte(`{"enabled":true,"namespace":"sample-namespace",` +
		`"new":{"key":"planted-member"},` +
		`"services":[{"portName":"app","discoveryName":"app",` +
		`"clientAliases":[{"port":80,"dnsName":"app.sample-namespace",` +
		`"testTrafficRules":{"header":{"name":"x-test","value":{"exact":"planted-header"}}}}]}],` +
		`"logConfiguration":{"logDriver":"splunk",` +
		`"options":{"splunk-token":"planted-token","tag":"planted-it's \"$HOME\""},` +
		`"secretOptions":[{"name":"splunk-url","valueFrom":"arn:aws:ssm:eu-west-1:123456789012:parameter/planted-secret"}]}}`)
	w.Services[0].Tags = map[string]string{"api-key": "planted-tag", "terraform-workspace": "planted-workspace"}
	for i := range w.SecurityGroups {
		w.SecurityGroups[i].Tags = map[string]string{"password": "planted-tag"}
	}
	c := &w.TaskDefinitions[0].Containers[0]
	c.Environment = map[string]string{"PASSWORD": "planted-variable"}
	c.Secrets = map[string]string{"TOKEN": "arn:aws:ssm:eu-west-1:123456789012:parameter/planted-parameter"}
	listener := &w.LoadBalancers[0].Listeners[0]
	verified := simulator.RuleCondition{Field: "http-header", Name: "X-Origin-Verify", Values: []string{"planted-header"}}
	for n, conditions := range [][]simulator.RuleCondition{
		{{Field: "path-pattern", Values: []string{"/*"}}}, {verified},
	} {
		listener.Rules = append(listener.Rules, simulator.ListenerRule{
			Priority: n + 1, Conditions: conditions, Action: listener.Default,
		})
	}
	return w
}

// Whatever is printed or saved holds no secret; the journal alone, which is private,
// keeps the block that a rollback sends.
func TestNoSecretIsPrintedOrSavedButInTheJournal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(simulator.New(withSecrets(t), simulator.Options{RolloutTime: 10 * time.Millisecond}))
	t.Cleanup(server.Close)
	home := t.TempDir()
	endpoint := strings.Replace(server.URL, "http://", "http://user:planted-password@", 1)
	env := []string{
		"AWS_ACCESS_KEY_ID=planted-id", "AWS_SECRET_ACCESS_KEY=planted-key", "AWS_SESSION_TOKEN=planted-session",
		"AWS_REGION=ap-northeast-1", "AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL=" + endpoint,
		"HOPSCOPE_ALLOW_APPLY=1", "HOME=" + home, "XDG_CACHE_HOME=" + home + "/cache", "TMPDIR=" + home,
	}
	shown := ""
	run := func(args ...string) {
		t.Helper()
		got := runFast(t, env, args...)
		if got.status == 2 {
			t.Errorf("%v: %+v", args, got)
		}
		shown += got.stdout + got.stderr
		if at := strings.Index(got.stdout+got.stderr, planted); at >= 0 {
			t.Errorf("%v shows …%.60q", args, (got.stdout + got.stderr)[max(0, at-30):])
		}
	}
	const service = "sample-ecs-app"
	for _, format := range []string{"human", "json"} {
		run("check", "--format", format)
		run("doctor", "--format", format)
		run("who", service+":80", "--format", format)
	}
	run("check", "--endpoint-url", endpoint)
	run("fix", "--service", service, "--endpoint-url", endpoint+"/?signature=planted-query")
	run("export", "--format", "markdown", "-o", filepath.Join(home, "report.md"))
	run("export", "--format", "json")
	run("snapshot", "-o", filepath.Join(home, "snapshot.json"))
	run("check", "--snapshot", filepath.Join(home, "snapshot.json"))
	for _, as := range dialect.Names() {
		run("fix", "--service", service, "--as", as)
	}
	run("fix", "--service", service, "--apply", "--yes", "--tidy")
	entries, _, err := journal.Store{Dir: filepath.Join(home, ".local/state/hopscope/journal")}.List()
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	for _, format := range []string{"human", "json"} {
		run("journal", "--format", format)
		run("journal", entries[0].ID, "--format", format)
	}
	run("rollback", entries[0].ID, "--yes")
	for _, want := range []string{
		"<masked>", "--service-connect-configuration", "user:xxxxx@", "CFG317", "X-Origin-Verify",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("nothing shows %q: this test could not fail", want)
		}
	}
	for _, refused := range []string{
		strings.Replace(endpoint, "127.0.0.1", "no host", 1), "user:planted-x@host", "host?planted-query",
	} {
		got := runFast(t, env, "check", "--endpoint-url", refused)
		if got.status != 2 || strings.Contains(got.stdout+got.stderr, planted) {
			t.Errorf("--endpoint-url %s: %+v", refused, got)
		}
	}
	got := runFast(t, append(env, "HTTP_PROXY=http://user:planted-proxy@127.0.0.1:1", "NO_PROXY="), "check",
		"--endpoint-url", "http://user:planted-x@198.51.100.1:1")
	if got.status != 2 || strings.Contains(got.stdout+got.stderr, planted) {
		t.Errorf("a proxy that refuses: %+v", got)
	}
	checkFiles(t, home)
}

// checkFiles looks for secrets in every file but those of the journal, which are
// private, and keep the block.
func checkFiles(t *testing.T, home string) {
	t.Helper()
	seen := map[bool]int{}
	err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		inJournal := strings.Contains(path, "/journal/") && strings.HasSuffix(path, ".json")
		seen[inJournal]++
		switch has := strings.Contains(string(text), planted); {
		case inJournal && !has:
			t.Errorf("%s has no block to go back to", path)
		case inJournal && strings.Contains(string(text), "planted-password"):
			t.Errorf("%s keeps the password of the endpoint", path)
		case !inJournal && has:
			t.Errorf("%s holds a secret", path)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v", path, info.Mode().Perm())
		}
		return nil
	})
	if err != nil || seen[true] == 0 || seen[false] < 3 {
		t.Errorf("%v files were looked at: %v", seen, err)
	}
}

// Nor does the screen show one, in front of the question and behind it.
func TestNoSecretIsOnTheScreen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim := simulator.New(withSecrets(t), simulator.Options{RolloutTime: 10 * time.Second})
		x := openTerminal(t, sim, 120, 200, nil, "demo")
		see := func(place string) {
			t.Helper()
			if text := x.Text(); strings.Contains(text, planted) {
				t.Errorf("%s shows a secret:\n%s", place, text)
			}
		}
		x.WaitFor("HOP101")
		see("the first screen")
		for place, way := range places {
			x.Press("esc", "esc", "esc", "esc", "esc")
			x.Press(way...)
			see(place)
		}
		x.Press("esc", "esc", "esc", "esc", "esc")
		x.Press("f", "a")
		x.WaitFor("Apply this to sample-ecs-app?", "the Service Connect block, as it is sent", "ingressPortOverride")
		see("the question")
		time.Sleep(5 * time.Second) // an answer that comes at once is taken for a slip
		x.Press("y")
		x.WaitFor("applied and verified")
		see("the end")
		x.Press("L")
		x.WaitFor("aws ecs update-service", "<masked>")
		see("the log")
		x.Press("esc", "esc")
		x.leave(t)
	})
}
