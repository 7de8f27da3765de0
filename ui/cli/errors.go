package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"hopscope/model"
)

// usageError is a command line that makes no sense.
type usageError struct {
	cmd *cobra.Command
	err error
	// next is the next step, when it is not to look at the help.
	next string
}

// Error is the reason and the next step in one sentence.
func (e *usageError) Error() string {
	next := e.next
	if next == "" {
		next = "see " + e.cmd.CommandPath() + " --help"
	}
	return e.err.Error() + "; " + next
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *usageError) Unwrap() error { return e.err }

// noArgs refuses arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &usageError{cmd: cmd, err: fmt.Errorf("%q is one argument too many", args[0])}
}

// exactArgs wants one argument for each of the names.
func exactArgs(what ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(what) {
			return &usageError{cmd: cmd, err: fmt.Errorf("%s is missing", what[len(args)])}
		}
		return noArgs(cmd, args[len(what):])
	}
}

// noSuchCommand refuses arguments of the root command, which are misspelt
// commands.
func (r *run) noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := &usageError{cmd: cmd, err: fmt.Errorf("there is no command %q", args[0])}
	cmd.SuggestionsMinimumDistance = 2
	if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
		err.next = "did you mean " + alternatives(similar) + "?"
	}
	return err
}

// misspelt refuses a first word that is no command, where the flags behind it are none of
// the root command: they are those of the command that the user has in mind.
func (r *run) misspelt(cmd *cobra.Command, args []string) error {
	if cmd.HasParent() || len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return nil
	}
	return r.noSuchCommand(cmd, args[:1])
}

// reportError prints why a command has no answer, and settles the exit status. A
// reader that went away (hopscope check | head) has had its answer: the status
// stands and nothing is printed.
func (r *run) reportError(ctx context.Context, status Status, err error) Status {
	var cannot *model.CannotCheckError
	switch {
	case errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
		return status
	case ctx.Err() != nil:
		r.complain("interrupted; run the command again for an answer")
	case errors.As(err, &cannot):
		r.complain(cannot.Error())
	default:
		r.complain(err.Error())
	}
	return CannotCheck
}
