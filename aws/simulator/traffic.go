package simulator

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// agentMillis is what the agent adds to a request, in milliseconds: 4.34 ms
// through it, 3.31 ms past it (semantics.md §2.4, the article's measurement).
const agentMillis = 1.03

// measure is what the world's traffic does to the metrics at some time.
func (a *account) measure(at time.Time) meter {
	m := meter{}
	for _, t := range a.traffic {
		if l := find(a.loadBalancers, func(l *loadBalancer) bool { return l.Name == t.From }); l != nil {
			a.measureBalanced(m, t, l, at)
		} else if caller := a.callerNamed(t.From).newest(at); caller != nil {
			a.measureCaller(m, t, caller, at)
		}
	}
	return m
}

// callerNamed finds a service by name or CLUSTER/NAME, or nil.
func (a *account) callerNamed(name string) *service {
	if in, name, ok := strings.Cut(name, "/"); ok {
		return a.serviceNamed(in, name)
	}
	for _, c := range a.clusters {
		if s := c.serviceOf[name]; s != nil {
			return s
		}
	}
	return nil
}

// inEffect are the deployments whose tasks served at some time. A rollout takes
// effect at its end.
func (s *service) inEffect(at time.Time) []*deployment {
	var all []*deployment
	for _, d := range s.history {
		if !d.since.IsZero() && !d.since.After(at) && (d.until.IsZero() || d.until.After(at)) && d.serving() > 0 {
			all = append(all, d)
		}
	}
	return all
}

// newest is the deployment in effect that was made last, or nil.
func (s *service) newest(at time.Time) *deployment {
	if s == nil {
		return nil
	}
	all := s.inEffect(at)
	if len(all) == 0 {
		return nil
	}
	return slices.MaxFunc(all, func(x, y *deployment) int { return x.created.Compare(y.created) })
}

// serving is the number of tasks with which a deployment serves, or served.
func (d *deployment) serving() int {
	if d.status == "PRIMARY" {
		return d.running
	}
	return d.served
}

// measureCaller adds the requests of a Service Connect client. Those that the
// security groups refuse leave nothing: the target never answers.
func (a *account) measureCaller(m meter, t Traffic, caller *deployment, at time.Time) {
	sc := caller.serviceConnect()
	in := a.namespace(sc.Namespace)
	made := a.mapServiceOf[mapServiceName{in, t.To}]
	if !sc.Enabled || in == nil || made == nil || made.created.After(caller.created) {
		return // a client resolves the endpoints that were there when it was deployed
	}
	type answer struct {
		from *deployment
		endpoint
	}
	var answers []answer
	tasks := 0
	for _, c := range a.clusters {
		for _, s := range c.services {
			for _, d := range s.inEffect(at) {
				e, ok := d.endpointNamed(t.To)
				if !ok || a.namespace(d.serviceConnect().Namespace) != in {
					continue
				}
				tasks += d.serving()
				if a.callReaches(caller, d, e.wirePort(d.tasks[0]), at) {
					answers = append(answers, answer{d, e})
				}
			}
		}
	}
	for _, one := range answers {
		requests := t.RequestsPerSecond * float64(one.from.serving()) / float64(tasks)
		if one.mapping.AppProtocol == "" {
			continue // no metrics of HTTP
		}
		m.server(one.from, one.endpoint, requests)
		target := dimension{"TargetDiscoveryName", t.To}
		for _, dims := range [][]dimension{{target}, append(caller.dimensions(), target)} {
			m.count(metricsECS, "HTTPCode_Target_2XX_Count", requests, dims...)
			m.count(metricsECS, "RequestCountPerTarget", requests/float64(tasks), dims...)
			m.time(metricsECS, "TargetResponseTime", requests, t.Millis+agentMillis, dims...)
		}
	}
}

// server adds what the agent of a server counts, whoever asks.
func (m meter) server(d *deployment, e endpoint, requests float64) {
	name := dimension{"DiscoveryName", e.name}
	for _, dims := range [][]dimension{{name}, append(d.dimensions(), name)} {
		m.count(metricsECS, "RequestCount", requests, dims...)
	}
}

