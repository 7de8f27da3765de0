package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hopscope/aws"
	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

// Rollback takes an entry back, from wherever it got to; see ui.Applier. What it does
// follows from what the account shows, not from what the journal hopes: so it can be
// interrupted anywhere and started again. Afterwards block, rules and paths are compared
// with those of before; what differs is in the entry's message.
//
// The order is the reverse of applying: rules that were taken away come back, the
// block as it was is sent, its rollout ends, and only then the rules that were added
// go. Before the first write it looks whether the service is still as the plan left
// it, and refuses if it was changed since. A rule that callers of another service,
// deployed since, are admitted by stays, and the entry stays Failed until it can go.
// Of an entry that is rolled back nothing is sent: it is compared again.
func (a *Applier) Rollback(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error) {
	return a.rollback(ctx, id, progress, false)
}

// RollbackAnyway is Rollback also where callers would be refused that are admitted now; see
// ui.Applier. The comparison afterwards names them.
func (a *Applier) RollbackAnyway(
	ctx context.Context, id string, progress func(*journal.Entry),
) (*journal.Entry, error) {
	return a.rollback(ctx, id, progress, true)
}

// Compare compares an entry that is rolled back with what is there now; see ui.Applier. It
// sends nothing: under the lock an entry is refused that another program has opened again.
func (a *Applier) Compare(ctx context.Context, id string, progress func(*journal.Entry)) (*journal.Entry, error) {
	r, unlock, err := a.rollbackOf(id, progress)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if r.entry.State != journal.RolledBack {
		return r.entry, cannot(journal.ErrChangedSince,
			fmt.Sprintf("entry %s is not rolled back any more (it is %s): nothing was compared, and nothing sent",
				r.entry.ID, r.entry.State),
			r.rollbackHint("takes it back", "undo it again"))
	}
	return r.entry, r.lookOnce(ctx)
}

func (a *Applier) rollback(
	ctx context.Context, id string, progress func(*journal.Entry), anyway bool,
) (*journal.Entry, error) {
	r, unlock, err := a.rollbackOf(id, progress)
	if err != nil {
		return nil, err
	}
	defer unlock()
	r.anyway = anyway
	if r.entry.State == journal.RolledBack {
		return r.entry, r.lookOnce(ctx)
	}
	return r.entry, r.roll(ctx)
}

// rollbackOf loads an entry for a rollback, and locks its service.
func (a *Applier) rollbackOf(id string, progress func(*journal.Entry)) (*rollback, func(), error) {
	run, unlock, err := a.resume(id, progress)
	if err != nil {
		return nil, nil, err
	}
	w := newWriter(run)
	r := &rollback{run: run, writer: w, watcher: w.watcher, dependents: dependents{run}}
	return r, func() { a.count(run); unlock() }, nil
}

// rollback takes an entry back.
type rollback struct {
	*run

	writer     *writer
	watcher    *watcher
	dependents dependents
	// anyway tells that callers may be refused that are admitted now.
	anyway bool
	// left is what stays as another program or person changed it.
	left []string
	// gone tells that the service is gone, as several looks found.
	gone bool
	// unsettled are the target groups of paths that differ by the health of targets.
	unsettled []model.ARN
	// snapshot is what was last compared.
	snapshot *model.Snapshot
	// over tells that the entry was rolled back before: what changed since is not ours, but
	// for what has the entry's mark.
	over bool
}

// roll finds out what is to be done, and does it.
func (r *rollback) roll(ctx context.Context) error {
	if err := r.checkNewest(); err != nil {
		return err
	}
	way, err := r.wayBack(ctx)
	if err == nil && way == nothingSent {
		err = r.checkAccount(ctx)
	}
	if err == nil && !r.anyway {
		err = r.checkCallers(ctx, way)
	}
	if err != nil { // nothing was taken back: the entry is what it was
		return r.failRollback(r.entry.State, err)
	}
	if err := r.enter(journal.RollingBack); err != nil {
		return err
	}
	if err := r.takeBack(ctx, way); err != nil {
		return r.failRollback(journal.Failed, err)
	}
	differs, err := r.differences(ctx)
	if err != nil {
		return r.failRollback(journal.Failed, err)
	}
	return r.rolledBack(differs)
}

