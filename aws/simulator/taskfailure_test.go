package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// failing is the article with two server tasks, whose next deployment fails.
func failing(t *testing.T, breaker string) *bench {
	t.Helper()
	w := load(t, "article")
	w.Services[0].DesiredCount = awssdk.Int(2)
	if breaker != "" {
		w.Services[0].DeploymentConfiguration = json.RawMessage(`{"deploymentCircuitBreaker":` + breaker + `}`)
	}
	w.Faults.Deployments = []DeploymentFailure{{Service: "sample-cluster/sample-ecs-app", Times: 1}}
	return newBench(t, w)
}

// deploy starts a deployment of the article's server.
func (b *bench) deploy(t *testing.T) {
	t.Helper()
	if _, err := b.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: awssdk.String("sample-cluster"), Service: awssdk.String("sample-ecs-app"), ForceNewDeployment: true,
	}); err != nil {
		t.Fatal(err)
	}
}

// failures are the deployments with their failed tasks and reasons, and the newest
// events, oldest first.
func (b *bench) failures(t *testing.T, events int) []string {
	t.Helper()
	out, err := b.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{
		Cluster: awssdk.String("sample-cluster"), Services: []string{"sample-ecs-app"},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := out.Services[0]
	var lines []string
	ids := map[string]string{}
	for _, d := range s.Deployments {
		ids[*d.Id] = fmt.Sprintf("ecs-svc/%d", len(ids))
		lines = append(
			lines, fmt.Sprintf(
				"%s %d+%d %s, %d failed: %s", *d.Status, d.RunningCount, d.PendingCount, d.RolloutState, d.FailedTasks,
				*d.RolloutStateReason,
			),
		)
	}
	for i := events - 1; i >= 0; i-- {
		lines = append(lines, *s.Events[i].Message)
	}
	for i := range lines {
		for id, short := range ids {
			lines[i] = strings.ReplaceAll(lines[i], id, short)
		}
	}
	return lines
}

func Test_a_failed_deployment_is_rolled_back_by_the_circuit_breaker(t *testing.T) {
	b := failing(t, "")
	b.deploy(t)
	b.now = b.now.Add(5 * time.Second)
	want := []string{
		"PRIMARY 0+2 IN_PROGRESS, 1 failed: ECS deployment ecs-svc/0 in progress.",
		"ACTIVE 2+0 COMPLETED, 0 failed: ECS deployment ecs-svc/1 completed.",
	}
	if diff := cmp.Diff(want, b.failures(t, 0)); diff != "" {
		t.Error(diff)
	}
	b.now = b.now.Add(6 * time.Second)
	want = []string{
		"PRIMARY 0+2 IN_PROGRESS, 0 failed: ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/2.",
		"ACTIVE 0+0 FAILED, 3 failed: ECS deployment circuit breaker: tasks failed to start.",
		"ACTIVE 2+0 COMPLETED, 0 failed: ECS deployment ecs-svc/2 completed.",
		"(service sample-ecs-app) (deployment ecs-svc/1) deployment failed: tasks failed to start.",
		"(service sample-ecs-app) rolling back to deployment ecs-svc/2.",
		"(service sample-ecs-app) has started 2 tasks.",
	}
	if diff := cmp.Diff(want, b.failures(t, 3)); diff != "" {
		t.Error(diff)
	}
	b.now = b.now.Add(time.Minute)
	if got := b.shape(t, "sample-ecs-app"); got != "2/2 PRIMARY 2+0/2 COMPLETED" {
		t.Errorf("in the end %s", got)
	}
	out, err := b.ecs.ListServiceDeployments(t.Context(), &ecs.ListServiceDeploymentsInput{
		Cluster: awssdk.String("sample-cluster"), Service: awssdk.String("sample-ecs-app"),
	})
	if err != nil || len(out.ServiceDeployments) != 3 || out.ServiceDeployments[1].Status != "ROLLBACK_SUCCESSFUL" {
		t.Errorf("the deployments are %+v, %v", out, err)
	}
	b.deploy(t)
	b.now = b.now.Add(time.Minute)
	if got := b.shape(t, "sample-ecs-app"); got != "2/2 PRIMARY 2+0/2 COMPLETED" {
		t.Errorf("the next deployment ends as %s: one was to fail", got)
	}
}

func Test_without_rollback_the_failed_deployment_stays_in_front_of_the_old_tasks(t *testing.T) {
	b := failing(t, `{"enable":true,"rollback":false}`)
	b.deploy(t)
	b.now = b.now.Add(time.Hour)
	want := []string{
		"PRIMARY 0+0 FAILED, 3 failed: ECS deployment circuit breaker: tasks failed to start.",
		"ACTIVE 2+0 COMPLETED, 0 failed: ECS deployment ecs-svc/1 completed.",
		"(service sample-ecs-app) (deployment ecs-svc/0) deployment failed: tasks failed to start.",
	}
	if diff := cmp.Diff(want, b.failures(t, 1)); diff != "" {
		t.Error(diff)
	}
}

func Test_without_a_circuit_breaker_tasks_go_on_failing(t *testing.T) {
	b := failing(t, `{"enable":false,"rollback":false}`)
	b.deploy(t)
	b.now = b.now.Add(20 * time.Second)
	b.failures(t, 0)
	b.now = b.now.Add(20 * time.Second)
	want := []string{
		"PRIMARY 0+2 IN_PROGRESS, 12 failed: ECS deployment ecs-svc/0 in progress.",
		"ACTIVE 2+0 COMPLETED, 0 failed: ECS deployment ecs-svc/1 completed.",
		"(service sample-ecs-app) has started 2 tasks.",
		"(service sample-ecs-app) is unable to consistently start tasks successfully. " +
			"For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
	}
	if diff := cmp.Diff(want, b.failures(t, 2)); diff != "" {
		t.Error(diff)
	}
	b.deploy(t)
	b.now = b.now.Add(time.Minute)
	if got := b.shape(t, "sample-ecs-app"); got != "2/2 PRIMARY 2+0/2 COMPLETED" {
		t.Errorf("another deployment ends as %s", got)
	}
}

func Test_a_fault_of_deployments_names_a_service_that_exists(t *testing.T) {
	w := load(t, "article")
	w.Faults.Deployments = []DeploymentFailure{{Service: "nothing"}}
	if err := w.Check(); err == nil || !strings.Contains(
		err.Error(), `faults.deployments[0] "nothing": service "nothing" is not defined`,
	) {
		t.Errorf("the error is %v", err)
	}
	w = load(t, "article")
	w.Services[0].DeploymentConfiguration = json.RawMessage(`[1]`)
	if err := w.Check(); err == nil || !strings.Contains(err.Error(), "deploymentConfiguration is not an object") {
		t.Errorf("the error is %v", err)
	}
}

func Test_a_lost_reply_belongs_to_a_call_that_was_carried_out(t *testing.T) {
	b := newBench(t, load(t, "article"))
	b.SetFaults(Faults{Fail: []Failure{{Action: "ec2:Authorize*", With: Lost, Times: 1}}})
	id := b.group(t, "client-service")
	in := &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: tcp(80, fromGroup(id))}
	_, err := b.ec2.AuthorizeSecurityGroupIngress(t.Context(), in)
	var api smithy.APIError
	if err == nil || errors.As(err, &api) {
		t.Errorf("the error is %v", err)
	}
	if got := b.ingress(t, id); len(got) != 1 {
		t.Errorf("the group admits %v", got)
	}
	_, err = b.ec2.AuthorizeSecurityGroupIngress(t.Context(), in)
	requireCode(t, err, "InvalidPermission.Duplicate")
}

