package planner

// Unplanned are the codes without a plan, and why: there is nothing to carry out.
func Unplanned() map[string]string {
	return map[string]string{
		"INF505": "nothing about the service is known to be wrong. Make sure that the instance profile allows ecs:Poll on " +
			"task-set/*, " +
			"and ask AWS whether the pair is supported before you rely on it",
	}
}

// Planned tells whether there are plans for findings of a code, and whether hopscope
// can carry any of them out itself.
func Planned(code string) (planned, appliable bool) {
	_, planned = planners[code]
	return planned, planned && advised[code] == nil
}
