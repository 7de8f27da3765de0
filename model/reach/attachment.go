package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hopscope/model"
)

// attachment is a target group that the tasks of a version are registered in, and
// the port that they are registered with.
type attachment struct {
	// kind is SourceLoadBalancer, or SourceServiceGateway for what a service
	// gateway made.
	kind SourceKind
	// gateway is the name of the service gateway.
	gateway   string
	group     model.ARN
	container string
	// port is the container port; 0 when it is not known.
	port int
	// registered is the port of targets that were registered by hand; 0 for
	// those that ECS registers.
	registered int
	// index is the position in service.loadBalancers, -1 for an attachment
	// that comes from elsewhere; evidence is then what says so.
	index    int
	evidence Evidence
	// missing is the fact without which the target group is not known.
	missing *model.Missing
}

// shown is the evidence of the attachment for a reader.
func (a *attachment) shown(group string) Evidence {
	if a.index < 0 {
		return a.evidence
	}
	return Evidence{
		Fact: "loadBalancers[" + strconv.Itoa(a.index) + "]: target group " + group + ", container " +
			a.container + ", containerPort " + strconv.Itoa(a.port), From: string(model.DescribeServices),
	}
}

// attach finds the target groups of every version.
func (d *Deriver) attach() {
	d.routes = map[model.Ref][]*model.GatewayRoute{}
	for i := range d.ix.Snapshot.GatewayRoutes {
		r := &d.ix.Snapshot.GatewayRoutes[i]
		d.routes[serviceOf(r.ServiceARN)] = append(d.routes[serviceOf(r.ServiceARN)], r)
	}
	d.registered = d.registeredTargets()
	for _, versions := range d.services {
		d.attachTo(versions)
	}
}

// attachTo finds the target groups of the versions of one service.
func (d *Deriver) attachTo(versions []*version) {
	d.resolveRevisions(versions)
	for _, v := range versions {
		v.attachments = attachedByService(v)
		d.attachManaged(v, d.routes[v.service.Ref()])
	}
	d.attachByHand(versions)
}

// serviceOf is the service that an ARN names: service/CLUSTER/NAME.
func serviceOf(arn model.ARN) model.Ref {
	parts := strings.Split(model.ARNResource(arn), "/")
	if len(parts) != 3 {
		return model.Ref{Service: model.ARNName(arn)}
	}
	return model.Ref{Cluster: parts[1], Service: parts[2]}
}

// resolveRevisions finds the service revision of each version, if there is just
// one that it can be.
func (d *Deriver) resolveRevisions(versions []*version) {
	if len(versions) == 0 || len(versions[0].service.CurrentRevisions) == 0 {
		return
	}
	var revisions []*model.ServiceRevision
	for _, current := range versions[0].service.CurrentRevisions {
		r, missing := d.ix.ServiceRevision(current.ARN)
		if missing != nil {
			for _, v := range versions {
				v.revisionMissing = missing
			}
			continue
		}
		revisions = append(revisions, r)
	}
	for _, v := range versions {
		v.revisions = revisions
	}
	if len(revisions) != len(versions) {
		return
	}
	// Each deployment has one revision, made just before it: in the order of
	// their making they are pairs, unless the task definitions disagree.
	byAge := slices.Clone(versions)
	slices.SortStableFunc(byAge, func(a, b *version) int { return a.deployment.CreatedAt.Compare(b.deployment.CreatedAt) })
	slices.SortStableFunc(revisions, func(a, b *model.ServiceRevision) int { return a.CreatedAt.Compare(b.CreatedAt) })
	for i, v := range byAge {
		if revisions[i].TaskDefinition != v.deployment.TaskDefinition {
			return
		}
	}
	for i, v := range byAge {
		v.revisions = revisions[i : i+1]
	}
}

// attachedByService are the attachments that the service names. Between two
// revisions of a blue/green, linear or canary deployment each version is
// registered in one of the two target groups, as its revision says; where that
// is not known, in either.
func attachedByService(v *version) []attachment {
	side := map[model.ARN]bool{}
	if len(v.revisions) == 1 {
		for _, lb := range v.revisions[0].LoadBalancers {
			side[lb.TargetGroupARN] = true
		}
	}
	var out []attachment
	for i := range v.loadBalancers {
		lb := &v.loadBalancers[i]
		paired := lb.AlternateTargetGroupARN != "" && (side[lb.TargetGroupARN] || side[lb.AlternateTargetGroupARN])
		for _, arn := range [...]model.ARN{lb.TargetGroupARN, lb.AlternateTargetGroupARN} {
			if arn == "" || paired && !side[arn] && v.label != "" {
				continue
			}
			a := attachment{kind: SourceLoadBalancer, group: arn, container: lb.ContainerName, port: lb.ContainerPort, index: i}
			if a.missing = v.outdated(lb); a.missing != nil {
				a.port = 0
			}
			out = addAttachment(out, a)
		}
	}
	return out
}

// outdated is set where the tasks of a deployment that is being replaced cannot
// be registered as the service says today: services[].loadBalancers is the
// latest configuration, and their task definition does not declare the port
// (docs/aws.md, Load balancing).
func (v *version) outdated(lb *model.ServiceLoadBalancer) *model.Missing {
	if v.task == nil || !v.beingReplaced() || v.agentListens(lb.ContainerPort) ||
		UsesPort(v.task, lb.ContainerPort) || v.mapping(lb.ContainerName, lb.ContainerPort, tcp) != nil {
		return nil
	}
	return &model.Missing{
		What: fmt.Sprintf("target groups of deployment %s, whose task definition does not declare port %d",
			v.deployment.ID, lb.ContainerPort),
		Action: model.DescribeServiceRevisions, Resource: v.service.ARN, State: model.NotRead,
	}
}

