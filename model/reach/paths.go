package reach

import "hopscope/model"

// Paths derives every request path of a snapshot, sorted by target, kind of
// source and ID.
func Paths(ix *model.Index) []Path {
	return nil
}
