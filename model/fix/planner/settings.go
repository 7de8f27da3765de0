package planner

import (
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// Settings are what can be tried on a service: the endpoints of its Service Connect
// block, and the security groups of its tasks. What is turned becomes steps for
// [Outcome] and [WhatIf].
type Settings struct {
	Service   model.Ref          `json:"service"`
	Endpoints []EndpointSettings `json:"endpoints"`
	Groups    []GroupSettings    `json:"groups"`
	// Missing says what could not be read, so that something cannot be turned.
	Missing []model.Missing `json:"missing,omitempty"`
}

// EndpointSettings is an endpoint of the Service Connect block: its override can be set
// and unset, its TLS switched on, and the endpoint removed.
type EndpointSettings struct {
	Index    int    `json:"index"`
	PortName string `json:"portName"`
	// Name is the discovery name.
	Name      string `json:"name"`
	Container string `json:"container,omitempty"`
	// ContainerPort is 0 when the port name is not known.
	ContainerPort int    `json:"containerPort,omitempty"`
	AppProtocol   string `json:"appProtocol,omitempty"`
	Override      int    `json:"override,omitempty"`
	// Suggested is a free port for the override, 0 when none is known; Why says why
	// it is that one.
	Suggested int    `json:"suggested,omitempty"`
	Why       string `json:"why,omitempty"`
	TLS       bool   `json:"tls,omitempty"`
}

// GroupSettings is a security group of the tasks: rules can be added and taken away.
type GroupSettings struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	// Ingress and Egress are its rules, in AWS's order.
	Ingress []model.SecurityGroupRule `json:"ingress"`
	Egress  []model.SecurityGroupRule `json:"egress"`
	// Services are the services whose tasks have the group, LoadBalancers the load
	// balancers that do: a change is a change for them all.
	Services      []model.Ref `json:"services"`
	LoadBalancers []string    `json:"loadBalancers,omitempty"`
}

// SettingsOf lists what can be tried on a service; nothing where its deployment is not
// known.
func SettingsOf(report *rule.Analysis, ref model.Ref) Settings {
	v := newAccount(report)
	c := v.look(v.present, ref)
	k := Settings{Service: ref, Endpoints: []EndpointSettings{}, Groups: []GroupSettings{}}
	if c.service == nil || c.service.Primary() == nil {
		return k
	}
	if sc := c.block(); sc != nil {
		for i := range sc.Services {
			k.Endpoints = append(k.Endpoints, endpointSettings(c, &sc.Services[i], i))
		}
	}
	if _, missing := c.ix.TaskDefinition(c.service.Primary().TaskDefinition); missing != nil {
		k.Missing = append(k.Missing, *missing)
	}
	if _, missing := reach.TaskGroupSets(c.ix, c.service); missing != nil {
		k.Missing = append(k.Missing, *missing)
	}
	for _, id := range reach.TaskGroups(c.ix, c.service) {
		g, missing := c.ix.SecurityGroup(id)
		if missing != nil {
			k.Missing = append(k.Missing, *missing)
			continue
		}
		k.Groups = append(k.Groups, GroupSettings{
			ID: id, Name: g.Name, Ingress: slices.Clone(g.Ingress), Egress: slices.Clone(g.Egress), Services: c.holders.Services(id), LoadBalancers: c.holders.LoadBalancers(id),
		})
	}
	return k
}

func endpointSettings(c *situation, s *model.ServiceConnectService, i int) EndpointSettings {
	e := EndpointSettings{Index: i, PortName: s.PortName, Name: s.Name(), Override: s.IngressPortOverride, TLS: s.TLS != nil}
	task := c.task()
	if task == nil {
		return e
	}
	m, container := task.PortNamed(s.PortName)
	if m == nil {
		return e
	}
	e.Container, e.ContainerPort, e.AppProtocol = container, m.ContainerPort, m.AppProtocol
	if m.ContainerPort != 0 {
		n := freeOverride(c, m.ContainerPort)
		e.Suggested, e.Why = n.port, n.why
	}
	return e
}
