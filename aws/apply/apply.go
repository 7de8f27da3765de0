package apply

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"hopscope/aws"
	"hopscope/aws/collect"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// Journal keeps the record of what is changed; [journal.Store] is one.
type Journal interface {
	// Create writes a new entry; where there is one of its id, the error matches
	// [fs.ErrExist].
	Create(*journal.Entry) error
	// Save writes an entry over the one of its id, and returns when it is safe.
	Save(*journal.Entry) error
	Load(id string) (*journal.Entry, error)
	// List reads all entries, the newest first, and names the files that it could not
	// read.
	List() ([]*journal.Entry, []journal.Unreadable, error)
	// Lock keeps others from changing the entry's service until unlock is called.
	Lock(*journal.Entry) (unlock func(), err error)
}

// Options are how patiently plans are carried out. The zero value is for AWS.
type Options struct {
	// Poll is the time between two looks at a rollout, at first; MaxPoll is what it
	// grows to. 5 and 15 seconds by default.
	Poll, MaxPoll time.Duration
	// Patience is how long a rollout may take: 30 minutes by default.
	Patience time.Duration
	// Recheck is how long after a lost reply a second look is taken: 5 seconds by
	// default.
	Recheck time.Duration
	// Random makes ids; nil is the system's.
	Random io.Reader
}

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	set(&o.Poll, 5*time.Second)
	set(&o.MaxPoll, max(15*time.Second, o.Poll))
	set(&o.Patience, 30*time.Minute)
	set(&o.Recheck, 5*time.Second)
	if o.Random == nil {
		o.Random = rand.Reader
	}
	return o
}

// Applier carries plans out on an account, and takes them back. Nothing else in
// hopscope changes an account. It is safe for concurrent use: the journal's lock
// lets one change of a service happen at a time.
type Applier struct {
	account *aws.Account
	source  *collect.Source
	journal Journal
	options Options

	mu        sync.Mutex
	calls     map[model.Action]int
	throttled int
}

// New makes an applier for the account behind a source. It records what it does in
// a journal, and reads the source to see what came of it.
func New(source *collect.Source, j Journal, o Options) *Applier {
	return &Applier{
		account: source.Account(), source: source, journal: j, options: o.withDefaults(), calls: make(map[model.Action]int),
	}
}

// Stats are the calls of all methods so far, dry runs included; those of
// verifications are not.
func (a *Applier) Stats() model.Stats {
	a.mu.Lock()
	defer a.mu.Unlock()
	return model.Stats{Calls: maps.Clone(a.calls), Throttled: a.throttled}
}

// application is one method of an Applier at work on an entry.
type application struct {
	*Applier
	reads    *aws.Session
	writes   *aws.Session
	entry    *journal.Entry
	progress func(*journal.Entry)
	// patience is how long the rollout may take.
	patience time.Duration
	// previous is the PRIMARY deployment before the update that is watched.
	previous string
	// left is what a rollback leaves, as somebody else changed it.
	left []string
}

func (a *Applier) newApplication(e *journal.Entry, progress func(*journal.Entry)) *application {
	reads := a.account.NewSession()
	return &application{Applier: a, reads: reads, writes: reads.ForWrites(), entry: e, progress: progress}
}

// end adds the calls to the applier's.
func (r *application) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.reads.Stats()
	r.throttled += s.Throttled
	for action, n := range s.Calls {
		r.Applier.calls[action] += n
	}
}

// save writes the entry to the journal and shows it. When it returns nil, what
// comes next may happen.
func (r *application) save() error {
	r.entry.UpdatedAt = r.account.Now().UTC()
	if err := r.journal.Save(r.entry); err != nil {
		return &journalError{err}
	}
	r.show()
	return nil
}

// show hands a copy of the entry to whoever watches.
func (r *application) show() {
	if r.progress != nil {
		r.progress(r.entry.Clone())
	}
}

// to goes to a state and saves it.
func (r *application) to(s journal.State) error {
	r.entry.State, r.entry.Message = s, ""
	return r.save()
}

// journalError tells that the journal could not be written: nothing more may be
// sent then.
type journalError struct{ err error }

func (e *journalError) Error() string { return "the journal cannot be written: " + e.err.Error() }

