package cli

import (
	"strings"
	"testing"

	"hopscope/model/fix"
)

// What --tidy does is among what somebody confirms; without it, it is not.
func TestWhatIsConfirmedIsWhatIsDone(t *testing.T) {
	t.Parallel()
	p := &fix.Plan{Steps: []fix.Step{{Title: "open"}, {Title: "close", Later: true}}}
	if got := strings.Join(aboutPlan(p, true)[1:], "\n"); got != "  1. open\n  2. once that is verified: close" {
		t.Errorf("with --tidy:\n%s", got)
	}
	if got := strings.Join(aboutPlan(p, false)[1:], "\n"); got != "  1. open" {
		t.Errorf("without:\n%s", got)
	}
}
