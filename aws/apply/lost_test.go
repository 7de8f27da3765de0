package apply_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"hopscope/aws"
	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// lose carries the first call of an action out and loses its reply.
func lose(action string) func(http.RoundTripper) http.RoundTripper {
	lost := false
	return func(next http.RoundTripper) http.RoundTripper {
		return awstest.Transport(func(r *http.Request) (*http.Response, error) {
			c := callOf(r)
			reply, err := next.RoundTrip(r)
			if c.action == action && !c.dryRun && !lost {
				lost = true
				return nil, syscall.ECONNRESET
			}
			return reply, err
		})
	}
}

func TestAnUpdateWhoseReplyIsLostIsFoundAndNotSentAgain(t *testing.T) {
	for _, kind := range []simulator.FailureKind{simulator.Lost, simulator.Truncated} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				prepared := s.prepare()
				s.sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: "ecs:UpdateService", With: kind}}})
				e, err := s.applier.Apply(t.Context(), prepared, nil)
				if err != nil || e.State != journal.Applied {
					t.Fatalf("%+v, %v", e, err)
				}
				if n := awstest.Count(s.sim, "ecs:UpdateService"); n != 1 {
					t.Errorf("UpdateService was sent %d times", n)
				}
				s.sim.SetFaults(simulator.Faults{})
				s.takeBack(e.ID, before)
			})
		})
	}
}

func TestAnUpdateOfWhichNothingIsHeardIsNotSentAgain(t *testing.T) {
	for _, kind := range []simulator.FailureKind{simulator.Cut, simulator.InternalError, simulator.HTMLError} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				prepared := s.prepare()
				s.sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: "ecs:UpdateService", With: kind}}})
				e, err := s.applier.Apply(t.Context(), prepared, nil)
				says(t, err, "it is not known whether", "Not known whether done: "+s.plan.Steps[1].Title, "Done: Admit tcp 10080",
					"hopscope rollback "+e.ID)
				if n := awstest.Count(s.sim, "ecs:UpdateService"); n != 1 || e.Steps[1].State != journal.Begun {
					t.Errorf("UpdateService was sent %d times, the step is %s", n, e.Steps[1].State)
				}
				s.sim.SetFaults(simulator.Faults{})
				s.takeBack(e.ID, before)
			})
		})
	}
}

// The network keeps the call until hopscope has given up.
func TestAnUpdateThatArrivesLateIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var late func()
		s := newWorkshop(t, awstest.Load(t, "article"), func(next http.RoundTripper) http.RoundTripper {
			return awstest.Transport(func(r *http.Request) (*http.Response, error) {
				if callOf(r).action != "UpdateService" {
					return next.RoundTrip(r)
				}
				body, err := io.ReadAll(r.Body)
				if err != nil {
					return nil, err
				}
				kept := r.Clone(t.Context())
				late = func() {
					kept.Body = io.NopCloser(bytes.NewReader(body))
					if _, err := next.RoundTrip(kept); err != nil {
						t.Error(err)
					}
				}
				return nil, syscall.ETIMEDOUT
			})
		})
		before := s.state()
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		says(t, err, "it is not known whether")
		late()
		if got := s.block(); got != e.AfterBlock {
			t.Fatalf("the block is %s", got)
		}
		s.takeBack(e.ID, before)
	})
}

func TestARuleWhoseReplyIsLostIsFoundByItsDescription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newWorkshop(t, awstest.Load(t, "article"), lose("AuthorizeSecurityGroupIngress"))
		before := s.state()
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Applied || e.Steps[0].State != journal.Done || len(e.Steps[0].RuleIDs) != 0 {
			t.Fatalf("%+v, %v", e, err)
		}
		s.takeBack(e.ID, before)
	})
}

func TestLostRepliesOfARollbackAreGoneOnWith(t *testing.T) {
	for _, action := range []string{"UpdateService", "RevokeSecurityGroupIngress"} {
		t.Run(action, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				e := s.applied()
				n := awstest.Count(s.sim, model.Action("ecs:UpdateService"))
				source := openBehind(t, lose(action)(s.sim), awsOptions())
				lost, err := apply.New(source, s.store, apply.Options{}).Rollback(t.Context(), e.ID, nil)
				at := slices.IndexFunc(lost.Calls, func(c journal.Call) bool { return c.Lost })
				if at < len(e.Calls) || !strings.HasSuffix(string(lost.Calls[at].Action), action) ||
					!strings.Contains(lost.Calls[at].Outcome(), "it may have been carried out") {
					t.Errorf("the calls are %+v", lost.Calls)
				}
				if action == "UpdateService" && err != nil {
					t.Error(err)
				}
				if action != "UpdateService" {
					says(t, err, "not everything is taken back yet", "no answer came to ec2:RevokeSecurityGroupIngress",
						"`hopscope rollback "+e.ID+" --allow-apply` goes on with it")
				}
				s.takeBack(e.ID, before)
				if got := awstest.Count(s.sim, "ecs:UpdateService") - n; got != 1 {
					t.Errorf("the rollback sent UpdateService %d times", got)
				}
			})
		})
	}
}

