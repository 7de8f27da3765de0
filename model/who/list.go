package who

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/selector"
	"hopscope/model/words"
)

// List says who may reach a target: every source that its groups admit, and what needs
// it. The verdict is unknown where a destination cannot be judged at all.
func List(a *rule.Analysis, target selector.Selector) (*Document, error) {
	q := newQuestion(a)
	all, err := q.destinations(target)
	if err != nil {
		return nil, err
	}
	doc := q.document(target)
	byGroup := false
	for i := range all {
		d := q.list(&all[i])
		if len(d.Missing) > 0 {
			doc.Verdict = Unknown
		}
		byGroup = byGroup || slices.ContainsFunc(d.Admitted, func(s Source) bool { return s.Kind == SourceGroup })
		doc.Destinations = append(doc.Destinations, d)
	}
	doc.Notes = []string{"routes between VPCs, and out of one, are not read: they may lack what groups and network ACLs " +
		"admit"}
	if byGroup {
		doc.Notes = append(doc.Notes, q.tasksNotSeen()...)
	}
	return doc, nil
}

func (q *question) list(t *reach.Destination) Destination {
	d := Destination{
		Port: portOf(t), Groups: q.groups(t.Groups()), OnInstances: t.OnInstances(), Unfiltered: t.Unfiltered(),
		Admitted: []Source{}, Missing: missingTexts(t.Unread()),
	}
	admitted := q.deriver.Admitted(t)
	for i := range admitted {
		s := q.source(&admitted[i])
		s.Checks = q.onTheWay(t, &admitted[i])
		d.Admitted = append(d.Admitted, s)
	}
	for _, n := range q.needs(t) {
		if n.Access != reach.Allowed {
			d.Refused = append(d.Refused, n.Need)
			continue
		}
		for i := range d.Admitted {
			if slices.Contains(n.rules, d.Admitted[i].rule) {
				d.Admitted[i].NeededFor = append(d.Admitted[i].NeededFor, n.Need)
			}
		}
	}
	for i := range d.Admitted {
		slices.SortStableFunc(d.Admitted[i].NeededFor, byKind)
	}
	slices.SortStableFunc(d.Refused, byKind)
	d.Behind = q.behind(t)
	d.Notes = q.notesOn(t, &d)
	return d
}

// kinds are the kinds of needs in the order in which they matter.
var kinds = []reach.SourceKind{
	reach.SourceServiceConnect, reach.SourceLoadBalancer, reach.SourceServiceGateway, reach.SourceVPCLattice,
	reach.SourceHealthCheck,
}

func byKind(a, b Need) int {
	return cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind))
}

// source puts what a rule admits into words.
func (q *question) source(a *reach.Admitted) Source {
	r := a.Rule
	s := Source{
		Group: q.group(a.Group.ID), Ports: r.Ports(), Description: r.Description, Source: r.Peer(),
		Part: a.Part, OnSome: a.OnSome, Bound: a.Bound, NeededFor: []Need{}, rule: r, held: a.Held,
	}
	switch {
	case a.Foreign:
		s.Kind, s.Account, s.VPC = SourceForeign, r.Group.Account, r.Group.VPC
	case r.Group != nil:
		s.Kind, s.Name, s.Holders = SourceGroup, q.group(r.Group.ID).Name, q.deriver.Holders().All(r.Group.ID)
		if a.Unread != nil {
			s.Missing = a.Unread.String()
		}
	case r.PrefixList != "":
		s.Kind = SourcePrefixList
		if a.ListUnread != nil {
			s.Missing = a.ListUnread.String()
			break
		}
		s.Name = a.List.Name
		for _, entry := range a.List.Entries {
			s.Entries = append(s.Entries, entry.String())
		}
	case r.CIDR.Bits() == 0:
		s.Kind, s.Name = SourceWorld, "the world, by IPv4"
		if r.CIDR.Addr().Is6() {
			s.Name = "the world, by IPv6"
		}
	default:
		s.Kind, s.Name = SourceBlock, q.blockName(r.CIDR)
	}
	return s
}

