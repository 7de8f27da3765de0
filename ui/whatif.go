package ui

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// whatIf is a change of a service that is tried: nothing of it is sent.
type whatIf struct {
	ref       model.Ref
	endpoints []endpointForm
	rules     []ruleForm
	added     []fix.Step
	// groups are the security groups of the tasks, sources what a new rule may
	// name: groups of callers and load balancers.
	groups, sources []string
	index           *model.Index
	// shared counts the other services that have a group.
	shared map[string]int
}

// endpointForm is an element of serviceConnectConfiguration.services.
type endpointForm struct {
	index         int
	portName      string
	containerPort int
	// was is the override that is set, "" for none; typed is what is tried.
	was, typed string
	// removed makes the service a client only, as far as this endpoint goes.
	removed     bool
	hadTLS, tls bool
}

// ruleForm is an ingress rule of one of the groups.
type ruleForm struct {
	group string
	rule  model.SecurityGroupRule
	// revoked is set when the tick was taken away.
	revoked bool
}

// mostCallers is the number of callers whose groups are offered for a new rule.
const mostCallers = 50

// newWhatIf starts with everything as it is.
func newWhatIf(v *inventory, s *service) whatIf {
	u := whatIf{ref: s.ref, index: v.Index, shared: map[string]int{}}
	svc := v.Index.Service(s.ref)
	if svc == nil || svc.Primary() == nil {
		return u
	}
	primary := svc.Primary()
	if sc := primary.ServiceConnect; sc.Active() {
		for i := range sc.Services {
			u.endpoints = append(u.endpoints, newEndpointForm(v.Index, primary, i))
		}
	}
	u.groups = reach.TaskGroups(v.Index, svc)
	for _, id := range u.groups {
		if g, _ := v.Index.SecurityGroup(id); g != nil {
			for _, r := range g.Ingress {
				u.rules = append(u.rules, ruleForm{group: id, rule: r})
			}
		}
		u.shared[id] = len(v.Holders().Services(id))
		if slices.Contains(v.Holders().Services(id), s.ref) {
			u.shared[id]--
		}
	}
	u.sources = sourceGroups(v.Index, s)
	return u
}

// admits is the heading of a group's rules.
func (u *whatIf) admits(group string) string {
	if n := u.shared[group]; n > 0 {
		return fmt.Sprintf("%s, also of %s, admits", u.label(group), words.Count(n, "service"))
	}
	return u.label(group) + " admits"
}

func newEndpointForm(ix *model.Index, d *model.Deployment, i int) endpointForm {
	offer := &d.ServiceConnect.Services[i]
	e := endpointForm{index: i, portName: offer.PortName, hadTLS: offer.TLS != nil, tls: offer.TLS != nil}
	if offer.IngressPortOverride != 0 {
		e.was = strconv.Itoa(offer.IngressPortOverride)
	}
	e.typed = e.was
	if task, _ := ix.TaskDefinition(d.TaskDefinition); task != nil {
		if m, _ := task.PortNamed(offer.PortName); m != nil {
			e.containerPort = m.ContainerPort
		}
	}
	return e
}

