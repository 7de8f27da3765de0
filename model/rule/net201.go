package rule

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// callersRefused is NET201: rows 44 to 46 of docs/decision-table.md.
func callersRefused() Rule {
	return Rule{
		Code: "NET201", Title: "Service Connect callers cannot reach the agent's port", Severity: Error,
		Sources: []reach.SourceKind{reach.SourceServiceConnect, reach.SourceServiceDiscovery},
		Needs:   slices.Concat(serviceFacts, networkFacts, namespaceFacts),
		Uses:    []model.Action{model.ListMetrics},
		check:   checkCallersRefused,
		Doc: Doc{
			What: "A security group or network ACL on the way refuses Service Connect callers of an endpoint.",
			Why: "Callers get “upstream request timeout” (HTTP 504) after about 15 seconds, or connections that hang. " +
				"Load balancers that use another port keep working, so that it looks like a partial outage.",
			Detection: "The callers' agents connect to the wire port: ingressPortOverride, or the container port where none " +
				"is set. The rule asks the egress of the callers' groups, the network ACLs of both subnets in both directions, " +
				"and the ingress of the target's groups about that port. It is an error when there is a sign that the callers " +
				"are expected: the target's groups name theirs, or admit them on the container port but not on the override; " +
				"metrics saw them calling lately; a rule that hopscope added for another port names them; or an environment " +
				"variable of theirs names the endpoint. It is an error, " +
				"with medium confidence, when no caller that was read is admitted at all; a warning when callers are admitted " +
				"on the dynamic host ports that agents have now and not on all that the next one may get; and otherwise " +
				"information: the services of a namespace need not all call each other.",
			FalsePositive: "Least privilege: a service of the namespace that never calls this endpoint is rightly refused. " +
				"Its path is then closed, not broken.",
			Fix: "Open the wire port in the target's security group to the callers' group. The alias port is never " +
				"opened: it exists only inside the callers' tasks.",
			Source: "AWS developer guide, Service Connect: security groups must allow the containerPort and " +
				"ingressPortOverride port numbers; agentic-community/mcp-gateway-registry#392 for the symptom without an override.",
		},
	}
}

// endpointKey identifies an endpoint of one running deployment.
type endpointKey struct {
	kind     reach.SourceKind
	endpoint string
	port     port
}

func endpointOf(p *reach.Path) endpointKey {
	return endpointKey{p.Source.Kind, p.Source.Endpoint, targetPort(p)}
}

func checkCallersRefused(c *Case) {
	for paths := range groupBy(c.Paths, endpointOf) {
		if paths[0].Target.WirePort == 0 {
			continue // which rule is to be made cannot be said: CFG309 and the like come first
		}
		// What two deployments have in common is on a path without a
		// deployment: another of these groups.
		admitted := slices.ContainsFunc(c.Paths, func(p *reach.Path) bool {
			return sameEndpoint(p, paths[0]) && (p.Access == reach.Allowed || p.Facts.Intended)
		})
		reportRefused(c, paths, admitted, mayAdmit(c, paths[0]))
	}
	boundPorts(c)
}

// sameEndpoint tells whether a path leads to the endpoint of another one, in the
// same deployment, if perhaps in others too.
func sameEndpoint(p, of *reach.Path) bool {
	inOne := role(p) == role(of) || slices.Contains(p.AlsoIn, role(of))
	return inOne && p.Source.Kind == of.Source.Kind && p.Source.Endpoint == of.Source.Endpoint &&
		p.Target.ContainerPort == of.Target.ContainerPort
}

// doubt says that another caller of an endpoint may get in.
type doubt struct {
	// missing is the fact that would tell, nil where a rule covers a part of the
	// caller's addresses.
	missing *model.Missing
}

// mayAdmit is set where it is not known of each other caller of the endpoint of a
// path whether it gets in.
func mayAdmit(c *Case, of *reach.Path) *doubt {
	for _, p := range c.Unsure {
		if sameEndpoint(p, of) {
			return &doubt{&p.Missing[0]} // it has one: see Rule.lacks
		}
	}
	for _, p := range c.Paths {
		switch {
		case p.Access != reach.AccessUnknown || !sameEndpoint(p, of):
		case len(p.Missing) > 0:
			return &doubt{&p.Missing[0]}
		default:
			return &doubt{}
		}
	}
	if c.Partial {
		return &doubt{unknownServices(c.Index.Snapshot)}
	}
	return nil
}

// reportRefused judges the refused callers of one endpoint. admitted tells that
// some caller gets in, or is expected to; unsure is set where another one may.
func reportRefused(c *Case, paths []*reach.Path, admitted bool, unsure *doubt) {
	for _, p := range paths {
		// Else its own egress refuses it: NET203 says so.
		if p.Access == reach.Blocked && p.Facts.Intended && p.RefusedBy(ownSide...) {
			c.report(expectedFinding(c, p))
		}
	}
	refused := where(paths, func(p *reach.Path) bool {
		// Any service of the VPC could look up a name of service discovery: no news.
		return p.Access == reach.Blocked && !p.Facts.Intended && p.Source.Kind != reach.SourceServiceDiscovery
	})
	switch {
	case len(refused) == 0:
	case !admitted && unsure == nil:
		f := unadmittedFinding(refused)
		for _, p := range refused {
			f.Expected = append(f.Expected, c.expected(p)...)
		}
		c.report(f)
	case admitted:
		reportClosed(c, refused, reach.CountCallers(paths), nil)
	default:
		reportClosed(c, refused, reach.CountCallers(paths), unsure)
	}
}