// brokenJournal cannot be written any more after the entry was created.
type brokenJournal struct{ journal.Store }

func (brokenJournal) Save(*journal.Entry) error { return errors.New("no space left on device") }

// noJournal cannot be written at all.
type noJournal struct{ journal.Store }

func (noJournal) Create(*journal.Entry) error { return fs.ErrPermission }

func TestNothingIsSentThatTheJournalDoesNotKnow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		none, err := apply.New(s.source, noJournal{s.store}, apply.Options{}).Apply(t.Context(), s.prepare(), nil)
		says(t, err, "nothing was changed", "the journal cannot be written", "permission")
		if none.State != journal.Prepared { // the journal has no such entry that could be rolled back
			t.Errorf("the state is %s", none.State)
		}
		e, err := apply.New(s.source, brokenJournal{s.store}, apply.Options{}).Apply(t.Context(), s.prepare(), nil)
		says(t, err, "the journal cannot be written", "no space left on device")
		s.untouched(0)
		s.takeBack(e.ID, before)
	})
}

// stale answers the first looks after the update with what was there before.
func stale(looks int) func(http.RoundTripper) http.RoundTripper {
	var mu sync.Mutex // of requests that are under way at once
	var before []byte
	updated := false
	return func(next http.RoundTripper) http.RoundTripper {
		return awstest.Transport(func(r *http.Request) (*http.Response, error) {
			action := callOf(r).action
			reply, err := next.RoundTrip(r)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || action != "DescribeServices" {
				updated = updated || action == "UpdateService"
				return reply, err
			}
			body, err := io.ReadAll(reply.Body)
			if updated && looks > 0 {
				looks--
				body = before
			}
			before = body
			reply.Body, reply.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			return reply, err
		})
	}
}

// DescribeServices is consistent in the end only (ECS, API reference).
func TestAnswersFromBeforeTheUpdateAreNotTakenForAnotherDeployment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newWorkshop(t, awstest.Load(t, "article"), stale(3))
		before := s.state()
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Applied {
			t.Fatalf("%+v, %v", e, err)
		}
		s.takeBack(e.ID, before)
	})
}

func TestAnEntryOfAnotherAccountIsNotRolledBackHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		e := s.applied()
		for name, o := range map[string]aws.Options{
			"another region":   {Region: "eu-west-1"},
			"another endpoint": {Region: "ap-northeast-1", EndpointURL: "http://localhost:1"},
			"another origin":   {Region: "ap-northeast-1", Origin: "simulator:shop"},
		} {
			n := len(s.changes())
			_, err := apply.New(openBehind(t, s.sim, o), s.store, apply.Options{}).Rollback(t.Context(), e.ID, nil)
			if err == nil {
				t.Errorf("%s: it was", name)
				continue
			}
			says(t, err, "entry "+e.ID+" belongs to", "open that account")
			s.untouched(n)
		}
		_, err := s.applier.Rollback(t.Context(), "../"+e.ID, nil)
		says(t, err, "is not the id of an entry")
		_, err = s.applier.Rollback(t.Context(), "nothing", nil)
		says(t, err, `no entry "nothing"`)
	})
}

// breaker is the article with a circuit breaker, and a deployment that fails.
func breaker(t *testing.T, enable, rollback bool) *workshop {
	t.Helper()
	w := awstest.Load(t, "article")
	w.Services[0].DeploymentConfiguration = fmt.Appendf(nil,
		`{"deploymentCircuitBreaker":{"enable":%t,"rollback":%t},"maximumPercent":200,`+
			`"minimumHealthyPercent":100,"strategy":"ROLLING"}`, enable, rollback)
	w.Faults.Deployments = []simulator.DeploymentFailure{{Service: "sample-ecs-app", Times: 1}}
	return newWorkshop(t, w, nil)
}

