package apply_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
	"hopscope/model/rule"
)

// update sends a block as another program would.
func (s *workshop) update(block string) {
	s.Helper()
	s.ask("UpdateService",
		`{"cluster":"sample-cluster","service":"sample-ecs-app","serviceConnectConfiguration":`+block+`}`)
	time.Sleep(10 * time.Second) // of the bubble's: the rollout ends
}

// untouched proves that nothing was changed since n calls.
func (s *workshop) untouched(n int) {
	s.Helper()
	if got := s.changes(); len(got) != n {
		s.Errorf("something was changed: %v", got[n:])
	}
}

// takeBack rolls an entry back with a fresh applier, twice, and compares the world.
func (s *workshop) takeBack(id string, before state) *journal.Entry {
	s.Helper()
	source := openBehind(s.T, s.sim, awsOptions())
	e, err := apply.New(source, s.store, apply.Options{}).Rollback(s.Context(), id, nil)
	if err != nil || e.State != journal.RolledBack {
		s.Fatalf("the rollback: %v", err)
	}
	s.same(before, s.state())
	n := len(s.changes())
	again, err := apply.New(source, s.store, apply.Options{}).Rollback(s.Context(), id, nil)
	if err != nil || again.State != journal.RolledBack {
		s.Errorf("the second rollback: %v", err)
	}
	s.untouched(n)
	return e
}

// says proves that an error is a sentence with the words.
func says(t *testing.T, err error, words ...string) {
	t.Helper()
	awstest.CheckCannotCheck(t, err, words...)
}

const (
	otherOverride = `{"enabled":true,"namespace":"sample-namespace",` +
		`"services":[{"portName":"app","discoveryName":"app",` +
		`"clientAliases":[{"port":80,"dnsName":"app.sample-namespace"}],` +
		`"ingressPortOverride":9090}]}`
	noEndpoint    = `{"enabled":true,"namespace":"sample-namespace","services":[]}`
	sameButSpaces = `{ "services":[{"discoveryName":"app","portName":"app",` +
		`"clientAliases":[{"dnsName":"app.sample-namespace","port":80}]}] ,"namespace":"sample-namespace","enabled":true}`
)

func TestABlockThatChangedSinceThePlanIsNotPrepared(t *testing.T) {
	for name, block := range map[string]string{"another override": otherOverride, "no endpoint": noEndpoint} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				s.update(block)
				_, err := s.applier.Prepare(t.Context(), s.plan)
				if !errors.Is(err, fix.ErrBlockChanged) {
					t.Fatalf("the error is %v", err)
				}
				says(t, err, "sample-cluster/sample-ecs-app", "refresh, and plan again")
				s.untouched(1)
			})
		})
	}
}

func TestABlockThatChangedSincePreparingIsNotWrittenOver(t *testing.T) {
	for name, block := range map[string]string{"another override": otherOverride, "only deployed again": sameButSpaces} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				prepared := s.prepare()
				s.update(block)
				_, err := s.applier.Apply(t.Context(), prepared, nil)
				if !errors.Is(err, fix.ErrBlockChanged) {
					t.Fatalf("the error is %v", err)
				}
				s.untouched(1)
				if all, _, _ := s.store.List(); len(all) > 0 {
					t.Errorf("the journal has %v", all[0].ID)
				}
			})
		})
	}
}

// Between the first and the last look are the calls of the security groups: a user
// may deploy just then.
func TestABlockThatChangesWhileTheGroupIsOpenedIsNotWrittenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *workshop
		s = newWorkshop(t, awstest.Load(t, "article"), intercept(func(c call) {
			if c.action == "AuthorizeSecurityGroupIngress" && !c.dryRun && c.after {
				s.update(otherOverride)
			}
		}))
		before := s.state()
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if !errors.Is(err, fix.ErrBlockChanged) || e.State != journal.Failed {
			t.Fatalf("%v, %v", e.State, err)
		}
		says(t, err, "Done: Admit tcp 10080", "hopscope rollback "+e.ID)
		before.Block = otherOverride
		s.takeBack(e.ID, before)
	})
}

