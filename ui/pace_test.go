package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/rule"
)

// slowly is an account that loads for a while, 20 snapshots a second, each with a
// few services more.
type slowly struct{ loads time.Duration }

func (s slowly) Collect(ctx context.Context, progress func(*model.Snapshot)) (*model.Snapshot, error) {
	const every = 50 * time.Millisecond
	n := int(s.loads / every)
	for i := range n {
		progress(withServices(i + 1))
		time.Sleep(every)
	}
	return withServices(n + 1), ctx.Err()
}

// withServices is a snapshot of n services.
func withServices(n int) *model.Snapshot {
	s := &model.Snapshot{Services: make([]model.Service, n)}
	for i := range s.Services {
		s.Services[i] = model.Service{Name: fmt.Sprintf("s%05d", i), Cluster: "prod"}
	}
	s.Counts.Services = model.Count{Listed: n, Loaded: n}
	return s
}

// loaded is what an app does while an account loads: how many analyses it makes,
// and how long those take in all.
func loaded(t *testing.T, loads, perService time.Duration) (analyses int, spent time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		last := int(loads/(50*time.Millisecond)) + 1
		a := New(Options{Source: slowly{loads}, Clock: time.Now})
		a.loading.analyze = func(s *model.Snapshot) *rule.Analysis {
			took := time.Duration(len(s.Services)) * perService
			analyses, spent = analyses+1, spent+took
			time.Sleep(took)
			return &rule.Analysis{Snapshot: s, Index: model.NewIndex(s)}
		}
		a.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
		messages := make(chan tea.Msg)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		a.clock.ctx = ctx
		var do func(tea.Cmd)
		do = func(cmd tea.Cmd) {
			if cmd == nil {
				return
			}
			go func() {
				msg := cmd()
				if all, ok := msg.(tea.BatchMsg); ok {
					for _, c := range all {
						do(c)
					}
					return
				}
				select {
				case messages <- msg:
				case <-ctx.Done():
				}
			}()
		}
		began := time.Now()
		do(a.Init())
		for shown := 0; a.inventory == nil || !a.inventory.final; {
			_, cmd := a.Update(<-messages)
			do(cmd)
			if a.inventory == nil {
				continue
			}
			if n := len(a.inventory.services); n < shown {
				t.Fatalf("%d services are shown after %d", n, shown)
			} else {
				shown = n
			}
			if a.loading.generation != 1 {
				t.Fatalf("generation %d", a.loading.generation)
			}
		}
		if got := len(a.inventory.services); got != last {
			t.Errorf("%d services are shown at the end, want %d", got, last)
		}
		full := time.Duration(last) * perService
		if late := time.Since(began) - loads; late > 2*full {
			t.Errorf("the last snapshot is shown %v after it was there, and its analysis takes %v", late, full)
		}
	})
	return analyses, spent
}

// An account that loads twice as long is analysed a few times more, not twice as often.
func TestWhileAnAccountLoadsItIsAnalysedAtGrowingIntervals(t *testing.T) {
	var before int
	for _, seconds := range []int{5, 10, 20, 40, 80} {
		loads := time.Duration(seconds) * time.Second
		n, spent := loaded(t, loads, 200*time.Microsecond)
		snapshots := int(loads/(50*time.Millisecond)) + 1
		full := time.Duration(snapshots) * 200 * time.Microsecond
		t.Logf("%v: %d snapshots, %d analyses of %v in all, %v each at the end", loads, snapshots, n, spent, full)
		if before > 0 && n > before+4 {
			t.Errorf("%d analyses in %v, and %d in half of that", n, loads, before)
		}
		if spent > 4*full {
			t.Errorf("analyses take %v in %v; that of everything takes %v", spent, loads, full)
		}
		before = n
	}
}

// What costs next to nothing is shown as it comes.
func TestASmallAccountIsShownAsItLoads(t *testing.T) {
	n, _ := loaded(t, 2*time.Second, 5*time.Microsecond)
	if n < 20 {
		t.Errorf("%d analyses of 41 snapshots that take no time", n)
	}
}

// Between the end of the reading and that of the last analysis the header does not
// count what an older snapshot held as all that there is.
func TestTheHeaderSaysThatTheLastSnapshotIsBeingAnalysed(t *testing.T) {
	a := appWith(withServices(3), 120, 40)
	a.loading.active, a.loading.cancel = true, func() {}
	a.Update(collectedMsg{snapshot: withServices(9)})
	if got := plainScreen(a); !strings.Contains(got, "analysing: 9 of 9 services") {
		t.Errorf("got\n%s", got)
	}
}
