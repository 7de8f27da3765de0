package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/rule"
)

// verifier looks whether a plan did what it promised.
type verifier struct{ *run }

// verify reads the account again, and compares the paths with what the plan wanted.
// What cannot be read is not met: the entry is then Unverified, which is no error,
// since everything was carried out. What is known to be otherwise is one: it failed.
func (r *verifier) verify(ctx context.Context) error {
	if r.entry.VerifiedAt.IsZero() {
		r.entry.VerifiedAt = r.account.Now().UTC()
	}
	if o := r.entry.Before.Overtaken; o != nil {
		return r.unverified(overtakenSentence(r.entry))
	}
	if len(r.entry.Plan.Wanted) == 0 { // a plain deployment, say
		return r.enter(journal.Applied)
	}
	if err := r.enter(journal.Verifying); err != nil {
		return r.fail(err)
	}
	v, s, err := r.look(ctx)
	if err == nil && len(v.Unsettled) > 0 && !isIdle(s, r.entry.Plan.Service) {
		if err = r.settle(ctx, v.Unsettled, s); err == nil {
			v, s, err = r.look(ctx)
		}
	}
	if err != nil {
		reason, next := explain(err)
		if ctx.Err() != nil {
			reason, next = "interrupted", "read the account again to see its paths"
		}
		r.entry.Unmet = r.entry.Plan.Wanted
		return r.unverified("everything was carried out, but whether it worked is not known: " + sentence(reason, next))
	}
	return r.conclude(v, s)
}

// look reads the account, and compares it with the plan.
func (r *verifier) look(ctx context.Context) (*fix.Verification, *model.Snapshot, error) {
	s, err := r.readAll(ctx)
	if err != nil {
		return nil, nil, err
	}
	return r.entry.Plan.Verify(rule.Analyze(s)), s, nil
}

// conclude ends with one of three answers: verified, not verified, where something is
// not known, or failed, where it is known not to have worked.
func (r *verifier) conclude(v *fix.Verification, s *model.Snapshot) error {
	r.entry.Unmet = v.Unmet()
	idle := isIdle(s, r.entry.Plan.Service)
	switch {
	case len(v.Wrong) > 0:
		return r.fail(cannot(nil, wrongSentence(v), "look at the paths and the targets"))
	case idle && v.Waiting():
		return r.unverified("everything was carried out, and the configuration is as wanted, but the service has no task " +
			"(its desired count is 0): whether requests arrive is not known")
	case !v.Verified():
		return r.unverified(openSentence(v, s))
	}
	return r.enter(journal.Applied)
}

// isIdle tells whether a service is to have no tasks.
func isIdle(s *model.Snapshot, ref model.Ref) bool {
	return slices.ContainsFunc(s.Services, func(o model.Service) bool { return o.Ref() == ref && o.DesiredCount == 0 })
}

// overtakenSentence says which deployment an update replaced unseen, and what a rollback
// makes of it.
func overtakenSentence(e *journal.Entry) string {
	o := e.Before.Overtaken
	out := fmt.Sprintf("everything was carried out, but another program or user deployed %s (%s) right before the update",
		e.Plan.Service, aws.Printable(o.Deployment))
	switch {
	case e.AfterBlock == "" || sameBlock(o.Block, e.Before.Block):
		return out + ": its Service Connect block was the same, and what else it changed stays; look at the paths"
	case o.Block == "":
		return out + ", and the update replaced what that had made of the Service Connect block: " +
			"it had none that can be sent back"
	}
	return out + ", and the update replaced its Service Connect block: a rollback sends that one"
}

func (r *verifier) unverified(message string) error {
	r.entry.State, r.entry.Message = journal.Unverified, message+". "+r.rollbackHint("takes it back",
		"It can be undone until the demo ends")
	return r.save()
}

func sentence(reason, next string) string {
	if next == "" {
		return reason
	}
	return reason + "; " + next
}

// wrongSentence names the paths that are known not to be as wanted.
func wrongSentence(v *fix.Verification) string {
	out := "everything was carried out, and it did not work: " + wantedWords(v.Wrong)
	if len(v.Reasons) > 0 {
		out += " (" + aws.Printable(strings.Join(v.Reasons, ", ")) + ")"
	}
	return out
}

// openSentence names the paths of which it is not known whether they are as wanted, and
// what is missing.
func openSentence(v *fix.Verification, s *model.Snapshot) string {
	if slices.ContainsFunc(v.Open, func(e fix.Expectation) bool { return !e.Verifiable() }) {
		return "everything was carried out, but an earlier version of hopscope made the plan, and did not note which paths " +
			"are to change: look at the paths of the service"
	}
	out := "everything was carried out, but whether it worked is not known: " + wantedWords(v.Unmet())
	const named = 3
	for i := range v.Missing[:min(named, len(v.Missing))] {
		out += "; missing: " + aws.Printable(v.Missing[i].String())
	}
	if n := len(v.Missing) - named; n > 0 {
		out += fmt.Sprintf("; and %d more", n)
	}
	switch {
	case v.SomeHealthy:
		out += "; some targets are healthy, and some are not"
		if len(v.Reasons) > 0 {
			out += " (" + aws.Printable(strings.Join(v.Reasons, ", ")) + ")"
		}
	case len(v.Unsettled) > 0:
		out += "; no target is healthy yet"
	}
	if n := len(s.Gaps); n > 0 {
		out += fmt.Sprintf(". %d facts could not be read, so that some paths are unknown rather than wrong", n)
	}
	return out
}

// wantedWords say what some paths should be.
func wantedWords(unmet []fix.Expectation) string {
	var b strings.Builder
	const named = 3
	unmet = fix.Shown(unmet)
	for i, e := range unmet {
		if i == named {
			fmt.Fprintf(&b, "; and %d more", len(unmet)-named)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s to port %d should be %s", aws.Printable(e.From), e.ContainerPort, e.Via)
		if e.Access != "" {
			fmt.Fprintf(&b, ", %s", e.Access)
		}
		if e.Healthy {
			b.WriteString(", its targets healthy")
		}
	}
	return b.String()
}
