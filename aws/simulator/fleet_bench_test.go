package simulator

import (
	"fmt"
	"testing"
)

// Each is a call as hopscope sends it about the largest fleet.
func BenchmarkFleet(b *testing.B) {
	s := New(Fleet(MaxFleet, 1), Options{})
	r := s.resources
	services, groups, targets := []string{}, params{}, params{}
	for i, svc := range r.clusters.all[0].services[:10] {
		services = append(services, svc.arn)
		groups.set("GroupId", i, r.groups.all[100*i].id)
		targets.set("TargetGroupArns.member", i, r.balancing.targetGroups[100*i].arn)
	}
	health := params{"TargetGroupArn": {r.balancing.targetGroups[7].arn}}
	var tasks []string
	for _, svc := range r.clusters.all[0].services {
		for _, t := range svc.running(s.clock()) {
			tasks = append(tasks, t.id)
		}
	}
	asJSON := func(members object) *request { return &request{body: raw(members), wire: wireJSON{version: "1.1"}} }
	for _, call := range []struct {
		action  string
		request *request
	}{
		{"ecs:ListServices", asJSON(object{"cluster": r.clusters.all[0].Name, "maxResults": 100})},
		{"ecs:DescribeServices", asJSON(object{"cluster": r.clusters.all[0].Name, "services": services})},
		{"ecs:DescribeTasks", asJSON(object{"cluster": r.clusters.all[0].Name, "tasks": tasks[:100]})},
		{"ec2:DescribeSecurityGroups", &request{params: groups, wire: wireEC2{}}},
		{"elasticloadbalancing:DescribeTargetGroups", &request{params: targets, wire: wireQuery{}}},
		{"elasticloadbalancing:DescribeTargetHealth", &request{params: health, wire: wireQuery{}}},
	} {
		b.Run(call.action, func(b *testing.B) {
			b.ReportAllocs()
			call.request.op = s.operations[call.action]
			for b.Loop() {
				if a, err := s.carryOut(call.request); err != nil || a.status != 200 {
					b.Fatal(err)
				}
			}
		})
	}
}

// set is the i-th of a list, from 0.
func (p params) set(list string, i int, value string) {
	p[fmt.Sprintf("%s.%d", list, i+1)] = []string{value}
}