// ownSide are the places that NET201 and NET202 are about; NET203 is about the
// source's egress.
var ownSide = []reach.CheckKind{reach.CheckTargetIngress, reach.CheckNetworkACL}

// reportClosed judges refused callers of an endpoint that others are admitted to, or may
// be: unsure says so.
func reportClosed(c *Case, refused []*reach.Path, all int, unsure *doubt) {
	var closed part
	for i, p := range refused {
		if signs := c.expected(p); len(signs) > 0 {
			c.report(signedFinding(p, signs))
			continue
		}
		closed.add(refused, i)
	}
	if len(closed.paths) > 0 {
		f := closedFinding(closed.paths, all)
		if unsure != nil {
			f.verdict, f.missing = reach.Unknown, unsure.missing
		}
		c.report(f)
	}
}

func expectedFinding(c *Case, p *reach.Path) Finding {
	f := Finding{
		Paths: []*reach.Path{p}, verdict: reach.Broken, Confidence: High,
		about: call(p),
	}
	if refusal(p, ownSide...).Partial {
		f.Severity = Warning
	}
	siblings := c.Siblings
	f.text = func(f *Finding) Text { return expectedText(f.Paths[0], siblings) }
	return f
}

func expectedText(p *reach.Path, siblings []*reach.Path) Text {
	check, callers, callee := refusal(p, ownSide...), words.Callers(p.Source.Services), words.Callee(p)
	t := Text{
		Title: fmt.Sprintf("%s cannot reach %s%s: tcp %s is refused", callers, callee, deployment(p), wirePort(p)),
		Detail: fmt.Sprintf("Calls of %s to %s fail: %s. %s. Symptom: %s.%s",
			callers, callee, check.Why, whyExpected(p, check), p.Crossing().Symptom, stillWorking(siblings, p)),
		Evidence: refusalEvidence(p),
	}
	if check.Partial {
		t.Title = fmt.Sprintf("Some calls of %s to %s%s are refused on tcp %s", callers, callee, deployment(p), wirePort(p))
		t.Detail += passElsewhere(check)
	}
	return t
}

// passElsewhere says which calls arrive where some are refused.
func passElsewhere(c *reach.Check) string {
	switch c.Kind {
	case reach.CheckTargetIngress:
		return " Calls of tasks in the other subnets pass."
	case reach.CheckSourceEgress:
		return " Calls to tasks in the other subnets pass, so that they fail now and then."
	case reach.CheckNetworkACL, reach.CheckRouting:
	}
	return " Other pairs of subnets let the calls pass, so that they fail now and then."
}

// whyExpected is the sign that refused callers are expected to call.
func whyExpected(p *reach.Path, check *reach.Check) string {
	switch {
	case check.Kind == reach.CheckNetworkACL:
		return "The security groups of the target admit them"
	case p.Facts.Offer != nil && p.Facts.Offer.IngressPortOverride != 0:
		n := p.Facts.Offer.IngressPortOverride
		return fmt.Sprintf("ingressPortOverride moved the endpoint from port %d to %d, and the rule for "+
			"these callers is about port %d only",
			p.Target.ContainerPort, n, p.Target.ContainerPort)
	}
	return "The target's security group names the group of these callers"
}

// deployment tells apart what is said about two deployments of one service.
func deployment(p *reach.Path) string {
	if p.Target.Deployment == "" {
		return ""
	}
	return fmt.Sprintf(" (deployment %s)", p.Target.Deployment)
}

