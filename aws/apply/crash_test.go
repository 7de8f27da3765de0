package apply_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/internal/thorough"
	"hopscope/model/journal"
)

// errDead is all that a program meets after its end.
var errDead = errors.New("the program has ended")

// life ends at a given event: each request and each write of the journal is two, one
// before it takes place and one after. From then on nothing gets through, which is
// what a SIGKILL looks like from outside.
type life struct {
	mu   sync.Mutex // of requests that are under way at once
	left int
	over bool
	// last is the event at which it ended.
	last string
}

func (l *life) event(name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		if l.left--; l.left < 0 {
			l.over, l.last = true, name
		}
	}
	if l.over {
		return errDead
	}
	return nil
}

// wrap lets requests through while there is life.
func (l *life) wrap(next http.RoundTripper) http.RoundTripper {
	return awstest.Transport(func(r *http.Request) (*http.Response, error) {
		name := callOf(r).action
		if err := l.event("before " + name); err != nil {
			return nil, err
		}
		reply, err := next.RoundTrip(r)
		if dead := l.event("after " + name); dead != nil {
			return nil, dead
		}
		return reply, err
	})
}

// mortalJournal writes while there is life.
type mortalJournal struct {
	journal.Store
	life *life
}

func (j mortalJournal) Create(e *journal.Entry) error { return j.write("create", e, j.Store.Create) }

func (j mortalJournal) Save(e *journal.Entry) error {
	return j.write(fmt.Sprint("save ", e.State), e, j.Store.Save)
}

func (j mortalJournal) write(name string, e *journal.Entry, write func(*journal.Entry) error) error {
	if err := j.life.event("before " + name); err != nil {
		return err
	}
	if err := write(e); err != nil {
		return err
	}
	return j.life.event("after " + name)
}

// mortal is an applier that ends after n events.
func (s *workshop) mortal(n int) (*apply.Applier, *life) {
	s.Helper()
	l := &life{left: n}
	source := openBehind(s.T, l.wrap(s.sim), awsOptions())
	return apply.New(source, mortalJournal{s.store, l}, apply.Options{}), l
}

// only is the entry of the journal, nil when there is none.
func (s *workshop) only() *journal.Entry {
	s.Helper()
	all, bad, err := s.store.List()
	if err != nil || len(bad) > 0 || len(all) > 1 {
		s.Fatalf("the journal has %d entries, %v, %v", len(all), bad, err)
	}
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

func TestAnApplyThatEndsAnywhereIsTakenBack(t *testing.T) {
	ends := map[string]bool{}
	for n := 0; ; n += thorough.Step(5) {
		finished := false
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				prepared := s.prepare()
				applier, l := s.mortal(n)
				_, _ = applier.Apply(t.Context(), prepared, nil)
				finished = !l.over
				ends[l.last] = true
				if e := s.only(); e != nil {
					s.takeBack(e.ID, before)
				} else {
					s.untouched(0)
					s.same(before, s.state())
				}
			})
		})
		if finished || t.Failed() {
			t.Logf("%d events", n)
			break
		}
	}
	for _, event := range []string{
		"after create", "before save applying", "after save applying", "before AuthorizeSecurityGroupIngress",
		"after AuthorizeSecurityGroupIngress",
		"before UpdateService", "after UpdateService", "after save rolling-out", "after save verifying", "after save applied",
	} {
		if !ends[event] && thorough.On() {
			t.Errorf("no run ended %s", event)
		}
	}
}

func TestARollbackThatEndsAnywhereIsGoneOnWith(t *testing.T) {
	ends := map[string]bool{}
	for n := 0; ; n += thorough.Step(5) {
		finished := false
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := article(t)
				before := s.state()
				e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if e, err = s.applier.Tidy(t.Context(), e.ID, nil); err != nil || e.State != journal.Applied {
					t.Fatalf("%+v, %v", e, err)
				}
				applier, l := s.mortal(n)
				_, _ = applier.Rollback(t.Context(), e.ID, nil)
				finished = !l.over
				ends[l.last] = true
				s.takeBack(e.ID, before)
			})
		})
		if finished || t.Failed() {
			t.Logf("%d events", n)
			break
		}
	}
	for _, event := range []string{
		"after save rolling-back", "before AuthorizeSecurityGroupIngress", "after AuthorizeSecurityGroupIngress",
		"before UpdateService", "after UpdateService",
		"before RevokeSecurityGroupIngress", "after RevokeSecurityGroupIngress", "after save rolled-back",
	} {
		if !ends[event] && thorough.On() {
			t.Errorf("no run ended %s", event)
		}
	}
}

func TestATidyingThatEndsAnywhereIsTakenBackOrGoneOnWith(t *testing.T) {
	for _, again := range []bool{false, true} {
		for n := 0; ; n += thorough.Step(5) {
			finished := false
			t.Run(fmt.Sprint(again, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := article(t)
					before := s.state()
					e, err := s.applier.Apply(t.Context(), s.prepare(), nil)
					if err != nil {
						t.Fatal(err)
					}
					applier, l := s.mortal(n)
					_, _ = applier.Tidy(t.Context(), e.ID, nil)
					finished = !l.over
					if again && s.only().State == journal.Applied {
						e, err := s.applier.Tidy(t.Context(), e.ID, nil)
						if err != nil || e.State != journal.Applied || e.Steps[2].State != journal.Done {
							t.Errorf("%+v, %v", e, err)
						}
					}
					s.takeBack(e.ID, before)
				})
			})
			if finished || t.Failed() {
				t.Logf("%d events", n)
				break
			}
		}
	}
}
