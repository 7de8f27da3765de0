package simulator

import (
	"cmp"
	"slices"
)

// endpoint is a Service Connect service of a deployment, whose port mapping
// exists.
type endpoint struct {
	name     string
	mapping  *PortMapping
	override int // 0 when there is none
	index    int // among the endpoints of the deployment
}

// endpoints are what a deployment offers in Service Connect.
func (d *deployment) endpoints() []endpoint {
	sc := d.serviceConnect
	var all []endpoint
	for i, s := range sc.Services {
		m := d.config.TaskDefinition.port(s.PortName)
		if !sc.Enabled || m == nil || m.Protocol == "udp" {
			continue
		}
		e := endpoint{name: cmp.Or(s.DiscoveryName, s.PortName), mapping: m, index: i}
		if s.IngressPortOverride != nil {
			e.override = *s.IngressPortOverride
		}
		all = append(all, e)
	}
	return all
}

func (d *deployment) endpointNamed(name string) (e endpoint, ok bool) {
	all := d.endpoints()
	i := slices.IndexFunc(all, func(e endpoint) bool { return e.name == name })
	if i < 0 {
		return endpoint{}, false
	}
	return all[i], true
}

// wirePort is where the agent of a task takes requests from other tasks.
func (e endpoint) wirePort(t *task) int {
	switch {
	case e.override != 0:
		return e.override
	case t.of.awsvpc():
		return e.mapping.ContainerPort
	}
	// In bridge mode Docker publishes the agent on a port of its own choice.
	const firstDynamic, perTask = 40000, 16
	return firstDynamic + t.slot*perTask + e.index
}

// crossing tells whether packets to a port of the deployment's tasks cross the
// agent, and which endpoint it then takes them for: docs/traffic.md, Who handles a
// request.
func (d *deployment) crossing(port int) (e endpoint, crosses bool) {
	all := d.endpoints()
	intercepted := slices.IndexFunc(all, func(e endpoint) bool {
		return d.awsvpc() && e.override == 0 && e.mapping.ContainerPort == port
	})
	if intercepted >= 0 {
		return all[intercepted], true
	}
	listens := slices.IndexFunc(all, func(e endpoint) bool { return e.wirePort(d.tasks[0]) == port })
	if listens >= 0 {
		return all[listens], true
	}
	return endpoint{}, false
}