func (e *journalError) Unwrap() error { return e.err }

// Apply carries out what was prepared; see ui.Applier.
//
// Before the first write it reads again, and asks AWS by dry runs whether the
// security groups may be changed; where anything speaks against it the error says
// so, and nothing was changed. Afterwards an error comes with an entry in state
// Failed, whose message says what was done.
func (a *Applier) Apply(ctx context.Context, prepared *journal.Entry, progress func(*journal.Entry)) (*journal.Entry, error) {
	r := a.newApplication(prepared.Clone(), progress)
	defer r.end()
	if r.entry.State != journal.Prepared {
		return r.entry, cannot(nil, "this plan was carried out already", "see `hopscope journal "+r.entry.ID+"`")
	}
	unlock, err := a.journal.Lock(r.entry)
	if err != nil {
		return r.entry, err
	}
	defer unlock()
	if err := r.checkUnchanged(ctx); err != nil {
		return r.entry, err
	}
	if err := r.rehearse(ctx); err != nil {
		return r.entry, err
	}
	if err := r.create(); err != nil {
		return r.entry, err
	}
	err = r.apply(ctx)
	return r.entry, err
}

// create puts the entry into the journal, before the first write.
func (r *application) create() error {
	r.entry.State, r.entry.UpdatedAt = journal.Applying, r.account.Now().UTC()
	err := r.journal.Create(r.entry)
	if err != nil { // nobody can go on with an entry that is not there
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

// apply carries out the steps that are not for later, watches the rollout and
// verifies.
func (r *application) apply(ctx context.Context) error {
	for i := range r.entry.Steps {
		if r.entry.Steps[i].State != journal.Pending {
			continue
		}
		if err := r.carryOut(ctx, i); err != nil {
			return r.fail(err)
		}
	}
	if r.entry.Rollout != nil {
		if err := r.to(journal.RollingOut); err != nil {
			return r.fail(err)
		}
		if err := r.watch(ctx); err != nil {
			return r.fail(err)
		}
	}
	return r.verify(ctx)
}

// carryOut carries out a step of the plan.
func (r *application) carryOut(ctx context.Context, i int) error {
	step := &r.entry.Plan.Steps[i]
	switch action := model.Action(step.Kind); action {
	case aws.AuthorizeIngress, aws.AuthorizeEgress:
		return r.authorize(ctx, i)
	case aws.RevokeIngress, aws.RevokeEgress:
		return r.revoke(ctx, i)
	case aws.UpdateService:
		return r.update(ctx, i)
	default:
		return fmt.Errorf("hopscope does not know how to carry out %q", step.Kind)
	}
}

// begin notes that a call is about to be sent: when it returns nil, the journal says
// so.
func (r *application) begin(i int, action model.Action, command string) error {
	r.entry.Steps[i].State = journal.Begun
	return r.note(action, command)
}

// note adds a call to the log.
func (r *application) note(action model.Action, command string) error {
	r.entry.Calls = append(r.entry.Calls, journal.Call{Time: r.account.Now().UTC(), Action: action, Command: command})
	return r.save()
}

// ended notes how the last call ended.
func (r *application) ended(i int, state journal.StepState, err error) error {
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
func (r *application) failedCall(err error) {
	call := &r.entry.Calls[len(r.entry.Calls)-1]
	call.Error, call.Lost = aws.Answer(err), aws.FateOf(err) == aws.UnknownFate
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// idStamp is how the id of an entry tells when it was made.
const idStamp = "20060102-150405"

// newID names an entry: when, which service, and four digits by chance.
func (a *Applier) newID(service model.Ref) (string, error) {
	const longest = 60 // a service's name may have 255 characters
	var chance [2]byte
	if _, err := io.ReadFull(a.options.Random, chance[:]); err != nil {
		return "", err
	}
	name := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '-'
	}, service.Service)
	name = strings.Trim(name[:min(len(name), longest)], "-")
	parts := []string{a.account.Now().UTC().Format(idStamp), name, hex.EncodeToString(chance[:])}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "-"), nil
}

// isLater tells whether a step waits for somebody to ask for it.
func isLater(s *fix.Step) bool { return s.Later || s.Kind == fix.ByHand }
