package collect

import (
	"context"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// What ECS counts comes from other calls than its lists: where tasks or services went in
// between, a list that is whole looks like one that lacks something. So a contradicted
// count is read once more, after the list, before it is held against it.

// recount reads the counts again that lists contradict: those of clusters first, as they
// take fewer calls. What cannot be read stays as it was: the contradiction then stands.
func (r *readers) recount(ctx context.Context) {
	var clusters []string
	r.locked(func() { clusters = r.contradictedClustersLocked() })
	for batch := range slices.Chunk(clusters, aws.Batch(model.DescribeClusters)) {
		out, err := r.session.ECS.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: batch})
		if err == nil {
			r.update(func() { r.recountClustersLocked(batch, out.Clusters) })
		}
	}
	var services map[string][]string
	r.locked(func() { services = r.contradictedServicesLocked() })
	for cluster, arns := range services {
		for batch := range slices.Chunk(arns, aws.Batch(model.DescribeServices)) {
			out, err := r.session.ECS.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: batch})
			if err == nil {
				r.update(func() { r.recountServicesLocked(out.Services) })
			}
		}
	}
}

// contradictedClustersLocked are the clusters, by their keys, whose counts a list contradicts.
func (r *readers) contradictedClustersLocked() []string {
	keys := r.instances.contradictedLocked()
	for key := range r.missingServicesLocked() {
		keys = append(keys, key)
	}
	for _, in := range r.tasks.standalone.contradictedLocked() {
		keys = append(keys, in.key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// contradictedServicesLocked are the services of clusters, by the clusters' keys, whose
// counts a list contradicts: those whose tasks are too few, and all of a cluster that
// counts more tasks than theirs and the listed ones.
func (r *readers) contradictedServicesLocked() map[string][]string {
	services := make(map[string][]string)
	for _, s := range r.tasks.contradictedLocked() {
		key := r.rows.clusterKey(s.Cluster)
		services[key] = append(services[key], s.ARN)
	}
	for _, in := range r.tasks.standalone.contradictedLocked() {
		services[in.key] = nil
		for _, s := range r.rows.services.order {
			if s.Cluster == in.name {
				services[in.key] = append(services[in.key], s.ARN)
			}
		}
	}
	return services
}

func (r *readers) recountClustersLocked(keys []string, now []ecstypes.Cluster) {
	for i := range now {
		c := &now[i]
		for _, key := range keys {
			if key != awssdk.ToString(c.ClusterArn) && key != awssdk.ToString(c.ClusterName) {
				continue
			}
			listed := r.rows.clusters.get(key).ContainerInstances
			row := convert.Cluster(c)
			row.ContainerInstances = listed
			r.rows.clusters.putAs(key, row)
		}
	}
}

func (r *readers) recountServicesLocked(now []ecstypes.Service) {
	for _, s := range slices.Clone(r.rows.services.order) {
		for i := range now {
			if awssdk.ToString(now[i].ServiceArn) == s.ARN {
				r.rows.services.change(s.Ref().String(), func(row *model.Service) {
					row.RunningCount, row.PendingCount = int(now[i].RunningCount), int(now[i].PendingCount)
				})
			}
		}
	}
}
