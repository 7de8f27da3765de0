package collect

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	cloudmaptypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

const (
	// maxNamespaces are the namespaces whose services are listed when not
	// everything is to be read. Cloud Map publishes no rate.
	maxNamespaces = 5
)

// listNamespaces reads the Cloud Map namespaces, which is how the names, HTTP
// names and ARNs that ECS gives for one namespace come together.
func (c *collection) listNamespaces(ctx context.Context) error {
	pages := servicediscovery.NewListNamespacesPaginator(c.session.CloudMap, &servicediscovery.ListNamespacesInput{
		MaxResults: aws.PageSize(model.ListNamespaces),
	})
	return aws.EachPage(ctx, pages, func(page *servicediscovery.ListNamespacesOutput) {
		c.picture.update(func() {
			for i := range page.Namespaces {
				row := convert.Namespace(&page.Namespaces[i])
				c.picture.namespaces.put(row.ARN, row)
			}
		})
	})
}

// readCloudMapServices starts the listing of the Cloud Map services of the
// namespaces in use.
func (c *collection) readCloudMapServices(ctx context.Context) {
	action := model.ListDiscoveryServices
	c.when(ctx, action, c.settled(aws.OperationOf(action).After...), func(ctx context.Context) {
		c.picture.mu.Lock()
		namespaces := c.picture.namespacesInUseLocked()
		c.picture.mu.Unlock()
		if len(namespaces) > maxNamespaces && !c.options.Everything {
			return
		}
		for _, arn := range namespaces {
			do := call{action: action, resources: []string{arn}, run: func(ctx context.Context) error {
				return c.listCloudMapServices(ctx, arn)
			}}
			if c.isShared(arn) {
				do.scope, do.alone = arn, true
			}
			c.start(ctx, do)
		}
	})
}

// isShared tells whether a namespace belongs to another account.
func (c *collection) isShared(arn model.ARN) bool {
	c.picture.mu.Lock()
	defer c.picture.mu.Unlock()
	owner := model.ARNAccount(arn)
	if row := c.picture.namespaces.get(arn); row != nil && row.Owner != "" {
		owner = row.Owner
	}
	return owner != c.picture.account
}

// namespacesInUseLocked are the ARNs of the namespaces that Service Connect uses,
// and, where a service is in service discovery, of those with DNS: a registry does
// not name its namespace. They are sorted.
func (p *picture) namespacesInUseLocked() []model.ARN {
	found := p.meshNamespacesLocked(func(d model.Deployment) bool { return d.ServiceConnect.Active() })
	registered := slices.ContainsFunc(p.services.order, func(s *model.Service) bool { return len(s.ServiceRegistries) > 0 })
	for _, n := range p.namespaces.order {
		if registered && (n.Type == string(cloudmaptypes.NamespaceTypeDnsPrivate) || n.Type == string(cloudmaptypes.NamespaceTypeDnsPublic)) {
			found[n.ARN] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// meshNamespacesLocked are the namespaces that deployments name, or their clusters
// for them, by ARN. Names that nothing resolves are left out.
func (p *picture) meshNamespacesLocked(of func(model.Deployment) bool) map[model.ARN]bool {
	ix := model.NewIndex(&model.Snapshot{Clusters: p.clusters.slice(), Namespaces: p.namespaces.slice(), Gaps: p.gapsLocked()})
	found := make(map[model.ARN]bool)
	for _, s := range p.services.order {
		for _, d := range s.Deployments {
			if !of(d) {
				continue
			}
			if key, _ := ix.NamespaceOf(s, d.ServiceConnect); model.ARNRegion(key.Key) != "" {
				found[key.Key] = true
			}
		}
	}
	return found
}

// listCloudMapServices reads the Cloud Map services of a namespace, which their
// listing does not name. A namespace of another account is asked for by its ARN.
func (c *collection) listCloudMapServices(ctx context.Context, namespace model.ARN) error {
	value := model.ARNName(namespace)
	if c.isShared(namespace) {
		value = namespace
	}
	pages := servicediscovery.NewListServicesPaginator(c.session.CloudMap, &servicediscovery.ListServicesInput{
		MaxResults: aws.PageSize(model.ListDiscoveryServices),
		Filters: []cloudmaptypes.ServiceFilter{{
			Name: cloudmaptypes.ServiceFilterNameNamespaceId, Values: []string{value}, Condition: cloudmaptypes.FilterConditionEq,
		}},
	})
	return aws.EachPage(ctx, pages, func(page *servicediscovery.ListServicesOutput) {
		c.picture.update(func() {
			for i := range page.Services {
				row := convert.DiscoveryService(&page.Services[i])
				row.Namespace = namespace
				c.picture.discoveryServices.put(row.ARN, row)
			}
		})
	})
}
