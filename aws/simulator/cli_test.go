package simulator

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"hopscope/internal/thorough"
)

// cli runs the real aws CLI against a simulator on loopback.
type cli struct {
	*Simulator
	path string
	env  []string
}

func newCLI(t *testing.T, world string) *cli {
	t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the aws CLI is not installed")
	}
	if testing.Short() {
		t.Skip("the aws CLI takes a second for each call")
	}
	s := New(load(t, world), Options{})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &cli{Simulator: s, path: path, env: foreignEnv(t, server.URL)}
}

// foreignEnv is the environment of another program that reads from the
// simulator and from nowhere else.
func foreignEnv(t *testing.T, url string) []string {
	t.Helper()
	nowhere := t.TempDir() + "/none"
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "AWS_ENDPOINT_URL=" + url,
		"AWS_CONFIG_FILE=" + nowhere, "AWS_SHARED_CREDENTIALS_FILE=" + nowhere, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_REGION=ap-northeast-1", "AWS_DEFAULT_REGION=ap-northeast-1", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=",
		"NO_PROXY=127.0.0.1",
	}
}

// run returns the reply of a command, or the text of its error.
func (c *cli) run(t *testing.T, arguments ...string) (reply map[string]any, failure string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.path, append(arguments, "--output", "json")...)
	cmd.Env = c.env
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, errs.String()
	}
	if errs.Len() > 0 {
		t.Errorf("aws %s complains: %s", strings.Join(arguments, " "), errs.String())
	}
	if err := json.Unmarshal(out.Bytes(), &reply); err != nil {
		t.Fatalf("aws %s: %v in %s", strings.Join(arguments, " "), err, out.String())
	}
	return reply, ""
}

// list returns one list of the reply, flattened to the values of a key; without
// a key the elements are strings themselves.
func (c *cli) list(t *testing.T, member, key string, arguments ...string) []string {
	t.Helper()
	reply, failure := c.run(t, arguments...)
	if failure != "" {
		t.Fatalf("aws %s: %s", strings.Join(arguments, " "), failure)
	}
	all, ok := reply[member].([]any)
	if !ok {
		t.Fatalf("aws %s: the reply has no list %s: %v", strings.Join(arguments, " "), member, reply)
	}
	var values []string
	for _, one := range all {
		if key != "" {
			one = one.(map[string]any)[key]
		}
		text, _ := one.(string)
		values = append(values, text)
	}
	return values
}

func Test_the_aws_CLI_walks_a_whole_world(t *testing.T) {
	t.Parallel()
	c := newCLI(t, "shop")
	thorough.Need(t)
	w := load(t, "shop")
	expect := func(what string, got []string, want int) {
		t.Helper()
		if len(got) != want {
			t.Errorf("%d %s, want %d: %q", len(got), what, want, got)
		}
	}

	clusters := c.list(t, "clusterArns", "", "ecs", "list-clusters")
	expect("clusters", clusters, len(w.Clusters))
	services := c.list(t, "serviceArns", "", "ecs", "list-services", "--cluster", "shop")
	expect("services of the shop", services, 12)
	definitions := c.list(t, "services", "taskDefinition",
		append(
			[]string{"ecs", "describe-services", "--cluster", "shop", "--include", "TAGS", "--services"}, services[:10]...,
		)...)
	expect("described services", definitions, 10)
	definition, failure := c.run(t, "ecs", "describe-task-definition", "--task-definition", definitions[0])
	if failure != "" || definition["taskDefinition"].(map[string]any)["family"] != "web" {
		t.Errorf("the task definition is %v %s", definition, failure)
	}

	groups := c.list(t, "TargetGroups", "TargetGroupArn", "elbv2", "describe-target-groups")
	expect("target groups", groups, len(w.TargetGroups))
	balancers := c.list(t, "LoadBalancers", "LoadBalancerArn", "elbv2", "describe-load-balancers")
	expect("load balancers", balancers, len(w.LoadBalancers))
	listeners := c.list(t, "Listeners", "ListenerArn", "elbv2", "describe-listeners", "--load-balancer-arn", balancers[1])
	expect("listeners", listeners, 1)
	expect("rules", c.list(t, "Rules", "Priority", "elbv2", "describe-rules", "--listener-arn", listeners[0]), 6)
	expect("targets", c.list(
		t, "TargetHealthDescriptions", "HealthCheckPort", "elbv2", "describe-target-health", "--target-group-arn", groups[0],
	), 3)

	expect(
		"security groups", c.list(t, "SecurityGroups", "GroupId", "ec2", "describe-security-groups"), len(w.SecurityGroups)+1,
	)
	expect("subnets", c.list(t, "Subnets", "SubnetId", "ec2", "describe-subnets", "--max-items", "100"), len(w.Subnets))
	expect("VPCs", c.list(t, "Vpcs", "VpcId", "ec2", "describe-vpcs"), len(w.VPCs))
	expect("network ACLs", c.list(t, "NetworkAcls", "NetworkAclId", "ec2", "describe-network-acls"), len(w.NetworkACLs)+1)
	expect("namespaces", c.list(t, "Namespaces", "Name", "servicediscovery", "list-namespaces"), len(w.Namespaces))
}

