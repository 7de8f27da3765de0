package who

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/selector"
	"hopscope/model/words"
)

// Ask says whether callers may reach a target, and what is in their way.
func Ask(a *rule.Analysis, caller, target selector.Selector) (*Document, error) {
	q := newQuestion(a)
	all, err := q.destinations(target)
	if err != nil {
		return nil, err
	}
	callers, err := q.callers(caller)
	if err != nil {
		return nil, err
	}
	doc := q.document(target)
	doc.Caller, doc.Verdict = caller.String(), Yes
	broken := make([]string, len(all))
	for i := range all {
		broken[i] = q.brokenBehind(&all[i])
	}
	for i := range callers {
		for _, answer := range q.ask(&callers[i], all, broken, target.Port) {
			if !answer.Beside {
				doc.Verdict = worse(doc.Verdict, answer.Verdict)
			}
			doc.Answers = append(doc.Answers, answer)
		}
		if callers[i].Tasks != nil {
			doc.Notes = append(doc.Notes, q.tasksNotes(*callers[i].Tasks)...)
		}
	}
	slices.Sort(doc.Notes)
	doc.Notes = slices.Compact(doc.Notes)
	return doc, nil
}

// asker is a caller with its name.
type asker struct {
	reach.Caller

	named Caller
}

func (q *question) callers(caller selector.Selector) ([]asker, error) {
	if caller.Port != 0 {
		whole, what := caller, "a service or a task"
		if whole.Port = 0; caller.Kind == selector.LoadBalancer {
			what = "a load balancer"
		}
		return nil, &model.CannotCheckError{
			Reason: fmt.Sprintf("%q is no caller", caller),
			Next:   fmt.Sprintf("%s calls as a whole: write %s", what, whole),
		}
	}
	switch caller.Kind {
	case selector.Any:
		blocks := reach.AllAddresses()
		return []asker{{reach.Caller{Blocks: blocks}, Caller{Kind: "addresses", Name: "any address"}}}, nil
	case selector.Addresses:
		return []asker{{reach.Caller{Blocks: []netip.Prefix{caller.Block}}, Caller{
			Kind: "addresses",
			Name: caller.String(),
		}}}, nil
	case selector.SecurityGroup:
		return q.groupCaller(caller)
	case selector.LoadBalancer:
		balancers, err := caller.LoadBalancers(q.analysis.Snapshot)
		var out []asker
		for _, lb := range balancers {
			out = append(out, asker{reach.Caller{LoadBalancer: lb}, Caller{Kind: "load-balancer", Name: lb.Name}})
		}
		return out, err
	case selector.Service:
	}
	services, families, err := caller.Callers(q.analysis.Snapshot)
	if err != nil {
		return nil, q.perhapsTasks(err)
	}
	var out []asker
	for _, ref := range services {
		out = append(out, asker{reach.Caller{Service: &ref}, Caller{
			Kind: "service", Cluster: ref.Cluster,
			Name: ref.Service,
		}})
	}
	for _, ref := range families {
		named := Caller{
			Kind: "standalone-tasks", Cluster: ref.Cluster, Name: ref.Service,
			Is: words.Count(q.countTasks(ref), "standalone task"),
		}
		out = append(out, asker{reach.Caller{Tasks: &ref}, named})
	}
	return out, nil
}

// perhapsTasks adds to the error of an unknown name that standalone tasks were not
// read, where that is so: the name may be right.
func (q *question) perhapsTasks(err error) error {
	for i := range q.analysis.Snapshot.Clusters {
		if _, missing := q.analysis.Index.StandaloneTasks(q.analysis.Snapshot.Clusters[i].Name); missing != nil {
			return &model.CannotCheckError{Reason: err.Error(), Next: missing.String(), Err: err}
		}
	}
	return err
}

// groupCaller is a group that was read, or that a rule names.
func (q *question) groupCaller(caller selector.Selector) ([]asker, error) {
	named := Caller{Kind: "security-group", Name: caller.Name, Is: q.group(caller.Name).Name}
	_, missing := q.analysis.Index.SecurityGroup(caller.Name)
	if missing != nil && missing.State == model.Absent && !q.isNamed(caller.Name) {
		return nil, caller.GroupUnknown(q.analysis.Snapshot)
	}
	return []asker{{reach.Caller{Group: caller.Name}, named}}, nil
}

// isNamed tells whether a rule names a group: one of another account, say.
func (q *question) isNamed(id string) bool {
	for i := range q.analysis.Snapshot.SecurityGroups {
		names := func(r model.SecurityGroupRule) bool { return r.Group != nil && r.Group.ID == id }
		g := &q.analysis.Snapshot.SecurityGroups[i]
		if slices.ContainsFunc(g.Ingress, names) || slices.ContainsFunc(g.Egress, names) {
			return true
		}
	}
	return false
}

