package ui

import (
	"reflect"
	"sync"
	"time"
	"unsafe"

	tea "charm.land/bubbletea/v2"
)

// framesPerSecond is how often the terminal is written to at most.
const framesPerSecond = 60

// redraw has Bubble Tea's renderer look for something to draw after each message, at
// most 60 times a second. Left alone, it looks 60 times a second for as long as the
// program runs, which costs 1 % of a core on a screen that does not change.
type redraw struct {
	program *tea.Program
	// ticks is what the renderer waits for, in place of its own ticker's channel.
	ticks chan time.Time

	// asked is set while a drawnMsg is on its way; only updates touch it.
	asked bool

	mu sync.Mutex
	// resting is set for the length of a frame after a tick, owed when another one
	// is due at its end.
	resting, owed bool
	ticked        int
}

// drawnMsg comes after a message, when the renderer has the view that followed from it.
type drawnMsg struct{}

// attach is a [tea.ProgramOption]. Bubble Tea has no option for its ticker, but goes
// on with the one that it finds. Where a future version keeps it elsewhere, its own
// goes on ticking, and TestOnlyWhatHappensIsDrawn fails.
func (r *redraw) attach(p *tea.Program) {
	r.program = p
	field := reflect.ValueOf(p).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return
	}
	// A ticker that no goroutine waits for is in no heap of timers: it wakes nothing.
	ticker := time.NewTicker(time.Hour)
	ticker.C = r.ticks
	*(**time.Ticker)(unsafe.Pointer(field.UnsafeAddr())) = ticker
}

// newRedraw makes one without a program.
func newRedraw() *redraw { return &redraw{ticks: make(chan time.Time, 1)} }

// ask asks for a frame after the message that is being handled. The request is a
// message itself: when it comes, the renderer has the view.
func (r *redraw) ask() {
	if r.program == nil || r.asked {
		return
	}
	r.asked = true
	go r.program.Send(drawnMsg{})
}

// drawn draws the views until now, at once or when a frame has passed since the last.
func (r *redraw) drawn() {
	r.asked = false
	r.mu.Lock()
	defer r.mu.Unlock()
	r.owed = true
	if !r.resting {
		r.tick()
	}
}

// tick wakes the renderer. It has not seen the last tick yet when the channel is full,
// and will look at what is newest when it does.
func (r *redraw) tick() {
	r.ticked++
	r.owed, r.resting = false, true
	select {
	case r.ticks <- time.Time{}:
	default:
	}
	time.AfterFunc(time.Second/framesPerSecond, r.rested)
}

// rested ends the rest after a tick.
func (r *redraw) rested() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resting = false
	if r.owed {
		r.tick()
	}
}
