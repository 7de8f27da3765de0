package collect

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
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

// serviceDiscovery reads Cloud Map: namespaces, the services in them, and which ECS
// services are members.
type serviceDiscovery struct {
	*run

	// listed are the namespaces whose Cloud Map services were listed to the end.
	listed set
}

// read starts the three of them.
func (c *serviceDiscovery) read(ctx context.Context) {
	c.start(ctx, call{action: model.ListNamespaces, send: c.listNamespaces})
	c.readServices(ctx)
	c.readMembers(ctx)
}

// listNamespaces reads the Cloud Map namespaces, which is how the names, HTTP
// names and ARNs that ECS gives for one namespace come together.
func (c *serviceDiscovery) listNamespaces(ctx context.Context) error {
	pages := servicediscovery.NewListNamespacesPaginator(c.session.CloudMap, &servicediscovery.ListNamespacesInput{
		MaxResults: aws.PageSize(model.ListNamespaces),
	})
	return aws.EachPage(ctx, pages, func(page *servicediscovery.ListNamespacesOutput) {
		putAll(c.run, &c.rows.namespaces, page.Namespaces, convert.Namespace)
	})
}

// readServices starts the listing of the Cloud Map services of the
// namespaces in use.
func (c *serviceDiscovery) readServices(ctx context.Context) {
	action := model.ListDiscoveryServices
	c.when(ctx, action, c.inputSettled(action), func(ctx context.Context) {
		c.mu.Lock()
		namespaces := c.namespacesInUseLocked()
		c.mu.Unlock()
		if len(namespaces) > maxNamespaces && !c.options.Everything {
			return
		}
		for _, arn := range namespaces {
			do := call{action: action, resources: []string{arn}, send: func(ctx context.Context) error {
				return c.listServices(ctx, arn)
			}}
			if c.isShared(arn) {
				do.scope, do.alone = arn, true
			}
			c.start(ctx, do)
		}
	})
}

// isShared tells whether a namespace belongs to another account.
func (c *serviceDiscovery) isShared(arn model.ARN) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	owner := model.ARNAccount(arn)
	if row := c.rows.namespaces.get(arn); row != nil && row.Owner != "" {
		owner = row.Owner
	}
	return owner != c.rows.account
}

// namespacesInUseLocked are the ARNs of the namespaces that Service Connect uses,
// and, where a service is in service discovery, of those with DNS: a registry does
// not name its namespace. They are sorted.
func (c *serviceDiscovery) namespacesInUseLocked() []model.ARN {
	found := c.connectedNamespacesLocked(func(d model.Deployment) bool { return d.ServiceConnect.Active() })
	registered := slices.ContainsFunc(c.rows.services.order,
		func(s *model.Service) bool { return len(s.ServiceRegistries) > 0 })
	for _, n := range c.rows.namespaces.order {
		if registered && hasDNS(n) {
			found[n.ARN] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// hasDNS tells whether the services of a namespace have names in DNS.
func hasDNS(n *model.Namespace) bool {
	return n.Type == string(cloudmaptypes.NamespaceTypeDnsPrivate) ||
		n.Type == string(cloudmaptypes.NamespaceTypeDnsPublic)
}

// connectedNamespacesLocked are the namespaces that deployments name, or their clusters
// for them, by ARN. Names that nothing resolves are left out.
func (c *serviceDiscovery) connectedNamespacesLocked(counts func(model.Deployment) bool) map[model.ARN]bool {
	ix := model.NewIndex(&model.Snapshot{
		Clusters: c.rows.clusters.slice(), Namespaces: c.rows.namespaces.slice(),
		Gaps: c.calls.gaps(),
	})
	found := make(map[model.ARN]bool)
	for _, s := range c.rows.services.order {
		for _, d := range s.Deployments {
			if !counts(d) {
				continue
			}
			if key, _ := ix.NamespaceOf(s, d.ServiceConnect); model.ARNRegion(key.Key) != "" {
				found[key.Key] = true
			}
		}
	}
	return found
}

// listServices reads the Cloud Map services of a namespace, which their
// listing does not name. A namespace of another account is asked for by its ARN.
func (c *serviceDiscovery) listServices(ctx context.Context, namespace model.ARN) error {
	value := model.ARNName(namespace)
	if c.isShared(namespace) {
		value = namespace
	}
	pages := servicediscovery.NewListServicesPaginator(c.session.CloudMap, &servicediscovery.ListServicesInput{
		MaxResults: aws.PageSize(model.ListDiscoveryServices),
		Filters: []cloudmaptypes.ServiceFilter{{
			Name: cloudmaptypes.ServiceFilterNameNamespaceId, Values: []string{value},
			Condition: cloudmaptypes.FilterConditionEq,
		}},
	})
	err := aws.EachPage(ctx, pages, func(page *servicediscovery.ListServicesOutput) {
		c.update(func() {
			for i := range page.Services {
				row := convert.DiscoveryService(&page.Services[i])
				row.Namespace = namespace
				c.rows.discoveryServices.put(row)
			}
		})
	})
	if err == nil {
		c.update(func() { c.listed[namespace] = true })
	}
	return err
}

// readMembers starts the listing of the services of the namespaces in
// which services offer endpoints, whatever their cluster: callers may be in one
// that was left out. AWS lets ten such calls pass at once and then one a second.
func (c *serviceDiscovery) readMembers(ctx context.Context) {
	action := model.ListServicesByNamespace
	if !c.options.Everything {
		return
	}
	c.when(ctx, action, c.inputSettled(action), func(ctx context.Context) {
		c.mu.Lock()
		var namespaces []model.ARN
		if !c.rows.allClusters {
			namespaces = slices.Sorted(maps.Keys(c.connectedNamespacesLocked(offersEndpoints)))
		}
		// A namespace that its owner shares may not be listed: there is no row
		// for its members then.
		unlisted := func(arn model.ARN) bool { return c.rows.namespaces.get(arn) == nil }
		namespaces = slices.DeleteFunc(namespaces, unlisted)
		c.mu.Unlock()
		for _, arn := range namespaces {
			c.start(ctx, call{
				action: action, resources: []string{arn}, scope: arn,
				send: func(ctx context.Context) error { return c.listMembers(ctx, arn) },
			})
		}
	})
}

// listMembers reads the services of a namespace, which are shown when
// they are complete.
func (c *serviceDiscovery) listMembers(ctx context.Context, namespace model.ARN) error {
	members := &model.NamespaceMembers{Services: []model.ARN{}}
	pages := ecs.NewListServicesByNamespacePaginator(c.session.ECS, &ecs.ListServicesByNamespaceInput{
		Namespace: &namespace, MaxResults: aws.PageSize(model.ListServicesByNamespace),
	})
	err := aws.EachPage(ctx, pages, func(page *ecs.ListServicesByNamespaceOutput) {
		members.Services = append(members.Services, page.ServiceArns...)
	})
	if err != nil {
		return err
	}
	slices.Sort(members.Services)
	c.update(func() {
		c.rows.namespaces.change(namespace, func(row *model.Namespace) { row.Members = members })
	})
	return nil
}
