package collect

import (
	"time"

	"hopscope/model"
)

// progressPeriod is the time between two snapshots of a reading: 20 a second at
// most.
const progressPeriod = 50 * time.Millisecond

// publish hands snapshots out until the reading is done, and returns how it ended.
// While progress is at work the reading goes on; it has a fifth of the time at
// most, so that a large account is not spent on drawing it.
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
		began := r.account.Now()
		progress(r.snapshot(r.countsLocked))
		pause := time.NewTimer(max(progressPeriod, 4*r.account.Now().Sub(began)))
		select {
		case err := <-done:
			pause.Stop()
			return err
		case <-pause.C:
		}
	}
}

// showable tells whether there is a name to show.
func (r *readers) showable() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rows.services.len() > 0
}
