package simulator

import (
	"fmt"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// parse reads a world that a test writes down.
func parse(t *testing.T, text string) *World {
	t.Helper()
	w, err := ParseWorld([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// registered are the targets of a group in one line.
func (b *bench) registered(t *testing.T, name string) string {
	t.Helper()
	out, err := b.elb.DescribeTargetHealth(t.Context(), &elb.DescribeTargetHealthInput{
		TargetGroupArn: awssdk.String(b.resources.balancing.targetGroupARN(name)),
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range out.TargetHealthDescriptions {
		all = append(all, strings.TrimSpace(
			fmt.Sprintf("%s:%d %s %s", *d.Target.Id, *d.Target.Port, d.TargetHealth.State, d.TargetHealth.Reason),
		))
	}
	return strings.Join(all, ", ")
}

func Test_a_target_by_hand_may_be_a_port_that_ECS_would_not_register(t *testing.T) {
	b := newBench(t, parse(t, `{
	 "securityGroups": [{"name": "lb"}, {"name": "web", "ingress": [{"ports": 18080, "group": "lb"}]}],
	 "targetGroups": [{"name": "web"}, {"name": "agent", "targets": [{"service": "web", "port": 18080},
	  {"address": "10.0.9.9", "port": 80}, {"service": "idle", "port": 1}]}],
	 "loadBalancers": [{"name": "lb", "securityGroups": ["lb"], "listeners": [
	  {"port": 80, "default": {"forward": "web"}}, {"port": 81, "default": {"forward": "agent"}}
	 ]}],
	 "taskDefinitions": [{"family": "web", "containers": [{"name": "web", "portMappings": [{"containerPort": 80}]}]}],
	 "services": [
	  {"name": "web", "desiredCount": 2, "securityGroups": ["web"], "loadBalancers": [{"targetGroup": "web",
	   "containerName": "web", "containerPort": 80}]},
	  {"name": "idle", "taskDefinition": "web", "desiredCount": 0}
	 ]}`))
	first := b.resources.clusters.service("", "web").running(b.now)[0].address
	if got, want := b.registered(t, "agent"), first+":18080 healthy, 10.0.9.9:80 healthy"; got != want {
		t.Errorf("the targets by hand are %s, want %s", got, want)
	}
	if got := b.registered(t, "web"); strings.Count(got, ":80 unhealthy Target.Timeout") != 2 {
		t.Errorf("the group admits port 18080 alone, and yet the targets on port 80 are %s", got)
	}
}

func Test_targets_are_as_the_world_says_where_the_network_lets_them(t *testing.T) {
	const world = `{
	 "securityGroups": [{"name": "lb"}, {"name": "web", "ingress": [{"ports": 80, "group": "lb"}]}],
	 "targetGroups": [{"name": "web", "health": [
	  {"targets": 1, "state": "initial", "reason": "Elb.InitialHealthChecking"},
	  {"state": "unhealthy", "reason": "Target.ResponseCodeMismatch",
	    "description": "Health checks failed with these codes: [404]"}]},
	  {"name": "emptied", "deregistered": true}],
	 "loadBalancers": [{"name": "lb", "securityGroups": ["lb"], "listeners": [
	  {"port": 80, "default": {"forward": "web"}}, {"port": 81, "default": {"forward": "emptied"}}
	 ]}],
	 "taskDefinitions": [{"family": "web", "containers": [{"name": "web", "portMappings": [{"containerPort": 80}]}]}],
	 "services": [{"name": "web", "desiredCount": 3, "securityGroups": ["web"], "loadBalancers": [
	  {"targetGroup": "web", "containerName": "web", "containerPort": 80},
	  {"targetGroup": "emptied", "containerName": "web", "containerPort": 80}]}]}`
	b := newBench(t, parse(t, world))
	got := b.registered(t, "web")
	if strings.Count(got, ":80 initial Elb.InitialHealthChecking") != 1 ||
		strings.Count(got, ":80 unhealthy Target.ResponseCodeMismatch") != 2 {
		t.Errorf("the targets are %s", got)
	}
	if got := b.registered(t, "emptied"); got != "" {
		t.Errorf("the targets that were taken out are %s", got)
	}
	blocked := newBench(t, parse(t, strings.Replace(world, `"group": "lb"`, `"cidr": "192.0.2.1/32"`, 1)))
	if got := blocked.registered(t, "web"); strings.Count(got, ":80 unhealthy Target.Timeout") != 3 {
		t.Errorf("the group refuses the checks, and the targets are %s", got)
	}
}
