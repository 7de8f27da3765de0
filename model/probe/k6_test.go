package probe_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// k6Modules are what a script imports from k6, for node: responses come from the
// environment, and what the script does with them is recorded.
var k6Modules = map[string]string{
	"node_modules/k6/package.json": `{"name": "k6", "type": "module",
		"exports": {".": "./index.js", "./http": "./http.js", "./metrics": "./metrics.js"}}`,
	"node_modules/k6/index.js": `export const check = (v, sets) => {
		for (const name in sets) globalThis.record.push([name, sets[name](v)]);
	};`,
	"node_modules/k6/http.js": `export default { request: (method, url, body, params) => {
		globalThis.record.push(['request', method, url, params]);
		return globalThis.response;
	} };`,
	"node_modules/k6/metrics.js": `class Metric {
		constructor(name) { this.name = name; }
		add(v) { globalThis.record.push([this.name, v]); }
	}
	export { Metric as Rate, Metric as Trend };`,
	"run.mjs": `globalThis.__ENV = JSON.parse(process.argv[2]);
	const script = await import('./script.mjs');
	const records = [];
	for (const response of JSON.parse(process.argv[3])) {
		globalThis.record = [];
		globalThis.response = response;
		script.default();
		records.push(globalThis.record);
	}
	console.log(JSON.stringify({ options: script.options, records }));`,
}

// run is what a script did.
type run struct {
	Options struct {
		Scenarios struct {
			Path struct {
				Rate     float64
				Duration string
			}
		}
		Thresholds map[string][]string
	}
	Records [][][]any
}

func runScript(t *testing.T, script, environment, responses string) run {
	t.Helper()
	node := tool(t, "node")
	dir := t.TempDir()
	files := map[string]string{"script.mjs": script}
	for name, text := range k6Modules {
		files[name] = text
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), node, "run.mjs", environment, responses)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	var got run
	if err != nil || json.Unmarshal(out, &got) != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return got
}

func TestTheScriptTellsWhatCrossedTheAgent(t *testing.T) {
	p, reason := made(t, nil)
	if p == nil {
		t.Fatal(reason)
	}
	got := runScript(t, written(t, p, true), `{}`, `[
		{"status": 200, "headers": {"X-Envoy-Upstream-Service-Time": "3"}, "timings": {"duration": 4.5}},
		{"status": 200, "headers": {"x-envoy-upstream-service-time": "5"}, "timings": {"duration": 4.5}},
		{"status": 200, "headers": {"Server": "nginx"}, "timings": {"duration": 3}},
		{"status": 0, "headers": {}, "timings": {"duration": 0}}
	]`)
	asked := []any{"request", "GET", "http://alb.example.com/", map[string]any{}}
	const check = "the way is the expected one"
	want := [][][]any{
		{asked, {"hopscope_by_agent", true}, {"hopscope_outside_app", 1.5}, {check, true}},
		{asked, {"hopscope_by_agent", true}, {"hopscope_outside_app", 0.0}, {check, true}},
		{asked, {"hopscope_by_agent", false}, {check, false}},
		{asked},
	}
	if diff := cmp.Diff(want, got.Records); diff != "" {
		t.Error(diff)
	}
	if s := got.Options.Scenarios.Path; s.Rate != 20 || s.Duration != "2m" {
		t.Errorf("%+v", s)
	}
}

func TestTheEnvironmentChangesWhatAScriptDoes(t *testing.T) {
	p, reason := made(t, nil)
	if p == nil {
		t.Fatal(reason)
	}
	got := runScript(t, written(t, p, true),
		`{"URL": "http://other/", "RATE": "7", "DURATION": "10s", "WAY": "direct", "MAX_P95": "50", "MAX_FAILED": "0.5"}`,
		`[{"status": 200, "headers": {}, "timings": {"duration": 3}}]`)
	want := [][][]any{{
		{"request", "GET", "http://other/", map[string]any{}},
		{"hopscope_by_agent", false},
		{"the way is the expected one", true},
	}}
	if diff := cmp.Diff(want, got.Records); diff != "" {
		t.Error(diff)
	}
	if s := got.Options.Scenarios.Path; s.Rate != 7 || s.Duration != "10s" {
		t.Errorf("%+v", s)
	}
	thresholds := map[string][]string{"http_req_failed": {"rate<0.5"}, "http_req_duration": {"p(95)<50"}}
	if diff := cmp.Diff(thresholds, got.Options.Thresholds); diff != "" {
		t.Error(diff)
	}
}
