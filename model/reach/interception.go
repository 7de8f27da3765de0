package reach

import (
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
)

// Interception is the decision who handles a TCP connection that arrives at a
// task on a port: the Service Connect agent, or whatever process listens there.
type Interception struct {
	Via Via
	// Offer is the Service Connect service that makes the agent handle the
	// port, nil when it does not.
	Offer *model.ServiceConnectService
	// Index is the position of Offer in serviceConnectConfiguration.services.
	Index int
	// Override is set when the agent listens on the port itself, because it is
	// an ingressPortOverride or a host port of its own in bridge mode, and does
	// not intercept it.
	Override bool
	// Mixed is set when the services on the port differ in having an
	// override. How ECS merges them is not documented; the one without is
	// assumed to intercept (docs/traffic.md, Who handles a request; row 40 of docs/decision-table.md).
	Mixed bool
	// TLSDiffers is set when the services on an intercepted port differ in
	// having TLS: whether the agent expects it there is then not known.
	TLSDiffers bool
	// reason is what [Interception.Why] says.
	reason reason
	// Missing is the fact without which nothing can be said.
	Missing *model.Missing
	// Problem is what is wrong with a configuration that ECS cannot run as
	// written, or that is not modelled; Via is then unknown and the reason says more.
	Problem Problem
}

// Problem is a reason for which nothing can be said about interception, although
// all facts are there.
type Problem string

// The problems.
const (
	// OverrideLow is an ingressPortOverride of 1024 or less.
	OverrideLow Problem = "override-low"
	// OverrideTwice is an ingressPortOverride that two services share.
	OverrideTwice Problem = "override-twice"
	// OverrideTaken is an ingressPortOverride that a container uses.
	OverrideTaken Problem = "override-taken"
	// PortNameLost is a port name that the task definition does not have.
	PortNameLost Problem = "port-name-lost"
	// PortNameUDP is a port name of a UDP mapping.
	PortNameUDP Problem = "port-name-udp"
	// PortNameRange is a port name of a range of ports (docs/traffic.md, Who handles a request).
	PortNameRange Problem = "port-name-range"
	// ModeUnsupported is a network mode that Service Connect does not support.
	ModeUnsupported Problem = "mode-unsupported"
	// TLSInBridge is Service Connect's TLS in bridge mode.
	TLSInBridge Problem = "tls-in-bridge"
	// WindowsUnsupported is Service Connect on Windows containers.
	WindowsUnsupported Problem = "windows-unsupported"
	// AnywhereUnsupported is Service Connect on instances of ECS Anywhere.
	AnywhereUnsupported Problem = "anywhere-unsupported"
	// AppMesh is another proxy, whose interception is not modelled.
	AppMesh Problem = "app-mesh"
)

// Intercept decides who handles a connection from outside the task to port. In
// bridge mode the port is the host's; 0 means the dynamic host port that ECS
// registered for the app.
//
// The rule is iptables' in awsvpc mode (docs/traffic.md, Who handles a request, from the source of
// amazon-vpc-cni-plugins, plugins/ecs-serviceconnect): it matches the
// destination port of TCP and nothing else, neither the caller nor the
// container.
func (v *version) intercept(protocol string, port int) Interception {
	if v.task == nil {
		return Interception{Via: ViaUnknown, Missing: v.taskMissing, reason: reason{missing: v.taskMissing}}
	}
	sc := v.deployment.ServiceConnect
	switch {
	case protocol == udp:
		// A task that cannot start answers nothing, by UDP either.
		if sc.Active() {
			if problem, why := v.invalidOverride(); problem != "" {
				return unknownInterception(problem, why)
			}
		}
		return Interception{Via: ViaDirect, reason: says("the agent handles TCP only")}
	case v.task.ProxyType != "":
		return unknownInterception(AppMesh, says("the task definition has an App Mesh proxyConfiguration, whose "+
			"interception is not modelled"))
	case !sc.Active():
		return Interception{Via: ViaDirect, reason: says("Service Connect is off, so the task has no agent")}
	case v.onWindows():
		return unknownInterception(WindowsUnsupported, says("Service Connect does not support Windows containers"))
	case v.onAnywhere():
		return unknownInterception(AnywhereUnsupported,
			says("Service Connect does not support ECS Anywhere (launch type EXTERNAL)"))
	}
	switch v.task.NetworkMode {
	case awsvpc:
		return v.interceptAwsvpc(sc, port)
	case bridge:
		return v.interceptBridge(sc, port)
	default:
	}
	return unknownInterception(ModeUnsupported, reason{
		format: "Service Connect does not support network mode %[3]q",
		name:   networkModeName(v.task),
	})
}

const (
	awsvpc = model.ModeAwsvpc
	bridge = model.ModeBridge
	tcp    = "tcp"
	udp    = "udp"
)

// onWindows: the task definition says it, or the deployment where the platform
// was chosen there.
func (v *version) onWindows() bool {
	return strings.HasPrefix(v.task.OSFamily, "WINDOWS") ||
		strings.HasPrefix(strings.ToUpper(v.deployment.PlatformFamily), "WINDOWS")
}

