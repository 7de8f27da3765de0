package simulator

import (
	"fmt"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// revisions reads the service and the service revisions that its tasks run of.
func (b *bench) revisions(t *testing.T, cluster, name string) (types.Service, []types.ServiceRevision) {
	t.Helper()
	out, err := b.ecs.DescribeServices(
		t.Context(), &ecs.DescribeServicesInput{Cluster: &cluster, Services: []string{name}},
	)
	if err != nil {
		t.Fatal(err)
	}
	var arns []string
	for _, r := range out.Services[0].CurrentServiceRevisions {
		arns = append(arns, *r.Arn)
	}
	revisions, err := b.ecs.DescribeServiceRevisions(
		t.Context(), &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: arns},
	)
	if err != nil {
		t.Fatal(err)
	}
	return out.Services[0], revisions.ServiceRevisions
}

// balanced is a load balancer with a rule for each of two target groups.
const balanced = `
 "securityGroups": [{"name": "lb"}, {"name": "extra"}, {"name": "web", "ingress": [{"ports": 8080, "group": "lb"}]}],
 "targetGroups": [{"name": "one"}, {"name": "two"}],
 "loadBalancers": [{"name": "lb", "scheme": "internet-facing", "securityGroups": ["lb"], "listeners": [
  {"port": 443, "protocol": "HTTPS", "default": {"fixedResponse": {"statusCode": 404}}, "rules": [
   {"priority": 10, "conditions": [{"field": "host-header", "values": ["one"]}],
    "action": {"forward": [{"targetGroup": "one", "weight": 75}, {"targetGroup": "two", "weight": 25}]}}
  ]}
 ]}],
 "taskDefinitions": [{"family": "web", "containers": [{"name": "web", "portMappings": [{"name": "http",
  "containerPort": 8080, "appProtocol": "http"}]}]}],
 "clusters": [{"name": "prod"}]`

