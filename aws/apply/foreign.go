package apply

import (
	"errors"

	"github.com/aws/smithy-go"

	"hopscope/aws"
)

// What AWS says may quote what was sent. It is masked where it comes in, so that no
// sentence of hopscope's own has to be.

// said is a text of AWS as it may be kept and shown.
// It is masked as it came: of a text that is elided or joined, a half of a secret may be left.
func (r *run) said(foreign string) string { return aws.Printable(r.entry.Secrets().MaskIn(foreign)) }

// masked is an error without what the blocks hide.
func (r *run) masked(err error) error {
	if err == nil {
		return nil
	}
	secrets := r.entry.Secrets()
	var answer smithy.APIError
	if !errors.As(err, &answer) {
		if cause := innermost(err).Error(); secrets.MaskIn(cause) != cause {
			return &maskedError{err, errors.New(secrets.MaskIn(cause))}
		}
		return err
	}
	if hidden := secrets.MaskIn(answer.ErrorMessage()); hidden != answer.ErrorMessage() {
		return &maskedError{err, &smithy.GenericAPIError{
			Code: answer.ErrorCode(), Message: hidden, Fault: answer.ErrorFault(),
		}}
	}
	return err
}

// innermost is the error that all others are about, as it was worded.
func innermost(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

// maskedError is an error with another text; the reply is still that of the one it stands
// for.
type maskedError struct{ reply, shown error }

func (e *maskedError) Error() string { return e.shown.Error() }

// Is tells whether the error that it stands for is another one.
func (e *maskedError) Is(target error) bool { return errors.Is(e.reply, target) }

// As finds the answer first, and what is not there in the reply.
func (e *maskedError) As(target any) bool {
	if api, ok := target.(*smithy.APIError); ok {
		return errors.As(e.shown, api)
	}
	return errors.As(e.reply, target)
}