// sourceGroups are the groups of the callers and load balancers of a service.
func sourceGroups(ix *model.Index, of *service) []string {
	var out []string
	for _, p := range of.paths {
		if p.Facts.LoadBalancer != nil {
			out = append(out, p.Facts.LoadBalancer.SecurityGroups...)
		}
		for _, ref := range p.Source.Services.First(mostCallers) {
			out = append(out, reach.TaskGroups(ix, ix.Service(ref))...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (u *whatIf) label(group string) string { return u.index.GroupLabel(group) }

// peer is where a rule of the form admits from: there is little room, and a group's
// name says more than its id.
func (u *whatIf) peer(r *model.SecurityGroupRule) string {
	if g, _ := u.index.SecurityGroup(r.Peer()); g != nil && g.Name != "" && g.Name != "default" { // every VPC has one
		return g.Name
	}
	return r.Peer()
}

// changed tells whether anything is tried.
func (u *whatIf) changed() bool { return len(u.steps()) > 0 }

// clone is a copy that does not change while it is worked on.
func (u *whatIf) clone() whatIf {
	c := *u
	c.endpoints, c.rules, c.added = slices.Clone(u.endpoints), slices.Clone(u.rules), slices.Clone(u.added)
	return c
}

// clientOnly tells whether all endpoints are taken away.
func (u *whatIf) clientOnly() bool {
	for i := range u.endpoints {
		if !u.endpoints[i].removed {
			return false
		}
	}
	return true
}

// wrong says which field cannot be what it is, "" when all can be tried.
func (u *whatIf) wrong() string {
	for i := range u.endpoints {
		if n, err := strconv.Atoi(u.endpoints[i].typed); err == nil && n > maxPort {
			return fmt.Sprintf("there is no port %d: the last one is %d", n, maxPort)
		}
	}
	return ""
}

const maxPort = 65535

// steps are what is tried, in the order in which it would be carried out: what is
// opened first, what is closed last.
func (u *whatIf) steps() []fix.Step {
	out := slices.Clone(u.added)
	var edits []fix.Edit
	for i := range u.endpoints {
		edits = append(edits, u.endpoints[i].edits()...)
	}
	if len(edits) > 0 {
		out = append(out, fix.Step{Kind: fix.UpdateService, Edits: edits})
	}
	for i := range u.rules {
		if r := &u.rules[i]; r.revoked {
			out = append(out, fix.Step{Kind: fix.RevokeIngress, Group: r.group, Rule: &r.rule})
		}
	}
	return out
}

// edits are what is tried with an endpoint.
func (e *endpointForm) edits() []fix.Edit {
	edit := fix.Edit{Index: e.index, PortName: e.portName}
	if e.removed {
		edit.Kind = fix.EditRemoveEndpoint
		return []fix.Edit{edit}
	}
	var out []fix.Edit
	if e.typed != e.was {
		override := edit
		override.Kind = fix.EditOverride
		override.Port, _ = strconv.Atoi(e.typed) // "" is none
		out = append(out, override)
	}
	if e.tls != e.hadTLS {
		edit.Kind, edit.Drop = fix.EditTLS, !e.tls
		out = append(out, edit)
	}
	return out
}

// add adds a rule of the form "10080 sg-client" or "8000-8010 10.0.0.0/16" to the
// first of the groups.
func (u *whatIf) add(text string) error {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return fmt.Errorf("type a port and a source: 10080 %s", cmp.Or(first(u.sources), "10.0.0.0/16"))
	}
	rule := model.SecurityGroupRule{Protocol: "tcp"}
	from, to, isRange := strings.Cut(fields[0], "-")
	if !isRange {
		to = from
	}
	var err1, err2 error
	rule.FromPort, err1 = strconv.Atoi(from)
	rule.ToPort, err2 = strconv.Atoi(to)
	if err1 != nil || err2 != nil || rule.FromPort < 1 || rule.ToPort > maxPort || rule.FromPort > rule.ToPort {
		return fmt.Errorf("%q is no port: type 1 to %d, or a range such as 8000-8010", fields[0], maxPort)
	}
	if strings.HasPrefix(fields[1], "sg-") {
		rule.Group = &model.GroupReference{ID: fields[1]}
	} else {
		cidr, err := netip.ParsePrefix(fields[1])
		if err != nil {
			return fmt.Errorf("%q is neither a group (sg-…) nor a range such as 10.0.0.0/16", fields[1])
		}
		rule.CIDR = cidr.Masked()
	}
	u.added = append(u.added, fix.Step{Kind: fix.AuthorizeIngress, Group: u.groups[0], Rule: &rule})
	return nil
}

// first is the first of some, or the zero value where there are none.
func first[T any](all []T) (one T) {
	if len(all) > 0 {
		one = all[0]
	}
	return one
}
