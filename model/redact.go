package model

import (
	"slices"
	"strconv"
	"strings"

	"hopscope/internal/text"
)

// redacted is the snapshot for a file: without the values of tags, and of conditions
// that callers share with a load balancer. What hopscope reads of them stays, or is
// there in another form, so that the file says the same.
func redacted(s *Snapshot) *Snapshot {
	out := *s
	out.Services = slices.Clone(s.Services)
	for i := range out.Services {
		out.Services[i].Tags = maskTags(out.Services[i].Tags)
	}
	out.SecurityGroups = slices.Clone(s.SecurityGroups)
	for i := range out.SecurityGroups {
		out.SecurityGroups[i].Tags = maskTags(out.SecurityGroups[i].Tags)
	}
	out.ListenerRules = slices.Clone(s.ListenerRules)
	numbers := masks{}
	for i := range out.ListenerRules {
		r := &out.ListenerRules[i]
		if !slices.ContainsFunc(r.Conditions, func(c RuleCondition) bool { return c.HoldsSecrets() }) {
			continue
		}
		r.Conditions = slices.Clone(r.Conditions)
		for j := range r.Conditions {
			numbers.mask(&r.Conditions[j])
		}
	}
	return &out
}

// provisioners are what a tag's value begins with where it tells which tool owns a
// resource.
var provisioners = []string{"terraform", "opentofu"}

// maskTags masks the values of tags (see [ShownTag]).
func maskTags(tags map[string]string) map[string]string {
	if len(tags) == 0 {
		return tags
	}
	out := make(map[string]string, len(tags))
	for key, value := range tags {
		out[key] = ShownTag(key, value)
	}
	return out
}

// ShownTag is the value of a tag as it is shown and saved: masked, but for AWS's own tags
// and the words that tell whose a resource is.
func ShownTag(key, value string) string {
	folded := strings.ToLower(value)
	switch {
	case value == "", strings.HasPrefix(strings.ToLower(key), "aws:"),
		slices.Contains([]string{"true", "false", "yes", "no"}, folded), slices.Contains(provisioners, folded):
		return value
	}
	for _, tool := range provisioners {
		if strings.HasPrefix(folded, tool) {
			return tool + " " + text.Masked
		}
	}
	return text.Masked
}

// masks are what stands for values in one file, by the value: equal ones stay equal. A
// digest would let a reader of the file try guesses on it.
type masks map[string]string

// mask replaces the values of a condition. The name in front of a query string's value
// stays, and so does a lone *.
func (m masks) mask(c *RuleCondition) {
	if !c.HoldsSecrets() {
		return
	}
	c.Values = slices.Clone(c.Values)
	for i, v := range c.Values {
		name := ""
		if key, value, pair := strings.Cut(v, "="); pair && c.Field == "query-string" {
			name, v = key+"=", value
		}
		if v != "*" {
			if m[v] == "" {
				m[v] = text.Masked + " " + strconv.Itoa(len(m)+1)
			}
			v = m[v]
		}
		c.Values[i] = name + v
	}
}
