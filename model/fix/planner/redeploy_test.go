package planner_test

import (
	"strings"
	"testing"

	"hopscope/model/fix"
	. "hopscope/model/modeltest"
)

// The caller may be a database that never calls: that its tasks are replaced is said
// before anything else, unless a rule names it as a caller.
func TestAnInfoIsNotRepairedByARestartWithoutSayingSoFirst(t *testing.T) {
	for from, said := range map[string]bool{"10.0.0.0/8": true, "sg-client": false} {
		s := New().Group("sg-client").Group("sg-web", In("all", from)).
			Service("web", Port("http", 80, "http"), Offer("http", 0, 80)).Service("client", Client()).
			Edit(olderClient).Snapshot()
		found := false
		for _, p := range plansOf(t, s) {
			if p.Kind != fix.Redeploy {
				continue
			}
			found = true
			if got := strings.HasPrefix(p.Checks[0].Title, "Every task of client is replaced"); got != said {
				t.Errorf("admitted from %s: the checks are %+v", from, p.Checks)
			}
		}
		if !found {
			t.Errorf("admitted from %s: there is no plan for the caller", from)
		}
	}
}
