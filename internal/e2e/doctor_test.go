package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"hopscope/aws"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/doctor"
)

// guardedServer is a world behind a policy: what it does not allow is refused, as by IAM.
type guardedServer struct {
	t         *testing.T
	simulator *simulator.Simulator
	url       string

	mu      sync.Mutex
	policy  []doctor.Statement // nil allows everything
	allowed map[model.Action]bool
	refused []string
}

func guard(t *testing.T, world *simulator.World) *guardedServer {
	t.Helper()
	g := &guardedServer{t: t, allowed: map[model.Action]bool{}}
	g.simulator = simulator.New(world, simulator.Options{RolloutTime: 10 * time.Millisecond})
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// run runs the program on the account.
func (g *guardedServer) run(home string, args ...string) result {
	return runFast(g.t, []string{
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=ap-northeast-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL=" + g.url, "HOPSCOPE_ALLOW_APPLY=1",
		"HOME=" + home, "XDG_CACHE_HOME=" + g.t.TempDir(), "TMPDIR=" + home,
	}, args...)
}

func (g *guardedServer) enforce(policies ...doctor.Policy) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.policy = []doctor.Statement{}
	for _, p := range policies {
		g.policy = append(g.policy, p.Statement...)
	}
}

func (g *guardedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c := newRequestOf(r, body)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.policy != nil {
		for _, role := range c.roles {
			if !allows(g.policy, requested{action: passRole, passedTo: "ecs.amazonaws.com"}, role) {
				c.action, c.resources = passRole, []string{role}
			}
		}
		for _, arn := range c.resources {
			if !allows(g.policy, c, arn) {
				g.refused = append(g.refused, string(c.action)+" on "+arn)
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, `{"__type":"AccessDeniedException","message":"no"}`)
				return
			}
		}
		g.allowed[c.action] = true
	}
	g.simulator.ServeHTTP(w, r)
}

// requested is what a request asks IAM for.
type requested struct {
	action    model.Action
	resources []string
	cluster   string // the condition key ecs:cluster
	passedTo  string // the condition key iam:PassedToService
	roles     []string
}

const passRole model.Action = "iam:PassRole"

const account = "arn:aws:ecs:ap-northeast-1:123456789012:"

// newRequestOf reads a request as the service authorization reference says that IAM
// does: the resources of ECS and of rules by their ARNs, and "*" for all else.
func newRequestOf(r *http.Request, body []byte) requested {
	prefix, operation, isJSON := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	service := map[string]string{
		"AmazonEC2ContainerServiceV20141113": "ecs", "Route53AutoNaming_v20170314": "servicediscovery",
		"GraniteServiceVersion20100801": "cloudwatch", "": "elasticloadbalancing",
	}[prefix]
	form, _ := url.ParseQuery(string(body))
	if !isJSON {
		operation = form.Get("Action")
		if form.Get("Version") == "2016-11-15" {
			service = "ec2"
		}
	}
	c := requested{action: model.Action(service + ":" + operation), resources: []string{"*"}}
	named := func(kind, prefix string, members ...string) {
		c.resources = nil
		for _, member := range members {
			value := gjson.GetBytes(body, member)
			for _, v := range append(value.Array(), gjson.Result{})[:max(1, len(value.Array()))] {
				name := v.String()
				if !strings.HasPrefix(name, "arn:") {
					name = account + kind + "/" + prefix + name
				}
				c.resources = append(c.resources, name)
			}
		}
	}
	cluster := model.ARNName(gjson.GetBytes(body, "cluster").String())
	c.cluster = account + "cluster/" + cluster
	switch c.action {
	case model.DescribeClusters:
		named("cluster", "", "clusters")
	case model.ListContainerInstances:
		named("cluster", "", "cluster")
	case model.DescribeServices:
		named("service", cluster+"/", "services")
	case aws.UpdateService:
		named("service", cluster+"/", "service")
		for _, role := range gjson.GetBytes(body, "serviceConnectConfiguration.services.#.tls.roleArn").Array() {
			c.roles = append(c.roles, role.String())
		}
	case model.DescribeTasks:
		named("task", cluster+"/", "tasks")
	case model.DescribeContainerInstances:
		named("container-instance", cluster+"/", "containerInstances")
	case model.DescribeServiceRevisions:
		named("service-revision", "", "serviceRevisionArns")
	case model.GetPrefixListEntries:
		c.resources = []string{"arn:aws:ec2:ap-northeast-1:aws:prefix-list/" + form.Get("PrefixListId")}
	case aws.AuthorizeIngress, aws.AuthorizeEgress, aws.RevokeIngress, aws.RevokeEgress:
		c.resources = []string{"arn:aws:ec2:ap-northeast-1:123456789012:security-group/" + form.Get("GroupId")}
	default: // IAM knows no resource of it
	}
	return c
}