// ask answers for one caller: for each port, those first that it would take. broken is what
// does not answer behind each.
func (q *question) ask(c *asker, all []reach.Destination, broken []string, port int) []Answer {
	out := make([]Answer, len(all))
	for i := range all {
		out[i] = q.answer(c, &all[i])
		if broken[i] != "" {
			out[i].Notes = append(out[i].Notes, broken[i])
		}
	}
	q.setBeside(c, all, out, port)
	slices.SortStableFunc(out, func(a, b Answer) int {
		switch {
		case a.Beside == b.Beside:
			return 0
		case b.Beside:
			return -1
		}
		return 1
	})
	return out
}

// setBeside finds the ports that a caller has no use for. Where no port is left, all
// are for it.
func (q *question) setBeside(c *asker, all []reach.Destination, out []Answer, port int) {
	byConnect := map[int]bool{} // the container ports that are called by Service Connect
	registered := false
	for i := range all {
		byConnect[all[i].ContainerPort] = byConnect[all[i].ContainerPort] || out[i].Way == ByServiceConnect
		registered = registered || out[i].Way == AsLoadBalancer
	}
	used := false
	for i := range all {
		if c.LoadBalancer != nil && registered {
			out[i].Beside = out[i].Way != AsLoadBalancer
		} else {
			out[i].Beside = isBeside(&all[i], out[i].Way, byConnect, port)
		}
		used = used || !out[i].Beside
	}
	for i := range out {
		out[i].Beside = out[i].Beside && used
	}
}

// isBeside tells whether a caller has no use for a port: a Service Connect client's
// requests for an endpoint go to the agent's port, those of others to the app's. A port
// that was asked for by its own number is the one that is asked about.
func isBeside(t *reach.Destination, way Way, byConnect map[int]bool, port int) bool {
	switch {
	case way == ByServiceConnect:
		return false
	case t.Agent:
		return t.Port != port || t.ContainerPort == port
	}
	return t.Protocol == "tcp" && t.ContainerPort != 0 && byConnect[t.ContainerPort]
}

func (q *question) answer(c *asker, t *reach.Destination) Answer {
	paths := q.analysis.Into(t.Service)
	a := q.deriver.Ask(&c.Caller, t, paths)
	var endpoints []string
	if c.Service != nil {
		endpoints = endpointsFor(*c.Service, t, paths)
	}
	out := Answer{
		Caller: c.named, Port: portOf(t), Way: wayOf(t, &a, endpoints), Verdict: verdictOf(a.Access),
		Needed: a.Needed, OfSome: a.OfSome, Missing: missingTexts(a.Missing), Checks: []Check{},
	}
	for i := range a.Checks {
		out.Checks = append(out.Checks, Check{a.Checks[i], q.evidence(&a, &a.Checks[i])})
	}
	for _, part := range a.Part {
		out.Part = append(out.Part, part.String())
	}
	if a.Owner != "" {
		out.Caller.Is = a.Owner
	}
	out.Notes = q.notesFor(c, t, &a, endpoints)
	return out
}

// wayOf says how a caller comes to a destination.
func wayOf(t *reach.Destination, a *reach.Answer, endpoints []string) Way {
	switch {
	case t.IsListener():
		return ToTheLoadBalancer
	case a.Path != nil:
		return AsLoadBalancer
	case len(endpoints) > 0:
		return ByServiceConnect
	}
	return Direct
}

// endpointsFor are the endpoints by which a service calls a destination, of the paths into
// its service.
func endpointsFor(caller model.Ref, t *reach.Destination, paths []*reach.Path) []string {
	var out []string
	for _, p := range paths {
		if p.Source.Kind == reach.SourceServiceConnect && p.Leads(t) && p.Source.Services.Contains(caller) &&
			!slices.Contains(out, p.Source.Endpoint) {
			out = append(out, p.Source.Endpoint)
		}
	}
	return out
}

// notesFor are what the checks do not say.
func (q *question) notesFor(c *asker, t *reach.Destination, a *reach.Answer, endpoints []string) []string {
	out := slices.Concat(q.portNotes(t), q.callerNotes(c, t, a, endpoints))
	if a.Access == reach.Allowed && len(a.Bound) > 0 {
		out = append(out, fmt.Sprintf("on %s now: the next task may get a host port on which the caller is refused",
			portNames(a.Bound)))
	}
	inside := c.LoadBalancer == nil && len(c.Blocks) == 0
	if t.IsListener() && inside && t.LoadBalancer.Scheme == model.InternetFacing && a.Access == reach.Allowed {
		out = append(out, t.LoadBalancer.Name+
			" is internet-facing: the caller leaves its VPC through a gateway, and the route to it is not read")
	}
	return out
}

