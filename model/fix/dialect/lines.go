package dialect

import (
	"reflect"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"hopscope/internal/text"
)

// heading opens the new lines of a plan: what they are for, and the titles of what to
// check first. The plan itself says more.
func (t template) heading() {
	plan := t.plan
	t.comment("", "%s", sentence(plan.Title))
	t.comment("", "%s.", t.where("For service"))
	t.comment("", "%s", plan.Owner.Text())
	if r := plan.Refusal; r != nil {
		t.comment("", "hopscope does not carry this out itself: %s Instead: %s", sentence(r.Reason), sentence(r.Instead))
	}
	var first []string
	for _, n := range plan.ChecksFirst() {
		first = append(first, sentence(n.Title))
	}
	if len(first) > 0 {
		t.comment("", "Check first (hopscope fix says how): %s", strings.Join(first, " "))
	}
}

// changes writes what the plan changes of something that is there, as a unified diff in
// comments: both sides are written by the same function as the whole block.
func (t template) changes(where string, before, after func(template)) {
	old, now := t.states()
	before(old)
	after(now)
	t.line("")
	t.comment("", "%s: + is new, - is gone, the rest shows the place, and stays as it is in yours.", where)
	for _, l := range diffLines(old.page.String(), now.page.String()) {
		t.line("%s", strings.TrimRight(t.mark+text.Clean(l), " "))
	}
}

// states are the entries that the plan changes, before it and after it. On neither side
// is anything marked as new.
func (t template) states() (before, after template) {
	before, after = t.plain(), t.plain()
	for i := range t.entries {
		e := &t.entries[i]
		if !e.removed && reflect.DeepEqual(e.before, e.after) {
			continue
		}
		before.entries = append(before.entries, entry{before: e.before, after: e.before})
		if !e.removed {
			after.entries = append(after.entries, entry{before: e.after, after: e.after})
		}
	}
	return before, after
}

// plain is a template with a page of its own, and no entries.
func (t template) plain() template {
	d := *t.draft
	d.entries = nil
	return template{&d, &page{mark: t.mark, plain: true}, newDocument()}
}

// diffLines are the lines of two texts: those of both behind a blank, those of one
// behind - or +.
func diffLines(before, after string) []string {
	everything := strings.Count(before, "\n") + strings.Count(after, "\n")
	unified, err := udiff.ToUnified("", "", before, udiff.Lines(before, after), everything)
	if err != nil || unified == "" {
		return nil
	}
	const headers = 3 // ---, +++, @@
	return strings.Split(strings.TrimSuffix(unified, "\n"), "\n")[headers:]
}