// allows evaluates a policy: some statement has to fit the action, the resource and
// every condition.
func allows(policy []doctor.Statement, c requested, arn string) bool {
	fits := func(value string, patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return like(p, value) })
	}
	return slices.ContainsFunc(policy, func(s doctor.Statement) bool {
		if !slices.Contains(s.Action, c.action) || !fits(arn, s.Resource) {
			return false
		}
		for _, keys := range s.Condition {
			for key, values := range keys {
				is := map[string]string{
					"aws:RequestedRegion": "ap-northeast-1", "ecs:cluster": c.cluster, "iam:PassedToService": c.passedTo,
				}[key]
				if !fits(is, values) {
					return false
				}
			}
		}
		return true
	})
}

// like matches as IAM does: * is any text, / included.
func like(pattern, value string) bool {
	form := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + form + "$").MatchString(value)
}

// policies asks the doctor for the policies, without any in force.
func (g *guardedServer) policies(args ...string) doctor.Policies {
	g.t.Helper()
	got := g.run(g.t.TempDir(), append([]string{"doctor", "--format", "json"}, args...)...)
	var d doctor.Document
	if err := json.Unmarshal([]byte(got.stdout), &d); err != nil || got.status != 0 {
		g.t.Fatalf("doctor: %+v, %v", got, err)
	}
	return d.Policies
}

// gateway is a world whose service has a route of a service gateway, an instance to run
// on and a neighbour in another cluster.
const gateway = `{"region": "ap-northeast-1",
 "namespaces": [{"name": "one"}],
 "securityGroups": [{"name": "lb"}, {"name": "extra"}, {"name": "web", "ingress": [{"ports": 8080, "group": "lb"}]}],
 "targetGroups": [{"name": "one"}],
 "loadBalancers": [{"name": "lb", "securityGroups": ["lb"], "listeners": [
  {"port": 443, "protocol": "HTTPS", "default": {"fixedResponse": {"statusCode": 404}}, "rules": [
   {"priority": 10, "conditions": [{"field": "host-header", "values": ["one"]}], "action": {"forward": "one"}}]}]}],
 "taskDefinitions": [{"family": "web", "containers": [{"name": "web", "portMappings": [{"name": "http",
  "containerPort": 8080, "appProtocol": "http"}]}]}],
 "clusters": [{"name": "prod"}, {"name": "other"}],
 "services": [{"name": "web", "cluster": "prod", "desiredCount": 2, "securityGroups": ["web"],
   "serviceConnect": {"enabled": true, "namespace": "one", "services": [{"portName": "http"}]}},
  {"name": "caller", "taskDefinition": "web", "cluster": "other", "securityGroups": ["lb"]}],
 "gateways": [{"name": "edge", "loadBalancer": "lb", "securityGroup": "extra"}],
 "gatewayRoutes": [
  {"gateway": "edge", "service": "web", "portName": "http", "targetGroup": "one", "rule": "lb:443/10"}]}`

