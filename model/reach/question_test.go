package reach_test

import (
	"fmt"
	"net/netip"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
)

// worst of two accesses, as the paths count.
func worst(a, b reach.Access) reach.Access {
	for _, access := range []reach.Access{reach.Blocked, reach.AccessUnknown} {
		if a == access || b == access {
			return access
		}
	}
	return reach.Allowed
}

// expectation is what paths of one kind say of a caller at a destination.
type expectation struct {
	caller reach.Caller
	name   string
	to     reach.Destination
	access reach.Access
}

// changing tells whether the caller is a service that runs several deployments: paths
// count those alone that are in the endpoint's namespace.
func (e *expectation) changing(ix *model.Index) bool {
	return e.caller.Service != nil &&
		len(ix.Service(*e.caller.Service).Deployments)+len(ix.Service(*e.caller.Service).TaskSets) > 1
}

// expected are what the paths say of every caller that they have: all paths of a kind
// that lead to a destination together, as a service may have several deployments.
func expected(d *reach.Deriver, paths []reach.Path) (all map[string]*expectation, unreached []string) {
	all = map[string]*expectation{}
	add := func(p *reach.Path, t *reach.Destination, name string, c reach.Caller) {
		key := fmt.Sprint(name, p.Source.Kind == reach.SourceServiceDiscovery, t.Service, t.Deployment, t.Groups(),
			t.Container, t.ContainerPort, t.Port, t.Protocol)
		if e := all[key]; e != nil {
			e.access = worst(e.access, p.SourceAccess())
			return
		}
		all[key] = &expectation{c, name, *t, p.SourceAccess()}
	}
	for i := range paths {
		p := &paths[i]
		if p.Source.Kind == reach.SourceHealthCheck || p.Facts.Front != nil || p.Target.WirePort == 0 {
			continue
		}
		led := false
		destinations := d.Destinations(p.Target.Ref(), p.Target.WirePort)
		if p.Target.WirePortEnd > 0 {
			destinations = d.Destinations(p.Target.Ref(), p.Target.ContainerPort)
		}
		for j := range destinations {
			if t := &destinations[j]; p.Leads(t) {
				led = true
				for ref := range p.Source.Services.All() {
					add(p, t, ref.String(), reach.Caller{Service: &ref})
				}
				if lb := p.Facts.LoadBalancer; lb != nil {
					add(p, t, lb.ARN, reach.Caller{LoadBalancer: lb})
				}
			}
		}
		if !led && len(p.Missing) == 0 {
			unreached = append(unreached, p.ID)
		}
	}
	return all, unreached
}

type fataler interface {
	Helper()
	Errorf(string, ...any)
}

// agrees holds answers about single callers to the paths.
func agrees(t fataler, s *model.Snapshot) int {
	t.Helper()
	ix := model.NewIndex(s)
	d := reach.NewDeriver(ix)
	paths := d.Paths()
	all, unreached := expected(d, paths)
	for _, id := range unreached {
		t.Errorf("no destination is that of path %s", id)
	}
	for _, e := range all {
		a := d.Ask(&e.caller, &e.to, paths)
		if a.OfSome && e.changing(ix) && worst(a.Access, e.access) == a.Access {
			continue // one of the deployments does not use Service Connect
		}
		if a.Access != e.access {
			t.Errorf("%s → %s:%d (%s %d-%d %s): the answer is %s, the paths say %s\n%+v", e.name, e.to.Service,
				e.to.ContainerPort,
				e.to.Protocol, e.to.Port, e.to.PortEnd, e.to.Deployment, a.Access, e.access, a.Checks)
		}
	}
	return len(all)
}

