package collect

import (
	"fmt"
	"slices"

	"hopscope/aws"
	"hopscope/model"
)

// contradictLocked: a namespace that services name exists, is known to Cloud Map with the
// endpoints that are in use, and has those services as its members.
func (c *serviceDiscovery) contradictLocked() {
	ix := model.NewIndex(&model.Snapshot{
		Clusters: c.rows.clusters.slice(), Namespaces: c.rows.namespaces.slice(), Gaps: c.calls.gaps(),
	})
	for _, s := range c.rows.services.order {
		for i := range s.Deployments {
			if d := &s.Deployments[i]; d.ServiceConnect.Active() {
				c.contradictDeploymentLocked(ix, s, d)
			}
		}
	}
	c.contradictRegistriesLocked()
}

func (c *serviceDiscovery) contradictDeploymentLocked(ix *model.Index, s *model.Service, d *model.Deployment) {
	key, missing := ix.NamespaceOf(s, d.ServiceConnect)
	switch row := c.rows.namespaces.get(key.Key); {
	case missing != nil && missing.Action == model.ListNamespaces && missing.State == model.Absent &&
		missing.Resource != "":
		c.addUnlistedNamespace(s, missing.Resource)
	case row == nil:
		if missing == nil && model.ARNAccount(key.Key) == c.rows.account && model.ARNRegion(key.Key) == c.rows.region {
			c.addUnlistedNamespace(s, key.Key)
		}
	case d.RolloutState == completed && d.Status == model.PrimaryDeployment && d.RunningCount > 0:
		c.contradictNamespaceLocked(row, s, d)
	}
}

// completed is the rollout state of a deployment whose endpoints are in its namespace.
const completed = "COMPLETED"

func (c *serviceDiscovery) addUnlistedNamespace(s *model.Service, namespace string) {
	c.calls.addFiltered(model.ListNamespaces, namespace, fmt.Sprintf(
		"service %s is in namespace %s, and %s does not list it",
		aws.Printable(s.Name), aws.Printable(model.ARNName(namespace)), model.ListNamespaces))
}

// contradictNamespaceLocked compares a namespace with a deployment that is in it.
func (c *serviceDiscovery) contradictNamespaceLocked(row *model.Namespace, s *model.Service, d *model.Deployment) {
	if row.Members != nil && offersEndpoints(*d) && !slices.Contains(row.Members.Services, s.ARN) {
		c.calls.addFiltered(model.ListServicesByNamespace, row.ARN, fmt.Sprintf(
			"service %s is in namespace %s, and %s does not list it",
			aws.Printable(s.Name), aws.Printable(row.Name), model.ListServicesByNamespace))
		c.rows.namespaces.change(row.ARN, func(row *model.Namespace) { row.Members = nil })
	}
	if !c.listed[row.ARN] {
		return
	}
	for i := range d.ServiceConnect.Services {
		name := d.ServiceConnect.Services[i].Name()
		known := func(m *model.DiscoveryService) bool { return m.Namespace == row.ARN && m.Name == name }
		if !slices.ContainsFunc(c.rows.discoveryServices.order, known) {
			c.calls.addFiltered(model.ListDiscoveryServices, row.ARN, fmt.Sprintf(
				"service %s offers %s in namespace %s, and %s does not list it", aws.Printable(s.Name),
				aws.Printable(name), aws.Printable(row.Name), model.ListDiscoveryServices))
		}
	}
}

// contradictRegistriesLocked: where services are in service discovery, the namespaces with
// DNS hold some Cloud Map service. Which of them holds a registry is not known.
func (c *serviceDiscovery) contradictRegistriesLocked() {
	for _, n := range c.rows.namespaces.order {
		holds := func(m *model.DiscoveryService) bool { return m.Namespace == n.ARN }
		if hasDNS(n) && (!c.listed[n.ARN] || slices.ContainsFunc(c.rows.discoveryServices.order, holds)) {
			return
		}
	}
	for _, s := range c.rows.services.order {
		for _, r := range s.ServiceRegistries {
			if len(c.listed) > 0 && c.rows.discoveryServices.get(r.RegistryARN) == nil {
				c.calls.addFiltered(model.ListDiscoveryServices, r.RegistryARN, fmt.Sprintf(
					"service %s is registered in Cloud Map service %s, and %s lists none", aws.Printable(s.Name),
					aws.Printable(model.ARNName(r.RegistryARN)), model.ListDiscoveryServices))
			}
		}
	}
}
