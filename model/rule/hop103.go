package rule

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// joinedByLoadBalancer is HOP103: row 50 of docs/decision-table.md.
func joinedByLoadBalancer() Rule {
	return Rule{
		Code: "HOP103", Title: "Service Connect client and server may be joined through a load balancer", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceLoadBalancer},
		Needs:   slices.Concat(serviceFacts, loadBalancerFacts, []model.Action{model.DescribeSecurityGroups}, namespaceFacts),
		check:   checkJoinedByLoadBalancer,
		Doc: Doc{
			What: "A Service Connect client is admitted to the load balancer of a service that it could call by a Service " +
				"Connect name of their common namespace.",
			Why: "Each call through the load balancer costs a hop, load balancer capacity, and the client-side features of " +
				"Service Connect: retries, outlier detection, metrics. The alias does the same from agent to agent.",
			Detection: "An ingress rule of the load balancer's groups admits, on the listener's port, a group of a service in " +
				"the namespace of the endpoint behind it. Whether the client really calls the load balancer only traffic can " +
				"show, so that the finding is information with low confidence.",
			FalsePositive: "The client does not use the load balancer, or uses it for a rule, an authentication or a path " +
				"rewrite that Service Connect has not.",
			Fix:    "Let the client call the alias; keep the load balancer for callers that have no Service Connect.",
			Source: "docs/traffic.md, Service Connect: only TCP to an alias's virtual address passes the client's agent.",
		},
	}
}

func checkJoinedByLoadBalancer(c *Case) {
	type key struct {
		lb             string
		listener, port int
	}
	for paths := range groupBy(c.Paths, func(p *reach.Path) key {
		return key{p.Source.Name, p.Source.ListenerPort, p.Target.ContainerPort}
	}) {
		p := paths[0]
		if entrance(p) == nil {
			continue
		}
		for _, alias := range c.Siblings {
			if alias.Source.Kind != reach.SourceServiceConnect || alias.Target.ContainerPort != p.Target.ContainerPort ||
				alias.Access == reach.Blocked {
				continue
			}
			if admitted := admittedClients(c, p, alias); len(admitted) > 0 {
				c.report(aliasFinding(c, paths, alias, admitted))
			}
		}
	}
}

// admission is a client that a rule of a load balancer's group admits.
type admission struct {
	client model.Ref
	group  string
	rule   *model.SecurityGroupRule
}

func aliasFinding(c *Case, paths []*reach.Path, alias *reach.Path, admitted []admission) Finding {
	ix := c.Index
	return Finding{
		Paths: paths, Severity: Info, Confidence: Low,
		about: fmt.Sprintf("%s from %s", paths[0].Place, admitted[0].client.Service),
		text: func(f *Finding) Text {
			refs := make([]model.Ref, len(admitted))
			rules := make([]reach.Evidence, len(admitted))
			for i, a := range admitted {
				refs[i] = a.client
				rules[i] = fact(model.DescribeSecurityGroups, "%s admits %s of %s (ingress rule: %s)",
					ix.GroupLabel(a.group), a.rule.Group.ID, a.client, a.rule.Ports())
			}
			who, source := words.Services(refs), &f.Paths[0].Source
			return Text{
				Title: fmt.Sprintf("%s may call %s instead of %s", who, alias.Source.Endpoint, words.Sources(f.Paths)),
				Detail: fmt.Sprintf("%s and %s are in one namespace, and a group of %s admits %s on port %d. If calls go "+
					"through the load balancer, the alias %s saves that hop. Only traffic figures can show whether they do, "+
					"so this is information.", who, f.Service, source.Name, who, source.ListenerPort, alias.Source.Endpoint) +
					standaloneCallers(f.Paths[0]),
				Evidence: rules,
			}
		},
	}
}

// standaloneCallers says which tasks that no service started the load balancer admits: they
// are a good reason for it.
func standaloneCallers(p *reach.Path) string {
	entry := p.Entry()
	if entry == nil {
		return ""
	}
	families := map[model.Ref]int{} // by several rules they are the same tasks
	for _, a := range entry.Admitted {
		for _, h := range a.Holders {
			if h.Kind == reach.HolderTasks {
				ref := model.Ref{Cluster: h.Cluster, Service: h.Name}
				families[ref] = max(families[ref], h.Count)
			}
		}
	}
	tasks := 0
	for _, n := range families {
		tasks += n
	}
	if tasks == 0 {
		return ""
	}
	return fmt.Sprintf(" %s of %s may come too: tasks that no service started cannot use Service Connect, so the load "+
		"balancer is right for them.", words.Count(tasks, "standalone task"),
		words.Services(slices.SortedFunc(maps.Keys(families), model.Ref.Compare)))
}

// admittedClients are the callers of an alias that the load balancer's groups
// name on the listener's port, and the rules that do.
func admittedClients(c *Case, p, alias *reach.Path) []admission {
	var out []admission
	for _, id := range entrance(p).SecurityGroups {
		g, missing := c.Index.SecurityGroup(id)
		if missing != nil {
			continue
		}
		for i := range g.Ingress {
			r := &g.Ingress[i]
			if r.Group == nil || !r.Covers("tcp", p.Source.ListenerPort) {
				continue
			}
			for _, ref := range c.Clients[clientGroup{alias.Facts.Namespace, r.Group.ID}] {
				named := slices.ContainsFunc(out, func(a admission) bool { return a.client == ref })
				if !named && alias.Source.Services.Contains(ref) {
					out = append(out, admission{ref, id, r})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b admission) int { return a.client.Compare(b.client) })
	return out
}

// entrance is the load balancer that callers connect to.
func entrance(p *reach.Path) *model.LoadBalancer { return cmp.Or(p.Facts.Front, p.Facts.LoadBalancer) }

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
