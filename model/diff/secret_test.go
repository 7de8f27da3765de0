package diff_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/diff"
	"hopscope/model/export"
	"hopscope/model/modeltest"
)

// guarded is the article's account with listener rules that ask for a header, by its values.
func guarded(values ...string) *model.Snapshot {
	s := modeltest.Article(0, 80)
	for i, v := range values {
		s.ListenerRules = append(s.ListenerRules, model.ListenerRule{
			ARN: "arn:aws:rule/" + string(rune('a'+i)), ListenerARN: s.Listeners[0].ARN, Priority: string(rune('1' + i)),
			Conditions: []model.RuleCondition{
				{Field: "http-header", Name: "X-Origin-Verify", Values: []string{v}},
				{Field: "query-string", Values: []string{"token=" + v}},
			},
			Actions: s.ListenerRules[0].Actions,
		})
	}
	return s
}

// saved is a snapshot as a file has it.
func saved(t *testing.T, s *model.Snapshot) *model.Snapshot {
	t.Helper()
	var b bytes.Buffer
	if err := model.Encode(&b, s, "hopscope test"); err != nil {
		t.Fatal(err)
	}
	out, err := model.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSecretsAreComparedAndNotShown(t *testing.T) {
	t.Parallel()
	const one, two, three = "s3cret-one", "s3cret-two", "s3cret-three"
	header := "rule 1 of listener main-alb :80: conditions[X-Origin-Verify].values changed (not shown)"
	query := "rule 1 of listener main-alb :80: conditions[query-string].values changed (not shown)"
	for name, test := range map[string]struct {
		before, after *model.Snapshot
		want          []string
	}{
		"the same live":           {guarded(one, two), guarded(one, two), nil},
		"the same as in the file": {saved(t, guarded(one, two)), guarded(one, two), nil},
		"another one live":        {guarded(one), guarded(two), []string{header, query}},
		"renumbered":              {saved(t, guarded(one, one)), saved(t, guarded(two, two)), nil},
		"equal before": {
			saved(t, guarded(two, one, one)), saved(t, guarded(one, one, one)), []string{header, query},
		},
		"one more before the others": {
			saved(t, guarded(one, two)), saved(t, guarded(one, two, three)),
			[]string{"rule 3 of listener main-alb :80 added"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := between(test.before, test.after)
			var got []string
			for i := range d.Facts {
				got = append(got, d.Facts[i].Sentence())
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
			shown, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := export.DiffMarkdown(&b, d); err != nil {
				t.Fatal(err)
			}
			if all := string(shown) + b.String(); strings.Contains(all, "s3cret") {
				t.Errorf("a secret is shown: %s", all)
			}
		})
	}
}

// A condition that comes or goes is named, and its values are not.
func TestASecretConditionComesWithoutItsValues(t *testing.T) {
	t.Parallel()
	before, after := guarded("s3cret-one"), guarded("s3cret-one")
	rule := &after.ListenerRules[len(after.ListenerRules)-1]
	rule.Conditions = append(rule.Conditions, model.RuleCondition{
		Field: "http-header", Name: "X-Key", Values: []string{"s3cret-two"},
	}, model.RuleCondition{Field: "http-header", Name: "X-Key", Values: []string{"s3cret-three"}})
	for _, d := range []*diff.Document{between(before, after), between(after, before)} {
		b, err := json.Marshal(d)
		if err != nil || len(d.Facts) == 0 || strings.Contains(string(b), "s3cret") {
			t.Errorf("%v: %s", err, b)
		}
	}
}
