package collect

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"hopscope/aws"
	"hopscope/model"
)

// calls tells what is still to come of the operations, and what does not: which
// calls are under way, which operations work, and the gaps.
type calls struct {
	gapsByKey map[gapKey]model.Gap
	// outstanding counts the calls of an action that were started, or are sure
	// to be, and have not ended.
	outstanding map[model.Action]int
	// answered tells that a call of the action has succeeded.
	answered map[model.Action]bool
	// faults counts calls that failed in a row in a way that may concern all of them.
	faults map[model.Action]int
	// dead is set when the credentials no longer work, and finished when nothing
	// more will be read.
	dead, finished bool
}

// gapKey identifies a gap; resource is "" for everything that an action reads.
type gapKey struct {
	action   model.Action
	resource string
}

func newCalls() *calls {
	return &calls{
		gapsByKey:   make(map[gapKey]model.Gap),
		outstanding: make(map[model.Action]int),
		answered:    make(map[model.Action]bool),
		faults:      make(map[model.Action]int),
	}
}

// settled tells whether nothing more can come of an action.
func (c *calls) settled(action model.Action) bool {
	if c.outstanding[action] > 0 {
		return false
	}
	for _, before := range aws.OperationOf(action).After {
		if !c.settled(before) {
			return false
		}
	}
	return true
}

// closed tells whether an action is known not to work, for everything or for a
// resource.
func (c *calls) closed(action model.Action, resource string) bool {
	if c.dead {
		return true
	}
	if _, ok := c.gapsByKey[gapKey{action, ""}]; ok {
		return true
	}
	_, ok := c.gapsByKey[gapKey{action, resource}]
	return ok && resource != ""
}

// addGap records a gap; the first reason stays. A gap for everything that an
// action reads takes the place of those for single failures.
func (c *calls) addGap(action model.Action, resource string, f aws.Failure) {
	key := gapKey{action, resource}
	if _, ok := c.gapsByKey[key]; ok {
		return
	}
	if resource == "" {
		maps.DeleteFunc(c.gapsByKey,
			func(k gapKey, g model.Gap) bool { return k.action == action && g.State == model.Failed })
	}
	c.gapsByKey[key] = model.Gap{
		Action: action, Resource: resource, State: f.State, Error: f.Code,
		Message: f.Sentence, Effect: aws.OperationOf(action).Effect,
	}
}

// addAbsent records that AWS answered without a resource, unless a gap explains
// already why the resource, or the scope it lies in, was not read.
func (c *calls) addAbsent(action model.Action, resource, scope string) {
	if c.closed(action, resource) || c.closed(action, scope) {
		return
	}
	c.addGap(action, resource, aws.Failure{
		State: model.Absent, Code: "MISSING",
		Sentence: fmt.Sprintf("%s answered without %s; it was deleted meanwhile or belongs to another account: "+
			"read again", action, aws.Printable(model.ARNResource(resource))),
	})
}

// maxFaults are the calls of an action that may fail, while none has succeeded,
// before the rest is not sent.
const maxFaults = 3

// maxFaultsInARow are the calls of an action that may fail after some have succeeded:
// more than are under way at once, of which each took all its attempts.
const maxFaultsInARow = 32

// fail records why a call failed. The gap is about the resources of the call, or
// about the whole action when there are none or when the reason is the same for
// all.
func (c *calls) fail(action model.Action, resources []string, f aws.Failure) {
	if f.Credentials && !c.dead {
		c.die(f)
	}
	if f.Transient {
		c.faults[action]++
	}
	hopeless := c.faults[action] >= maxFaults && !c.answered[action] || c.faults[action] >= maxFaultsInARow
	if f.Everything || hopeless || len(resources) == 0 {
		c.addGap(action, "", f)
		return
	}
	for _, r := range resources {
		c.addGap(action, r, f)
	}
}

// die notes that no call can succeed any more: what is still to be read will not
// be.
func (c *calls) die(f aws.Failure) {
	c.dead = true
	for action := range aws.Reads() {
		if !c.settled(action) {
			c.addGap(action, "", f)
		}
	}
}

// gaps are the gaps for good and one for each action that is under way.
func (c *calls) gaps() []model.Gap {
	gaps := make([]model.Gap, 0, len(c.gapsByKey))
	for _, g := range c.gapsByKey {
		gaps = append(gaps, g)
	}
	for action := range aws.Reads() {
		if _, closed := c.gapsByKey[gapKey{action, ""}]; !closed && !c.settled(action) {
			gaps = append(gaps, model.Gap{Action: action, State: model.Loading, Error: string(model.Loading)})
		}
	}
	slices.SortFunc(gaps, func(a, b model.Gap) int {
		return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource))
	})
	return gaps
}
