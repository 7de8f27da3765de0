package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws/awstest"
	"hopscope/aws/metrics"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/observe"
	"hopscope/model/reach"
)

// proven is what counts say about the ways of a world whose services are older than the
// bubble, by place.
func proven(t *testing.T, w *simulator.World, clusters ...string) map[string]observe.Proof {
	t.Helper()
	awstest.Environment(t, awstest.FakeKeys())
	sim := simulator.New(w, simulator.Options{})
	account, a := analyzed(t, sim, clusters...)
	s := a.Snapshot
	from, to := observe.Window(account.Now())
	before := awstest.Count(sim, model.GetMetricData)
	wanted := observe.Series(observe.Ways(s, a.Index, a.Paths))
	m, err := metrics.New(account.NewSession(), account.Now).
		Read(t.Context(), wanted, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if n := awstest.Count(sim, model.GetMetricData) - before; len(wanted) > 0 && n != (len(wanted)+499)/500 {
		t.Errorf("%d calls for %d metrics", n, len(wanted))
	}
	measured := *s
	measured.Metrics = m
	out := map[string]observe.Proof{}
	proofs := observe.Proofs(&measured, a.Index, a.Paths)
	for _, p := range a.Paths {
		if proof, ok := proofs[p.ID]; ok {
			out[p.Place.String()] = proof
		} else if p.Source.Kind == reach.SourceLoadBalancer && p.Via != reach.ViaUnknown {
			t.Errorf("%s has no proof", p.ID)
		}
	}
	return out
}

// older makes the services of a world older than the bubble.
func older(w *simulator.World) *simulator.World {
	for i := range w.Services {
		w.Services[i].CreatedAt = "1999-12-01T00:00:00Z"
	}
	return w
}

// Wherever there is traffic enough and a counter, the counts confirm the derived way;
// nowhere do they contradict it.
func TestCountsConfirmTheWaysOfWorlds(t *testing.T) {
	for name, least := range map[string]int{"article": 1, "shop": 3, "fleet:60": 20} {
		synctest.Test(t, func(t *testing.T) {
			proofs := proven(t, older(awstest.Load(t, name)))
			n := map[observe.Answer]int{}
			for _, place := range slices.Sorted(maps.Keys(proofs)) {
				p := proofs[place]
				n[p.Answer]++
				t.Logf("%s: %s", place, p.Sentence())
				if p.Answer == observe.Contradicted {
					t.Errorf("%s: %s", place, p.Sentence())
				}
			}
			if n[observe.Confirmed] < least {
				t.Errorf("%s: %v", name, n)
			}
		})
	}
}

func theOnly(t *testing.T, proofs map[string]observe.Proof) observe.Proof {
	t.Helper()
	if len(proofs) != 1 {
		t.Fatalf("%d proofs", len(proofs))
	}
	for _, p := range proofs {
		return p
	}
	panic("unreachable")
}

// With --cluster the callers are counted one by one, as other clusters may have an endpoint of
// this name; the members of the namespace are known in all of them.
func TestCountsOfOneClusterConfirmTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := older(awstest.Load(t, "article"))
		w.Clusters = append(w.Clusters, simulator.Cluster{Name: "other"})
		p := theOnly(t, proven(t, w, "sample-cluster"))
		if p.Answer != observe.Confirmed || p.Callers != 20*60*10 {
			t.Errorf("%s", p.Sentence())
		}
		w.Faults.Fail = []simulator.Failure{
			{Action: string(model.ListServicesByNamespace), With: simulator.AccessDenied},
		}
		if p := theOnly(t, proven(t, w, "sample-cluster")); p.Answer != observe.NotMeasurable ||
			!strings.Contains(p.Sentence(), "without --cluster") {
			t.Errorf("%s", p.Sentence())
		}
	})
}

