package aws

import (
	"regexp"
	"strings"

	"hopscope/model"
)

// denial is what AWS's refusal of a call says (docs/aws.md, SDK pitfalls).
type denial struct {
	// action is the IAM action that was refused, "" when the message does not
	// say.
	action model.Action
	// resource is what it was refused for; "" or an ARN that ends with * stands
	// for everything.
	resource string
	// explicit tells that a policy denies the action, which no allow outweighs.
	// Otherwise an allow is missing.
	explicit bool
	// policy is the kind of policy that denies or does not allow: "service
	// control policy", "identity-based policy", "permissions boundary". ""
	// when the message does not say.
	policy string
}

var (
	denialForm = regexp.MustCompile(`is not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)` +
		`(?: on resource: (\S+))?( with an explicit deny[^,]*)?( because .+)?`)
	denialPolicy = regexp.MustCompile(`\b(?:in an?|because no) ` +
		`((?:[A-Za-z-]+ ){0,3}(?:policy|boundary))\b`)
)

// parseDenial reads the message of a refusal. A message of another form gives a
// denial without an action.
func parseDenial(message string) denial {
	m := denialForm.FindStringSubmatch(message)
	if m == nil {
		return denial{explicit: strings.Contains(message, "explicit deny")}
	}
	d := denial{
		action:   model.Action(m[1]),
		resource: strings.TrimRight(m[2], ".,"),
		explicit: m[3] != "",
	}
	if p := denialPolicy.FindStringSubmatch(m[3] + m[4]); p != nil {
		d.policy = p[1]
	}
	return d
}

// forEverything tells whether the refusal is not about one resource.
func (d denial) forEverything() bool { return d.resource == "" || strings.HasSuffix(d.resource, "*") }

// sentence says what was refused and what to do about it. An explicit deny, or
// a policy above the role's own, is not mended by allowing the action there.
func (d denial) sentence(sent model.Action) string {
	action := d.action
	if action == "" {
		action = sent
	}
	switch {
	case d.explicit && d.policy != "":
		return string(action) + " is denied explicitly by " + article(d.policy) + d.policy +
			"; allowing it elsewhere does not help: ask the owner of that policy"
	case d.explicit:
		return string(action) + " is denied explicitly by a policy; allowing it elsewhere does not help: " +
			"remove that statement"
	case d.policy != "" && d.policy != identityPolicy:
		return "no " + d.policy + " allows " + string(action) + "; ask its owner to allow the action there"
	}
	return string(action) + " is not allowed; add it to the policy of this role or user"
}

// identityPolicy is the kind of policy that a role or user has of its own.
const identityPolicy = "identity-based policy"

// article is the indefinite article of a kind of policy, with a space.
func article(policy string) string {
	if strings.HasPrefix(policy, "i") {
		return "an "
	}
	return "a "
}
