package assert

import (
	"net/netip"
	"path"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/selector"
	"hopscope/model/who"
)

// onlyFrom judges TO only from FROM, …: whatever a rule of the target's groups admits is
// among those that are named.
func (j *judge) onlyFrom() error {
	for i := range j.as.only {
		if err := j.known(&j.as.only[i]); err != nil {
			return err
		}
	}
	doc, err := who.List(j.a, j.as.to)
	if err != nil {
		return err
	}
	j.lacksAny(j.as.to.String(), slices.Concat(balancerActions, serviceActions)...) // ports that are not declared
	if len(doc.Destinations) == 0 {
		j.lacks(Reason{Way: j.as.to.String(), Why: "no port of it is known"})
	}
	for i := range doc.Destinations {
		d := &doc.Destinations[i]
		way := d.Port.Name()
		for _, missing := range d.Missing {
			j.lacks(Reason{Way: way, Why: missing})
		}
		if d.Unfiltered {
			j.fails(Reason{Way: way, Why: "a network load balancer without security groups limits nothing"})
		}
		for k := range d.Admitted {
			j.onlySource(way, &d.Port, &d.Admitted[k])
		}
	}
	return nil
}

// known refuses a name that nothing has: it would admit nothing, and say nothing.
func (j *judge) known(s *selector.Selector) error {
	switch s.Kind {
	case selector.Service:
		_, _, err := s.Callers(j.a.Snapshot)
		return err
	case selector.LoadBalancer:
		_, err := s.LoadBalancers(j.a.Snapshot)
		return err
	case selector.SecurityGroup, selector.Addresses, selector.Any:
	}
	return nil
}

// onlySource judges what one rule admits.
func (j *judge) onlySource(way string, to *who.Port, s *who.Source) {
	r := Reason{Way: way, Hop: s.Group.Label() + " ingress", Why: s.Ports + " from " + s.Source + " is admitted"}
	switch s.Kind {
	case who.SourceGroup, who.SourceForeign:
		if j.names(selector.SecurityGroup, func(o *selector.Selector) bool { return o.Name == s.Source }) {
			return
		}
		if s.Kind == who.SourceForeign {
			r.Why += ", a group of another account or VPC"
			j.fails(r)
			return
		}
		j.onlyHolders(r, to, s)
	case who.SourceWorld, who.SourceBlock:
		block, err := netip.ParsePrefix(s.Source)
		if err != nil || !j.covered(block) {
			j.fails(r)
		}
	case who.SourcePrefixList:
		if s.Missing != "" {
			r.Why += "; " + s.Missing
			j.lacks(r)
			return
		}
		for _, entry := range s.Entries {
			if block, err := netip.ParsePrefix(entry); err != nil || !j.covered(block) {
				r.Why += ", with " + entry
				j.fails(r)
				return
			}
		}
	}
}

// onlyHolders judges who has a group that is admitted. The target itself calls nobody by it.
func (j *judge) onlyHolders(r Reason, to *who.Port, s *who.Source) {
	for i := range s.Holders {
		h := &s.Holders[i]
		if h.Kind == reach.HolderService && h.Cluster == to.Cluster && h.Name == to.Service {
			continue
		}
		if !j.isNamed(h) {
			why := r
			why.Why += ", which " + h.String() + " has"
			j.fails(why)
		}
	}
	switch {
	case s.Missing != "":
		r.Why += "; what else has it is not known: " + s.Missing
		j.lacks(r)
	case s.HeldUnread():
		r.Why += ", which something has that was not read"
		j.lacks(r)
	default:
		j.lacksAny(r.Way, model.ListTasks, model.DescribeTasks, model.DescribeNetworkInterfaces)
	}
}

func (j *judge) isNamed(h *reach.Holder) bool {
	switch h.Kind {
	case reach.HolderService, reach.HolderTasks:
		ref := model.Ref{Cluster: h.Cluster, Service: h.Name}
		return j.names(selector.Service, func(o *selector.Selector) bool { return o.Fits(ref) })
	case reach.HolderLoadBalancer:
		return j.names(selector.LoadBalancer, func(o *selector.Selector) bool {
			ok, err := path.Match(o.Name, h.Name)
			return ok && err == nil
		})
	case reach.HolderInstance, reach.HolderFunction, reach.HolderInterface:
	}
	return false
}

func (j *judge) names(kind selector.Kind, fits func(*selector.Selector) bool) bool {
	for i := range j.as.only {
		if o := &j.as.only[i]; o.Kind == kind && fits(o) {
			return true
		}
	}
	return false
}

// covered tells whether all of a block may be admitted.
func (j *judge) covered(block netip.Prefix) bool {
	return slices.ContainsFunc(j.as.only, func(o selector.Selector) bool {
		return o.Kind == selector.Any || o.Kind == selector.Addresses &&
			o.Block.Bits() <= block.Bits() && o.Block.Contains(block.Addr())
	})
}
