package apply_test

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	diffs "github.com/google/go-cmp/cmp"

	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/reach"
)

// pretend answers calls of some actions as if they had been carried out.
func pretend(actions ...string) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return awstest.Transport(func(r *http.Request) (*http.Response, error) {
			for _, action := range actions {
				if c := callOf(r); c.action == action && !c.dryRun {
					_, err := io.Copy(io.Discard, r.Body)
					return replied(r, lies(action, 1)), err
				}
			}
			return next.RoundTrip(r)
		})
	}
}

// behind is an applier of the workshop's journal behind a transport.
func (s *workshop) behind(wrap func(http.RoundTripper) http.RoundTripper) *apply.Applier {
	s.Helper()
	return apply.New(openBehind(s.T, wrap(s.sim), awsOptions()), s.store, apply.Options{})
}

// Calls that were answered, and changed nothing, are no rollback: the entry fails, names
// all of them, and the next rollback does them again.
func TestARollbackThatLeftNoTraceIsDoneAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := everyWrite(t)
		before := s.state()
		e := s.applied()
		liars := s.behind(pretend("RevokeSecurityGroupIngress", "AuthorizeSecurityGroupIngress"))
		undone, err := liars.Rollback(t.Context(), e.ID, nil)
		says(t, err, "not everything is taken back yet", "was to go from security group "+e.Plan.Steps[0].Group+" is there",
			"was to come back to security group "+e.Plan.Steps[0].Group+" is not there", "goes on with it")
		if undone.State != journal.Failed || strings.Contains(undone.Message, "not as it was before") {
			t.Errorf("%s: %s", undone.State, undone.Message)
		}
		s.takeBack(e.ID, before)
	})
}

// A path that serves requests better than before is no damage, one that is refused is.
func TestOnlyPathsThatGotWorseAreNamed(t *testing.T) {
	for name, test := range map[string]struct {
		verdict reach.Verdict
		via     reach.Via
		want    string
	}{
		"better verdict": {verdict: reach.Broken},
		"worse verdict":  {verdict: reach.OK, want: "is now unnecessary-hop (was ok)"},
		"another way":    {via: reach.ViaDirect, want: "is now agent (was direct)"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				e := s.applied()
				i := slices.IndexFunc(e.Before.Paths, func(p fix.Expectation) bool { return p.Verdict == reach.UnnecessaryHop })
				path := &e.Before.Paths[i]
				path.Verdict, path.Via = cmp.Or(test.verdict, path.Verdict), cmp.Or(test.via, path.Via)
				if err := s.store.Save(e); err != nil {
					t.Fatal(err)
				}
				undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
				want := ""
				if test.want != "" {
					want = fmt.Sprintf("not as it was before: the path of %s to port %d %s", path.From, path.ContainerPort, test.want)
				}
				if err != nil || undone.State != journal.RolledBack || undone.Message != want {
					t.Errorf("%s: %q, %v; want %q", undone.State, undone.Message, err, want)
				}
			})
		})
	}
}

// Before and after are read alike: the paths of callers in all clusters are noted also by a
// program that shows one, and compared by one that shows another.
func TestBeforeAndAfterAreReadAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sharedIn(t, twoClusters())
		all, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.applier.Rollback(t.Context(), all.ID, nil); err != nil {
			t.Fatal(err)
		}
		some := collect.Options{Clusters: []string{all.Plan.Service.Cluster}}
		s.applier = apply.New(openBehind(t, s.sim, awsOptions(), some), s.store, apply.Options{})
		one, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || len(one.Before.Paths) < 2 {
			t.Fatalf("%+v, %v", one.Before.Paths, err)
		}
		if diff := diffs.Diff(all.Before.Paths, one.Before.Paths); diff != "" {
			t.Errorf("other paths are noted: %s", diff)
		}
		undone, err := apply.New(s.source, s.store, apply.Options{}).Rollback(t.Context(), one.ID, nil)
		if err != nil || undone.State != journal.RolledBack || undone.Message != "" {
			t.Errorf("%s: %s, %v", undone.State, undone.Message, err)
		}
	})
}

// A deployment of others that came after the entry's, and failed, was not replaced by it:
// its block is not sent, whether ECS goes back by a new deployment or to the entry's.
func TestALaterDeploymentThatFailedIsNotSentBack(t *testing.T) {
	for name, goBack := range map[string]func(*workshop, *journal.Entry){
		"by a new deployment": func(s *workshop, e *journal.Entry) { s.update(e.AfterBlock) },
		"to the entry's":      func(*workshop, *journal.Entry) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				e := s.applied()
				time.Sleep(time.Minute) // of the bubble's
				theirs := fmt.Sprintf(`"deployments":[{"id":"ecs-svc/theirs","status":"INACTIVE","rolloutState":"FAILED",`+
					`"createdAt":%d,"serviceConnectConfiguration":%s},`, time.Now().Unix(), otherOverride)
				time.Sleep(time.Minute)
				goBack(s, e)
				listing := s.behind(func(next http.RoundTripper) http.RoundTripper {
					return answering(next, func(body string) string { return strings.Replace(body, `"deployments":[`, theirs, 1) })
				})
				undone, err := listing.Rollback(t.Context(), e.ID, nil)
				if err != nil || undone.Before.Overtaken != nil || undone.Message != "" {
					t.Errorf("%+v, %s, %v", undone.Before.Overtaken, undone.Message, err)
				}
				s.same(before, s.state())
			})
		})
	}
}

