package apply_test

import (
	"errors"
	"net/http"
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
			"nothing is sent without it", "make room for it")
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
	} else {
		form.Set("IpPermissions.1.IpRanges.1.CidrIp", r.CIDR.String())
	}
	s.ec2(form)
}
