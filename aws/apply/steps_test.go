package apply_test

import (
	"bytes"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// group is the id of a group of the world.
func (s *workshop) group(name string) string {
	s.Helper()
	for _, g := range read(s.T, s.source).SecurityGroups {
		if g.Name == name {
			return g.ID
		}
	}
	s.Fatalf("no group %q", name)
	return ""
}

// planned replaces the plan's steps.
func (s *workshop) planned(steps ...fix.Step) {
	p := *s.plan
	p.Steps, p.Wanted = steps, nil
	s.plan = &p
}

func TestRulesOfEveryKindAreAddedRemovedAndPutBackAsTheyWere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := awstest.Load(t, "article")
		w.VPCs = []simulator.VPC{{Name: "main", IPv6CIDRs: []string{"2001:db8::/56"}}}
		w.PrefixLists = []simulator.PrefixList{{
			Name: "office", ID: "pl-0123456789abcdef0",
			Entries: []string{"192.0.2.0/24"},
		}}
		w.SecurityGroups[1].Ingress = append(w.SecurityGroups[1].Ingress,
			simulator.SecurityGroupRule{CIDR: "2001:db8::/56", Note: "everything, from within"},
			simulator.SecurityGroupRule{Protocol: "icmp", CIDR: "10.0.0.0/16", Note: "pings"},
			simulator.SecurityGroupRule{Protocol: "udp", Ports: simulator.PortRange{From: 8000, To: 8010}, PrefixList: "office"},
			simulator.SecurityGroupRule{
				Ports: simulator.Port(81), Group: "sg-0123456789abcdef0", Account: "210987654321",
				PeerVPC: "vpc-1", Note: "peer",
			},
		)
		s := newWorkshop(t, w, nil)
		before := s.state()
		server := s.group("sample-ecs-app")
		var steps []fix.Step
		for _, g := range read(t, s.source).SecurityGroups {
			if g.ID != server {
				continue
			}
			for i := range g.Ingress {
				rule := g.Ingress[i]
				rule.Description = "" // the description does not tell rules apart
				steps = append(steps, fix.Step{Kind: fix.RevokeIngress, Group: g.ID, Rule: &rule, Title: "close"})
			}
			for i := range g.Egress {
				steps = append(steps, fix.Step{Kind: fix.RevokeEgress, Group: g.ID, Rule: &g.Egress[i], Title: "close"})
			}
		}
		if len(steps) < 7 {
			t.Fatalf("%d rules to remove", len(steps))
		}
		for _, rule := range []model.SecurityGroupRule{
			{
				Protocol: "tcp", FromPort: 9000, ToPort: 9010, CIDR: netip.MustParsePrefix("10.1.0.0/16"),
				Description: "hopscope: a note with ünknown letters\n" + strings.Repeat("x", 300),
			},
			{Protocol: "tcp", FromPort: 9000, ToPort: 9010, CIDR: netip.MustParsePrefix("2001:db8:1::/64")},
			{Protocol: "udp", FromPort: 53, ToPort: 53, PrefixList: "pl-0123456789abcdef0"},
			{Protocol: model.AllProtocols, Group: &model.GroupReference{ID: server}},
		} {
			steps = append(steps, fix.Step{Kind: fix.AuthorizeEgress, Group: server, Rule: &rule, Title: "open"},
				fix.Step{Kind: fix.AuthorizeIngress, Group: server, Rule: &rule, Title: "open"})
		}
		s.planned(steps...)
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Applied {
			t.Fatalf("%+v, %v", e, err)
		}
		for _, g := range read(t, s.source).SecurityGroups {
			if g.ID != server {
				continue
			}
			for _, r := range slices.Concat(g.Ingress, g.Egress) {
				if !strings.HasPrefix(r.Description, "hopscope "+e.ID+":") || len(r.Description) > 255 ||
					strings.ContainsAny(r.Description, "ü\n") {
					t.Errorf("a rule says %q", r.Description)
				}
			}
			if len(g.Ingress) != 4 || len(g.Egress) != 4 {
				t.Errorf("the group has %d and %d rules", len(g.Ingress), len(g.Egress))
			}
		}
		s.takeBack(e.ID, before)
	})
}

func TestARuleThatIsGoneAlreadyIsNotPutBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		rule := &model.SecurityGroupRule{
			Protocol: "tcp", FromPort: 443, ToPort: 443,
			CIDR: netip.MustParsePrefix("0.0.0.0/0"),
		}
		s.planned(fix.Step{Kind: fix.RevokeIngress, Group: s.group("main-alb"), Rule: rule, Title: "close"})
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Applied || e.Steps[0].State != journal.Found {
			t.Fatalf("%+v, %v", e, err)
		}
		s.takeBack(e.ID, before)
		s.untouched(0)
	})
}

func TestADeploymentOfWhatIsThereIsMadeAndNeedsNoRollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		s.planned(fix.Step{Kind: fix.UpdateService, ForceNewDeployment: true, Title: "deploy again"})
		prepared := s.prepare()
		e, err := s.applier.Apply(t.Context(), prepared, nil)
		if err != nil || e.State != journal.Applied || e.Rollout.Deployment == prepared.Before.Deployment ||
			e.Rollout.State != "COMPLETED" {
			t.Fatalf("%+v, %v", e, err)
		}
		if c := e.Calls[0].Command; !strings.HasSuffix(c, " --force-new-deployment") {
			t.Errorf("the command is %s", c)
		}
		if e = s.takeBack(e.ID, before); len(e.Calls) != 1 {
			t.Errorf("the calls are %+v", e.Calls)
		}
	})
}

