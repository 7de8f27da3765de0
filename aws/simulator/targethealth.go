package simulator

import (
	"slices"
	"strconv"
	"time"
)

type (
	elbTargetHealth struct {
		Target           elbTarget        `xml:"Target"`
		HealthCheckPort  string           `xml:"HealthCheckPort"`
		Health           elbHealth        `xml:"TargetHealth"`
		AnomalyDetection elbAnomaly       `xml:"AnomalyDetection"`
		Override         elbAdminOverride `xml:"AdministrativeOverride"`
	}
	elbTarget struct {
		ID   string `xml:"Id"`
		Port int    `xml:"Port"`
		Zone string `xml:"AvailabilityZone,omitempty"`
	}
	elbHealth struct {
		State       string `xml:"State"`
		Reason      string `xml:"Reason,omitempty"`
		Description string `xml:"Description,omitempty"`
	}
	elbAnomaly struct {
		Result             string `xml:"Result"`
		MitigationInEffect string `xml:"MitigationInEffect"`
	}
	elbAdminOverride struct {
		State       string `xml:"State"`
		Reason      string `xml:"Reason"`
		Description string `xml:"Description"`
	}
)

type describeTargetHealthReply struct {
	Descriptions members[elbTargetHealth] `xml:"TargetHealthDescriptions"`
}

// describeTargetHealth derives the targets from the running tasks, and their
// state from the security groups between the load balancer and them.
func (a *account) describeTargetHealth(p params) (*describeTargetHealthReply, error) {
	t := a.targetGroupOf[p.get("TargetGroupArn")]
	if t == nil {
		return nil, refuse("TargetGroupNotFound", "One or more target groups not found")
	}
	var wanted []elbTarget
	for _, one := range p.structures("Targets.member") {
		port, err := one.number("Port", 0)
		if err != nil {
			return nil, errValidation("%s", err)
		}
		wanted = append(wanted, elbTarget{ID: one.get("Id"), Port: port})
	}
	reply := &describeTargetHealthReply{}
	for _, target := range a.targets(t) {
		if len(wanted) > 0 && !slices.ContainsFunc(wanted, func(w elbTarget) bool {
			return w.ID == target.Target.ID && (w.Port == 0 || w.Port == target.Target.Port)
		}) {
			continue
		}
		reply.Descriptions.Members = append(reply.Descriptions.Members, target)
	}
	return reply, nil
}

// targets are the registered targets of a group: what ECS registered, and what
// was registered by hand.
func (a *account) targets(t *targetGroup) []elbTargetHealth {
	var all []elbTargetHealth
	for _, s := range a.attachments[t.arn] {
		s.settle(a.now)
		for _, d := range s.deployments {
			for _, r := range a.registrations(d) {
				if r.targetGroupARN != t.arn {
					continue
				}
				for _, one := range d.tasks[:d.running] {
					all = append(all, a.taskHealth(t, one, one.hostPort(r.port)))
				}
			}
		}
	}
	for _, m := range t.Targets {
		if m.Service != "" {
			if one := a.firstTask(m); one != nil {
				all = append(all, a.taskHealth(t, one, m.Port))
			}
			continue
		}
		target := elbTarget{ID: m.Address, Port: m.Port}
		if l := find(a.loadBalancers, func(l *loadBalancer) bool { return l.Name == m.LoadBalancer }); l != nil {
			target.ID = l.arn
		}
		all = append(all, t.health(target, len(t.loadBalancers) > 0, true))
	}
	return all
}

// live is the target group that the tasks of a settled service are in: the
// alternate one when the listeners send everything to it.
func (a *account) live(lb serviceLoadBalancer) string {
	if lb.Advanced == nil || a.weight(lb.TargetGroupARN) > 0 || a.weight(lb.Advanced.AlternateTargetGroupARN) == 0 {
		return lb.TargetGroupARN
	}
	return lb.Advanced.AlternateTargetGroupARN
}

// weight is the largest weight that a listener rule gives to a target group.
func (a *account) weight(arn string) int {
	most := 0
	for _, l := range a.loadBalancers {
		for _, li := range l.listeners {
			for _, r := range li.rules {
				for _, act := range r.Actions.Members {
					if act.Forward == nil {
						continue
					}
					for _, tuple := range act.Forward.TargetGroups.Members {
						if tuple.ARN == arn {
							most = max(most, tuple.Weight)
						}
					}
				}
			}
		}
	}
	return most
}

