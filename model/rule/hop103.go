package rule

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// joinedByLoadBalancer is HOP103: decision table, row 50 of semantics.md §8.
func joinedByLoadBalancer() Rule {
	return Rule{
		Code: "HOP103", Title: "Service Connect client and server may be joined through a load balancer", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceLoadBalancer},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, []model.Action{model.DescribeSecurityGroups}, namespaceFacts),
		check:   checkJoinedByLoadBalancer,
		Doc: Doc{
			What: "A Service Connect client is admitted to the load balancer of a service that it could call by a Service Connect name of their common namespace.",
			Why: "Each call through the load balancer costs a hop, load balancer capacity, and the client-side features of Service Connect: retries, outlier detection, metrics. " +
				"The alias does the same from agent to agent.",
			Detection: "An ingress rule of the load balancer's groups admits, on the listener's port, a group of a service in the namespace of the endpoint behind it. " +
				"Whether the client really calls the load balancer only traffic can show, so that the finding is information with low confidence.",
			FalsePositive: "The client does not use the load balancer, or uses it for a rule, an authentication or a path rewrite that Service Connect has not.",
			Fix:           "Let the client call the alias; keep the load balancer for callers that have no Service Connect.",
			Source:        "semantics.md §3: only TCP to an alias's virtual address passes the client's agent.",
		},
	}
}

func checkJoinedByLoadBalancer(c *Case) []Finding {
	var out []Finding
	for _, paths := range groupBy(c.Paths, func(p *reach.Path) string {
		return fmt.Sprint(p.Source.Name, p.Source.ListenerPort, p.Target.ContainerPort)
	}) {
		p := paths[0]
		alias := aliasFor(c, p)
		if alias == nil || p.Facts.LoadBalancer == nil {
			continue
		}
		clients, rules := admittedClients(c, p, alias.Facts.Namespace)
		if len(clients) == 0 {
			continue
		}
		names := strings.Join(clients, ", ")
		out = append(out, Finding{
			paths: paths, Severity: Info, Confidence: Low,
			Title: fmt.Sprintf("%s may call %s instead of %s", names, alias.Source.Endpoint, sourceNames(paths)),
			Detail: fmt.Sprintf("%s and %s are in one namespace, and the group of %s admits %s on port %d. If it calls %s through the load balancer, the alias %s saves that hop.",
				names, c.Service.Name, p.Source.Name, names, p.Source.ListenerPort, c.Service.Name, alias.Source.Endpoint),
			Evidence: rules,
			Fixes: []Fix{{ID: "call-alias", Title: "Call the alias", Steps: []string{
				fmt.Sprintf("Let %s call %s. Its tasks must be newer than the endpoint: names are written when a task starts.", names, alias.Source.Endpoint),
			}}},
		})
	}
	return out
}

// aliasFor is a path of an endpoint that leads to the same container port.
func aliasFor(c *Case, p *reach.Path) *reach.Path {
	for _, other := range c.Siblings {
		if other.Source.Kind == reach.SourceServiceConnect && other.Target.ContainerPort == p.Target.ContainerPort {
			return other
		}
	}
	return nil
}

// admittedClients are the services of a namespace that the load balancer's
// groups name on the listener's port, and the rules that do.
func admittedClients(c *Case, p *reach.Path, namespace string) (clients []string, rules []reach.Evidence) {
	for _, id := range p.Facts.LoadBalancer.SecurityGroups {
		g, missing := c.Index.SecurityGroup(id)
		if missing != nil {
			continue
		}
		for i := range g.Ingress {
			r := &g.Ingress[i]
			if r.Group == nil || !r.Covers("tcp", p.Source.ListenerPort) {
				continue
			}
			for _, ref := range c.Clients[clientGroup{namespace, r.Group.ID}] {
				if ref == c.Service.Ref() || slices.Contains(clients, ref.Service) {
					continue
				}
				clients = append(clients, ref.Service)
				rules = append(rules, reach.Evidence{
					Fact: fmt.Sprintf("%s admits %s of %s (ingress rule: %s)", c.Index.GroupLabel(id), r.Group.ID, ref, r.Ports()),
					From: string(model.DescribeSecurityGroups),
				})
			}
		}
	}
	return clients, rules
}

// clientGroup is a security group of Service Connect clients of a namespace.
type clientGroup struct{ namespace, group string }

// clientsByGroup are the services with Service Connect, by namespace and group.
func clientsByGroup(ix *model.Index) map[clientGroup][]model.Ref {
	out := map[clientGroup][]model.Ref{}
	for i := range ix.Snapshot.Services {
		s := &ix.Snapshot.Services[i]
		d := s.Primary()
		if d == nil || !d.ServiceConnect.Active() || d.Network == nil {
			continue
		}
		key, _ := ix.NamespaceOf(s, d.ServiceConnect)
		for _, id := range d.Network.SecurityGroups {
			out[clientGroup{key.Key, id}] = append(out[clientGroup{key.Key, id}], s.Ref())
		}
	}
	return out
}