// mayBeOutdated tells whether the task definition, which was not read, would tell that the
// tasks of a deployment that is being replaced are not registered as the service says today.
func (v *version) mayBeOutdated() bool { return v.task == nil && v.beingReplaced() }

// beingReplaced tells whether another deployment of the service is the primary one. Task
// sets have load balancers of their own.
func (v *version) beingReplaced() bool {
	return v.deployment.Status != model.PrimaryDeployment && len(v.service.Deployments) > 0
}

// agentListens tells whether a port is the agent's by an override.
func (v *version) agentListens(port int) bool {
	sc := v.deployment.ServiceConnect
	return sc.Active() && sc.Overrides(port)
}

// addAttachment adds an attachment, unless it is there.
func addAttachment(all []attachment, a attachment) []attachment {
	for _, o := range all {
		sameContainer := o.container == a.container || a.container == ""
		if o.group == a.group && o.port == a.port && o.registered == a.registered && sameContainer {
			return all
		}
	}
	return append(all, a)
}

// attachManaged adds the target groups that ECS made for the service itself, of
// which DescribeServices says nothing: a service gateway's and those of an
// Express service.
func (d *Deriver) attachManaged(v *version, routes []*model.GatewayRoute) {
	found := map[string]bool{}
	for _, r := range v.revisions {
		for i := range r.GatewayConnections {
			c := &r.GatewayConnections[i]
			found[c.GatewayARN+" "+c.PortName] = v.attachGateway(c) || found[c.GatewayARN+" "+c.PortName]
		}
		for i := range r.IngressPaths {
			v.attachIngressPath(&r.IngressPaths[i])
		}
	}
	for _, r := range routes {
		if found[r.GatewayARN+" "+r.PortName] || r.Status == "DELETE_IN_PROGRESS" {
			continue
		}
		v.attachments = append(v.attachments, v.gatewayAttachment(r.GatewayARN, r.PortName, &model.Missing{
			What: "target group of service gateway " + model.ARNName(r.GatewayARN), Resource: r.ServiceARN,
			Action: model.DescribeServiceRevisions, State: v.revisionState(),
		}))
	}
	if v.service.ResourceManagementType == managedByECS && len(v.attachments) == 0 && len(v.revisions) == 0 {
		v.attachments = append(v.attachments, attachment{
			kind: SourceLoadBalancer, index: -1,
			evidence: Evidence{Fact: "resourceManagementType = ECS", From: string(model.DescribeServices)},
			missing: &model.Missing{
				What: "load balancer that ECS manages for " + v.service.Name, Resource: v.service.ARN,
				Action: model.DescribeServiceRevisions, State: v.revisionState(),
			},
		})
	}
}

// managedByECS is the resourceManagementType of Express services.
const managedByECS = "ECS"

// revisionState says why the revision does not tell what it should.
func (v *version) revisionState() model.GapState {
	switch {
	case v.revisionMissing != nil:
		return v.revisionMissing.State
	case len(v.revisions) > 0:
		return model.Absent
	}
	return model.NotRead
}

// attachGateway adds the target groups of a gateway's connection, and tells
// whether it has any.
func (v *version) attachGateway(c *model.GatewayConnection) bool {
	for _, arn := range [...]model.ARN{c.TargetGroupARN, c.AlternateTargetGroupARN} {
		if arn == "" {
			continue
		}
		a := v.gatewayAttachment(c.GatewayARN, c.PortName, nil)
		a.group = arn
		v.attachments = addAttachment(v.attachments, a)
	}
	return c.TargetGroupARN != ""
}

// gatewayAttachment resolves the port name that a gateway routes to.
func (v *version) gatewayAttachment(gateway model.ARN, portName string, missing *model.Missing) attachment {
	a := attachment{
		kind: SourceServiceGateway, gateway: model.ARNName(gateway), index: -1, missing: missing,
		evidence: Evidence{
			Fact: fmt.Sprintf("gatewayConnectors: gateway %s routes to portName %s", model.ARNName(gateway), portName),
			From: string(model.DescribeServiceRevisions),
		},
	}
	if missing != nil {
		a.evidence.From = string(model.ListGatewayRoutes)
	}
	if v.task == nil {
		a.missing = cmp.Or(missing, v.taskMissing)
		return a
	}
	mapping, container := v.task.PortNamed(portName)
	if mapping != nil {
		a.container, a.port = container, mapping.ContainerPort
	}
	if a.port == 0 {
		a.missing = cmp.Or(a.missing, &model.Missing{
			What: fmt.Sprintf("port named %q of task definition %s", portName, v.task.Name()), Resource: v.task.ARN,
			Action: model.DescribeTaskDefinition, State: model.Absent,
		})
	}
	return a
}

// attachIngressPath adds the target groups of a way into an Express service.
func (v *version) attachIngressPath(path *model.IngressPath) {
	for _, g := range path.TargetGroups {
		container := ""
		if v.task != nil {
			container = portOwner(v.task, g.Port)
		}
		v.attachments = addAttachment(v.attachments, attachment{
			kind: SourceLoadBalancer, group: g.ARN, container: container, port: g.Port, index: -1,
			evidence: Evidence{
				Fact: fmt.Sprintf("ecsManagedResources.ingressPaths: target group port %d", g.Port),
				From: string(model.DescribeServiceRevisions),
			},
		})
	}
}
