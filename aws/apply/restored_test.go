package apply_test

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

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