// rolledBack notes what was found now: the entry is rolled back, and these things differ.
func (r *rollback) rolledBack(differs []string) error {
	r.entry.State, r.entry.Message = journal.RolledBack, ""
	if len(differs) > 0 {
		r.entry.Message = notAsBefore + strings.Join(differs, "; ")
		if len(r.left) > 0 {
			r.entry.Message = "left as it is: " + strings.Join(r.left, "; ") + ". " + r.entry.Message
		}
	}
	return r.save()
}

// notAsBefore is in front of what differs.
const notAsBefore = "not as it was before: "

// load loads an entry of this account.
func (a *Applier) load(id string) (*journal.Entry, error) {
	e, err := a.journal.Load(id)
	if err != nil {
		return nil, err
	}
	here := &journal.Entry{Region: a.account.Region(), Endpoint: a.account.Endpoint(), Origin: a.account.Origin()}
	if !sameAccount(e, here) {
		theirs := aws.RedactedURL(cmp.Or(e.Endpoint, e.Origin))
		ours := aws.RedactedURL(cmp.Or(a.account.Endpoint(), a.account.Origin()))
		next := "open that account"
		if text.IsMaskedURL(theirs) {
			next += " by --endpoint-url: the journal does not keep the password of its URL"
		}
		return nil, cannot(nil, fmt.Sprintf("entry %s belongs to %s in %s, and this is %s in %s", id, theirs, e.Region, ours,
			a.account.Region()), next)
	}
	return e, nil
}

// sameAccount tells whether two entries are about the same account, as far as it is known
// without asking it. Earlier versions kept credentials in the URLs.
func sameAccount(a, b *journal.Entry) bool {
	return a.Region == b.Region && aws.RedactedURL(a.Endpoint) == aws.RedactedURL(b.Endpoint) &&
		aws.RedactedURL(a.Origin) == aws.RedactedURL(b.Origin)
}

// resume loads an entry for a method that goes on with it, and locks its service.
func (a *Applier) resume(id string, progress func(*journal.Entry)) (*run, func(), error) {
	e, err := a.load(id)
	if err != nil {
		return nil, nil, err
	}
	unlock, err := a.journal.Lock(e)
	if err != nil {
		return nil, nil, err
	}
	// The program that held the lock may have saved meanwhile.
	if e, err = a.journal.Load(id); err != nil {
		unlock()
		return nil, nil, err
	}
	return a.newRun(e, progress), unlock, nil
}

// wayBack is what a rollback has to do about the service.
type wayBack int

const (
	// nothingSent: no update ever left, or the service is gone.
	nothingSent wayBack = iota
	// blockIsBack: the service has the block of before; at most its rollout has to
	// end.
	blockIsBack
	// sendBlock: the block of before has to be sent.
	sendBlock
)

// wayBack looks at the service. It changes nothing.
func (r *rollback) wayBack(ctx context.Context) (wayBack, error) {
	i := slices.IndexFunc(r.entry.Plan.Steps, func(s fix.Step) bool { return s.Kind == fix.UpdateService })
	if i < 0 {
		return nothingSent, nil
	}
	state := r.entry.Steps[i].State
	if state != journal.Begun && state != journal.Done {
		return nothingSent, r.checkNotNeeded(ctx, state)
	}
	looks := r.looks()
	if state == journal.Done {
		looks = r.staleLooks()
	}
	for n, wait := range looks {
		if err := pause(ctx, wait); err != nil {
			return nothingSent, err
		}
		live, err := r.readSurely(ctx)
		if errors.Is(err, errGone) {
			return nothingSent, nil
		}
		if err != nil {
			return nothingSent, err
		}
		way, err := r.judge(live)
		// An update that was answered has made a deployment: a service that still has
		// the one before is an old answer, unless it stays so.
		seen := state == journal.Done && live.deployment() != r.entry.Before.Deployment
		if way != blockIsBack || err != nil || seen || n == len(looks)-1 {
			return way, err
		}
	}
	return blockIsBack, nil
}

// staleLooks are the pauses before the looks at a service whose update was answered:
// as many as it takes until no answer can be older than that.
func (r *rollback) staleLooks() []time.Duration {
	looks := []time.Duration{0}
	// A clock that stepped back makes no answer older than it can be.
	for age := max(r.account.Now().Sub(r.entry.UpdatedAt), 0); age < staleness; age += r.options.Recheck {
		looks = append(looks, r.options.Recheck)
	}
	return looks
}

