package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hopscope/aws/simulator"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// casesDir holds real topologies, taken from public definitions, with the ways
// that a careful reader expects. They are not ours to copy into the repository, and
// lie beside it: in shared/cases of a directory above.
func casesDir(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		cases := filepath.Join(dir, "shared", "cases")
		if _, err := os.Stat(cases); err == nil {
			return cases
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no real topologies at ../shared/cases: they are not part of the repository")
		}
		dir = parent
	}
}

// topology is the neutral shape of a case file.
type topology struct {
	Services       []caseService
	LoadBalancers  []caseLoadBalancer
	TargetGroups   []caseTargetGroup
	SecurityGroups []caseGroup
	Expected       []struct {
		Path, Verdict string
		SGKnown       *bool
	}
}

type caseService struct {
	Name, Cluster, LaunchType, NetworkMode string
	Containers                             []struct {
		Name         string
		PortMappings []simulator.PortMapping
	}
	ServiceConnect map[string]any
	LoadBalancers  []struct {
		TargetGroup, ContainerName string
		ContainerPort              int
	}
	SecurityGroups       []string
	DeploymentStrategy   string
	AlternateTargetGroup string
	ServiceRegistries    []string
}

type caseLoadBalancer struct {
	Name, Type, Scheme string
	SecurityGroups     []string
	Listeners          []struct {
		Port         int
		Protocol     string
		Default      string
		TargetGroups []string
		Rules        []struct {
			Priority     int
			Path, Host   string
			TargetGroups []json.RawMessage
		}
	}
}

type caseTargetGroup struct {
	Name, Protocol, TargetType, HealthCheckPort, HealthCheckPath string
	Port                                                         int
}

type caseGroup struct {
	Name            string
	Ingress, Egress []caseGroupRule
}

type caseGroupRule struct {
	Protocol             string
	FromPort, ToPort     int
	CIDR, SG, PrefixList string
}

func TestRealTopologies(t *testing.T) {
	dir := casesDir(t)
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no case: %v", dir, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c := readTopology(t, file)
			snapshot := readAll(t, simulator.New(c.world(), simulator.Options{}))
			removalsComeLast(t, snapshot)
			answersAgree(t, snapshot)
			report := rule.Analyze(snapshot)
			compared := 0
			for _, e := range c.Expected {
				known := e.SGKnown == nil || *e.SGKnown
				switch {
				case c.compare(t, report, e.Path, e.Verdict, known):
					compared++
				case e.Verdict == "unknown", nowhere.MatchString(e.Path):
					// Nothing is claimed, as it should be; or no path can be.
					t.Logf("no path: %s (%s)", e.Path, e.Verdict)
				default:
					t.Errorf("the report has no path %s (%s)", e.Path, e.Verdict)
				}
			}
			t.Logf("%d of %d expectations compared", compared, len(c.Expected))
			if compared == 0 {
				t.Error("nothing was compared")
			}
		})
	}
}

// readTopology reads a case.
func readTopology(t *testing.T, file string) *topology {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var c topology
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return &c
}

// world builds a world of the case.
func (c *topology) world() *simulator.World {
	w := &simulator.World{}
	for _, s := range c.Services {
		c.addService(w, s)
	}
	for _, tg := range c.TargetGroups {
		w.TargetGroups = append(w.TargetGroups, simulator.TargetGroup{
			Name: tg.Name, Port: tg.Port, Protocol: tg.Protocol, TargetType: tg.TargetType,
			HealthCheck: simulator.HealthCheck{Port: tg.HealthCheckPort, Path: tg.HealthCheckPath},
		})
	}
	for _, lb := range c.LoadBalancers {
		w.LoadBalancers = append(w.LoadBalancers, lb.loadBalancer())
	}
	for _, g := range c.SecurityGroups {
		w.SecurityGroups = append(w.SecurityGroups, simulator.SecurityGroup{
			Name: g.Name, Ingress: groupRules(w, g.Ingress), Egress: groupRules(w, g.Egress),
		})
	}
	c.addHypothetical(w)
	addReferredGroups(w)
	return w
}

func (c *topology) addService(w *simulator.World, s caseService) {
	if !slices.ContainsFunc(w.Clusters, func(o simulator.Cluster) bool { return o.Name == s.Cluster }) {
		w.Clusters = append(w.Clusters, simulator.Cluster{Name: s.Cluster})
	}
	td := simulator.TaskDefinition{Family: s.Name, NetworkMode: s.NetworkMode}
	for _, container := range s.Containers {
		td.Containers = append(td.Containers, simulator.Container{Name: container.Name, PortMappings: container.PortMappings})
	}
	w.TaskDefinitions = append(w.TaskDefinitions, td)
	out := simulator.Service{
		Name: s.Name, Cluster: s.Cluster, SecurityGroups: s.SecurityGroups, DeploymentStrategy: s.DeploymentStrategy,
		ServiceConnect: serviceConnect(w, s.ServiceConnect),
	}
	if s.LaunchType == "FARGATE_SPOT" {
		out.CapacityProviders = []string{s.LaunchType}
	} else {
		out.LaunchType = s.LaunchType
	}
	for _, lb := range s.LoadBalancers {
		out.LoadBalancers = append(out.LoadBalancers, simulator.ServiceLoadBalancer{
			TargetGroup: lb.TargetGroup, ContainerName: lb.ContainerName, ContainerPort: lb.ContainerPort,
			AlternateTargetGroup: s.AlternateTargetGroup,
		})
	}
	for _, name := range s.ServiceRegistries {
		service, namespace, _ := strings.Cut(name, ".")
		addNamespace(w, namespace, "DNS_PRIVATE")
		out.Registries = append(out.Registries, simulator.ServiceRegistry{Namespace: namespace, Service: service})
	}
	if s.NetworkMode != "awsvpc" {
		// The case gives the instances' groups as the service's.
		w.ContainerInstances = append(w.ContainerInstances, simulator.ContainerInstance{
			Name: "instance-of-" + s.Name, Cluster: s.Cluster, SecurityGroups: s.SecurityGroups,
		})
	}
	w.Services = append(w.Services, out)
}

