package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hopscope/internal/text"
	"hopscope/model"
)

// notShown stands for a value that may be a secret.
const notShown = "(not shown)"

// secrets are the conditions of listener rules whose values may be secrets, and changed, by
// rule and condition. A file has numbers in place of the values, which count within the file:
// equal values have equal ones. So that of two files, or of a file and the account, it is
// known only which values are equal.
type secrets map[string]bool

// changedSecrets compares the secret conditions that two snapshots have in common.
func changedSecrets(before, after *model.Snapshot) secrets {
	was, is := secretValues(before), secretValues(after)
	out := secrets{}
	classes := continued(was, is)
	for at, old := range was {
		now, both := is[at]
		switch {
		case !both:
		case isMask(old.value) || isMask(now.value):
			if old.shown != now.shown || classes[old.value] != now.value {
				out[old.condition] = true
			}
		case old != now:
			out[old.condition] = true
		}
	}
	return out
}

// secret is a value of a condition: what is shown of it, and what is not.
type secret struct{ condition, shown, value string }

// secretValues are those of a snapshot, by their positions.
func secretValues(s *model.Snapshot) map[string]secret {
	out := map[string]secret{}
	for i := range s.ListenerRules {
		r := &s.ListenerRules[i]
		for name, c := range secretConditions(r) {
			condition := r.ARN + " " + name
			for k, v := range c.Values {
				shown := ""
				if key, value, pair := strings.Cut(v, "="); pair && c.Field == "query-string" {
					shown, v = key, value
				}
				if v == "*" { // it stands in files too
					shown, v = shown+"=*", ""
				}
				out[fmt.Sprintf("%s %d", condition, k)] = secret{condition, shown, v}
			}
		}
	}
	return out
}

// secretConditions are those of a rule, by names that are unique within it.
func secretConditions(r *model.ListenerRule) map[string]*model.RuleCondition {
	out := map[string]*model.RuleCondition{}
	for i := range r.Conditions {
		c := &r.Conditions[i]
		if !c.HoldsSecrets() {
			continue
		}
		name := cmp.Or(c.Name, c.Field)
		for n := 2; out[name] != nil; n++ {
			name = fmt.Sprintf("%s %d", cmp.Or(c.Name, c.Field), n)
		}
		out[name] = c
	}
	return out
}

func isMask(value string) bool { return strings.HasPrefix(value, text.Masked) }

// continued says which value of after stands where a value of before did: the one that does
// so at most positions, if the same is true the other way round.
func continued(was, is map[string]secret) map[string]string {
	type pair struct{ old, now string }
	shared := map[pair]int{}
	for at, old := range was {
		if now, both := is[at]; both {
			shared[pair{old.value, now.value}]++
		}
	}
	pairs := slices.SortedFunc(maps.Keys(shared), func(a, b pair) int {
		return cmp.Or(cmp.Compare(shared[b], shared[a]), cmp.Compare(a.old, b.old), cmp.Compare(a.now, b.now))
	})
	out, taken := map[string]string{}, map[string]bool{}
	for _, p := range pairs {
		if _, has := out[p.old]; !has && !taken[p.now] {
			out[p.old], taken[p.now] = p.now, true
		}
	}
	return out
}

// leaves compares two listener rules; of secrets, it tells that they changed.
func (s secrets) leaves(before, after *item) []leaf {
	was, is := before.value.(*model.ListenerRule), after.value.(*model.ListenerRule)
	out := compare(withoutSecrets(was), withoutSecrets(is))
	now := secretConditions(is)
	then := secretConditions(was)
	for _, name := range slices.Sorted(maps.Keys(then)) {
		if c := now[name]; c != nil && (s[was.ARN+" "+name] || len(c.Values) != len(then[name].Values)) {
			out = append(out, leaf{Changed, "conditions[" + name + "].values", notShown, notShown})
		}
	}
	return out
}

// withoutSecrets is a listener rule without the values that may be secrets.
func withoutSecrets(r *model.ListenerRule) *model.ListenerRule {
	out := *r
	out.Conditions = slices.Clone(r.Conditions)
	for i := range out.Conditions {
		if c := &out.Conditions[i]; c.HoldsSecrets() {
			c.Values = nil
		}
	}
	return &out
}