// Where the circuit breaker does not roll back, old tasks stay next to a deployment
// that no run goes on with: waiting for its end would be waiting for ever.
func TestADeploymentThatFailedIsNotCalledInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := breaker(t, true, false)
		s.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app","forceNewDeployment":true}`)
		time.Sleep(10 * time.Minute) // of the bubble's
		_, err := s.applier.Prepare(t.Context(), s.plan)
		says(t, err, "the last deployment of sample-cluster/sample-ecs-app failed", "deploy what works")
		snapshot := read(t, openBehind(t, s.sim, awsOptions()))
		plans, err := planner.Plans(rule.Analyze(snapshot))
		if err != nil {
			t.Fatal(err)
		}
		for i := range plans {
			if r := plans[i].Refusal; r != nil && strings.Contains(r.Reason, "in progress") {
				t.Errorf("%s: %s; %s", plans[i].ID, r.Reason, r.Instead)
			}
		}
	})
}

func TestServicesThatUpdateServiceMustNotChangeAreRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*workshop)
		world  func(*simulator.World)
		words  []string
	}{
		{name: "a deployment in progress", change: func(s *workshop) {
			s.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app","forceNewDeployment":true}`)
		}, words: []string{"in progress", "wait"}},
		{
			name: "another account", change: func(s *workshop) { s.plan.Account = "210987654321" },
			words: []string{"account 210987654321", "--profile"},
		},
		{
			name: "another region", change: func(s *workshop) { s.plan.Region = "eu-west-1" },
			words: []string{"eu-west-1", "--region"},
		},
		{
			name: "no such service", change: func(s *workshop) { s.plan.Service.Service = "gone" },
			words: []string{"sample-cluster/gone is gone"},
		},
		{
			name: "no such cluster", change: func(s *workshop) { s.plan.Service.Cluster = "gone" },
			words: []string{"Cluster not found"},
		},
		{
			name: "no such group", change: func(s *workshop) { s.plan.Steps[0].Group = "sg-gone" },
			words: []string{"a security group is gone", "sg-gone"},
		},
		{
			name:   "a refusal of the planner",
			change: func(s *workshop) { s.plan.Refusal = &fix.Refusal{Reason: "TLS by design", Instead: "keep the hop"} },
			words:  []string{"TLS by design; keep the hop"},
		},
		{
			name:   "a step for a person",
			change: func(s *workshop) { s.plan.Steps = append(s.plan.Steps, fix.Step{Kind: fix.ByHand}) },
			words:  []string{"for a person"},
		},
		{
			name: "two updates", change: func(s *workshop) { s.plan.Steps = append(s.plan.Steps, s.plan.Steps[1]) },
			words: []string{"more than once"},
		},
		{
			name: "Express", world: func(w *simulator.World) { w.Services[0].ResourceManagementType = "ECS" },
			words: []string{"Express"},
		},
		{
			name: "CODE_DEPLOY", world: func(w *simulator.World) { w.Services[0].DeploymentController = "CODE_DEPLOY" },
			words: []string{"CODE_DEPLOY"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				if test.change != nil {
					test.change(s)
				}
				if test.world != nil { // the plan is of the world as it was
					w := awstest.Load(t, "article")
					test.world(w)
					s.sim = simulator.New(w, simulator.Options{})
					s.applier = apply.New(openBehind(t, s.sim, awsOptions()), s.store, apply.Options{})
				}
				n := len(s.changes())
				_, err := s.applier.Prepare(t.Context(), s.plan)
				says(t, err, test.words...)
				s.untouched(n)
			})
		})
	}
}

func TestADeniedSecurityGroupShowsInTheDryRunBeforeAnythingIsChanged(t *testing.T) {
	for kind, words := range map[simulator.FailureKind]string{
		simulator.AccessDenied: "ec2:AuthorizeSecurityGroupIngress is not allowed",
		simulator.ExplicitDeny: "denied explicitly by a service control policy",
		simulator.ExpiredToken: "credentials have expired",
	} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				prepared := s.prepare()
				s.sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: "ec2:Authorize*", With: kind}}})
				_, err := s.applier.Apply(t.Context(), prepared, nil)
				says(t, err, "nothing was changed", words)
				s.untouched(0)
				if all, _, _ := s.store.List(); len(all) > 0 {
					t.Errorf("the journal has %v", all[0].ID)
				}
			})
		})
	}
}