// onTheWay are the places besides the target's groups that refuse what a rule admits, or may:
// name a caller to have everything judged that is on its way.
func (q *question) onTheWay(t *reach.Destination, a *reach.Admitted) []reach.Check {
	c := reach.Caller{}
	switch {
	case a.Foreign || a.ListUnread != nil || len(t.Missing) > 0:
		return nil // said of the source itself
	case a.Rule.Group != nil:
		c.Group = a.Rule.Group.ID
	case a.List != nil:
		c.Blocks = a.List.Entries
	default:
		c.Blocks = []netip.Prefix{a.Rule.CIDR}
	}
	public := t.IsListener() && t.LoadBalancer.Scheme == model.InternetFacing
	var out []reach.Check
	for _, check := range q.deriver.Ask(&c, t, nil).Checks {
		switch {
		case check.Access == reach.Allowed, check.Kind == reach.CheckRouting:
			continue
		case check.Kind == reach.CheckTargetIngress && (!public || c.Group == ""):
			continue
		case slices.ContainsFunc(out, func(o reach.Check) bool { return o.Why == check.Why }):
			continue
		}
		out = append(out, check)
	}
	return out
}

// blockName is the VPC or the subnet that has exactly a block of addresses.
func (q *question) blockName(block netip.Prefix) string {
	for i := range q.analysis.Snapshot.VPCs {
		if v := &q.analysis.Snapshot.VPCs[i]; slices.Contains(v.CIDRs, block) {
			return "all of " + v.ID
		}
	}
	for i := range q.analysis.Snapshot.Subnets {
		if s := &q.analysis.Snapshot.Subnets[i]; slices.Contains(s.CIDRs, block) {
			return "all of " + s.ID
		}
	}
	return ""
}

// need is a use of a port, and the rules that admit it, each a part where they are several.
type need struct {
	Need

	rules []*model.SecurityGroupRule
}

// shownServices is how many callers a need names.
const shownServices = 20

// needs are what uses a destination, as far as the configuration tells: of callers by
// Service Connect those with each rule.
func (q *question) needs(t *reach.Destination) []need {
	var out []need
	paths := q.analysis.Paths
	if !t.IsListener() {
		paths = q.analysis.Into(t.Service)
	}
	for _, p := range paths {
		if t.IsListener() {
			if access, r, has := p.FromFront(); has && p.Facts.LoadBalancer == t.LoadBalancer && p.Facts.Listener == t.Listener {
				out = add(out, need{Need{Kind: p.Source.Kind, Name: words.Sender(p) + " in front", Access: access}, r})
			}
			continue
		}
		switch {
		case !p.Leads(t) || p.Source.Kind == reach.SourceServiceDiscovery:
		case p.Source.Kind == reach.SourceServiceConnect && p.SourceAccess() == reach.Allowed:
			out = append(out, q.connected(p, t)...)
		case p.Source.Kind == reach.SourceServiceConnect && p.Source.Services.Len() == 0:
		default:
			out = add(out, q.need(p))
		}
	}
	return out
}

// add adds a need that is not there yet: a listener's rules share their load balancer.
func add(all []need, n need) []need {
	same := func(o need) bool {
		return o.Kind == n.Kind && o.Name == n.Name && o.Endpoint == n.Endpoint && o.Access == n.Access &&
			slices.Equal(o.rules, n.rules) && o.Why == n.Why
	}
	if slices.ContainsFunc(all, same) {
		return all
	}
	return append(all, n)
}

func (q *question) need(p *reach.Path) need {
	n := need{Need: Need{
		Kind: p.Source.Kind, Name: words.Sender(p), Endpoint: p.Source.Endpoint,
		Access: p.SourceAccess(), Verdict: p.Verdict,
	}}
	switch p.Source.Kind {
	case reach.SourceLoadBalancer, reach.SourceServiceGateway:
		n.Name = words.WithPort(n.Name, p.Source.ListenerPort, 0)
	case reach.SourceServiceConnect:
		n.Services, n.Count = p.Source.Services.First(shownServices), p.Source.Services.Len()
	case reach.SourceHealthCheck, reach.SourceVPCLattice, reach.SourceServiceDiscovery:
	}
	if n.Access == reach.Allowed {
		n.rules = p.AdmittedBy()
		return n
	}
	if n.Why = p.Crossing().Why; n.Access == reach.AccessUnknown && p.WhyUnknown() != "" {
		n.Why = p.WhyUnknown()
	}
	return n
}

