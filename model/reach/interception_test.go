package reach_test

import (
	"strings"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/reach"
)

// TestWhoHandlesALoadBalancersRequest walks through docs/traffic.md, Who handles a request: a service
// behind a load balancer on container port 80.
func TestWhoHandlesALoadBalancersRequest(t *testing.T) {
	sidecar := func(port int) func(*Spec) {
		return Change(func(s *Spec) {
			s.TaskDefinition.Containers = append(s.TaskDefinition.Containers, model.Container{
				Name: "sidecar", PortMappings: []model.PortMapping{{Name: "side", ContainerPort: port, Protocol: "tcp"}},
			})
		})
	}
	mode := func(mode model.NetworkMode) func(*Spec) {
		return Change(func(s *Spec) {
			s.TaskDefinition.NetworkMode = mode
			if mode != "awsvpc" {
				s.Deployment.Network = nil
			}
		})
	}
	tests := []struct {
		name    string
		options []func(*Spec)
		want    reach.Via
		why     string
	}{
		{"Service Connect off", nil, reach.ViaDirect, "no agent"},
		{"Service Connect there but not enabled", []func(*Spec){Offer("http", 0, 80), Change(func(s *Spec) {
			s.Deployment.ServiceConnect.Enabled = false
		})}, reach.ViaDirect, "no agent"},
		{"a client only", []func(*Spec){Client()}, reach.ViaDirect, "client only"},
		{
			"the port listed without an override",
			[]func(*Spec){Offer("http", 0, 80)},
			reach.ViaAgent,
			"without an ingressPortOverride",
		},
		{
			"the port listed under an alias of another port",
			[]func(*Spec){Offer("http", 0, 9999)},
			reach.ViaAgent,
			"container port 80",
		},
		{"the port moved by an override", []func(*Spec){Offer("http", 8080, 80)}, reach.ViaDirect, "moved the agent away"},
		{
			"another port listed",
			[]func(*Spec){Port("admin", 9000, ""), Offer("admin", 0, 9000)},
			reach.ViaDirect,
			"not listed",
		},
		{
			"the port listed by a mapping of another container",
			[]func(*Spec){sidecar(9000), Offer("side", 0, 9000)},
			reach.ViaDirect, "not listed",
		},
		{
			"listed twice, once with an override",
			[]func(*Spec){Offer("http", 0, 80), Offer("http", 8080, 80)},
			reach.ViaAgent, "",
		},
		{
			"an override that is another container's port",
			[]func(*Spec){sidecar(8080), Offer("http", 8080, 80)},
			reach.ViaUnknown, "also a port of container sidecar",
		},
		{"an override that is the port itself", []func(*Spec){Change(func(s *Spec) {
			s.TaskDefinition.Containers[0].PortMappings[0].ContainerPort = 8080
			s.Service.LoadBalancers[0].ContainerPort = 8080
		}), Offer("http", 8080, 80)}, reach.ViaUnknown, "also a port of container"},
		{"an override inside a container's port range", []func(*Spec){Change(func(s *Spec) {
			s.TaskDefinition.Containers[0].PortMappings = append(s.TaskDefinition.Containers[0].PortMappings,
				model.PortMapping{ContainerPortRange: "8000-8100"})
		}), Offer("http", 8080, 80)}, reach.ViaUnknown, "also a port of container"},
		{"an override that ECS refuses", []func(*Spec){Offer("http", 1024, 80)}, reach.ViaUnknown, "not above 1024"},
		{"the lowest override that ECS takes", []func(*Spec){Offer("http", 1025, 80)}, reach.ViaDirect, ""},
		{
			"two equal overrides",
			[]func(*Spec){Port("admin", 9000, ""), Offer("http", 8080, 80), Offer("admin", 8080, 9000)},
			reach.ViaUnknown, "same ingressPortOverride",
		},
		{"a port name that the task definition lacks", []func(*Spec){Offer("gone", 0, 80)}, reach.ViaUnknown, `"gone"`},
		{
			"a port name that is lost beside one that intercepts",
			[]func(*Spec){Offer("gone", 0, 80), Offer("http", 0, 80)},
			reach.ViaAgent, "",
		},
		{"a mapping for UDP", []func(*Spec){Offer("http", 0, 80), Change(func(s *Spec) {
			s.TaskDefinition.Containers[0].PortMappings[0].Protocol = "udp"
		})}, reach.ViaDirect, ""},
		{"App Mesh", []func(*Spec){Change(func(s *Spec) {
			s.TaskDefinition.ProxyType = "APPMESH"
		})}, reach.ViaUnknown, "App Mesh"},
		{"Windows", []func(*Spec){Offer("http", 0, 80), Change(func(s *Spec) {
			s.TaskDefinition.OSFamily = "WINDOWS_SERVER_2022_CORE"
		})}, reach.ViaUnknown, "Windows"},
		{"bridge mode", []func(*Spec){mode("bridge"), Offer("http", 0, 80)}, reach.ViaDirect, "host port of its own"},
		{
			"host mode with Service Connect",
			[]func(*Spec){mode("host"), Offer("http", 0, 80)},
			reach.ViaUnknown,
			"network mode",
		},
		{"the default mode with Service Connect", []func(*Spec){mode(""), Client()}, reach.ViaUnknown, `"default"`},
		{"host mode without Service Connect", []func(*Spec){mode("host")}, reach.ViaDirect, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			options := append([]func(*Spec){Port("http", 80, "http"), Behind("tg", 80)}, tt.options...)
			s := New().Group("sg-web", In("tcp 80", "sg-alb")).Group("sg-alb").ALB("alb", 80, "tg").
				Service("web", options...).Snapshot()
			p := one(t, paths(s), reach.SourceLoadBalancer, "web")
			if p.Via != tt.want {
				t.Errorf("via %s, want %s: %s", p.Via, tt.want, p.ViaWhy())
			}
			if !strings.Contains(p.ViaWhy(), tt.why) {
				t.Errorf("why %q does not say %q", p.ViaWhy(), tt.why)
			}
			if p.Via == reach.ViaUnknown && p.Access == reach.Allowed && p.Verdict != reach.Unknown {
				t.Errorf("verdict %s for a way that is not known", p.Verdict)
			}
		})
	}
}

