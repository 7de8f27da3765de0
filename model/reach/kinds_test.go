package reach

import (
	"slices"
	"testing"

	"hopscope/model"
)

// kindsOf is an interface that may be any of several, of which it is known which
// count where unplaced is nil.
func kindsOf(unplaced *model.Missing, keys ...string) *netInterface {
	n := &netInterface{unplaced: unplaced}
	for _, key := range keys {
		n.kinds = append(n.kinds, &netInterface{key: key})
	}
	return n
}

// said is a crossing at which the target's groups say this, by this rule, and the network
// ACLs that.
func said(groups Access, rule *model.SecurityGroupRule, acls Access) crossing {
	return combine(
		decision{kind: CheckNetworkACL, access: acls},
		decision{kind: CheckTargetIngress, access: groups, rule: rule},
	)
}

// What holds for one kind of instance need not hold for another: the worst counts, and is
// said of some where it holds for some; where it is not known which kinds count, they have
// to agree.
func TestKindsOfInstancesAreJoined(t *testing.T) {
	t.Parallel()
	byGroup, byAddress := fromGroup("sg-1", 80), fromAddress("10.0.0.0/16", 80)
	one := &netInterface{key: "one"}
	both := kindsOf(nil, "a", "b")
	unread := &model.Missing{What: "tasks", Action: model.ListTasks, State: model.Denied}
	unsure := kindsOf(unread, "a", "b")
	open, shut := said(Allowed, &byGroup, Allowed), said(Blocked, nil, Allowed)
	for name, c := range map[string]struct {
		from, to *netInterface
		a, b     crossing
		want     Access
		some     bool
	}{
		"both refuse":                      {one, both, shut, shut, Blocked, false},
		"the first refuses":                {one, both, shut, open, Blocked, true},
		"the last refuses":                 {one, both, open, shut, Blocked, true},
		"both admit":                       {one, both, open, open, Allowed, false},
		"targets that may be either":       {one, unsure, open, shut, AccessUnknown, false},
		"callers that may be either":       {unsure, one, open, shut, AccessUnknown, false},
		"callers that may be either agree": {unsure, one, shut, shut, Blocked, false},
		"refused where a group is named, and where none is": {
			one, unsure, said(Allowed, &byGroup, Blocked), said(Allowed, &byAddress, Blocked), AccessUnknown, false,
		},
	} {
		got := eachKind(c.from, c.to, func(from, to *netInterface) crossing {
			if from.key == "b" || to.key == "b" {
				return c.b
			}
			return c.a
		})
		some := slices.ContainsFunc(got.decisions(), func(d decision) bool { return d.some != "" })
		if got.access != c.want || some != c.some {
			t.Errorf("%s: %s, of some: %t; want %s, %t", name, got.access, some, c.want, c.some)
		}
		if lacks := slices.Contains(got.missing, *unread); lacks != (c.want == AccessUnknown) {
			t.Errorf("%s: it lacks %v", name, got.missing)
		}
	}
}

// A connection is let through between some subnets only where nothing refuses all of it.
func TestHalvesOfAConnection(t *testing.T) {
	t.Parallel()
	partly := decision{kind: CheckNetworkACL, access: Blocked, partial: true}
	refused := decision{kind: CheckTargetIngress, access: Blocked}
	admitted := decision{kind: CheckTargetIngress, access: Allowed}
	unread := decision{kind: CheckTargetIngress, access: AccessUnknown}
	for name, c := range map[string]struct {
		decisions []decision
		want      bool
	}{
		"all pass":                     {[]decision{admitted, admitted}, false},
		"all are refused":              {[]decision{refused}, false},
		"some subnets are refused":     {[]decision{partly, admitted}, true},
		"in the order of the places":   {[]decision{admitted, partly, admitted}, true},
		"the groups refuse the others": {[]decision{partly, refused}, false},
		"refused before":               {[]decision{refused, partly}, false},
		"groups that were not read":    {[]decision{partly, unread}, false},
	} {
		got := combine(c.decisions...)
		if got.halved() != c.want {
			t.Errorf("%s: %t", name, got.halved())
		}
	}
}
