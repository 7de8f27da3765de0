package collect

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestALaneBoundsWhatRunsAtOnceAndPrefersUrgentCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLane(2)
		var mu sync.Mutex
		var order []string
		running, most := 0, 0
		run := func(name string, urgent bool) {
			l.run(urgent, waiting{name, func() {
				mu.Lock()
				order = append(order, name)
				running++
				most = max(most, running)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				running--
				mu.Unlock()
			}})
		}
		for _, name := range []string{"a", "b", "c", "d"} {
			run(name, false)
			synctest.Wait()
		}
		run("e", true)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if most != 2 || len(order) != 5 {
			t.Errorf("%d ran at once, want 2; the order is %v", most, order)
		}
		if order[4] == "e" || order[2] != "e" && order[3] != "e" {
			t.Errorf("the urgent call did not go first: %v", order)
		}
		if l.free != 2 {
			t.Errorf("%d places are free, want 2", l.free)
		}
	})
}

func TestALaneHurriesTheCallsAboutAResource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLane(1)
		var order []string
		for _, name := range []string{"a", "b", "c", "d"} {
			l.run(false, waiting{name, func() {
				time.Sleep(time.Second)
				order = append(order, name)
			}})
		}
		l.hurry(func(resource string) bool { return resource == "d" })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := strings.Join(order, " "); got != "a d b c" {
			t.Errorf("the order is %s", got)
		}
	})
}
