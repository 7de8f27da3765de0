package collect

import (
	"context"
	"slices"
	"sync"

	"hopscope/aws"
	"hopscope/model"
)

// attention is the service that the user looks at: what comes behind the core is read of
// it before it is of others. It outlives readings.
type attention struct {
	mu      sync.Mutex
	service model.Ref
	// turned is called when it turns to another service, as the newest reading has it;
	// nil while nothing is read.
	turned *func()
}

// LookAt tells which service the user looks at. It may be called at any time, and does
// not wait for a reading that is at work.
func (s *Source) LookAt(service model.Ref) {
	a := s.attention
	a.mu.Lock()
	changed := a.service != service
	a.service = service
	turned := a.turned
	a.mu.Unlock()
	if changed && turned != nil {
		go (*turned)()
	}
}

// at is the service.
func (a *attention) at() model.Ref {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.service
}

// tell has a reading told, in place of one before it, until stop is called. An older
// reading may end after a newer one began.
func (a *attention) tell(turned func()) (stop func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turned = &turned
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.turned == &turned {
			a.turned = nil
		}
	}
}

// LookingAt is the same source for a reading that is about a service: its targets are
// asked for, whatever the user looks at.
func (s *Source) LookingAt(service model.Ref) *Source {
	about := *s
	about.attention = &attention{service: service}
	return &about
}

// lookedAt are the target groups of the service that the user looks at.
func (c *targets) lookedAt() []model.ARN {
	ref := c.attention.at()
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.rows.services.get(ref.String()); s != nil {
		return slices.Collect(s.TargetGroups())
	}
	return nil
}

// looksAt tells whether the user looks at a service of a group.
func (c *targets) looksAt(group model.ARN) bool { return slices.Contains(c.lookedAt(), group) }

// hurry asks first for what the user looks at now: its targets, the interfaces that its
// groups admit, and the tasks of its cluster.
func (r *readers) hurry(ctx context.Context) {
	if !r.join() {
		return
	}
	defer r.pending.Done()
	r.targets.hurry(ctx)
	r.interfaces.readFirst(ctx)
	r.tasks.standalone.readMore(ctx)
}

// hurry brings the calls about what the user looks at to the front of their lane, and
// asks for the targets of groups that were only counted.
func (c *targets) hurry(ctx context.Context) {
	groups := c.lookedAt()
	for _, arn := range groups {
		c.mu.Lock()
		counted := c.counted[arn] != nil
		c.mu.Unlock()
		if counted {
			c.readHealth(ctx, arn)
		}
	}
	c.lanes.get(aws.OperationOf(model.DescribeTargetHealth).Lane).hurry(func(resource string) bool {
		return slices.Contains(groups, resource)
	})
}