func Test_a_dry_run_of_each_change_of_a_group_changes_nothing(t *testing.T) {
	b := newBench(t, load(t, "article"))
	id, dry := b.group(t, "sample-ecs-app"), awssdk.Bool(true)
	before := b.ingress(t, id)
	there, client := tcp(80, fromGroup(b.group(t, "client-service"))), tcp(443, fromGroup(id))
	calls := map[string]func() error{
		"authorize ingress": func() error {
			_, err := b.ec2.AuthorizeSecurityGroupIngress(
				t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: client, DryRun: dry},
			)
			return err
		},
		"authorize egress": func() error {
			_, err := b.ec2.AuthorizeSecurityGroupEgress(
				t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &id, IpPermissions: client, DryRun: dry},
			)
			return err
		},
		"revoke ingress": func() error {
			_, err := b.ec2.RevokeSecurityGroupIngress(
				t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &id, IpPermissions: there, DryRun: dry},
			)
			return err
		},
		"revoke egress": func() error {
			_, err := b.ec2.RevokeSecurityGroupEgress(t.Context(),
				&ec2.RevokeSecurityGroupEgressInput{GroupId: &id, DryRun: dry, IpPermissions: []types.IpPermission{
					{IpProtocol: awssdk.String("-1"), IpRanges: []types.IpRange{{CidrIp: awssdk.String("0.0.0.0/0")}}},
				}})
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) { requireCode(t, call(), "DryRunOperation") })
	}
	b.SetFaults(Faults{Fail: []Failure{{Action: "ec2:*SecurityGroup*gress", With: AccessDenied}}})
	for name, call := range calls {
		t.Run(name+", denied", func(t *testing.T) { requireCode(t, call(), "UnauthorizedOperation") })
	}
	b.SetFaults(Faults{})
	if diff := cmp.Diff(before, b.ingress(t, id)); diff != "" {
		t.Error(diff)
	}
}

