package fix

import (
	"errors"

	"hopscope/model"
	"hopscope/model/rule"
)

// PlansFor makes the plans of one service, the better one of a finding first.
func PlansFor(s *model.Snapshot, report *rule.Report, ref model.Ref) ([]Plan, error) {
	all, err := Plans(s, report)
	if err != nil {
		return nil, err
	}
	var out []Plan
	for i := range all {
		if all[i].Service == ref {
			out = append(out, all[i])
		}
	}
	return out, nil
}

// Combine makes one plan of several for one service: one deployment, not many. The
// error says which of them contradict each other.
func Combine(s *model.Snapshot, report *rule.Report, plans []Plan) (Plan, error) {
	return Plan{}, errors.New("not written yet")
}

// Suppose is the plan that carries out what somebody tried on a service: steps of
// their own, together with the rules that keep callers admitted, and with the
// checks, risks and expectations of any plan. [Outcome] shows what the steps alone
// would do.
func Suppose(s *model.Snapshot, report *rule.Report, ref model.Ref, steps []Step) (Plan, error) {
	return Plan{}, errors.New("not written yet")
}

// Annotate writes the plans into the findings of a report that they repair, in
// place of the steps for a person that rules give.
func Annotate(report *rule.Report, plans []Plan) {}
