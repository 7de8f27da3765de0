package doctor

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/model"
)

// ecsTrials are the trials of Amazon ECS.
func (e *examination) ecsTrials() []trial {
	return []trial{
		{model.ListClusters, e.listClusters},
		{model.DescribeClusters, e.describeClusters},
		{model.ListServices, e.listServices},
		{model.DescribeServices, e.describeServices},
		{model.DescribeTaskDefinition, e.describeTaskDefinition},
		{model.ListGatewayRoutes, e.listGatewayRoutes},
		{model.DescribeServiceRevisions, e.describeServiceRevisions},
		{model.ListTasks, e.listTasks},
		{model.DescribeTasks, e.describeTasks},
		{model.ListContainerInstances, e.listContainerInstances},
		{model.DescribeContainerInstances, e.describeContainerInstances},
	}
}

// listClusters finds the clusters that the source reads. Where they were given by name,
// they are known without it.
func (e *examination) listClusters(ctx context.Context) error {
	var region []string
	pages := ecs.NewListClustersPaginator(e.session.ECS,
		&ecs.ListClustersInput{MaxResults: aws.PageSize(model.ListClusters)})
	err := aws.EachPage(ctx, pages, func(page *ecs.ListClustersOutput) { region = append(region, page.ClusterArns...) })
	if err != nil {
		e.found.clusters = e.source.Named()
		return err
	}
	e.found.clusters, err = e.source.Choose(region)
	return err
}

func (e *examination) describeClusters(ctx context.Context) error {
	if len(e.found.clusters) == 0 {
		return &nothingError{"cluster", model.ListClusters}
	}
	out, err := e.session.ECS.DescribeClusters(ctx,
		&ecs.DescribeClustersInput{Clusters: first(aws.Batch(model.DescribeClusters), e.found.clusters)})
	if err == nil {
		e.found.described = out.Clusters
	}
	return err
}

func (e *examination) listServices(ctx context.Context) error {
	cluster := e.found.busiest(func(c *ecstypes.Cluster) int32 { return c.ActiveServicesCount })
	if cluster == "" {
		return &nothingError{"cluster", model.ListClusters}
	}
	out, err := e.session.ECS.ListServices(ctx, &ecs.ListServicesInput{Cluster: &cluster})
	if err == nil {
		e.found.serviceCluster, e.found.services = cluster, out.ServiceArns
	}
	return err
}

func (e *examination) describeServices(ctx context.Context) error {
	if len(e.found.services) == 0 {
		return &nothingError{"service", model.ListServices}
	}
	out, err := e.session.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: &e.found.serviceCluster, Services: first(aws.Batch(model.DescribeServices), e.found.services),
	})
	if err != nil {
		return err
	}
	for i := range out.Services {
		s := &out.Services[i]
		if e.found.taskDefinition == "" {
			e.found.taskDefinition = awssdk.ToString(s.TaskDefinition)
		}
		for j := range s.CurrentServiceRevisions {
			e.found.revisions = append(e.found.revisions, present([]*string{s.CurrentServiceRevisions[j].Arn})...)
		}
		e.found.roles = append(e.found.roles, rolesOf(s)...)
	}
	return nil
}

// rolesOf are the roles that the Service Connect blocks of a service name, for TLS.
func rolesOf(s *ecstypes.Service) []string {
	var roles []*string
	for i := range s.Deployments {
		block := s.Deployments[i].ServiceConnectConfiguration
		if block == nil {
			continue
		}
		for j := range block.Services {
			if tls := block.Services[j].Tls; tls != nil {
				roles = append(roles, tls.RoleArn)
			}
		}
	}
	return present(roles)
}

func (e *examination) describeTaskDefinition(ctx context.Context) error {
	if e.found.taskDefinition == "" {
		return &nothingError{"task definition", model.DescribeServices}
	}
	_, err := e.session.ECS.DescribeTaskDefinition(ctx,
		&ecs.DescribeTaskDefinitionInput{TaskDefinition: &e.found.taskDefinition})
	return err
}

func (e *examination) listGatewayRoutes(ctx context.Context) error {
	_, err := e.session.ECS.ListGatewayRoutes(ctx, &ecs.ListGatewayRoutesInput{})
	return err
}

func (e *examination) describeServiceRevisions(ctx context.Context) error {
	if len(e.found.revisions) == 0 {
		return &nothingError{"service revision", model.DescribeServices}
	}
	_, err := e.session.ECS.DescribeServiceRevisions(ctx,
		&ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: first(1, e.found.revisions)})
	return err
}

func (e *examination) listTasks(ctx context.Context) error {
	cluster := e.found.busiest(func(c *ecstypes.Cluster) int32 { return c.RunningTasksCount })
	if cluster == "" {
		return &nothingError{"cluster", model.ListClusters}
	}
	out, err := e.session.ECS.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &cluster})
	if err == nil {
		e.found.taskCluster, e.found.tasks = cluster, out.TaskArns
	}
	return err
}

func (e *examination) describeTasks(ctx context.Context) error {
	if len(e.found.tasks) == 0 {
		return &nothingError{"task", model.ListTasks}
	}
	_, err := e.session.ECS.DescribeTasks(ctx,
		&ecs.DescribeTasksInput{Cluster: &e.found.taskCluster, Tasks: first(1, e.found.tasks)})
	return err
}

func (e *examination) listContainerInstances(ctx context.Context) error {
	cluster := e.found.busiest(func(c *ecstypes.Cluster) int32 { return c.RegisteredContainerInstancesCount })
	if cluster == "" {
		return &nothingError{"cluster", model.ListClusters}
	}
	out, err := e.session.ECS.ListContainerInstances(ctx, &ecs.ListContainerInstancesInput{Cluster: &cluster})
	if err == nil {
		e.found.instanceCluster, e.found.instances = cluster, out.ContainerInstanceArns
	}
	return err
}

func (e *examination) describeContainerInstances(ctx context.Context) error {
	if len(e.found.instances) == 0 {
		return &nothingError{"container instance", model.ListContainerInstances}
	}
	_, err := e.session.ECS.DescribeContainerInstances(ctx, &ecs.DescribeContainerInstancesInput{
		Cluster: &e.found.instanceCluster, ContainerInstances: first(1, e.found.instances),
	})
	return err
}
