package apply_test

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// What other programs, other machines and a clock do between an application and its
// rollback.

// without takes the rule away whose description begins so, as another program would.
func (s *workshop) without(group, description string) {
	s.Helper()
	for _, g := range read(s.T, openBehind(s.T, s.sim, awsOptions())).SecurityGroups {
		if g.ID != group {
			continue
		}
		for _, r := range g.Ingress {
			if strings.HasPrefix(r.Description, description) {
				s.changeRule("RevokeSecurityGroupIngress", group, &r)
				return
			}
		}
	}
	s.Fatalf("no rule of %s is described as %q", group, description)
}

// A rule whose answer was lost has no id in the journal. Where it is gone meanwhile,
// there is nothing to take away, and the rules of other callers go all the same.
func TestARuleWithoutIDThatIsGoneStopsNoRollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newWorkshop(t, awstest.Load(t, "article"), lose("AuthorizeSecurityGroupIngress"))
		before := s.state()
		open := s.plan.Steps[0]
		other := open
		rule := *open.Rule
		rule.FromPort, rule.ToPort = 10090, 10090
		other.Rule = &rule
		s.planned(other, open, s.plan.Steps[1])
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.Steps[0].State != journal.Done || len(e.Steps[0].RuleIDs) != 0 {
			t.Fatalf("%+v, %v", e, err)
		}
		s.without(open.Group, "hopscope "+e.ID)
		s.takeBack(e.ID, before)
	})
}

// Where the clock was set back between two plans, the one that was carried out last
// still has to go first.
func TestTheOrderOfEntriesIsNotTheClocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		first := s.applied()
		i := slices.IndexFunc(first.Plan.Steps, func(s fix.Step) bool { return s.Later })
		shut := first.Plan.Steps[i]
		shut.Later = false
		s.planned(shut)
		o := awsOptions()
		o.Clock = func() time.Time { return time.Now().Add(-24 * time.Hour) }
		back := apply.New(openBehind(t, s.sim, o), s.store, apply.Options{})
		prepared, err := back.Prepare(t.Context(), s.plan)
		if err != nil {
			t.Fatal(err)
		}
		second, err := back.Apply(t.Context(), prepared, nil)
		if err != nil || !second.Calls[0].Time.Before(first.Calls[0].Time) {
			t.Fatalf("%+v, %v", second, err)
		}
		n := len(s.changes())
		_, err = s.applier.Rollback(t.Context(), first.ID, nil)
		says(t, err, second.ID, "roll that one back first")
		s.untouched(n)
		if _, err := s.applier.Rollback(t.Context(), second.ID, nil); err != nil {
			t.Fatal(err)
		}
		s.takeBack(first.ID, before)
	})
}

// An entry of a clock that was years ahead costs no more looks than another one.
func TestAnEntryOfTheFutureCostsNoLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e := s.applied()
		e.UpdatedAt = e.UpdatedAt.AddDate(10, 0, 0)
		if err := s.store.Save(e); err != nil {
			t.Fatal(err)
		}
		n := awstest.Count(s.sim, "ecs:DescribeServices")
		s.takeBack(e.ID, before)
		if looks := awstest.Count(s.sim, "ecs:DescribeServices") - n; looks > 100 {
			t.Errorf("it took %d looks", looks)
		}
	})
}

// fullDisk has room for the entry, and for nothing after it.
type fullDisk struct{ journal.Store }

func (fullDisk) Save(*journal.Entry) error { return syscall.ENOSPC }

func TestADiskThatIsFullBeforeTheFirstCallSaysThatNothingWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		before := s.state()
		e, err := apply.New(s.source, fullDisk{s.store}, apply.Options{}).Apply(t.Context(), s.prepare(), nil)
		says(t, err, "nothing was changed: the journal cannot be written (no space left on device)",
			"nothing more is sent without it", "make room for it")
		if !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "rollback") || len(e.Calls) > 0 ||
			e.Steps[0].State != journal.Pending {
			t.Errorf("%v, %+v", err, e)
		}
		s.untouched(0)
		s.takeBack(e.ID, before)
	})
}

// ec2 sends a call to EC2 as another program would.
func (s *workshop) ec2(form url.Values) {
	s.Helper()
	form.Set("Version", "2016-11-15")
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, "https://ec2.ap-northeast-1.amazonaws.com/",
		strings.NewReader(form.Encode()))
	if err != nil {
		s.Fatal(err)
	}
	reply, err := s.sim.RoundTrip(r)
	if err != nil || reply.StatusCode != http.StatusOK {
		s.Fatalf("%s: %v, %v", form, reply, err)
	}
}

