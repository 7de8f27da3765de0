package collect

import (
	"slices"
	"sync"

	"hopscope/aws"
)

// lane runs calls of one kind, a bounded number at once, the urgent ones first
// and else in the order they came. It never blocks the caller: calls start
// calls, and a pool that blocks when it is full, such as errgroup's, would wait
// for itself.
type lane struct {
	mu       sync.Mutex
	free     int
	urgent   []waiting
	ordinary []waiting
}

// waiting is a call that waits for room; resource is what it is about, "" for no single one.
type waiting struct {
	resource string
	run      func()
}

func newLane(width int) *lane { return &lane{free: width} }

// run runs a call in a goroutine of the lane as soon as there is room.
func (l *lane) run(urgent bool, w waiting) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.free > 0:
		l.free--
		go l.work(w.run)
	case urgent:
		l.urgent = append(l.urgent, w)
	default:
		l.ordinary = append(l.ordinary, w)
	}
}

// hurry makes the calls that wait urgent which are about some resources.
func (l *lane) hurry(about func(resource string) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ordinary = slices.DeleteFunc(l.ordinary, func(w waiting) bool {
		hurried := about(w.resource)
		if hurried {
			l.urgent = append(l.urgent, w)
		}
		return hurried
	})
}

// work runs f and then whatever waits, until nothing does.
func (l *lane) work(f func()) {
	for f != nil {
		f()
		f = l.next()
	}
}

// next takes the next call that waits, or gives the room back.
func (l *lane) next() func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, queue := range []*[]waiting{&l.urgent, &l.ordinary} {
		if len(*queue) > 0 {
			first := (*queue)[0]
			(*queue)[0] = waiting{}
			*queue = (*queue)[1:]
			return first.run
		}
	}
	l.free++
	return nil
}

// lanes are the lanes of one reading.
type lanes struct {
	mu     sync.Mutex
	byName map[string]*lane
}

// get is the lane of an operation.
func (l *lanes) get(spec aws.Lane) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byName == nil {
		l.byName = make(map[string]*lane)
	}
	if l.byName[spec.Name] == nil {
		l.byName[spec.Name] = newLane(spec.Width)
	}
	return l.byName[spec.Name]
}
