package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
)

// clock tells the time, and brings messages later for as long as the program runs.
type clock struct {
	// ctx ends with the program; commands have no other way to learn of it.
	ctx context.Context
	// read gives the time; a nil one gives none.
	read func() time.Time
}

// now is the time, zero where there is no clock.
func (c *clock) now() time.Time {
	if c.read == nil {
		return time.Time{}
	}
	return c.read()
}

// after brings a message later. Unlike [tea.Tick] it does not outlive the program.
func (c *clock) after(d time.Duration, msg tea.Msg) tea.Cmd {
	ctx := c.ctx
	return func() tea.Msg {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return msg
		case <-ctx.Done():
			return nil
		}
	}
}

// age is how long ago something was, false where that is not known.
func (c *clock) age(of time.Time) (time.Duration, bool) {
	if c.read == nil || of.IsZero() {
		return 0, false
	}
	return max(c.now().Sub(of), 0), true
}

// elapsed is the time since something began, in words behind a text; "" in the
// first second.
func (c *clock) elapsed(since time.Time) string {
	if d := c.now().Sub(since); !since.IsZero() && d >= time.Second {
		return " · " + took(d)
	}
	return ""
}

// Steps of the age in the header, and how old the snapshot may be for them.
var ageSteps = [...]struct{ until, step time.Duration }{
	{10 * time.Second, time.Second},
	{time.Minute, 10 * time.Second},
	{time.Hour, time.Minute},
}

// ageStep is the step in which an age is shown.
func ageStep(age time.Duration) time.Duration {
	for _, s := range ageSteps {
		if age < s.until {
			return s.step
		}
	}
	return time.Hour
}
