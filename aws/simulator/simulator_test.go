package simulator

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/google/go-cmp/cmp"
)

// bench is a simulator with the SDK's clients on it and a clock that only the
// test moves.
type bench struct {
	*Simulator
	now time.Time

	ecs *ecs.Client
	ec2 *ec2.Client
	elb *elb.Client
	sd  *servicediscovery.Client
}

func newBench(t *testing.T, w *World) *bench {
	t.Helper()
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	b := &bench{now: time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC)}
	b.Simulator = New(w, Options{Clock: func() time.Time { return b.now }, RolloutTime: 10 * time.Second})
	config := awssdk.Config{
		Region:           "ap-northeast-1",
		Credentials:      awssdk.CredentialsProviderFunc(fakeCredentials),
		HTTPClient:       &http.Client{Transport: b.Simulator},
		RetryMaxAttempts: 1,
	}
	b.ecs = ecs.NewFromConfig(config)
	b.ec2 = ec2.NewFromConfig(config)
	b.elb = elb.NewFromConfig(config)
	b.sd = servicediscovery.NewFromConfig(config)
	return b
}

// group is the id of a security group of the first VPC.
func (b *bench) group(t *testing.T, name string) string {
	t.Helper()
	g := b.resources.groups.named(name, b.resources.network.vpcs[0])
	if g == nil {
		t.Fatalf("there is no group %s", name)
	}
	return g.id
}

func fakeCredentials(context.Context) (awssdk.Credentials, error) {
	return awssdk.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "secret"}, nil
}

func load(t *testing.T, name string) *World {
	t.Helper()
	w, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func Test_the_article_world_is_as_the_design_says(t *testing.T) {
	b := newBench(t, load(t, "article"))
	clusters, err := b.ecs.ListClusters(t.Context(), &ecs.ListClustersInput{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(
		[]string{"arn:aws:ecs:ap-northeast-1:123456789012:cluster/sample-cluster"}, clusters.ClusterArns,
	); diff != "" {
		t.Fatal(diff)
	}
	services, err := b.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{
		Cluster: awssdk.String("sample-cluster"), Services: []string{"sample-ecs-app", "client-service", "none"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(services.Services) != 2 || len(services.Failures) != 1 || *services.Failures[0].Reason != "MISSING" {
		t.Fatalf("services %v, failures %v", services.Services, services.Failures)
	}
	app := services.Services[0]
	sc := app.Deployments[0].ServiceConnectConfiguration
	endpoint := sc.Services[0]
	if *endpoint.PortName != "app" || endpoint.IngressPortOverride != nil || *endpoint.ClientAliases[0].Port != 80 {
		t.Errorf("the endpoint is %+v", sc.Services[0])
	}
	if app.RunningCount != 1 || *app.LoadBalancers[0].ContainerPort != 80 || *app.LoadBalancers[0].ContainerName != "App" {
		t.Errorf("the service is %+v", app)
	}
	definition, err := b.ecs.DescribeTaskDefinition(
		t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: app.TaskDefinition},
	)
	if err != nil {
		t.Fatal(err)
	}
	if m := definition.TaskDefinition.ContainerDefinitions[0].PortMappings[0]; *m.Name != "app" || *m.HostPort != 80 {
		t.Errorf("the port mapping is %+v", m)
	}
	groups, err := b.ec2.DescribeSecurityGroups(
		t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: app.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups},
	)
	if err != nil {
		t.Fatal(err)
	}
	if p := groups.SecurityGroups[0].IpPermissions; len(p) != 1 || *p[0].FromPort != 80 || len(
		p[0].UserIdGroupPairs,
	) != 2 {
		t.Errorf("the server's group admits %+v", p)
	}
	listeners, err := b.elb.DescribeTargetGroups(
		t.Context(), &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{*app.LoadBalancers[0].TargetGroupArn}},
	)
	if err != nil {
		t.Fatal(err)
	}
	if g := listeners.TargetGroups[0]; len(g.LoadBalancerArns) != 1 || *g.HealthCheckPort != "traffic-port" {
		t.Errorf("the target group is %+v", g)
	}
	namespaces, err := b.sd.ListNamespaces(t.Context(), &servicediscovery.ListNamespacesInput{})
	if err != nil {
		t.Fatal(err)
	}
	if n := namespaces.Namespaces; len(n) != 1 || *n[0].Name != "sample-namespace" {
		t.Errorf("the namespaces are %+v", n)
	}
}

func Test_concurrent_calls_are_all_answered_and_logged(t *testing.T) {
	b := newBench(t, load(t, "article"))
	callers := b.callers(t.Context())
	const each = 20
	errs := make(chan error, each*len(callers))
	var all sync.WaitGroup
	for _, call := range callers {
		for range each {
			all.Go(func() { errs <- call() })
		}
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if got := len(b.Calls()); got != each*len(callers) {
		t.Errorf("%d calls are logged, want %d", got, each*len(callers))
	}
}
