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
func expected(d *reach.Deriver, paths []*reach.Path) (all map[string]*expectation, unreached []string) {
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
	for _, p := range paths {
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
