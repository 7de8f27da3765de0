package rule

import (
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// discoveryNameTwice is CFG326.
func discoveryNameTwice() Rule {
	return Rule{
		Code: "CFG326", Title: "Two services publish one discovery name in a namespace", Severity: Error,
		Sources: []reach.SourceKind{reach.SourceServiceConnect},
		Needs:   slices.Concat(serviceFacts, namespaceFacts),
		check:   checkDiscoveryNameTwice,
		Doc: Doc{
			What: "Two Service Connect endpoints have the same discoveryName in one Cloud Map namespace, " +
				"whatever their aliases are.",
			Why: "ECS makes a Cloud Map service of that name for the endpoint, and a namespace has each name once: the next " +
				"deployment of one of the two fails, or callers of one are sent to the tasks of the other.",
			Detection: "services[].discoveryName (portName, where it is left out) of all loaded services is compared within " +
				"each namespace, over the clusters that were read. A port name that is listed twice in one block is not " +
				"reported, nor are two deployments of one service.",
			FalsePositive: "None known.",
			Fix: "Give one of them another discoveryName. Keep its dnsName in clientAliases (where it had none, write the old " +
				"name there), so that callers need not change.",
			Source: "API reference, ServiceConnectService: discoveryName “must be unique within the " +
				"AWS Cloud Map namespace”.",
		},
	}
}

func checkDiscoveryNameTwice(c *Case) {
	for paths := range groupBy(c.Paths, publicationOf) {
		if others := c.Published.others(paths[0], publishedName(paths[0])); len(others) > 0 {
			c.report(sharedPublication(paths, others))
		}
	}
}

func sharedPublication(paths []*reach.Path, others []string) Finding {
	p := paths[0]
	name := p.Facts.Offer.Name()
	return Finding{
		Paths: paths, verdict: reach.Broken, about: name + " " + p.Facts.Offer.PortName,
		text: func(f *Finding) Text {
			names := words.Names(others)
			return Text{
				Title: fmt.Sprintf("%s is also the discovery name of %s", name, names),
				Detail: fmt.Sprintf("%s and %s publish the discovery name %s in one namespace, which can have it once: "+
					"ECS refuses the next deployment of one of the two, or its callers reach the tasks of the other.",
					f.Ref(), names, name),
				Evidence: append([]reach.Evidence{
					fact(model.DescribeServices, "discoveryName = %s: %s, %s", name, f.Ref(), names),
				}, p.Crossing().Evidence...),
			}
		},
	}
}

// publishedName is the discovery name of a path's endpoint within its namespace.
func publishedName(p *reach.Path) endpointName {
	return endpointName{p.Facts.Namespace, p.Facts.Offer.Name()}
}

// publicationOf is the entry of a configuration that a path's endpoint is, under its
// discovery name.
func publicationOf(p *reach.Path) namedOffer {
	return namedOffer{publishedName(p), p.Facts.Offer.PortName}
}