func TestARefusedUpdateLeavesTheOpenedGroupForTheRollback(t *testing.T) {
	for kind, words := range map[simulator.FailureKind]string{
		simulator.AccessDenied: "ecs:UpdateService is not allowed: add it to the policy of this role or user",
		simulator.ExplicitDeny: "denied explicitly by a service control policy",
		simulator.ExpiredToken: "credentials have expired",
		simulator.Throttled:    "was throttled 3 times",
		simulator.Unsupported:  "the endpoint does not know ecs:UpdateService",
	} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				prepared := s.prepare()
				s.sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: "ecs:UpdateService", With: kind}}})
				e, err := s.applier.Apply(t.Context(), prepared, nil)
				says(t, err, words, "Done: Admit tcp 10080 from ", "Not done: "+s.plan.Steps[1].Title,
					"`hopscope rollback "+e.ID+" --allow-apply` takes it back")
				if e.State != journal.Failed || e.Message != err.Error() || e.Steps[1].State != journal.Refused ||
					e.Steps[1].Error == "" {
					t.Errorf("the entry is %+v", e)
				}
				if call := e.Calls[len(e.Calls)-1]; call.Action != "ecs:UpdateService" || call.Error == "" {
					t.Errorf("the last call is %+v", call)
				}
				s.sim.SetFaults(simulator.Faults{})
				s.takeBack(e.ID, before)
			})
		})
	}
}

func TestAGroupWhoseRulesAreUsedUpIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := awstest.Load(t, "article")
		for port := range 57 { // and the two that it has: there is room for the plan's
			w.SecurityGroups[1].Ingress = append(w.SecurityGroups[1].Ingress,
				simulator.SecurityGroupRule{Ports: simulator.Port(2000 + port), Group: "main-alb"})
		}
		s := newWorkshop(t, w, nil)
		prepared, group := s.prepare(), s.plan.Steps[0].Group
		last := *s.plan.Steps[0].Rule
		last.FromPort, last.ToPort = 22, 22
		s.changeRule("AuthorizeSecurityGroupIngress", group, &last)
		before := s.state()
		e, err := s.applier.Apply(t.Context(), prepared, nil)
		says(t, err, "nothing was changed: the quota of rules of security group "+group)
		if made := s.changes(); len(made) > 1 { // the rule that came meanwhile
			t.Errorf("something was changed: %v", made)
		}
		s.takeBack(e.ID, before)
	})
}

func TestARuleThatWasThereIsNotOursAndStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		prepared := s.prepare()
		step := prepared.Plan.Steps[0]
		s.authorize(step.Group, fmt.Sprint(step.Rule.FromPort), step.Rule.Group.ID)
		before := s.state()
		e, err := s.applier.Apply(t.Context(), prepared, nil)
		if err != nil || e.State != journal.Applied || e.Steps[0].State != journal.Found {
			t.Fatalf("%+v, %v", e, err)
		}
		e = s.takeBack(e.ID, before)
		if e.Steps[0].State != journal.Found {
			t.Errorf("the step is %s", e.Steps[0].State)
		}
	})
}

// authorize adds a rule as another program would.
func (s *workshop) authorize(group, port, from string) {
	s.Helper()
	form := "Action=AuthorizeSecurityGroupIngress&Version=2016-11-15&GroupId=" + group +
		"&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=" + port +
		"&IpPermissions.1.ToPort=" + port + "&IpPermissions.1.Groups.1.GroupId=" + from +
		"&IpPermissions.1.Groups.1.Description=by%20hand"
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, "https://ec2.ap-northeast-1.amazonaws.com/",
		strings.NewReader(form))
	if err != nil {
		s.Fatal(err)
	}
	reply, err := s.sim.RoundTrip(r)
	if err != nil || reply.StatusCode != http.StatusOK {
		s.Fatalf("%v, %v", reply, err)
	}
}

// Another program takes the rule away and makes the same one: it is not the entry's.
func TestARuleThatWasMadeInPlaceOfTheEntrysStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e := s.applied()
		s.revoke(e.Plan.Steps[0].Group, e.Steps[0].RuleIDs[0])
		s.authorize(e.Plan.Steps[0].Group, "10080", e.Plan.Steps[0].Rule.Group.ID)
		undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
		if err != nil || undone.State != journal.RolledBack {
			t.Fatal(err)
		}
		if last := undone.Calls[len(undone.Calls)-1]; !strings.Contains(last.Error, "InvalidSecurityGroupRuleId.NotFound") {
			t.Errorf("the answer was %q", last.Error)
		}
		if !strings.Contains(undone.Message, "it was made meanwhile, in place of the one that was added") {
			t.Errorf("it says %q", undone.Message)
		}
		if words := undone.Steps[0].UndoneWords(); !strings.HasPrefix(words, "left as it is: the rule for tcp 10080") {
			t.Errorf("of the step it says %q", words)
		}
		after := s.state()
		theirs := slices.IndexFunc(after.Rules, func(r string) bool { return strings.Contains(r, "by hand") })
		if theirs < 0 {
			t.Fatalf("their rule is gone: %v", after.Rules)
		}
		after.Rules = slices.Delete(after.Rules, theirs, theirs+1)
		s.same(before, after)
	})
}

