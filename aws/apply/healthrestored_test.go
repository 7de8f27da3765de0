package apply_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/awstest"
	"hopscope/model/journal"
)

// sick makes healthy targets read as they are in another state, until a time after now.
func sick(as string, d time.Duration) func(http.RoundTripper) http.RoundTripper {
	until := time.Now().Add(d)
	return func(next http.RoundTripper) http.RoundTripper {
		return answeringTo("DescribeTargetHealth", next, func(body string) string {
			if time.Now().After(until) {
				return body
			}
			return strings.ReplaceAll(body, "<State>healthy</State>", "<State>"+as+"</State>")
		})
	}
}

// Targets that were healthy, and are not, are no state as it was before; those that become it
// in time are.
func TestTheHealthOfTargetsIsComparedToo(t *testing.T) {
	for name, test := range map[string]struct {
		as   string
		d    time.Duration
		want string
	}{
		"unhealthy": {
			"unhealthy", 24 * time.Hour,
			"the path of main-alb to port 80 is now with 1 of 1 targets unhealthy (all were healthy)",
		},
		"never registered": {
			"initial", 24 * time.Hour,
			"the path of main-alb to port 80 is now without a healthy target (all were healthy)",
		},
		"registered":      {"initial", 3 * time.Minute, ""},
		"drained":         {"draining", 3 * time.Minute, ""},
		"healthy in time": {"unhealthy", 3 * time.Minute, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				e := s.applied()
				ill := s.behind(sick(test.as, test.d))
				undone, err := ill.Rollback(t.Context(), e.ID, nil)
				if err != nil || undone.State != journal.RolledBack || !strings.Contains(undone.Message, test.want) ||
					(test.want == "") != (undone.Message == "") {
					t.Errorf("%s: %q, %v", undone.State, undone.Message, err)
				}
				s.takeBack(e.ID, before)
			})
		})
	}
}

// Targets that were sick before are not waited for: neither an apply nor its rollback makes
// them healthy.
func TestTargetsThatWereSickBeforeAreNotWaitedFor(t *testing.T) {
	took := func(t *testing.T, wrap func(http.RoundTripper) http.RoundTripper) (d time.Duration) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			s := newWorkshop(t, awstest.Load(t, "article"), wrap)
			before := s.state()
			// The plan was made when targets were healthy, so that this may have failed.
			e, _ := s.applier.Apply(t.Context(), s.prepare(), nil)
			began := time.Now()
			undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
			d = time.Since(began)
			if err != nil || undone.State != journal.RolledBack || undone.Message != "" {
				t.Errorf("%s: %q, %v", undone.State, undone.Message, err)
			}
			s.same(before, s.state())
		})
		return d
	}
	healthy := took(t, nil)
	for _, state := range []string{"unhealthy", "initial", "draining"} {
		ill := took(t, func(next http.RoundTripper) http.RoundTripper { return sick(state, 24*time.Hour)(next) })
		if ill > healthy+time.Minute {
			t.Errorf("%s: it took %s, and %s with healthy targets", state, ill, healthy)
		}
	}
}

// Without tasks nothing shows whether requests arrive.
func TestARollbackOfAServiceWithoutTasksVerifiedNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e := s.applied()
		s.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app","desiredCount":0}`)
		time.Sleep(time.Minute) // of the bubble's
		undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
		if err != nil || undone.Message != notAsBefore+"no task runs (the desired count is 0), so that nothing was verified" {
			t.Errorf("%s: %q, %v", undone.State, undone.Message, err)
		}
		s.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app","desiredCount":1}`)
		time.Sleep(time.Minute) // of the bubble's
		s.takeBack(e.ID, before)
	})
}

const notAsBefore = "not as it was before: "