func Test_the_aws_CLI_carries_out_the_fix_of_the_article(t *testing.T) {
	t.Parallel()
	c := newCLI(t, "article")
	server := New(load(t, "article"), Options{}).resources.groups.named("sample-ecs-app", nil).id
	client := New(load(t, "article"), Options{}).resources.groups.named("client-service", nil).id

	opened, failure := c.run(t, "ec2", "authorize-security-group-ingress", "--group-id", server,
		"--ip-permissions",
		"IpProtocol=tcp,FromPort=8080,ToPort=8080,UserIdGroupPairs=[{GroupId="+client+",Description='agent ingress'}]")
	if failure != "" {
		t.Fatal(failure)
	}
	rule := opened["SecurityGroupRules"].([]any)[0].(map[string]any)
	if rule["FromPort"] != 8080.0 || rule["IsEgress"] != false || !strings.HasPrefix(
		rule["SecurityGroupRuleId"].(string), "sgr-",
	) {
		t.Errorf("the rule is %v", rule)
	}

	const block = `{"enabled":true,"namespace":"sample-namespace","services":[{"portName":"app","discoveryName":"app",` +
		`"clientAliases":[{"port":80,"dnsName":"app.sample-namespace"}],"ingressPortOverride":PORT}]}`
	update := func(port string) (map[string]any, string) {
		return c.run(t, "ecs", "update-service", "--cluster", "sample-cluster", "--service", "sample-ecs-app",
			"--service-connect-configuration", strings.Replace(block, "PORT", port, 1))
	}
	if _, failure := update("1024"); !strings.Contains(failure, "IngressPortOverride cannot use ports <= 1024.") {
		t.Errorf("a privileged port is answered with %q", failure)
	}
	updated, failure := update("8080")
	if failure != "" {
		t.Fatal(failure)
	}
	deployments := updated["service"].(map[string]any)["deployments"].([]any)
	if len(deployments) != 2 || deployments[0].(map[string]any)["status"] != "PRIMARY" {
		t.Errorf("the deployments are %v", deployments)
	}

	var writes []string
	for _, call := range c.Calls() {
		if call.Mutating {
			writes = append(writes, call.Action+" "+call.Error)
		}
	}
	want := "ec2:AuthorizeSecurityGroupIngress |ecs:UpdateService InvalidParameterException|ecs:UpdateService "
	if got := strings.Join(writes, "|"); got != want {
		t.Errorf("the writes are %q, want %q", got, want)
	}
}

func Test_boto3_reads_a_world(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil || testing.Short() {
		t.Skip("python3 is not installed, or the tests are to be short")
	}
	if exec.CommandContext(t.Context(), python, "-c", "import boto3").Run() != nil {
		t.Skip("boto3 is not installed")
	}
	server := httptest.NewServer(New(load(t, "shop"), Options{}))
	t.Cleanup(server.Close)
	cmd := exec.CommandContext(t.Context(), python, "-c", boto3Script)
	cmd.Env = foreignEnv(t, server.URL)
	out, err := cmd.CombinedOutput()
	const want = "account 123456789012\nclusters [12, 4]\nservices 16\nrules 6\nports ['18080-18089']\n" +
		"entries 3\ntasks 3\nrevisions 1\nmissing ClusterNotFoundException\ninterface 10.0."
	if err != nil || !strings.HasPrefix(string(out), want) {
		t.Errorf("boto3 reads (%v)\n%s\nwant\n%s", err, out, want)
	}
}

const boto3Script = `
import boto3
ecs, elb, ec2 = boto3.client("ecs"), boto3.client("elbv2"), boto3.client("ec2")
print("account", boto3.client("sts").get_caller_identity()["Account"])
arns = ecs.list_clusters()["clusterArns"]
print("clusters", [c["activeServicesCount"] for c in ecs.describe_clusters(clusters=arns)["clusters"]])
count = 0
for cluster in arns:
    for page in ecs.get_paginator("list_services").paginate(cluster=cluster):
        count += len(ecs.describe_services(cluster=cluster, services=page["serviceArns"])["services"])
print("services", count)
lb = elb.describe_load_balancers(Names=["internal-alb"])["LoadBalancers"][0]
listener = elb.describe_listeners(LoadBalancerArn=lb["LoadBalancerArn"])["Listeners"][0]
print("rules", len(elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]))
group = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["cart"]}])["SecurityGroups"][0]
print("ports", ["%d-%d" % (p["FromPort"], p["ToPort"]) for p in group["IpPermissions"] if p["FromPort"] != p["ToPort"]])
prefixes = ec2.describe_managed_prefix_lists()["PrefixLists"][0]["PrefixListId"]
print("entries", len(ec2.get_managed_prefix_list_entries(PrefixListId=prefixes)["Entries"]))
tasks = ecs.list_tasks(cluster="shop", serviceName="web")["taskArns"]
print("tasks", len(tasks))
web = ecs.describe_services(cluster="shop", services=["web"])["services"][0]
revision = web["currentServiceRevisions"][0]["arn"]
print("revisions", len(ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"]))
try:
    ecs.describe_services(cluster="nowhere", services=["web"])
except ecs.exceptions.ClusterNotFoundException as e:
    print("missing", type(e).__name__)
attachments = ecs.describe_tasks(cluster="shop", tasks=tasks)["tasks"][0]["attachments"]
eni = next(d["value"] for a in attachments for d in a["details"] if d["name"] == "networkInterfaceId")
interfaces = ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])["NetworkInterfaces"]
print("interface", interfaces[0]["PrivateIpAddress"])
`