// Paths are derived for all callers of a shape at once, by what load balancers and
// namespaces say; an answer is derived for one caller alone.
func TestAnswersAgreeWithThePaths(t *testing.T) {
	t.Parallel()
	asked := 0
	for _, w := range modeltest.Ways() {
		asked += agrees(t, w.Snapshot)
	}
	for _, s := range []*model.Snapshot{
		modeltest.Article(0, 80), modeltest.Article(8080, 80), modeltest.Article(8080, 8080), modeltest.ManyWays(),
		modeltest.RollingOut().Snapshot(), modeltest.Discovered().Snapshot(), modeltest.Fleet(1, 30), modeltest.Mesh(1, 20),
	} {
		asked += agrees(t, s)
	}
	if asked < 100 {
		t.Errorf("%d answers were compared", asked)
	}
}

func TestAnswersAgreeWithThePathsOfAnyAccount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := modeltest.Draw(t)
		if rapid.Bool().Draw(t, "a gap") {
			modeltest.Deny(s, rapid.SampledFrom(deniable).Draw(t, "denied"))
		}
		agrees(t, s)
	})
}

var deniable = []model.Action{
	model.DescribeSecurityGroups, model.DescribeSubnets, model.DescribeNetworkAcls, model.DescribeTaskDefinition,
	model.DescribeTargetGroups, model.DescribeContainerInstances, model.DescribeTargetGroupAttributes,
}

// callersOf are callers of every kind that may be named in a snapshot.
func callersOf(s *model.Snapshot) map[string]reach.Caller {
	all := map[string]reach.Caller{
		"any": {Blocks: reach.AllAddresses()}, "the VPC": blocks("10.0.0.0/16"), "a subnet": blocks("10.0.0.0/20"),
		"a part": blocks("10.0.3.0/24"), "an address": blocks("10.0.0.1"), "elsewhere": blocks("172.16.0.0/12"),
		"IPv6":  blocks("2001:db8::/32"),
		"tasks": {Tasks: &model.Ref{Cluster: "prod", Service: "report"}}, "a group that nothing has": {Group: "sg-lone"},
	}
	for i := range s.Services {
		ref := s.Services[i].Ref()
		all[ref.String()] = reach.Caller{Service: &ref}
	}
	for i := range s.LoadBalancers {
		all[s.LoadBalancers[i].Name] = reach.Caller{LoadBalancer: &s.LoadBalancers[i]}
	}
	for i := range s.SecurityGroups {
		all[s.SecurityGroups[i].ID] = reach.Caller{Group: s.SecurityGroups[i].ID}
	}
	return all
}

func blocks(all ...string) reach.Caller {
	var c reach.Caller
	for _, text := range all {
		if p, err := netip.ParsePrefix(text); err == nil {
			c.Blocks = append(c.Blocks, p)
		} else {
			addr := netip.MustParseAddr(text)
			c.Blocks = append(c.Blocks, netip.PrefixFrom(addr, addr.BitLen()))
		}
	}
	return c
}

// answers are those for every caller and the usual ports of every service and load
// balancer.
func answers(s *model.Snapshot) map[string]reach.Answer {
	ix := model.NewIndex(s)
	d := reach.NewDeriver(ix)
	paths := d.Paths()
	out := map[string]reach.Answer{}
	for name, c := range callersOf(s) {
		for i := range s.Services {
			for _, port := range []int{80, 8080} {
				for _, to := range d.Destinations(s.Services[i].Ref(), port) {
					key := fmt.Sprintf("%s → %s %s %s:%d %s %d-%d %t", name, to.Service, to.Deployment, to.Container,
						to.ContainerPort,
						to.Protocol, to.Port, to.PortEnd, to.Agent)
					out[key] = d.Ask(&c, &to, paths)
				}
			}
		}
		for i := range s.LoadBalancers {
			listeners, _ := d.Listeners(&s.LoadBalancers[i], 0)
			for _, to := range listeners {
				out[fmt.Sprint(name, " → ", to.LoadBalancer.Name, to.Port, to.Protocol)] = d.Ask(&c, &to, paths)
			}
		}
	}
	return out
}