// Another program makes another rule of the entry's, which keeps its id.
func TestARuleStaysWhenAnotherWasMadeOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		e := s.applied()
		widened := awstest.Transport(func(r *http.Request) (*http.Response, error) {
			action := callOf(r).action
			reply, err := s.sim.RoundTrip(r)
			if err != nil || action != "DescribeSecurityGroups" {
				return reply, err
			}
			body, err := io.ReadAll(reply.Body)
			reply.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(body), "<toPort>10080<", "<toPort>10089<")))
			reply.ContentLength = -1
			return reply, err
		})
		applier := apply.New(openBehind(t, widened, awsOptions()), s.store, apply.Options{})
		undone, err := applier.Rollback(t.Context(), e.ID, nil)
		if err != nil || undone.State != journal.RolledBack {
			t.Fatal(err)
		}
		group := e.Plan.Steps[0].Group
		if want := "left as it is: the rule for tcp 10080 that was added to security group " + group +
			": it was changed or removed meanwhile. not as it was before: the rule of security group " + group +
			" for tcp 10080-10089 and " + e.Plan.Steps[0].Rule.Group.ID + " was added"; undone.Message != want {
			t.Errorf("it says %q", undone.Message)
		}
		if words := undone.Steps[0].UndoneWords(); !strings.HasPrefix(words, "left as it is: the rule for tcp 10080") {
			t.Errorf("of the step it says %q", words)
		}
		if slices.Contains(s.changes(), "RevokeSecurityGroupIngress") {
			t.Error("their rule is gone")
		}
	})
}

// revoke takes a rule away as another program would.
func (s *workshop) revoke(group, id string) {
	s.Helper()
	form := "Action=RevokeSecurityGroupIngress&Version=2016-11-15&GroupId=" + group + "&SecurityGroupRuleId.1=" + id
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, "https://ec2.ap-northeast-1.amazonaws.com/",
		strings.NewReader(form))
	if err != nil {
		s.Fatal(err)
	}
	reply, err := s.sim.RoundTrip(r)
	if err != nil || reply.StatusCode != http.StatusOK {
		s.Fatalf("%v, %v", reply, err)
	}
}

func TestTwoRunsDoNotChangeOneServiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *workshop
		var second, third error
		s = newWorkshop(t, awstest.Load(t, "article"), intercept(func(c call) {
			if c.action != "UpdateService" || c.after || second != nil {
				return
			}
			source := openBehind(t, s.sim, awsOptions())
			other := apply.New(source, s.store, apply.Options{})
			prepared, err := other.Prepare(t.Context(), s.plan)
			if err != nil {
				t.Error(err)
				return
			}
			_, second = other.Apply(t.Context(), prepared, nil)
			all, _, _ := s.store.List()
			_, third = other.Rollback(t.Context(), all[0].ID, nil)
		}))
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Applied {
			t.Fatalf("%+v, %v", e, err)
		}
		says(t, second, "another hopscope", "sample-cluster/sample-ecs-app")
		says(t, third, "another hopscope")
		if got := s.changes(); len(got) != 2 {
			t.Errorf("the changes are %v", got)
		}
	})
}

func TestAnEntryIsAppliedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		prepared := s.prepare()
		e, err := s.applier.Apply(t.Context(), prepared, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.applier.Apply(t.Context(), e, nil)
		says(t, err, "carried out already")
		s.applier.Rollback(t.Context(), e.ID, nil)
		n := len(s.changes())
		_, err = s.applier.Apply(t.Context(), prepared, nil)
		if err == nil {
			t.Error("an entry was applied twice")
		}
		s.untouched(n)
	})
}

// call is a request on its way to the simulator, or its reply on the way back.
type call struct {
	action        string
	dryRun, after bool
}

// intercept calls f before and after each request.
func intercept(f func(call)) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return awstest.Transport(func(r *http.Request) (*http.Response, error) {
			c := callOf(r)
			f(c)
			reply, err := next.RoundTrip(r)
			c.after = true
			f(c)
			return reply, err
		})
	}
}

