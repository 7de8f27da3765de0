package apply_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/internal/thorough"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// stalled is a body that never ends: the connection is given up after a while.
type stalled struct{ io.Reader }

func (s stalled) Read(p []byte) (int, error) {
	if n, err := s.Reader.Read(p); err == nil {
		return n, nil
	}
	time.Sleep(time.Minute) // of the bubble's
	return 0, os.ErrDeadlineExceeded
}

// wrongAnswers are what may come in place of an answer to a call that changes something.
// The body is the true one.
var wrongAnswers = map[string]func(action string, body []byte) (status int, wrong io.Reader){
	"page":    func(string, []byte) (int, io.Reader) { return 200, strings.NewReader("<html>Log in</html>") },
	"nothing": func(string, []byte) (int, io.Reader) { return 200, strings.NewReader("") },
	"emptied": func(action string, _ []byte) (int, io.Reader) {
		if action == "UpdateService" {
			return 200, strings.NewReader(`{"service":{"deployments":[]}}`)
		}
		return 200, strings.NewReader("<" + action + "Response><securityGroupRuleSet/></" + action + "Response>")
	},
	"no": func(action string, _ []byte) (int, io.Reader) {
		if action == "UpdateService" {
			return 200, strings.NewReader(`{}`)
		}
		return 200, strings.NewReader("<" + action + "Response><return>false</return></" + action + "Response>")
	},
	"garbage": func(string, []byte) (int, io.Reader) { return 200, strings.NewReader("\x00\xff\x01{]") },
	"wrong type": func(action string, _ []byte) (int, io.Reader) {
		if action == "UpdateService" {
			return 200, strings.NewReader(`{"service":[5]}`)
		}
		return 200, strings.NewReader("<" + action + "Response><return>maybe</return></" + action + "Response>")
	},
	"redirection": func(string, []byte) (int, io.Reader) { return 304, strings.NewReader("") },
	"cut": func(_ string, body []byte) (int, io.Reader) {
		return 200, stalled{bytes.NewReader(body[:len(body)/2])}
	},
	"stalled":   func(string, []byte) (int, io.Reader) { return 200, stalled{strings.NewReader("")} },
	"forbidden": func(string, []byte) (int, io.Reader) { return 403, strings.NewReader("") },
}

// answerWrong gives the first call of an action a wrong answer; arrives tells whether the
// call is carried out.
func answerWrong(
	action string, arrives bool, wrong func(string, []byte) (int, io.Reader),
) func(http.RoundTripper) http.RoundTripper {
	done := false
	return func(next http.RoundTripper) http.RoundTripper {
		return awstest.Transport(func(r *http.Request) (*http.Response, error) {
			if c := callOf(r); done || c.action != action || c.dryRun {
				return next.RoundTrip(r)
			}
			done = true
			body := []byte("<" + action + "Response><return>true</return></" + action + "Response>")
			if arrives {
				reply, err := next.RoundTrip(r)
				if err != nil {
					return nil, err
				}
				if body, err = io.ReadAll(reply.Body); err != nil {
					return nil, err
				}
			}
			status, text := wrong(action, body)
			return &http.Response{
				Status: fmt.Sprint(status), StatusCode: status, Header: http.Header{}, Request: r, Body: io.NopCloser(text),
			}, nil
		})
	}
}

// everyWrite is a workshop whose plan changes rules in both directions and the block, and
// leaves nothing for later.
func everyWrite(t *testing.T) *workshop {
	t.Helper()
	s := article(t)
	server := s.plan.Steps[0].Group
	add := *s.plan.Steps[0].Rule
	everywhere := model.SecurityGroupRule{Protocol: model.AllProtocols, CIDR: netip.MustParsePrefix("0.0.0.0/0")}
	s.planned(
		s.plan.Steps[0], fix.Step{Kind: fix.AuthorizeEgress, Group: server, Rule: &add, Title: "open"}, s.plan.Steps[1],
		fix.Step{Kind: fix.RevokeIngress, Group: server, Rule: s.plan.Steps[2].Rule, Title: "close"},
		fix.Step{Kind: fix.RevokeEgress, Group: server, Rule: &everywhere, Title: "close"},
	)
	return s
}

// Whatever comes in place of an answer to a call that changes something is looked up, or
// a failure: no step is done that was not, no rollback has restored what it has not.
func TestOnlyAWSAnswersCountForWrites(t *testing.T) {
	n := 0
	for _, action := range []string{
		"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "UpdateService",
		"RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress",
	} {
		for _, name := range slices.Sorted(maps.Keys(wrongAnswers)) {
			wrong := wrongAnswers[name]
			for _, arrives := range []bool{false, true} {
				if n++; n%thorough.Step(3) != 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/arrives %t", action, name, arrives), func(t *testing.T) {
					wrap := func() func(http.RoundTripper) http.RoundTripper { return answerWrong(action, arrives, wrong) }
					synctest.Test(t, func(t *testing.T) { wronglyAnswered(t, wrap, action, arrives) })
				})
			}
		}
	}
}

func wronglyAnswered(
	t *testing.T, wrap func() func(http.RoundTripper) http.RoundTripper, action string, arrives bool,
) {
	t.Helper()
	s := everyWrite(t)
	before := s.state()
	kept := memory{}
	behind := apply.New(openBehind(t, wrap()(s.sim), awsOptions()), kept, apply.Options{})
	e, err := behind.Apply(t.Context(), s.prepare(), nil)
	i := slices.IndexFunc(e.Plan.Steps, func(p fix.Step) bool { return strings.HasSuffix(string(p.Kind), ":"+action) })
	if !arrives && (err == nil || e.Steps[i].State == journal.Done || e.State != journal.Failed) {
		t.Errorf("the step is %s, the entry %s: %v", e.Steps[i].State, e.State, err)
	}
	if arrives && (err != nil || e.Steps[i].State != journal.Done) && e.Steps[i].State != journal.Begun {
		t.Errorf("the step is %s, the entry %s: %v", e.Steps[i].State, e.State, err)
	}
	calm := apply.New(s.source, kept, apply.Options{})
	if e, err = calm.Rollback(t.Context(), e.ID, nil); err != nil || e.State != journal.RolledBack || e.Message != "" {
		t.Fatalf("%s: %s, %v", e.State, e.Message, err)
	}
	s.same(before, s.state())

	// The same in a rollback.
	if e, err = calm.Apply(t.Context(), s.prepare(), nil); err != nil || e.State != journal.Applied {
		t.Fatalf("%s: %s, %v", e.State, e.Message, err)
	}
	behind = apply.New(openBehind(t, wrap()(s.sim), awsOptions()), kept, apply.Options{})
	switch e, err = behind.Rollback(t.Context(), e.ID, nil); {
	case err == nil:
		if e.State != journal.RolledBack || e.Message != "" {
			t.Errorf("%s: %s", e.State, e.Message)
		}
		s.same(before, s.state())
	case e.State == journal.RolledBack || !strings.Contains(e.Message, "not everything is taken back yet"):
		t.Errorf("%s: %s, %v", e.State, e.Message, err)
	}
	if e, err = calm.Rollback(t.Context(), e.ID, nil); err != nil || e.State != journal.RolledBack || e.Message != "" {
		t.Fatalf("%s: %s, %v", e.State, e.Message, err)
	}
	s.same(before, s.state())
}
