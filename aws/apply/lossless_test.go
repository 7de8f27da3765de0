package apply_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tidwall/gjson"
	"pgregory.net/rapid"

	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
	"hopscope/model/rule"
)

// spaced writes the block in replies of DescribeServices with odd white space, which
// the simulator's own encoder would leave out.
func spaced(spaces string) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return awstest.Transport(func(r *http.Request) (*http.Response, error) {
			reply, err := next.RoundTrip(r)
			if err != nil || callOf(r).action != "DescribeServices" {
				return reply, err
			}
			body, err := io.ReadAll(reply.Body)
			if err != nil {
				return nil, err
			}
			if block := gjson.GetBytes(body, "services.0.deployments.0.serviceConnectConfiguration"); block.IsObject() {
				var out bytes.Buffer
				if err := json.Indent(&out, []byte(block.Raw), spaces, spaces+" "); err != nil {
					return nil, err
				}
				body = append(append(bytes.Clone(body[:block.Index]), out.Bytes()...), body[block.Index+len(block.Raw):]...)
			}
			reply.Body, reply.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			return reply, nil
		})
	}
}

// value is any JSON: numbers that no float holds, escapes, unicode, nesting.
func value(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		kinds := 5
		if depth > 0 {
			kinds = 7
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return rapid.SampledFrom([]string{
				"null", "true", "false", "0", "-0", "1.50", "1e2",
				"123456789012345678901234567890", "0.1234567890123456789012345", "1E400",
			}).Draw(t, "literal")
		case 1, 2:
			return text(rapid.String().Draw(t, "text"))
		case 3:
			return rapid.SampledFrom([]string{`"\ud83d\ude00"`, `"\u2028\u0000<>&"`, `"\/"`, `"\""`, `""`}).Draw(t, "escape")
		case 4:
			return fmt.Sprint(rapid.Int64().Draw(t, "number"))
		case 5:
			return "[" + strings.Join(rapid.SliceOfN(value(depth-1), 0, 3).Draw(t, "list"), ",") + "]"
		}
		return object(t, nil, depth-1)
	})
}

func text(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// object has the given members, and some that no SDK knows, in between.
func object(t *rapid.T, known []string, depth int) string {
	members := append([]string(nil), known...)
	seen := map[string]bool{}
	for range rapid.IntRange(0, 2).Draw(t, "unknown members") {
		key := "future" + rapid.String().Draw(t, "key")
		if seen[key] {
			continue
		}
		seen[key] = true
		at := rapid.IntRange(0, len(members)).Draw(t, "place")
		member := text(key) + ":" + value(depth).Draw(t, "value")
		members = append(members[:at], append([]string{member}, members[at:]...)...)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// anyBlock is the article's block with unknown members at every level.
func anyBlock(t *rapid.T) string {
	const depth = 2
	alias := object(t, []string{`"port":80`, `"dnsName":"app.sample-namespace"`}, depth)
	known := []string{`"portName":"app"`, `"discoveryName":"app"`, `"clientAliases":[` + alias + `]`}
	if rapid.Bool().Draw(t, "timeout") {
		known = append(known, `"timeout":`+object(t, []string{`"idleTimeoutSeconds":30`}, depth))
	}
	service := object(t, known, depth)
	log := object(t, []string{
		`"logDriver":"awslogs"`, `"options":{"awslogs-group":` + text(rapid.String().Draw(t, "option")) + `}`,
		`"secretOptions":[` + object(t, []string{`"name":"x"`, `"valueFrom":"y"`}, depth) + `]`,
	}, depth)
	return object(t, []string{
		`"enabled":true`, `"namespace":"sample-namespace"`, `"services":[` + service + `]`,
		`"logConfiguration":` + log,
		// An unknown union member that is no string makes this version of the SDK
		// refuse the whole reply.
		`"containerConfigurations":[{"logLevel":"debug"},{"futureUnion":` + text(rapid.String().Draw(t, "union")) + `}]`,
		`"accessLogConfiguration":` + object(t, []string{`"format":"JSON"`}, depth),
	}, depth)
}

// decoded is JSON with its numbers as they are written.
func decoded(t *rapid.T, text string) map[string]any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// Whatever is in the block comes back as it was, but for the member that the plan
// changes; and a rollback sends the bytes that AWS gave.
func TestNothingOfABlockIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(bubble{t}, func(rt *rapid.T) {
			block := anyBlock(rt)
			spaces := rapid.StringOfN(rapid.RuneFrom([]rune(" \t\n\r")), 0, 3, -1).Draw(rt, "spaces")
			throttled := rapid.Bool().Draw(rt, "throttled")
			w := awstest.Load(t, "article")
			w.Services[0].ServiceConnect = json.RawMessage(block)
			sim := simulator.New(w, simulator.Options{})
			source := openBehind(t, spaced(spaces)(sim), awsOptions())
			snapshot := read(t, source)
			plans, err := planner.Plans(rule.Analyze(snapshot))
			if err != nil || len(plans) == 0 {
				rt.Fatalf("%v, %v", plans, err)
			}
			store := journal.Store{Dir: t.TempDir()}
			applier := apply.New(source, store, apply.Options{})
			throttle := func() {
				if throttled {
					sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{
						Action: "ecs:UpdateService", With: simulator.Throttled,
						Times: 1,
					}}})
				}
			}
			prepared, err := applier.Prepare(t.Context(), &plans[0])
			if err != nil {
				rt.Fatal(err)
			}
			throttle()
			e, err := applier.Apply(t.Context(), prepared, nil)
			if err != nil || e.State != journal.Applied {
				rt.Fatalf("%s: %s, %v", e.State, e.Message, err)
			}
			throttle()
			if _, err := applier.Rollback(t.Context(), e.ID, nil); err != nil {
				rt.Fatal(err)
			}
			sent := sentBlocks(sim)
			attempts := 2
			if throttled {
				attempts = 4
			}
			if len(sent) != attempts {
				rt.Fatalf("%d updates were sent", len(sent))
			}
			want := decoded(rt, e.Before.Block)
			want["services"].([]any)[0].(map[string]any)["ingressPortOverride"] = json.Number("10080")
			for i, got := range sent {
				if i < attempts/2 {
					if !reflect.DeepEqual(want, decoded(rt, got)) {
						rt.Fatalf("of %s came %s", block, got)
					}
				} else if got != e.Before.Block {
					rt.Fatalf("the rollback sent %q, and the block was %q", got, e.Before.Block)
				}
			}
			if !reflect.DeepEqual(decoded(rt, block), decoded(rt, e.Before.Block)) {
				rt.Fatalf("of %s the journal has %s", block, e.Before.Block)
			}
		})
	})
}

// bubble hides the deadline of a test, which must not be asked for in a bubble.
type bubble struct{ testing.TB }

// sentBlocks are the blocks of all updates that reached the simulator, byte for byte.
func sentBlocks(sim *simulator.Simulator) []string {
	var all []string
	for _, c := range sim.Calls() {
		if c.Operation == "UpdateService" {
			all = append(all, c.Params["serviceConnectConfiguration"])
		}
	}
	return all
}
