package cli

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/report"
	"hopscope/model/rule"
	"hopscope/model/selector"
)

// selection says which of the plans the user asks for.
type selection struct {
	services, codes, plans []string
	// together has the plans of a service carried out as one, also where some could do
	// their part sooner.
	together bool
	// tidy names the plans that remove rules which nothing needs.
	tidy bool
	// from are the flags that name the source, for the command to run next.
	from []string
}

func (f *selection) register(cmd *cobra.Command, open opener) {
	cmd.Flags().StringArrayVar(&f.services, "service", nil,
		"a service, by NAME or CLUSTER/NAME or glob, repeatable; without it every service")
	cmd.Flags().StringArrayVar(&f.codes, "code", nil, "repair what this rule found, repeatable; without it everything")
	cmd.Flags().StringArrayVar(&f.plans, "plan", nil,
		"the plan of this id, or of this kind, instead of the better one, repeatable")
	complete(cmd, "code", codes)
	completeNames(cmd, "service", open, serviceNames)
}

// repair is what is to be done for one service.
type repair struct {
	// plans are carried out together.
	plans []fix.Plan
	// next are carried out once those are: they replace tasks, and callers that are
	// refused are let in before.
	next []fix.Plan
	// byName would be carried out with them, but take something away, or are several
	// among which the user has to choose: such a plan has to be named.
	byName []fix.Plan
	// alternatives are what could be done instead.
	alternatives []fix.Plan
	// unless are needed in a case only that a person knows of.
	unless []fix.Plan
}

func (r *repair) service() model.Ref { return slices.Concat(r.plans, r.byName, r.unless)[0].Service }

// put puts a plan where it belongs: what is carried out, what has to be named for that, and
// what is needed in a case that a person knows of.
func (r *repair) put(p *fix.Plan, named, needsName bool) {
	switch {
	case p.Unless != "" && !named:
		r.unless = append(r.unless, *p)
	case named || !needsName:
		r.plans = append(r.plans, *p)
	default:
		r.byName = append(r.byName, *p)
	}
}

// admitFirst leaves the plans that replace tasks for later where another one only adds
// rules, and ends an error by that: it is done in seconds, and needs no rollout.
func (r *repair) admitFirst(all *report.Report) {
	urgent := func(p fix.Plan) bool {
		return p.Appliable() && !p.Deploys() && slices.ContainsFunc(repairedBy(&p, all),
			func(f *report.Finding) bool { return f.Severity == rule.Error })
	}
	if !slices.ContainsFunc(r.plans, urgent) {
		return
	}
	var now []fix.Plan
	for i := range r.plans {
		if p := r.plans[i]; p.Appliable() && p.Deploys() {
			r.next = append(r.next, p)
		} else {
			now = append(now, p)
		}
	}
	r.plans = now
}

// check refuses patterns and codes that make no sense, before anything is read.
func (f *selection) check() error {
	for _, pattern := range f.services {
		if _, err := path.Match(pattern, ""); err != nil {
			return &model.CannotCheckError{
				Reason: fmt.Sprintf("--service %q is not a pattern", pattern),
				Next:   "use a name, or * and ? in one", Err: err,
			}
		}
	}
	for _, code := range f.codes {
		if _, known := rule.Lookup(code); !known {
			return noSuchRule(code)
		}
	}
	return nil
}

// namesServices tells whether the services to change were named: with --service, or
// by the ids of their plans. The kind of a plan names none.
func (f *selection) namesServices() bool {
	ids := len(f.plans) > 0 && !slices.ContainsFunc(f.plans,
		func(word string) bool { return !strings.Contains(word, "/") })
	return len(f.services) > 0 || ids
}

// hasService tells whether the user asks for a service.
func (f *selection) hasService(ref model.Ref) bool {
	return len(f.services) == 0 || slices.ContainsFunc(f.services,
		func(pattern string) bool { return matches(pattern, ref) })
}

// matches tells whether NAME or CLUSTER/NAME fits a service.
func matches(pattern string, ref model.Ref) bool {
	return named(pattern).Fits(ref)
}

// named is NAME or CLUSTER/NAME.
func named(pattern string) selector.Selector {
	cluster, name, both := strings.Cut(pattern, "/")
	if !both {
		cluster, name = "", pattern
	}
	return selector.Selector{Kind: selector.Service, Cluster: cluster, Name: name}
}

// repairs tells whether a plan repairs something of a service that the user asks for, if only
// by a change of another one: callers that are deployed again.
func (f *selection) repairs(p *fix.Plan, all *report.Report) bool {
	return slices.ContainsFunc(repairedBy(p, all),
		func(finding *report.Finding) bool { return f.hasService(finding.Ref()) })
}

// hasCode tells whether a plan repairs a finding of the codes that the user asks for.
func (f *selection) hasCode(p *fix.Plan) bool {
	return slices.ContainsFunc(p.Codes, f.isCode) || len(f.codes) == 0
}

