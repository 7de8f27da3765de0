package rule

import (
	"slices"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// Expected is a refused caller for which there is a sign, outside of the rules that
// decide, that it is to call.
type Expected struct {
	Caller model.Ref
	// Sign says what the sign is.
	Sign string
	// evidence is the fact that the sign was read from.
	evidence reach.Evidence
}

// expected are the callers of a refused path that metrics saw calling lately, that a
// rule which hopscope added for an earlier port names, or whose environment names the
// endpoint.
func (c *Case) expected(p *reach.Path) []Expected {
	if p.Facts.Offer == nil || p.Source.Kind != reach.SourceServiceConnect {
		return nil
	}
	var out []Expected
	for _, ref := range c.Calls[p.Facts.Offer.Name()] {
		if p.Source.Services.Contains(ref) {
			out = addExpected(out, Expected{
				ref, "its agent counted traffic of the endpoint in the last three hours",
				fact(model.ListMetrics, "%s of %s with TargetDiscoveryName = %s", c.traffic.MetricName(), ref,
					p.Facts.Offer.Name()),
			})
		}
	}
	var groups []string
	if p.Facts.Deployment != nil && p.Facts.Deployment.Network != nil {
		groups = p.Facts.Deployment.Network.SecurityGroups
	}
	for _, id := range groups {
		g, missing := c.Index.SecurityGroup(id)
		if missing != nil {
			continue
		}
		for i := range g.Ingress {
			out = c.addNamed(out, p, id, &g.Ingress[i])
		}
	}
	for _, ref := range c.Naming[p.Source.Endpoint] {
		if p.Source.Services.Contains(ref) {
			out = addExpected(out, Expected{
				ref, "an environment variable of its task definition names the endpoint",
				fact(model.DescribeTaskDefinition, "environment of %s: a value names %s", ref, p.Source.Endpoint),
			})
		}
	}
	return out
}

// addNamed adds the callers that a rule names which hopscope added.
func (c *Case) addNamed(all []Expected, p *reach.Path, group string, r *model.SecurityGroupRule) []Expected {
	if r.Group == nil || !words.AdmitsCallers(r.Description, c.Service.Name) {
		return all
	}
	for _, ref := range c.Clients[clientGroup{p.Facts.Namespace, r.Group.ID}] {
		if p.Source.Services.Contains(ref) {
			all = addExpected(all, Expected{
				ref, "a rule that hopscope added for it is there, for another port",
				fact(model.DescribeSecurityGroups, "%s admits %s from %s: %q", group, r.Ports(), r.Group.ID, r.Description),
			})
		}
	}
	return all
}

// addExpected adds a caller for which there is no earlier sign.
func addExpected(all []Expected, e Expected) []Expected {
	if slices.ContainsFunc(all, func(o Expected) bool { return o.Caller == e.Caller }) {
		return all
	}
	return append(all, e)
}
