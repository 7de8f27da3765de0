package apply_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/model/journal"
)

// A deployment that comes between the last look of a rollback and its update is replaced
// unseen: it is named, its block kept, and not taken for how it was.
func TestADeploymentThatARollbackReplacedUnseenIsNamed(t *testing.T) {
	for name, lost := range map[string]bool{"answered": false, "answer lost": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				e := s.applied()
				overtaken := s.behind(func(next http.RoundTripper) http.RoundTripper {
					if lost {
						next = lose("UpdateService")(next)
					}
					return between("UpdateService", func() {
						s.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app",`+
							`"serviceConnectConfiguration":`+otherOverride+`}`)
					})(next)
				})
				for range 2 { // the second rollback sends nothing, and knows it still
					undone, err := overtaken.Rollback(t.Context(), e.ID, nil)
					if err != nil || undone.State != journal.RolledBack || undone.Overwritten == nil ||
						undone.Overwritten.Block != otherOverride ||
						!strings.HasPrefix(undone.Message, notAsBefore+"another program or user deployed "+
							"sample-cluster/sample-ecs-app ("+undone.Overwritten.Deployment+
							") right before the update of the rollback, which replaced its Service Connect block") {
						t.Fatalf("%s: %q, %v, %+v", undone.State, undone.Message, err, undone.Overwritten)
					}
				}
				s.same(before, s.state())
				s.update(before.Block) // by those whose deployment it was
				undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
				if err != nil || undone.Message != "" {
					t.Errorf("%q, %v", undone.Message, err)
				}
			})
		})
	}
}
