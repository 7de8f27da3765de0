package reach

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"sync"

	"hopscope/model"
)

// TaskPort is a port of a service's tasks with those who may connect to it and of whom no
// path tells: what is no service and no load balancer, and has a group that the tasks'
// groups admit on the port. A path for each of them there is not.
type TaskPort struct {
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	// Deployment is the deployment's status where the service runs several that differ.
	Deployment    string `json:"deployment,omitempty"`
	Container     string `json:"container,omitempty"`
	ContainerPort int    `json:"containerPort,omitempty"`
	// WirePort is what security groups see, WirePortEnd the end of a range of dynamic
	// host ports that starts there.
	WirePort    int    `json:"wirePort"`
	WirePortEnd int    `json:"wirePortEnd,omitempty"`
	Protocol    string `json:"protocol"`
	// Agent is set for a port that is the Service Connect agent's and not the app's.
	Agent bool `json:"agent,omitempty"`
	// Via says who handles the connections, in tasks.
	Via Via `json:"via"`
	// Callers are tasks first, then functions, instances and other interfaces, by name:
	// the first ones of Count.
	Callers []PortCaller `json:"callers"`
	Count   int          `json:"count"`
	// Missing are the facts without which it is not known who else has an admitted group.
	Missing []model.Missing `json:"missing,omitempty"`

	// connected is set where an agent is in the tasks.
	connected bool
}

// PortCaller has a group that a rule of a task port admits.
type PortCaller struct {
	Holder

	// Groups are the admitted ones that it has, sorted.
	Groups []string `json:"groups"`
	// Access is what the whole way says: the caller's egress, network ACLs, the rules.
	Access Access `json:"access"`
	// Why says what refuses the caller, or what is missing to know; "" where it is allowed.
	Why string `json:"why,omitempty"`
	// OfSome is set where the answer holds for some of its interfaces, or of the target's
	// tasks, and a better one for others.
	OfSome bool `json:"ofSome,omitempty"`
}

// Ref is the service.
func (t *TaskPort) Ref() model.Ref { return model.Ref{Cluster: t.Cluster, Service: t.Service} }

// PastAgent tells whether connections to the port come past the agent of the tasks.
func (t *TaskPort) PastAgent() bool { return t.connected && t.Via == ViaDirect }

// Names are the callers with an access as those who call, tasks that no service started
// first.
func (t *TaskPort) Names(access Access) []string {
	var all []Holder
	for i := range t.Callers {
		if t.Callers[i].Access == access {
			all = append(all, t.Callers[i].Holder)
		}
	}
	return callers(all)
}

// outsidersByGroup is who has which group besides services and load balancers, and the interfaces of
// tasks among those of which it is not known who started them.
type outsidersByGroup struct {
	having   map[string][]*outsider
	nameless map[string]bool
}

func newOutsidersByGroup(s *model.Snapshot) *outsidersByGroup {
	out := &outsidersByGroup{having: map[string][]*outsider{}, nameless: map[string]bool{}}
	for o := range outsiders(s) {
		for _, id := range o.groups {
			out.having[id] = append(out.having[id], &o)
		}
	}
	tasks := standaloneInterfaces(s)
	for i := range s.NetworkInterfaces {
		n := &s.NetworkInterfaces[i]
		if _, known := tasks[n.ID]; !known && ofECS(n) {
			for _, id := range n.SecurityGroups {
				out.nameless[id] = true
			}
		}
	}
	return out
}

// taskPorts answers for the ports of services.
type taskPorts struct {
	inquiry

	outside func() *outsidersByGroup
	// tasks are the facts without which not all standalone tasks are known; they are the
	// same for all ports.
	tasks func() []model.Missing
	// known are the callers by the groups that are admitted: services with the same rules
	// have the same.
	known map[string]*groupedOutsiders
}

// groupedOutsiders are outsiders, each by its name once, with its interfaces.
type groupedOutsiders struct {
	callers []PortCaller
	faces   [][]*netInterface
}

// maxPortCallers is how many callers of a port are asked about and named: a group of all
// instances, admitted by all services, would make too many.
const maxPortCallers = 20

func (d *Deriver) taskPorts() *taskPorts {
	w := &taskPorts{inquiry: inquiry{worker: d.worker()}, outside: d.outside, known: map[string]*groupedOutsiders{}}
	w.aclAnswers = d.acls
	w.tasks = sync.OnceValue(w.tasksUnread)
	return w
}

// TaskPorts are the ports of all services of which there is something to say, by service.
func (d *Deriver) TaskPorts() []TaskPort {
	w := d.taskPorts()
	var all []TaskPort
	for _, versions := range d.services {
		all = append(all, w.into(refOf(versions))...)
	}
	return all
}

// TaskPortsOf are those of one service.
func (d *Deriver) TaskPortsOf(ref model.Ref) []TaskPort { return d.taskPorts().into(ref) }

func (d *taskPorts) into(ref model.Ref) []TaskPort {
	named := func(v *version) bool { return slices.ContainsFunc(v.iface.groups, namesGroup) }
	if !slices.ContainsFunc(d.versionsOf(ref), named) {
		return nil
	}
	var out []TaskPort
	destinations := d.Destinations(ref, 0)
	for i := range destinations {
		if t, tells := d.taskPort(&destinations[i]); tells {
			out = append(out, t)
		}
	}
	return out
}

func namesGroup(g *model.SecurityGroup) bool {
	return slices.ContainsFunc(g.Ingress, func(r model.SecurityGroupRule) bool { return r.Group != nil })
}

