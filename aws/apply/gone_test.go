package apply_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws/awstest"
	"hopscope/model/journal"
)

// sayingGone makes some answers of DescribeServices say that the service is gone: those
// that are counted from the first one on for which said is true.
func sayingGone(t *testing.T, said func(look int) bool) func(http.RoundTripper) http.RoundTripper {
	t.Helper()
	looks := 0
	return func(next http.RoundTripper) http.RoundTripper {
		return awstest.Transport(func(r *http.Request) (*http.Response, error) {
			reply, err := next.RoundTrip(r)
			if err == nil && callOf(r).action == "DescribeServices" {
				looks++
				if said(looks) {
					reply.Body = io.NopCloser(strings.NewReader(withoutService(t, reply.Body, "sample-ecs-app")))
					reply.ContentLength = -1
				}
			}
			return reply, err
		})
	}
}

// One answer that the service is gone takes no rule from it.
func TestOneAnswerThatAServiceIsGoneIsNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e := s.applied()
		once := s.behind(sayingGone(t, func(look int) bool { return look == 1 }))
		undone, err := once.Rollback(t.Context(), e.ID, nil)
		if err != nil || undone.State != journal.RolledBack || undone.Message != "" {
			t.Errorf("%s: %s, %v", undone.State, undone.Message, err)
		}
		s.same(before, s.state())
	})
}

// However long it was said to be gone: the entry is taken back once the service is there,
// and the rule stays while it is.
func TestAServiceThatComesBackIsTakenBack(t *testing.T) {
	for until := 1; until < 12; until++ {
		synctest.Test(t, func(t *testing.T) {
			s := article(t)
			before := s.state()
			e := s.applied()
			n := len(s.changes())
			some := s.behind(sayingGone(t, func(look int) bool { return look <= until }))
			undone, err := some.Rollback(t.Context(), e.ID, nil)
			switch {
			case err == nil && undone.Message == "":
				s.same(before, s.state())
			case undone.State != journal.Failed && !strings.Contains(undone.Message, "the service is gone"):
				t.Errorf("after %d answers: %s: %s, %v", until, undone.State, undone.Message, err)
			}
			if sent := s.changes()[n:]; len(sent) > 0 && !strings.Contains(sent[0], "UpdateService") && until < 4 {
				t.Errorf("after %d answers, the first call was %s", until, sent[0])
			}
			if undone, err = s.applier.Rollback(t.Context(), e.ID, nil); err != nil { // it finds the service there
				undone, err = s.applier.Rollback(t.Context(), e.ID, nil)
			}
			if err != nil || undone.State != journal.RolledBack || undone.Message != "" {
				t.Errorf("after %d answers: %s: %s, %v", until, undone.State, undone.Message, err)
			}
			s.same(before, s.state())
		})
	}
}

// Tasks of a service that is being deleted need the rules as long as they run.
func TestAServiceThatIsBeingDeletedKeepsItsRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		e := s.applied()
		n := len(s.changes())
		draining := s.behind(func(next http.RoundTripper) http.RoundTripper {
			return answering(next, func(body string) string {
				return strings.ReplaceAll(body, `"status":"ACTIVE"`, `"status":"DRAINING"`)
			})
		})
		undone, err := draining.Rollback(t.Context(), e.ID, nil)
		says(t, err, "sample-cluster/sample-ecs-app is being deleted, and tasks of it still run, which need the rules")
		if undone.State == journal.RolledBack {
			t.Errorf("%+v", undone)
		}
		s.untouched(n)
	})
}
