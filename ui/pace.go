package ui

import (
	"time"

	"hopscope/model"
)

// pace spaces the analyses of a reading's snapshots. Each analyses the whole account:
// were every snapshot analysed, an account of thousands of services would be analysed
// hundreds of times while it loads.
type pace struct {
	// began is when the reading began.
	began time.Time
	// next is when the next analysis may start, if it is not that of the last snapshot.
	next time.Time
	// analyzing is set while a snapshot is being analysed; waiting is the one to
	// analyse next. Newer ones replace it, so that none pile up.
	analyzing bool
	waiting   *model.Snapshot
	// due is set while a message is on its way that says that it is time.
	due bool
}

// The rest after an analysis is half of the time that the reading has gone on, so
// that the number of analyses grows with the logarithm of that time; but no shorter
// than 8 times what the analysis took, and no longer than 100 times: what costs little
// is shown soon.
const (
	restShare              = 2
	leastRest, longestRest = 8, 100
)

// finished ends an analysis and sets when the next may start.
func (p *pace) finished(now time.Time, took time.Duration) {
	p.analyzing = false
	rest := min(now.Sub(p.began)/restShare, longestRest*took)
	p.next = now.Add(max(rest, leastRest*took))
}