// withTasks adds standalone tasks to an account, with an interface of their own.
func withTasks(s *model.Snapshot, group string) {
	s.StandaloneTasks = []model.StandaloneTasks{{Cluster: "prod", Tasks: []model.StandaloneTask{{
		Task: model.Task{
			ARN:            "arn:aws:ecs:r:1:task/prod/1",
			TaskDefinition: "arn:aws:ecs:r:1:task-definition/report:1",
			Addresses:      []netip.Addr{netip.MustParseAddr("10.0.3.9")},
		},
		NetworkInterface: "eni-1", Subnet: modeltest.SubnetA, Status: "RUNNING",
	}}}}
	s.NetworkInterfaces = []model.NetworkInterface{{
		ID: "eni-1", VPC: modeltest.VPC, Subnet: modeltest.SubnetA, SecurityGroups: []string{group},
		Addresses: []netip.Addr{netip.MustParseAddr("10.0.3.9")},
	}}
}

// What is not known never makes an answer finer, or a refusal of one that was none.
func TestRemovingKnowledgeNeverMakesAnAnswerFiner(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := modeltest.Draw(t)
		withTasks(s, rapid.SampledFrom([]string{"sg-svc0", "sg-alb"}).Draw(t, "group"))
		before := answers(s)
		action := rapid.SampledFrom(append([]model.Action{
			model.DescribeNetworkInterfaces, model.DescribeVpcs, model.DescribeListeners, model.DescribeManagedPrefixLists,
		}, deniable...)).Draw(t, "denied")
		modeltest.Deny(s, action)
		for name, a := range answers(s) {
			was, known := before[name]
			if known && a.Access != was.Access && a.Access != reach.AccessUnknown {
				t.Errorf("without %s, %s is %s and was %s: %+v", action, name, a.Access, was.Access, a.Checks)
			}
			if a.Access == reach.AccessUnknown && len(a.Missing)+len(a.Part) == 0 && len(a.Checks) == 0 {
				t.Errorf("%s is unknown without a reason", name)
			}
		}
	})
}

// Where the target's groups are not known, an egress rule for a group may name one of
// them: a caller with such a rule is not judged like one without.
func TestEgressToGroupsMattersWhereTheTargetsGroupsAreNotKnown(t *testing.T) {
	t.Parallel()
	s := modeltest.New().
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Offer("http", 0, 80), groupless).
		Group("sg-closed", modeltest.NoEgress()).Group("sg-open", modeltest.Out("tcp 80", "sg-default")).
		Service("caller", modeltest.Client(), withGroup("sg-closed")).Service("other", modeltest.Client(),
		withGroup("sg-open")).
		Deny(model.DescribeSubnets).Snapshot()
	for _, p := range reach.Paths(model.NewIndex(s)) {
		want := reach.Blocked
		if p.Source.Services.Contains(model.Ref{Cluster: "prod", Service: "other"}) {
			want = reach.AccessUnknown
		}
		if p.Access != want || p.Source.Services.Len() != 1 {
			t.Errorf("%s from %s is %s, want %s", p.ID, p.Source.Services, p.Access, want)
		}
	}
	agrees(t, s)
}

func groupless(s *modeltest.Spec) { s.Deployment.Network.SecurityGroups = nil }

func withGroup(id string) func(*modeltest.Spec) {
	return modeltest.Change(func(s *modeltest.Spec) { s.Deployment.Network.SecurityGroups = []string{id} })
}

// Clients that are refused at the load balancer make all of its paths blocked: what
// differs behind it differs all the same.
func TestDeploymentsDifferBehindALoadBalancerThatAdmitsNothing(t *testing.T) {
	t.Parallel()
	s := modeltest.New().ALB("alb", 80, "tg").Group("sg-alb", modeltest.In("tcp 1", "10.0.0.0/16")).
		Group("sg-web", modeltest.In("tcp 80", "sg-alb")).Group("sg-old", modeltest.In("tcp 80", "10.0.0.0/20")).
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Behind("tg", 80), func(s *modeltest.Spec) {
			old := s.Deployment
			old.ID, old.Status = "ecs-svc/0", "ACTIVE"
			old.TaskDefinition = s.TaskDefinition.ARN
			old.Network = &model.Network{Subnets: old.Network.Subnets, SecurityGroups: []string{"sg-old"}}
			s.Service.Deployments = append(s.Service.Deployments, old)
		}).Snapshot()
	got := map[string]reach.Access{}
	for _, p := range reach.Paths(model.NewIndex(s)) {
		if p.Source.Kind == reach.SourceLoadBalancer {
			got[p.Target.Deployment] = p.SourceAccess()
		}
	}
	if len(got) != 2 || got[model.PrimaryDeployment] != reach.Allowed || got["ACTIVE"] != reach.Blocked {
		t.Errorf("got %v", got)
	}
}