// onAnywhere: instances of the user's own have the launch type EXTERNAL.
func (v *version) onAnywhere() bool {
	return v.deployment.LaunchType == "EXTERNAL" || v.service.LaunchType == "EXTERNAL"
}

func networkModeName(d *model.TaskDefinition) string {
	if d.NetworkMode == "" {
		return "default"
	}
	return string(d.NetworkMode)
}

func unknownInterception(problem Problem, why reason) Interception {
	return Interception{Via: ViaUnknown, reason: why, Problem: problem}
}

func (v *version) interceptAwsvpc(sc *model.ServiceConnect, port int) Interception {
	if len(sc.Services) == 0 {
		return Interception{Via: ViaDirect, reason: says("the service is a Service Connect client only: its agent " +
			"intercepts no port")}
	}
	if problem, why := v.invalidOverride(); problem != "" {
		return unknownInterception(problem, why)
	}
	var plain, moved *Interception
	var lost, ranged string
	for i := range sc.Services {
		s := &sc.Services[i]
		if s.IngressPortOverride == port && port != 0 {
			return Interception{
				Via: ViaAgent, Offer: s, Index: i, Override: true,
				reason: reason{
					format: "port %[1]d is the ingressPortOverride of %[3]s: the agent itself listens there", port: port,
					name: s.Name(),
				},
			}
		}
		mapping, _ := v.task.PortNamed(s.PortName)
		switch {
		case mapping == nil:
			lost = s.PortName
		case mapping.ContainerPortRange != "" && inRange(mapping, port):
			ranged = s.PortName
		case mapping.ContainerPort != port:
		case s.IngressPortOverride > 0:
			moved = withTLS(moved, s, i)
		case !mapping.UDP():
			plain = joined(plain, s, i)
		}
	}
	return v.settle(plain, moved, lost, ranged, port)
}

// portNameLost is that the task definition has no port of a name. It is one reason for
// all paths: the mistake is one.
func (v *version) portNameLost(name string) Interception {
	return unknownInterception(PortNameLost, reason{
		format: "Service Connect lists the port name %[3]q, which task definition %[4]s does not have", name: name,
		also: v.task.Name(),
	})
}

// withTLS is the service that moved the agent away from a port; of several, one
// that has TLS, because that is what goes past the agent there.
func withTLS(moved *Interception, s *model.ServiceConnectService, index int) *Interception {
	if moved != nil && moved.Offer.TLS != nil {
		return moved
	}
	return &Interception{Offer: s, Index: index}
}

// joined is the service that makes the agent intercept a port; of several the
// first, with a note where another one differs.
func joined(plain *Interception, s *model.ServiceConnectService, index int) *Interception {
	if plain == nil {
		return &Interception{Offer: s, Index: index}
	}
	if (plain.Offer.TLS != nil) != (s.TLS != nil) {
		plain.TLSDiffers = true
	}
	return plain
}

// EndsTLS tells whether the agent, where it handles the port, is there to end
// TLS, or may be; or whether TLS is what goes past it.
func (in *Interception) EndsTLS() bool {
	return in.TLSDiffers || in.Offer != nil && in.Offer.TLS != nil
}

// settle decides between the services on a port: one without an override
// intercepts it, whatever the others say.
func (v *version) settle(plain, moved *Interception, lost, ranged string, port int) Interception {
	switch {
	case plain != nil:
		plain.Via = ViaAgent
		plain.Mixed = moved != nil
		plain.reason = reason{
			format: "container port %[1]d is listed in Service Connect as %[3]q without an ingressPortOverride, so the agent " +
				"intercepts it for every caller",
			port: port, name: plain.Offer.PortName,
		}
		return *plain
	case lost != "":
		return v.portNameLost(lost)
	case ranged != "":
		return unknownInterception(PortNameRange, reason{
			format: "Service Connect lists the range of ports %[3]q, and how it treats one is not documented", name: ranged,
		})
	case moved != nil:
		moved.Via = ViaDirect
		moved.reason = reason{
			format: "ingressPortOverride %[2]d moved the agent away from container port %[1]d", port: port,
			other: moved.Offer.IngressPortOverride,
		}
		return *moved
	}
	return Interception{Via: ViaDirect, reason: reason{
		format: "port %[1]d is not listed in Service Connect, so the agent does not intercept it", port: port,
	}}
}

