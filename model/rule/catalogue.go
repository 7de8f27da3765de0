package rule

import (
	"iter"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// Rule is one entry of the catalogue: data, and one pure function.
type Rule struct {
	// Code is stable: "HOP101".
	Code string
	// Title is what the rule finds, in one line.
	Title string
	// Severity is the usual one; a finding may differ when the facts of the
	// case say so, and says why.
	Severity Severity
	// Sources are the kinds of paths that the rule looks at. A rule without any
	// looks at the service itself, whether paths lead to it or not.
	Sources []reach.SourceKind
	// always is set for a rule that looks at the service also where no path of its
	// sources leads to it.
	always bool
	// Needs are the IAM actions whose facts the rule reads. Where one of them
	// is missing the rule is not checked.
	Needs []model.Action
	// Uses are the IAM actions whose facts sharpen what the rule says: it can
	// be checked without them.
	Uses  []model.Action
	Doc   Doc
	check func(*Case)
	// alone is the code, for paths that only this rule finds fault with.
	alone []string
	// at is the position in the catalogue.
	at int32
}

// Doc explains a rule to users (hopscope rules CODE), in plain paragraphs.
type Doc struct {
	// What is wrong when the rule fires.
	What string
	// Why it matters.
	Why string
	// Detection is how it is found, in terms of API fields.
	Detection string
	// FalsePositive is what would make a finding wrong.
	FalsePositive string
	// Fix is what to do.
	Fix string
	// Source is where the facts come from.
	Source string
}

// Catalogue lists all rules by code, in the order of their families. The list is made anew
// for each caller.
func Catalogue() []Rule { return slices.Concat(trafficRules(), configurationRules(), stateRules()) }

// trafficRules are HOP and NET: which way requests go, and where they are refused.
func trafficRules() []Rule {
	return []Rule{
		unnecessaryHop(),
		agentPortTargeted(),
		joinedByLoadBalancer(),
		plainCallerHop(),
		endpointUnused(),
		healthCheckHop(),
		callersRefused(),
		loadBalancerRefused(),
		egressRefused(),
		healthCheckRefused(),
		clientsRefused(),
		zoneNotEnabled(),
	}
}

// configurationRules are CFG: what is invalid or contradictory.
func configurationRules() []Rule {
	return []Rule{
		overrideTaken(),
		overrideLow(),
		overrideTwice(),
		modeUnsupported(),
		controllerUnsupported(),
		proxyProtocolIntoAgent(),
		tlsBehindPlain(),
		tls13Missing(),
		portNameLost(),
		aliasCollision(),
		callerOlder(),
		appProtocolAtOdds(),
		overrideInBridge(),
		agentCutsFirst(),
		portNameUDP(),
		tlsInBridge(),
		ruleShadowed(),
		forwardsToNobody(),
		healthPortUndeclared(),
		portTwice(),
		namespaceWithoutEndpoint(),
		namespaceAmbiguous(),
		nameRegistered(),
		timeoutOnTCP(),
		protocolAtOdds(),
		discoveryNameTwice(),
	}
}

// stateRules are RSK, INF and HLT: what is dangerous, worth knowing, or was observed.
func stateRules() []Rule {
	return []Rule{
		plaintextPastTLS(),
		agentBypass(),
		healthDiffers(),
		overrideEphemeral(),
		proxyProtocolMixed(),
		agentStarved(),
		deploymentsDiffer(),
		nothingRuns(),
		overrideOpenToLoadBalancer(),
		overridePointless(),
		loadBalancerCutsFirst(),
		agentUnhealthy(),
		readyTooEarly(),
		unlistedRevision(),
		zoneRoutingIdle(),
		longRequestsCut(),
		portNotListed(),
		noHealthyTarget(),
		someUnhealthyTargets(),
		nothingRegistered(),
		tasksElsewhere(),
		countsContradict(),
	}
}

// Lookup finds a rule by its code, in any case.
func Lookup(code string) (Rule, bool) {
	all := Catalogue()
	i := slices.IndexFunc(all, func(r Rule) bool { return strings.EqualFold(r.Code, code) })
	if i < 0 {
		return Rule{}, false
	}
	return all[i], true
}

// The facts that rules need, in groups. Listing comes first everywhere: without
// it the services are not known.
var (
	serviceFacts = []model.Action{
		model.ListClusters, model.DescribeClusters, model.ListServices, model.DescribeServices, model.DescribeTaskDefinition,
	}
	loadBalancerFacts = []model.Action{
		model.DescribeTargetGroups, model.DescribeLoadBalancers, model.DescribeListeners, model.DescribeRules,
	}
	networkFacts = []model.Action{
		model.DescribeSecurityGroups, model.DescribeSubnets, model.DescribeNetworkAcls,
		model.DescribeManagedPrefixLists, model.GetPrefixListEntries,
		model.ListContainerInstances, model.DescribeContainerInstances, model.DescribeInstances,
		// Which instances run the tasks, where these share the instances' interfaces.
		model.ListTasks, model.DescribeTasks,
	}
	namespaceFacts = []model.Action{model.ListNamespaces}
	healthFacts    = slices.Concat(serviceFacts, loadBalancerFacts, []model.Action{model.DescribeTargetHealth})
	// gatewayFacts tell which load balancer is a service gateway's.
	gatewayFacts = []model.Action{model.DescribeServiceRevisions}
)

// refusal is the first decision of one of the places on the way into the task
// that refuses the connection, in words; nil if none does.
func refusal(p *reach.Path, kinds ...reach.CheckKind) *reach.Check {
	checks := p.Crossing().Checks
	for i := range checks {
		if checks[i].Access == reach.Blocked && slices.Contains(kinds, checks[i].Kind) {
			return &checks[i]
		}
	}
	return nil
}

// where are the paths for which something holds: a part of the list where they stand
// side by side.
func where(paths []*reach.Path, holds func(*reach.Path) bool) []*reach.Path {
	var out part
	for i, p := range paths {
		if holds(p) {
			out.add(paths, i)
		}
	}
	return out.paths
}

// part are some paths of a list, copied only where they do not stand side by side.
type part struct {
	paths  []*reach.Path
	first  int
	copied bool
}

// add adds the i-th path of the list.
func (s *part) add(list []*reach.Path, i int) {
	switch {
	case len(s.paths) == 0:
		s.first = i
		s.paths = list[i : i+1 : i+1]
	case !s.copied && i == s.first+len(s.paths):
		s.paths = list[s.first : i+1 : i+1]
	default:
		s.copied = true
		s.paths = append(s.paths, list[i])
	}
}

// groupBy yields the sets of paths that have an equal key, in the order of the paths.
func groupBy[K comparable](paths []*reach.Path, key func(*reach.Path) K) iter.Seq[[]*reach.Path] {
	return func(yield func([]*reach.Path) bool) { eachGroup(paths, key, yield) }
}

func eachGroup[K comparable](paths []*reach.Path, key func(*reach.Path) K, yield func([]*reach.Path) bool) {
	if len(paths) == 0 {
		return
	}
	first := key(paths[0])
	if !slices.ContainsFunc(paths[1:], func(p *reach.Path) bool { return key(p) != first }) {
		yield(paths[:len(paths):len(paths)]) // as almost always
		return
	}
	var groups [][]*reach.Path
	places := map[K]int{}
	for _, p := range paths {
		k := key(p)
		place, seen := places[k]
		if !seen {
			place = len(groups)
			places[k] = place
			groups = append(groups, nil)
		}
		groups[place] = append(groups[place], p)
	}
	for _, group := range groups {
		if !yield(group) {
			return
		}
	}
}

// reportEach reports a finding of each set of paths that have an equal key, otherwise
// like a template.
func reportEach[K comparable](c *Case, paths []*reach.Path, key func(*reach.Path) K, template Finding) {
	eachGroup(paths, key, func(group []*reach.Path) bool {
		template.Paths = group
		c.report(template)
		return true
	})
}

// reportEndpoints reports a finding like a template of each Service Connect endpoint.
func (c *Case) reportEndpoints(paths []*reach.Path, template Finding) {
	for template.Paths = range groupBy(paths, endpointOf) {
		template.about = template.Paths[0].Source.Endpoint
		c.report(template)
	}
}

// port identifies a container port of one running deployment.
type port struct {
	container  string
	port, wire int
	role       string
}

func targetPort(p *reach.Path) port {
	return port{p.Target.Container, p.Target.ContainerPort, p.Target.WirePort, role(p)}
}

// role is the role of the deployment that a path leads to, "" for the primary one: a
// path into all deployments alike leads to that one too.
func role(p *reach.Path) string { return p.Place.Deployment }
