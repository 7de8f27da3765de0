package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// errGone tells that something is not there any more.
var errGone = errors.New("it does not exist")

// cannot is an error in a sentence for the user: what, and what to do next.
func cannot(err error, reason, next string) error {
	return &model.CannotCheckError{Reason: reason, Next: next, Err: err}
}

// cannotRead explains why something could not be read.
func (r *application) cannotRead(ctx context.Context, action model.Action, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", action, context.Cause(ctx))
	}
	f := r.account.Classify(action, err)
	if aws.IsAbsent(err) {
		err = errors.Join(err, errGone)
	}
	reason, next, _ := strings.Cut(f.Sentence, "; ")
	return cannot(err, reason, next)
}

// looks are the pauses before the looks at the account that follow a lost reply.
func (r *application) looks() []time.Duration { return []time.Duration{0, r.options.Recheck} }

// reasonOf is why AWS refused a call, and what to do about it.
func (r *application) reasonOf(action model.Action, step *fix.Step, err error) (reason, next string) {
	f := r.account.Classify(action, err)
	reason, next, _ = strings.Cut(f.Sentence, "; ")
	switch {
	case aws.ErrorCode(err) == codeRuleLimit:
		return "the quota of rules of security group " + step.Group + " is used up (60 in each direction unless it was raised)",
			"remove a rule that nothing needs, or have the quota raised, and apply the plan again"
	case f.State == model.Unsupported:
		return reason, "use an endpoint that does"
	case f.State == model.Denied, f.Credentials, aws.IsUnreachable(err):
		return reason, next
	case aws.IsThrottle(err):
		return string(action) + " was throttled " + fmt.Sprint(aws.WriteAttempts) + " times", "apply the plan again in a minute"
	case aws.ErrorCode(err) != "":
		return fmt.Sprintf("AWS refused %s (%s)", action, aws.Answer(err)), "refresh, and plan again"
	}
	return reason, next
}

// refused notes that AWS refused the call of a step, and says why.
func (r *application) refused(i int, err error) error {
	if saved := r.ended(i, journal.Refused, err); saved != nil {
		return saved
	}
	step := &r.entry.Plan.Steps[i]
	reason, next := r.reasonOf(model.Action(step.Kind), step, err)
	return cannot(err, reason, next)
}

// lost notes that nobody knows what became of the call of a step.
func (r *application) lost(i int, err error) error {
	if saved := r.ended(i, journal.Begun, err); saved != nil {
		return saved
	}
	kind := r.entry.Plan.Steps[i].Kind
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return cannot(err, fmt.Sprintf("no answer came to %s (%s): it is not known whether it was carried out", kind, aws.Cause(err)),
		"wait a minute before the next step")
}

// fail ends an application: the entry says why, what was done, and how that is
// taken back.
func (r *application) fail(err error) error {
	reason, next := r.explain(err)
	out := cannot(err, "nothing was changed: "+reason, cmp.Or(next, "apply the plan again"))
	if r.touched() {
		out = cannot(err, joined(reason, next)+". "+r.progressSentence(), r.rollbackHint("takes it back", "it can be undone until the demo ends"))
	}
	r.entry.State, r.entry.Message = journal.Failed, out.Error()
	var unwritten *journalError
	if saved := r.save(); saved != nil && !errors.As(err, &unwritten) {
		return errors.Join(out, saved)
	}
	return out
}

// rollbackHint is the command that takes the entry back, in front of what it does; or
// what to say of an entry that ends with the program.
func (r *application) rollbackHint(does, passing string) string {
	if command := r.entry.RollbackCommand(); command != "" {
		return "`" + command + "` " + does
	}
	return passing
}

// joined is a reason with the next step, in front of more.
func joined(reason, next string) string {
	if next == "" {
		return reason
	}
	return reason + ": " + next
}

// explain is what went wrong, and what to do about that alone.
func (r *application) explain(err error) (reason, next string) {
	var said *model.CannotCheckError
	var unwritten *journalError
	switch {
	case errors.As(err, &unwritten):
		return "the journal cannot be written (" + aws.Cause(unwritten.err) + "), and nothing is sent without it", "make room for it"
	case errors.As(err, &said):
		return said.Reason, said.Next
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "interrupted", ""
	}
	return aws.Cause(err), ""
}

// touched tells whether something was changed, or may have been.
func (r *application) touched() bool {
	for i := range r.entry.Steps {
		if s := r.entry.Steps[i].State; s == journal.Done || s == journal.Begun {
			return true
		}
	}
	return false
}

// progressSentence says what was carried out and what was not.
func (r *application) progressSentence() string {
	var done, open, unsure []string
	for i := range r.entry.Steps {
		title := aws.Printable(r.entry.Plan.Steps[i].Title)
		switch r.entry.Steps[i].State {
		case journal.Done:
			done = append(done, title)
		case journal.Begun:
			unsure = append(unsure, title)
		case journal.Pending, journal.Refused:
			open = append(open, title)
		case journal.Found, journal.Skipped, journal.Undone:
		}
	}
	var parts []string
	for _, p := range []struct {
		word  string
		steps []string
	}{{"Done: ", done}, {"Not known whether done: ", unsure}, {"Not done: ", open}} {
		if len(p.steps) > 0 {
			parts = append(parts, p.word+strings.Join(p.steps, "; "))
		}
	}
	return strings.Join(parts, ". ")
}
