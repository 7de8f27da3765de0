package reach

import (
	"strings"
	"testing"

	"hopscope/model"
)

// handled is what the interception says, without its words.
type handled struct {
	via     Via
	problem Problem
	// offer is the port name of the Service Connect service, with its position.
	offer    string
	index    int
	override bool
	mixed    bool
}

// taskOf is a version in a network mode whose container "app" has the mappings.
func taskOf(mode model.NetworkMode, sc *model.ServiceConnect, mappings ...model.PortMapping) *version {
	return &version{
		service:    &model.Service{Name: "web", Cluster: "prod"},
		deployment: &model.Deployment{Status: model.PrimaryDeployment, ServiceConnect: sc},
		task: &model.TaskDefinition{
			NetworkMode: mode,
			Containers:  []model.Container{{Name: "app", PortMappings: mappings}},
		},
	}
}

// offers are Service Connect services, as PORTNAME or PORTNAME with an override.
func offers(all ...model.ServiceConnectService) *model.ServiceConnect {
	return &model.ServiceConnect{Enabled: true, Services: all}
}

func offer(portName string, override int) model.ServiceConnectService {
	return model.ServiceConnectService{PortName: portName, IngressPortOverride: override}
}

func mapped(name string, containerPort, hostPort int) model.PortMapping {
	return model.PortMapping{Name: name, ContainerPort: containerPort, HostPort: hostPort, Protocol: tcp}
}

// udpMapped maps a UDP port by the name "dns".
func udpMapped(containerPort, hostPort int) model.PortMapping {
	m := mapped("dns", containerPort, hostPort)
	m.Protocol = udp
	return m
}

// portRangeOf maps a range by the name "many".
func portRangeOf(ports string) model.PortMapping {
	return model.PortMapping{Name: "many", ContainerPortRange: ports, Protocol: tcp}
}

// agentBound gives the version a running task whose agent is bound to a host port.
func agentBound(v *version, containers ...model.TaskContainer) *version {
	v.service.Tasks = &model.ServiceTasks{Tasks: []model.Task{{Containers: containers}}}
	return v
}

func bound(name string, containerPort, hostPort int) model.TaskContainer {
	return model.TaskContainer{Name: name, Bindings: []model.NetworkBinding{{
		ContainerPort: containerPort,
		HostPort:      hostPort, Protocol: tcp,
	}}}
}

func with(v *version, change func(*version)) *version {
	change(v)
	return v
}