// answering changes the answers of DescribeServices.
func answering(next http.RoundTripper, change func(string) string) http.RoundTripper {
	return answeringTo("DescribeServices", next, change)
}

// answeringTo changes the answers of an operation.
func answeringTo(operation string, next http.RoundTripper, change func(string) string) http.RoundTripper {
	return awstest.Transport(func(r *http.Request) (*http.Response, error) {
		action := callOf(r).action
		reply, err := next.RoundTrip(r)
		if err != nil || action != operation {
			return reply, err
		}
		body, err := io.ReadAll(reply.Body)
		text := change(string(body))
		reply.Body, reply.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		return reply, err
	})
}

// A rule that others took away right before the entry's call is theirs to put back.
func TestARuleThatOthersTookAwayIsNotPutBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *workshop
		s = newWorkshop(t, awstest.Load(t, "article"), between("RevokeSecurityGroupIngress", func() {
			s.without(s.plan.Steps[0].Group, "Service Connect clients")
		}))
		i := slices.IndexFunc(s.plan.Steps, func(p fix.Step) bool { return p.Later })
		shut := s.plan.Steps[i]
		shut.Later = false
		s.planned(shut)
		e := s.applied()
		gone := s.state()
		undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
		if err != nil || undone.Steps[0].State != journal.Found ||
			!strings.Contains(undone.Message, "for tcp 80 and "+shut.Rule.Group.ID+" is gone") {
			t.Errorf("%+v: %s, %v", undone.Steps, undone.Message, err)
		}
		s.same(gone, s.state())
	})
}

// An origin may be kept with another secret in its URL: it is the same account.
func TestANewerEntryStandsWhateverSecretItsOriginHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		o := awsOptions()
		o.Origin = "http://localhost:1/?key=one"
		s.applier = apply.New(openBehind(t, s.sim, o), s.store, apply.Options{})
		first := s.applied()
		i := slices.IndexFunc(first.Plan.Steps, func(s fix.Step) bool { return s.Later })
		shut := first.Plan.Steps[i]
		shut.Later = false
		s.planned(shut)
		second := s.applied()
		first.Origin, second.Origin = o.Origin, "http://localhost:1/?key=two"
		for _, e := range []*journal.Entry{first, second} {
			if err := s.store.Save(e); err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.applier.Rollback(t.Context(), first.ID, nil)
		says(t, err, second.ID, "roll that one back first")
	})
}

// Where an alarm made ECS go back, no number of failed tasks follows.
func TestARollbackByAnAlarmCountsNoTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := breaker(t, true, true)
		s.applier = s.behind(func(next http.RoundTripper) http.RoundTripper {
			return answering(next, func(body string) string {
				return regexp.MustCompile(`"failedTasks":\d+`).ReplaceAllString(
					strings.ReplaceAll(body, "ECS deployment circuit breaker", "ECS deployment alarm"), `"failedTasks":0`)
			})
		})
		_, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		says(t, err, "ECS is going back to the one before (ECS deployment alarm: rolling back to deploymentId")
		if strings.Contains(err.Error(), "listed") {
			t.Error(err)
		}
	})
}

// How many tasks of a deployment failed is what the deployment says.
func TestTheCountOfFailedTasksIsThatOfTheDeployment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := breaker(t, true, true)
		failed := ""
		s.applier = s.behind(func(next http.RoundTripper) http.RoundTripper {
			return answering(next, func(body string) string {
				if failed == "" || !strings.Contains(body, "rolling back") {
					return body
				}
				return strings.Replace(body, `"deployments":[`, `"deployments":[{"id":"`+failed+
					`","status":"ACTIVE","rolloutState":"FAILED","failedTasks":7},`, 1)
			})
		})
		_, err := s.applier.Apply(t.Context(), s.prepare(), func(e *journal.Entry) {
			if e.Rollout != nil {
				failed = e.Rollout.Deployment
			}
		})
		says(t, err, "ECS is going back to the one before (ECS deployment circuit breaker", "; 7 tasks failed)")
	})
}

// A rollback may be what ends an outage: it does not wait until a slow account was read.
func TestARollbackWaitsForNoSlowAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e := s.applied()
		var sent atomic.Bool
		slowly := []string{
			"ListClusters", "DescribeClusters", "ListServices", "DescribeTaskDefinition", "DescribeTargetGroups",
			"DescribeLoadBalancers", "DescribeListeners", "DescribeRules", "DescribeTargetHealth", "DescribeSubnets",
		}
		slow := s.behind(func(next http.RoundTripper) http.RoundTripper {
			return awstest.Transport(func(r *http.Request) (*http.Response, error) {
				action := callOf(r).action
				if action == "UpdateService" {
					sent.Store(true)
				}
				if !sent.Load() && slices.Contains(slowly, action) {
					time.Sleep(8 * time.Second) // of the bubble's
				}
				return next.RoundTrip(r)
			})
		})
		began := time.Now()
		undone, err := slow.Rollback(t.Context(), e.ID, nil)
		if err != nil || undone.State != journal.RolledBack || undone.Message != "" {
			t.Fatalf("%s: %s, %v", undone.State, undone.Message, err)
		}
		if waited := undone.Calls[len(e.Calls)].Time.Sub(began); waited < 20*time.Second || waited > 32*time.Second {
			t.Errorf("the first call was sent after %s", waited)
		}
		s.same(before, s.state())
	})
}
