package ui

import (
	"context"

	"hopscope/model/fix"
	"hopscope/model/journal"
)

// Applier carries plans out. All its methods may take minutes, end early when ctx
// does, and leave a journal entry that says what was done. progress, which may be
// nil, is called with ever newer copies of the entry, one call at a time. An entry
// is returned along with an error where there is one: it says what was done before.
type Applier interface {
	// Prepare reads what a plan changes as it is now. It writes nothing, neither to
	// the account nor to the journal. The error matches [fix.ErrBlockChanged] when
	// the plan was made for something else.
	Prepare(ctx context.Context, p *fix.Plan) (*journal.Entry, error)
	// Apply carries out what was prepared: it reads again, refuses what has changed
	// since, and goes through the steps that are not for later, the rollout and the
	// verification.
	Apply(ctx context.Context, prepared *journal.Entry, progress func(*journal.Entry)) (*journal.Entry, error)
	// Tidy carries out the steps that an applied plan left for later.
	Tidy(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error)
	// Measure waits until CloudWatch has numbers of after the rollout, and compares them
	// with those of before, for an applied plan that leads requests of a load balancer
	// past the agents. The error is a [model.CannotCheckError] where there is nothing to
	// compare; the entry stays what it is.
	Measure(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error)
	// Rollback takes an entry back, from wherever it got to. A second time changes
	// nothing more: it compares again. It refuses to cut callers off who are admitted now.
	Rollback(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error)
	// Compare compares an entry that is rolled back again, and sends nothing: it refuses
	// every other one.
	Compare(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error)
	// RollbackAnyway is Rollback also where callers would be refused that are admitted now.
	RollbackAnyway(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error)
}
