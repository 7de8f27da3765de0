package rule

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"hopscope/model"
	"hopscope/model/reach"
)

// Case is what a rule looks at: one service and the paths into it. It is used
// again for the next rule, but for Paths and Siblings: findings may keep parts of them.
type Case struct {
	*accountFacts
	Index   *model.Index
	Service *model.Service
	// at is where the service is in the snapshot.
	at int32
	// Running are the deployments of the service that have tasks, or are to get
	// some: the primary one first.
	Running []*model.Deployment
	// Paths are the paths that the rule is about and whose facts are known.
	Paths []*reach.Path
	// Unsure are those for which a fact that the rule needs is missing. The
	// rule may not conclude anything from their absence in Paths.
	Unsure []*reach.Path
	// Siblings are all paths into the service, of every kind.
	Siblings []*reach.Path
	// lacking are the facts that the rule asked for and did not get.
	lacking []unread
	// found is what the rule has reported.
	found []Finding
}

// report notes what the rule has found.
func (c *Case) report(f Finding) { c.found = append(c.found, f) }

// lack notes that the rule could not be checked for want of a fact.
func (c *Case) lack(missing *model.Missing) {
	c.lacking = append(c.lacking, unread{missing.Action, missing.State})
}

// lackUnread is lack for an optional fact of a resource that is not in the snapshot.
func (c *Case) lackUnread(action model.Action, resource model.ARN) {
	state := model.NotRead
	if g := c.Index.Gap(action, resource); g != nil {
		state = g.State
	}
	c.lacking = append(c.lacking, unread{action, state})
}

// unread is a fact that a rule did not get.
type unread struct {
	action model.Action
	state  model.GapState
}

// judgedTogether is how many services, one after the other, a worker judges at a time: what
// it finds is in their order.
const judgedTogether = 128

// judge runs every rule over every service. Services are judged in parallel:
// a rule looks at, and marks, the paths into one service only.
func (a *Analysis) judge() {
	services, pointers := a.Snapshot.Services, a.Paths
	results := make([]result, (len(services)+judgedTogether-1)/judgedTogether)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(results)) {
		workers.Go(func() {
			var c Case
			var skips []skip
			for n := int(next.Add(1) - 1); n < len(results); n = int(next.Add(1) - 1) {
				r := &results[n]
				r.skips = skips[:0]
				for i := n * judgedTogether; i < min((n+1)*judgedTogether, len(services)); i++ {
					c.take(a, pointers, i)
					for j := range a.catalogue {
						r.run(&a.catalogue[j], &c)
					}
				}
				r.skips, skips = slices.Clone(r.skips), r.skips
			}
		})
	}
	workers.Wait()
	a.Findings = settled(a.Paths, results...)
	skips := make([][]skip, len(results))
	for i := range results {
		skips[i] = results[i].skips
	}
	a.notChecked = sync.OnceValue(func() []NotChecked {
		return sortNotChecked(append(a.skipped(slices.Concat(skips...)), unlisted(a.Snapshot, a.catalogue)...))
	})
}

// take makes the case that of a service of an analysis. The pointers are to all paths.
func (c *Case) take(a *Analysis, pointers []*reach.Path, i int) {
	c.accountFacts, c.Index, c.at = a.account, a.Index, int32(i)
	c.Service, c.Running = &a.Snapshot.Services[i], a.account.running[i]
	first, end := into(a.Paths, c.Service.Ref())
	c.Siblings = pointers[first:end:end]
}

// result is what the rules say about some services.
type result struct {
	findings []*Finding
	room     []Finding // see keep
	skips    []skip
	// unread are those of skips that are not about one service.
	unread []skip
}

// run runs one rule over a service and notes what it found, and what it lacked.
func (r *result) run(rule *Rule, c *Case) {
	service := c.Service
	if !service.Loaded {
		r.miss(rule, c, unread{action: model.DescribeServices})
		return
	}
	c.Paths, c.Unsure, c.lacking, c.found = nil, c.Unsure[:0], c.lacking[:0], c.found[:0]
	if len(rule.Sources) > 0 && !r.choosePaths(rule, c) && !rule.always {
		return
	}
	rule.check(c)
	first := len(r.findings)
	for i := range c.found {
		f := r.keep(c.found[i])
		f.Code, f.Cluster, f.Service = rule.Code, service.Cluster, service.Name
		f.Severity, f.Confidence = cmp.Or(f.Severity, rule.Severity), cmp.Or(f.Confidence, High)
		r.add(f, rule)
	}
	number(r.findings[first:])
	for _, fact := range c.lacking {
		r.miss(rule, c, fact)
	}
}

// choosePaths sorts the paths that a rule is about into the case's known and
// unsure ones. It tells whether any is known.
func (r *result) choosePaths(rule *Rule, c *Case) bool {
	var known part
	for i, p := range c.Siblings {
		if !slices.Contains(rule.Sources, p.Source.Kind) {
			continue
		}
		if needs := rule.lacks(p); needs != "" {
			c.Unsure = append(c.Unsure, p)
			r.miss(rule, c, unread{action: needs})
			continue
		}
		known.add(c.Siblings, i)
	}
	c.Paths = known.paths
	return len(c.Paths) > 0
}

// lacks is the first needed action whose fact is missing on a path, "" if none.
func (r *Rule) lacks(p *reach.Path) model.Action {
	for i := range p.Missing {
		if slices.Contains(r.Needs, p.Missing[i].Action) {
			return p.Missing[i].Action
		}
	}
	return ""
}

