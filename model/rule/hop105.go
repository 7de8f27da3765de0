package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// endpointUnused is HOP105: rows 15 and 16 of docs/decision-table.md.
func endpointUnused() Rule {
	return Rule{
		Code: "HOP105", Title: "Endpoint that no service of the namespace can use", Severity: Info,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   slices.Concat(serviceFacts, namespaceFacts, []model.Action{model.ListServicesByNamespace}),
		Uses:    []model.Action{model.ListMetrics},
		check:   checkEndpointUnused,
		Doc: Doc{
			What: "A service publishes an endpoint in a namespace in which it is the only service.",
			Why: "Only services of the namespace can call the endpoint. Without any, all it does is make the agent intercept " +
				"the container port, so that load balancers and other callers cross it for nothing. A service that " +
				"is a client only has no such hop.",
			Detection: "serviceConnectConfiguration.services[] has an entry, and no other service of the region is in the " +
				"namespace: every cluster was read, or ecs:ListServicesByNamespace names no other one. The namespace must belong " +
				"to this account. An endpoint that metrics saw being called is not reported. Endpoints whose " +
				"callers are all refused are NET201's.",
			FalsePositive: "Callers are still to come, or are services of another account with which the namespace is shared; " +
				"an API Gateway VPC link uses the Cloud Map service.",
			Fix: "Remove the entry from serviceConnectConfiguration.services: the service is then a client only.",
			Source: "AWS developer guide, Service Connect: endpoints are known to the services of the namespace only; " +
				"docs/decision-table.md, rows 15 and 16.",
		},
	}
}

func checkEndpointUnused(c *Case) {
	// An endpoint without callers has one path.
	uncalled := where(c.Paths, func(p *reach.Path) bool { return p.Source.Services.Len() == 0 })
	for paths := range groupBy(uncalled, endpointOf) {
		p := paths[0]
		n := c.Namespaces[p.Facts.Namespace]
		if n == nil || !n.owned(c.Index.Snapshot.Scope.Account) || len(c.Calls[p.Facts.Offer.Name()]) > 0 {
			continue
		}
		alone, missing := c.everyMember(n, n.count-1)
		if missing != nil {
			c.lack(missing)
		}
		if alone {
			c.report(unusedFinding(c, paths, n))
		}
	}
}

func unusedFinding(c *Case, paths []*reach.Path, n *namespaceMembers) Finding {
	everything, uncalled, traffic := c.Everything, c.neverCalled(paths[0]), c.traffic
	return Finding{
		Paths: paths, Confidence: Medium, about: paths[0].Source.Endpoint,
		text: func(f *Finding) Text {
			p := f.Paths[0]
			t := Text{
				Title: fmt.Sprintf("No service can call %s: %s is alone in its namespace", p.Source.Endpoint, f.Service),
				Detail: fmt.Sprintf("%s publishes %s in the namespace %s, where no other service is. If no caller is to come, "+
					"let it be a client only: its agent then intercepts nothing.", f.Service, p.Source.Endpoint, n.Name),
			}
			alone := fact(model.ListServicesByNamespace, "namespace %s: the only service is %s", n.Name, f.Ref())
			if everything {
				alone = fact(model.DescribeServices, "namespace %s: of all services of the region, only %s is in it",
					n.Name, f.Ref())
			}
			t.Evidence = append(slices.Clone(p.Crossing().Evidence), alone)
			if uncalled {
				t.Detail += " In the last three hours no caller of it was seen in this account: none published " +
					traffic.MetricName() + "."
				t.Evidence = append(t.Evidence, noTraffic(traffic, p.Facts.Offer))
			}
			return t
		},
	}
}

// neverCalled tells whether the metrics would show callers of a path's endpoint in this
// account, and show none. Those of other accounts publish theirs there.
func (c *Case) neverCalled(p *reach.Path) bool {
	offer := p.Facts.Offer
	return c.traffic != nil && len(c.Calls[offer.Name()]) == 0 &&
		c.traffic.Publishes(reach.AppProtocol(p.Facts.TaskDefinition, offer))
}

func noTraffic(traffic *model.Traffic, offer *model.ServiceConnectService) reach.Evidence {
	return fact(model.ListMetrics, "no %s of the last three hours has TargetDiscoveryName = %s",
		traffic.MetricName(), offer.Name())
}
