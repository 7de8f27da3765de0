package collect

import (
	"context"
	"slices"

	"hopscope/aws"
	"hopscope/model"
)

const (
	// batchesByARN are the calls that are worth asking for resources by ARN
	// rather than turning another page of the region.
	batchesByARN = 2
	// manyServices are so many that waiting for the last of them, to know what
	// they name, costs more time than turning pages costs calls.
	manyServices = 800
)

// regional is one family of resources that AWS lists by region, of which those
// count that services lead to.
type regional[T any] struct {
	// named are those that services, target groups or rules refer to.
	named set
	// seen are those that a page of the region held, whether they are named or not.
	seen map[model.ARN]T
}

func newRegional[T any]() regional[T] {
	return regional[T]{named: make(set), seen: make(map[model.ARN]T)}
}

// unseen are the resources that are named and were not read yet, sorted.
func (r *regional[T]) unseen() []model.ARN { return without(r.named, r.seen) }

// without are the names that are no keys of rows, sorted.
func without[T any](named set, rows map[string]T) []string {
	var left []string
	for name := range named {
		if _, ok := rows[name]; !ok {
			left = append(left, name)
		}
	}
	slices.Sort(left)
	return left
}

// listing reads a regional family: target groups, load balancers. Pages of 400 are
// 20 times cheaper than batches of 20 ARNs; batches win in a region that holds far
// more than the services use.
type listing struct {
	*run

	action model.Action
	// after are the actions that have ended when all names are known.
	after []model.Action
	// page reads a page of the region. It returns the next page's marker, nil
	// behind the last.
	page func(ctx context.Context, marker *string) (*string, error)
	// byARN reads a batch of resources.
	byARN func(ctx context.Context, arns []model.ARN) error
	// unseenLocked are the resources that are named and were not read yet.
	unseenLocked func() []model.ARN
	// whole reads every page of the region, whether it is needed or not.
	whole bool
}

// read reads a page and decides how to go on.
func (l *listing) read(ctx context.Context, marker *string) {
	l.start(ctx, call{action: l.action, send: func(ctx context.Context) error {
		next, err := l.page(ctx, marker)
		switch {
		case err != nil || next == nil:
		case l.whole:
			l.read(ctx, next)
		default:
			l.readOn(ctx, next)
		}
		return err
	}})
}

// readOn reads what is still unseen: nothing, a few by ARN, or the next page.
func (l *listing) readOn(ctx context.Context, marker *string) {
	known := l.settled(l.after...)
	ready := func() bool {
		return known() || l.calls.settled(model.ListServices) && l.rows.services.len() > manyServices
	}
	l.when(ctx, l.action, ready, func(ctx context.Context) {
		l.mu.Lock()
		unseen, complete := l.unseenLocked(), known()
		l.mu.Unlock()
		size := aws.Batch(l.action)
		switch {
		case !complete || len(unseen) > batchesByARN*size:
			l.read(ctx, marker)
		case len(unseen) > 0:
			for batch := range slices.Chunk(unseen, size) {
				l.readBatch(ctx, batch, marker)
			}
		}
	})
}

// readBatch reads resources by ARN. One that no longer exists fails the whole
// batch; the pages of the region do not mind.
func (l *listing) readBatch(ctx context.Context, arns []model.ARN, marker *string) {
	l.start(ctx, call{action: l.action, resources: arns, send: func(ctx context.Context) error {
		err := l.byARN(ctx, arns)
		if err != nil && l.account.Classify(l.action, err).State == model.Absent {
			l.read(ctx, marker)
			return nil
		}
		return err
	}})
}

// nonEmpty is nil for an empty marker: some endpoints send one behind the last
// page.
func nonEmpty(marker *string) *string {
	if marker == nil || *marker == "" {
		return nil
	}
	return marker
}
