package model

import "maps"

// changed are resources that stand for those of an index's snapshot.
type changed struct {
	service *Service
	groups  map[string]*SecurityGroup
}

// With is the index of a snapshot in which a service and security groups have other
// values: what the snapshot would be like if they were changed. It costs
// nothing that grows with the snapshot, and shares everything else with ix;
// [Index.Snapshot] stays the snapshot as it was read. Changes of an earlier With are
// kept. service may be nil.
func (ix *Index) With(service *Service, groups ...*SecurityGroup) *Index {
	next := *ix
	if service != nil {
		next.changed.service = service
	}
	if len(groups) > 0 {
		next.changed.groups = maps.Clone(ix.changed.groups)
		if next.changed.groups == nil {
			next.changed.groups = map[string]*SecurityGroup{}
		}
		for _, g := range groups {
			next.changed.groups[g.ID] = g
		}
	}
	return &next
}
