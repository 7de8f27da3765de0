package fix

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hopscope/model"
)

// Outcome is the snapshot as it would be when steps were carried out and the
// rollout is over: the edited block is the primary deployment's, and older
// deployments are gone. The given snapshot is not changed. Steps for a person
// change nothing; what ECS would refuse is carried out all the same, and the rules
// say what is wrong with it. The error is [ErrBlockChanged] if the service's block is
// not the one that the edits were made for.
func Outcome(s *model.Snapshot, service model.Ref, steps []Step) (*model.Snapshot, error) {
	find := func(ref model.Ref) *model.Service {
		if i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Ref() == ref }); i >= 0 {
			return &s.Services[i]
		}
		return nil
	}
	group := func(id string) *model.SecurityGroup {
		if i := slices.IndexFunc(s.SecurityGroups, func(g model.SecurityGroup) bool { return g.ID == id }); i >= 0 {
			return &s.SecurityGroups[i]
		}
		return nil
	}
	ch, err := ChangesOf(find, group, service, steps, s.CollectedAt)
	if err != nil {
		return nil, err
	}
	return ch.In(s), nil
}

// Changes are the resources that steps change, as they would be.
type Changes struct {
	Service *model.Service
	Groups  []*model.SecurityGroup
}

// ChangesOf carries steps out on copies of what they change. at is when.
func ChangesOf(
	service func(model.Ref) *model.Service, group func(string) *model.SecurityGroup, ref model.Ref, steps []Step,
	at time.Time,
) (Changes, error) {
	var ch Changes
	changed := map[string]*model.SecurityGroup{}
	for i := range steps {
		step := &steps[i]
		switch step.Kind {
		case AuthorizeIngress, AuthorizeEgress, RevokeIngress, RevokeEgress:
			g := changed[step.Group]
			if old := group(step.Group); g == nil && old != nil {
				g = copied(old)
			}
			if g == nil || step.Rule == nil {
				return ch, fmt.Errorf("security group %s is not in the snapshot", step.Group)
			}
			changeGroup(g, step)
			changed[step.Group] = g
		case UpdateService:
			s := cmp.Or(ch.Service, service(ref))
			if s == nil || s.Primary() == nil || s.Primary().ServiceConnect == nil {
				return ch, fmt.Errorf("service %s has no Service Connect block", ref)
			}
			next, err := updateService(s, step.Edits, at)
			if err != nil {
				return ch, err
			}
			ch.Service = next
		case ByHand:
		}
	}
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		ch.Groups = append(ch.Groups, changed[id])
	}
	return ch, nil
}

// In is a snapshot with the changes.
func (ch Changes) In(s *model.Snapshot) *model.Snapshot {
	out := *s
	if ch.Service != nil {
		out.Services = slices.Clone(s.Services)
		for i := range out.Services {
			if out.Services[i].Ref() == ch.Service.Ref() {
				out.Services[i] = *ch.Service
			}
		}
	}
	if len(ch.Groups) > 0 {
		out.SecurityGroups = slices.Clone(s.SecurityGroups)
		for i := range out.SecurityGroups {
			for _, g := range ch.Groups {
				if out.SecurityGroups[i].ID == g.ID {
					out.SecurityGroups[i] = *g
				}
			}
		}
	}
	return &out
}

// ChangeGroup is a security group with a rule added or taken away. A rule that is
// there already is not added again.
func ChangeGroup(old *model.SecurityGroup, step *Step) *model.SecurityGroup {
	g := copied(old)
	changeGroup(g, step)
	return g
}

// copied is a copy of a group to which rules can be added: its lists are copied once,
// whatever the number of steps, as some groups have hundreds of rules.
func copied(old *model.SecurityGroup) *model.SecurityGroup {
	g := *old
	g.Ingress, g.Egress = slices.Clip(g.Ingress), slices.Clip(g.Egress)
	return &g
}

// changeGroup carries a step out on a copy of a group.
func changeGroup(g *model.SecurityGroup, step *Step) {
	rules := &g.Ingress
	if step.Kind == AuthorizeEgress || step.Kind == RevokeEgress {
		rules = &g.Egress
	}
	same := func(r model.SecurityGroupRule) bool { return SameRule(&r, step.Rule) }
	switch {
	case step.Kind == RevokeIngress || step.Kind == RevokeEgress:
		*rules = slices.DeleteFunc(slices.Clone(*rules), same)
	case !slices.ContainsFunc(*rules, same):
		*rules = append(*rules, *step.Rule)
	}
}

// SameRule compares what EC2 compares: protocol, ports and peer, not the note.
func SameRule(a, b *model.SecurityGroupRule) bool {
	if a == nil || b == nil {
		return a == b
	}
	sameGroup := a.Group == nil && b.Group == nil || a.Group != nil && b.Group != nil && a.Group.ID == b.Group.ID
	samePorts := a.FromPort == b.FromPort && a.ToPort == b.ToPort || a.Protocol == model.AllProtocols
	return a.Protocol == b.Protocol && samePorts && a.CIDR == b.CIDR && a.PrefixList == b.PrefixList && sameGroup
}

// updateService is a service with the deployment that the edits would make.
func updateService(old *model.Service, edits []Edit, at time.Time) (*model.Service, error) {
	sc, err := ApplyEdits(*old.Primary().ServiceConnect, edits)
	if err != nil {
		return nil, err
	}
	return Deployed(old, &sc, at), nil
}

// Deployed is a service that has a primary deployment with another Service Connect block
// since a moment, and no other deployment.
func Deployed(old *model.Service, sc *model.ServiceConnect, at time.Time) *model.Service {
	primary := *old.Primary()
	primary.ServiceConnect = sc
	if at.After(primary.CreatedAt) {
		primary.CreatedAt = at
	}
	next := *old
	next.Deployments = []model.Deployment{primary}
	next.Tasks = withoutOverrides(old.Tasks, old.Primary().ServiceConnect)
	// Which revision will be the new deployment's is not known yet: none of those that
	// are known is said to have tasks.
	next.CurrentRevisions = slices.Clone(old.CurrentRevisions)
	for i := range next.CurrentRevisions {
		next.CurrentRevisions[i].RunningCount = 0
	}
	return &next
}

// withoutOverrides are tasks without the host ports that their agents have by an override
// of the old deployment: no task of the next one is known to have it.
func withoutOverrides(old *model.ServiceTasks, sc *model.ServiceConnect) *model.ServiceTasks {
	if old == nil {
		return old
	}
	next := *old
	next.Tasks = slices.Clone(old.Tasks)
	for i := range next.Tasks {
		t := &next.Tasks[i]
		t.Containers = slices.Clone(t.Containers)
		for j := range t.Containers {
			if c := &t.Containers[j]; strings.HasPrefix(c.Name, model.AgentContainer) {
				c.Bindings = slices.DeleteFunc(slices.Clone(c.Bindings), func(b model.NetworkBinding) bool {
					return sc.Overrides(b.HostPort)
				})
			}
		}
	}
	return &next
}