// connected are the callers of an endpoint, by the rules that admit them.
func (q *question) connected(p *reach.Path, t *reach.Destination) []need {
	var out []need
	for ref := range p.Source.Services.All() {
		a := q.deriver.Ask(&reach.Caller{Service: &ref}, t, nil)
		at := slices.IndexFunc(out, func(n need) bool { return slices.Equal(n.rules, a.Rules) })
		if at < 0 {
			at = len(out)
			out = append(out, need{Need{
				Kind: p.Source.Kind, Endpoint: p.Source.Endpoint, Access: reach.Allowed, Verdict: p.Verdict,
			}, a.Rules})
		}
		out[at].Count++
		if len(out[at].Services) < shownServices {
			out[at].Services = append(out[at].Services, ref)
		}
	}
	for i := range out {
		names := make([]string, len(out[i].Services))
		for j, ref := range out[i].Services {
			names[j] = ref.Service
		}
		out[i].Name = model.Names(names[:min(len(names), model.NamesShown)], out[i].Count)
	}
	return out
}

// behind are the ways on from a listener.
func (q *question) behind(t *reach.Destination) []Behind {
	if t.Listener == nil {
		return nil
	}
	var out []Behind
	for _, p := range q.analysis.Paths {
		if p.Source.Kind == reach.SourceHealthCheck || p.Facts.Listener != t.Listener || p.Facts.Front != nil {
			continue
		}
		out = append(out, Behind{
			Rule: cmp.Or(p.Source.Rule, "not known"), Target: p.Target.Cluster + "/" + words.Target(p), Verdict: p.Observed(),
		})
	}
	slices.SortStableFunc(out, func(a, b Behind) int {
		return cmp.Or(byPriority(a.Rule, b.Rule),
			cmp.Compare(a.Target, b.Target))
	})
	return slices.Compact(out)
}

// byPriority orders listener rules as the load balancer tries them.
func byPriority(a, b string) int {
	number := func(rule string) int {
		if n, err := strconv.Atoi(rule); err == nil {
			return n
		}
		return 1 << 20 // the default rule is the last
	}
	return cmp.Compare(number(a), number(b))
}

// notesOn are what has to be known about a destination besides.
func (q *question) notesOn(t *reach.Destination, d *Destination) []string {
	out := q.portNotes(t)
	if bound := portNames(t.Bound()); bound != "" {
		out = append(out, "bound now: "+bound)
	}
	for i := range d.Admitted {
		s := &d.Admitted[i]
		for j := range s.Holders {
			if h := &s.Holders[j]; h.Kind == reach.HolderTasks {
				out = append(out, h.Tasks()+"; "+tasksSentence(t))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// tasksSentence says what tasks that no service started have to do with a port.
func tasksSentence(t *reach.Destination) string {
	switch {
	case t.IsListener():
		return "they cannot use Service Connect, so the load balancer is right for them"
	case t.Agent:
		return "they cannot use Service Connect: the agent's port is none that they need"
	}
	return "they cannot use Service Connect, and reach the port itself"
}

// portNames are ports as they are told.
func portNames(bound []int) string {
	names := make([]string, len(bound))
	for i, port := range bound {
		names[i] = strconv.Itoa(port)
	}
	return words.Names(names)
}

// tasksNotSeen says which tasks that no service started may have a group without being
// named as its holders.
func (q *question) tasksNotSeen() []string {
	s := q.analysis.Snapshot
	var out []string
	read := false
	for i := range s.Clusters {
		in, missing := q.analysis.Index.StandaloneTasks(s.Clusters[i].Name)
		if missing != nil {
			out = append(out, missing.String())
			continue
		}
		read = true
		if in.Truncated {
			out = append(out, fmt.Sprintf("%s has more tasks than were looked at: the youngest %s are known",
				in.Cluster, words.Count(len(in.Tasks), "standalone task")))
		}
		if stopped := stoppedFamilies(in); len(stopped) > 0 {
			out = append(out, words.Names(stopped)+
				" ran lately in "+in.Cluster+": which groups stopped tasks had, ECS does not tell")
		}
	}
	if read {
		out = append(out, "a schedule that has not run lately is not found: ECS forgets a stopped task after an hour or so")
	}
	return out
}

// stoppedFamilies are the families of which no task runs any more.
func stoppedFamilies(in *model.StandaloneTasks) []string {
	running, stopped := map[string]bool{}, []string{}
	for i := range in.Tasks {
		running[in.Tasks[i].Family()] = running[in.Tasks[i].Family()] || in.Tasks[i].StoppedAt.IsZero()
	}
	for family, runs := range running {
		if !runs {
			stopped = append(stopped, family)
		}
	}
	slices.Sort(stopped)
	return stopped
}