// The policy for reading is what a check needs, in any world, and all of it.
func TestTheReadingPolicyIsWhatACheckNeeds(t *testing.T) {
	t.Parallel()
	used := map[model.Action]bool{}
	var policy doctor.Policies
	for name, args := range map[string][]string{
		"article": nil, "shop": nil, "fleet:80": nil, "one cluster of it": {"--cluster", "prod"},
	} {
		world, err := simulator.ParseWorld([]byte(gateway))
		if len(args) == 0 {
			world, err = simulator.Load(name)
		}
		if err != nil {
			t.Fatal(err)
		}
		g := guard(t, world)
		policy = g.policies(args...)
		g.enforce(policy.Read)
		got := g.run(t.TempDir(), append([]string{"check", "--format", "json", "--fail-on", "never"}, args...)...)
		if got.status != 0 || !gjson.Get(got.stdout, "complete").Bool() || len(g.refused) > 0 {
			t.Errorf("%s: status %d, refused %v, gaps %s\n%s", name, got.status, g.refused,
				gjson.Get(got.stdout, "gaps"), got.stderr)
		}
		for a := range g.allowed {
			used[a] = true
		}
	}
	for _, s := range policy.Read.Statement {
		for _, a := range s.Action {
			if !used[a] {
				t.Errorf("the policy allows %s, which no world needed", a)
			}
		}
	}
}

// The one for applying is what fix --apply and rollback need on top.
func TestTheApplyingPolicyIsWhatAFixAndItsRollbackNeed(t *testing.T) {
	t.Parallel()
	world, err := simulator.Load("article")
	if err != nil {
		t.Fatal(err)
	}
	g := guard(t, world)
	policy := g.policies("--cluster", "sample-cluster")
	home := t.TempDir()
	fix := []string{"fix", "--cluster", "sample-cluster", "--service", "sample-ecs-app", "--apply", "--yes"}
	g.enforce(policy.Read)
	if got := g.run(home, fix...); got.status == 0 || len(g.refused) == 0 {
		t.Errorf("without the second policy: %+v", got)
	}
	g.refused = nil
	g.enforce(policy.Read, policy.Apply)
	if got := g.run(home, fix...); got.status != 0 {
		t.Fatalf("fix: %+v, refused %v", got, g.refused)
	}
	entries, err := filepath.Glob(filepath.Join(home, ".local/state/hopscope/journal/*.json"))
	if err != nil || len(entries) == 0 {
		t.Fatalf("the journal has no entries: %v", err)
	}
	id := strings.TrimSuffix(filepath.Base(entries[len(entries)-1]), ".json")
	if got := g.run(home, "rollback", id, "--yes"); got.status != 0 {
		t.Fatalf("rollback: %+v, refused %v", got, g.refused)
	}
	if len(g.refused) > 0 {
		t.Errorf("refused: %v", g.refused)
	}
	for _, a := range []model.Action{aws.UpdateService, aws.AuthorizeIngress, aws.RevokeIngress} {
		if !g.allowed[a] {
			t.Errorf("%s was not needed: this test could not fail", a)
		}
	}
}

// UpdateService passes the roles that the block names to Amazon ECS: those that a service
// has, and no others.
func TestTheApplyingPolicyPassesTheRolesOfTheBlocks(t *testing.T) {
	t.Parallel()
	world, err := simulator.Load("shop")
	if err != nil {
		t.Fatal(err)
	}
	g := guard(t, world)
	policy := g.policies("--cluster", "shop")
	update := func(role string) bool {
		t.Helper()
		g.enforce(policy.Read, policy.Apply)
		g.refused = nil
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.url, strings.NewReader(
			`{"cluster":"shop","service":"payments","serviceConnectConfiguration":{"enabled":true,"services":[`+
				`{"portName":"https","tls":{"roleArn":"`+role+`"}}]}}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.UpdateService")
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = reply.Body.Close()
		return len(g.refused) == 0
	}
	if !update("arn:aws:iam::123456789012:role/ecs-service-connect-tls") {
		t.Errorf("refused: %v", g.refused)
	}
	if update("arn:aws:iam::123456789012:role/admin") {
		t.Error("a role that no service has may be passed")
	}
}
