package who_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/selector"
	"hopscope/model/who"
)

func named(t *testing.T, text string) selector.Selector {
	t.Helper()
	s, err := selector.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func listed(t *testing.T, s *model.Snapshot, target string) *who.Document {
	t.Helper()
	doc, err := who.List(rule.Analyze(s), named(t, target))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func asked(t *testing.T, s *model.Snapshot, caller, target string) *who.Document {
	t.Helper()
	doc, err := who.Ask(rule.Analyze(s), named(t, caller), named(t, target))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// summary is what a list says, in short: each source with its needs, and what is refused.
func summary(d *who.Document) []string {
	var out []string
	for i := range d.Destinations {
		to := &d.Destinations[i]
		out = append(out, string(to.Port.Kind))
		for j := range to.Admitted {
			s := &to.Admitted[j]
			line := s.Source + " " + s.Ports + ": " + s.Holding()
			for _, n := range s.NeededFor {
				line += " | " + n.Name
			}
			out = append(out, line)
		}
		for _, n := range to.Refused {
			out = append(out, "refused "+n.Name+" "+string(n.Access))
		}
	}
	return out
}

func TestListsSayWhoComesByWhichRule(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		on     *model.Snapshot
		target string
		want   []string
	}{
		"the agent takes the port": {modeltest.Article(0, 80), "sample-ecs-app:80", []string{
			"app",
			"sg-main-alb tcp 80: load balancer main-alb | main-alb :80 | main-alb",
			"sg-client-service tcp 80: service client-service | client-service",
		}},
		"the agent was moved, and its port is closed": {modeltest.Article(8080, 80), "sample-ecs-app", []string{
			"app",
			"sg-main-alb tcp 80: load balancer main-alb | main-alb :80 | main-alb",
			"sg-client-service tcp 80: service client-service",
			"agent",
			"refused client-service blocked",
		}},
		"by the agent's own number": {modeltest.Article(8080, 8080), "sample-ecs-app:8080", []string{
			"agent", "sg-client-service tcp 8080: service client-service | client-service",
		}},
		"a listener": {modeltest.Article(0, 80), "lb:main-alb:80", []string{
			"listener", "10.0.0.0/16 tcp 80: ", "10.0.0.0/16 tcp 80: ", // the same by two rules
		}},
	} {
		got := summary(listed(t, c.on, c.target))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// A Service Connect client's requests go to the agent's port; where the app's own port
// would not let it in, nothing is wrong.
func TestTheWayThatACallerTakesIsTheOneThatCounts(t *testing.T) {
	t.Parallel()
	s := modeltest.Article(8080, 8080)
	doc := asked(t, s, "client-service", "sample-ecs-app:80")
	if len(doc.Answers) != 2 || doc.Verdict != who.Yes || doc.Answers[0].Way != who.ByServiceConnect ||
		doc.Answers[0].Beside ||
		!doc.Answers[1].Beside || doc.Answers[1].Verdict != who.No {
		t.Errorf("%+v", doc)
	}
	// By its number the agent's port is asked about, for any caller.
	if doc := asked(t, s, "lb:main-alb", "sample-ecs-app:8080"); doc.Verdict != who.No || doc.Answers[0].Beside {
		t.Errorf("%+v", doc)
	}
	if doc := asked(t, s, "lb:main-alb", "sample-ecs-app"); doc.Verdict != who.No &&
		doc.Answers[0].Way != who.AsLoadBalancer {
		t.Errorf("%+v", doc)
	}
}

func TestSeveralCallersAndTargetsAreOneAnswer(t *testing.T) {
	t.Parallel()
	s := modeltest.New().Group("sg-web", modeltest.In("tcp 80", "sg-a")).Service("web", modeltest.Port("http", 80,
		"http")).
		Group("sg-a").Group("sg-b").Service("a").Service("b").Snapshot()
	for caller, want := range map[string]who.Verdict{
		"a": who.Yes, "b": who.No, "[ab]": who.No, "sg-a": who.Yes,
		"sg-b": who.No,
	} {
		if doc := asked(t, s, caller, "web:80"); doc.Verdict != want {
			t.Errorf("%s: %s", caller, doc.Verdict)
		}
	}
}

// A load balancer calls from no listener's port: a port that changes nothing is refused.
func TestALoadBalancerThatCallsHasNoPort(t *testing.T) {
	t.Parallel()
	a := rule.Analyze(modeltest.Article(0, 80))
	_, err := who.Ask(a, named(t, "lb:main-alb:81"), named(t, "sample-ecs-app:80"))
	want := `"lb:main-alb:81" is no caller; a load balancer calls as a whole: write lb:main-alb`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Every tag of the document's types is described, and none that programs depend on goes.
func TestEveryMemberOfTheSchemaIsDescribed(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/who.md")
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]bool{}
	collect(reflect.TypeFor[who.Document](), members)
	for member := range members {
		if !strings.Contains(string(page), "`"+member+"`") {
			t.Errorf("docs/who.md does not describe %s", member)
		}
	}
	for _, member := range []string{
		"schema", "scope", "collectedAt", "complete", "target", "caller", "verdict", "destinations", "answers",
		"notes", "gaps",
		"port", "kind", "cluster", "service", "deployment", "container", "containerPort", "loadBalancer",
		"listenerProtocol", "protocol",
		"portEnd", "via", "undeclared", "groups", "id", "name", "onInstances", "unfiltered", "admitted", "refused",
		"behind", "missing",
		"group", "ports", "description", "source", "account", "vpc", "entries", "holders", "partOfPorts",
		"onSomeInstances", "neededFor",
		"count", "endpoint", "services", "access", "why", "rule", "way", "beside", "checks", "part", "ofSome",
		"needed", "is", "resource", "evidence",
	} {
		if !members[member] {
			t.Errorf("the schema has lost %s", member)
		}
	}
}

// collect finds the JSON members of the types of this schema.
func collect(of reflect.Type, into map[string]bool) {
	switch of.Kind() {
	case reflect.Slice, reflect.Pointer:
		collect(of.Elem(), into)
	case reflect.Struct:
		if !strings.HasPrefix(of.PkgPath(), "hopscope/model/") {
			return
		}
		for i := range of.NumField() {
			f := of.Field(i)
			if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "" && f.IsExported() {
				if tag != "partial" && tag != "fact" && tag != "from" { // as in the report
					into[tag] = true
				}
			}
			if f.IsExported() {
				collect(f.Type, into)
			}
		}
	default:
	}
}

func TestTheDocumentIsTheSameFromRunToRun(t *testing.T) {
	t.Parallel()
	text := func() string {
		var out []byte
		for _, doc := range []*who.Document{
			listed(t, modeltest.Mesh(1, 12), "*"), asked(t, modeltest.Mesh(1, 12), "*", "*"), listed(t,
				modeltest.ManyWays(), "lb:*"),
		} {
			data, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, data...)
		}
		return string(out)
	}
	first := text()
	for range 3 {
		if text() != first {
			t.Fatal("two documents about one snapshot differ")
		}
	}
}

// What was not read of tasks, and what reading cannot find, is said.
func TestWhatIsNotSeenOfTasksIsSaid(t *testing.T) {
	t.Parallel()
	s := modeltest.New().Group("sg-web", modeltest.In("tcp 80", "sg-report")).Group("sg-report").
		Service("web", modeltest.Port("http", 80, "http")).Snapshot()
	task := func(family, eni string, stopped bool) model.StandaloneTask {
		task := model.StandaloneTask{NetworkInterface: eni, Subnet: modeltest.SubnetA}
		task.TaskDefinition = "arn:aws:ecs:r:1:task-definition/" + family + ":1"
		if stopped {
			task.StoppedAt = modeltest.Time
		}
		return task
	}
	s.StandaloneTasks = []model.StandaloneTasks{{Cluster: "prod", Truncated: true, Tasks: []model.StandaloneTask{
		task("report", "eni-1", false), task("report", "eni-2", false), task("cleanup", "eni-3", true),
	}}}
	for _, id := range []string{"eni-1", "eni-2"} {
		s.NetworkInterfaces = append(s.NetworkInterfaces, model.NetworkInterface{
			ID: id, VPC: modeltest.VPC, Subnet: modeltest.SubnetA, SecurityGroups: []string{"sg-report"},
		})
	}
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].InterfacesRead = true
	}
	doc := listed(t, s, "web:80")
	all := strings.Join(append(doc.Notes, doc.Destinations[0].Notes...), "\n")
	for _, want := range []string{
		"report: 2 standalone tasks; they cannot use Service Connect", "prod has more tasks than were looked at",
		"cleanup ran lately in prod", "a schedule that has not run lately is not found",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	source := doc.Destinations[0].Admitted[0]
	if len(source.Holders) != 1 || source.Holders[0] != (reach.Holder{
		Kind: reach.HolderTasks, Cluster: "prod",
		Name: "report", Count: 2,
	}) {
		t.Errorf("%+v", source.Holders)
	}
	if doc := asked(t, s, "report", "web:80"); doc.Verdict != who.Yes || !strings.Contains(strings.Join(doc.Notes,
		"\n"), "more tasks than were looked at") {
		t.Errorf("%+v", doc)
	}
	if doc := asked(t, s, "cleanup", "web:80"); doc.Verdict != who.Unknown {
		t.Errorf("%+v", doc)
	}
	s.Gaps = append(s.Gaps, model.Gap{Action: model.ListTasks, State: model.Denied, Error: "AccessDenied"}) // of some
	if doc := asked(t, s, "report", "web:80"); doc.Verdict != who.Unknown ||
		!strings.Contains(strings.Join(doc.Answers[0].Missing, "\n"), "ecs:ListTasks is denied") {
		t.Errorf("%+v", doc)
	}
}

// onHostPorts is a service in bridge mode whose app and agent are bound to 40001 and 40002
// on an instance that admits some ports.
func onHostPorts(ports string) *model.Snapshot {
	return modeltest.New().Group("sg-node", modeltest.In(ports, "10.0.0.0/16")).Group("sg-cart").
		Service("cart").
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Offer("http", 0, 80), modeltest.Bridge(0),
			modeltest.Change(func(s *modeltest.Spec) {
				task := func(deployment string, app, agent int) model.Task {
					return model.Task{StartedBy: deployment, ContainerInstance: "a", Containers: []model.TaskContainer{
						{Name: "web", Bindings: []model.NetworkBinding{
							{ContainerPort: 80, HostPort: app, Protocol: "tcp"}, {ContainerPort: 80, HostPort: 50000, Protocol: "udp"},
						}},
						{Name: model.AgentContainer + "x", Bindings: []model.NetworkBinding{{HostPort: agent}}},
					}}
				}
				s.Service.Tasks = &model.ServiceTasks{Tasks: []model.Task{
					task("ecs-svc/1", 40001, 40002), task("ecs-svc/0", 40011, 40012),
				}}
			})).
		Edit(func(s *model.Snapshot) {
			s.ContainerInstances = []model.ContainerInstance{{
				ARN: "a", Cluster: "prod", InstanceID: "i-a",
				Network: &model.Network{Subnets: []string{modeltest.SubnetA}, SecurityGroups: []string{"sg-node"}},
			}}
		}).Snapshot()
}

// The ports that tasks have now are not those that the next one gets.
func TestAYesForThePortsThatAreBoundNowSaysSo(t *testing.T) {
	for ports, want := range map[string]bool{"tcp 40001-40002": true, "tcp 32768-65535": false} {
		doc := asked(t, onHostPorts(ports), "cart", "web:80")
		now := slices.ContainsFunc(doc.Answers, func(a who.Answer) bool {
			return strings.Contains(strings.Join(a.Notes, "\n"), "on 40001 now: the next task may get")
		})
		if now != want || doc.Verdict != who.Yes {
			t.Errorf("%s: %s, %+v", ports, doc.Verdict, doc.Answers)
		}
	}
}

// Host ports are those of the destination alone: of its protocol, its deployment and, for
// the agent's port, of the agent.
func TestHostPortsThatAreBoundNow(t *testing.T) {
	s := onHostPorts("tcp 32768-65535")
	var got []string
	for _, d := range listed(t, s, "web").Destinations {
		got = append(got, d.Notes...)
	}
	bound := slices.DeleteFunc(got, func(note string) bool { return !strings.HasPrefix(note, "bound now") })
	if want := []string{"bound now: 40001", "bound now: 40002"}; !slices.Equal(bound, want) {
		t.Errorf("got %q, want %q", bound, want)
	}
}

func TestACallerInTwoSubnetsOfWhichOneIsAdmittedIsToldAsAHalf(t *testing.T) {
	t.Parallel()
	s := modeltest.New().Group("sg-web", modeltest.In("tcp 80", "10.0.0.0/20")).Group("sg-client").
		Service("web", modeltest.Port("http", 80, "http")).
		Service("client", modeltest.TasksAt("10.0.0.9", "10.0.16.9")).Snapshot()
	doc := asked(t, s, "client", "web:80")
	if doc.Verdict != who.No || !doc.Answers[0].OfSome || !strings.Contains(doc.Answers[0].Needed, "from sg-client") {
		t.Errorf("%+v", doc.Answers)
	}
}

// Whether a task of the caller is in the subnet that is refused has to be known.
func TestACallerThatMayBeInARefusedSubnetIsNotRefused(t *testing.T) {
	t.Parallel()
	s := modeltest.New().Group("sg-web", modeltest.In("tcp 80", "10.0.0.0/20")).Group("sg-client").
		Service("web", modeltest.Port("http", 80, "http")).Service("client").Snapshot()
	doc := asked(t, s, "client", "web:80")
	const lacks = "tasks, which run in some or all of subnet-a, subnet-b"
	if a := doc.Answers[0]; doc.Verdict != who.Unknown || len(a.Missing) != 1 || !strings.HasPrefix(a.Missing[0], lacks) {
		t.Errorf("%+v", doc.Answers)
	}
}

// Every rule that admits a part of what needs the port is needed.
func TestANeedThatSeveralRulesAdmitTogetherIsThatOfEach(t *testing.T) {
	t.Parallel()
	halves := []modeltest.GroupRule{modeltest.In("tcp 80", "10.0.0.0/20"), modeltest.In("tcp 80", "10.0.16.0/20")}
	s := modeltest.New().ALB("alb", 80, "tg").Group("sg-alb").Group("sg-client").
		Group("sg-web", append(halves, modeltest.In("tcp 80", "192.0.2.0/24"))...).
		Service("client", modeltest.Client()).
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Offer("http", 0, 80), modeltest.Behind("tg", 80)).
		Snapshot()
	got := summary(listed(t, s, "web:80"))
	want := []string{
		"app",
		"10.0.0.0/20 tcp 80:  | client | alb :80 | alb",
		"10.0.16.0/20 tcp 80:  | client | alb :80 | alb",
		"192.0.2.0/24 tcp 80: ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// onInstances is a service with dynamic host ports on two instances with groups of their own.
func onInstances(first, second modeltest.GroupRule) *modeltest.Builder {
	return modeltest.New().ALB("alb", 80, "tg").Group("sg-alb").Group("sg-one", first).Group("sg-two", second).
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Bridge(0), modeltest.Behind("tg", 80)).
		Edit(func(s *model.Snapshot) {
			web := &s.Services[0]
			web.Tasks = &model.ServiceTasks{}
			for i, group := range []string{"sg-one", "sg-two"} {
				arn := "arn:aws:ecs:eu-west-1:123456789012:container-instance/prod/" + group
				s.ContainerInstances = append(s.ContainerInstances, model.ContainerInstance{
					ARN: arn, Cluster: "prod", InstanceID: "i-" + group, Status: "ACTIVE",
					Network: &model.Network{Subnets: []string{modeltest.SubnetA}, SecurityGroups: []string{group}},
				})
				web.Tasks.Tasks = append(web.Tasks.Tasks, model.Task{
					StartedBy: web.Deployments[0].ID, ContainerInstance: arn, Containers: []model.TaskContainer{{
						Name: "web", Bindings: []model.NetworkBinding{{ContainerPort: 80, HostPort: 40000 + i, Protocol: "tcp"}},
					}},
				})
			}
			web.RunningCount, web.Deployments[0].RunningCount = 2, 2
		})
}

func TestANeedIsThatOfTheRulesOfAllInstances(t *testing.T) {
	t.Parallel()
	all := modeltest.In("tcp 32768-65535", "sg-alb")
	doc := listed(t, onInstances(all, all).Snapshot(), "web:80")
	for _, s := range doc.Destinations[0].Admitted {
		if len(s.NeededFor) == 0 {
			t.Errorf("%s of %s is needed for nothing", s.Source, s.Group.ID)
		}
	}
	if n := len(doc.Destinations[0].Admitted); n != 2 {
		t.Errorf("%d rules", n)
	}
}

// A host port that a task has, or may get, is found by its number.
func TestDynamicHostPortsAreFoundByTheirNumber(t *testing.T) {
	t.Parallel()
	all := modeltest.In("tcp 32768-65535", "sg-alb")
	s := onInstances(all, modeltest.In("tcp 32768-50000", "sg-alb")).Snapshot()
	for target, want := range map[string]who.Verdict{"web:40001": who.Yes, "web:32768": who.Yes, "web:50001": who.No} {
		doc := asked(t, s, "sg-alb", target)
		if len(doc.Answers) != 1 || doc.Answers[0].Port.Port == 0 || doc.Answers[0].Port.PortEnd != 0 || doc.Verdict != want {
			t.Errorf("%s: %s %+v", target, doc.Verdict, doc.Answers)
		}
		d := listed(t, onInstances(all, all).Snapshot(), target).Destinations[0]
		for i := range d.Admitted {
			if len(d.Admitted[i].NeededFor) == 0 {
				t.Errorf("%s is needed for nothing: %+v", target, d.Admitted)
			}
		}
	}
	if _, err := who.List(rule.Analyze(s), named(t, "web:2049")); err == nil {
		t.Error("a port out of the range is found")
	}
}

// Addresses of IPv6 are those of nothing that has IPv4 addresses alone.
func TestSourcesOfIPv6(t *testing.T) {
	t.Parallel()
	at := func(addresses ...string) *model.Snapshot {
		return modeltest.New().Group("sg-web", modeltest.In("tcp 80", "sg-job")).Group("sg-job").
			Service("web", modeltest.Port("http", 80, "http")).Edit(func(s *model.Snapshot) {
			six := netip.MustParsePrefix("2001:db8::/64")
			s.Subnets[0].CIDRs, s.VPCs[0].CIDRs = append(s.Subnets[0].CIDRs, six), append(s.VPCs[0].CIDRs, six)
			n := model.NetworkInterface{
				ID: "eni-1", VPC: modeltest.VPC, Subnet: modeltest.SubnetA, SecurityGroups: []string{"sg-job"},
			}
			for _, a := range addresses {
				n.Addresses = append(n.Addresses, netip.MustParseAddr(a))
			}
			s.NetworkInterfaces = append(s.NetworkInterfaces, n)
			for i := range s.SecurityGroups {
				s.SecurityGroups[i].InterfacesRead = true
			}
			for _, e := range slices.Clone(s.NetworkACLs[0].Entries) {
				e.Number, e.CIDR = e.Number+1, netip.MustParsePrefix("::/0")
				s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, e)
			}
		}).Snapshot()
	}
	if doc := asked(t, at("10.0.0.9"), "::/0", "web:80"); doc.Verdict != who.No {
		t.Errorf("IPv4 alone has the group: %s %+v", doc.Verdict, doc.Answers)
	}
	doc := asked(t, at("10.0.0.9", "2001:db8::9"), "::/0", "web:80")
	missing := strings.Join(doc.Answers[0].Missing, " ")
	if doc.Verdict != who.Unknown || strings.Contains(missing, "not read this yet (ec2:DescribeNetworkInt") {
		t.Errorf("IPv6 has the group: %s %v", doc.Verdict, doc.Answers[0].Missing)
	}
}

