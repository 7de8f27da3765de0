package dialect_test

import (
	"path/filepath"
	"strings"
	"testing"

	"hopscope/model/fix"
	. "hopscope/model/modeltest"
)

// groups gives a service other security groups than its own.
func groups(ids ...string) func(*Spec) {
	return Change(func(s *Spec) { s.Deployment.Network.SecurityGroups = ids })
}

// newSharedAccount is an account in which another service has the group sg-a too.
func newSharedAccount(t *testing.T, steps ...fix.Step) *fakeAccount {
	t.Helper()
	return fakeAccountOf(t, New().Group("sg-a").Group("sg-b").
		Service("web", Port("app", 80, "http"), Offer("app", 0, 80), Offer("other", 0, 81), groups("sg-a")).
		Service("z's", groups("sg-a")).Snapshot(), steps)
}

// shut is a step that removes a rule.
func shut(port int, later bool) fix.Step {
	step := admit(port)
	step.Kind, step.Later = fix.RevokeIngress, later
	return step
}

// noted is what the script notes for a rollback, "" for nothing.
func (f *fakeAccount) noted(t *testing.T) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(f.dir, "hopscope-*-rules.tsv"))
	if err != nil || len(all) > 1 {
		t.Fatalf("%v: %v", all, err)
	}
	if len(all) == 0 {
		return ""
	}
	return read(t, all[0])
}

// A rule of a group that others are known to have stays until the user has looked.
func TestARuleThatOthersMayNeedDoesNotGoSilently(t *testing.T) {
	t.Parallel()
	const look = "hopscope knew that these had sg-a too: z's\n  others may need the rule by now; see who has the group: " +
		"aws ec2 describe-network-interfaces --region ap-northeast-1 --filters Name=group-id,Values=sg-a"
	f := newSharedAccount(t, admit(1), setOverride(), shut(80, true))
	for _, want := range []string{
		"REVOKE_SHARED='sg-a'", "#   - sg-a: hopscope knew these to have it too: z's",
		"\n#      aws ec2 describe-network-interfaces --region ap-northeast-1 ",
	} {
		if !strings.Contains(f.script, want) {
			t.Errorf("the head of the script does not say %q", want)
		}
	}
	f.expect(t, "apply", "authorize-security-group-ingress, update-service", "Done.", true)
	f.expect(t, "later", "", look, false)
	f.expect(t, "later", "", "run this again with REVOKE_SHARED='sg-b sg-a' in the environment", false,
		"REVOKE_SHARED=sg-b")
	f.expect(t, "later", "", "run this again with REVOKE_SHARED='sg-a1 sg-a' in the environment", false,
		"REVOKE_SHARED=sg-a1")
	f.expect(t, "later", "revoke-security-group-ingress", look, true, "REVOKE_SHARED=sg-a")
	f.expect(t, "rollback", "authorize-security-group-ingress, update-service",
		"web is as it was, but rules that were added to sg-a stay", false)
	f.expect(t, "rollback", "", look, false)
	f.expect(t, "rollback", "revoke-security-group-ingress sgr-1", "web is as it was", true, "REVOKE_SHARED=sg-b sg-a")
	f.expect(t, "rollback", "", "web is as it was", true)

	f = newSharedAccount(t, shut(80, false), shut(81, false))
	f.expect(t, "apply", "", "the rule stays, and nothing behind it was done", false)
	f.expect(t, "apply", "revoke-security-group-ingress, revoke-security-group-ingress", look, true, "REVOKE_SHARED=sg-a")
}

// Of a group that no other service was known to have, AWS tells whether more have it now.
func TestAServiceThatCameSinceIsNoticed(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, admit(1))
	if !strings.Contains(f.script, "#   - sg-a: hopscope knew no other service to have it") {
		t.Error("the head of the script does not name the group")
	}
	f.expect(t, "apply", "authorize-security-group-ingress", "Done.", true)
	f.put(t, "interfaces", "eni-1 eni-4 eni-3 eni-5")
	f.expect(t, "rollback", "", "these interfaces have it by now, and are none of the tasks of web: eni-4 eni-5", false)
	f.put(t, "refuse", "list-tasks") // then it is said that others may
	f.expect(t, "rollback", "revoke-security-group-ingress sgr-1",
		"whether others have it by now is not known: An error occurred", true)

	f = newFakeAccount(t, admit(1)) // a task that is being stopped is no stranger
	f.expect(t, "apply", "authorize-security-group-ingress", "Done.", true)
	f.expect(t, "rollback", "revoke-security-group-ingress sgr-1",
		"hopscope knew no other service that had sg-a\n  others may need the rule by now; see who has the group: aws ec2",
		true)
}

