package aws

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/smithy-go/middleware"
)

// callTime is what a call may take with all its attempts and the pauses between them.
// Waiting for a token does not count: that is our own doing.
const callTime = 30 * time.Second

// callClock ends a call whose time is over.
type callClock struct {
	now   func() time.Time
	timer *time.Timer

	mu    sync.Mutex
	left  time.Duration
	from  time.Time
	last  error // of the attempts
	route route // of the last attempt
}

// pause stops the clock, and resume lets it go on.
func (c *callClock) pause() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timer.Stop()
	c.left -= c.now().Sub(c.from)
}

func (c *callClock) resume() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.from = c.now()
	c.timer.Reset(max(c.left, 0))
}

// take keeps the way that an attempt takes.
func (c *callClock) take(r route) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.route = r
}

// note keeps how an attempt ended, which is the reason when the time is over.
func (c *callClock) note(err error) {
	if c == nil || err == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = err
}

// callTimeError says that a call's time was over.
type callTimeError struct{ last error }

func (e *callTimeError) Error() string {
	if e.last == nil {
		return fmt.Sprintf("no complete answer within %s", callTime)
	}
	return fmt.Sprintf("no complete answer within %s: %v", callTime, e.last)
}

func (e *callTimeError) Unwrap() error { return e.last }

// Timeout tells what kind of error it is.
func (*callTimeError) Timeout() bool { return true }

// RetryableError tells the SDK's retry loop to stop.
func (*callTimeError) RetryableError() bool { return false }

type callClockKey struct{}

// clockOf is the clock of the call that ctx belongs to, nil for none.
func clockOf(ctx context.Context) *callClock {
	c, _ := ctx.Value(callClockKey{}).(*callClock)
	return c
}

// limitTime gives a call its time.
func (a *attempts) limitTime(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	limited, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	over := &callTimeError{}
	c := &callClock{now: a.clock, left: callTime, from: a.clock()}
	c.timer = time.AfterFunc(callTime, func() { cancel(over) })
	defer c.timer.Stop()
	out, metadata, err := next.HandleInitialize(context.WithValue(limited, callClockKey{}, c), in)
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(limited), over) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return out, metadata, &routeError{route: c.route, err: &callTimeError{last: c.last}}
	}
	return out, metadata, err
}