// TestWhoHandlesAPort asks about single ports, where paths show only the outcome:
// which Service Connect service answers, at which position, and why that is not known.
func TestWhoHandlesAPort(t *testing.T) {
	two := []model.PortMapping{mapped("http", 80, 80), mapped("admin", 9000, 9000)}
	tests := map[string]struct {
		v        *version
		protocol string
		port     int
		want     handled
	}{
		"UDP goes past the agent, on its port too": {
			taskOf(awsvpc, offers(offer("http", 0)), two...), udp, 80,
			handled{via: ViaDirect},
		},
		"UDP of a task that cannot start": {
			taskOf(awsvpc, offers(offer("http", 9000)), two...), udp, 53, handled{via: ViaUnknown, problem: OverrideTaken},
		},
		"UDP of a client only": {taskOf(awsvpc, offers(), two...), udp, 53, handled{via: ViaDirect}},
		"UDP in bridge mode":   {taskOf(bridge, offers(offer("http", 8080)), two...), udp, 53, handled{via: ViaDirect}},
		"UDP in bridge mode, of a task that cannot start": {
			taskOf(bridge, offers(offer("http", 80)), two...), udp, 53, handled{via: ViaUnknown, problem: OverrideLow},
		},
		"UDP in host mode": {taskOf("host", offers(offer("http", 80)), two...), udp, 53, handled{via: ViaDirect}},
		"UDP beside Service Connect that is off": {
			taskOf(awsvpc, &model.ServiceConnect{Services: offers(offer("http", 9000)).Services}, two...), udp, 53,
			handled{via: ViaDirect},
		},
		"UDP beside an override that works": {
			taskOf(awsvpc, offers(offer("http", 8080)), two...), udp, 53,
			handled{via: ViaDirect},
		},
		"the second service intercepts": {
			taskOf(awsvpc, offers(offer("admin", 0), offer("http", 0)), two...),
			tcp, 80,
			handled{via: ViaAgent, offer: "http", index: 1},
		},
		"the first of two that intercept": {taskOf(awsvpc, offers(offer("http", 0), offer("also", 0)),
			mapped("http", 80, 80), mapped("also", 80, 80)), tcp, 80, handled{via: ViaAgent, offer: "http"}},
		"one that intercepts beside one moved away": {taskOf(awsvpc, offers(offer("http", 8080), offer("http", 0)),
			two...), tcp, 80, handled{via: ViaAgent, offer: "http", index: 1, mixed: true}},
		"the second service moved away": {taskOf(awsvpc, offers(offer("admin", 0), offer("http", 8080)),
			two...), tcp, 80, handled{via: ViaDirect, offer: "http", index: 1}},
		"the override of the second service": {taskOf(awsvpc, offers(offer("admin", 9090), offer("http", 8080)),
			two...), tcp, 8080, handled{via: ViaAgent, offer: "http", index: 1, override: true}},
		"no port is an override of none": {
			taskOf(awsvpc, offers(offer("http", 0)), two...), tcp, 0,
			handled{via: ViaDirect},
		},
		"a lost name beside one moved away": {taskOf(awsvpc, offers(offer("gone", 0), offer("http", 8080)),
			two...), tcp, 80, handled{via: ViaUnknown, problem: PortNameLost}},
		"a range with the port in it": {
			taskOf(awsvpc, offers(offer("many", 0)), portRangeOf("80-90")), tcp,
			85,
			handled{via: ViaUnknown, problem: PortNameRange},
		},
		"a range with the port, beside one moved away": {taskOf(awsvpc, offers(offer("many", 0), offer("http", 8080)),
			mapped("http", 80, 80), portRangeOf("70-90")), tcp, 80, handled{via: ViaUnknown, problem: PortNameRange}},
		"a range without the port": {taskOf(awsvpc, offers(offer("many", 0)), mapped("http", 80, 80),
			portRangeOf("8000-8010")), tcp, 80, handled{via: ViaDirect}},
		"a range that cannot be read holds no port": {
			taskOf(awsvpc, offers(offer("many", 0)), portRangeOf("x-80")), tcp,
			80,
			handled{via: ViaDirect},
		},
		"a range with an end beyond all numbers": {taskOf(awsvpc, offers(offer("many", 0)),
			portRangeOf("80-99999999999999999999")), tcp, 85, handled{via: ViaDirect}},
		"an override that is a UDP port of the app": {taskOf(awsvpc, offers(offer("http", 8080)), mapped("http", 80, 80),
			udpMapped(8080, 8080)), tcp, 80, handled{via: ViaDirect, offer: "http"}},
		"an override that is a port without host port": {taskOf(awsvpc, offers(offer("http", 8080)), mapped("http", 80, 0),
			mapped("side", 8080, 0)), tcp, 80, handled{via: ViaUnknown, problem: OverrideTaken}},
		"ECS Anywhere, by the deployment": {with(taskOf(bridge, offers(offer("http", 0)), two...),
			func(v *version) {
				v.deployment.LaunchType = "EXTERNAL"
			}), tcp, 80, handled{via: ViaUnknown, problem: AnywhereUnsupported}},
		"ECS Anywhere, by the service": {with(taskOf(bridge, offers(offer("http", 0)), two...),
			func(v *version) {
				v.service.LaunchType = "EXTERNAL"
			}), tcp, 80, handled{via: ViaUnknown, problem: AnywhereUnsupported}},
		"ECS Anywhere without Service Connect": {with(taskOf(bridge, nil, two...), func(v *version) {
			v.service.LaunchType = "EXTERNAL"
		}), tcp, 80, handled{via: ViaDirect}},
		"Windows, by the platform in small letters": {with(taskOf(awsvpc, offers(offer("http", 0)), two...),
			func(v *version) {
				v.deployment.PlatformFamily = "Windows_Server_2022_Core"
			}), tcp, 80, handled{via: ViaUnknown, problem: WindowsUnsupported}},
		"Linux, by the platform": {with(taskOf(awsvpc, offers(offer("http", 0)), two...),
			func(v *version) { v.deployment.PlatformFamily = "Linux" }), tcp, 80, handled{via: ViaAgent, offer: "http"}},
		"bridge: the override of the second service": {taskOf(bridge, offers(offer("admin", 9090), offer("http", 8080)),
			two...), tcp, 8080, handled{via: ViaAgent, offer: "http", index: 1, override: true}},
		"bridge: an override that is a host port": {taskOf(bridge, offers(offer("http", 8080)),
			mapped("http", 80, 8080)), tcp, 8080, handled{via: ViaUnknown, problem: OverrideTaken}},
		"bridge: an override below a host port": {taskOf(bridge, offers(offer("http", 8080)),
			mapped("http", 80, 8081)), tcp, 8081, handled{via: ViaDirect}},
		"bridge: an override that is a container port": {taskOf(bridge, offers(offer("http", 8080)),
			mapped("http", 8080, 9090)), tcp, 9090, handled{via: ViaDirect}},
		"bridge: an override that is a UDP host port": {taskOf(bridge, offers(offer("http", 8080)),
			mapped("http", 80, 9090), udpMapped(53, 8080)), tcp, 9090, handled{via: ViaDirect}},
		"bridge: no override is no dynamic port": {
			taskOf(bridge, offers(offer("http", 0)), mapped("http", 80, 0)),
			tcp, 0,
			handled{via: ViaDirect},
		},
		"bridge: TLS": {
			taskOf(bridge,
				offers(model.ServiceConnectService{PortName: "http", TLS: &model.TLS{}}), mapped("http", 80, 0)), tcp, 0,
			handled{via: ViaUnknown, problem: TLSInBridge},
		},
		"bridge: the agent's own host port": {
			agentBound(taskOf(bridge, offers(offer("http", 0)),
				mapped("http", 80, 0)), bound("ecs-service-connect-x7", 15000, 32800)), tcp, 32800,
			handled{via: ViaAgent, offer: "http", override: true},
		},
		"bridge: the agent's port of several endpoints": {agentBound(taskOf(bridge,
			offers(offer("http", 0), offer("admin", 0)), mapped("http", 80, 0), mapped("admin", 81, 0)),
			bound("ecs-service-connect-x7", 15000, 32800)), tcp, 32800, handled{via: ViaAgent, override: true}},
		"bridge: another port of the agent": {agentBound(taskOf(bridge, offers(offer("http", 0)),
			mapped("http", 80, 0)), bound("ecs-service-connect-x7", 32800, 15000)), tcp, 32800, handled{via: ViaDirect}},
		"bridge: the app's own host port": {agentBound(taskOf(bridge, offers(offer("http", 0)),
			mapped("http", 80, 0)), bound("app", 80, 32800)), tcp, 32800, handled{via: ViaDirect}},
		"bridge: a port of the agent that is not bound": {agentBound(taskOf(bridge, offers(offer("http", 0)),
			mapped("http", 80, 0)), bound("ecs-service-connect-x7", 15000, 0)), tcp, 0, handled{via: ViaDirect}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := tt.v.intercept(tt.protocol, tt.port)
			got := handled{via: in.Via, problem: in.Problem, index: in.Index, override: in.Override, mixed: in.Mixed}
			if in.Offer != nil {
				got.offer = in.Offer.PortName
			}
			if got != tt.want {
				t.Errorf("got %+v, want %+v: %s", got, tt.want, in.Why())
			}
		})
	}
}

func TestWithoutATaskDefinitionNobodyKnowsWhoHandlesAPort(t *testing.T) {
	missing := &model.Missing{What: "task definition web:1", Action: model.DescribeTaskDefinition, State: model.Denied}
	v := &version{deployment: &model.Deployment{}, taskMissing: missing}
	if in := v.intercept(tcp, 80); in.Via != ViaUnknown || in.Missing != missing || !strings.Contains(in.Why(), "web:1") {
		t.Errorf("got %+v", in)
	}
}

func TestAPortIsUsedByTheContainerThatDeclaresIt(t *testing.T) {
	task := taskOf(awsvpc, nil, mapped("http", 80, 0), portRangeOf("8000-8010"), udpMapped(53, 53)).task
	for port, want := range map[int]bool{
		80: true, 8000: true, 8005: true, 8010: true, 7999: false, 8011: false,
		53: false, 0: false,
	} {
		if got := UsesPort(task, port); got != want {
			t.Errorf("port %d is used: %v, want %v", port, got, want)
		}
	}
	if UsesPort(nil, 80) {
		t.Error("a task definition that is not known uses a port")
	}
}
