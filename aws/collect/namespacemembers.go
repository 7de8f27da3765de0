package collect

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"hopscope/aws"
	"hopscope/model"
)

// readNamespaceMembers starts the listing of the services of the namespaces in
// which services offer endpoints, whatever their cluster: callers may be in one
// that was left out. AWS lets ten such calls pass at once and then one a second.
func (c *collection) readNamespaceMembers(ctx context.Context) {
	action := model.ListServicesByNamespace
	if !c.options.Everything {
		return
	}
	c.when(ctx, action, c.settled(aws.OperationOf(action).After...), func(ctx context.Context) {
		c.picture.mu.Lock()
		var namespaces []model.ARN
		if !c.picture.allClusters {
			namespaces = slices.Sorted(maps.Keys(c.picture.meshNamespacesLocked(offersEndpoints)))
		}
		// A namespace that its owner shares may not be listed: there is no row
		// for its members then.
		unlisted := func(arn model.ARN) bool { return c.picture.namespaces.get(arn) == nil }
		namespaces = slices.DeleteFunc(namespaces, unlisted)
		c.picture.mu.Unlock()
		for _, arn := range namespaces {
			c.start(ctx, call{
				action: action, resources: []string{arn}, scope: arn,
				run: func(ctx context.Context) error { return c.listServicesByNamespace(ctx, arn) },
			})
		}
	})
}

// listServicesByNamespace reads the services of a namespace, which are shown when
// they are complete.
func (c *collection) listServicesByNamespace(ctx context.Context, namespace model.ARN) error {
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
	c.picture.update(func() {
		c.picture.namespaces.change(namespace, func(row *model.Namespace) { row.Members = members })
	})
	return nil
}
