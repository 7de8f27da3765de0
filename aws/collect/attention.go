package collect

import (
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
	// turned is called when it turns to another service; nil while nothing is read.
	turned func()
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
		go turned()
	}
}

// at is the service.
func (a *attention) at() model.Ref {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.service
}

// tell has a reading told, or none.
func (a *attention) tell(turned func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turned = turned
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

// hurry brings the calls about what the user looks at to the front of their lane.
func (c *targets) hurry() {
	groups := c.lookedAt()
	c.lanes.get(aws.OperationOf(model.DescribeTargetHealth).Lane).hurry(func(resource string) bool {
		return slices.Contains(groups, resource)
	})
}
