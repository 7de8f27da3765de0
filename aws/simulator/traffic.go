package simulator

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// agentMillis is what the agent adds to a request, in milliseconds: 4.34 ms
// through it, 3.31 ms past it (the article's measurement: docs/traffic.md, Metrics).
const agentMillis = 1.03

// trafficFlow is the streams of requests of a world, and the way that they take
// through its resources.
type trafficFlow struct {
	streams   []Traffic
	clusters  *clusters
	cloudMap  *cloudMap
	groups    *ruleBook
	balancing *loadBalancing
}

// measure is what the world's traffic does to the metrics at some time.
func (f *trafficFlow) measure(at time.Time) meter {
	m := meter{}
	for _, t := range f.streams {
		if t.Account != "" {
			f.measureForeign(m, t, at)
		} else if l := f.balancing.loadBalancerNamed(t.From); l != nil {
			f.measureBalanced(m, t, l, at)
		} else if caller := f.clusters.caller(t.From).newest(at); caller != nil {
			f.measureCaller(m, t, caller, at)
		}
	}
	for _, group := range f.balancing.targetGroups {
		f.measureChecks(m, group, at)
	}
	return m
}

// measureChecks adds the health checks that cross an agent, which takes them for
// requests: each node of a load balancer checks each target. The load balancer counts
// none of them.
func (f *trafficFlow) measureChecks(m meter, group *targetGroup, at time.Time) {
	if group.HealthCheck.Disabled || group.HealthCheck.IntervalSeconds == 0 {
		return
	}
	for _, arn := range group.loadBalancers {
		l := f.balancing.loadBalancer(arn)
		if l == nil {
			continue
		}
		for _, b := range f.balancedTargets(group, at) {
			port := b.port
			if fixed, err := strconv.Atoi(group.HealthCheck.Port); err == nil {
				port = fixed
			}
			e, crosses := b.of.crossing(port)
			if !crosses || b.tasks == 0 || !f.groups.reaches(l, b.of.tasks[0], port, at) {
				continue
			}
			m.server(b.of, e, float64(b.tasks*len(l.nodes))/float64(group.HealthCheck.IntervalSeconds))
		}
	}
}

// measureCaller adds the requests of a Service Connect client. Those that the
// security groups refuse leave nothing: the target never answers.
func (f *trafficFlow) measureCaller(m meter, t Traffic, caller *deployment, at time.Time) {
	sc := caller.serviceConnect
	in := f.cloudMap.namespace(sc.Namespace)
	made := f.cloudMap.byName[mapServiceName{in, t.To}]
	if !sc.Enabled || in == nil || made == nil || made.created.After(caller.created) {
		return // a client resolves the endpoints that were there when it was deployed
	}
	type answer struct {
		from *deployment
		endpoint
	}
	var answers []answer
	tasks := 0
	for _, d := range made.offeredBy {
		e, ok := d.endpointNamed(t.To)
		if !ok || !d.inEffect(at) {
			continue
		}
		tasks += d.serving()
		if f.groups.callReaches(caller, d, e.wirePort(d.tasks[0]), at) {
			answers = append(answers, answer{d, e})
		}
	}
	for _, one := range answers {
		requests := t.RequestsPerSecond * float64(one.from.serving()) / float64(tasks)
		m.server(one.from, one.endpoint, requests)
		target := dimension{"TargetDiscoveryName", t.To}
		for _, dims := range [][]dimension{{target}, append(caller.dimensions(), target)} {
			m.client(one.endpoint, requests, tasks, t.Millis, dims...)
		}
	}
}

// measureForeign adds the requests of a client of another account: what its agent counts
// goes to that account.
func (f *trafficFlow) measureForeign(m meter, t Traffic, at time.Time) {
	for _, made := range f.cloudMap.services {
		if made.name != t.To {
			continue
		}
		tasks := 0
		for _, d := range made.offeredBy {
			if d.inEffect(at) {
				tasks += d.serving()
			}
		}
		for _, d := range made.offeredBy {
			if e, ok := d.endpointNamed(t.To); ok && d.inEffect(at) && tasks > 0 {
				m.server(d, e, t.RequestsPerSecond*float64(d.serving())/float64(tasks))
			}
		}
	}
}

