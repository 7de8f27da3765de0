package model

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// maxPort is the highest TCP or UDP port.
const maxPort = 65535

// maxWeight is the highest weight of a target group in a forward action
// (elasticloadbalancing TargetGroupTuple.Weight).
const maxWeight = 999

// Validate checks what every reader of a snapshot may take for granted: numbers
// in their ranges, prefixes that are prefixes, names where there must be names,
// no service twice. Snapshots from a file go through it.
func (s *Snapshot) Validate() error {
	for _, check := range []func() error{
		s.validateServices, s.validateStandaloneTasks, s.validateTaskDefinitions, s.validateRevisions,
		s.validateLoadBalancing, s.validateGroups,
		s.validateNetwork, s.Metrics.validate,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Snapshot) validateServices() error {
	for i := range s.Clusters {
		if s.Clusters[i].Name == "" {
			return errors.New("a cluster has no name")
		}
	}
	seen := make(map[Ref]bool, len(s.Services))
	for i := range s.Services {
		svc := &s.Services[i]
		switch {
		case svc.Name == "" || svc.Cluster == "":
			return errors.New("a service has no name or no cluster")
		case seen[svc.Ref()]:
			return fmt.Errorf("service %q is there twice", svc.Ref())
		}
		seen[svc.Ref()] = true
		if err := svc.validate(); err != nil {
			return fmt.Errorf("service %q: %w", svc.Ref(), err)
		}
	}
	return nil
}

func (s *Service) validate() error {
	var all []error
	for _, lb := range s.LoadBalancers {
		all = append(all, port(lb.ContainerPort))
	}
	for _, set := range s.TaskSets {
		for _, lb := range set.LoadBalancers {
			all = append(all, port(lb.ContainerPort))
		}
	}
	for _, r := range s.ServiceRegistries {
		all = append(all, port(r.ContainerPort), port(r.Port))
	}
	if s.Tasks != nil {
		for i := range s.Tasks.Tasks {
			all = append(all, s.Tasks.Tasks[i].validate())
		}
	}
	for i := range s.Deployments {
		if sc := s.Deployments[i].ServiceConnect; sc != nil {
			all = append(all, sc.validate())
		}
	}
	return first(all)
}

func (s *Snapshot) validateStandaloneTasks() error {
	for i := range s.StandaloneTasks {
		for j := range s.StandaloneTasks[i].Tasks {
			t := &s.StandaloneTasks[i].Tasks[j]
			if err := t.validate(); err != nil {
				return fmt.Errorf("task %q: %w", t.ARN, err)
			}
		}
	}
	return nil
}

func (t *Task) validate() error {
	var all []error
	for _, c := range t.Containers {
		for _, b := range c.Bindings {
			all = append(all, port(b.ContainerPort), port(b.HostPort))
		}
	}
	return first(all)
}

func (s *Snapshot) validateRevisions() error {
	for i := range s.ServiceRevisions {
		r := &s.ServiceRevisions[i]
		var all []error
		for _, c := range r.GatewayConnectors {
			all = append(all, port(c.HealthCheckPort))
		}
		for _, path := range r.IngressPaths {
			for _, g := range path.TargetGroups {
				all = append(all, port(g.Port), port(g.HealthCheckPort))
			}
		}
		if err := first(all); err != nil {
			return fmt.Errorf("service revision %q: %w", r.ARN, err)
		}
	}
	return nil
}

func (c *ServiceConnect) validate() error {
	var all []error
	for i := range c.Services {
		all = append(all, port(c.Services[i].IngressPortOverride))
		for _, alias := range c.Services[i].ClientAliases {
			all = append(all, port(alias.Port))
		}
	}
	return first(all)
}

func (s *Snapshot) validateTaskDefinitions() error {
	for i := range s.TaskDefinitions {
		for _, c := range s.TaskDefinitions[i].Containers {
			for _, m := range c.PortMappings {
				if err := first([]error{port(m.ContainerPort), port(m.HostPort)}); err != nil {
					return fmt.Errorf("task definition %q: %w", s.TaskDefinitions[i].ARN, err)
				}
			}
		}
	}
	return nil
}

func (s *Snapshot) validateLoadBalancing() error {
	for i := range s.Listeners {
		l := &s.Listeners[i]
		if err := first([]error{port(l.Port), weights(l.DefaultActions)}); err != nil {
			return fmt.Errorf("listener %q: %w", l.ARN, err)
		}
	}
	for i := range s.ListenerRules {
		if err := weights(s.ListenerRules[i].Actions); err != nil {
			return fmt.Errorf("listener rule %q: %w", s.ListenerRules[i].ARN, err)
		}
	}
	for i := range s.TargetGroups {
		t := &s.TargetGroups[i]
		all := []error{port(t.Port), port(t.TargetControlPort)}
		if t.Health != nil {
			for _, target := range t.Health.Targets {
				all = append(all, port(target.Port))
			}
		}
		if err := first(all); err != nil {
			return fmt.Errorf("target group %q: %w", t.ARN, err)
		}
	}
	return nil
}

func weights(actions []ListenerAction) error {
	for _, a := range actions {
		for _, f := range a.Forward {
			if f.Weight < 0 || f.Weight > maxWeight {
				return fmt.Errorf("weight %d is not between 0 and %d", f.Weight, maxWeight)
			}
		}
	}
	return nil
}

func (s *Snapshot) validateGroups() error {
	for i := range s.SecurityGroups {
		g := &s.SecurityGroups[i]
		for _, r := range slices.Concat(g.Ingress, g.Egress) {
			if err := r.validate(); err != nil {
				return fmt.Errorf("security group %q: %w", g.ID, err)
			}
		}
	}
	return nil
}

func (r *SecurityGroupRule) validate() error {
	peers := 0
	for _, set := range []bool{r.CIDR.IsValid(), r.PrefixList != "", r.Group != nil} {
		if set {
			peers++
		}
	}
	if peers != 1 {
		return fmt.Errorf("a rule for %s has %d sources, not one", r.Ports(), peers)
	}
	return ports(r.FromPort, r.ToPort)
}

func (s *Snapshot) validateNetwork() error {
	for i := range s.VPCs {
		if err := prefixes(s.VPCs[i].CIDRs); err != nil {
			return fmt.Errorf("VPC %q: %w", s.VPCs[i].ID, err)
		}
	}
	for i := range s.Subnets {
		if err := prefixes(s.Subnets[i].CIDRs); err != nil {
			return fmt.Errorf("subnet %q: %w", s.Subnets[i].ID, err)
		}
	}
	for i := range s.PrefixLists {
		if err := prefixes(s.PrefixLists[i].Entries); err != nil {
			return fmt.Errorf("prefix list %q: %w", s.PrefixLists[i].ID, err)
		}
	}
	for i := range s.NetworkACLs {
		for _, e := range s.NetworkACLs[i].Entries {
			if err := first([]error{prefixes([]netip.Prefix{e.CIDR}), ports(e.FromPort, e.ToPort)}); err != nil {
				return fmt.Errorf("network ACL %q: %w", s.NetworkACLs[i].ID, err)
			}
		}
	}
	return nil
}

func prefixes(all []netip.Prefix) error {
	for _, p := range all {
		if !p.IsValid() {
			return errors.New("a CIDR block is empty")
		}
	}
	return nil
}

// port accepts 0, which stands for "not set" everywhere.
func port(n int) error {
	if n < 0 || n > maxPort {
		return fmt.Errorf("port %d is not between 0 and %d", n, maxPort)
	}
	return nil
}

// ports checks the range of a rule, where -1 is ICMP's "all types".
func ports(from, to int) error {
	if from == -1 || to == -1 {
		return first([]error{port(max(from, 0)), port(max(to, 0))})
	}
	return first([]error{port(from), port(to)})
}

func first(all []error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