// keep gives a finding a place of its own. Places are made several at a time.
func (r *result) keep(f Finding) *Finding {
	if len(r.room) == cap(r.room) {
		r.room = make([]Finding, 0, min(2*cap(r.room)+4, 64))
	}
	r.room = append(r.room, f)
	return &r.room[len(r.room)-1]
}

// add notes a finding of a rule and marks its paths with it.
func (r *result) add(f *Finding, rule *Rule) {
	if !slices.IsSortedFunc(f.Paths, (*reach.Path).Compare) {
		f.Paths = slices.Clone(f.Paths)
		slices.SortFunc(f.Paths, (*reach.Path).Compare)
	}
	for _, p := range f.Paths {
		if p.Findings == nil {
			p.Findings = rule.alone
		} else {
			p.Findings = append(p.Findings, f.Code)
		}
		if f.verdict != "" {
			p.Verdict = p.Verdict.Worse(f.verdict)
		}
		if f.missing != nil {
			p.Missing = append(p.Missing, *f.missing)
		}
	}
	r.findings = append(r.findings, f)
}

// settled sorts what the rules said about paths, and folds consequences under
// their causes.
func settled(paths []*reach.Path, results ...result) []*Finding {
	for _, p := range paths {
		slices.Sort(p.Findings)
		p.Findings = slices.Compact(p.Findings)
	}
	var findings []*Finding
	for i := range results {
		findings = append(findings, results[i].findings...)
	}
	slices.SortStableFunc(findings, compareFindings)
	fold(findings)
	causesFirst(findings)
	return findings
}

// number tells findings apart that one rule made about the same: while a caller is
// deployed, its old and its new tasks may be refused for different reasons.
func number(findings []*Finding) {
	if len(findings) < 2 {
		return
	}
	seen := make(map[string]int, len(findings))
	for _, f := range findings {
		key := f.Key()
		seen[key]++
		f.nth = seen[key]
	}
}

// causes says which rules' findings a rule's finding may merely follow from.
var causes = map[string][]string{
	// The health check uses the port and the way that the requests use.
	"HOP106": {"HOP101", "HOP104"},
	"NET204": {"NET202", "NET203"},
	// A check on a port that nothing declares goes past the agent, too.
	"RSK403": {"CFG319"},
	// The agent's timeouts apply to the load balancer's requests because these
	// cross the agent.
	"CFG314": {"HOP101", "HOP102", "HOP104"},
	"INF506": {"HOP101", "HOP102", "HOP104"},
	// The rule forwards to where the tasks were.
	"CFG318": {"HLT604"},
	// Targets are unhealthy because their checks do not arrive, or meet nothing.
	"HLT601": {
		"NET204", "NET202", "NET203", "CFG319", "CFG301", "CFG302", "CFG303", "CFG304", "CFG306", "CFG307", "CFG308",
		"CFG309", "CFG316",
	},
}

// subject is what a finding and its cause have in common.
type subject struct {
	code       string
	service    model.Ref
	wire       int
	deployment string
}

func (f *Finding) subject(code string) subject {
	s := subject{code: code, service: f.Ref()}
	if len(f.Paths) > 0 {
		s.wire, s.deployment = f.Paths[0].Target.WirePort, role(f.Paths[0])
	}
	return s
}

// fold names the cause of each finding that merely follows from another one, on
// the same port of the same service.
func fold(findings []*Finding) {
	// Few findings are the cause of others.
	wanted := map[string]bool{}
	for _, f := range findings {
		for _, code := range f.mayFollow() {
			wanted[code] = true
		}
	}
	roots := map[subject]*Finding{}
	for _, f := range findings {
		if wanted[f.Code] {
			roots[f.subject(f.Code)] = f
		}
	}
	foldShared(findings)
	for _, f := range findings {
		for _, code := range f.mayFollow() {
			if root := roots[f.subject(code)]; root != nil {
				f.CausedBy = root
				break
			}
		}
	}
	for _, f := range findings { // a consequence of a consequence is one of the first cause
		for f.CausedBy != nil && f.CausedBy.CausedBy != nil {
			f.CausedBy = f.CausedBy.CausedBy
		}
	}
}

// foldShared names a cause that several services have in common once: the first of the
// findings is the cause of the others. What clients meet at a listener is one fault,
// however many services are behind it.
func foldShared(findings []*Finding) {
	first := map[string]*Finding{}
	for _, f := range findings {
		switch root := first[f.shared]; {
		case f.shared == "":
		case root == nil:
			first[f.shared] = f
		default:
			f.CausedBy = root
			root.Behind = append(root.Behind, f.Ref())
		}
	}
	for _, root := range first {
		if len(root.Behind) > 0 {
			root.Behind = sortedOnce(append(root.Behind, root.Ref()))
		}
	}
}

func sortedOnce(refs []model.Ref) []model.Ref {
	slices.SortFunc(refs, model.Ref.Compare)
	return slices.Compact(refs)
}

// causesFirst puts causes before what follows from them, within a service and among
// equally severe ones: a code says nothing about what follows from what.
func causesFirst(findings []*Finding) {
	follows := func(f *Finding) int {
		if f.CausedBy != nil && f.CausedBy.Ref() == f.Ref() {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(findings, func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), cmp.Compare(b.Price, a.Price),
			a.Ref().Compare(b.Ref()), cmp.Compare(follows(a), follows(b)))
	})
}

// mayFollow are the codes of the findings that this one may merely follow from.
func (f *Finding) mayFollow() []string {
	if f.follows != "" {
		return []string{f.follows}
	}
	return causes[f.Code]
}