// messageBytes is the size of each request with its answer.
const messageBytes = 1024

// server adds what the agent of a server counts, for any client. Each request has a
// connection of its own.
func (m meter) server(d *deployment, e endpoint, requests float64) {
	name := dimension{"DiscoveryName", e.name}
	for _, dims := range [][]dimension{{name}, append(d.dimensions(), name)} {
		m.count(metricsECS, "NewConnectionCount", requests, dims...)
		m.count(metricsECS, "ProcessedBytes", requests*messageBytes, dims...)
		switch e.mapping.AppProtocol {
		case "": // to the agent it is a stream of bytes
		case "grpc":
			m.count(metricsECS, "GrpcRequestCount", requests, dims...)
			fallthrough
		default:
			m.count(metricsECS, "RequestCount", requests, dims...)
		}
	}
}

// client adds what the agent of a client counts.
func (m meter) client(e endpoint, requests float64, tasks int, millis float64, dims ...dimension) {
	m.count(metricsECS, "TargetProcessedBytes", requests*messageBytes, dims...)
	if e.mapping.AppProtocol == "" {
		return
	}
	m.count(metricsECS, "RequestCountPerTarget", requests/float64(tasks), dims...)
	m.time(metricsECS, "TargetResponseTime", requests, millis+agentMillis, dims...)
	if e.mapping.AppProtocol != "grpc" {
		m.count(metricsECS, "HTTPCode_Target_2XX_Count", requests, dims...)
	}
}

// dimensions name the service.
func (d *deployment) dimensions() []dimension {
	return []dimension{{"ClusterName", d.of.cluster.Name}, {"ServiceName", d.of.spec.Name}}
}

// balancedTarget are tasks of a deployment that a target group holds with a port.
type balancedTarget struct {
	of    *deployment
	port  int
	tasks int
}

// measureBalanced adds the requests of a load balancer, which go to the targets
// that it reaches, the same number to each.
func (f *trafficFlow) measureBalanced(m meter, t Traffic, l *loadBalancer, at time.Time) {
	group := f.balancing.targetGroupOf[f.balancing.targetGroupARN(t.To)]
	if group == nil || !l.forwards(group.arn) {
		return
	}
	targets := slices.DeleteFunc(f.balancedTargets(group, at), func(b balancedTarget) bool {
		return !f.groups.reaches(l, b.of.tasks[0], b.port, at)
	})
	all := 0
	for _, b := range targets {
		all += b.tasks
	}
	for _, b := range targets {
		requests, millis := t.RequestsPerSecond*float64(b.tasks)/float64(all), t.Millis
		if e, crosses := b.of.crossing(b.port); crosses && !strings.Contains(group.Protocol, "UDP") {
			millis += agentMillis
			m.server(b.of, e, requests)
		}
		if l.Type != "application" {
			continue
		}
		balancer := dimension{"LoadBalancer", loadBalancerPath(l.LoadBalancer)}
		both := []dimension{balancer, {"TargetGroup", targetGroupPath(group.Name)}}
		for _, dims := range [][]dimension{{balancer}, both} {
			m.count(metricsALB, "RequestCount", requests, dims...)
			m.count(metricsALB, "HTTPCode_Target_2XX_Count", requests, dims...)
			m.time(metricsALB, "TargetResponseTime", requests, millis/1000, dims...)
		}
	}
}

// balancedTargets are the targets of a group that are tasks of known services.
func (f *trafficFlow) balancedTargets(group *targetGroup, at time.Time) []balancedTarget {
	var all []balancedTarget
	for _, s := range f.balancing.attachments[group.arn] {
		for _, d := range s.inEffect(at) {
			for _, r := range f.balancing.registrations(d) {
				if r.targetGroupARN == group.arn {
					all = append(all, balancedTarget{of: d, port: d.tasks[0].hostPort(r.port), tasks: d.serving()})
				}
			}
		}
	}
	for _, target := range group.Targets {
		if d := f.clusters.service(target.Cluster, target.Service).newest(at); d != nil {
			all = append(all, balancedTarget{of: d, port: target.Port, tasks: 1})
		}
	}
	return all
}