// asked is the answer for a caller about port 80 of the service web.
func asked(t *testing.T, s *model.Snapshot, c reach.Caller) reach.Answer {
	t.Helper()
	d := reach.NewDeriver(model.NewIndex(s))
	all := d.Destinations(model.Ref{Cluster: "prod", Service: "web"}, 80)
	if len(all) != 1 {
		t.Fatalf("%d destinations: %+v", len(all), all)
	}
	return d.Ask(&c, &all[0], d.Paths())
}

func TestAddressesAreAdmittedWhollyPartlyOrNot(t *testing.T) {
	t.Parallel()
	web := func(rules ...modeltest.GroupRule) *modeltest.Builder {
		return modeltest.New().Service("web", modeltest.Port("http", 80, "http")).Group("sg-web", rules...)
	}
	in := modeltest.In
	for name, c := range map[string]struct {
		on    *modeltest.Builder
		block string
		want  reach.Access
		part  string
	}{
		"all of it": {web(in("tcp 80", "10.0.0.0/16")), "10.0.3.0/24", reach.Allowed, "[]"},
		"by two rules": {
			web(in("tcp 80", "10.0.0.0/17"), in("tcp 80", "10.0.128.0/17")),
			"10.0.0.0/16", reach.Allowed, "[]",
		},
		"none of it":   {web(in("tcp 80", "10.0.4.0/24")), "10.0.3.0/24", reach.Blocked, "[]"},
		"another port": {web(in("tcp 81", "10.0.0.0/16")), "10.0.3.0/24", reach.Blocked, "[]"},
		"a part": {
			web(in("tcp 80", "10.0.3.128/25")), "10.0.3.0/24", reach.AccessUnknown,
			"[10.0.3.128/25]",
		},
		"a member may have the group": {
			web(in("tcp 80", "sg-alb")).Group("sg-alb"), "10.0.3.0/24",
			reach.AccessUnknown, "[]",
		},
		"an address may have the group": {
			web(in("tcp 80", "sg-alb")).Group("sg-alb"), "10.0.3.7",
			reach.AccessUnknown, "[]",
		},
		"outside, where no group helps": {
			web(in("tcp 80", "sg-alb")).Group("sg-alb"), "192.168.0.0/24",
			reach.Blocked, "[]",
		},
		"outside, by a rule, over a route": {
			web(in("tcp 80", "192.168.0.0/16")), "192.168.0.0/24",
			reach.AccessUnknown, "[]",
		},
		"the other family": {web(in("tcp 80", "0.0.0.0/0")), "2001:db8::/32", reach.Blocked, "[]"},
		"no group":         {web(), "10.0.3.7", reach.Blocked, "[]"},
		"unread groups": {
			web(in("tcp 80", "10.0.0.0/16")).Deny(model.DescribeSecurityGroups),
			"10.0.3.7", reach.AccessUnknown, "[]",
		},
		"unread VPCs, in a subnet": {
			web(in("tcp 80", "10.0.0.0/16")).Deny(model.DescribeVpcs), "10.0.3.0/24",
			reach.Allowed, "[]",
		},
		"unread VPCs, elsewhere": {
			web(in("tcp 80", "10.0.0.0/16")).Deny(model.DescribeVpcs),
			"10.0.99.0/24", reach.AccessUnknown, "[]",
		},
		"an address of which tasks might tell more": {
			web(in("tcp 80", "10.0.0.0/16")).Deny(model.DescribeTasks),
			"10.0.3.7", reach.AccessUnknown, "[]",
		},
	} {
		a := asked(t, c.on.Snapshot(), blocks(c.block))
		if a.Access != c.want || fmt.Sprint(a.Part) != c.part {
			t.Errorf("%s: %s, part %v: %+v", name, a.Access, a.Part, a.Checks)
		}
		if a.Access == reach.AccessUnknown && len(a.Missing)+len(a.Part) == 0 {
			t.Errorf("%s: nothing says why", name)
		}
	}
}