// Callers know an endpoint by its alias, or by its name in the namespace.
func TestEndpointsAreTargetsByTheirNames(t *testing.T) {
	t.Parallel()
	s := modeltest.Article(8080, 80, 8080)
	endpoint := ""
	for _, p := range rule.Analyze(s).Paths {
		if p.Source.Kind == reach.SourceServiceConnect {
			endpoint = p.Source.Endpoint
		}
	}
	name, _, _ := strings.Cut(endpoint, ":")
	for _, target := range []string{endpoint, name, "app"} {
		d := listed(t, s, target).Destinations
		if len(d) != 1 || d[0].Port.Name() != "article/sample-ecs-app:80" && d[0].Port.Service != "sample-ecs-app" ||
			d[0].Port.Kind != who.Agent || d[0].Port.Port != 8080 {
			t.Errorf("%s: %+v", target, d)
		}
	}
	for _, target := range []string{name + ":81", "nothing.at.all", "x/" + name} {
		if doc, err := who.List(rule.Analyze(s), named(t, target)); err == nil {
			t.Errorf("%s is found: %+v", target, doc.Destinations)
		}
	}
}

func TestNamesThatAreASlipAwayFromALoadBalancers(t *testing.T) {
	t.Parallel()
	_, err := who.List(rule.Analyze(modeltest.Article(0, 80)), named(t, "man-alb:80"))
	if err == nil || !strings.Contains(err.Error(), "did you mean lb:main-alb:80?") {
		t.Errorf("%v", err)
	}
	_, err = who.List(rule.Analyze(modeltest.Article(0, 80)), named(t, "something"))
	if err == nil || strings.Contains(err.Error(), "did you mean") {
		t.Errorf("%v", err)
	}
}

func TestAServiceThatCallsHasNoPort(t *testing.T) {
	t.Parallel()
	_, err := who.Ask(rule.Analyze(modeltest.Article(0, 80)), named(t, "client-service:80"), named(t, "sample-ecs-app"))
	if err == nil || !strings.Contains(err.Error(), "calls as a whole: write client-service") {
		t.Errorf("%v", err)
	}
}

func TestANetworkLoadBalancerCallsByWayOfTheOneBehind(t *testing.T) {
	t.Parallel()
	doc := asked(t, modeltest.TwoLoadBalancers().Snapshot(), "lb:edge", "web:80")
	if doc.Verdict != who.Yes || doc.Answers[0].Way != who.AsLoadBalancer ||
		!slices.Contains(doc.Answers[0].Notes, "by way of alb, which is its target") {
		t.Errorf("%+v", doc.Answers)
	}
}