// changeRule adds an ingress rule for a group, or takes it away, as another program
// would.
func (s *workshop) changeRule(action, group string, r *model.SecurityGroupRule) {
	s.Helper()
	form := url.Values{
		"Action": {action}, "GroupId": {group},
		"IpPermissions.1.IpProtocol": {r.Protocol},
		"IpPermissions.1.FromPort":   {strconv.Itoa(r.FromPort)}, "IpPermissions.1.ToPort": {strconv.Itoa(r.ToPort)},
	}
	if r.Group != nil {
		form.Set("IpPermissions.1.Groups.1.GroupId", r.Group.ID)
		if r.Description != "" {
			form.Set("IpPermissions.1.Groups.1.Description", r.Description)
		}
	} else {
		form.Set("IpPermissions.1.IpRanges.1.CidrIp", r.CIDR.String())
	}
	s.ec2(form)
}

// The three ways on which callers were cut off while it said that everything was as it
// was: the rule that admitted them is gone, by another user or by another machine.
func TestARollbackThatWouldCutCallersOffIsRefused(t *testing.T) {
	for name, remove := range map[string]func(*workshop, *journal.Entry){
		"by hand": func(s *workshop, e *journal.Entry) {
			s.without(e.Plan.Steps[0].Group, "Service Connect clients")
		},
		"tidied up by another machine": func(s *workshop, e *journal.Entry) {
			theirs := memory{}
			if err := theirs.Save(e); err != nil {
				s.Fatal(err)
			}
			if _, err := apply.New(s.source, theirs, apply.Options{}).Tidy(s.Context(), e.ID, nil); err != nil {
				s.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				e := s.applied()
				remove(s, e)
				n := len(s.changes())
				undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
				says(t, err, "nothing was taken back, since requests would be refused that arrive now: the path of "+
					"sample-cluster/client-service to port 80; the rule of security group "+e.Plan.Steps[0].Group,
					"for tcp 80", "is gone", "put it back first")
				if !errors.Is(err, journal.ErrChangedSince) || undone.State != journal.Applied {
					t.Errorf("%s, %v", undone.State, err)
				}
				s.untouched(n)
				s.admitted("sample-ecs-app")
				if says(t, err, "or pass --allow-blocked"); name == "by hand" {
					undone, err = s.applier.RollbackAnyway(t.Context(), e.ID, nil)
					if err != nil || undone.State != journal.RolledBack || s.block() != before.Block ||
						!strings.Contains(undone.Message, "to port 80 is now blocked (was allowed)") {
						t.Errorf("anyway: %s: %s, %v", undone.State, undone.Message, err)
					}
					return
				}
				rule := *e.Plan.Steps[2].Rule
				rule.Description = ""
				s.changeRule("AuthorizeSecurityGroupIngress", e.Plan.Steps[0].Group, &rule)
				undone, err = s.applier.Rollback(t.Context(), e.ID, nil)
				if err != nil || undone.State != journal.RolledBack || s.block() != before.Block ||
					!strings.Contains(undone.Message, "for tcp 80 and "+rule.Group.ID+" has another description") {
					t.Errorf("%s: %s, %v", undone.State, undone.Message, err)
				}
				s.admitted("sample-ecs-app")
			})
		})
	}
}

// An entry of an earlier version noted no paths: they are derived from block and rules.
func TestARollbackOfAnEarlierVersionsEntryIsRefusedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		e := s.applied()
		e.Before.Paths, e.Before.Deployments, e.Sequence = nil, nil, 0
		if err := s.store.Save(e); err != nil {
			t.Fatal(err)
		}
		s.without(e.Plan.Steps[0].Group, "Service Connect clients")
		_, err := s.applier.Rollback(t.Context(), e.ID, nil)
		says(t, err, "requests would be refused that arrive now", "put it back first")
	})
}

// What others added or took away and no caller needs is no reason not to take back; it is
// named.
func TestARollbackNamesWhatOthersChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		e := s.applied()
		group := e.Plan.Steps[0].Group
		ssh := &model.SecurityGroupRule{
			Protocol: "tcp", FromPort: 22, ToPort: 22,
			CIDR: netip.MustParsePrefix("10.9.0.0/16"),
		}
		s.changeRule("AuthorizeSecurityGroupIngress", group, ssh)
		undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
		want := "not as it was before: the rule of security group " + group + " for tcp 22 and 10.9.0.0/16 was added"
		if err != nil || undone.State != journal.RolledBack || undone.Message != want {
			t.Errorf("%s: %q, %v", undone.State, undone.Message, err)
		}
	})
}

