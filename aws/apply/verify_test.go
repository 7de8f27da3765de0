package apply_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/journal"
)

// sickSince makes targets look unhealthy from the update until a while later.
type sickSince struct {
	lasts time.Duration
	began time.Time
	// healthy are how many of an answer's targets stay so, the first ones.
	healthy int
}

func (k *sickSince) wrap(next http.RoundTripper) http.RoundTripper {
	return awstest.Transport(func(r *http.Request) (*http.Response, error) {
		action := callOf(r).action
		reply, err := next.RoundTrip(r)
		if action == "UpdateService" && k.began.IsZero() {
			k.began = time.Now()
		}
		if err != nil || action != "DescribeTargetHealth" || k.began.IsZero() || time.Since(k.began) > k.lasts {
			return reply, err
		}
		body, err := io.ReadAll(reply.Body)
		if err != nil {
			return nil, err
		}
		well := []byte("<State>healthy</State>")
		parts := bytes.SplitN(body, well, k.healthy+1)
		last := len(parts) - 1
		parts[last] = bytes.ReplaceAll(parts[last], well, []byte("<State>unhealthy</State><Reason>Target.Timeout</Reason>"))
		body = bytes.Join(parts, well)
		reply.Body, reply.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return reply, nil
	})
}

// Configured as planned, and still no target answers: that is no success.
func TestTargetsThatStayUnhealthyAreAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sick := &sickSince{lasts: time.Hour}
		s := newWorkshop(t, awstest.Load(t, "article"), sick.wrap)
		before := s.state()
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err == nil || e.State != journal.Failed || len(e.Unmet) == 0 ||
			!strings.Contains(e.Message, "did not work") || !strings.Contains(e.Message, "Target.Timeout") ||
			!strings.Contains(e.Message, "hopscope rollback "+e.ID) {
			t.Fatalf("%s: %s, %+v, %v", e.State, e.Message, e.Unmet, err)
		}
		s.takeBack(e.ID, before)
	})
}

// One sick target of several is no proof that the plan did not work.
func TestOneSickTargetOfSeveralIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sick := &sickSince{lasts: time.Hour, healthy: 1}
		w := awstest.Load(t, "article")
		for i := range w.Services {
			w.Services[i].DesiredCount = new(2)
		}
		s := newWorkshop(t, w, sick.wrap)
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Unverified || len(e.Unmet) == 0 ||
			!strings.Contains(e.Message, "some targets are healthy, and some are not (Target.Timeout)") {
			t.Fatalf("%s: %s, %+v, %v", e.State, e.Message, e.Unmet, err)
		}
	})
}

// A load balancer asks several times before it says that a target is healthy.
func TestTargetsMayTakeAWhileToBecomeHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sick := &sickSince{lasts: 3 * time.Minute}
		s := newWorkshop(t, awstest.Load(t, "article"), sick.wrap)
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Applied || time.Since(sick.began) < sick.lasts {
			t.Fatalf("%s after %s: %s, %v", e.State, time.Since(sick.began), e.Message, err)
		}
	})
}

// What may not be read is named: whether it worked is not known then.
func TestWithoutTargetHealthAPlanIsNotVerified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		e, err := s.applier.Apply(t.Context(), s.prepare(), func(e *journal.Entry) {
			if e.State == journal.Verifying {
				s.sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{
					Action: string(model.DescribeTargetHealth), With: simulator.AccessDenied,
				}}})
			}
		})
		if err != nil || e.State != journal.Unverified || len(e.Unmet) == 0 ||
			!strings.Contains(e.Message, "elasticloadbalancing:DescribeTargetHealth is denied") {
			t.Fatalf("%s: %s, %+v, %v", e.State, e.Message, e.Unmet, err)
		}
	})
}

// Another program takes the rule away that the plan has added: a caller is refused, and
// that is known.
func TestAPathThatIsKnownToBeOtherwiseIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		revoked := false
		e, err := s.applier.Apply(t.Context(), s.prepare(), func(e *journal.Entry) {
			if e.State == journal.Verifying && !revoked {
				revoked = true
				s.revoke(e.Plan.Steps[0].Group, e.Steps[0].RuleIDs[0])
			}
		})
		if err == nil || e.State != journal.Failed || len(e.Unmet) != 1 ||
			!strings.Contains(e.Message, "client-service to port 80 should be agent, allowed") {
			t.Fatalf("%s: %s, %+v, %v", e.State, e.Message, e.Unmet, err)
		}
		if e, err = s.applier.Rollback(t.Context(), e.ID, nil); err != nil {
			t.Fatalf("%s: %v", e.Message, err)
		}
	})
}
