package rule

import (
	"cmp"
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// Rules about namespaces that services seem to have mixed up.

// namespaceWithoutEndpoint is CFG321.
func namespaceWithoutEndpoint() Rule {
	return Rule{
		Code: "CFG321", Title: "Service Connect client in a namespace without endpoints", Severity: Warning,
		Needs: slices.Concat(serviceFacts, namespaceFacts, []model.Action{model.ListServicesByNamespace}),
		check: checkNamespaceWithoutEndpoint,
		Doc: Doc{
			What: "Services are Service Connect clients of a namespace in which no service publishes an endpoint, while other " +
				"namespaces have endpoints.",
			Why: "A service is in one namespace and resolves the names of that one only. Every call by a Service Connect " +
				"name fails to resolve; often the services were to share a namespace with the others.",
			Detection: "No deployment of a service of the namespace has an entry in serviceConnectConfiguration.services, and " +
				"the namespace belongs to this account. It takes all services of the region to say so, or " +
				"ecs:ListServicesByNamespace that names no other one. Reported once for a namespace, at its first service.",
			FalsePositive: "The endpoints are still to come, or belong to an account with which the namespace is shared.",
			Fix:           "Name the namespace of the endpoints, by its ARN, in the clients' serviceConnectConfiguration.",
			Source: "AWS developer guide, Service Connect concepts: namespace; aws/aws-cdk#25616, #36812; " +
				"terraform-aws-modules/terraform-aws-ecs#343.",
		},
	}
}

func checkNamespaceWithoutEndpoint(c *Case) {
	d := c.Service.Primary()
	if d == nil || !d.ServiceConnect.Active() || len(d.ServiceConnect.Services) > 0 || c.Offering == 0 {
		return
	}
	key, missing := c.Index.NamespaceOf(c.Service, d.ServiceConnect)
	if missing != nil {
		c.lack(missing)
		return
	}
	n := c.Namespaces[key.Key]
	if n == nil || n.offering > 0 || n.members()[0] != c.Service || !n.owned(c.Index.Snapshot.Scope.Account) {
		return
	}
	if !c.Everything {
		alone, missing := c.everyMember(n, n.count-1)
		if missing != nil {
			c.lack(missing)
		}
		if !alone {
			return
		}
	}
	c.report(noEndpointFinding(c, n, d))
}

func noEndpointFinding(c *Case, n *namespaceMembers, d *model.Deployment) Finding {
	more, offering := n.count-1, c.Offering
	return Finding{Confidence: Medium, about: n.Name, text: func(f *Finding) Text {
		who, are, their := f.Service, "is a client", "its"
		if more > 0 {
			who, are, their = fmt.Sprintf("%s and %d more", who, more), "are clients", "their"
		}
		others := "1 other namespace has one"
		if offering > 1 {
			others = fmt.Sprintf("%d other namespaces have some", offering)
		}
		return Text{
			Title: fmt.Sprintf("%s %s of namespace %s, where no service publishes an endpoint", who, are, n.Name),
			Detail: fmt.Sprintf("%s %s of %s in Service Connect, but no service of that namespace publishes an endpoint, "+
				"while other namespaces have some (%d). No Service Connect name resolves in %s tasks.",
				who, are, n.Name, offering, their),
			Evidence: []reach.Evidence{
				fact(model.DescribeServices, "deployment %s: serviceConnectConfiguration.namespace = %s, no services",
					d.ID, namespaceOf(d)),
				fact(model.DescribeServices, "namespace %s: no endpoint; %s", n.Name, others),
			},
		}
	}}
}

// namespaceOf quotes the namespace that a deployment names.
func namespaceOf(d *model.Deployment) string {
	return cmp.Or(d.ServiceConnect.Namespace, "none (the cluster's default)")
}