// A world that misleads gets an honest answer.
func TestCountsSayNoMoreThanTheyShow(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*simulator.World)
		answer observe.Answer
		why    string
	}{
		"as it is": {func(*simulator.World) {}, observe.Confirmed, "S = A + C + H"},
		"direct": {func(w *simulator.World) {
			w.Services[0].ServiceConnect = bytes.Replace(w.Services[0].ServiceConnect,
				[]byte(`"portName"`), []byte(`"ingressPortOverride": 15000, "portName"`), 1)
		}, observe.Confirmed, "S = C"},
		"callers of another account that no fact tells of": {func(w *simulator.World) {
			w.Traffic = append(w.Traffic, simulator.Traffic{
				Account: "999988887777", From: "x", To: "app", RequestsPerSecond: 50,
			})
		}, observe.NotMeasurable, "callers of another account"},
		"too little traffic": {func(w *simulator.World) {
			w.Traffic[0].RequestsPerSecond = 0.1
		}, observe.TooFew, "fewer than 100 requests"},
		"health checks drown it": {func(w *simulator.World) {
			w.Traffic[0].RequestsPerSecond = 0.4
			w.TargetGroups[0].HealthCheck.IntervalSeconds = 5
		}, observe.TooFew, "not 10 times the health checks"},
		"callers drown it": {func(w *simulator.World) {
			w.Traffic[1].RequestsPerSecond = 2000
		}, observe.TooFew, "hide the load balancer's requests"},
		"TCP": {func(w *simulator.World) {
			w.TaskDefinitions[0].Containers[0].PortMappings[0].AppProtocol = ""
		}, observe.NotMeasurable, "no appProtocol"},
		"gRPC": {func(w *simulator.World) {
			w.TaskDefinitions[0].Containers[0].PortMappings[0].AppProtocol = "grpc"
		}, observe.NotMeasurable, "appProtocol grpc"},
		"metrics of an older deployment": {func(w *simulator.World) {
			w.Services[0].CreatedAt = "1999-12-31T23:57:30Z"
		}, observe.TooFew, "older counts are another one's"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := older(awstest.Load(t, "article"))
				c.change(w)
				if p := theOnly(t, proven(t, w)); p.Answer != c.answer || !strings.Contains(p.Sentence(), c.why) {
					t.Errorf("%s", p.Sentence())
				}
			})
		})
	}
}

// --measure asks once, says what that costs, and is kept in a snapshot. Without it, or
// where it is refused, the report is the same.
func TestMeasuringIsAskedForPricedAndKept(t *testing.T) {
	plain := runFast(t, nil, "check", "--demo", "article")
	asked := runFast(t, nil, "check", "--demo", "article", "--measure")
	text := strings.Join(strings.Fields(asked.stdout), " ")
	if asked.status != plain.status ||
		!strings.Contains(text, "measured: the way is confirmed by counts of 10 min from") ||
		!strings.Contains(text, "Price: 20 requests a second of the load balancer cross the agents; the load balancer's "+
			"are 50 % of what these take in; each takes about 1 ms longer (an estimate") ||
		!strings.Contains(text, strings.ReplaceAll(observe.AgentQuery, "\n", " ")) ||
		!strings.Contains(asked.stderr, "CloudWatch was asked for 6 metrics, about $0.00006\n") {
		t.Errorf("%d: %s%s", asked.status, asked.stdout, asked.stderr)
	}
	if strings.Contains(plain.stdout+plain.stderr, "measured") || strings.Contains(plain.stderr, "CloudWatch") {
		t.Errorf("measured without being asked: %s%s", plain.stdout, plain.stderr)
	}
	file := filepath.Join(t.TempDir(), "measured.json")
	if saved := runFast(t, nil, "snapshot", "--demo", "article", "--measure", "-o", file); saved.status != 0 {
		t.Fatal(saved.stderr)
	}
	kept := runFast(t, nil, "check", "--snapshot", file, "--format", "json")
	if strings.Count(kept.stdout, `"proof": {"answer": "confirmed","formula": "via agent: S = A + C + H"`) != 1 {
		t.Errorf("the snapshot proves nothing: %s", kept.stdout)
	}
	if again := runFast(t, nil, "check", "--snapshot", file, "--measure"); again.status != 2 ||
		!strings.Contains(again.stderr, "a file has none") {
		t.Errorf("%d: %s", again.status, again.stderr)
	}

	w := awstest.Load(t, "article")
	w.Faults.Fail = []simulator.Failure{{Action: string(model.GetMetricData), With: simulator.AccessDenied}}
	content, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	world := filepath.Join(t.TempDir(), "denied.json")
	if err := os.WriteFile(world, content, 0o600); err != nil {
		t.Fatal(err)
	}
	without := runFast(t, nil, "check", "--demo", world)
	denied := runFast(t, nil, "check", "--demo", world, "--measure")
	if denied.status != plain.status || denied.stdout != without.stdout ||
		!strings.Contains(denied.stderr, "not measured: cloudwatch:GetMetricData") {
		t.Errorf("%d: %s%s", denied.status, denied.stdout, denied.stderr)
	}
}
