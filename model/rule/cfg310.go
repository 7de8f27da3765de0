package rule

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// aliasCollision is CFG310.
func aliasCollision() Rule {
	return Rule{
		Code: "CFG310", Title: "Two endpoints of a namespace have one name and port", Severity: Error,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   slices.Concat(serviceFacts, namespaceFacts),
		check:   checkAliasCollision,
		Doc: Doc{
			What:          "Two Service Connect services of one namespace can be called by the same DNS name and port.",
			Why:           "A caller's hosts file has one address for the name: calls reach the wrong service, and which one may change with a deployment.",
			Detection:     "clientAliases[] (or the default name, discoveryName.namespace with the container port) of all loaded services are compared within each namespace.",
			FalsePositive: "The two are meant to be the same, during a migration.",
			Fix:           "Give one of them another dnsName or port, and deploy its callers.",
			Source:        "API reference, ServiceConnectClientAlias; go-to-k/cdkd#544.",
		},
	}
}

func checkAliasCollision(c *Case) []Finding {
	var out []Finding
	for _, paths := range groupBy(c.Paths, func(p *reach.Path) namedOffer { return namedOffer{nameOf(p), p.Facts.Offer.PortName} }) {
		p := paths[0]
		var others []string
		for _, o := range c.Endpoints[nameOf(p)] {
			switch {
			case o.ref != c.Service.Ref():
				others = append(others, o.ref.String())
			case o.portName != p.Facts.Offer.PortName:
				others = append(others, "portName "+o.portName+" of the same service")
			}
		}
		if len(others) == 0 {
			continue
		}
		out = append(out, Finding{
			Paths: paths, verdict: reach.Broken, Confidence: High, about: p.Source.Endpoint + " " + p.Facts.Offer.PortName,
			text: func(f *Finding) Text {
				name, names := p.Source.Endpoint, strings.Join(others, ", ")
				return Text{
					Title: fmt.Sprintf("%s is also the name of an endpoint of %s", name, names),
					Detail: fmt.Sprintf("%s and %s offer %s in one namespace. A caller knows one of them by that name, "+
						"and its calls reach whichever that is.", f.Ref(), names, name),
					Evidence: p.Crossing().Evidence,
				}
			},
		})
	}
	return out
}

// namedOffer is one entry of a service's configuration under one of its names.
type namedOffer struct {
	name     endpointName
	portName string
}

// endpointName is a name and port within a namespace.
type endpointName struct{ namespace, name string }

func nameOf(p *reach.Path) endpointName { return endpointName{p.Facts.Namespace, p.Source.Endpoint} }

// offer is a Service Connect service of an ECS service.
type offer struct {
	ref      model.Ref
	portName string
}

// endpointsByName are the offers of each endpoint.
func endpointsByName(paths []reach.Path) map[endpointName][]offer {
	out := map[endpointName][]offer{}
	for i := range paths {
		p := &paths[i]
		if p.Source.Kind != reach.SourceServiceConnect {
			continue
		}
		if o := (offer{p.Target.Ref(), p.Facts.Offer.PortName}); !slices.Contains(out[nameOf(p)], o) {
			out[nameOf(p)] = append(out[nameOf(p)], o)
		}
	}
	return out
}
