package ui

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// reportPanic writes a report of a panic, which then goes on: Bubble Tea gives the terminal
// back and ends the program. It is deferred where messages are handled and views are made.
func (a *App) reportPanic(doing string) {
	cause := recover()
	if cause == nil {
		return
	}
	if a.crash == "" && a.o.CrashReport != nil {
		if path, err := a.o.CrashReport(a.panicReport(doing, cause, debug.Stack())); err == nil {
			a.crash = path
		}
	}
	panic(cause)
}

// panicReport says where the program was, and nothing of what it had read: messages and
// screens are named by their types, and so is a cause that may quote what AWS answered.
func (a *App) panicReport(doing string, cause any, stack []byte) string {
	what := fmt.Sprintf("%T", cause)
	if err, ok := cause.(runtime.Error); ok {
		what = err.Error()
	}
	return fmt.Sprintf("panic: %s\nwhile: %s\nscreen: %T of %d, %d×%d\n%s %s/%s\n\n%s", what, doing, a.top(),
		len(a.screens), a.size.X, a.size.Y, runtime.Version(), runtime.GOOS, runtime.GOARCH, stack)
}