func TestAHealthCheckOnTheAgentsPortGoesToTheAgent(t *testing.T) {
	s := New().Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 8080", "sg-alb")).Group("sg-alb").ALB("alb", 80, "tg").
		Service("web", Port("http", 80, "http"), Offer("http", 8080, 80), Behind("tg", 80)).
		Edit(func(s *model.Snapshot) { s.TargetGroups[0].HealthCheck.Port = "8080" }).Snapshot()
	all := paths(s)
	if p := one(t, all, reach.SourceHealthCheck, "web"); p.Via != reach.ViaAgent || p.Target.WirePort != 8080 {
		t.Errorf("health check via %s on %d, want the agent on 8080", p.Via, p.Target.WirePort)
	}
	if p := one(t, all, reach.SourceLoadBalancer, "web"); p.Via != reach.ViaDirect {
		t.Errorf("requests via %s, want direct", p.Via)
	}
}

func TestAnEndpointThatCannotWorkIsNotFine(t *testing.T) {
	tests := map[string]func(*Spec){
		"UDP":           func(s *Spec) { s.TaskDefinition.Containers[0].PortMappings[0].Protocol = "udp" },
		"lost name":     func(s *Spec) { s.TaskDefinition.Containers[0].PortMappings[0].Name = "renamed" },
		"host mode":     func(s *Spec) { s.TaskDefinition.NetworkMode = "host" },
		"App Mesh":      func(s *Spec) { s.TaskDefinition.ProxyType = "APPMESH" },
		"port 1024":     func(s *Spec) { s.Deployment.ServiceConnect.Services[0].IngressPortOverride = 1024 },
		"own container": func(s *Spec) { s.Deployment.ServiceConnect.Services[0].IngressPortOverride = 80 },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			s := clientAndServer(In("all", "sg-client")).Snapshot()
			broken := New().Group("sg-client").Group("sg-server", In("all", "sg-client")).Service("client", Client()).
				Service("server", Port("http", 80, "http"), Offer("http", 0, 80), Change(change)).Snapshot()
			if p := one(t, paths(s), reach.SourceServiceConnect, "server"); p.Verdict != reach.Needed {
				t.Fatalf("unchanged, the verdict is %s: %s", p.Verdict, p.ViaWhy())
			}
			if p := one(t, paths(broken), reach.SourceServiceConnect, "server"); p.Verdict != reach.Unknown ||
				p.Via != reach.ViaUnknown {
				t.Errorf("via %s, verdict %s: %s", p.Via, p.Verdict, p.ViaWhy())
			}
		})
	}
}

func TestBridgeModeUsesHostPorts(t *testing.T) {
	bridge := func(hostPort int) *model.Snapshot {
		return New().Group("sg-alb").ALB("alb", 80, "tg").
			Service("web", Port("http", 80, "http"), Offer("http", 0, 80), Behind("tg", 80), Change(func(s *Spec) {
				s.TaskDefinition.NetworkMode, s.Deployment.Network = "bridge", nil
				s.TaskDefinition.Containers[0].PortMappings[0].HostPort = hostPort
			})).
			Service("client", Client()).Group("sg-client").Snapshot()
	}
	static := paths(bridge(8080))
	if p := one(t, static, reach.SourceLoadBalancer, "web"); p.Target.WirePort != 8080 ||
		p.Access != reach.AccessUnknown || p.Verdict != reach.Unknown {
		t.Errorf("static host port: wire port %d, access %s, verdict %s", p.Target.WirePort, p.Access, p.Verdict)
	}
	if p := one(t, static, reach.SourceServiceConnect, "web"); p.Via != reach.ViaAgent || p.Target.WirePortEnd == 0 {
		t.Errorf("the agent's port is dynamic, got %d-%d via %s", p.Target.WirePort, p.Target.WirePortEnd, p.Via)
	}
	if p := one(t, paths(bridge(0)), reach.SourceLoadBalancer, "web"); p.Target.WirePortEnd == 0 {
		t.Errorf("the app's host port is dynamic, got %d", p.Target.WirePort)
	}
}
