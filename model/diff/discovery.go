package diff

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
)

// discovery are namespaces, Cloud Map services and the routes of gateways.
func (r *readings) discovery() {
	ofKind := func(kinds ...reach.SourceKind) func(*reach.Path, string) bool {
		return func(p *reach.Path, _ string) bool { return slices.Contains(kinds, p.Source.Kind) }
	}
	for i := range r.s.Namespaces {
		n := &r.s.Namespaces[i]
		r.add(&item{
			key: "namespace " + n.ARN, label: "namespace " + n.Name, from: model.ListNamespaces, value: n,
			touches: ofKind(reach.SourceServiceConnect, reach.SourceServiceDiscovery),
		})
	}
	for i := range r.s.DiscoveryServices {
		d := &r.s.DiscoveryServices[i]
		r.add(&item{
			key: "discovery " + d.ARN, label: "Cloud Map service " + d.Name, from: model.ListDiscoveryServices, value: d,
			touches: ofKind(reach.SourceServiceDiscovery, reach.SourceServiceConnect),
		})
	}
	for i := range r.s.GatewayRoutes {
		g := &r.s.GatewayRoutes[i]
		r.add(&item{
			key: "gateway " + g.ARN + " " + g.ServiceARN + " " + g.PortName, label: "gateway route " + model.ARNName(g.ARN),
			from: model.ListGatewayRoutes, value: g, touches: ofKind(reach.SourceServiceGateway),
		})
	}
}

// traffic is who called whom lately, as CloudWatch has it.
func (r *readings) traffic() {
	if r.s.Traffic == nil {
		return
	}
	for _, e := range r.s.Traffic.Edges {
		r.add(&item{
			key:   "traffic " + e.Caller.String() + " " + e.DiscoveryName,
			label: fmt.Sprintf("metrics of %s calling %s", e.Caller, e.DiscoveryName), from: model.ListMetrics,
			value: e, touches: func(p *reach.Path, _ string) bool {
				return p.Facts.Offer != nil && p.Facts.Offer.Name() == e.DiscoveryName
			},
		})
	}
}

// gaps are what one of the readings lacks.
func (r *readings) gaps() {
	for i := range r.s.Gaps {
		g := r.s.Gaps[i]
		if g.State == model.Loading {
			continue
		}
		label := string(g.Action)
		if g.Resource != "" {
			label += " for " + resourceName(g.Resource)
		}
		r.add(&item{
			key: "gap " + string(g.Action) + " " + g.Resource, label: label + ": " + string(g.State), from: g.Action,
			gap: true, touches: func(p *reach.Path, _ string) bool {
				isIt := func(m model.Missing) bool { return m.Action == g.Action }
				return p.Access == reach.AccessUnknown || slices.ContainsFunc(p.Missing, isIt)
			},
		})
	}
}
