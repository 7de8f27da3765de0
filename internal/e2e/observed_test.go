package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hopscope/aws"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// observations are the actions that tell what was observed, and who else calls.
var observations = []model.Action{
	model.DescribeTargetHealth, model.DescribeNetworkInterfaces, model.ListTasks, model.GetMetricData,
}

// observedWorlds are worlds of the repository, and the hard ones beside it where they are
// there.
func observedWorlds(t *testing.T) map[string]*simulator.World {
	t.Helper()
	worlds := map[string]*simulator.World{}
	for _, name := range []string{"article", "shop", "fleet:60"} {
		w, err := simulator.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		worlds[name] = w
	}
	for _, c := range smallWorlds {
		worlds[strings.Join(append([]string{c.world}, c.edits...), " ")] = smallWorld(t, c.world, c.edits...)
	}
	files, err := filepath.Glob(filepath.Join(root, "..", "shared", "worlds", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var inside struct {
			World json.RawMessage `json:"world"`
		}
		if json.Unmarshal(text, &inside) == nil && inside.World != nil {
			text = inside.World
		}
		w, err := simulator.ParseWorld(text)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		worlds[filepath.Base(file)] = w
	}
	return worlds
}

// analysisWithout is a whole report of a world for one who may not send an action.
func analysisWithout(t *testing.T, world simulator.World, action model.Action) *rule.Analysis {
	t.Helper()
	if action != "" {
		world.Faults.Fail = append(slices.Clone(world.Faults.Fail),
			simulator.Failure{Action: string(action), With: simulator.AccessDenied})
	}
	_, a := analyzed(t, simulator.New(&world, simulator.Options{}))
	return a
}

// analyzed reads the whole account of a simulator, or clusters of it, and judges it.
func analyzed(t *testing.T, sim *simulator.Simulator, clusters ...string) (*aws.Account, *rule.Analysis) {
	t.Helper()
	account, err := aws.Open(t.Context(), aws.Options{Transport: sim, Region: sim.Region(), Unpaced: true})
	if err != nil {
		t.Fatal(err)
	}
	source, err := collect.New(account, collect.Options{Everything: true, Clusters: clusters})
	if err != nil {
		t.Fatal(err)
	}
	s, err := source.Collect(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return account, rule.Analyze(s)
}

// judged is the worst verdict on the paths that a call may take, and what was found there.
type judged struct {
	verdict  reach.Verdict
	findings []string
}

func judgedCalls(a *rule.Analysis) map[call]judged {
	all := map[call]judged{}
	for _, p := range a.Paths {
		for _, c := range calls(p) {
			j := all[c]
			all[c] = judged{j.verdict.Worse(p.Observed()), append(j.findings, p.Findings...)}
		}
	}
	return all
}

// One who may not see health, interfaces or tasks gets the verdicts that others get, or
// unknown; or a rule that made one worse says that it was not checked.
func TestWithoutObservationsNoVerdictIsFiner(t *testing.T) {
	for name, world := range observedWorlds(t) {
		t.Run(name, func(t *testing.T) {
			before := judgedCalls(analysisWithout(t, *world, ""))
			if len(before) == 0 {
				t.Fatal("there are no paths")
			}
			for _, action := range observations {
				less := analysisWithout(t, *world, action)
				skipped := map[string]bool{}
				for _, n := range less.NotChecked() {
					skipped[n.Code] = true
				}
				for c, now := range judgedCalls(less) {
					was, known := before[c]
					unchecked := slices.ContainsFunc(was.findings, func(code string) bool {
						return skipped[code] && !slices.Contains(now.findings, code)
					})
					if !known || now.verdict.Rank() < was.verdict.Rank() && now.verdict != reach.Unknown && !unchecked {
						t.Errorf("without %s: %v from %v is %s, and was %s", action, c.place, c.caller, now.verdict, was.verdict)
					}
				}
			}
		})
	}
}
