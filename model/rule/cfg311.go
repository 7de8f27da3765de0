package rule

import (
	"fmt"
	"slices"
	"time"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// callerOlder is CFG311.
func callerOlder() Rule {
	return Rule{
		Code: "CFG311", Title: "Callers were deployed before the endpoint existed", Severity: Info,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   slices.Concat(serviceFacts, networkFacts, namespaceFacts, []model.Action{model.ListDiscoveryServices}),
		Uses:    []model.Action{model.ListMetrics},
		check:   checkCallerOlder,
		Doc: Doc{
			What: "The deployment that a caller runs is older than the endpoint, and the caller's tasks cannot " +
				"resolve its name.",
			Why: "The names of endpoints are written into the tasks of a caller's deployment. A name that came later is " +
				"unknown to them (ENOTFOUND), or leads where it led before, until the caller is deployed again.",
			Detection: "createdAt of the caller's PRIMARY deployment is before CreateDate of the endpoint's Cloud Map service " +
				"(deployments[].serviceConnectResources[].discoveryArn). Callers that the network refuses, and callers that " +
				"metrics saw calling, are left out. It is a warning when a rule of the target's security groups names a caller's " +
				"group on the wire port: the rule is there for it to call. Otherwise nothing says that these services want to " +
				"call, and it is information.",
			FalsePositive: "The caller does not call this endpoint; or both were deployed together, and the " +
				"caller's tasks started late enough.",
			Fix: "Deploy the callers again (update-service --force-new-deployment). In templates let " +
				"the callers depend on the server.",
			Source: "AWS developer guide, Service Connect concepts: redeploy clients for new endpoints; " +
				"aws/containers-roadmap#2692; mreferre/yelb#86.",
		},
	}
}

func checkCallerOlder(c *Case) {
	known := where(c.Paths, func(p *reach.Path) bool {
		return p.Facts.Deployment.Status == model.PrimaryDeployment && len(p.Facts.Deployment.ServiceConnectResources) > 0
	})
	for paths := range groupBy(known, endpointOf) {
		p := paths[0]
		made, arn := c.published(p)
		if made.IsZero() {
			continue
		}
		if o := c.olderCallers(paths, made); len(o.callers) > 0 {
			c.report(olderFinding(o, p, arn, made))
		}
	}
}

// published is when the endpoint of a path came into being, and the Cloud Map
// service that says so; the zero time where that is not known, or no caller is
// there to be older.
func (c *Case) published(p *reach.Path) (time.Time, model.ARN) {
	n := c.Namespaces[p.Facts.Namespace]
	if n == nil || n.count < 2 {
		return time.Time{}, ""
	}
	for _, r := range p.Facts.Deployment.ServiceConnectResources {
		if r.DiscoveryName != p.Facts.Offer.Name() || r.DiscoveryARN == "" {
			continue
		}
		d, missing := c.Index.DiscoveryService(r.DiscoveryARN)
		if missing != nil {
			c.lack(missing)
			return time.Time{}, ""
		}
		return d.CreatedAt, r.DiscoveryARN
	}
	return time.Time{}, ""
}

// older are the callers of an endpoint that are older than it.
type older struct {
	callers []*model.Service
	// named are those that a rule of the target names.
	named []*model.Service
	paths []*reach.Path
	// unfiltered is set when there are so many that those which are refused
	// were not left out.
	unfiltered bool
}

// olderCallers finds the callers of an endpoint that were deployed before it was
// made. It looks at the callers that are admitted or at the deployments that are
// old enough, whichever are fewer: a namespace of n services has n endpoints with
// as many callers.
func (c *Case) olderCallers(paths []*reach.Path, made time.Time) older {
	all := c.Namespaces[paths[0].Facts.Namespace].byAge()
	k, _ := slices.BinarySearchFunc(all, made, func(s *model.Service, t time.Time) int {
		return s.Primary().CreatedAt.Compare(t)
	})
	if k == 0 {
		return older{}
	}
	open := where(paths, func(p *reach.Path) bool { return p.Access != reach.Blocked && p.Source.Services.Len() > 0 })
	admitted := 0
	for _, p := range open {
		admitted += p.Source.Services.Len()
	}
	switch {
	case admitted == 0:
		return older{}
	case k > manyCallers && admitted > manyCallers:
		return older{callers: without(all[:manyCallers+1], c.Service), paths: open, unfiltered: true}
	}
	callers := c.uncalled(c.sift(all[:k], open, admitted, made), paths[0])
	return older{callers: callers, named: c.namedOf(callers, paths[0]), paths: where(open, func(p *reach.Path) bool {
		return slices.ContainsFunc(callers, func(s *model.Service) bool { return p.Source.Services.Contains(s.Ref()) })
	})}
}

// without is a list of services less one, the list itself where that one is not in it.
func without(all []*model.Service, s *model.Service) []*model.Service {
	i := slices.Index(all, s)
	if i < 0 {
		return all
	}
	return slices.Delete(slices.Clone(all), i, i+1)
}

// sift finds the callers that are both admitted and old, from the shorter list.
func (c *Case) sift(old []*model.Service, open []*reach.Path, admitted int, made time.Time) []*model.Service {
	var out []*model.Service
	if len(old) <= admitted {
		for _, s := range old {
			if slices.ContainsFunc(open, func(p *reach.Path) bool { return p.Source.Services.Contains(s.Ref()) }) {
				out = append(out, s)
			}
		}
		return out
	}
	for _, p := range open {
		for ref := range p.Source.Services.All() {
			if s := c.Index.Service(ref); s != nil && deployedBefore(s, made) {
				out = append(out, s)
			}
		}
	}
	return out
}

// deployedBefore tells whether the running deployment of a Service Connect
// service is older than a time.
func deployedBefore(s *model.Service, t time.Time) bool {
	p := s.Primary()
	return p != nil && p.ServiceConnect.Active() && !p.CreatedAt.IsZero() && p.CreatedAt.Before(t)
}

// uncalled leaves out the callers that were seen calling, and puts each of the others
// once, in order.
func (c *Case) uncalled(callers []*model.Service, p *reach.Path) []*model.Service {
	seen := c.Calls[p.Facts.Offer.Name()]
	callers = slices.DeleteFunc(callers, func(s *model.Service) bool { return slices.Contains(seen, s.Ref()) })
	slices.SortFunc(callers, func(a, b *model.Service) int { return a.Ref().Compare(b.Ref()) })
	return slices.Compact(callers)
}

// namedOf are the callers whose groups a rule of the target names.
func (c *Case) namedOf(callers []*model.Service, p *reach.Path) []*model.Service {
	if len(callers) == 0 {
		return nil
	}
	var out []*model.Service
	groups := c.namedOnWire(p)
	for _, s := range callers {
		network := s.Primary().Network
		if network != nil && slices.ContainsFunc(network.SecurityGroups, func(id string) bool {
			return slices.Contains(groups, id)
		}) {
			out = append(out, s)
		}
	}
	return out
}

// namedOnWire are the groups that the target's groups name in ingress rules for
// the wire port.
func (c *Case) namedOnWire(p *reach.Path) []string {
	var out []string
	network := p.Facts.Deployment.Network
	if network == nil {
		return nil
	}
	for _, id := range network.SecurityGroups {
		g, missing := c.Index.SecurityGroup(id)
		if missing != nil {
			continue // the path is not known then, and not here
		}
		for i := range g.Ingress {
			if r := &g.Ingress[i]; r.Group != nil && r.Covers("tcp", p.Target.WirePort) {
				out = append(out, r.Group.ID)
			}
		}
	}
	return out
}

func olderFinding(o older, p *reach.Path, arn model.ARN, made time.Time) Finding {
	f := Finding{Paths: o.paths, about: p.Source.Endpoint, Confidence: Medium}
	if len(o.named) > 0 {
		f.Severity, f.verdict = Warning, reach.Risk
	}
	f.text = func(f *Finding) Text {
		at := made.UTC().Format(time.RFC3339)
		t := o.text(f, at)
		t.Evidence = append([]reach.Evidence{
			fact(model.ListDiscoveryServices, "%s: CreateDate = %s", model.ARNName(arn), at),
		}, ages(o.concerned())...)
		if len(o.named) > 0 {
			t.Detail += " The security group of " + f.Service + " names them, so that they are expected to call."
		} else { // what does not know a name publishes no metric of it
			t.Detail += " Whether they want to call is not known, and no metric tells: their agents do not know the name."
		}
		if o.unfiltered {
			t.Detail += " Not all of them need be admitted."
		}
		return t
	}
	return f
}

// concerned are the callers that the finding is about: those that a rule of the target
// names, or else all.
func (o *older) concerned() []*model.Service {
	if len(o.named) > 0 {
		return o.named
	}
	return o.callers
}

// text says that the callers are older than the endpoint, which was made at a time.
func (o *older) text(f *Finding, made string) Text {
	concerned, endpoint := o.concerned(), f.Paths[0].Source.Endpoint
	refs := make([]model.Ref, len(concerned))
	for i, s := range concerned {
		refs[i] = s.Ref()
	}
	names, were, they := fmt.Sprint(len(refs))+" callers", "were", "they know the name only once they are deployed again"
	switch {
	case len(refs) == 1:
		names, were, they = words.Services(refs), "was", "it knows the name only once it is deployed again"
	case o.unfiltered:
		names = fmt.Sprintf("more than %d callers", manyCallers)
	}
	return Text{
		Title: fmt.Sprintf("%s %s deployed before %s existed: %s", names, were, endpoint, they),
		Detail: fmt.Sprintf("%s of %s came into being at %s, after the running deployment of %s. Names are written into the "+
			"tasks of a deployment, so that calls of this name fail to resolve, or go where it led before.",
			endpoint, f.Service, made, words.Services(refs)),
	}
}

// manyAges is how many callers' deployments are quoted.
const manyAges = 3

// ages quote when the deployments of callers were created.
func ages(callers []*model.Service) []reach.Evidence {
	var out []reach.Evidence
	for _, s := range callers[:min(len(callers), manyAges)] {
		out = append(out, fact(model.DescribeServices, "%s: PRIMARY deployment createdAt = %s",
			s.Ref(), s.Primary().CreatedAt.UTC().Format(time.RFC3339)))
	}
	return out
}

// manyCallers is how many older callers are looked at one by one: a namespace of n
// services has n endpoints with as many callers.
const manyCallers = 200
