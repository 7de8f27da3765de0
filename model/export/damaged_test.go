package export_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hopscope/internal/thorough"
	"hopscope/model"
	"hopscope/model/diff"
	"hopscope/model/export"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/fix/planner"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/model/rule"
	"hopscope/model/selector"
	"hopscope/model/who"
)

// whole are the snapshots that are damaged: every way into a task, a fleet, and one that
// was measured.
func whole() []modeltest.Named {
	all := append(modeltest.Ways(), modeltest.Named{Name: "a fleet", Snapshot: modeltest.Fleet(1, 6)},
		modeltest.Named{Name: "all ways at once", Snapshot: modeltest.ManyWays()})
	for _, override := range []int{0, 10080} {
		s := modeltest.Article(override, 80)
		modeltest.Measured(100, 104, time.Hour)(s)
		all = append(all, modeltest.Named{Name: fmt.Sprintf("measured, override %d", override), Snapshot: s})
	}
	return all
}

// A snapshot may hold whatever its reader takes: AWS's answers of a bad moment, or a file
// that was edited. Whatever it lacks, no analysis, plan, text, export or comparison panics.
func TestWhateverASnapshotLacksNothingPanics(t *testing.T) {
	for _, named := range whole() {
		var file bytes.Buffer
		if err := model.Encode(&file, named.Snapshot, "test"); err != nil {
			t.Fatal(err)
		}
		t.Run(named.Name, func(t *testing.T) {
			t.Parallel()
			before := rule.Analyze(named.Snapshot)
			rapid.Check(t, func(t *rapid.T) {
				var tree any
				if err := json.Unmarshal(file.Bytes(), &tree); err != nil {
					t.Fatal(err)
				}
				for range rapid.IntRange(1, 4).Draw(t, "damages") {
					damage(t, tree)
				}
				damaged, err := json.Marshal(tree)
				if err != nil {
					t.Fatal(err)
				}
				s, err := model.Decode(bytes.NewReader(damaged))
				if err != nil {
					return // the reader does not take it
				}
				useEverything(t, before, s)
			})
		})
	}
}

// Nor does it where one member is the same, or missing, wherever it stands: no deployment
// is the primary one, say, or nothing has an ARN.
func TestWhateverIsMissingEverywhereNothingPanics(t *testing.T) {
	turn := 0
	for _, named := range whole() {
		var file bytes.Buffer
		if err := model.Encode(&file, named.Snapshot, "test"); err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := json.Unmarshal(file.Bytes(), &tree); err != nil {
			t.Fatal(err)
		}
		before := rule.Analyze(named.Snapshot)
		for _, name := range slices.Sorted(maps.Keys(members(tree, map[string]bool{}))) {
			for _, value := range []any{nil, "", "ACTIVE", 0.0, -1.0, 65536.0, true, []any{}, map[string]any{}} {
				if turn++; turn%thorough.Step(97) != 0 {
					continue
				}
				damaged, err := json.Marshal(everywhere(tree, name, value))
				if err != nil {
					t.Fatal(err)
				}
				s, err := model.Decode(bytes.NewReader(damaged))
				if err != nil {
					continue
				}
				t.Run(fmt.Sprintf("%s, %s is %v", named.Name, name, value), func(t *testing.T) {
					useEverything(t, before, s)
				})
			}
		}
	}
}

// members are the names of all members of a tree.
func members(tree any, names map[string]bool) map[string]bool {
	switch at := tree.(type) {
	case map[string]any:
		for name, v := range at {
			names[name] = true
			members(v, names)
		}
	case []any:
		for _, v := range at {
			members(v, names)
		}
	}
	return names
}

// everywhere is a tree in which each member of a name has a value; none has it for nil.
func everywhere(tree any, name string, value any) any {
	switch at := tree.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, v := range at {
			if key != name {
				out[key] = everywhere(v, name, value)
			} else if value != nil {
				out[key] = value
			}
		}
		return out
	case []any:
		out := make([]any, len(at))
		for i, v := range at {
			out[i] = everywhere(v, name, value)
		}
		return out
	}
	return tree
}

// damage walks to a place of a tree and takes something away there, empties it, or has
// every text of one kind say something else.
func damage(t *rapid.T, tree any) {
	for {
		switch at := tree.(type) {
		case map[string]any:
			if len(at) == 0 {
				return
			}
			key := rapid.SampledFrom(slices.Sorted(maps.Keys(at))).Draw(t, "member")
			if leaf(at[key]) || rapid.IntRange(0, 5).Draw(t, "deeper") == 0 {
				if at[key] = other(t, at[key]); at[key] == nil {
					delete(at, key)
				}
				return
			}
			tree = at[key]
		case []any:
			if len(at) == 0 {
				return
			}
			i := rapid.IntRange(0, len(at)-1).Draw(t, "element")
			if leaf(at[i]) {
				at[i] = cmpOr(other(t, at[i]), at[i])
				return
			}
			tree = at[i]
		default:
			return
		}
	}
}

func leaf(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

func cmpOr(v, otherwise any) any {
	if v == nil {
		return otherwise
	}
	return v
}

// other is what a damaged value becomes, nil for nothing.
func other(t *rapid.T, v any) any {
	switch was := v.(type) {
	case string:
		return rapid.SampledFrom([]any{nil, "", "ACTIVE", "x", was + was, "arn:", "-1"}).Draw(t, "text")
	case float64:
		return rapid.SampledFrom([]any{nil, 0.0, -1.0, was + 1, 65536.0, 1e9}).Draw(t, "number")
	case bool:
		return !was
	case []any:
		if len(was) > 0 && rapid.Bool().Draw(t, "keep some") {
			return was[1:]
		}
		return rapid.SampledFrom([]any{nil, []any{}, append(slices.Clone(was), was...)}).Draw(t, "list")
	case map[string]any:
		return rapid.SampledFrom([]any{nil, map[string]any{}}).Draw(t, "object")
	}
	return nil
}

// useEverything asks a snapshot all that hopscope can say of one.
func useEverything(t rapid.TB, before *rule.Analysis, s *model.Snapshot) {
	a := rule.Analyze(s)
	plans, err := planner.Plans(a)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]*fix.Plan, len(plans))
	for i := range plans {
		all[i] = &plans[i]
	}
	for _, name := range dialect.Names() {
		_, _ = dialect.Document(all, a, dialect.Dialect(name), true) // what cannot be said in a dialect is an error
	}
	d := &export.Document{
		Report: report.New(a, plans), Index: a.Index, Draw: func(p *reach.Path, _ int) string { return export.Line(p) },
	}
	for _, format := range export.Formats() {
		_ = format.Write(io.Discard, d) // there may be nothing that the format is for
	}
	diff.Between(before, a)
	diff.Between(a, before)
	for i := range s.Services {
		target, err := selector.Parse(s.Services[i].Ref().String())
		if err != nil {
			continue
		}
		if _, err := who.List(a, target); err == nil {
			anyCaller, _ := selector.Parse("any")
			_, _ = who.Ask(a, anyCaller, target)
		}
	}
}