// addHypothetical adds the callers that a case only imagines: clients of the first
// service's namespace.
func (c *topology) addHypothetical(w *simulator.World) {
	for _, e := range c.Expected {
		if !strings.HasPrefix(e.Path, hypothetical+"->") {
			continue
		}
		first := c.Services[0]
		caller := caseService{
			Name: hypothetical, Cluster: first.Cluster, LaunchType: "FARGATE", NetworkMode: "awsvpc",
			SecurityGroups: []string{hypothetical},
		}
		if sc := first.ServiceConnect; sc != nil {
			caller.ServiceConnect = map[string]any{"enabled": true, "namespace": sc["namespace"]}
		}
		w.SecurityGroups = append(w.SecurityGroups, simulator.SecurityGroup{Name: hypothetical})
		c.addService(w, caller)
	}
}

const hypothetical = "other-sc-client"

// nowhere are callers that no path of a report starts from: what is outside of
// every load balancer, and who dials an address.
var nowhere = regexp.MustCompile(`^(internet|peer-by-ip|[\w-]+\(peer ip\))->`)

// serviceConnect turns the neutral shape into AWS's.
func serviceConnect(w *simulator.World, sc map[string]any) json.RawMessage {
	if sc == nil {
		return nil
	}
	addNamespace(w, sc["namespace"].(string), "HTTP")
	services, _ := sc["services"].([]any)
	for _, s := range services {
		s := s.(map[string]any)
		for key, value := range s {
			if value == nil {
				delete(s, key)
			}
		}
		if _, ok := s["tls"]; ok {
			s["tls"] = map[string]any{"issuerCertificateAuthority": map[string]any{
				"awsPcaAuthorityArn": "arn:aws:acm-pca:ap-northeast-1:123456789012:certificate-authority/case",
			}}
		}
	}
	data, err := json.Marshal(sc)
	if err != nil {
		panic(err)
	}
	return data
}

func addNamespace(w *simulator.World, name, kind string) {
	if !slices.ContainsFunc(w.Namespaces, func(n simulator.Namespace) bool { return n.Name == name }) {
		w.Namespaces = append(w.Namespaces, simulator.Namespace{Name: name, Type: kind})
	}
}

func (lb caseLoadBalancer) loadBalancer() simulator.LoadBalancer {
	out := simulator.LoadBalancer{Name: lb.Name, Type: lb.Type, Scheme: lb.Scheme, SecurityGroups: lb.SecurityGroups}
	for _, l := range lb.Listeners {
		listener := simulator.Listener{Port: l.Port, Protocol: l.Protocol}
		switch {
		case strings.HasPrefix(l.Default, "redirect"):
			listener.Default.Redirect = &simulator.Redirect{}
		case l.Default != "" || len(l.Rules) > 0:
			listener.Default.FixedResponse = &simulator.FixedResponse{StatusCode: 404}
		default:
			listener.Default = simulator.ForwardTo(l.TargetGroups[0])
		}
		for i, r := range l.Rules {
			rule := simulator.ListenerRule{Priority: r.Priority}
			if r.Priority == 0 {
				rule.Priority = 100 - i
			}
			if r.Path != "" {
				rule.Conditions = append(rule.Conditions, simulator.RuleCondition{Field: "path-pattern", Values: []string{r.Path}})
			}
			if r.Host != "" {
				rule.Conditions = append(rule.Conditions, simulator.RuleCondition{Field: "host-header", Values: []string{r.Host}})
			}
			for _, raw := range r.TargetGroups {
				rule.Action.Forward = append(rule.Action.Forward, weighted(raw))
			}
			listener.Rules = append(listener.Rules, rule)
		}
		out.Listeners = append(out.Listeners, listener)
	}
	return out
}

func weighted(raw json.RawMessage) simulator.WeightedTargetGroup {
	var t struct {
		Name   string
		Weight int
	}
	if json.Unmarshal(raw, &t.Name) == nil {
		return simulator.WeightedTargetGroup{TargetGroup: t.Name, Weight: 1}
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		panic(err)
	}
	return simulator.WeightedTargetGroup{TargetGroup: t.Name, Weight: t.Weight}
}

