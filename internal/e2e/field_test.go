package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/rule"
)

// fieldReports are public reports, rebuilt small, with what is right to say about them:
// the codes of errors and warnings, none for a control, and of the infos that answer the
// report. They lie beside the repository, in shared/field. What hopscope does not find yet
// is not in the table.
var fieldReports = map[string][]string{
	"02-otel-health-port-closed.json":      {"NET202", "NET204", "HLT601"},
	"03b-listener-port-closed.json":        {"NET205"},
	"04-grpc-group-on-http-port.json":      {"CFG325"},
	"14c-grpc-group-into-http-agent.json":  {"CFG325", "HOP101"},
	"06-wide-ephemeral-range.json":         {"NET202", "NET204", "HLT601"},
	"06b-host-port-2049.json":              {"NET202", "NET204", "HLT601"},
	"08-production-group-empty.json":       {"HLT604"},
	"09-codedeploy-listener-reset.json":    {"HLT604"},
	"11-streams-cut-between-services.json": {"INF511"},
	"13-no-targets.json":                   {"HLT603"},
	"13-target-group-port-differs.json":    {},
	"17-bluegreen-demo-as-applied.json":    {},
}

func TestPublicReportsAreUnderstood(t *testing.T) {
	dir := filepath.Join(filepath.Dir(casesDir(t)), "field")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no public reports at ../shared/field: they are not part of the repository")
	}
	for name, want := range fieldReports {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range rule.Analyze(fieldSnapshot(t, filepath.Join(dir, name))).Findings {
				if (f.Severity != rule.Info || slices.Contains(want, f.Code)) && !slices.Contains(got, f.Code) {
					got = append(got, f.Code)
				}
			}
			slices.Sort(got)
			want = slices.Sorted(slices.Values(want))
			if !slices.Equal(got, want) {
				t.Errorf("findings %v, want %v", got, want)
			}
		})
	}
}

// fieldSnapshot reads a snapshot, or what the simulator shows of a world.
func fieldSnapshot(t *testing.T, file string) *model.Snapshot {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data[:min(len(data), 200)]), "hopscope.snapshot/") {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		s, err := model.Decode(f)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	world, err := simulator.ParseWorld(data)
	if err != nil {
		t.Fatal(err)
	}
	return readAll(t, simulator.New(world, simulator.Options{}))
}
