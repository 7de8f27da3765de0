package collect

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hopscope/model"
)

func TestRulesAreOrderedByNumberWithTheDefaultLast(t *testing.T) {
	var p table[model.ListenerRule]
	p.key, p.compare = func(r *model.ListenerRule) string { return r.ARN }, compareRules
	for _, r := range []model.ListenerRule{
		{ARN: "d", ListenerARN: "l", Priority: "default", Default: true},
		{ARN: "a", ListenerARN: "l", Priority: "100"},
		{ARN: "b", ListenerARN: "l", Priority: "20"},
		{ARN: "c", ListenerARN: "l", Priority: "3"},
	} {
		p.put(r)
	}
	var order []string
	for _, r := range p.slice() {
		order = append(order, r.Priority)
	}
	if diff := cmp.Diff([]string{"3", "20", "100", "default"}, order); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whatever is new between two snapshots, and wherever it belongs.
func TestATableIsSortedAfterEverySnapshot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := table[model.VPC]{key: func(v *model.VPC) string { return v.ID }}
		known := make(set)
		for _, batch := range rapid.SliceOf(rapid.SliceOf(rapid.StringMatching("[a-f]{1,2}"))).Draw(t, "batches") {
			for _, id := range batch {
				p.put(model.VPC{ID: id})
				known[id] = true
			}
			var ids []string
			for _, row := range p.slice() {
				ids = append(ids, row.ID)
			}
			if want := slices.Sorted(maps.Keys(known)); !slices.Equal(ids, want) {
				t.Fatalf("%v, want %v", ids, want)
			}
		}
	})
}

func TestATableSharesItsSliceUntilSomethingChanges(t *testing.T) {
	p := table[model.VPC]{key: func(v *model.VPC) string { return v.ID[:1] }}
	p.put(model.VPC{ID: "a"})
	first := p.slice()
	if second := p.slice(); &first[0] != &second[0] {
		t.Error("an unchanged table was copied")
	}
	p.put(model.VPC{ID: "aa"})
	if p.slice()[0].ID != "aa" || first[0].ID != "a" {
		t.Errorf("now %v, before %v", p.slice(), first)
	}
}