// checkNotNeeded refuses to take rules away that a service needs now: the plan was
// applied in another way, after this entry had failed.
func (r *rollback) checkNotNeeded(ctx context.Context, update journal.StepState) error {
	if update == journal.Undone || r.entry.AfterBlock == "" ||
		!slices.ContainsFunc(r.entry.Steps, func(s journal.Step) bool { return isOpen(&s) }) {
		return nil
	}
	live, err := r.readSurely(ctx)
	switch {
	case errors.Is(err, errGone):
		return nil
	case err != nil:
		return err
	case sameBlock(live.block, r.entry.AfterBlock) && !sameBlock(live.block, r.entry.Before.Block):
		return cannot(fix.ErrBlockChanged,
			fmt.Sprintf("%s has the block of this plan, although this entry did not get to send it: "+
				"it needs the rules that would go", r.entry.Plan.Service),
			"roll the entry back that did (`hopscope journal`)")
	}
	return nil
}

// judge says what is to be done about a service as it is.
func (r *rollback) judge(l *liveService) (wayBack, error) {
	e := r.entry
	if r.updatesSent() == 1 && r.isOurs(l) { // the program may have ended before it read the answer
		r.noteOvertaken(l)
	}
	back := e.Before.Replaced()
	switch {
	case e.AfterBlock != "" && back == "":
		return nothingSent, cannot(journal.ErrChangedSince, overtakenSentence(e),
			"change the block by hand: the journal has it as it was before both")
	case e.AfterBlock == "":
		return blockIsBack, nil // a new deployment of what was there cannot be undone, and changed nothing
	case sameBlock(l.block, back) && l.deployment() != e.Before.Deployment && l.failed():
		return sendBlock, nil // an earlier rollback sent it, and its tasks did not start
	case sameBlock(l.block, back):
		return blockIsBack, nil
	case r.isOurs(l), sameBlock(l.block, e.AfterBlock):
		return sendBlock, nil
	}
	return nothingSent, cannot(fix.ErrBlockChanged,
		fmt.Sprintf("the Service Connect block of %s was changed since (deployment %s), and hopscope does not write over "+
			"that",
			e.Plan.Service, aws.Printable(l.deployment())),
		"put the block back by hand: the journal has it as it was")
}

// updatesSent counts the updates of the service that the entry sent.
func (r *rollback) updatesSent() int {
	n := 0
	for i := range r.entry.Calls {
		if r.entry.Calls[i].Action == aws.UpdateService {
			n++
		}
	}
	return n
}

// takeBack carries a rollback out.
func (r *rollback) takeBack(ctx context.Context, way wayBack) error {
	for i := len(r.entry.Steps) - 1; i >= 0; i-- {
		if removes(model.Action(r.entry.Plan.Steps[i].Kind)) {
			if err := r.putRuleBack(ctx, i); err != nil {
				return err
			}
		}
	}
	if err := r.putBlockBack(ctx, way); err != nil {
		return err
	}
	needed, err := r.dependents.stillNeeded(ctx)
	if err == nil && r.gone {
		err = r.checkStillGone(ctx)
	}
	if err != nil {
		return err
	}
	var stays error
	for i := len(r.entry.Steps) - 1; i >= 0; i-- {
		if !adds(model.Action(r.entry.Plan.Steps[i].Kind)) {
			continue
		}
		if by := needed[i]; len(by) > 0 {
			stays = r.dependents.ruleStays(i, by)
		} else if err := r.takeRuleAway(ctx, i); err != nil {
			return err
		}
	}
	if stays != nil {
		return stays
	}
	return r.undoneUpdate() // of a service that is gone; until here it may come back
}

// isOpen tells whether a step was, or may have been, carried out by us and is not
// taken back yet.
func isOpen(s *journal.Step) bool { return s.State == journal.Begun || s.State == journal.Done }

