package collect

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hopscope/aws"
	"hopscope/model"
)

// progressPeriod is the time between two snapshots of a collection: 20 a second
// at most (api.md §2.5).
const progressPeriod = 50 * time.Millisecond

// Options say what of an account to read.
type Options struct {
	// Clusters are the clusters to read: names, ARNs, or patterns for
	// [path.Match]. None stands for every cluster of the region.
	Clusters []string
	// Everything reads also what rules alone need, however many calls that
	// takes: the targets of a thousand groups are a thousand calls out of the
	// bucket that the account's whole use of ELB shares. Without it such facts
	// are read where few calls do, and not at all elsewhere.
	Everything bool
	// TaskDefinitionCache is the directory in which task definitions are kept
	// between runs; a registered revision never changes. "" is for not at all.
	TaskDefinitionCache string
}

// Source is an account, or some clusters of it, that can be read any number of
// times.
type Source struct {
	account *aws.Account
	options Options
}

// New makes a source. The error is a [model.CannotCheckError] for a pattern of
// clusters that cannot be read.
func New(account *aws.Account, o Options) (*Source, error) {
	if err := checkPatterns(o.Clusters); err != nil {
		return nil, err
	}
	return &Source{account: account, options: o}, nil
}

// Account is what the source reads.
func (s *Source) Account() *aws.Account { return s.account }

// AllClusters is a source for every cluster of the region.
func (s *Source) AllClusters() *Source {
	all := *s
	all.options.Clusters = nil
	return &all
}

// collection is one reading of an account.
type collection struct {
	account *aws.Account
	options Options
	session *aws.Session
	picture *picture
	lanes   lanes
	cache   *taskDefinitionCache
	// work counts the calls under way and those that wait for their time.
	work    sync.WaitGroup
	started time.Time
}

func (s *Source) newCollection() *collection {
	return &collection{
		account: s.account,
		options: s.options,
		session: s.account.NewSession(),
		picture: newPicture(s.account.Region()),
		started: s.account.Now(),
	}
}

// Collect reads everything that request paths depend on, once. It calls progress,
// unless that is nil, from the calling goroutine with ever better snapshots, 20 a
// second at most, and returns the last one.
//
// What could not be read is a gap of the snapshot, and only a snapshot without
// gaps is complete. The error is a
// [model.CannotCheckError] if there is nothing to show: the endpoint cannot be
// reached, the credentials do not work, a cluster of [Options.Clusters] does not
// exist, or no service could be loaded. It wraps the
// context's error if that ended first.
func (s *Source) Collect(parent context.Context, progress func(*model.Snapshot)) (*model.Snapshot, error) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	c := s.newCollection()
	done := make(chan error, 1)
	go func() {
		err := c.read(ctx)
		if err != nil {
			cancel()
		}
		c.work.Wait()
		done <- err
	}()
	err := c.publish(done, progress)
	c.saveTaskDefinitions()
	switch {
	case parent.Err() != nil:
		return nil, fmt.Errorf("read %s: %w", s.account.Region(), context.Cause(parent))
	case err != nil:
		return nil, err
	}
	c.picture.update(c.picture.finishLocked)
	last := c.snapshot()
	if err := c.checkAnything(last); err != nil {
		return nil, err
	}
	return last, nil
}

// publish hands snapshots out until the collection is done, and returns how it
// ended. While progress is at work the collection goes on; it has a fifth of the
// time at most, so that a large account is not spent on drawing it.
func (c *collection) publish(done <-chan error, progress func(*model.Snapshot)) error {
	if progress == nil {
		return <-done
	}
	for {
		select {
		case err := <-done:
			return err
		case <-c.picture.changed:
		}
		if !c.picture.showable() {
			continue
		}
		began := c.account.Now()
		progress(c.snapshot())
		pause := time.NewTimer(max(progressPeriod, 4*c.account.Now().Sub(began)))
		select {
		case err := <-done:
			pause.Stop()
			return err
		case <-pause.C:
		}
	}
}

// snapshot is what is known now.
func (c *collection) snapshot() *model.Snapshot {
	now := c.account.Now()
	stats := c.session.Stats()
	stats.CollectMillis = now.Sub(c.started).Milliseconds()
	return c.picture.snapshot(c.account.Origin(), now, stats)
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
	// run sends the requests and adds the answers to the picture.
	run func(ctx context.Context) error
}

// start sends a call when there is room for it, unless the operation is known
// not to work. It does not block. What goes wrong becomes a gap.
func (c *collection) start(ctx context.Context, do call) {
	op := aws.OperationOf(do.action)
	c.work.Add(1)
	c.picture.mu.Lock()
	c.picture.outstanding[do.action]++
	c.picture.mu.Unlock()
	c.lanes.get(op.Lane).run(do.urgent || op.Urgent, func() {
		defer c.work.Done()
		err := c.run(ctx, do)
		c.picture.update(func() {
			c.picture.outstanding[do.action]--
			c.endLocked(ctx, do, err)
		})
	})
}

// run sends a call unless it is pointless.
func (c *collection) run(ctx context.Context, do call) error {
	c.picture.mu.Lock()
	closed := c.picture.closedLocked(do.action, do.scope)
	c.picture.mu.Unlock()
	if closed || ctx.Err() != nil {
		return nil //nolint:nilerr // a collection that ended says so itself: a call not sent is no failure
	}
	if err := do.run(ctx); err != nil {
		return err
	}
	c.picture.mu.Lock()
	c.picture.answered[do.action] = true
	c.picture.mu.Unlock()
	return nil
}

// endLocked records how a call ended. A refusal for the call's scope is a gap of
// the scope alone.
func (c *collection) endLocked(ctx context.Context, do call, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	f := c.account.Classify(do.action, err)
	if f.State == model.Denied && do.scope != "" {
		f.Everything = f.Everything && !do.alone
		c.picture.failLocked(do.action, []string{do.scope}, f)
		return
	}
	c.picture.failLocked(do.action, do.resources, f)
}

// when runs f as soon as ready, which is called with the picture locked, holds.
// Until f has ended, the action counts as outstanding.
func (c *collection) when(ctx context.Context, action model.Action, ready func() bool, f func(context.Context)) {
	c.work.Add(1)
	c.picture.update(func() {
		c.picture.outstanding[action]++
		c.picture.later = append(c.picture.later, continuation{ready: ready, run: func() {
			defer c.work.Done()
			if ctx.Err() == nil {
				f(ctx)
			}
			c.picture.update(func() { c.picture.outstanding[action]-- })
		}})
	})
}

// settled is a condition for [collection.when]: nothing more can come of the
// actions.
func (c *collection) settled(actions ...model.Action) func() bool {
	return func() bool {
		for _, a := range actions {
			if !c.picture.settledLocked(a) {
				return false
			}
		}
		return true
	}
}
