package convert

import (
	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/model"
)

// Cluster is a cluster with its default namespace of Service Connect and the numbers of
// its tasks.
func Cluster(c *ecstypes.Cluster) model.Cluster {
	row := model.Cluster{
		ARN:            awssdk.ToString(c.ClusterArn),
		Name:           awssdk.ToString(c.ClusterName),
		Status:         awssdk.ToString(c.Status),
		ActiveServices: int(c.ActiveServicesCount),
		RunningTasks:   int(c.RunningTasksCount),
		PendingTasks:   int(c.PendingTasksCount),

		RegisteredInstances: int(c.RegisteredContainerInstancesCount),
	}
	if c.ServiceConnectDefaults != nil {
		row.DefaultNamespace = awssdk.ToString(c.ServiceConnectDefaults.Namespace)
	}
	return owned(row)
}
