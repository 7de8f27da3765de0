package apply

import (
	"context"
	"errors"

	"hopscope/aws"
	"hopscope/model"
)

// errGone tells that something is not there any more.
var errGone = errors.New("it does not exist")

// cannot is an error in a sentence for the user: what, and what to do next.
func cannot(err error, reason, next string) error {
	return &model.CannotCheckError{Reason: reason, Next: next, Err: err}
}

// explain is what went wrong, and what to do about that alone.
func explain(err error) (reason, next string) {
	var said *model.CannotCheckError
	var unwritten *journalError
	switch {
	case errors.As(err, &unwritten):
		return "the journal cannot be written (" + aws.Cause(unwritten.err) +
			"), and nothing more is sent without it", "make room for it"
	case errors.As(err, &said):
		return said.Reason, said.Next
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "interrupted", ""
	}
	return aws.Cause(err), ""
}