// change sends one call of a rollback. What it was about is looked at again where
// the reply is lost, in the next rollback.
func (r *rollback) change(ctx context.Context, c ruleChange, ignore ...string) error {
	if err := r.note(c.action, r.ruleCommand(c)); err != nil {
		return err
	}
	_, err := r.writer.send(ctx, c, false)
	if err == nil {
		return nil
	}
	r.failedCall(err)
	if slices.Contains(ignore, aws.ErrorCode(err)) {
		return nil
	}
	return r.sayWhy(ctx, c.action, &fix.Step{Group: c.group}, err)
}

// sayWhy explains why a call of a rollback failed.
func (r *rollback) sayWhy(ctx context.Context, action model.Action, step *fix.Step, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", action, context.Cause(ctx))
	}
	if aws.FateOf(err) == aws.UnknownFate {
		return cannot(err, fmt.Sprintf("no answer came to %s (%s)", action, aws.Cause(err)), "")
	}
	reason, next := r.reasonOf(action, step, err)
	return cannot(err, reason, next)
}

// putRuleBack adds a rule again that a step took away, with its description. Where
// AWS said that it is gone, no look is taken first: it might be older than that.
func (r *rollback) putRuleBack(ctx context.Context, i int) error {
	s, step := &r.entry.Steps[i], &r.entry.Plan.Steps[i]
	if !isOpen(s) || s.Removed == nil {
		return nil
	}
	action := model.Action(step.Kind)
	if s.State == journal.Begun {
		there, err := r.lookTwice(ctx, i, s.Removed, func(o *model.SecurityGroupRule) bool { return o == nil })
		switch {
		case errors.Is(err, errGone):
			return r.undone(i) // a group that is gone needs no rules
		case err != nil:
			return err
		case there != nil:
			return r.undone(i)
		}
	}
	c := ruleChange{action: opposite(action), group: step.Group, rule: s.Removed}
	if err := r.change(ctx, c, codeDuplicate, codeGroupAbsent); err != nil {
		return err
	}
	return r.undone(i)
}

// takeRuleAway removes a rule that a step added: one that is marked with the entry, or
// has the id that AWS answered. A rule that another program or user made meanwhile
// stays, and so does the entry's when another one was made of it.
func (r *rollback) takeRuleAway(ctx context.Context, i int) error {
	s, step := &r.entry.Steps[i], &r.entry.Plan.Steps[i]
	if !isOpen(s) {
		return nil
	}
	rule, err := r.lookTwice(ctx, i, step.Rule, func(o *model.SecurityGroupRule) bool { return o != nil })
	if err != nil && !errors.Is(err, errGone) {
		return err
	}
	c := ruleChange{action: opposite(model.Action(step.Kind)), group: step.Group, rule: rule}
	if len(s.RuleIDs) == 1 { // no other rule has this id
		c.id, c.rule = s.RuleIDs[0], nil
	}
	switch {
	case err != nil: // a group that is gone has no rules
	case rule == nil:
		c.rule = step.Rule // as it was sent, if it was
		if s.State == journal.Done && !r.wasSent(c) {
			r.leave("the rule for %s that was added to security group %s: it was changed or removed meanwhile", i)
		}
	case !r.mayBeOurs(i, rule):
		if s.State == journal.Done {
			r.leave(madeMeanwhile, i)
		} else {
			r.leave(perhapsOurs, i)
		}
	default:
		if err := r.change(ctx, c, codeRuleIDAbsent, codeRuleAbsent, codeGroupAbsent); err != nil {
			return err
		}
		last := &r.entry.Calls[len(r.entry.Calls)-1]
		if strings.Contains(last.Error, codeRuleIDAbsent) { // the rule that is there has another id
			s.RuleIDs = nil
			if r.mayBeOurs(i, rule) { // a call of ours that arrived late made it
				return r.takeRuleAway(ctx, i)
			}
			r.leave(madeMeanwhile, i)
		}
	}
	return r.undone(i)
}

const (
	madeMeanwhile = "the rule for %s of security group %s: it was made meanwhile, in place of the one that was added"
	perhapsOurs   = "the rule for %s of security group %s: it has not the description that this entry gives, and the " +
		"answer to the call that was to add one is not known"
)

// mayBeOurs tells whether a rule like that of a step is the one that the step made: it has
// the entry's mark, or may be the one whose id was answered, with another description.
func (r *rollback) mayBeOurs(i int, rule *model.SecurityGroupRule) bool {
	return isMarked(r.entry.ID, rule) || len(r.entry.Steps[i].RuleIDs) == 1
}

