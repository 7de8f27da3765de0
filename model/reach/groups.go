package reach

import (
	"slices"

	"hopscope/model"
)

// GroupSets are the security groups of the network interfaces of a deployment's
// tasks: one set for each kind of interface that a packet may meet, of which there
// are several only where tasks share the interfaces of different instances. A rule
// counts for all tasks only if a group of every set has it.
func GroupSets(ix *model.Index, s *model.Service, d *model.Deployment) ([][]string, *model.Missing) {
	n := newInterfaces(ix).taskInterface(s, d)
	if n.unknown != nil {
		return nil, n.unknown
	}
	var out [][]string
	for _, kind := range n.alternatives() {
		if len(kind.groupIDs) == 0 && len(kind.missingGroups) > 0 {
			return nil, &kind.missingGroups[0]
		}
		if !slices.ContainsFunc(out, func(ids []string) bool { return slices.Equal(ids, kind.groupIDs) }) {
			out = append(out, kind.groupIDs)
		}
	}
	return out, nil
}
