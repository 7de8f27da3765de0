package collect

import (
	"time"

	"hopscope/model"
)

const (
	// shortestPeriod and longestPeriod bound the time between two snapshots of a
	// reading.
	shortestPeriod = 50 * time.Millisecond
	longestPeriod  = 2 * time.Second
	// growth: the longer a reading takes, the less a snapshot adds to the one
	// before. After a period, the reading is older by a fifth.
	growth = 5
	// share: of the time that showing a snapshot took, four times as much is left
	// to the reading before the next.
	share = 4
)

// period is the time from one snapshot to the next, in a reading of an age and
// after a snapshot that took a time to show. An operation that has come to its end
// is worth a snapshot before that time.
func period(age, took time.Duration) time.Duration {
	return max(shortestPeriod, share*took, min(age/growth, longestPeriod))
}

// publish hands snapshots out until the reading is done, and returns how it ended.
// While progress is at work the reading goes on.
func (r *readers) publish(done <-chan error, progress func(*model.Snapshot)) error {
	if progress == nil {
		return <-done
	}
	for {
		select {
		case err := <-done:
			return err
		case <-r.changed:
		}
		if !r.showable() {
			continue
		}
		select {
		case <-r.ended: // in this snapshot
		default:
		}
		began := r.account.Now()
		progress(r.snapshot(r.countsLocked))
		now := r.account.Now()
		least := max(shortestPeriod, share*now.Sub(began))
		ended, err := pause(done, nil, least)
		if !ended {
			ended, err = pause(done, r.ended, period(now.Sub(r.started), now.Sub(began))-least)
		}
		if ended {
			return err
		}
	}
}

// pause waits for a time, or until early holds something. It tells whether the
// reading ended meanwhile, and how.
func pause(done <-chan error, early <-chan struct{}, d time.Duration) (ended bool, err error) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case err := <-done:
		return true, err
	case <-early:
	case <-t.C:
	}
	return false, nil
}

// showable tells whether there is a name to show.
func (r *readers) showable() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rows.services.len() > 0
}
