package apply_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws/awstest"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// An entry that is rolled back is compared without gate and question. If another program
// opens it again in the meantime, nothing is sent.
func TestComparingSendsNothingWhateverBecameOfTheEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		e := s.applied()
		n := len(s.changes())
		_, err := s.applier.Compare(t.Context(), e.ID, nil)
		says(t, err, "entry "+e.ID+" is not rolled back any more (it is applied)", "nothing sent", "hopscope rollback "+e.ID)
		s.untouched(n)
		if _, err := s.applier.Rollback(t.Context(), e.ID, nil); err != nil {
			t.Fatal(err)
		}
		n = len(s.changes())
		same, err := s.applier.Compare(t.Context(), e.ID, nil)
		if err != nil || same.State != journal.RolledBack || same.Message != "" {
			t.Errorf("%s: %s, %v", same.State, same.Message, err)
		}
		s.untouched(n)
	})
}

// A damaged entry that is rolled back, and of which a step is not, is none.
func TestAnEntryThatIsRolledBackHasNoStepLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := article(t)
		undone, err := s.applier.Rollback(t.Context(), s.applied().ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		undone.Steps[0].State = journal.Done
		data, err := json.Marshal(undone)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.store.Dir, undone.ID+".json"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = s.applier.Rollback(t.Context(), undone.ID, nil)
		says(t, err, "step 1 is not taken back, although the entry is")
	})
}

// A secret that AWS quotes is masked before the text is elided or its blanks are joined:
// of what is left then, no half of it may be seen.
func TestNoHalfOfASecretIsLeftOfALongText(t *testing.T) {
	for name, test := range map[string]struct{ before, secret string }{
		"at the end of what is kept": {strings.Repeat("x", 290) + " ", "planted-token"},
		"with blanks in it":          {"not valid: ", "planted  two  blanks"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := awstest.Load(t, "article")
				w.Services[0].ServiceConnect = []byte(`{"enabled":true,"namespace":"sample-namespace",` +
					`"services":[{"portName":"app","discoveryName":"app",` +
					`"clientAliases":[{"port":80,"dnsName":"app.sample-namespace"}]}],` +
					`"logConfiguration":{"logDriver":"splunk","options":` +
					`{"splunk-token":"` + test.secret + `"}}}`)
				s := newWorkshop(t, w, func(next http.RoundTripper) http.RoundTripper {
					return answering(next, func(body string) string {
						return regexp.MustCompile(`"rolloutStateReason":"[^"]*"`).ReplaceAllString(body,
							`"rolloutStateReason":"`+test.before+test.secret+`"`)
					})
				})
				e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
				if err != nil || e.Rollout == nil || e.Rollout.Reason == "" {
					t.Fatalf("%+v, %v", e.Rollout, err)
				}
				if strings.Contains(e.Rollout.Reason, "planted") {
					t.Error(e.Rollout.Reason)
				}
			})
		})
	}
}

// Without tasks, and with paths that cannot be verified, it is not known whether the
// configuration is as wanted.
func TestAServiceWithoutTasksIsAsWantedOnlyWhereThatIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := awstest.Load(t, "article")
		none := 0
		w.Services[0].DesiredCount = &none
		s := newWorkshop(t, w, nil)
		s.plan.Wanted = append(s.plan.Wanted, fix.Expectation{From: "client-service", ContainerPort: 80})
		e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
		if err != nil || e.State != journal.Unverified || strings.Contains(e.Message, "the configuration is as wanted") {
			t.Errorf("%s: %s, %v", e.State, e.Message, err)
		}
	})
}
