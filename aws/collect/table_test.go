package collect

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"hopscope/model"
)

func TestRulesAreOrderedByNumberWithTheDefaultLast(t *testing.T) {
	var p table[model.ListenerRule]
	p.compare = compareRules
	for _, r := range []model.ListenerRule{
		{ARN: "d", ListenerARN: "l", Priority: "default", Default: true},
		{ARN: "a", ListenerARN: "l", Priority: "100"},
		{ARN: "b", ListenerARN: "l", Priority: "20"},
		{ARN: "c", ListenerARN: "l", Priority: "3"},
	} {
		p.put(r.ARN, r)
	}
	var order []string
	for _, r := range p.slice() {
		order = append(order, r.Priority)
	}
	if diff := cmp.Diff([]string{"3", "20", "100", "default"}, order); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATableSharesItsSliceUntilSomethingChanges(t *testing.T) {
	p := table[model.VPC]{compare: func(a, b *model.VPC) int { return len(a.ID) - len(b.ID) }}
	p.put("a", model.VPC{ID: "a"})
	first := p.slice()
	if second := p.slice(); &first[0] != &second[0] {
		t.Error("an unchanged table was copied")
	}
	p.put("a", model.VPC{ID: "aa"})
	if p.slice()[0].ID != "aa" || first[0].ID != "a" {
		t.Errorf("now %v, before %v", p.slice(), first)
	}
}