// An address that was read is that of its owner, whose groups are asked as well.
func TestAnAddressThatWasReadIsItsOwners(t *testing.T) {
	t.Parallel()
	s := modeltest.New().Service("web", modeltest.Port("http", 80, "http")).Group("sg-web", modeltest.In("tcp 80",
		"10.0.0.0/16")).
		Group("sg-mute", modeltest.NoEgress()).Group("sg-free").Snapshot()
	withTasks(s, "sg-mute")
	a := asked(t, s, blocks("10.0.3.9"))
	if a.Access != reach.Blocked || a.Owner != "a standalone task of family report" {
		t.Errorf("%s, %q", a.Access, a.Owner)
	}
	if a := asked(t, s, blocks("10.0.3.10")); a.Access != reach.Allowed || a.Owner != "" {
		t.Errorf("the address beside it: %s, %q", a.Access, a.Owner)
	}
	// Nothing with this address has a group whose interfaces were all read.
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].InterfacesRead = true
		if g := &s.SecurityGroups[i]; g.ID == "sg-web" {
			g.Ingress = []model.SecurityGroupRule{{
				Protocol: "tcp", FromPort: 80, ToPort: 80,
				Group: &model.GroupReference{ID: "sg-free"},
			}}
		}
	}
	if a := asked(t, s, blocks("10.0.3.10")); a.Access != reach.Blocked {
		t.Errorf("without the group: %s", a.Access)
	}
}

func TestAllThatIsInTheWayIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	s := modeltest.New().Service("web", modeltest.Port("http", 80, "http")).Service("caller").
		Group("sg-web").Group("sg-caller", modeltest.NoEgress()).Snapshot()
	for _, egress := range []bool{false, true} {
		s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, model.NetworkACLEntry{
			Number: 1, Egress: egress, Protocol: "6", CIDR: netip.MustParsePrefix("0.0.0.0/0"), ToPort: 65535,
		})
	}
	a := asked(t, s, reach.Caller{Service: &model.Ref{Cluster: "prod", Service: "caller"}})
	kinds := map[reach.CheckKind]int{}
	for _, c := range a.Checks {
		if c.Access == reach.Blocked {
			kinds[c.Kind]++
		}
	}
	if a.Access != reach.Blocked || kinds[reach.CheckSourceEgress] != 1 || kinds[reach.CheckTargetIngress] != 1 ||
		kinds[reach.CheckNetworkACL] < 4 {
		t.Errorf("%v: %+v", kinds, a.Checks)
	}
}

// listener is a load balancer whose group has these rules, and a caller with its own.
func listener(scheme string, in []modeltest.GroupRule, out ...modeltest.GroupRule) *model.Snapshot {
	return modeltest.New().ALB("alb", 443, "tg").Group("sg-alb", in...).
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Behind("tg", 80)).Group("sg-web").
		Service("caller").Group("sg-caller", out...).
		Edit(func(s *model.Snapshot) { s.LoadBalancers[0].Scheme = scheme }).Snapshot()
}

