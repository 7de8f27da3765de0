//go:build mutation

package reach_test

// alive are the mutants that no test kills yet: tests to be written. They are named here
// so that they are neither forgotten nor left out of the table; one that a test kills by
// now has to be taken out.
var alive = map[aliveMutant]bool{
	{"admitting", "c == nil", "false"}:                                                                      true,
	{"askInterfaces", "worst.Rules = joinedRules(worst.Rules, a.Rules)", ""}:                                true,
	{"askInterfaces", "d.everyRefusal(a.Checks, n, t), bound", "d.everyRefusal(a.Checks, n, t), bound[:0]"}: true,
	{"askInterfaces", "a.Access == worst.Access", "false"}:                                                  true,
	{"askInterfaces", "c.access != AccessUnknown", "false"}:                                                 true,
	{"askInterfaces", "worseAccess(a.Access, worst.Access) == a.Access", "false"}:                           true,
	{"askInterfaces", "worst.Bound == nil", "false"}:                                                        true,
	{"askNode", "access == Allowed || best == Blocked", "best == Blocked"}:                                  true,
	{"candidates", "i.CapacityProvider != \"\" && slices", "slices"}:                                        true,
	{"eachKind", "c.access == worst.access", "false"}:                                                       true,
	{"eachKind", "cmp.Or(to.unplaced, from.unplaced)", "to.unplaced"}:                                       true,
	{"eachKind", "same < total && worst.access != Allowed", "worst.access != Allowed"}:                      true,
	{"halved", "dec.access != Allowed && !dec.partial", "false"}:                                            true,
	{"halved", "half || dec.partial", "half"}:                                                               true,
	{"notePart", "r.Group == nil && ", ""}:                                                                  true,
	{"passACL", "slices.Contains(set.subnets, node.ID), ", ""}:                                              true,
	{"passACL", "least == all, ", "least == all && false, "}:                                                true,
	{"says", " && a.names() == b.names()", ""}:                                                              true,
}

// aliveMutant is a change in a function.
type aliveMutant struct{ function, old, new string }
