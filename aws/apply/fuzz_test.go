package apply_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/internal/thorough"
	"hopscope/model/journal"
)

// FuzzRollback takes entries back that the journal reads although they are damaged:
// each ends with a sentence, and what is left of it can be read again.
func FuzzRollback(f *testing.F) {
	for stage := range uint8(len(stages)) {
		f.Add(uint64(stage)*7919, stage)
	}
	f.Fuzz(func(t *testing.T, seed uint64, stage uint8) {
		synctest.Test(t, func(t *testing.T) { damagedRollback(t, seed, stages[int(stage)%len(stages)]) })
	})
}

// damagedEntries are how many entries are a sample, manyDamaged how many a thorough test
// takes.
const (
	damagedEntries = 36
	manyDamaged    = 2700
)

// A run covers never quite the same twice: goroutines take turns, maps have any order. So
// fuzzing takes nearly every input for a new one, makes it smaller, keeps it, and begins
// with all of them the next time, at several times the cost of a run without counters; on a
// machine that is busy one may exceed the ten seconds that Go gives it. The input is a seed,
// which coverage cannot lead: this tries as many by themselves.
func TestADamagedEntryEndsWithASentence(t *testing.T) {
	runs := damagedEntries
	if thorough.On() {
		runs = manyDamaged
	}
	for n := range runs {
		stage, seed := n%len(stages), uint64(n)*2654435761 //nolint:gosec // n is not below zero
		synctest.Test(t, func(t *testing.T) { damagedRollback(t, seed, stages[stage]) })
		if t.Failed() {
			t.Fatalf("it was seed %d of stage %d", seed, stage)
		}
	}
}

// stages are how far an entry got before it was damaged.
var stages = []func(*workshop) *journal.Entry{
	(*workshop).applied,
	func(s *workshop) *journal.Entry {
		e, err := s.applier.Tidy(s.Context(), s.applied().ID, nil)
		if err != nil {
			s.Fatal(err)
		}
		return e
	},
	func(s *workshop) *journal.Entry { return s.interrupted(1) },
	func(s *workshop) *journal.Entry { return s.interrupted(2) },
	func(s *workshop) *journal.Entry {
		e := s.applied()
		s.update(otherOverride)
		return e
	},
	func(s *workshop) *journal.Entry {
		e, err := s.applier.Rollback(s.Context(), s.applied().ID, nil)
		if err != nil {
			s.Fatal(err)
		}
		return e
	},
}

// interrupted is the entry of an application that ended before the answer of a call.
func (s *workshop) interrupted(call int) *journal.Entry {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	e, err := s.applier.Apply(ctx, s.prepare(), func(e *journal.Entry) {
		if len(e.Calls) == call {
			cancel()
		}
	})
	if err == nil {
		s.Fatal("it was not interrupted")
	}
	return e
}

// mostCalls is more than any rollback of the article needs, with all its looks and
// readings.
const mostCalls = 3000

func damagedRollback(t *testing.T, seed uint64, stage func(*workshop) *journal.Entry) {
	t.Helper()
	s := newWorkshop(t, awstest.Load(t, "article"), nil)
	kept := memory{}
	s.applier = apply.New(s.source, kept, apply.Options{})
	var whole bytes.Buffer
	e := stage(s)
	if err := journal.Encode(&whole, e); err != nil {
		t.Fatal(err)
	}
	text := damaged(t, rand.New(rand.NewPCG(seed, 1)), whole.Bytes(), e.ID)
	if text == nil {
		return
	}
	kept[e.ID] = text
	n := len(s.sim.Calls())
	out, err := s.applier.Rollback(t.Context(), e.ID, nil)
	if out != nil && err == nil && out.State != journal.RolledBack {
		t.Errorf("it ended without a word in state %s: %s", out.State, text)
	}
	if calls := len(s.sim.Calls()) - n; calls > mostCalls {
		t.Errorf("it sent %d calls: %s", calls, text)
	}
	if _, err := kept.Load(e.ID); err != nil {
		t.Errorf("it cannot be read any more: %v: %s", err, text)
	}
}

// damaged is an entry with up to four values changed, so that the journal still reads
// it; nil where that did not happen.
func damaged(t *testing.T, random *rand.Rand, whole []byte, id string) []byte {
	t.Helper()
	for range 20 {
		var tree any
		if err := json.Unmarshal(whole, &tree); err != nil {
			t.Fatal(err)
		}
		for range 1 + random.IntN(4) {
			damage(random, tree)
		}
		text, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		if e, err := journal.Decode(bytes.NewReader(text)); err == nil && e.ID == id && !bytes.Equal(text, whole) {
			return text
		}
	}
	return nil
}

// odd are values that no program of ours writes.
var odd = []any{
	nil, "", "x", strings.Repeat("x", 300), "\x1b[2J", "2036-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "sg-1", "-1",
	"done", "begun", "pending", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ecs:UpdateService",
	"{}", 0, -1, 80, 1 << 40, true, false,
	[]any{},
	map[string]any{},
}

// damage changes one value of a tree, wherever it is.
func damage(random *rand.Rand, tree any) {
	var places []func()
	var values []any
	var walk func(any)
	walk = func(v any) {
		other := func() any {
			if len(values) > 0 && random.IntN(3) == 0 {
				return values[random.IntN(len(values))]
			}
			return odd[random.IntN(len(odd))]
		}
		switch v := v.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				places = append(places, func() { v[key] = other() }, func() { delete(v, key) })
				walk(v[key])
			}
		case []any:
			for i := range v {
				places = append(places, func() { v[i] = other() }, func() { v[i] = nil })
				walk(v[i])
			}
		default:
			values = append(values, v)
		}
	}
	walk(tree)
	places[random.IntN(len(places))]()
}
