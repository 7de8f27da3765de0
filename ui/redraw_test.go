package ui

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/ui/uitest"
)

// onTerminal runs the app on a terminal of a synctest bubble.
func onTerminal(t *testing.T, a *App) *uitest.Terminal {
	t.Helper()
	x := uitest.NewTerminal(t, 80, 24)
	term := Terminal{Out: x, Environ: uitest.Environ}
	return x.Run(func(ctx context.Context) error { return Run(ctx, a, term, x.Options()...) })
}

// idle is an account that is read at once.
type idle struct{ snapshot *model.Snapshot }

func (s idle) Collect(context.Context, func(*model.Snapshot)) (*model.Snapshot, error) {
	return s.snapshot, nil
}

// readNow is the article's account, read at the time of the bubble.
func readNow() *App {
	s := modeltest.Article(8080, 80)
	s.CollectedAt = time.Now()
	return New(Options{Source: idle{s}, Clock: time.Now})
}

// frames is how often the renderer was woken.
func frames(a *App) int {
	a.redraw.mu.Lock()
	defer a.redraw.mu.Unlock()
	return a.redraw.ticked
}

func TestAnIdleScreenIsDrawnWhenItsAgeChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := readNow()
		x := onTerminal(t, a)
		x.Wait(2 * time.Minute)
		before := frames(a)
		x.Wait(10*time.Minute + time.Second)
		if n := frames(a) - before; n != 10 {
			t.Errorf("%d frames in 10 idle minutes, want one a minute", n)
		}
	})
}

// The renderer has no other ticker than ours: while that one is held nothing is drawn.
func TestOnlyWhatHappensIsDrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := readNow()
		x := onTerminal(t, a)
		x.Wait(time.Second)
		a.redraw.mu.Lock()
		a.redraw.resting = true
		a.redraw.mu.Unlock()
		x.Press("?")
		shown := x.Wait(time.Minute).Screen.Text()
		a.redraw.rested()
		x.Wait(time.Second)
		if shown == x.Screen.Text() {
			t.Fatal("the key changed nothing, or was drawn without a tick of ours")
		}
	})
}

// A burst of messages is drawn 60 times a second, and its end is shown.
func TestABurstIsDrawnOnceAFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := readNow()
		x := onTerminal(t, a)
		x.Wait(2 * time.Minute)
		before := frames(a)
		for range 100 {
			x.Press("down", "up", "?", "esc")
		}
		x.Press("?")
		if n := frames(a) - before; n != 1 {
			t.Errorf("%d frames in an instant, want the first alone", n)
		}
		x.See("─ help ─")
	})
}
