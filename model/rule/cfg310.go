package rule

import (
	"fmt"
	"maps"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// aliasCollision is CFG310.
func aliasCollision() Rule {
	return Rule{
		Code: "CFG310", Title: "Two endpoints of a namespace have one name and port", Severity: Error,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   slices.Concat(serviceFacts, namespaceFacts),
		check:   checkAliasCollision,
		Doc: Doc{
			What: "Two Service Connect services of one namespace can be called by the same DNS name and port.",
			Why: "A caller's hosts file has one address for the name: calls reach the wrong service, and which one may change " +
				"with a deployment.",
			Detection: "clientAliases[] (or the default name, discoveryName.namespace with the container port) of all loaded " +
				"services are compared within each namespace.",
			FalsePositive: "The two are to be the same, during a migration.",
			Fix:           "Give one of them another dnsName or port, and deploy its callers.",
			Source:        "API reference, ServiceConnectClientAlias; go-to-k/cdkd#544.",
		},
	}
}

func checkAliasCollision(c *Case) {
	for paths := range groupBy(c.Paths, aliasOf) {
		if others := c.Endpoints.others(paths[0], nameOf(paths[0])); len(others) > 0 {
			f := sharedAlias(paths, others)
			// Without a dnsName the alias is made of the discovery name.
			if unnamedAlias(paths[0]) && len(c.Published.others(paths[0], publishedName(paths[0]))) > 0 {
				f.follows = "CFG326"
			}
			c.report(f)
		}
	}
}

func sharedAlias(paths []*reach.Path, others []string) Finding {
	p := paths[0]
	return Finding{
		Paths: paths, verdict: reach.Broken, Confidence: High, about: p.Source.Endpoint + " " + p.Facts.Offer.PortName,
		text: func(f *Finding) Text {
			name, names := p.Source.Endpoint, words.Names(others)
			return Text{
				Title: fmt.Sprintf("%s is also the name of an endpoint of %s", name, names),
				Detail: fmt.Sprintf("%s and %s offer %s in one namespace. A caller knows one of them by that name, "+
					"and its calls reach whichever that is.", f.Ref(), names, name),
				Evidence: p.Crossing().Evidence,
			}
		},
	}
}

// unnamedAlias tells whether an endpoint has no dnsName of its own: callers use its
// discovery name.
func unnamedAlias(p *reach.Path) bool {
	return !slices.ContainsFunc(p.Facts.Offer.ClientAliases, func(a model.ClientAlias) bool { return a.DNSName != "" })
}

// aliasOf is the entry of a configuration that a path's endpoint is, under the name
// that callers use.
func aliasOf(p *reach.Path) namedOffer { return namedOffer{nameOf(p), p.Facts.Offer.PortName} }

// namedOffer is one entry of a service's configuration under one of its names.
type namedOffer struct {
	name     endpointName
	portName string
}

// endpointName is a name and port within a namespace.
type endpointName struct{ namespace, name string }

func nameOf(p *reach.Path) endpointName { return endpointName{p.Facts.Namespace, p.Source.Endpoint} }

// offer is a Service Connect service of an ECS service, in the deployment of a role.
type offer struct {
	ref            model.Ref
	role, portName string
}

// offers are the offers under each name.
type offers map[endpointName][]offer

// namedOffers are the offers under the names that a function gives the paths to them.
func namedOffers(paths []*reach.Path, name func(*reach.Path) endpointName) offers {
	out := offers{}
	for _, p := range paths {
		if p.Source.Kind != reach.SourceServiceConnect {
			continue
		}
		o, key := offeredBy(p), name(p)
		if !slices.Contains(out[key], o) {
			out[key] = append(out[key], o)
		}
	}
	return out
}

// offeredBy is the offer of a path's endpoint.
func offeredBy(p *reach.Path) offer {
	return offer{p.Target.Ref(), role(p), p.Facts.Offer.PortName}
}

// others are the endpoints that have the name of a path's endpoint too, in words. While
// a service is deployed, its old and its new endpoint are one.
func (all offers) others(p *reach.Path, name endpointName) []string {
	own := offeredBy(p)
	var out []string
	for _, o := range all[name] {
		text := ""
		switch {
		case o.ref != own.ref:
			text = o.ref.String()
		case o.role == own.role && o.portName != own.portName:
			text = "portName " + o.portName + " of the same service"
		}
		if text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// less are the offers without those of a service that it had before and has no more.
func (all offers) less(before, after offers) offers {
	out := maps.Clone(all)
	for name, lost := range before {
		out[name] = slices.DeleteFunc(slices.Clone(all[name]), func(o offer) bool {
			return slices.Contains(lost, o) && !slices.Contains(after[name], o)
		})
	}
	return out
}
