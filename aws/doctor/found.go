package doctor

import (
	"regexp"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/model"
)

// found is what the trials found that others ask about.
type found struct {
	// clusters are those that the source reads; described says more of them.
	clusters  []string
	described []ecstypes.Cluster

	// serviceCluster is the cluster that services are of, and so on.
	serviceCluster, taskCluster, instanceCluster string
	services, revisions, tasks, instances        []string
	taskDefinition                               string
	// roles are those that the Service Connect blocks of services name.
	roles []string

	loadBalancers, listeners, targetGroups []string

	groups     []ec2types.SecurityGroup
	prefixList string

	// namespaces are ARNs.
	namespaces []string
}

var accountForm = regexp.MustCompile(`^\d{12}$`)

// account is the account's number, "" where no cluster tells it.
func (f *found) account() string {
	for _, arn := range f.clusters {
		if a := model.ARNAccount(arn); accountForm.MatchString(a) {
			return a
		}
	}
	return ""
}

// busiest is the cluster with the most of something, the first where none is described.
func (f *found) busiest(count func(*ecstypes.Cluster) int32) string {
	if len(f.clusters) == 0 {
		return ""
	}
	best, most := f.clusters[0], int32(0)
	for i := range f.described {
		c := &f.described[i]
		if n := count(c); c.ClusterArn != nil && n > most && slices.Contains(f.clusters, *c.ClusterArn) {
			best, most = *c.ClusterArn, n
		}
	}
	return best
}

// first are the first few of some.
func first(n int, all []string) []string { return all[:min(n, len(all))] }

// present leaves out what an answer has no value for.
func present(all []*string) []string {
	names := awssdk.ToStringSlice(all)
	return slices.DeleteFunc(names, func(s string) bool { return s == "" })
}
