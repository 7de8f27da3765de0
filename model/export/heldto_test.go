package export_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/joshdk/go-junit"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"hopscope/model/assert"
	"hopscope/model/baseline"
	"hopscope/model/export"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
)

// held are reports with assertions of every outcome, and a baseline.
func held(t *testing.T) map[string]*report.Report {
	t.Helper()
	out := reports()
	a := rule.Analyze(modeltest.Article(8080, 80))
	file := "assert:\n- 'lb:main-alb -> sample-ecs-app via direct'\n- 'client-service -> sample-ecs-app via agent'\n" +
		"- 'web -> sample-ecs-app'\n- 'sample-ecs-app only from client-service, lb:main-alb'\n"
	all, err := assert.Read(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	r := report.New(a, nil)
	r.Assertions = assert.Check(a, "ci/100% of, paths: ü.yaml", all)
	now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	entries := baseline.FromReport(r, nil, rule.Error, now)
	entries = append(entries, baseline.Entry{Key: "gone", Reason: "::error::%0A\n##[error]x", Line: 9})
	baseline.Apply(r, "baseline.yaml", entries, now)
	out["held to files"] = r
	return out
}

// JUnit's consumer is a parser that others wrote.
func TestJUnitIsReadByOthers(t *testing.T) {
	t.Parallel()
	for name, r := range held(t) {
		for _, least := range []rule.Severity{rule.Error, rule.Warning, rule.Info, ""} {
			var b bytes.Buffer
			if err := export.JUnit(&b, r, least); err != nil {
				t.Fatal(err)
			}
			suites, err := junit.Ingest(b.Bytes())
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, b.String())
			}
			got := map[junit.Status]int{}
			for _, s := range suites {
				for _, c := range s.Tests {
					got[c.Status]++
					if c.Status != junit.StatusPassed && c.Message == "" {
						t.Errorf("%s: %s of %s says nothing", name, c.Status, c.Name)
					}
				}
				if n := len(s.Tests); s.Totals.Tests != n || strings.Contains(s.Properties["tests"], "-") {
					t.Errorf("%s: suite %s counts %d of %d", name, s.Name, s.Totals.Tests, n)
				}
			}
			failing, unknown := 0, 0
			for i := range r.Findings {
				if r.Findings[i].Fails(least) {
					failing++
				}
			}
			for _, p := range r.Paths {
				if p.Observed() == reach.Unknown {
					unknown++
				}
			}
			for _, o := range r.Assertions {
				if o.Verdict == assert.Broken {
					failing++
				}
			}
			if (got[junit.StatusFailed] > 0) != (failing > 0) || failing == 0 && got[junit.StatusSkipped] < unknown {
				t.Errorf("%s from %q on: %v, with %d that fail and %d unknown", name, least, got, failing, unknown)
			}
		}
	}
}

func TestSARIFFollowsItsSchema(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range held(t) {
		var b bytes.Buffer
		if err := export.SARIF(&b, r, "v1.2.3"); err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, b.String())
		}
	}
	if schema.Validate(map[string]any{"version": "2.1.0", "runs": []any{map[string]any{}}}) == nil {
		t.Error("a run without a tool is taken")
	}
}

func TestSARIFPointsToTheLine(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := export.SARIF(&b, held(t)["held to files"], "v1"); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID    string
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	want := map[int]string{3: "assertion-broken", 4: "assertion-no-match", 5: "assertion-unknown"}
	if len(log.Runs[0].Results) != len(want) {
		t.Fatalf("%d results: %s", len(log.Runs[0].Results), b.String())
	}
	for _, r := range log.Runs[0].Results {
		at := r.Locations[0].PhysicalLocation
		if want[at.Region.StartLine] != r.RuleID || at.ArtifactLocation.URI != "ci/100%25%20of,%20paths:%20%C3%BC.yaml" {
			t.Errorf("%s at %+v", r.RuleID, at)
		}
	}
}

// command is what the runner of GitHub Actions takes for a command, as its source has it
// (actions/runner, ActionCommand.TryParseV2).
var command = regexp.MustCompile(`^::(error|warning|notice) ` +
	`(?:file=([^:,]*),(?:line=(\d+),)?)?title=([^:,\r\n]*)::([^\r\n]*)$`)

func TestAnnotationsAreOneCommandALine(t *testing.T) {
	t.Parallel()
	decode := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	for name, r := range held(t) {
		var b bytes.Buffer
		if err := export.GitHub(&b, r); err != nil {
			t.Fatal(err)
		}
		levels := map[string]int{}
		for line := range strings.Lines(b.String()) {
			m := command.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
			if m == nil {
				t.Fatalf("%s: no command: %q", name, line)
			}
			levels[m[1]]++
			if strings.HasPrefix(m[4], "assertion") && decode.Replace(m[2]) != "ci/100% of, paths: ü.yaml" {
				t.Errorf("%s: %q", name, line)
			}
		}
		errors := 0
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Severity == rule.Error && f.Accepted == nil {
				errors++
			}
		}
		for _, o := range r.Assertions {
			if o.Verdict == assert.Broken || o.Verdict == assert.NoMatch {
				errors++
			}
		}
		if levels["error"] != errors {
			t.Errorf("%s: %d errors, want %d:\n%s", name, levels["error"], errors, b.String())
		}
	}
}

func TestAcceptedFindingsAreShownAsSuch(t *testing.T) {
	t.Parallel()
	r := held(t)["held to files"]
	var b strings.Builder
	if err := export.Markdown(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"## Accepted", "there on 2026-11-29", "entry of line 9, unused: `gone`", "1 accepted", "## Assertions",
		"**broken** `client-service -> sample-ecs-app via agent` (ci/100% of, paths: ü.yaml:3)",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "### NET201") {
		t.Error("an accepted finding is written like the others")
	}
}