// Sixty rules of each IP version: a group counts for both, a prefix list for each of
// its entries.
func Test_rules_are_counted_by_IP_version(t *testing.T) {
	v4 := func(i int) types.IpPermission {
		return types.IpPermission{IpRanges: []types.IpRange{{CidrIp: awssdk.String(fmt.Sprintf("10.0.%d.0/24", i))}}}
	}
	v6 := func(i int) types.IpPermission {
		return types.IpPermission{
			Ipv6Ranges: []types.Ipv6Range{{CidrIpv6: awssdk.String(fmt.Sprintf("2001:db8:%x::/48", i))}},
		}
	}
	w := load(t, "article")
	w.PrefixLists = []PrefixList{
		{Name: "two", ID: "pl-0123456789abcdef0", Entries: []string{"192.0.2.0/24", "198.51.100.0/24"}},
	}
	for _, c := range []struct {
		name  string
		fill  func(int) types.IpPermission
		n     int
		last  types.IpPermission
		fails bool
	}{
		{"sixty of IPv4 leave room for IPv6", v4, 60, v6(1), false},
		{"sixty of IPv4 leave none for IPv4", v4, 60, v4(99), true},
		{"a group needs room in both", v6, 60, fromGroup("sg-x"), true},
		{
			"a prefix list needs room for its entries", v4, 59,
			types.IpPermission{
				PrefixListIds: []types.PrefixListId{{PrefixListId: awssdk.String("pl-0123456789abcdef0")}},
			},
			true,
		},
		{
			"and fits where there is", v4, 58,
			types.IpPermission{
				PrefixListIds: []types.PrefixListId{{PrefixListId: awssdk.String("pl-0123456789abcdef0")}},
			},
			false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, w)
			id := b.group(t, "client-service")
			add := func(p types.IpPermission) error {
				for i := range p.UserIdGroupPairs {
					p.UserIdGroupPairs[i].GroupId = &id
				}
				_, err := b.ec2.AuthorizeSecurityGroupIngress(
					t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: tcp(80, p)},
				)
				return err
			}
			for i := range c.n {
				if err := add(c.fill(i)); err != nil {
					t.Fatal(err)
				}
			}
			err := add(c.last)
			if c.fails {
				requireCode(t, err, "RulesPerSecurityGroupLimitExceeded")
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}
