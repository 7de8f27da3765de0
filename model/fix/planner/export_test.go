package planner

// Planned tells whether there are plans for findings of a code, and whether hopscope
// can carry any of them out itself.
func Planned(code string) (planned, appliable bool) {
	_, planned = planners[code]
	return planned, planned && advised[code] == nil
}
