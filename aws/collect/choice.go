package collect

import (
	"slices"

	"hopscope/model"
)

// Patterns are the names, ARNs and patterns of the clusters that are read; none is for
// every cluster of the region.
func (s *Source) Patterns() []string { return slices.Clone(s.options.Clusters) }

// Named are the clusters if they were given by names or ARNs alone: they are known then
// without listing those of the region.
func (s *Source) Named() []string {
	if slices.ContainsFunc(s.options.Clusters, isPattern) {
		return nil
	}
	return s.Patterns()
}

// Choose takes the clusters that are read from those of the region. The error is a
// [model.CannotCheckError] where there is none, or none of a name.
func (s *Source) Choose(region []model.ARN) ([]model.ARN, error) {
	var chosen []model.ARN
	var names []string
	unused := s.Patterns()
	for _, arn := range region {
		names = append(names, model.ARNName(arn))
		if s.options.includes(arn) {
			chosen = append(chosen, arn)
		}
		unused = slices.DeleteFunc(unused, func(p string) bool { return matches(p, arn) })
	}
	if err := checkClusters(s.account, names, unused); err != nil {
		return nil, err
	}
	return chosen, nil
}