// dimensions name the service.
func (d *deployment) dimensions() []dimension {
	return []dimension{{"ClusterName", d.of.cluster.Name}, {"ServiceName", d.of.spec.Name}}
}

// callReaches tells whether the security groups let a caller's packets to a port
// of a server, out and in.
func (a *account) callReaches(caller, server *deployment, port int, at time.Time) bool {
	from, to := a.end(caller), a.end(server)
	return a.admits(a.groupsOf(caller.tasks[0]), true, port, to, at) && a.admits(a.groupsOf(server.tasks[0]), false, port, from, at)
}

// end is what the rules of others see of a deployment.
func (a *account) end(d *deployment) peer {
	p := peer{}
	for _, g := range a.groupsOf(d.tasks[0]) {
		p.groups = append(p.groups, g.id)
	}
	for _, t := range d.tasks[:min(d.serving(), len(d.tasks))] {
		p.addresses = append(p.addresses, t.address)
	}
	return p
}

// balancedTarget are tasks of a deployment that a target group holds with a port.
type balancedTarget struct {
	of    *deployment
	port  int
	tasks int
}

// measureBalanced adds the requests of a load balancer, which go to the targets
// that it reaches, the same number to each.
func (a *account) measureBalanced(m meter, t Traffic, l *loadBalancer, at time.Time) {
	group := a.targetGroupOf[a.targetGroupARN(t.To)]
	if group == nil || !l.forwards(group.arn) {
		return
	}
	targets := slices.DeleteFunc(a.balancedTargets(group, at), func(b balancedTarget) bool {
		return !a.reaches(l, b.of.tasks[0], b.port, at)
	})
	all := 0
	for _, b := range targets {
		all += b.tasks
	}
	for _, b := range targets {
		requests, millis := t.RequestsPerSecond*float64(b.tasks)/float64(all), t.Millis
		if e, crosses := b.of.crossing(b.port); crosses && !strings.Contains(group.Protocol, "UDP") {
			millis += agentMillis
			if e.mapping.AppProtocol != "" {
				m.server(b.of, e, requests)
			}
		}
		if l.Type != "application" {
			continue
		}
		balancer := dimension{"LoadBalancer", loadBalancerPath(l.LoadBalancer)}
		both := []dimension{balancer, {"TargetGroup", targetGroupPath(group.arn)}}
		for _, dims := range [][]dimension{{balancer}, both} {
			m.count(metricsALB, "RequestCount", requests, dims...)
			m.count(metricsALB, "HTTPCode_Target_2XX_Count", requests, dims...)
			m.time(metricsALB, "TargetResponseTime", requests, millis/1000, dims...)
		}
	}
}

// balancedTargets are the targets of a group that are tasks of known services.
func (a *account) balancedTargets(group *targetGroup, at time.Time) []balancedTarget {
	var all []balancedTarget
	for _, s := range a.attachments[group.arn] {
		for _, d := range s.inEffect(at) {
			for _, r := range a.registrations(d) {
				if r.targetGroupARN == group.arn {
					all = append(all, balancedTarget{of: d, port: d.tasks[0].hostPort(r.port), tasks: d.serving()})
				}
			}
		}
	}
	for _, target := range group.Targets {
		if d := a.serviceNamed(target.Cluster, target.Service).newest(at); d != nil {
			all = append(all, balancedTarget{of: d, port: target.Port, tasks: 1})
		}
	}
	return all
}

// forwards tells whether a listener of the load balancer sends anything to a
// target group.
func (l *loadBalancer) forwards(arn string) bool {
	weights := map[string]int{}
	for _, li := range l.listeners {
		for _, r := range li.rules {
			r.weights(weights)
		}
	}
	return weights[arn] > 0
}

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
	sc := d.serviceConnect()
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
// agent, and which endpoint it then takes them for: the core rule of
// semantics.md §0.
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

// targetGroupPath is how CloudWatch names a target group: the end of its ARN.
func targetGroupPath(arn string) string {
	_, path, _ := strings.Cut(arn, ":targetgroup/")
	return "targetgroup/" + path
}