// What gives aws its credentials may read all of standard input.
func TestTheNotesOfARollbackAreNotTheInputOfItsCommands(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, admit(1), admit(2), admit(3))
	f.put(t, "greedy", "")
	if _, output, ok := f.run(t, "apply"); !ok {
		t.Fatal(output)
	}
	f.expect(t, "rollback", "revoke-security-group-ingress sgr-1, revoke-security-group-ingress sgr-2, "+
		"revoke-security-group-ingress sgr-3", "web is as it was", true)
}

// In a default VPC the removal of a rule that is not there succeeds: to add it again
// would open what was closed before.
func TestARuleThatWasNotThereIsNotAddedAgain(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, shut(80, false))
	f.put(t, "default-vpc", "")
	f.expect(t, "apply", "revoke-security-group-ingress", "sg-a has no such rule any more", true)
	f.expect(t, "rollback", "", "web is as it was", true)
}

// A rule that is gone is let in again even if the script came to its end right then.
func TestARemovalIsNotedBeforeItIsMade(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, admit(1), shut(80, false))
	f.put(t, "kills-late", "")
	f.expect(t, "apply", "authorize-security-group-ingress, revoke-security-group-ingress", "", false)
	f.remove(t, "kills-late")
	f.expect(t, "rollback", "authorize-security-group-ingress, revoke-security-group-ingress sgr-1", "web is as it was",
		true)

	f = newFakeAccount(t, admit(1), shut(80, false)) // and forgotten where it is refused
	f.put(t, "refuse", "revoke-security-group-ingress")
	f.expect(t, "apply", "authorize-security-group-ingress, revoke-security-group-ingress",
		"the rule was not removed from sg-a", false)
	if notes := f.noted(t); strings.Contains(notes, "removed") || !strings.Contains(notes, "added") {
		t.Errorf("it notes %s", notes)
	}
}

// Whose a rule is that may have been added is not known: it is said, and left.
func TestAnAdditionThatWasCutOffIsSaid(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, admit(1), admit(2))
	f.put(t, "kills", "")
	f.expect(t, "apply", "authorize-security-group-ingress", "", false)
	f.remove(t, "kills")
	f.expect(t, "rollback", "", "web is as it was, but for this: this script was ended while it added a rule to sg-a: "+
		"look whether that is there", false)
	f.expect(t, "rollback", "", "web is as it was", true)
	if notes := f.noted(t); notes != "" {
		t.Errorf("it still notes %s", notes)
	}
}

// A group that is gone has no rules, and a rollback does not end there.
func TestARollbackGoesOnWhereAGroupIsGone(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, admit(1), setOverride(), shut(80, true))
	f.expect(t, "apply", "authorize-security-group-ingress, update-service", "Done.", true)
	f.expect(t, "later", "revoke-security-group-ingress", "Done.", true)
	f.put(t, "deleted", "sg-a")
	f.expect(t, "rollback", "authorize-security-group-ingress, update-service, revoke-security-group-ingress sgr-1",
		"web is as it was", true)
	f.expect(t, "rollback", "", "web is as it was", true)
}

// Where nothing can be noted, nothing is done that a rollback would have to know of.
func TestTheScriptNeedsADirectoryToWriteIn(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, admit(1), setOverride())
	_, rest, _ := strings.Cut(f.script, "\nbefore=")
	name, _, _ := strings.Cut(rest, " ")
	f.put(t, name+".check/in-the-way", "")
	f.expect(t, "apply", "", "where what a rollback needs is kept: change to another directory", false)
}
