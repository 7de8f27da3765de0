package apply_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws"
	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/model/journal"
)

// killedAfter is the entry of an application that was killed when AWS had carried an
// action out, before the answer arrived: nothing was looked at since.
func (s *workshop) killedAfter(action string) *journal.Entry {
	s.Helper()
	prepared := s.prepare()
	l := &life{left: 1 << 30}
	next := l.wrap(s.sim)
	source := openBehind(s.T, awstest.Transport(func(r *http.Request) (*http.Response, error) {
		if c := callOf(r); c.action == action && !c.dryRun {
			l.mu.Lock()
			l.left = 1 // the event before it
			l.mu.Unlock()
		}
		return next.RoundTrip(r)
	}), awsOptions())
	_, _ = apply.New(source, mortalJournal{s.store, l}, apply.Options{}).Apply(s.Context(), prepared, nil)
	if l.last != "after "+action {
		s.Fatalf("it ended %q", l.last)
	}
	return s.only()
}

// A rule was added, and the program killed before it knew: the entry has no ids, and the
// rollback finds the rule by its description. One that others described anew since is not
// known to be ours: it is left and named.
func TestARuleThatAKilledProgramAddedIsFound(t *testing.T) {
	for _, described := range []bool{false, true} {
		name := map[bool]string{false: "as it was made", true: "described anew"}[described]
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				e := s.killedAfter("AuthorizeSecurityGroupIngress")
				if step := e.Steps[0]; step.State != journal.Begun || len(step.RuleIDs) > 0 ||
					len(s.state().Rules) == len(before.Rules) {
					t.Fatalf("the step is %+v, the rules are %v", step, s.state().Rules)
				}
				group, rule := e.Plan.Steps[0].Group, *e.Plan.Steps[0].Rule
				if described {
					s.changeRule("RevokeSecurityGroupIngress", group, &rule)
					rule.Description = "reviewed"
					s.changeRule("AuthorizeSecurityGroupIngress", group, &rule)
				}
				n := len(e.Calls)
				undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
				if err != nil || undone.State != journal.RolledBack {
					t.Fatalf("%+v, %v", undone, err)
				}
				if described {
					const left = "left as it is: the rule for tcp 10080 of security group "
					if !strings.HasPrefix(undone.Message, left+group+": it has not the description that this entry gives") ||
						!strings.HasSuffix(undone.Message, " was added") || len(undone.Calls) != n {
						t.Errorf("%q, calls %v", undone.Message, undone.Calls[n:])
					}
					return
				}
				if undone.Message != "" || len(undone.Calls) != n+1 || undone.Calls[n].Action != aws.RevokeIngress ||
					!strings.Contains(undone.Calls[n].Command, "hopscope "+e.ID) {
					t.Errorf("%q, calls %+v", undone.Message, undone.Calls[n:])
				}
				s.same(before, s.state())
				if n := awstest.Count(s.sim, aws.UpdateService); n != 0 {
					t.Errorf("UpdateService was sent %d times", n)
				}
			})
		})
	}
}
