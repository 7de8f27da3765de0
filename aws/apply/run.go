package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hopscope/aws"
	"hopscope/aws/collect"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// run is one method of an Applier at work on an entry: it reads the account and the
// entry says what it did.
type run struct {
	*record

	account *aws.Account
	source  *collect.Source
	options Options
	// reads and writes are one session: writes are not sent again when their answer
	// is lost.
	reads, writes *aws.Session
}

func (a *Applier) newRun(e *journal.Entry, progress func(*journal.Entry)) *run {
	reads := a.account.NewSession()
	return &run{
		record:  &record{journal: a.journal, now: a.account.Now, entry: e, progress: progress},
		account: a.account, source: a.source, options: a.options, reads: reads, writes: reads.ForWrites(),
	}
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// cannotRead explains why something could not be read.
func (r *run) cannotRead(ctx context.Context, action model.Action, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", action, context.Cause(ctx))
	}
	f := r.account.Classify(action, r.masked(err))
	if aws.IsAbsent(err) {
		err = errors.Join(err, errGone)
	}
	reason, next, _ := strings.Cut(f.Sentence, "; ")
	return cannot(err, reason, next)
}

// looks are the pauses before the looks at the account that follow a lost reply.
func (r *run) looks() []time.Duration { return []time.Duration{0, r.options.Recheck} }

// reasonOf is why AWS refused a call, and what to do about it.
func (r *run) reasonOf(action model.Action, step *fix.Step, err error) (reason, next string) {
	err = r.masked(err)
	f := r.account.Classify(action, err)
	reason, next, _ = strings.Cut(f.Sentence, "; ")
	switch {
	case aws.ErrorCode(err) == codeRuleLimit:
		return "the quota of rules of security group " + step.Group +
				" is used up (60 in each direction unless it was raised)",
			"remove a rule that nothing needs, or have the quota raised, and apply the plan again"
	case f.State == model.Unsupported:
		return reason, "use an endpoint that does"
	case f.State == model.Denied, f.Credentials, aws.IsUnreachable(err):
		return reason, next
	case aws.IsThrottle(err):
		return string(action) + " was throttled " + fmt.Sprint(aws.WriteAttempts) +
			" times", "apply the plan again in a minute"
	case aws.ErrorCode(err) != "":
		return fmt.Sprintf("AWS refused %s (%s)", action, aws.Answer(err)), "refresh, and plan again"
	}
	return reason, next
}

// readAll reads every cluster of the account, and all that its paths depend on, also where
// hopscope shows but some: callers may be in any, groups are shared, and what is compared
// has to be read alike, by whichever program. Where the clusters may not be listed, those
// that are shown are read; the snapshot has a gap then.
func (r *run) readAll(ctx context.Context) (*model.Snapshot, error) {
	s, err := r.source.WholeRegion().LookingAt(r.entry.Plan.Service).Collect(ctx, nil)
	if err != nil && ctx.Err() == nil && len(r.source.Patterns()) > 0 &&
		r.account.Classify(model.ListClusters, err).State == model.Denied {
		return r.source.LookingAt(r.entry.Plan.Service).Collect(ctx, nil)
	}
	return s, err
}
