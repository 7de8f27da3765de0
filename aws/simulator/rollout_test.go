package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/google/go-cmp/cmp"
)

// post sends a raw JSON call of ECS, as a client newer than the SDK would.
func (b *bench) post(t *testing.T, operation, body string) (status int, reply string) {
	t.Helper()
	r, err := http.NewRequestWithContext(
		t.Context(), http.MethodPost, "https://ecs.ap-northeast-1.amazonaws.com/", strings.NewReader(body),
	)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113."+operation)
	resp, err := b.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// shape is the deployments of a service in one line.
func (b *bench) shape(t *testing.T, name string) string {
	t.Helper()
	out, err := b.ecs.DescribeServices(
		t.Context(), &ecs.DescribeServicesInput{Cluster: awssdk.String("sample-cluster"), Services: []string{name}},
	)
	if err != nil {
		t.Fatal(err)
	}
	s := out.Services[0]
	line := fmt.Sprintf("%d/%d", s.RunningCount, s.DesiredCount)
	for _, d := range s.Deployments {
		line += fmt.Sprintf(" %s %d+%d/%d %s", *d.Status, d.RunningCount, d.PendingCount, d.DesiredCount, d.RolloutState)
	}
	return line
}

func Test_a_rollout_replaces_one_task_after_the_other(t *testing.T) {
	w := load(t, "article")
	w.Services[0].DesiredCount = awssdk.Int(4)
	b := newBench(t, w)
	_, err := b.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: awssdk.String("sample-cluster"), Service: awssdk.String("sample-ecs-app"), ForceNewDeployment: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	start := b.now
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "4/4 PRIMARY 0+4/4 IN_PROGRESS ACTIVE 4+0/4 COMPLETED"},
		{1900 * time.Millisecond, "4/4 PRIMARY 0+4/4 IN_PROGRESS ACTIVE 4+0/4 COMPLETED"},
		{2 * time.Second, "4/4 PRIMARY 1+3/4 IN_PROGRESS ACTIVE 3+0/3 COMPLETED"},
		{6 * time.Second, "4/4 PRIMARY 3+1/4 IN_PROGRESS ACTIVE 1+0/1 COMPLETED"},
		{9 * time.Second, "4/4 PRIMARY 4+0/4 IN_PROGRESS ACTIVE 0+0/0 COMPLETED"},
		{10 * time.Second, "4/4 PRIMARY 4+0/4 COMPLETED"},
	} {
		b.now = start.Add(c.after)
		if got := b.shape(t, "sample-ecs-app"); got != c.want {
			t.Errorf("after %s: %s, want %s", c.after, got, c.want)
		}
	}
	out, err := b.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{
		Cluster: awssdk.String("sample-cluster"), Services: []string{"sample-ecs-app"},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := out.Services[0].Events[0]
	if *e.Message != "(service sample-ecs-app) has reached a steady state." ||
		!e.CreatedAt.Equal(start.Add(10*time.Second)) {
		t.Errorf("the newest event is %q at %s", *e.Message, e.CreatedAt)
	}
}

