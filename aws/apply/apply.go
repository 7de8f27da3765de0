package apply

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
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
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
	"hopscope/model/rule"
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
	// Settle is how long targets may take to become healthy after the rollout: 5 minutes
	// by default.
	Settle time.Duration
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
	set(&o.Settle, 5*time.Minute)
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

// count adds the calls of a run to the applier's.
func (a *Applier) count(r *run) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := r.reads.Stats()
	a.throttled += s.Throttled
	for action, n := range s.Calls {
		a.calls[action] += n
	}
}

// Apply carries out what was prepared; see ui.Applier.
//
// Before the first write it reads again, and asks AWS by dry runs whether the
// security groups may be changed; where anything speaks against it the error says
// so, and nothing was changed. Afterwards an error comes with an entry in state
// Failed, whose message says what was done.
func (a *Applier) Apply(
	ctx context.Context, prepared *journal.Entry, progress func(*journal.Entry),
) (*journal.Entry, error) {
	r := newApplying(a.newRun(prepared.Clone(), progress))
	defer a.count(r.run)
	if r.entry.State != journal.Prepared {
		return r.entry, cannot(nil, "this plan was carried out already", "see `hopscope journal "+r.entry.ID+"`")
	}
	unlock, err := a.journal.Lock(r.entry)
	if err != nil {
		return r.entry, err
	}
	defer unlock()
	if err := r.writer.preflight.checkUnchanged(ctx); err != nil {
		return r.entry, err
	}
	if err := r.writer.rehearse(ctx); err != nil {
		return r.entry, err
	}
	if err := r.notePaths(ctx); err != nil {
		return r.entry, err
	}
	if err := r.create(); err != nil {
		return r.entry, err
	}
	err = r.apply(ctx)
	return r.entry, err
}

// notePaths reads the account once more: a rollback compares the paths with those that
// there are now.
func (r *applying) notePaths(ctx context.Context) error {
	s, err := r.readAll(ctx)
	if err != nil {
		reason, next := explain(err)
		return cannot(err, "nothing was changed, since the paths as they are now cannot be noted: "+reason, next)
	}
	r.entry.Before.Paths = append([]fix.Expectation{}, planner.Present(rule.Analyze(s), r.entry.Plan.Service)...)
	r.entry.Before.Idle = isIdle(s, r.entry.Plan.Service)
	r.entry.Before.Gaps = []model.Gap{}
	for i := range s.Gaps {
		g := &s.Gaps[i]
		r.entry.Before.Gaps = append(r.entry.Before.Gaps,
			model.Gap{Action: g.Action, Resource: g.Resource, State: g.State, Error: g.Error})
	}
	return nil
}

// applying carries a plan out.
type applying struct {
	*run

	writer   *writer
	verifier verifier
}

func newApplying(r *run) *applying {
	return &applying{run: r, writer: newWriter(r), verifier: verifier{r}}
}

// apply carries out the steps that are not for later, watches the rollout and
// verifies.
func (r *applying) apply(ctx context.Context) error {
	for i := range r.entry.Steps {
		if r.entry.Steps[i].State != journal.Pending {
			continue
		}
		if err := r.writer.carryOut(ctx, i); err != nil {
			return r.fail(err)
		}
	}
	if r.entry.Rollout != nil {
		if err := r.enter(journal.RollingOut); err != nil {
			return r.fail(err)
		}
		if err := r.writer.watcher.watch(ctx); err != nil {
			return r.fail(err)
		}
	}
	return r.verifier.verify(ctx)
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

// isLater tells whether a step waits until the user asks for it.
func isLater(s *fix.Step) bool { return s.Later || s.Kind == fix.ByHand }
