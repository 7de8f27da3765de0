package cli

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/internal/shell"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/words"
)

// overview lists the plans of several repairs in front of their texts: what each
// repairs, whether hopscope can carry it out, and its id for --plan. One plan is
// read faster than a list of it: then there is none.
func (c *console) overview(repairs []repair, together [][]fix.Plan) error {
	plans, appliable, named, next := 0, 0, 0, 0
	for i := range repairs {
		r := &repairs[i]
		plans += len(r.plans) + len(r.next) + len(r.byName)
		appliable, next, named = appliable+len(appliables(r.plans)), next+len(r.next), named+len(r.byName)
	}
	if plans < 2 {
		return nil
	}
	p := c.page()
	said := fmt.Sprintf("%d plans for %s; hopscope can apply %d of them with --apply", plans,
		words.Count(len(repairs), "service"), appliable)
	for _, more := range [...]struct {
		n    int
		what string
	}{
		{next, "once these are"}, {named, "by name, with --plan"}, {plans - appliable - next - named, "by hand"},
	} {
		if more.n > 0 {
			said += fmt.Sprintf(", %d %s", more.n, more.what)
		}
	}
	p.headline(0, said)
	for i := range repairs {
		p.printf("\n%s%s\n", p.strong(repairs[i].service().String()), inOne(repairs[i].plans, together[i]))
		n, then := len(repairs[i].plans), len(repairs[i].plans)+len(repairs[i].next)
		for j, plan := range slices.Concat(repairs[i].plans, repairs[i].next, repairs[i].byName) {
			label := "by hand  "
			switch {
			case plan.Among != "" && j >= then:
				label = "choose   "
			case j >= then:
				label = "by name  "
			case j >= n:
				label = "then     "
			case plan.Appliable():
				label = "apply    "
			}
			p.wrapped(2, label, fmt.Sprintf("%s (%s)", plan.Title, strings.Join(plan.Codes, ", ")))
			p.printf("           %s\n", p.dim("--plan "+shell.Quote(plan.ID)))
		}
	}
	p.printf("\n")
	return p.flush()
}

// inOne says of plans that are carried out together that they are, where that is so: they
// may contradict each other, or break something together.
func inOne(plans, together []fix.Plan) string {
	n := len(appliables(plans))
	switch {
	case n < 2:
		return ""
	case len(appliables(together)) == 1:
		return fmt.Sprintf(": %d to apply, as one", n)
	}
	return fmt.Sprintf(": %d to apply, not as one: choose with --plan", n)
}

// appliables are the plans that hopscope can carry out.
func appliables(plans []fix.Plan) []*fix.Plan {
	var out []*fix.Plan
	for i := range plans {
		if plans[i].Appliable() {
			out = append(out, &plans[i])
		}
	}
	return out
}

// servicesOf are the services of plans.
func servicesOf(plans []fix.Plan) []model.Ref {
	out := make([]model.Ref, len(plans))
	for i := range plans {
		out[i] = plans[i].Service
	}
	return out
}
