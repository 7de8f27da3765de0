package rule

import (
	"fmt"
	"slices"

	"hopscope/model/reach"
)

// plainCallerHop is HOP104: rows 52 to 54 of docs/decision-table.md.
func plainCallerHop() Rule {
	return Rule{
		Code: "HOP104", Title: "Traffic that is not Service Connect's crosses the agent without need", Severity: Warning,
		Sources: []reach.SourceKind{reach.SourceServiceDiscovery, reach.SourceServiceGateway, reach.SourceVPCLattice},
		Needs:   serviceFacts,
		check:   checkPlainCallerHop,
		Doc: Doc{
			What: "Requests of a service gateway or of VPC Lattice, or of callers that found the task by service discovery, " +
				"reach its app through the Service Connect agent.",
			Why: "The agent intercepts the container port for every caller. A caller without Service Connect gains nothing " +
				"from it and pays for the hop and its timeouts.",
			Detection: "The port that gatewayConnectors[] or vpcLatticeConfigurations[] name, or that the service registers " +
				"in Cloud Map (serviceRegistries), is listed in Service Connect without ingressPortOverride. For service " +
				"discovery the finding is information: whether anyone calls is not known.",
			FalsePositive: "No client uses the gateway, the Lattice service or the Cloud Map name any more.",
			Fix: "Set ingressPortOverride, as for HOP101; the traffic then reaches the app directly on the " +
				"container port, which must stay open to it.",
			Source: "AWS developer guide, Service Connect: “These applications can connect through the Service " +
				"Connect proxy but can't resolve endpoint names”; docs/traffic.md, Gateways and Lattice.",
		},
	}
}

func checkPlainCallerHop(c *Case) {
	type key struct {
		kind reach.SourceKind
		name string
		port port
	}
	hit := where(c.Paths, func(p *reach.Path) bool {
		return p.Via == reach.ViaAgent && p.Access != reach.Blocked && p.Facts.Interception.Offer != nil && !endsTLS(p)
	})
	for paths := range groupBy(hit, func(p *reach.Path) key { return key{p.Source.Kind, p.Source.Name, targetPort(p)} }) {
		source := &paths[0].Source
		f := Finding{
			Paths: paths, Confidence: Medium, about: string(source.Kind) + " " + source.Name, text: plainCallerText,
		}
		if source.Kind != reach.SourceServiceDiscovery {
			f.verdict = reach.UnnecessaryHop
		}
		if source.Kind == reach.SourceServiceDiscovery || idle(paths) {
			f.Severity = Info
		}
		c.report(f)
	}
}

func plainCallerText(f *Finding) Text {
	p := f.Paths[0]
	t := Text{Evidence: slices.Concat(p.Crossing().Evidence, hopEvidence(p))}
	if p.Source.Kind == reach.SourceServiceDiscovery {
		t.Title = fmt.Sprintf("Service discovery reaches %s:%d through the agent", f.Service, p.Target.ContainerPort)
		t.Detail = fmt.Sprintf("%s registers port %d in Cloud Map, and callers that find it there cross its Service Connect "+
			"agent: %s.", f.Service, p.Target.ContainerPort, p.ViaWhy())
	} else {
		from := gatewayName(p)
		t.Title = fmt.Sprintf("%s reaches %s:%d through the agent", from, f.Service, p.Target.ContainerPort)
		t.Detail = fmt.Sprintf("Every request of %s crosses the Service Connect agent of %s before it reaches the app: %s. "+
			"The agent's timeouts apply to them as well.", from, f.Service, p.ViaWhy())
	}
	if idle(f.Paths) {
		t.Detail += weightless
	}
	return t
}

// gatewayName names a service gateway, or VPC Lattice.
func gatewayName(p *reach.Path) string {
	if p.Source.Kind == reach.SourceServiceGateway {
		return "Service gateway " + p.Source.Name
	}
	return p.Source.Name
}
