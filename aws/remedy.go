package aws

import "time"

// Going slower is a remedy where AWS throttles since too much is asked. Where it refuses
// a part of the calls whatever their rate, as an endpoint or a proxy may, it is none: a
// reading would take four times as long and be throttled as before. The bucket finds out
// by an experiment, since nothing in a refusal tells: at the slowest rate a part is still
// refused; at the full one, for a few seconds, is it notably more? If not, the rate stays
// full for a while, and then the experiment begins anew.
//
// What this costs others is bounded. At the slowest rate nothing is refused unless they
// ask for more than the rest, four fifths of AWS's rate, and while they do the experiment
// takes no more than the half of two.

const (
	// fewReplies and manyReplies are how many tell the part that is refused, at the slowest
	// rate and at the full one.
	fewReplies, manyReplies = 24, 48
	// notable is a part that is worth the experiment; from more than half refused on, others
	// need what there is.
	notable, atMost = 0.15, 0.5
	// more is by how much a greater part tells that the rate matters.
	more = 0.1
	// holdTime is how long what was found counts.
	holdTime = time.Minute
)

// remedy is what a bucket knows of whether going slower helps.
type remedy struct {
	// replies came at the present rate, and refused of them were throttled.
	replies, refused int
	// slowPart was refused at the slowest rate.
	slowPart float64
	// useless tells that throttled replies do not lower the rate, until then.
	useless bool
	until   time.Time
}

func (r *remedy) count(throttled bool) {
	r.replies++
	if throttled {
		r.refused++
	}
}

func (r *remedy) part() float64 { return float64(r.refused) / float64(r.replies) }

// again begins another count.
func (r *remedy) again() { r.replies, r.refused = 0, 0 }

// answered notes the reply to a call: whether AWS refused it for its rate.
func (b *bucket) answered(throttled bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock()
	if b.remedy.useless {
		b.doubtLocked(now, throttled)
		return
	}
	if throttled {
		b.throttledLocked(now)
	}
	slow := b.full * slowest
	if limit := b.tokens.Limit(); limit > slow+recoveryStep || limit >= b.full {
		b.remedy.again()
		return
	}
	b.remedy.count(throttled)
	if b.remedy.replies < fewReplies {
		return
	}
	if part := b.remedy.part(); part >= notable && part <= atMost && now.After(b.remedy.until) {
		b.remedy.useless, b.remedy.slowPart, b.remedy.until = true, part, now.Add(holdTime)
		b.tokens.SetLimitAt(now, b.full)
		b.changed = now
	}
	b.remedy.again()
}

// doubtLocked ends the full rate when it is throttled more than the slowest one was, or
// when it has been a while.
func (b *bucket) doubtLocked(now time.Time, throttled bool) {
	r := &b.remedy
	r.count(throttled)
	matters := false
	if r.replies >= manyReplies {
		matters = r.part() > r.slowPart+more
		r.again()
	}
	switch {
	case matters:
		r.useless, r.until = false, now.Add(holdTime)
		b.changed = now
		b.tokens.SetLimitAt(now, b.full*slowest)
	case now.After(r.until):
		r.useless = false
		r.again()
	}
}
