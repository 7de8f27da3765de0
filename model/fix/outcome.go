package fix

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"hopscope/model"
)

// Outcome is the snapshot as it would be when steps were carried out and the
// rollout is over: the edited block is the primary deployment's, and older
// deployments are gone. The given snapshot is not changed. Steps for a person
// change nothing. The error is [ErrBlockChanged] if the service's block is not the
// one that the edits were made for.
func Outcome(s *model.Snapshot, service model.Ref, steps []Step) (*model.Snapshot, error) {
	out := *s
	for i := range steps {
		step := &steps[i]
		switch step.Kind {
		case AuthorizeIngress, AuthorizeEgress, RevokeIngress:
			if err := changeGroup(&out, step); err != nil {
				return nil, err
			}
		case UpdateService:
			if err := updateService(&out, service, step.Edits); err != nil {
				return nil, err
			}
		case ByHand:
		}
	}
	return &out, nil
}

// changeGroup adds a rule to a security group, or takes it away.
func changeGroup(s *model.Snapshot, step *Step) error {
	i := slices.IndexFunc(s.SecurityGroups, func(g model.SecurityGroup) bool { return g.ID == step.Group })
	if i < 0 {
		return fmt.Errorf("security group %s is not in the snapshot", step.Group)
	}
	s.SecurityGroups = slices.Clone(s.SecurityGroups)
	g := &s.SecurityGroups[i]
	switch step.Kind {
	case AuthorizeIngress:
		g.Ingress = append(slices.Clip(g.Ingress), *step.Rule)
	case AuthorizeEgress:
		g.Egress = append(slices.Clip(g.Egress), *step.Rule)
	case RevokeIngress:
		g.Ingress = slices.DeleteFunc(slices.Clone(g.Ingress), func(r model.SecurityGroupRule) bool { return sameRule(&r, step.Rule) })
	case UpdateService, ByHand:
	}
	return nil
}

// sameRule compares what EC2 compares: protocol, ports and peer, not the note.
func sameRule(a, b *model.SecurityGroupRule) bool {
	sameGroup := a.Group == nil && b.Group == nil || a.Group != nil && b.Group != nil && a.Group.ID == b.Group.ID
	return a.Protocol == b.Protocol && a.FromPort == b.FromPort && a.ToPort == b.ToPort && a.CIDR == b.CIDR &&
		a.PrefixList == b.PrefixList && sameGroup
}

// updateService gives a service the deployment that the edits would make.
func updateService(s *model.Snapshot, ref model.Ref, edits []Edit) error {
	i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Ref() == ref })
	if i < 0 || s.Services[i].Primary() == nil || s.Services[i].Primary().ServiceConnect == nil {
		return fmt.Errorf("service %s has no Service Connect block", ref)
	}
	primary := *s.Services[i].Primary()
	sc, err := applyEdits(*primary.ServiceConnect, edits)
	if err != nil {
		return err
	}
	primary.ServiceConnect = &sc
	s.Services = slices.Clone(s.Services)
	s.Services[i].Deployments = []model.Deployment{primary}
	return nil
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