func Test_an_update_during_a_rollout_replaces_both_deployments(t *testing.T) {
	w := load(t, "article")
	w.Services[0].DesiredCount = awssdk.Int(4)
	b := newBench(t, w)
	again := func() {
		t.Helper()
		if _, err := b.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
			Cluster: awssdk.String("sample-cluster"), Service: awssdk.String("sample-ecs-app"), ForceNewDeployment: true,
		}); err != nil {
			t.Fatal(err)
		}
	}
	again()
	b.now = b.now.Add(4 * time.Second)
	again()
	want := "4/4 PRIMARY 0+4/4 IN_PROGRESS ACTIVE 2+0/2 IN_PROGRESS ACTIVE 2+0/2 COMPLETED"
	if got := b.shape(t, "sample-ecs-app"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b.now = b.now.Add(6 * time.Second)
	want = "4/4 PRIMARY 3+1/4 IN_PROGRESS ACTIVE 1+0/1 IN_PROGRESS ACTIVE 0+0/0 COMPLETED"
	if got := b.shape(t, "sample-ecs-app"); got != want {
		t.Errorf("%s, want %s: the oldest tasks stop first", got, want)
	}
	b.now = b.now.Add(4 * time.Second)
	if got := b.shape(t, "sample-ecs-app"); got != "4/4 PRIMARY 4+0/4 COMPLETED" {
		t.Errorf("in the end %s", got)
	}
	deployments, err := b.ecs.ListServiceDeployments(t.Context(), &ecs.ListServiceDeploymentsInput{
		Cluster: awssdk.String("sample-cluster"), Service: awssdk.String("sample-ecs-app"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, d := range deployments.ServiceDeployments {
		states = append(states, string(d.Status))
	}
	if diff := cmp.Diff([]string{"SUCCESSFUL", "STOPPED", "SUCCESSFUL"}, states); diff != "" {
		t.Error(diff)
	}
}

func Test_the_desired_count_alone_makes_no_deployment(t *testing.T) {
	b := newBench(t, load(t, "article"))
	out, err := b.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: awssdk.String("sample-cluster"), Service: awssdk.String("sample-ecs-app"), DesiredCount: awssdk.Int32(3),
	})
	if err != nil {
		t.Fatal(err)
	}
	if s := out.Service; len(s.Deployments) != 1 || s.RunningCount != 3 || s.DesiredCount != 3 {
		t.Errorf("the service is %+v", s)
	}
	tasks, err := b.ecs.ListTasks(t.Context(), &ecs.ListTasksInput{
		Cluster: awssdk.String("sample-cluster"), ServiceName: awssdk.String("sample-ecs-app"),
	})
	if err != nil || len(tasks.TaskArns) != 3 {
		t.Errorf("the tasks are %v, %v", tasks, err)
	}
}

func Test_what_ECS_refuses_is_refused(t *testing.T) {
	w := load(t, "article")
	w.Services[1].DeploymentController = "CODE_DEPLOY"
	b := newBench(t, w)
	endpoint := func(port string, override int32) *types.ServiceConnectConfiguration {
		return &types.ServiceConnectConfiguration{
			Enabled: true, Namespace: awssdk.String("sample-namespace"),
			Services: []types.ServiceConnectService{{PortName: &port, IngressPortOverride: awssdk.Int32(override)}},
		}
	}
	for _, c := range []struct {
		name, service, message string
		in                     ecs.UpdateServiceInput
	}{
		{"an override of 1024", "sample-ecs-app", "IngressPortOverride cannot use ports <= 1024.", ecs.UpdateServiceInput{
			ServiceConnectConfiguration: endpoint("app", 1024),
		}},
		{"an override of 0", "sample-ecs-app", "IngressPortOverride cannot use ports <= 1024.", ecs.UpdateServiceInput{
			ServiceConnectConfiguration: endpoint("app", 0),
		}},
		{"a port name that is not mapped", "sample-ecs-app", "portName http", ecs.UpdateServiceInput{
			ServiceConnectConfiguration: endpoint("http", 8080),
		}},
		{"a task definition without the port", "sample-ecs-app", "portName app", ecs.UpdateServiceInput{
			TaskDefinition: awssdk.String("client-service"),
		}},
		{"Service Connect with CODE_DEPLOY", "client-service", "CODE_DEPLOY", ecs.UpdateServiceInput{
			ServiceConnectConfiguration: &types.ServiceConnectConfiguration{},
		}},
		{"a subnet that does not exist", "sample-ecs-app", "subnet-1", ecs.UpdateServiceInput{
			NetworkConfiguration: &types.NetworkConfiguration{
				AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}},
			},
		}},
		{"a container port that is not mapped", "sample-ecs-app", "did not have a container port 81", ecs.UpdateServiceInput{
			LoadBalancers: []types.LoadBalancer{{
				TargetGroupArn: awssdk.String(
					b.resources.balancing.targetGroupARN("sample-ecs-app"),
				),
				ContainerName: awssdk.String("App"), ContainerPort: awssdk.Int32(81),
			}},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := b.shape(t, c.service)
			c.in.Cluster, c.in.Service = awssdk.String("sample-cluster"), &c.service
			_, err := b.ecs.UpdateService(t.Context(), &c.in)
			ae := requireCode(t, err, "InvalidParameterException")
			if !strings.Contains(ae.ErrorMessage(), c.message) {
				t.Errorf("the message is %q, want %q in it", ae.ErrorMessage(), c.message)
			}
			if after := b.shape(t, c.service); after != before {
				t.Errorf("a refused update changed %s to %s", before, after)
			}
		})
	}
}