// interceptBridge: app and agent have different host ports, and nothing is
// intercepted (docs/traffic.md, Who handles a request).
func (v *version) interceptBridge(sc *model.ServiceConnect, port int) Interception {
	if problem, why := v.invalidOverride(); problem != "" {
		return unknownInterception(problem, why)
	}
	for i := range sc.Services {
		s := &sc.Services[i]
		if s.TLS != nil {
			return unknownInterception(TLSInBridge,
				reason{format: "%[3]s has TLS, which Service Connect does not support in bridge mode", name: s.Name()})
		}
		if port != 0 && s.IngressPortOverride == port {
			return Interception{
				Via: ViaAgent, Offer: s, Index: i, Override: true,
				reason: reason{
					format: "host port %[1]d is the ingressPortOverride of %[3]s: the agent itself listens there",
					port:   port, name: s.Name(),
				},
			}
		}
	}
	if port != 0 && v.agentHostPort(port) {
		in := Interception{
			Via: ViaAgent, Override: true,
			reason: reason{format: "host port %[1]d is bound by the agent's own container", port: port},
		}
		if len(sc.Services) == 1 {
			in.Offer = &sc.Services[0]
		}
		return in
	}
	return Interception{Via: ViaDirect, reason: says("in bridge mode the agent has a host port of its own and " +
		"intercepts nothing")}
}

// agentHostPort tells whether a running task's agent is bound to a host port
// (decision table, row 35).
func (v *version) agentHostPort(port int) bool {
	if v.service.Tasks == nil {
		return false
	}
	for _, t := range v.service.Tasks.Tasks {
		for _, c := range t.Containers {
			if !strings.HasPrefix(c.Name, model.AgentContainer) {
				continue
			}
			if slices.ContainsFunc(c.Bindings, func(b model.NetworkBinding) bool { return b.HostPort == port }) {
				return true
			}
		}
	}
	return false
}

// lowestOverride is the lowest port that ECS accepts as ingressPortOverride: the
// agent runs without the privilege to bind lower ones (docs/traffic.md, Who handles a request).
const lowestOverride = 1025

// invalidOverride says what is wrong with the overrides of a task, if anything
// is: CFG301, CFG302 and CFG303 of the catalogue. Such a task is refused
// by ECS or fights with its app about a port, so that no path into it is known. The
// agent is to listen on the task's interface, or on the instance's in bridge mode.
func (v *version) invalidOverride() (Problem, reason) {
	var owner func(*model.TaskDefinition, int) string
	switch v.task.NetworkMode {
	case awsvpc:
		owner = portOwner
	case bridge:
		owner = hostPortOwner
	default:
		return "", reason{} // Service Connect does not support the mode
	}
	sc, seen := v.deployment.ServiceConnect, map[int]string{}
	for i := range sc.Services {
		s := &sc.Services[i]
		n := s.IngressPortOverride
		if n == 0 {
			continue
		}
		if n < lowestOverride {
			return OverrideLow, reason{format: "ingressPortOverride %[1]d of %[3]s is not above 1024", port: n, name: s.Name()}
		}
		if other, taken := seen[n]; taken {
			return OverrideTwice, reason{
				format: "%[3]s and %[4]s have the same ingressPortOverride %[1]d", port: n, name: other,
				also: s.Name(),
			}
		}
		seen[n] = s.Name()
		if container := owner(v.task, n); container != "" {
			return OverrideTaken, reason{
				format: "ingressPortOverride %[1]d of %[3]s is also a port of container %[4]s", port: n, name: s.Name(),
				also: container,
			}
		}
	}
	return "", reason{}
}

// hostPortOwner is the name of a container that publishes a static host port.
func hostPortOwner(task *model.TaskDefinition, port int) string {
	for i := range task.Containers {
		c := &task.Containers[i]
		for j := range c.PortMappings {
			if m := &c.PortMappings[j]; m.HostPort == port && !m.UDP() {
				return c.Name
			}
		}
	}
	return ""
}

func inRange(m *model.PortMapping, port int) bool {
	first, last := portRange(m)
	return first <= port && port <= last
}

// portOwner is the name of a container that declares a TCP port, alone or in a
// range.
func portOwner(task *model.TaskDefinition, port int) string {
	for i := range task.Containers {
		c := &task.Containers[i]
		for j := range c.PortMappings {
			m := &c.PortMappings[j]
			if m.UDP() {
				continue
			}
			if inRange(m, port) {
				return c.Name
			}
		}
	}
	return ""
}

// portRange is the range of container ports that a mapping declares; an
// unreadable range is empty (first > last).
func portRange(m *model.PortMapping) (first, last int) {
	if m.ContainerPortRange == "" {
		return m.ContainerPort, m.ContainerPort
	}
	from, to, _ := strings.Cut(m.ContainerPortRange, "-")
	first, err := strconv.Atoi(from)
	if err != nil {
		return 1, 0
	}
	if last, err = strconv.Atoi(to); err != nil {
		return 1, 0
	}
	return first, last
}

// Answers tells whether a container of the task is declared to answer on a TCP
// port of the interface that the network sees: the task's own, or the instance's
// in bridge mode, where only ports with a fixed number count.
func Answers(task *model.TaskDefinition, port int) bool {
	if task.NetworkMode == bridge || task.NetworkMode == "" {
		return hostPortOwner(task, port) != ""
	}
	return portOwner(task, port) != ""
}

// UsesPort tells whether a container of the task declares a TCP port, alone or
// in a range.
func UsesPort(task *model.TaskDefinition, port int) bool {
	return task != nil && portOwner(task, port) != ""
}
