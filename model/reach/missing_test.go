package reach

import (
	"cmp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
)

// What is missing is in the order of the sentences about it, made or not.
func TestMissingFactsAreInTheOrderOfTheirSentences(t *testing.T) {
	t.Parallel()
	facts := rapid.Custom(func(t *rapid.T) model.Missing {
		return model.Missing{
			What:   rapid.SampledFrom([]string{"", "a", "a:", "a: b", "a b", "ab", "b", "web:1"}).Draw(t, "what"),
			Action: rapid.SampledFrom([]model.Action{model.DescribeServices, model.DescribeSubnets}).Draw(t, "action"),
			State:  rapid.SampledFrom([]model.GapState{model.Loading, model.Denied, model.Failed}).Draw(t, "state"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := facts.Draw(t, "a"), facts.Draw(t, "b")
		if got, want := compareSaid(a, b), strings.Compare(a.String(), b.String()); cmp.Compare(got, 0) != want {
			t.Errorf("%q, %q: %d, want %d", a, b, got, want)
		}
	})
}
