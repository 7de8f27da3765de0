package rule_test

import (
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

// distinctKeys fails where two findings have one key: a baseline, a plan or a
// verification would take one for the other.
func distinctKeys(t interface {
	Helper()
	Errorf(string, ...any)
}, s *model.Snapshot,
) {
	t.Helper()
	seen := map[string]string{}
	a := rule.Analyze(s)
	for _, f := range a.Findings {
		if title, taken := seen[f.Key()]; taken {
			t.Errorf("%q is the key of two findings:\n%s\n%s", f.Key(), title, f.Title())
		}
		seen[f.Key()] = f.Title()
	}
}

func TestEveryFindingHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, row := range decisionTable() {
		if row.edit != nil {
			row.build.Edit(row.edit)
		}
		distinctKeys(t, row.build.Snapshot())
	}
	distinctKeys(t, modeltest.Fleet(1, 100))
}

func TestFindingsOfAnyAccountHaveKeysOfTheirOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { distinctKeys(t, modeltest.Draw(t)) })
}