func Test_a_service_behind_a_gateway_names_no_load_balancer_but_its_revision_does(t *testing.T) {
	b := newBench(t, parse(t, `{`+balanced+`,
	 "services": [{"name": "web", "desiredCount": 2, "securityGroups": ["web"]}],
	 "gateways": [{"name": "edge", "loadBalancer": "lb", "securityGroup": "extra"}],
	 "gatewayRoutes": [
	  {"gateway": "edge", "service": "web", "portName": "http", "targetGroup": "one", "rule": "lb:443/10",
	   "healthCheckPort": 8081},
	  {"gateway": "old", "service": "web", "portName": "http", "status": "CREATE_FAILED"}
	 ]}`))
	service, revisions := b.revisions(t, "prod", "web")
	r := revisions[0]
	if len(service.LoadBalancers)+len(r.LoadBalancers) != 0 || r.ResolvedConfiguration != nil {
		t.Errorf("load balancers are named: %+v", service.LoadBalancers)
	}
	if c := r.GatewayConnectors; len(c) != 1 || *c[0].PortName != "http" || *c[0].HealthCheck.HealthCheckPort != 8081 {
		t.Errorf("the connectors are %+v", c)
	}
	c := r.EcsManagedResources.GatewayConnections[0]
	alb := c.Resources.(*types.GatewayConnectionResourcesMemberHostSharedAlb).Value[0]
	lb := b.resources.balancing.loadBalancers[0]
	got := []string{
		string(
			c.AccessType,
		), *c.PortName, string(c.Status), *alb.LoadBalancerArn, *alb.ListenerArn, *alb.ListenerRuleArn, *alb.TargetGroupArn,
		alb.LoadBalancerSecurityGroupArns[0],
	}
	want := []string{
		"PUBLIC", "http", "ACTIVE", lb.arn, lb.listeners[0].arn, lb.listeners[0].rules[0].ARN,
		b.resources.balancing.targetGroupARN("one"),
		b.resources.securityGroupARN(b.group(t, "extra")),
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || !strings.HasPrefix(*c.ServiceUrl, "https://web-") {
		t.Errorf("the connection is %v, want %v", got, want)
	}
	if got := b.registered(t, "one"); strings.Count(got, ":8080 healthy") != 2 {
		t.Errorf("the targets are %s", got)
	}
	routes, err := b.ecs.ListGatewayRoutes(
		t.Context(), &ecs.ListGatewayRoutesInput{Gateway: awssdk.String("edge"), Service: awssdk.String("web")},
	)
	if err != nil || len(routes.GatewayRoutes) != 1 || *routes.GatewayRoutes[0].GatewayRouteArn != *c.GatewayRouteArn {
		t.Errorf("the routes are %+v, %v", routes, err)
	}
}

func Test_an_Express_service_has_its_ways_in_from_ECS(t *testing.T) {
	b := newBench(t, parse(t, `{`+balanced+`,
	 "services": [{"name": "web", "securityGroups": ["web"], "resourceManagementType": "ECS",
	  "ingressPaths": [{"targetGroup": "two", "containerPort": 8080, "healthCheckPort": 9090, "rule": "lb:443/10"}]}]}`))
	service, revisions := b.revisions(t, "prod", "web")
	if service.ResourceManagementType != types.ResourceManagementTypeEcs || len(service.LoadBalancers) != 0 {
		t.Errorf("the service is %s with %+v", service.ResourceManagementType, service.LoadBalancers)
	}
	p := revisions[0].EcsManagedResources.IngressPaths[0]
	lb := b.resources.balancing.loadBalancers[0]
	g := p.TargetGroups[0]
	got := fmt.Sprint(
		p.AccessType, *p.LoadBalancer.Arn, *p.Listener.Arn, *p.Rule.Arn, *g.Arn, g.Port, g.HealthCheckPort, g.Status,
		*p.LoadBalancer.Scheme,
	)
	want := fmt.Sprint(
		"PUBLIC", lb.arn, lb.listeners[0].arn, lb.listeners[0].rules[0].ARN, b.resources.balancing.targetGroupARN("two"),
		8080, 9090, "ACTIVE", "internet-facing",
	)
	if got != want {
		t.Errorf("the path is %s, want %s", got, want)
	}
	if got := b.registered(t, "two"); !strings.HasSuffix(got, ":8080 healthy") {
		t.Errorf("the targets are %s", got)
	}
}

func Test_each_side_of_a_progressive_deployment_is_in_its_own_target_group(t *testing.T) {
	for _, strategy := range []string{"BLUE_GREEN", "LINEAR", "CANARY"} {
		b := newBench(t, parse(t, `{`+balanced+`,
		 "services": [{"name": "web", "securityGroups": ["web"], "deploymentStrategy": "`+strategy+`", "desiredCount": 2,
		  "runningCount": 3,
		  "loadBalancers": [{"targetGroup": "one", "containerName": "web", "containerPort": 8080,
		   "alternateTargetGroup": "two", "productionListenerRule": "lb:443/10"}],
		  "previousDeployments": [{"runningCount": 1}]}]}`))
		service, revisions := b.revisions(t, "prod", "web")
		for i, want := range []string{"two", "one"} {
			got := *revisions[i].ResolvedConfiguration.LoadBalancers[0].TargetGroupArn
			if got != b.resources.balancing.targetGroupARN(want) {
				t.Errorf("%s: revision %d is in %s, want %s", strategy, i, got, want)
			}
		}
		if one, two := b.registered(t, "one"), b.registered(t, "two"); strings.Count(
			one, ":8080",
		) != 1 || strings.Count(two, ":8080") != 2 {
			t.Errorf("%s: one has %s, two has %s", strategy, one, two)
		}
		out, err := b.ecs.DescribeServiceDeployments(t.Context(), &ecs.DescribeServiceDeploymentsInput{
			ServiceDeploymentArns: []string{*service.CurrentServiceDeployment},
		})
		if err != nil {
			t.Fatal(err)
		}
		d := out.ServiceDeployments[0]
		blue := *d.SourceServiceRevisions[0].RequestedProductionTrafficWeight
		if green := *d.TargetServiceRevision.RequestedProductionTrafficWeight; blue != 75 || green != 25 {
			t.Errorf("%s: the weights are %v and %v", strategy, blue, green)
		}
	}
}

func Test_task_sets_have_load_balancers_of_their_own(t *testing.T) {
	b := newBench(t, parse(t, `{`+balanced+`,
	 "services": [{"name": "web", "securityGroups": ["web"], "deploymentController": "CODE_DEPLOY", "desiredCount": 1,
	  "runningCount": 2,
	  "loadBalancers": [{"targetGroup": "two", "containerName": "web", "containerPort": 8080}],
	  "previousDeployments": [{"runningCount": 1, "loadBalancers": [{"targetGroup": "one", "containerName": "web",
	   "containerPort": 8080}]}]}]}`))
	out, err := b.ecs.DescribeServices(
		t.Context(), &ecs.DescribeServicesInput{Cluster: awssdk.String("prod"), Services: []string{"web"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	s := out.Services[0]
	if len(s.Deployments) != 0 || len(s.TaskSets) != 2 || len(s.CurrentServiceRevisions) != 0 {
		t.Fatalf("the service is %+v", s)
	}
	for i, want := range []string{"PRIMARY two", "ACTIVE one"} {
		set := s.TaskSets[i]
		status, name, _ := strings.Cut(want, " ")
		if *set.Status != status || *set.LoadBalancers[0].TargetGroupArn != b.resources.balancing.targetGroupARN(name) {
			t.Errorf("task set %d is %s in %s, want %s", i, *set.Status, *set.LoadBalancers[0].TargetGroupArn, want)
		}
		if got := b.registered(t, name); strings.Count(got, ":8080 healthy") != 1 {
			t.Errorf("the targets of %s are %s", name, got)
		}
	}
}
