package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// nameRegistered is CFG323.
func nameRegistered() Rule {
	return Rule{
		Code: "CFG323", Title: "Endpoint and service registry share a name", Severity: Warning,
		Needs: slices.Concat(serviceFacts, namespaceFacts, []model.Action{model.ListDiscoveryServices}),
		check: checkNameRegistered,
		Doc: Doc{
			What: "The discovery name of a Service Connect endpoint is the name of a Cloud Map service that a service " +
				"registry uses in the same namespace.",
			Why: "Service Connect makes a Cloud Map service of that name for its own use. The next deployment fails with " +
				"“Service already exists” or “already used by service discovery”, and until then callers of one may get " +
				"the addresses of the other.",
			Detection: "services[].discoveryName (or portName) is the Name of the Cloud Map service that " +
				"services[].serviceRegistries[].registryArn of any service refers to, and both are in one namespace.",
			FalsePositive: "None known.",
			Fix: "Choose another discoveryName; AWS Copilot appends -sc. Keep the alias, so that " +
				"callers need not change.",
			Source: "AWS Copilot's service template; openillumi.com, ECS service discovery failover.",
		},
	}
}

func checkNameRegistered(c *Case) {
	d := c.Service.Primary()
	if d == nil || !d.ServiceConnect.Active() || len(d.ServiceConnect.Services) == 0 {
		return
	}
	if c.unregistered != nil {
		c.lack(c.unregistered)
	}
	if len(c.Registered) == 0 {
		return
	}
	key, missing := c.Index.NamespaceOf(c.Service, d.ServiceConnect)
	if missing != nil {
		c.lack(missing)
		return
	}
	for i := range d.ServiceConnect.Services {
		offer := &d.ServiceConnect.Services[i]
		owners := c.Registered[endpointName{key.Key, offer.Name()}]
		if len(owners) > 0 {
			c.report(registeredFinding(c, key, d, i, slices.Clone(owners)))
		}
	}
}

func registeredFinding(c *Case, key model.NamespaceKey, d *model.Deployment, index int, owners []model.Ref) Finding {
	offer := &d.ServiceConnect.Services[index]
	slices.SortFunc(owners, model.Ref.Compare)
	return Finding{
		Paths: where(c.pathsOf(d), func(p *reach.Path) bool {
			return p.Source.Kind == reach.SourceServiceConnect && p.Facts.Offer == offer
		}),
		Confidence: Medium, about: offer.Name(),
		text: func(f *Finding) Text {
			name, who := offer.Name(), words.Services(owners)
			return Text{
				Title: fmt.Sprintf("%s is a Service Connect name and a service registry of %s at once", name, who),
				Detail: fmt.Sprintf("%s publishes %s in the namespace %s, and %s registers its tasks in a Cloud Map service "+
					"of the same name there. Service Connect wants that name for itself: the next deployment may fail with "+
					"“already used by service discovery”.", f.Service, name, key.Name, who),
				Evidence: []reach.Evidence{
					fact(model.DescribeServices, "serviceConnectConfiguration.services[%d]: discoveryName = %s", index, name),
					fact(model.ListDiscoveryServices, "serviceRegistries of %s: a Cloud Map service named %s in namespace %s",
						who, name, key.Name),
				},
			}
		},
	}
}