func TestADeploymentThatFailsIsSaidSoAndTakenBack(t *testing.T) {
	for _, test := range []struct {
		name             string
		enable, rollback bool
		words            []string
		updates          int
	}{
		{
			"breaker with rollback", true, true,
			[]string{
				"the deployment of sample-cluster/sample-ecs-app failed, and ECS is going back to the one before",
				"rolling back to deploymentId", "; how many of its tasks failed is not listed any more)",
			},
			1,
		},
		{
			"breaker without rollback", true, false,
			[]string{"failed (ECS deployment circuit breaker: tasks failed to start; 3 tasks failed)"},
			2,
		},
		{"no breaker", false, false, []string{"still in progress after 30m0s (0 of 1 new tasks run", "failed)"}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := breaker(t, test.enable, test.rollback)
				before := s.state()
				failed := 0
				e, err := s.applier.Apply(t.Context(), s.prepare(), func(e *journal.Entry) {
					if e.Rollout != nil {
						failed = max(failed, e.Rollout.Failed)
					}
				})
				says(t, err, append(test.words, "`hopscope rollback "+e.ID+" --allow-apply` takes it back")...)
				if e.State != journal.Failed || e.Rollout == nil || e.Steps[1].State != journal.Done {
					t.Errorf("the entry is %+v", e)
				}
				if failed == 0 {
					t.Log(e.Rollout)
				}
				s.takeBack(e.ID, before)
				if n := awstest.Count(s.sim, "ecs:UpdateService"); n != test.updates {
					t.Errorf("UpdateService was sent %d times, want %d", n, test.updates)
				}
			})
		})
	}
}

func TestARollbackWhoseDeploymentFailsClosesNothing(t *testing.T) {
	for _, rollback := range []bool{true, false} {
		t.Run(fmt.Sprintf("breaker with rollback %t", rollback), func(t *testing.T) { failRollback(t, rollback) })
	}
}

func failRollback(t *testing.T, rollback bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := breaker(t, true, rollback)
		s.sim.SetFaults(simulator.Faults{})
		before := s.state()
		e := s.applied()
		s.sim.SetFaults(simulator.Faults{Deployments: []simulator.DeploymentFailure{{
			Service: "sample-cluster/sample-ecs-app",
			Times:   1,
		}}})
		_, err := s.applier.Rollback(t.Context(), e.ID, nil)
		says(t, err, "not everything is taken back yet", "failed")
		for _, c := range s.changes() {
			if c == "RevokeSecurityGroupIngress" {
				t.Error("the group was closed although the new tasks need it")
			}
		}
		s.takeBack(e.ID, before)
	})
}

func TestAnotherDeploymentDuringTheRolloutIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		other := false
		e, err := s.applier.Apply(t.Context(), s.prepare(), func(e *journal.Entry) {
			if e.State == journal.RollingOut && !other {
				other = true
				s.update(otherOverride)
			}
		})
		says(t, err, "sample-cluster/sample-ecs-app was deployed again meanwhile", "hopscope rollback "+e.ID)
		n := len(s.changes())
		_, err = s.applier.Rollback(t.Context(), e.ID, nil)
		if !errors.Is(err, fix.ErrBlockChanged) {
			t.Errorf("the rollback: %v", err)
		}
		says(t, err, "was changed since", "hopscope does not write over that")
		s.untouched(n)
		if got := s.block(); got != otherOverride {
			t.Errorf("their block is now %s", got)
		}
		// Once they have put it back, only the rule is left to take away.
		s.update(sameButSpaces)
		before.Block = s.block()
		s.takeBack(e.ID, before)
	})
}