// firstTask is what a target stands for that was registered by its service's
// name, or nil when none of its tasks runs.
func (a *account) firstTask(m Target) *task {
	if s := a.serviceNamed(m.Cluster, m.Service); s != nil {
		if running := a.running(s); len(running) > 0 {
			return running[0]
		}
	}
	return nil
}

// taskHealth is a task that is registered with a port of its address.
func (a *account) taskHealth(t *targetGroup, one *task, port int) elbTargetHealth {
	target := elbTarget{ID: one.address, Port: port}
	if one.subnet != nil {
		target.Zone = a.zone(one.subnet)
	}
	if t.TargetType == "instance" && one.instance != nil {
		target.ID = one.instance.ec2
	}
	arrives := true
	for _, arn := range t.loadBalancers {
		if l := a.loadBalancer(arn); l != nil {
			arrives = arrives && a.reaches(l, one, t.healthCheckPort(target.Port), a.now)
		}
	}
	return t.health(target, len(t.loadBalancers) > 0, arrives)
}

// health words the state of a target as ELB does.
func (t *targetGroup) health(target elbTarget, used, arrives bool) elbTargetHealth {
	d := elbTargetHealth{
		Target:           target,
		HealthCheckPort:  strconv.Itoa(t.healthCheckPort(target.Port)),
		Health:           elbHealth{State: "healthy"},
		AnomalyDetection: elbAnomaly{Result: "normal", MitigationInEffect: "no"},
		Override: elbAdminOverride{
			State: "no_override", Reason: "AdministrativeOverride.NoOverride",
			Description: "No override is currently active on target",
		},
	}
	switch {
	case !used:
		d.Health = elbHealth{
			State: "unused", Reason: "Target.NotInUse",
			Description: "Target group is not configured to receive traffic from the load balancer",
		}
	case !arrives:
		d.Health = elbHealth{State: "unhealthy", Reason: "Target.Timeout", Description: "Request timed out"}
	}
	return d
}

// peer is the other end of a way, as the rules of security groups see it.
type peer struct {
	groups    []string // ids
	addresses []string
}

// reaches tells whether the security groups let a load balancer's packets to a
// port of a task at some time. Network ACLs and routes are not looked at.
func (a *account) reaches(l *loadBalancer, one *task, port int, at time.Time) bool {
	taskGroups := a.groupsOf(one)
	to := peer{addresses: []string{one.address}}
	for _, g := range taskGroups {
		to.groups = append(to.groups, g.id)
	}
	from := peer{groups: l.securityGroups}
	for _, n := range l.nodes {
		from.addresses = append(from.addresses, n.address)
	}
	if !a.admits(taskGroups, false, port, from, at) {
		return false
	}
	if l.Type != "application" && len(l.securityGroups) == 0 {
		return true
	}
	return a.admits(a.effective(l.securityGroups, l.vpc), true, port, to, at)
}

// groupsOf are the security groups of the interface that a task is reached at.
func (a *account) groupsOf(one *task) []*securityGroup {
	if one.instance != nil {
		return a.effective(one.instance.securityGroups, one.instance.subnet.vpc)
	}
	n := one.of.network()
	return a.effective(n.SecurityGroups, a.vpcOf(n.Subnets))
}

// admits tells whether any rule of the groups covers tcp on the port at some
// time, for a peer with the groups and all of the addresses.
func (a *account) admits(groups []*securityGroup, egress bool, port int, other peer, at time.Time) bool {
	for _, g := range groups {
		for _, r := range g.rulesAt(at) {
			if r.egress == egress && r.covers(port) && a.matches(r, other.groups, other.addresses) {
				return true
			}
		}
	}
	return false
}

func (r *groupRule) covers(port int) bool {
	switch r.protocol {
	case allProtocols:
		return true
	case "tcp":
		return r.ports.From <= port && port <= r.ports.To
	}
	return false
}

func (a *account) matches(r *groupRule, groups, addresses []string) bool {
	var blocks []string
	switch {
	case r.group != nil:
		return slices.Contains(groups, r.group.id)
	case r.prefixList != "":
		if l := find(a.prefixLists, func(l *prefixList) bool { return l.id == r.prefixList }); l != nil {
			blocks = l.Entries
		}
	default:
		blocks = []string{r.cidr}
	}
	for _, address := range addresses {
		if !slices.ContainsFunc(blocks, func(block string) bool { return inside(block, address) }) {
			return false
		}
	}
	return len(addresses) > 0
}
