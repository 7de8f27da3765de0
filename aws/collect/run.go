package collect

import (
	"context"
	"slices"
	"sync"
	"time"

	"hopscope/aws"
	"hopscope/model"
)

// run is one reading of an account at work. It sends the calls of the families'
// readers and holds what is known so far. A call starts as soon as its input is
// known; nothing waits for a whole phase to end.
type run struct {
	account *aws.Account
	options Options
	session *aws.Session
	started time.Time

	lanes lanes
	// pending counts the calls under way and those that wait for their time.
	pending sync.WaitGroup

	// mu guards what follows, and the fields of the families' readers. Methods
	// whose names end in Locked expect the caller to hold it.
	mu    sync.Mutex
	rows  *assembly
	calls *calls
	// later are calls that wait for something to be known.
	later []continuation
	// changed holds a value when there is something new to show, and ended when
	// the last call of an operation has come back.
	changed, ended chan struct{}
}

func newRun(account *aws.Account, o Options) *run {
	return &run{
		account: account,
		options: o,
		session: account.NewSession(),
		started: account.Now(),
		rows:    newAssembly(account.Region()),
		calls:   newCalls(),
		changed: make(chan struct{}, 1),
		ended:   make(chan struct{}, 1),
	}
}

// call is a piece of work that sends requests of one operation.
type call struct {
	action model.Action
	// resources are what a failure leaves unknown: ARNs or ids. None stands for
	// everything that the operation reads.
	resources []string
	// scope is the resource whose refusal makes the call pointless.
	scope string
	// alone tells that a refusal says nothing about other scopes, whatever its
	// words: another account decides about this one.
	alone bool
	// urgent puts it in front of the calls of its lane.
	urgent bool
	// send sends the requests and adds the answers to the rows.
	send func(ctx context.Context) error
}

// start sends a call when there is room for it, unless the operation is known
// not to work. It does not block. What goes wrong becomes a gap.
func (r *run) start(ctx context.Context, do call) {
	op := aws.OperationOf(do.action)
	r.pending.Add(1)
	r.mu.Lock()
	r.calls.outstanding[do.action]++
	r.mu.Unlock()
	about := ""
	if len(do.resources) == 1 {
		about = do.resources[0]
	}
	r.lanes.get(op.Lane).run(do.urgent || op.Urgent, waiting{about, func() {
		defer r.pending.Done()
		err := r.send(ctx, do)
		r.update(func() {
			r.endLocked(ctx, do, err)
			if r.calls.outstanding[do.action]--; r.calls.outstanding[do.action] == 0 {
				signal(r.ended)
			}
		})
	}})
}

// startFor sends a call about one resource.
func (r *run) startFor(
	ctx context.Context, action model.Action, resource string, send func(ctx context.Context, resource string) error,
) {
	r.start(ctx, call{action: action, resources: []string{resource}, send: func(ctx context.Context) error {
		return send(ctx, resource)
	}})
}

// startBatches sends as many calls as resources take.
func (r *run) startBatches(
	ctx context.Context, action model.Action, resources []string, send func(ctx context.Context, batch []string) error,
) {
	for batch := range slices.Chunk(resources, aws.Batch(action)) {
		r.start(ctx, call{action: action, resources: batch, send: func(ctx context.Context) error {
			return send(ctx, batch)
		}})
	}
}

// join keeps the reading from ending until pending.Done, and tells whether it is still at
// work: a call that counts as outstanding is pending.
func (r *run) join() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.calls.outstanding {
		if n > 0 {
			r.pending.Add(1)
			return true
		}
	}
	return false
}

// send sends a call unless it is pointless.
func (r *run) send(ctx context.Context, do call) error {
	r.mu.Lock()
	closed := r.calls.closed(do.action, do.scope)
	r.mu.Unlock()
	if closed || ctx.Err() != nil {
		return nil //nolint:nilerr // a reading that ended says so itself: a call not sent is no failure
	}
	if err := do.send(ctx); err != nil {
		return err
	}
	r.mu.Lock()
	r.calls.answered[do.action], r.calls.faults[do.action] = true, 0
	r.mu.Unlock()
	return nil
}

// endLocked records how a call ended. A refusal for the call's scope is a gap of
// the scope alone.
func (r *run) endLocked(ctx context.Context, do call, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	f := r.account.Classify(do.action, err)
	if f.State == model.Denied && do.scope != "" {
		f.Everything = f.Everything && !do.alone
		r.calls.fail(do.action, []string{do.scope}, f)
		return
	}
	r.calls.fail(do.action, do.resources, f)
}

// continuation is work that starts when its condition holds.
type continuation struct {
	ready func() bool // called with the run locked
	run   func()
}

// when runs f as soon as ready, which is called with the run locked, holds. Until
// f has ended, the action counts as outstanding.
func (r *run) when(ctx context.Context, action model.Action, ready func() bool, f func(context.Context)) {
	r.pending.Add(1)
	r.update(func() {
		r.calls.outstanding[action]++
		r.later = append(r.later, continuation{ready: ready, run: func() {
			defer r.pending.Done()
			if ctx.Err() == nil {
				f(ctx)
			}
			r.update(func() { r.calls.outstanding[action]-- })
		}})
	})
}

// settled is a condition for [run.when]: nothing more can come of the actions.
func (r *run) settled(actions ...model.Action) func() bool {
	return func() bool {
		for _, a := range actions {
			if !r.calls.settled(a) {
				return false
			}
		}
		return true
	}
}

// inputSettled is the condition that everything is known that the calls of an
// action may start from.
func (r *run) inputSettled(action model.Action) func() bool {
	return r.settled(aws.OperationOf(action).After...)
}

// locked calls f with the run locked.
func (r *run) locked(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// update changes what is known, starts what that makes possible, and tells the
// publisher.
func (r *run) update(change func()) {
	r.mu.Lock()
	change()
	ready := r.readyLocked()
	r.mu.Unlock()
	signal(r.changed)
	for _, c := range ready {
		c.run()
	}
}

// signal leaves a value in a channel of capacity 1.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// readyLocked takes the continuations whose time has come.
func (r *run) readyLocked() []continuation {
	var ready []continuation
	waiting := r.later[:0]
	for _, c := range r.later {
		if c.ready() {
			ready = append(ready, c)
		} else {
			waiting = append(waiting, c)
		}
	}
	clear(r.later[len(waiting):])
	r.later = waiting
	return ready
}

// snapshot is what is known now.
func (r *run) snapshot(counts func() model.Counts) *model.Snapshot {
	now := r.account.Now()
	stats := r.session.Stats()
	stats.CollectMillis = now.Sub(r.started).Milliseconds()
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.rows.snapshot()
	s.Origin, s.CollectedAt, s.Stats = r.account.Origin(), now, stats
	s.Counts, s.Gaps = counts(), r.calls.gaps()
	s.Complete = r.calls.finished && len(s.Gaps) == 0
	return s
}
