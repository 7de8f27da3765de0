package reach_test

import (
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
)

// A fact that is missing of every service makes no path for each pair of them: the paths
// grow with the services, whatever is denied or still loading.
func TestPathsGrowWithTheServicesWhateverIsMissing(t *testing.T) {
	t.Parallel()
	count := func(n int, build func(uint64, int) *model.Snapshot, actions ...model.Action) int {
		s := build(1, n)
		for _, action := range actions {
			modeltest.Deny(s, action)
		}
		return len(reach.Paths(model.NewIndex(s)))
	}
	fleets := map[string]func(uint64, int) *model.Snapshot{"fleet": modeltest.Fleet, "mesh": modeltest.Mesh}
	for _, missing := range [][]model.Action{
		{},
		{model.DescribeSecurityGroups},
		{model.DescribeSubnets},
		{model.DescribeNetworkAcls},
		{model.DescribeTaskDefinition},
		{model.DescribeServices},
		{model.ListNamespaces},
		{model.DescribeTargetGroups},
		{model.DescribeLoadBalancers},
		{model.DescribeSecurityGroups, model.DescribeSubnets},
		{model.DescribeSecurityGroups, model.DescribeTaskDefinition},
		{model.DescribeSecurityGroups, model.DescribeNetworkAcls, model.DescribeSubnets, model.DescribeTaskDefinition},
	} {
		for name, build := range fleets {
			few, many := count(100, build, missing...), count(400, build, missing...)
			if many > 5*few+20 {
				t.Errorf("%s without %v: %d paths at 100 services, %d at 400", name, missing, few, many)
			}
		}
	}
}
