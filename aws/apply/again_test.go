package apply_test

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/journal"
)

// A sentence about now needs a look now: what others changed after a rollback is named by
// the next one, which sends nothing, and is forgotten once it is repaired.
func TestAnotherRollbackLooksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e := s.applied()
		s.takeBack(e.ID, before)
		n := len(s.changes())
		looked := func(want string) {
			t.Helper()
			again, err := s.applier.Rollback(t.Context(), e.ID, nil)
			if err != nil || again.State != journal.RolledBack || (want == "") != (again.Message == "") ||
				!strings.Contains(again.Message, want) {
				t.Errorf("%s: %q, %v; want %q", again.State, again.Message, err, want)
			}
			if kept, err := s.store.Load(e.ID); err != nil || kept.Message != again.Message {
				t.Errorf("the journal has %+v, %v", kept, err)
			}
		}
		group := e.Plan.Steps[0].Group
		ssh := &model.SecurityGroupRule{Protocol: "tcp", FromPort: 22, ToPort: 22, CIDR: netip.MustParsePrefix("10.9.0.0/16")}
		s.changeRule("AuthorizeSecurityGroupIngress", group, ssh)
		n++
		looked("not as it was before: the rule of security group " + group + " for tcp 22 and 10.9.0.0/16 was added")
		s.changeRule("RevokeSecurityGroupIngress", group, ssh)
		n++
		looked("")
		s.without(group, "Service Connect clients")
		n++
		looked("is gone; the path of sample-cluster/client-service to port 80 is now blocked (was allowed)")
		s.untouched(n)
	})
}

// A newer entry that stands explains what differs.
func TestAnotherRollbackNamesTheNewerEntryThatStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		first := s.applied()
		s.takeBack(first.ID, before)
		second := s.applied()
		again, err := s.applier.Rollback(t.Context(), first.ID, nil)
		if err != nil || again.State != journal.RolledBack ||
			!strings.Contains(again.Message, "the service has another Service Connect block") ||
			!strings.HasSuffix(again.Message, "the newer entry "+second.ID+" stands") {
			t.Errorf("%s: %q, %v", again.State, again.Message, err)
		}
		s.takeBack(second.ID, before)
	})
}

// A call of ours may arrive after the rollback that did not find its rule: it has the
// entry's mark, and the next rollbacks say so and take it away. What others took away since
// is theirs.
func TestACallThatArrivesAfterTheRollbackIsTakenBackToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e := s.applied()
		step := &e.Plan.Steps[0]
		s.takeBack(e.ID, before)
		late := *step.Rule
		late.Description = "hopscope " + e.ID + ": late"
		s.changeRule("AuthorizeSecurityGroupIngress", step.Group, &late)
		again, err := s.applier.Rollback(t.Context(), e.ID, nil)
		says(t, err, "not everything is taken back yet", "was to go from security group "+step.Group+" is there",
			"goes on with it")
		if again.State != journal.Failed || !errors.Is(err, journal.ErrChangedSince) {
			t.Errorf("%s, %v", again.State, err)
		}
		s.takeBack(e.ID, before)
	})
}

// What cannot be read after a rollback is no difference: whether requests arrive as before
// is not known, and the next rollback looks again.
func TestWhatCannotBeReadAfterARollbackIsNoDifference(t *testing.T) {
	for _, test := range []struct {
		action model.Action
		with   simulator.FailureKind
		says   string
	}{
		{"elasticloadbalancing:*", simulator.AccessDenied, "elasticloadbalancing:DescribeTargetGroups is denied"},
		{"elasticloadbalancing:*", simulator.HTMLError, "does not support elasticloadbalancing:DescribeTargetGroups"},
		{model.DescribeLoadBalancers, simulator.AccessDenied, "elasticloadbalancing:DescribeLoadBalancers is denied"},
		{model.DescribeListeners, simulator.AccessDenied, "elasticloadbalancing:DescribeListeners is denied"},
		{
			model.DescribeTargetHealth, simulator.AccessDenied,
			"elasticloadbalancing:DescribeTargetHealth is denied (the path of main-alb to port 80)",
		},
		{model.DescribeRules, simulator.Cut, "elasticloadbalancing:DescribeRules failed"},
		{model.DescribeNetworkAcls, simulator.AccessDenied, "ec2:DescribeNetworkAcls is denied"},
		{model.DescribeSubnets, simulator.InternalError, "ec2:DescribeSubnets failed"},
		{model.DescribeTaskDefinition, simulator.AccessDenied, "ecs:DescribeTaskDefinition is denied"},
		{model.ListServices, simulator.AccessDenied, "ecs:ListServices"},
		{model.ListClusters, simulator.HTMLError, "ecs:ListClusters"},
	} {
		t.Run(string(test.action)+" "+string(test.with), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { unreadAfterRollback(t, test.action, test.with, test.says) })
		})
	}
}