// Without an update nothing is said about the service: a deployment in progress is
// none of the plan's business.
func TestAPlanForGroupsAloneDoesNotWaitForDeployments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		s.planned(s.plan.Steps[0])
		s.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app","forceNewDeployment":true}`)
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Applied || e.Rollout != nil {
			t.Fatalf("%+v, %v", e, err)
		}
		s.takeBack(e.ID, before)
	})
}

func TestProgressShowsTasksAndEventsOfTheRollout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := awstest.Load(t, "article")
		three := 3
		w.Services[0].DesiredCount, w.Services[0].CreatedAt = &three, "1999-01-01T00:00:00Z" // before the bubble
		s := newWorkshop(t, w, nil)
		s.sim = simulator.New(w, simulator.Options{RolloutTime: 40_000_000_000})
		s.source = openBehind(t, s.sim, awsOptions())
		s.applier = newApplier(s)
		var shown []journal.Rollout
		e, err := s.applier.Apply(t.Context(), s.prepare(), func(e *journal.Entry) {
			if e.Rollout != nil && (len(shown) == 0 || shown[len(shown)-1].Running != e.Rollout.Running) {
				shown = append(shown, *e.Rollout)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		var running, old []int
		for _, r := range shown {
			running, old = append(running, r.Running), append(old, r.Old)
			if r.Desired != 3 || r.Running+r.Pending != 3 {
				t.Errorf("%+v", r)
			}
		}
		if diff := cmp.Diff([]int{0, 1, 2, 3}, running); diff != "" {
			t.Error(diff)
		}
		if old[0] != 3 || old[len(old)-1] != 0 {
			t.Errorf("old tasks: %v", old)
		}
		if len(e.Rollout.Events) != 3 || !strings.Contains(e.Rollout.Events[0].Message, "steady state") ||
			!strings.Contains(e.Rollout.Events[2].Message, "has started 3 tasks") {
			t.Errorf("events: %+v", e.Rollout.Events)
		}
		if n := awstest.Count(s.sim, "ecs:DescribeServices"); n > 15 {
			t.Errorf("the service was read %d times", n)
		}
	})
}

func TestTidyingIsRefusedWhereItMightHurt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e := s.applied()
		s.update(before.Block)
		n := len(s.changes())
		_, err := s.applier.Tidy(t.Context(), e.ID, nil)
		says(t, err, "no longer what the plan was made for")
		s.untouched(n)
		s.update(e.AfterBlock)
		s.sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: "ec2:Revoke*", With: simulator.AccessDenied}}})
		tidied, err := s.applier.Tidy(t.Context(), e.ID, nil)
		says(t, err, "the plan stays applied", "ec2:RevokeSecurityGroupIngress is not allowed")
		if tidied.State != journal.Applied {
			t.Errorf("the state is %s", tidied.State)
		}
		s.sim.SetFaults(simulator.Faults{})
		tidied, err = s.applier.Tidy(t.Context(), e.ID, nil)
		if err != nil || tidied.State != journal.Applied || tidied.Steps[2].Removed == nil ||
			tidied.Steps[2].Removed.Description != "Service Connect clients" || tidied.Message != "" {
			t.Fatalf("%+v, %v", tidied, err)
		}
		n = len(s.changes())
		if _, err := s.applier.Tidy(t.Context(), e.ID, nil); err != nil {
			t.Error(err)
		}
		s.untouched(n)
		s.takeBack(e.ID, before)
		_, err = s.applier.Tidy(t.Context(), e.ID, nil)
		says(t, err, "the plan is rolled-back")
	})
}

func TestTheStatsCountDryRunsAndTheLogDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		e := s.applied()
		if n := s.applier.Stats().Calls["ec2:AuthorizeSecurityGroupIngress"]; n != 2 {
			t.Errorf("%d calls were counted, want the dry run and the call", n)
		}
		if len(e.Calls) != 2 {
			t.Errorf("the log has %+v", e.Calls)
		}
	})
}

// lingering lets an old deployment run on for some looks after the new one is complete.
func lingering(looks int) func(http.RoundTripper) http.RoundTripper {
	var mu sync.Mutex // of requests that are under way at once
	updated := false
	return func(next http.RoundTripper) http.RoundTripper {
		return awstest.Transport(func(r *http.Request) (*http.Response, error) {
			action := callOf(r).action
			reply, err := next.RoundTrip(r)
			mu.Lock()
			defer mu.Unlock()
			updated = updated || action == "UpdateService"
			if err != nil || action != "DescribeServices" || !updated || looks == 0 {
				return reply, err
			}
			body, err := io.ReadAll(reply.Body)
			if err != nil {
				return nil, err
			}
			if gjson.GetBytes(body, "services.0.deployments.0.rolloutState").String() == "COMPLETED" {
				looks--
				if body, err = sjson.SetRawBytes(body, "services.0.deployments.-1",
					[]byte(`{"id":"ecs-svc/1","status":"ACTIVE","runningCount":2}`)); err != nil {
					return nil, err
				}
			}
			reply.Body, reply.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			return reply, nil
		})
	}
}

func TestARolloutIsOverWhenTheLastOldTaskIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newWorkshop(t, awstest.Load(t, "article"), lingering(3))
		lingered := 0
		e, err := s.applier.Apply(t.Context(), s.prepare(), func(e *journal.Entry) {
			if e.State == journal.RollingOut && e.Rollout.State == "COMPLETED" && e.Rollout.Old == 2 {
				lingered++
			}
		})
		if err != nil || e.State != journal.Applied || e.Rollout.Old != 0 || lingered != 3 {
			t.Errorf("%s, %+v, %v; shown with old tasks %d times", e.State, e.Rollout, err, lingered)
		}
	})
}