// A rule of a group that the plan does not touch may admit callers too.
func TestARollbackDerivesThePathsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		e := s.applied()
		s.narrow(e)
		undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
		says(t, err, "requests would be refused that arrive now: the path of sample-cluster/client-service to port 80")
		if undone.State != journal.Applied {
			t.Errorf("it is %s", undone.State)
		}
		s.admitted("sample-ecs-app")
	})
}

// narrow lets the callers' group reach nothing but the port of the plan.
func (s *workshop) narrow(e *journal.Entry) {
	s.Helper()
	client := s.group("client-service")
	s.ec2(url.Values{
		"Action": {"AuthorizeSecurityGroupEgress"}, "GroupId": {client}, "IpPermissions.1.IpProtocol": {"tcp"},
		"IpPermissions.1.FromPort": {"10080"}, "IpPermissions.1.ToPort": {"10080"},
		"IpPermissions.1.Groups.1.GroupId": {e.Plan.Steps[0].Group},
	})
	s.ec2(url.Values{
		"Action": {"RevokeSecurityGroupEgress"}, "GroupId": {client}, "IpPermissions.1.IpProtocol": {"-1"},
		"IpPermissions.1.IpRanges.1.CidrIp": {"0.0.0.0/0"},
	})
}

// between calls do before the call of an action that changes something, once.
func between(action string, do func()) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return awstest.Transport(func(r *http.Request) (*http.Response, error) {
			if c := callOf(r); do != nil && c.action == action && !c.dryRun {
				once := do
				do = nil
				once()
			}
			return next.RoundTrip(r)
		})
	}
}

// UpdateService has no way to say "only if": a deployment that comes between the last look
// and the call is replaced unseen. The answer shows it.
func TestADeploymentThatTheUpdateReplacedUnseenIsNamedAndSentBack(t *testing.T) {
	for name, lost := range map[string]bool{"answered": false, "answer lost": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s *workshop
				theirs := func() {
					s.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app",`+
						`"serviceConnectConfiguration":`+otherOverride+`}`)
				}
				s = newWorkshop(t, awstest.Load(t, "article"), func(next http.RoundTripper) http.RoundTripper {
					if lost {
						next = lose("UpdateService")(next)
					}
					return between("UpdateService", theirs)(next)
				})
				before := s.state()
				e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
				if err != nil || e.State != journal.Unverified || e.Before.Overtaken == nil ||
					!strings.Contains(e.Message, "deployed sample-cluster/sample-ecs-app ("+e.Before.Overtaken.Deployment+
						") right before the update, and the update replaced its Service Connect block") {
					t.Fatalf("%s: %s, %v", e.State, e.Message, err)
				}
				e, err = s.applier.Rollback(t.Context(), e.ID, nil)
				if err != nil || e.State != journal.RolledBack || s.block() != otherOverride ||
					!strings.Contains(e.Message, "the Service Connect block is that of deployment") ||
					strings.Contains(e.Message, "the path of") { // it is as that deployment had left it
					t.Errorf("%s: %s, %v; the block is %s", e.State, e.Message, err, s.block())
				}
				after := s.state()
				after.Block = before.Block
				s.same(before, after)
				s.update(before.Block) // as it was before both
				if e, err = s.applier.Rollback(t.Context(), e.ID, nil); err != nil || e.Message != "" {
					t.Errorf("%s: %s, %v", e.State, e.Message, err)
				}
			})
		})
	}
}

// A deployment of the same block loses nothing, and is said too.
func TestADeploymentOfTheSameBlockRightBeforeTheUpdateIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *workshop
		s = newWorkshop(t, awstest.Load(t, "article"), between("UpdateService", func() {
			s.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app","forceNewDeployment":true}`)
		}))
		before := s.state()
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Unverified || !strings.Contains(e.Message, "what else it changed stays") {
			t.Fatalf("%s: %s, %v", e.State, e.Message, err)
		}
		s.takeBack(e.ID, before)
	})
}

func TestAServiceWithoutTasksIsNotVerified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := awstest.Load(t, "article")
		none := 0
		w.Services[0].DesiredCount = &none
		s := newWorkshop(t, w, nil)
		before := s.state()
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Unverified || !strings.Contains(e.Message, "its desired count is 0") {
			t.Fatalf("%s: %s, %v", e.State, e.Message, err)
		}
		s.takeBack(e.ID, before)
	})
}