func unreadAfterRollback(t *testing.T, action model.Action, with simulator.FailureKind, want string) {
	t.Helper()
	s := article(t)
	before := s.state()
	e := s.applied()
	fail := simulator.Faults{Fail: []simulator.Failure{{Action: string(action), With: with}}}
	undone, err := s.applier.Rollback(t.Context(), e.ID, func(now *journal.Entry) {
		if !slices.ContainsFunc(now.Steps, func(s journal.Step) bool { return s.State == journal.Done }) {
			s.sim.SetFaults(fail)
		}
	})
	says(t, err, "everything was taken back, but whether requests arrive as before is not known: ", want, "compares again")
	if undone.State != journal.Failed || strings.Contains(err.Error(), "is gone") || undone.Message != err.Error() {
		t.Errorf("%s: %s", undone.State, undone.Message)
	}
	s.sim.SetFaults(simulator.Faults{})
	s.takeBack(e.ID, before)

	// The same of an entry that is rolled back: what was said of it stands, for its moment.
	kept := s.entry(e.ID)
	s.sim.SetFaults(fail)
	again, err := s.applier.Rollback(t.Context(), e.ID, nil)
	says(t, err, want)
	now := s.entry(e.ID)
	if again.State != journal.RolledBack || !now.UpdatedAt.Equal(kept.UpdatedAt) || now.Message != "" {
		t.Errorf("%+v", now)
	}
	s.sim.SetFaults(simulator.Faults{})
	s.takeBack(e.ID, before)
}

func (s *workshop) entry(id string) *journal.Entry {
	s.Helper()
	e, err := s.store.Load(id)
	if err != nil {
		s.Fatal(err)
	}
	return e
}

// What could not be read when the paths were noted hid none of them: without it, a path
// that is gone is gone.
func TestAPathThatIsGoneIsNamedWhateverWasNeverRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		s.sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{
			{Action: string(model.ListMetrics), With: simulator.AccessDenied},
			{Action: string(model.ListDiscoveryServices), With: simulator.AccessDenied},
		}})
		e := s.applied()
		gone := e.Before.Paths[0]
		gone.Place.Rule.Port, gone.From = 4444, "gone-alb"
		e.Before.Paths = append(e.Before.Paths, gone)
		if err := s.store.Save(e); err != nil {
			t.Fatal(err)
		}
		undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
		if err != nil || undone.Message != "not as it was before: the path of gone-alb to port 80 is gone" {
			t.Errorf("%s: %q, %v", undone.State, undone.Message, err)
		}
	})
}

// A service that the lists leave out is not compared, and so nothing is as it was.
func TestAServiceThatIsNotListedIsNotCompared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e := s.applied()
		hidden := s.behind(func(next http.RoundTripper) http.RoundTripper {
			return answeringTo("ListServices", next, func(body string) string {
				return strings.ReplaceAll(body, "/sample-ecs-app\"", "/client-service\"")
			})
		})
		undone, err := hidden.Rollback(t.Context(), e.ID, nil)
		says(t, err, "not known", "ecs:ListServices")
		if undone.State != journal.Failed {
			t.Errorf("%s: %s", undone.State, undone.Message)
		}
		s.takeBack(e.ID, before)
	})
}

// With the credentials of another account all groups look as if they were gone.
func TestAnotherRollbackLooksAtTheSameAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e := s.applied()
		s.takeBack(e.ID, before)
		other := s.behind(func(next http.RoundTripper) http.RoundTripper {
			return answeringTo("DescribeServices", answeringTo("ListClusters", next, func(body string) string {
				return strings.ReplaceAll(body, "123456789012", "999999999999")
			}), func(string) string {
				return `{"services":[],"failures":[{"arn":"x","reason":"MISSING"}]}`
			})
		})
		_, err := other.Rollback(t.Context(), e.ID, nil)
		says(t, err, "belongs to account 123456789012, and these credentials are for 999999999999")
		if now := s.entry(e.ID); now.State != journal.RolledBack || now.Message != "" {
			t.Errorf("%+v", now)
		}
	})
}