// wasSent tells whether a change was sent before: its answer may have been lost.
func (r *rollback) wasSent(c ruleChange) bool {
	command := r.ruleCommand(c)
	return slices.ContainsFunc(r.entry.Calls, func(o journal.Call) bool { return o.Command == command })
}

// leave notes what a rollback leaves as it is, and why. The rule of the format is that of a
// step.
func (r *rollback) leave(format string, i int) {
	step := &r.entry.Plan.Steps[i]
	left := fmt.Sprintf(format, step.Rule.Ports(), aws.Printable(step.Group))
	r.left = append(r.left, left)
	r.entry.Steps[i].Left = left
}

// putBlockBack sends the block as it was, unless the service has it, and waits until
// no task runs with another.
func (r *rollback) putBlockBack(ctx context.Context, way wayBack) error {
	if way == nothingSent {
		return nil
	}
	live, err := r.readSurely(ctx)
	if err == nil { // rules came back since the first look, and the service may have been deployed meanwhile
		r.watcher.patience = r.watcher.patienceFor(live)
		way, err = r.judge(live)
	}
	if err == nil && way == sendBlock {
		r.watcher.previous = live.deployment()
		live, err = r.sendBlockBack(ctx, live)
	}
	switch {
	case r.gone && errors.Is(err, errGone):
		return nil
	case err != nil:
		return err
	case live.primary == nil:
		return cannot(nil, fmt.Sprintf("%s has no deployment", r.entry.Plan.Service), "look at the service")
	// A new deployment of what was there is not waited for: its tasks are as before.
	case way == sendBlock, r.entry.AfterBlock != "" && live.inProgress():
		r.entry.Rollout = r.rolloutOf(live)
		if err := r.save(); err != nil {
			return err
		}
		if err := r.watcher.watch(ctx); err != nil {
			return err
		}
	}
	return r.undoneUpdate()
}

// sendBlockBack sends the block as it was, and returns the service with it. Where the
// service has it already, in a deployment that failed, ECS has to be told to try again.
func (r *rollback) sendBlockBack(ctx context.Context, now *liveService) (*liveService, error) {
	back := r.entry.Before.Replaced()
	again := sameBlock(now.block, back)
	if err := r.note(aws.UpdateService, r.updateCommand(back, again)); err != nil {
		return nil, err
	}
	live, err := r.writer.sendUpdate(ctx, back, again)
	if err == nil && (live.primary == nil || live.deployment() == now.deployment()) {
		err = errNotSaid
	}
	if err == nil {
		r.noteOverwritten(now, live)
		return live, nil
	}
	r.failedCall(err)
	if aws.FateOf(err) == aws.UnknownFate {
		for _, wait := range r.looks() {
			if err := pause(ctx, wait); err != nil {
				return nil, err
			}
			live, err := r.readSurely(ctx)
			if err != nil {
				return nil, err
			}
			if sameBlock(live.block, back) && live.deployment() != now.deployment() {
				r.noteOverwritten(now, live)
				return live, nil
			}
		}
	}
	return nil, r.sayWhy(ctx, aws.UpdateService, &fix.Step{}, err)
}

// undoneUpdate notes that the update is taken back.
func (r *rollback) undoneUpdate() error {
	for i := range r.entry.Plan.Steps {
		if r.entry.Plan.Steps[i].Kind == fix.UpdateService && isOpen(&r.entry.Steps[i]) {
			return r.undone(i)
		}
	}
	return nil
}

// failRollback ends a rollback that could not be finished.
func (r *rollback) failRollback(state journal.State, err error) error {
	reason, next := explain(err)
	out := cannot(err, "not everything is taken back yet. "+joined(reason, next),
		r.rollbackHint("goes on with it", "undo it again to go on"))
	if errors.Is(err, errNotCompared) {
		out = cannot(err, "everything was taken back, but "+joined(reason, next),
			r.rollbackHint("compares again", "undo it again to compare"))
	}
	r.entry.State, r.entry.Message = state, out.Error()
	var unwritten *journalError
	if saved := r.save(); saved != nil && !errors.As(err, &unwritten) {
		return errors.Join(out, saved)
	}
	return out
}