// A public name leads out of the VPC, where addresses are those of a gateway.
func TestCallersOfAPublicLoadBalancerComeByAGateway(t *testing.T) {
	t.Parallel()
	world, group, private := modeltest.In("tcp 443", "0.0.0.0/0"), modeltest.In("tcp 443", "sg-caller"),
		modeltest.In("tcp 443", "10.0.0.0/16")
	all := func(rules ...modeltest.GroupRule) []modeltest.GroupRule { return rules }
	web := model.Ref{Cluster: "prod", Service: "caller"}
	for name, c := range map[string]struct {
		scheme string
		in     []modeltest.GroupRule
		out    []modeltest.GroupRule
		caller reach.Caller
		want   reach.Access
	}{
		"internal, by its group":    {"internal", all(group), nil, reach.Caller{Service: &web}, reach.Allowed},
		"public, open to the world": {"internet-facing", all(world), nil, reach.Caller{Service: &web}, reach.Allowed},
		"public, open beside a group": {
			"internet-facing", all(group, world), nil,
			reach.Caller{Service: &web},
			reach.Allowed,
		},
		"public, by its group alone": {
			"internet-facing", all(group), nil,
			reach.Caller{Service: &web},
			reach.AccessUnknown,
		},
		"public, by the VPC's addresses": {
			"internet-facing", all(private), nil,
			reach.Caller{Service: &web},
			reach.AccessUnknown,
		},
		"public, on another port": {
			"internet-facing", all(modeltest.In("tcp 80", "0.0.0.0/0")), nil,
			reach.Caller{Service: &web},
			reach.Blocked,
		},
		"public, egress to the VPC alone": {"internet-facing", all(world), all(modeltest.Out("tcp 443",
			"10.0.0.0/16")), reach.Caller{Service: &web}, reach.AccessUnknown},
		"public, no egress": {
			"internet-facing", all(world), all(modeltest.NoEgress()),
			reach.Caller{Service: &web},
			reach.Blocked,
		},
		"the internet to a public one":    {"internet-facing", all(world), nil, blocks("203.0.113.0/24"), reach.Allowed},
		"the world to a public one":       {"internet-facing", all(world), nil, blocks("0.0.0.0/0"), reach.Allowed},
		"a peer to a public one":          {"internet-facing", all(world), nil, blocks("10.9.0.0/16"), reach.AccessUnknown},
		"the internet to an internal one": {"internal", all(world), nil, blocks("203.0.113.0/24"), reach.AccessUnknown},
		"the VPC to an internal one":      {"internal", all(world), nil, blocks("10.0.0.0/16"), reach.Allowed},
		"any, one family": {
			"internet-facing", all(world), nil,
			reach.Caller{Blocks: reach.AllAddresses()},
			reach.Allowed,
		},
	} {
		s := listener(c.scheme, c.in, c.out...)
		if len(c.in) > 0 { // the load balancer's builder opens its port
			for i := range s.SecurityGroups {
				if g := &s.SecurityGroups[i]; g.ID == "sg-alb" && len(g.Ingress) != len(c.in) {
					t.Fatalf("%s: %d rules", name, len(g.Ingress))
				}
			}
		}
		d := reach.NewDeriver(model.NewIndex(s))
		to, missing := d.Listeners(&s.LoadBalancers[0], 443)
		if missing != nil || len(to) != 1 {
			t.Fatalf("%v, %v", to, missing)
		}
		if a := d.Ask(&c.caller, &to[0], nil); a.Access != c.want {
			t.Errorf("%s: %s, want %s: %+v", name, a.Access, c.want, a.Checks)
		}
	}
}

// Both families of a load balancer with both count, and of one with IPv4 alone that.
func TestEachFamilyOfAddressesCounts(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]map[string]reach.Access{
		"dualstack": {"any": reach.AccessUnknown, "IPv6": reach.Blocked},
		"ipv4":      {"any": reach.Allowed, "IPv6": reach.Blocked},
	} {
		s := listener("internet-facing", []modeltest.GroupRule{modeltest.In("tcp 443", "0.0.0.0/0")})
		s.LoadBalancers[0].IPAddressType = kind
		for i := range s.Subnets {
			s.Subnets[i].CIDRs = append(s.Subnets[i].CIDRs, netip.MustParsePrefix(fmt.Sprintf("2001:db8:0:%d::/64", i)))
		}
		d := reach.NewDeriver(model.NewIndex(s))
		to, _ := d.Listeners(&s.LoadBalancers[0], 0)
		for name, c := range map[string]reach.Caller{"any": {Blocks: reach.AllAddresses()}, "IPv6": blocks("2600::/16")} {
			a := d.Ask(&c, &to[0], nil)
			if a.Access != want[name] || name == "any" && kind == "dualstack" && fmt.Sprint(a.Part) != "[0.0.0.0/0]" {
				t.Errorf("%s, %s: %s, part %v", kind, name, a.Access, a.Part)
			}
		}
	}
}

