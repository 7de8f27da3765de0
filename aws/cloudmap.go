package aws

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	cloudmaptypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"hopscope/model"
)

// perNamespacePage is the largest page of ListNamespaces.
const perNamespacePage = 100

// listNamespaces reads the Cloud Map namespaces, which is how the names, HTTP
// names and ARNs that ECS gives for one namespace come together.
func (c *collection) listNamespaces(ctx context.Context) error {
	pages := servicediscovery.NewListNamespacesPaginator(c.cloudMap, &servicediscovery.ListNamespacesInput{
		MaxResults: awssdk.Int32(perNamespacePage),
	})
	return eachPage(ctx, pages, func(page *servicediscovery.ListNamespacesOutput) {
		c.picture.update(func() {
			for i := range page.Namespaces {
				row := toNamespace(&page.Namespaces[i])
				c.picture.namespaces.put(row.ARN, row)
			}
		})
	})
}

func toNamespace(n *cloudmaptypes.NamespaceSummary) model.Namespace {
	row := model.Namespace{
		ID:    awssdk.ToString(n.Id),
		ARN:   awssdk.ToString(n.Arn),
		Name:  awssdk.ToString(n.Name),
		Type:  string(n.Type),
		Owner: awssdk.ToString(n.ResourceOwner),
	}
	if n.Properties != nil && n.Properties.HttpProperties != nil {
		row.HTTPName = awssdk.ToString(n.Properties.HttpProperties.HttpName)
	}
	return row
}