// isCode tells whether the user asks for a code.
func (f *selection) isCode(code string) bool {
	return len(f.codes) == 0 || slices.ContainsFunc(f.codes, func(c string) bool { return strings.EqualFold(c, code) })
}

// names tells whether a word is a plan's id or kind.
func names(word string, p *fix.Plan) bool { return word == p.ID || word == string(p.Kind) }

// repairsFor chooses among the plans of a reading: of each service those that are named,
// or else the better one of each finding.
func (f *selection) repairsFor(read *reading) ([]repair, error) {
	if err := f.checkServices(read.snapshot()); err != nil {
		return nil, err
	}
	var wanted []fix.Plan
	for i := range read.plans {
		if p := &read.plans[i]; f.hasCode(p) && (f.hasService(p.Service) || f.repairs(p, read.report)) {
			wanted = append(wanted, *p)
		}
	}
	for _, word := range f.plans {
		if !slices.ContainsFunc(wanted, func(p fix.Plan) bool { return names(word, &p) }) {
			return nil, noSuchPlan(f.from, word, wanted)
		}
	}
	var out []repair
	for _, plans := range byService(wanted) {
		if one := f.choose(plans, read.report); len(one.plans)+len(one.byName)+len(one.unless) > 0 {
			out = append(out, one)
		}
	}
	return out, nil
}

// checkServices refuses a name that no service has: a slip of the hand is not
// "nothing to fix".
func (f *selection) checkServices(s *model.Snapshot) error {
	for _, pattern := range f.services {
		if slices.ContainsFunc(s.Services, func(svc model.Service) bool { return matches(pattern, svc.Ref()) }) {
			continue
		}
		return named(pattern).NoService(s)
	}
	return nil
}

func noSuchPlan(from []string, word string, all []fix.Plan) error {
	if len(all) == 0 {
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("there is no plan %q, nor any other", word),
			Next:   "leave --plan out to see that nothing is to be fixed",
		}
	}
	const shown = 5
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	more := ""
	if n := len(ids) - shown; n > 0 {
		more = fmt.Sprintf(" and %d more, which %s shows", n, fixCommand(from))
	}
	return &model.CannotCheckError{Reason: fmt.Sprintf("there is no plan %q", word), Next: "there is " +
		strings.Join(ids[:min(shown, len(ids))], ", ") + more}
}

// byService splits plans that are sorted by service.
func byService(plans []fix.Plan) [][]fix.Plan {
	var out [][]fix.Plan
	for i := range plans {
		if last := len(out) - 1; last >= 0 && out[last][0].Service == plans[i].Service {
			out[last] = append(out[last], plans[i])
			continue
		}
		out = append(out, plans[i:i+1:i+1])
	}
	return out
}

// choose splits the plans of a service into those that are carried out, those that
// would be if they were named, and those that would do instead. A plan that repairs
// nothing but what a plan before it repairs is an alternative.
func (f *selection) choose(plans []fix.Plan, all *report.Report) repair {
	var r repair
	// Of several plans to choose among, none repairs a finding for the others.
	repaired, choices := map[*report.Finding]bool{}, map[*report.Finding]bool{}
	for i := range plans {
		p := &plans[i]
		named := slices.ContainsFunc(f.plans, func(word string) bool { return names(word, p) })
		needed := len(f.plans) == 0 && len(f.unrepaired(p, all, repaired)) > 0
		chosen := p.Among == "" && slices.ContainsFunc(f.unrepaired(p, all, nil), func(finding *report.Finding) bool {
			return choices[finding]
		})
		if !named && (!needed || chosen && f.needsName(p)) {
			r.alternatives = append(r.alternatives, *p)
			continue
		}
		if r.put(p, named, f.needsName(p)); p.Unless != "" && !named {
			continue
		}
		for _, finding := range f.unrepaired(p, all, repaired) {
			repaired[finding] = named || p.Among == ""
			choices[finding] = !named && p.Among != ""
		}
	}
	if !f.together && len(f.plans) == 0 {
		r.admitFirst(all)
	}
	return r
}

// needsName tells whether a plan is carried out by name alone: it takes something away, or
// is one of several among which a person has to choose.
func (f *selection) needsName(p *fix.Plan) bool {
	tidied := f.tidy && p.Kind == fix.CloseSideDoor && p.Among == ""
	return p.Appliable() && p.NeedsName() && !tidied
}

// unrepaired are the findings of the chosen codes that a plan repairs and none before
// it does.
func (f *selection) unrepaired(p *fix.Plan, all *report.Report, repaired map[*report.Finding]bool) []*report.Finding {
	return slices.DeleteFunc(repairedBy(p, all), func(finding *report.Finding) bool {
		return repaired[finding] || !f.isCode(finding.Code)
	})
}

// repairedBy are the findings that a plan repairs.
func repairedBy(p *fix.Plan, all *report.Report) []*report.Finding {
	var out []*report.Finding
	for i := range all.Findings {
		if finding := &all.Findings[i]; slices.Contains(p.Findings, finding.Key) {
			out = append(out, finding)
		}
	}
	return out
}