// Groups that are not read here, of a peer, and those that are gone.
func TestGroupsOfOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reference model.GroupReference
		caller    reach.Caller
		want      reach.Access
	}{
		"its own egress is not known": {
			model.GroupReference{ID: "sg-peer", VPC: "vpc-2"},
			reach.Caller{Group: "sg-peer"},
			reach.AccessUnknown,
		},
		"an address may have it": {
			model.GroupReference{ID: "sg-peer", VPC: "vpc-2"},
			blocks("172.31.0.7"),
			reach.AccessUnknown,
		},
		"of another account": {
			model.GroupReference{ID: "sg-peer", Account: "999999999999"},
			blocks("172.31.0.7"), reach.AccessUnknown,
		},
		"a peering that is gone": {model.GroupReference{
			ID: "sg-peer", VPC: "vpc-2",
			PeeringStatus: "deleted",
		}, blocks("172.31.0.7"), reach.Blocked},
		"one of this VPC helps none beyond": {model.GroupReference{ID: "sg-alb"}, blocks("172.31.0.7"), reach.Blocked},
	} {
		s := modeltest.New().Service("web", modeltest.Port("http", 80, "http")).Group("sg-web", modeltest.In("tcp 80",
			"sg-peer")).Group("sg-alb").Snapshot()
		for i := range s.SecurityGroups {
			if g := &s.SecurityGroups[i]; g.ID == "sg-web" {
				g.Ingress[0].Group = &c.reference
			}
		}
		if a := asked(t, s, c.caller); a.Access != c.want {
			t.Errorf("%s: %s: %+v", name, a.Access, a.Checks)
		}
	}
}

// A group is asked alone, where what has it is; where that is not known, an ACL that
// refuses some subnets decides nothing.
func TestAGroupIsAskedAloneWhereItIs(t *testing.T) {
	t.Parallel()
	s := modeltest.New().Service("web", modeltest.Port("http", 80, "http")).Group("sg-web", modeltest.In("tcp 80",
		"sg-lone")).
		Group("sg-lone").Service("caller", withGroup("sg-lone")).Snapshot()
	if a := asked(t, s, reach.Caller{Group: "sg-lone"}); a.Access != reach.Allowed {
		t.Errorf("%+v", a)
	}
	if a := asked(t, s, reach.Caller{Group: "sg-web"}); a.Access != reach.Blocked {
		t.Errorf("another group: %+v", a)
	}
	// The answers to subnet-b are refused.
	strict := model.NetworkACL{
		ID: "acl-b", VPC: modeltest.VPC, Subnets: []string{modeltest.SubnetB},
		Entries: []model.NetworkACLEntry{
			{Number: 1, Allow: true, Protocol: "6", CIDR: netip.MustParsePrefix("0.0.0.0/0"), ToPort: 1000},
			{Number: 1, Allow: true, Egress: true, Protocol: "-1", CIDR: netip.MustParsePrefix("0.0.0.0/0")},
		},
	}
	s.NetworkACLs[0].Subnets = []string{modeltest.SubnetA}
	s.NetworkACLs = append(s.NetworkACLs, strict)
	if a := asked(t, s, reach.Caller{Group: "sg-lone"}); a.Access != reach.AccessUnknown {
		t.Errorf("somewhere: %+v", a)
	}
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].InterfacesRead = true
	}
	if a := asked(t, s, reach.Caller{Group: "sg-lone"}); a.Access != reach.Blocked {
		t.Errorf("in both subnets: %+v", a)
	}
}