func groupRules(w *simulator.World, rules []caseGroupRule) []simulator.SecurityGroupRule {
	if rules == nil {
		return nil
	}
	out := []simulator.SecurityGroupRule{}
	for _, r := range rules {
		rule := simulator.SecurityGroupRule{Protocol: r.Protocol, CIDR: r.CIDR, Group: r.SG, PrefixList: r.PrefixList}
		if r.Protocol != "-1" {
			rule.Ports = simulator.PortRange{From: r.FromPort, To: r.ToPort}
		}
		if r.PrefixList != "" {
			w.PrefixLists = append(w.PrefixLists, simulator.PrefixList{
				Name: r.PrefixList, Owner: "AWS",
				Entries: []string{"13.32.0.0/15"},
			})
		}
		out = append(out, rule)
	}
	return out
}

// addReferredGroups adds groups that rules name and the case leaves out.
func addReferredGroups(w *simulator.World) {
	for i := range w.SecurityGroups {
		for _, r := range slices.Concat(w.SecurityGroups[i].Ingress, w.SecurityGroups[i].Egress) {
			if r.Group != "" && !slices.ContainsFunc(w.SecurityGroups,
				func(g simulator.SecurityGroup) bool { return g.Name == r.Group }) {
				w.SecurityGroups = append(w.SecurityGroups, simulator.SecurityGroup{Name: r.Group})
			}
		}
	}
}

var (
	fromLoadBalancer = regexp.MustCompile(`^ALB\(([^)]+)\):(health-check )?(\d+)(?:\[(?:rule )?([^\]]+)\])?->(\S+):(\d+)$`)
	fromService      = regexp.MustCompile(`^([\w-]+)->(\S+):(\d+)$`)
)

// compare looks the path of an expectation up in the report and compares. It is
// false when the report has no path of that kind.
func (c *topology) compare(t *testing.T, report *rule.Analysis, path, verdict string, groupsKnown bool) bool {
	t.Helper()
	var found []*reach.Path
	if m := fromLoadBalancer.FindStringSubmatch(path); m != nil {
		found = c.loadBalancerPaths(report, m)
		if len(found) == 0 {
			t.Errorf("%s: the report has no such path", path)
			return true
		}
	} else if m := fromService.FindStringSubmatch(path); m != nil {
		found = c.callerPaths(report, m[1], m[2], number(m[3]))
	}
	for _, p := range found {
		judged := groupsKnown && (p.Source.Services == nil || p.Source.Services.Len() > 0)
		if problem := disagreement(p, verdict, judged); problem != "" {
			t.Errorf("%s: %s; got via %s, access %s, verdict %s: %s", path, problem, p.Via, p.Access, p.Verdict, p.ViaWhy())
		}
	}
	return len(found) > 0
}

// disagreement says where a path is not what the expectation says, "" if it is.
func disagreement(p *reach.Path, verdict string, groupsKnown bool) string {
	arrives := !groupsKnown || p.Access == reach.Allowed
	switch {
	case verdict == "via-agent" && (p.Via != reach.ViaAgent || !arrives):
		return "should arrive via the agent"
	case verdict == "direct" && (p.Via != reach.ViaDirect || !arrives):
		return "should arrive directly"
	case verdict == "blocked" && p.Access != reach.Blocked:
		return "should be blocked"
	case verdict == "unknown" && (p.Verdict == reach.OK || p.Verdict == reach.Needed):
		return "should not be called fine"
	}
	return ""
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(fmt.Sprintf("%q in a case is not a port", s))
	}
	return n
}

// priorities are the rules that cases call by name.
var priorities = map[string]string{"production": "1", "test": "2"}

func (c *topology) loadBalancerPaths(report *rule.Analysis, m []string) []*reach.Path {
	name, health, port, label, service, target := m[1], m[2], number(m[3]), m[4], m[5], number(m[6])
	var out []*reach.Path
	for _, p := range report.Paths {
		if p.Source.Name != name || p.Target.Service != service {
			continue
		}
		switch {
		case health != "" && p.Source.Kind == reach.SourceHealthCheck && p.Target.WirePort == port,
			health == "" && p.Source.Kind == reach.SourceLoadBalancer && p.Source.ListenerPort == port &&
				p.Target.ContainerPort == target && (priorities[label] == "" || priorities[label] == p.Source.Rule):
			out = append(out, p)
		}
	}
	return out
}

// callerPaths finds the path of a caller; the port is the alias's or the
// container's. "sc-client" stands for any caller.
func (c *topology) callerPaths(report *rule.Analysis, caller, service string, port int) []*reach.Path {
	var out []*reach.Path
	for _, p := range report.Paths {
		if p.Source.Services == nil || p.Target.Service != service ||
			p.Target.ContainerPort != port && !strings.HasSuffix(p.Source.Endpoint, fmt.Sprint(":", port)) {
			continue
		}
		calls := caller == "sc-client"
		for ref := range p.Source.Services.All() {
			calls = calls || ref.Service == caller
		}
		if calls {
			out = append(out, p)
		}
	}
	return out
}