// callerNotes are what has to be known about a caller.
func (q *question) callerNotes(c *asker, t *reach.Destination, a *reach.Answer, endpoints []string) []string {
	switch {
	case c.Service != nil:
		if len(endpoints) > 0 {
			return []string{"by Service Connect, as " + words.Names(endpoints)}
		}
	case c.Tasks != nil:
		return []string{tasksSentence(t)}
	case c.LoadBalancer != nil && a.Path == nil:
		return []string{c.LoadBalancer.Name + " has no target group with this port: this is what the groups would say"}
	case a.Through != nil:
		return append([]string{"by way of " + a.Through.Name + ", which is its target"}, clientsNote(a.Path)...)
	case c.LoadBalancer != nil:
		return clientsNote(a.Path)
	case c.Group != "":
		return []string{q.holdersNote(c.Group)}
	case a.Owner == "":
		return []string{"what is at these addresses is not known: the rules of its own groups are not asked"}
	}
	return nil
}

// clientsNote says that no client reaches a load balancer, where that is so.
func clientsNote(p *reach.Path) []string {
	entry := p.Entry()
	if entry == nil || entry.Access == reach.Allowed {
		return nil
	}
	return []string{fmt.Sprintf("clients of %s: %s", entry.LoadBalancer.Name, entry.Why())}
}

func (q *question) holdersNote(group string) string {
	all := q.deriver.Holders().All(group)
	if len(all) == 0 {
		return "nothing that was read has " + group
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].String()
	}
	return words.Names(names) + " " + map[bool]string{true: "has", false: "have"}[len(all) == 1] +
		" it, perhaps beside other groups, which are not asked"
}

// brokenBehind says that what is behind a listener does not answer: to reach a load
// balancer is not all.
func (q *question) brokenBehind(t *reach.Destination) string {
	var broken []string
	for _, b := range q.behind(t) {
		if b.Verdict == reach.Broken || b.Verdict == reach.Unknown {
			broken = append(broken, fmt.Sprintf("%s is %s", b.Target, b.Verdict))
		}
	}
	if len(broken) == 0 {
		return ""
	}
	broken = slices.Compact(broken)
	return "behind it, " + words.Names(broken)
}

// evidence is what a check was decided by.
func (q *question) evidence(a *reach.Answer, c *reach.Check) []reach.Evidence {
	switch c.Kind {
	case reach.CheckSourceEgress:
		return groupEvidence(a.From, "lets out", " to ",
			func(g *model.SecurityGroup) []model.SecurityGroupRule { return g.Egress })
	case reach.CheckTargetIngress:
		return groupEvidence(a.To, "admits", " from ",
			func(g *model.SecurityGroup) []model.SecurityGroupRule { return g.Ingress })
	case reach.CheckNetworkACL:
		if c.Resource != "" {
			return []reach.Evidence{{Fact: "network ACL " + c.Resource, From: string(model.DescribeNetworkAcls)}}
		}
	case reach.CheckRouting:
	}
	return nil
}

// shownRules is how many rules of a group an evidence quotes.
const shownRules = 6

func groupEvidence(groups []*model.SecurityGroup, verb, word string,
	rules func(*model.SecurityGroup) []model.SecurityGroupRule,
) []reach.Evidence {
	var out []reach.Evidence
	for _, g := range groups {
		var all []string
		for i := range rules(g) {
			all = append(all, rules(g)[i].Ports()+word+rules(g)[i].Peer())
		}
		if more := len(all) - shownRules; more > 0 {
			all = append(all[:shownRules], fmt.Sprintf("and %d more", more))
		}
		out = append(out, reach.Evidence{
			Fact: g.ID + " " + verb + ": " + cmp.Or(strings.Join(all, ", "), "nothing"),
			From: string(model.DescribeSecurityGroups),
		})
	}
	return out
}

func (q *question) countTasks(family model.Ref) int {
	in, missing := q.analysis.Index.StandaloneTasks(family.Cluster)
	if missing != nil {
		return 0
	}
	n := 0
	for i := range in.Tasks {
		if in.Tasks[i].Family() == family.Service {
			n++
		}
	}
	return n
}

// tasksNotes say what is not known of a family's tasks.
func (q *question) tasksNotes(family model.Ref) []string {
	out := []string{"the tasks that run, or ran lately: a schedule that has not run since is not found"}
	if in, missing := q.analysis.Index.StandaloneTasks(family.Cluster); missing == nil && in.Truncated {
		out = append(out, fmt.Sprintf("%s has more tasks than were looked at", family.Cluster))
	}
	return out
}