// taskPort is a destination with its callers; false where there is nothing to say. That
// nothing was asked is no news: only reports ask for all, and the screen for what is
// looked at.
func (d *taskPorts) taskPort(t *Destination) (TaskPort, bool) {
	out := TaskPort{
		Cluster: t.Service.Cluster, Service: t.Service.Service, Deployment: t.Deployment, Container: t.Container,
		ContainerPort: t.ContainerPort, WirePort: t.Port, WirePortEnd: t.PortEnd, Protocol: t.Protocol, Agent: t.Agent,
		Via: t.Via, Callers: []PortCaller{}, connected: t.v.deployment.ServiceConnect.Active(),
	}
	admitted := d.admittedGroups(t)
	for _, id := range admitted {
		if unread := d.ix.InterfacesUnread(id); unread != nil {
			out.Missing = append(out.Missing, *unread)
		}
		if d.outside().nameless[id] {
			out.Missing = append(out.Missing, d.tasks()...)
		}
	}
	all := d.grouped(admitted)
	if len(all.callers) > 0 { // else the paths say so
		out.Missing = append(out.Missing, t.Unread()...)
	}
	out.Missing = uniqueMissing(out.Missing)
	out.Count = len(all.callers)
	out.Callers = append(out.Callers, all.callers[:min(out.Count, maxPortCallers)]...)
	for i := range out.Callers {
		a := d.askInterfaces(all.faces[i], t)
		out.Callers[i].Access, out.Callers[i].OfSome, out.Callers[i].Why = a.Access, a.OfSome, a.why()
	}
	asked := slices.ContainsFunc(out.Missing, func(m model.Missing) bool { return m.State != model.NotRead })
	return out, asked || len(out.Callers) > 0
}

// admittedGroups are the groups of this account that rules admit on a port, sorted.
func (d *taskPorts) admittedGroups(t *Destination) []string {
	var out []string
	if t.Port == 0 {
		return nil
	}
	account := d.ix.Snapshot.Scope.Account
	for _, g := range t.to.groups {
		for i := range g.Ingress {
			r := &g.Ingress[i]
			if _, some := t.flow().covers(r); some && r.Group != nil && !r.Group.Stale() && !foreign(r.Group, account) {
				out = append(out, r.Group.ID)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// grouped are the outsiders that have some groups. The answer is shared: do not change it.
func (d *taskPorts) grouped(admitted []string) *groupedOutsiders {
	key := strings.Join(admitted, " ")
	if known := d.known[key]; known != nil {
		return known
	}
	all, at := &groupedOutsiders{}, map[Holder]int{}
	seen := map[*outsider]bool{}
	for _, id := range admitted {
		for _, o := range d.outside().having[id] {
			name := Holder{Kind: o.Kind, Cluster: o.Cluster, Name: o.Name}
			i, known := at[name]
			if !known {
				i = len(all.callers)
				at[name] = i
				name.Description = o.Description
				all.callers, all.faces = append(all.callers, PortCaller{Holder: name}), append(all.faces, nil)
			}
			c := &all.callers[i]
			if !seen[o] {
				seen[o] = true
				c.Count += o.Count
				if face := d.faceOfOutsider(o); !slices.Contains(all.faces[i], face) {
					all.faces[i] = append(all.faces[i], face)
				}
			}
			if !slices.Contains(c.Groups, id) {
				c.Groups = append(c.Groups, id)
			}
		}
	}
	sort.Sort(all)
	d.known[key] = all
	return all
}

func (g *groupedOutsiders) Len() int { return len(g.callers) }

func (g *groupedOutsiders) Swap(i, j int) {
	g.callers[i], g.callers[j] = g.callers[j], g.callers[i]
	g.faces[i], g.faces[j] = g.faces[j], g.faces[i]
}

func (g *groupedOutsiders) Less(i, j int) bool {
	kinds := []HolderKind{HolderTasks, HolderFunction, HolderInstance, HolderInterface}
	a, b := &g.callers[i], &g.callers[j]
	return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)),
		cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Name, b.Name)) < 0
}

func (d *taskPorts) faceOfOutsider(o *outsider) *netInterface {
	switch o.Kind {
	case HolderTasks:
		return d.faceOf("task", o.subnets, o.groups)
	case HolderInstance:
		return d.faceOf("instance", o.subnets, o.groups)
	case HolderService, HolderLoadBalancer, HolderFunction, HolderInterface:
	}
	return d.faces().sharedInterface("interface", o.subnets, o.groups, loadBalancerEphemeral)
}

// why says what refuses a caller, or what is missing to know; "" where it is allowed.
func (a *Answer) why() string {
	if a.Access == Allowed {
		return ""
	}
	for i := range a.Checks {
		if a.Checks[i].Access == a.Access {
			return a.Checks[i].Why
		}
	}
	if len(a.Missing) > 0 {
		return a.Missing[0].String()
	}
	return ""
}

// tasksUnread are the facts without which not all standalone tasks are known.
func (d *taskPorts) tasksUnread() []model.Missing {
	var out []model.Missing
	for i := range d.ix.Snapshot.Clusters {
		in, missing := d.ix.StandaloneTasks(d.ix.Snapshot.Clusters[i].Name)
		switch {
		case missing != nil:
			out = append(out, *missing)
		case in.Truncated:
			out = append(out, model.Missing{
				What:   "standalone tasks of cluster " + in.Cluster + " besides the youngest, of which there are too many",
				Action: model.ListTasks, State: model.NotRead,
			})
		}
	}
	return out
}