// callOf reads a request, and leaves it to be read again.
func callOf(r *http.Request) call {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return call{action: target[strings.LastIndexByte(target, '.')+1:]}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return call{}
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	for _, pair := range strings.Split(string(body), "&") {
		if action, ok := strings.CutPrefix(pair, "Action="); ok {
			return call{action: action, dryRun: strings.Contains(string(body), "DryRun=true")}
		}
	}
	return call{}
}

// An interrupt leaves what was done for the rollback.
func TestAnInterruptIsFailedAndTakenBack(t *testing.T) {
	for _, at := range []journal.State{journal.Applying, journal.RollingOut, journal.Verifying} {
		t.Run(string(at), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				e, err := s.applier.Apply(ctx, s.prepare(), func(e *journal.Entry) {
					if e.State == at {
						cancel()
					}
				})
				if at == journal.Verifying {
					if err != nil || e.State != journal.Unverified || !strings.Contains(e.Message, "interrupted") ||
						len(e.Unmet) == 0 {
						t.Errorf("%s: %s, %v", e.State, e.Message, err)
					}
				} else if err == nil || e.State != journal.Failed || !strings.Contains(e.Message, "interrupted") {
					t.Errorf("%s: %s, %v", e.State, e.Message, err)
				}
				s.takeBack(e.ID, before)
			})
		})
	}
}

func TestPathsThatAreNotKnownAreNotVerified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e, err := s.applier.Apply(t.Context(), s.prepare(), func(e *journal.Entry) {
			if e.State == journal.Verifying {
				s.sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{
					Action: string(model.DescribeTaskDefinition),
					With:   simulator.AccessDenied,
				}}})
			}
		})
		if err != nil || e.State != journal.Unverified || len(e.Unmet) == 0 ||
			!strings.Contains(e.Message, "could not be read") {
			t.Fatalf("%s: %s, %+v, %v", e.State, e.Message, e.Unmet, err)
		}
		s.sim.SetFaults(simulator.Faults{})
		s.takeBack(e.ID, before)
	})
}

// The entry that failed first made the rule that the second one, of another machine,
// found.
func TestARuleThatAnotherEntryNeedsIsNotTakenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		first := s.prepare()
		s.sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{
			Action: "ecs:UpdateService",
			With:   simulator.AccessDenied,
		}}})
		s.applier.Apply(t.Context(), first, nil)
		s.sim.SetFaults(simulator.Faults{})
		other := apply.New(s.source, memory{}, apply.Options{})
		second, err := other.Apply(t.Context(), s.prepare(), nil)
		if err != nil || second.State != journal.Applied || second.Steps[0].State != journal.Found {
			t.Fatalf("%+v, %v", second, err)
		}
		n := len(s.changes())
		_, err = s.applier.Rollback(t.Context(), first.ID, nil)
		says(t, err, "it needs the rules that would go", "hopscope journal")
		s.untouched(n)
		if _, err := other.Rollback(t.Context(), second.ID, nil); err != nil {
			t.Fatal(err)
		}
		s.takeBack(first.ID, before)
	})
}

// The program ended before its call left; then another program made the same rule.
func TestARuleOfAnotherProgramIsNotTakenForACallThatNeverLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		prepared := s.prepare()
		dead := false
		source := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
			if c := callOf(r); c.action == "AuthorizeSecurityGroupIngress" && !c.dryRun {
				dead = true
			}
			if dead {
				return nil, errDead
			}
			return s.sim.RoundTrip(r)
		}), awsOptions())
		e, err := apply.New(source, s.store, apply.Options{}).Apply(t.Context(), prepared, nil)
		if err == nil || e.Steps[0].State != journal.Begun {
			t.Fatalf("%+v, %v", e, err)
		}
		s.authorize(e.Plan.Steps[0].Group, "10080", e.Plan.Steps[0].Rule.Group.ID)
		before := s.state()
		s.takeBack(e.ID, before)
	})
}

// A plan of an earlier version, as its journal has it, says of no path where it is:
// what cannot be verified is not said to be.
func TestAPlanWithoutPlacesIsCarriedOutAndNotVerified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		prepared := s.prepare()
		prepared.Plan.Wanted = fix.Shown(prepared.Plan.Wanted)
		e, err := s.applier.Apply(t.Context(), prepared, nil)
		if err != nil || e.State != journal.Unverified || len(e.Unmet) != len(prepared.Plan.Wanted) ||
			!strings.Contains(e.Message, "an earlier version of hopscope made the plan") {
			t.Fatalf("%s: %s, %+v, %v", e.State, e.Message, e.Unmet, err)
		}
		s.takeBack(e.ID, before)
	})
}