// stillWorking says which load balancers reach the service meanwhile: what makes
// a refusal look like a partial outage.
func stillWorking(siblings []*reach.Path, p *reach.Path) string {
	var names []string
	for _, o := range siblings {
		if o.Source.Kind == reach.SourceLoadBalancer && o.Access == reach.Allowed && !slices.Contains(names, o.Source.Name) {
			names = append(names, o.Source.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(" Meanwhile %s still reaches %s, so that it looks like a partial outage.",
		strings.Join(names, ", "), p.Target.Service)
}

// signedFinding tells of refused callers of which some are expected to call by other
// signs than rules. Its path stays closed: it has other callers too, and the signs may be
// gone tomorrow.
func signedFinding(p *reach.Path, signs []Expected) Finding {
	return Finding{
		Paths: []*reach.Path{p}, Confidence: High, Expected: signs,
		about: call(p), text: signedText,
	}
}

func signedText(f *Finding) Text {
	p := f.Paths[0]
	refs := make([]model.Ref, len(f.Expected))
	var evidence []reach.Evidence
	for i := range f.Expected {
		refs[i] = f.Expected[i].Caller
		evidence = append(evidence, f.Expected[i].evidence)
	}
	callers := words.Services(refs)
	return Text{
		Title: fmt.Sprintf("%s cannot reach %s%s: tcp %s is refused", callers, words.Callee(p), deployment(p), wirePort(p)),
		Detail: fmt.Sprintf("Calls of %s to %s fail: %s. It is expected to call: %s. Symptom: %s.",
			callers, words.Callee(p), p.Crossing().Why, f.Expected[0].Sign, p.Crossing().Symptom),
		Evidence: append(evidence, refusalEvidence(p)...),
	}
}

func unadmittedFinding(refused []*reach.Path) Finding {
	p := refused[0]
	return Finding{
		Paths: refused, verdict: reach.Broken, Confidence: Medium,
		about: string(p.Source.Kind) + " " + p.Source.Endpoint, text: unadmittedText,
	}
}

func unadmittedText(f *Finding) Text {
	p := f.Paths[0]
	title, admitted := "No loaded caller is admitted to %s%s", "is admitted"
	if slices.ContainsFunc(f.Paths, refusedInPart) {
		const all = " from all of its subnets"
		title, admitted = title+all, admitted+all
	}
	t := Text{
		Title: fmt.Sprintf(title, p.Source.Endpoint, deployment(p)),
		Detail: fmt.Sprintf("%s is published in Service Connect, but no service of its namespace that was read %s "+
			"on tcp %s: %s. Either the port must be opened, or the endpoint is not needed. Symptom for a caller: %s.",
			p.Source.Endpoint, admitted, wirePort(p), reasons(f.Paths), p.Crossing().Symptom),
		Evidence: refusalEvidence(p),
	}
	for i := range f.Expected {
		e := &f.Expected[i]
		t.Detail += fmt.Sprintf(" %s is expected to call: %s.", e.Caller, e.Sign)
		t.Evidence = append(t.Evidence, e.evidence)
	}
	return t
}

// refusedInPart tells whether some of a path's calls are refused and others pass.
func refusedInPart(p *reach.Path) bool {
	checks := p.Crossing().Checks
	return !slices.ContainsFunc(checks, func(c reach.Check) bool { return c.Access != reach.Allowed && !c.Partial }) &&
		slices.ContainsFunc(checks, func(c reach.Check) bool { return c.Partial })
}

// closedFinding tells of callers that are refused without a sign that they were
// ever expected to call: least privilege at work. all counts the callers of the endpoint.
func closedFinding(refused []*reach.Path, all int) Finding {
	p := refused[0]
	return Finding{
		Paths: refused, Severity: Info, Confidence: High,
		about: string(p.Source.Kind) + " " + p.Source.Endpoint + " closed",
		text:  func(f *Finding) Text { return closedText(f, all) },
	}
}

func closedText(f *Finding, all int) Text {
	p := f.Paths[0]
	n, verb := reach.CountCallers(f.Paths), "are"
	if n == 1 {
		verb = "is"
	}
	judged := "Nothing says that they are to call it: least privilege, and nothing to do unless one is."
	if f.verdict == reach.Unknown {
		judged = "Whether that is least privilege is not known: no caller is known to be admitted, and of others " +
			"it is not known whether they are."
	}
	if f.missing != nil {
		judged += fmt.Sprintf(" What is missing: %s.", f.missing)
	}
	return Text{
		Title: fmt.Sprintf("%d of %d services of the namespace %s not admitted to %s%s",
			n, all, verb, p.Source.Endpoint, deployment(p)),
		Detail:   fmt.Sprintf("Refused on tcp %s of %s: %s. %s", wirePort(p), f.Service, reasons(f.Paths), judged),
		Evidence: refusalEvidence(p),
	}
}

// reasons says of each set of refused callers why it is.
func reasons(refused []*reach.Path) string {
	all := make([]string, len(refused))
	for i, p := range refused {
		all[i] = words.Callers(p.Source.Services) + ": " + p.Crossing().Why
	}
	return strings.Join(all, "; ")
}

// wirePort is the port that groups see, or the range of a dynamic host port.
func wirePort(p *reach.Path) string {
	if p.Target.WirePortEnd != 0 {
		return fmt.Sprintf("%d-%d", p.Target.WirePort, p.Target.WirePortEnd)
	}
	return fmt.Sprint(p.Target.WirePort)
}

// checkSources says which API call each place on the way is read with.
var checkSources = map[reach.CheckKind]model.Action{
	reach.CheckSourceEgress: model.DescribeSecurityGroups, reach.CheckTargetIngress: model.DescribeSecurityGroups,
	reach.CheckNetworkACL: model.DescribeNetworkAcls, reach.CheckRouting: model.DescribeSubnets,
}

// refusalEvidence quotes what makes the port what it is, and every decision on
// the way.
func refusalEvidence(p *reach.Path) []reach.Evidence {
	hop := p.Crossing()
	out := slices.Clone(hop.Evidence)
	for _, c := range hop.Checks {
		out = append(out, reach.Evidence{Fact: c.Why, From: string(checkSources[c.Kind])})
	}
	return out
}
