package apply

import (
	"cmp"
	"errors"
	"io/fs"
	"strings"
	"time"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/journal"
)

// record is the entry of the journal while a method works on it: it is saved before
// and after every call, and shown.
type record struct {
	journal Journal
	now     func() time.Time
	entry   *journal.Entry
	// progress is shown the entry, unless it is nil.
	progress func(*journal.Entry)
}

// save writes the entry to the journal and shows it. When it returns nil, what
// comes next may happen.
func (r *record) save() error {
	r.entry.UpdatedAt = r.now().UTC()
	if err := r.journal.Save(r.entry); err != nil {
		return &journalError{err}
	}
	r.show()
	return nil
}

// show hands out a copy of the entry.
func (r *record) show() {
	if r.progress != nil {
		r.progress(r.entry.Clone())
	}
}

// enter goes to a state and saves it.
func (r *record) enter(s journal.State) error {
	r.entry.State, r.entry.Message = s, ""
	return r.save()
}

// journalError tells that the journal could not be written: nothing more may be
// sent then.
type journalError struct{ err error }

func (e *journalError) Error() string { return "the journal cannot be written: " + e.err.Error() }

func (e *journalError) Unwrap() error { return e.err }

// create puts the entry into the journal, before the first write.
func (r *record) create() error {
	all, _, err := r.journal.List()
	if err != nil {
		return err
	}
	r.entry.Sequence = 1
	for _, o := range all {
		r.entry.Sequence = max(r.entry.Sequence, o.Sequence+1)
	}
	r.entry.State, r.entry.UpdatedAt = journal.Applying, r.now().UTC()
	err = r.journal.Create(r.entry)
	if err != nil { // an entry that is not there cannot be gone on with
		r.entry.State = journal.Prepared
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return cannot(err, "the journal has an entry "+r.entry.ID+" already", "prepare the plan again")
	case err != nil:
		return cannot(err, "nothing was changed, since the journal cannot be written: "+aws.Cause(err), "make room for it")
	}
	r.show()
	return nil
}

// begin notes that a call is about to be sent: when it returns nil, the journal says
// so. Otherwise the call is not sent, and the entry is as before.
func (r *record) begin(i int, action model.Action, command string) error {
	was := r.entry.Steps[i].State
	r.entry.Steps[i].State = journal.Begun
	err := r.note(action, command)
	if err != nil {
		r.entry.Steps[i].State = was
	}
	return err
}

// note adds a call to the log.
func (r *record) note(action model.Action, command string) error {
	n := len(r.entry.Calls)
	r.entry.Calls = append(r.entry.Calls, journal.Call{Time: r.now().UTC(), Action: action, Command: command})
	err := r.save()
	if err != nil {
		r.entry.Calls = r.entry.Calls[:n]
	}
	return err
}

// ended notes how the last call ended.
func (r *record) ended(i int, state journal.StepState, err error) error {
	if err != nil {
		r.failedCall(err)
		if state == journal.Refused || state == journal.Begun {
			r.entry.Steps[i].Error = aws.Answer(err)
		}
	}
	r.entry.Steps[i].State = state
	return r.save()
}

// failedCall notes how the last call failed.
func (r *record) failedCall(err error) {
	call := &r.entry.Calls[len(r.entry.Calls)-1]
	call.Error, call.Lost = aws.Answer(err), aws.FateOf(err) == aws.UnknownFate
}

// fail ends a run: the entry says why, what was done, and how that is
// taken back.
func (r *record) fail(err error) error {
	reason, next := explain(err)
	out := cannot(err, "nothing was changed: "+reason, cmp.Or(next, "apply the plan again"))
	if r.touched() {
		out = cannot(err, joined(reason, next)+". "+r.progressSentence(),
			r.rollbackHint("takes it back", "it can be undone until the demo ends"))
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
func (r *record) rollbackHint(does, passing string) string {
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

// touched tells whether something was changed, or may have been.
func (r *record) touched() bool {
	for i := range r.entry.Steps {
		if s := r.entry.Steps[i].State; s == journal.Done || s == journal.Begun {
			return true
		}
	}
	return false
}

// progressSentence says what was carried out and what was not.
func (r *record) progressSentence() string {
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

// undone notes that a step is taken back.
func (r *record) undone(i int) error {
	r.entry.Steps[i].State, r.entry.Steps[i].Error = journal.Undone, ""
	return r.save()
}
