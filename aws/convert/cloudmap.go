package convert

import (
	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	cloudmaptypes "github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"hopscope/model"
)

// Namespace is a namespace of the listing, with its HTTP name.
func Namespace(n *cloudmaptypes.NamespaceSummary) model.Namespace {
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
	return owned(row)
}

// DiscoveryService is a Cloud Map service; its listing does not name the namespace.
func DiscoveryService(s *cloudmaptypes.ServiceSummary) model.DiscoveryService {
	return owned(model.DiscoveryService{
		ID:        awssdk.ToString(s.Id),
		ARN:       awssdk.ToString(s.Arn),
		Name:      awssdk.ToString(s.Name),
		CreatedAt: awssdk.ToTime(s.CreateDate),
	})
}
