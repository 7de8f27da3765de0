package aws

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"hopscope/model"
)

const (
	// spareTokens are left in a bucket for others.
	spareTokens = 2
	// share is the part of the refill that hopscope takes: others in the
	// account, Terraform say, keep the rest.
	share = 0.8
	// recoveryStep and recoveryPeriod: after a throttled reply the rate rises
	// again by so much in each period without another.
	recoveryStep   rate.Limit = 1
	recoveryPeriod            = 2 * time.Second
	// slowest is the part of the full rate below which throttled replies do not lower it:
	// where others leave less than that, or AWS throttles at any rate, going slower would
	// not end the throttling, but only the reading would take forever.
	slowest = 0.25
)

// bucket paces the calls of one kind: additive increase after a quiet while,
// multiplicative decrease when AWS refuses a call for its rate.
type bucket struct {
	tokens *rate.Limiter
	full   rate.Limit
	clock  func() time.Time
	// turn lets one ordinary call at a time wait for a token, so that an
	// urgent one waits behind one at most.
	turn chan struct{}

	mu      sync.Mutex
	changed time.Time // of the rate
	remedy  remedy
}

func newBucket(q Quota, clock func() time.Time) *bucket {
	full := q.Refill * share
	return &bucket{
		tokens: rate.NewLimiter(full, q.Burst-spareTokens),
		full:   full,
		clock:  clock,
		turn:   make(chan struct{}, 1),
	}
}

// wait takes a token. A wait that ctx ends gives its token back.
func (b *bucket) wait(ctx context.Context, urgent bool) error {
	if !urgent {
		select {
		case b.turn <- struct{}{}:
			defer func() { <-b.turn }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	b.restore()
	return b.tokens.Wait(ctx)
}

// throttledLocked halves the rate and empties the bucket, which evidently holds less
// than it seemed. Calls that were under way at the same time count once.
func (b *bucket) throttledLocked(now time.Time) {
	if limit := b.tokens.Limit(); limit < b.full && now.Sub(b.changed) < time.Second {
		return
	}
	b.changed = now
	b.tokens.SetLimitAt(now, max(b.tokens.Limit()/2, b.full*slowest))
	if left := int(b.tokens.TokensAt(now)); left > 0 {
		b.tokens.ReserveN(now, left)
	}
}

// restore raises the rate by what the quiet time since the last change is worth.
func (b *bucket) restore() {
	b.mu.Lock()
	defer b.mu.Unlock()
	limit := b.tokens.Limit()
	if limit >= b.full {
		return
	}
	now := b.clock()
	periods := now.Sub(b.changed) / recoveryPeriod
	if periods < 1 {
		return
	}
	b.changed = b.changed.Add(periods * recoveryPeriod)
	b.tokens.SetLimitAt(now, min(limit+recoveryStep*rate.Limit(periods), b.full))
}

// buckets are the buckets of one account and region, by the name of their quota.
type buckets map[string]*bucket

func newBuckets(clock func() time.Time) buckets {
	all := make(buckets)
	for _, op := range operations {
		if all[op.Quota.Name] == nil {
			all[op.Quota.Name] = newBucket(op.Quota, clock)
		}
	}
	return all
}

// unpace lets every call through at once.
func (b buckets) unpace() {
	for _, one := range b {
		one.full = rate.Inf
		one.tokens.SetLimit(rate.Inf)
	}
}

// bucketFor is the bucket of an action, nil for one that hopscope does not send.
func (b buckets) bucketFor(a model.Action) *bucket { return b[operations[a].Quota.Name] }
