package report

import (
	"fmt"
	"slices"
	"testing"

	"hopscope/model/fix"
)

func TestAFixOfManyRulesNamesTheFirst(t *testing.T) {
	t.Parallel()
	steps := func(rules, later int) []fix.Step {
		var out []fix.Step
		for i := range rules {
			out = append(out, fix.Step{Kind: fix.AuthorizeIngress, Title: fmt.Sprint("admit ", i)})
		}
		out = append(out, fix.Step{Kind: fix.UpdateService, Title: "move"})
		for i := range later {
			out = append(out, fix.Step{Kind: fix.RevokeIngress, Title: fmt.Sprint("close ", i), Later: true})
		}
		return out
	}
	tests := map[string]struct {
		steps []fix.Step
		want  []string
	}{
		"none": {nil, []string{}},
		"few":  {steps(1, 1), []string{"admit 0", "move", "Later: close 0"}},
		"one more than are shown": {
			steps(6, 0), []string{"admit 0", "admit 1", "admit 2", "admit 3", "admit 4", "admit 5", "move"},
		},
		"many": {steps(7, 900), []string{
			"admit 0", "admit 1", "admit 2", "admit 3", "admit 4", "2 more rules of this kind, which hopscope fix lists", "move",
			"Later: close 0", "Later: close 1", "Later: close 2", "Later: close 3", "Later: close 4",
			"Later: 895 more rules of this kind, which hopscope fix lists",
		}},
	}
	for name, tt := range tests {
		if got := newSteps(tt.steps); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