// withoutService is a reply of DescribeServices in which one service is missing, and
// the others are as they were.
func withoutService(t *testing.T, body io.Reader, name string) string {
	t.Helper()
	var reply struct {
		Services []map[string]any `json:"services"`
		Failures []map[string]any `json:"failures"`
	}
	if err := json.NewDecoder(body).Decode(&reply); err != nil {
		t.Fatal(err)
	}
	reply.Services = slices.DeleteFunc(reply.Services, func(s map[string]any) bool {
		if s["serviceName"] != name {
			return false
		}
		reply.Failures = append(reply.Failures, map[string]any{"arn": s["serviceArn"], "reason": "MISSING"})
		return true
	})
	text, err := json.Marshal(reply)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAServiceThatIsGoneStillGivesItsRulesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := false
		s := newWorkshop(t, awstest.Load(t, "article"), func(next http.RoundTripper) http.RoundTripper {
			return awstest.Transport(func(r *http.Request) (*http.Response, error) {
				reply, err := next.RoundTrip(r)
				if gone && callOf(r).action == "DescribeServices" {
					reply.Body = io.NopCloser(strings.NewReader(withoutService(t, reply.Body, "sample-ecs-app")))
				}
				return reply, err
			})
		})
		before := s.state()
		e := s.applied()
		gone = true
		if e, err := s.applier.Rollback(t.Context(), e.ID, nil); err != nil || e.State != journal.RolledBack {
			t.Fatalf("%+v, %v", e, err)
		}
		after := s.state()
		after.Block = before.Block // of the service that is not there
		s.same(before, after)
	})
}

// A rollback right after an update may be shown the service as it was before: nothing
// is taken back then, and its port must not be closed.
func TestAnOldAnswerIsNotTakenForABlockThatIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newWorkshop(t, awstest.Load(t, "article"), stale(6))
		before := s.state()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		e, err := s.applier.Apply(ctx, s.prepare(), func(e *journal.Entry) {
			if e.State == journal.RollingOut {
				cancel()
			}
		})
		says(t, err, "interrupted")
		if s.block() != e.AfterBlock {
			t.Fatal("the update did not arrive")
		}
		if e, err = s.applier.Rollback(t.Context(), e.ID, nil); err != nil || e.State != journal.RolledBack {
			t.Fatalf("%s, %v", e.State, err)
		}
		s.same(before, s.state())
	})
}

// Between the first look of a rollback and the update it sends, rules come back: time
// enough for another program to deploy.
func TestABlockThatChangesDuringARollbackIsNotWrittenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *workshop
		back := false
		s = newWorkshop(t, awstest.Load(t, "article"), intercept(func(c call) {
			if back && c.action == "AuthorizeSecurityGroupIngress" && c.after {
				back = false
				s.update(otherOverride)
			}
		}))
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err == nil {
			_, err = s.applier.Tidy(t.Context(), e.ID, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		back = true
		_, err = s.applier.Rollback(t.Context(), e.ID, nil)
		if !errors.Is(err, fix.ErrBlockChanged) || back {
			t.Errorf("%v", err)
		}
		if got := s.block(); got != otherOverride {
			t.Errorf("the block of another program is overwritten: %s", got)
		}
	})
}

// A new deployment of what was there has nothing to take back, and no tasks to wait
// for: one that never starts would keep the rules open for ever.
func TestADeploymentOfWhatIsThereThatFailsIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := breaker(t, false, false)
		s.planned(fix.Step{Kind: fix.UpdateService, ForceNewDeployment: true, Title: "deploy again"})
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		says(t, err, "still in progress after 30m0s")
		if e, err = s.applier.Rollback(t.Context(), e.ID, nil); err != nil || e.State != journal.RolledBack ||
			len(e.Calls) != 1 {
			t.Errorf("%+v, %v", e, err)
		}
	})
}

// AWS lists a deployment that was given up for a while: neither is one in progress, nor
// is its end waited for.
func TestADeploymentThatIsOverIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		lingering := awstest.Transport(func(r *http.Request) (*http.Response, error) {
			operation := r.Header.Get("X-Amz-Target")
			reply, err := s.sim.RoundTrip(r)
			if err != nil || !strings.HasSuffix(operation, ".DescribeServices") {
				return reply, err
			}
			body, err := io.ReadAll(reply.Body)
			text := strings.ReplaceAll(string(body), `"deployments":[`,
				`"deployments":[{"id":"ecs-svc/9","status":"INACTIVE","runningCount":0,"rolloutState":"FAILED"},`)
			reply.Body, reply.ContentLength = io.NopCloser(strings.NewReader(text)), -1
			return reply, err
		})
		applier := apply.New(openBehind(t, lingering, awsOptions()), s.store, apply.Options{})
		prepared, err := applier.Prepare(t.Context(), s.plan)
		if err != nil {
			t.Fatal(err)
		}
		e, err := applier.Apply(t.Context(), prepared, nil)
		if err != nil || e.State != journal.Applied {
			t.Fatalf("%+v, %v", e, err)
		}
		if e, err = applier.Rollback(t.Context(), e.ID, nil); err != nil || e.State != journal.RolledBack {
			t.Errorf("%+v, %v", e, err)
		}
	})
}
