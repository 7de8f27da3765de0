package ui

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
)

// Terminal is what an [App] is shown on.
type Terminal struct {
	In  io.Reader
	Out io.Writer
	// Environ is the environment in the form of os.Environ: TERM, NO_COLOR
	// and their like are read from it. Nil means the process's own.
	Environ []string
}

// Run shows the app until the user quits, ctx ends or the program is interrupted.
// The first two are no error, except that of a ctx that was ended for a cause of
// its own. The terminal is restored in any case.
func Run(ctx context.Context, a *App, t Terminal, options ...tea.ProgramOption) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a.clock.ctx = ctx
	all := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithInput(t.In), tea.WithOutput(t.Out), tea.WithFilter(Filter(a.clock.read)),
	}
	if t.Environ != nil {
		all = append(all, tea.WithEnvironment(t.Environ))
	}
	all = append(append(all, a.redraw.attach), options...)
	_, err := tea.NewProgram(a, all...).Run()
	switch {
	case err == nil, errors.Is(err, tea.ErrInterrupted):
		return nil
	case errors.Is(err, tea.ErrProgramPanic) && a.crash != "":
		return fmt.Errorf("the screen ended with a panic: %w; %s is a report without anything of the account", err, a.crash)
	case errors.Is(err, tea.ErrProgramPanic):
		return fmt.Errorf("the screen ended with a panic, shown above: %w", err)
	case errors.Is(err, tea.ErrProgramKilled):
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
			return fmt.Errorf("the screen was ended: %w", cause)
		}
		return nil
	}
	return fmt.Errorf("show the screen: %w", err)
}