func Test_the_block_is_replaced_as_a_whole_and_unknown_members_survive(t *testing.T) {
	b := newBench(t, load(t, "article"))
	const sent = `{"enabled":true,"namespace":"sample-namespace","futureField":{"deep":[1,2.50,null]},"services":[` +
		`{"portName":"app","ingressPortOverride":8080,"futureInner":"x"}],` +
		`"containerConfigurations":[{"logLevel":"debug"},{"futureUnion":"z"}]}`
	status, reply := b.post(
		t, "UpdateService",
		`{"cluster":"sample-cluster","service":"sample-ecs-app","futureParameter":1,"serviceConnectConfiguration":`+sent+`}`,
	)
	if status != http.StatusOK {
		t.Fatal(reply)
	}
	b.now = b.now.Add(time.Minute)
	_, reply = b.post(t, "DescribeServices", `{"cluster":"sample-cluster","services":["sample-ecs-app"]}`)
	var read struct {
		Services []struct {
			Deployments []struct {
				ServiceConnectConfiguration json.RawMessage
			}
		}
	}
	if err := json.Unmarshal([]byte(reply), &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, string(read.Services[0].Deployments[0].ServiceConnectConfiguration)); diff != "" {
		t.Error(diff)
	}
}

func Test_a_rollout_makes_a_service_revision_and_the_old_one_can_still_be_read(t *testing.T) {
	b := newBench(t, load(t, "article"))
	cluster, service := awssdk.String("sample-cluster"), awssdk.String("sample-ecs-app")
	read := func() types.Service {
		t.Helper()
		out, err := b.ecs.DescribeServices(
			t.Context(), &ecs.DescribeServicesInput{Cluster: cluster, Services: []string{*service}},
		)
		if err != nil {
			t.Fatal(err)
		}
		return out.Services[0]
	}
	before := *read().CurrentServiceRevisions[0].Arn
	sc := read().Deployments[0].ServiceConnectConfiguration
	sc.Services[0].IngressPortOverride = awssdk.Int32(8080)
	if _, err := b.ecs.UpdateService(
		t.Context(), &ecs.UpdateServiceInput{Cluster: cluster, Service: service, ServiceConnectConfiguration: sc},
	); err != nil {
		t.Fatal(err)
	}
	running, err := b.ecs.DescribeServiceDeployments(
		t.Context(), &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*read().CurrentServiceDeployment}},
	)
	if err != nil || running.ServiceDeployments[0].Status != types.ServiceDeploymentStatusInProgress ||
		*running.ServiceDeployments[0].SourceServiceRevisions[0].Arn != before {
		t.Errorf("the deployment is %+v, %v", running, err)
	}
	b.now = b.now.Add(time.Minute)
	after := read().CurrentServiceRevisions
	if len(after) != 1 || *after[0].Arn == before {
		t.Fatalf("the revisions are %+v", after)
	}
	out, err := b.ecs.DescribeServiceRevisions(
		t.Context(), &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{before, *after[0].Arn, "arn:nothing"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	var overrides []int32
	for _, r := range out.ServiceRevisions {
		overrides = append(overrides, awssdk.ToInt32(r.ServiceConnectConfiguration.Services[0].IngressPortOverride))
	}
	if diff := cmp.Diff([]int32{0, 8080}, overrides); diff != "" || len(out.Failures) != 1 {
		t.Errorf("%s, failures %v", diff, out.Failures)
	}
}

func Test_targets_follow_the_tasks_of_a_rollout(t *testing.T) {
	b := newBench(t, load(t, "article"))
	targets := func() map[string]string {
		t.Helper()
		out, err := b.elb.DescribeTargetHealth(t.Context(), &elb.DescribeTargetHealthInput{
			TargetGroupArn: awssdk.String(b.resources.balancing.targetGroupARN("sample-ecs-app")),
		})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		for _, d := range out.TargetHealthDescriptions {
			found[fmt.Sprintf("%s:%d", *d.Target.Id, *d.Target.Port)] = string(d.TargetHealth.State)
		}
		return found
	}
	before := targets()
	if len(before) != 1 {
		t.Fatalf("the targets are %v", before)
	}
	if _, err := b.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: awssdk.String("sample-cluster"), Service: awssdk.String("sample-ecs-app"), ForceNewDeployment: true,
	}); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(time.Minute)
	after := targets()
	for target, state := range after {
		if state != "healthy" || before[target] != "" || len(after) != 1 {
			t.Errorf("the targets were %v and are %v", before, after)
		}
	}
}
