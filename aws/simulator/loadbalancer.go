package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

type targetGroup struct {
	TargetGroup
	arn           string
	vpc           *vpc
	loadBalancers []string
}

type loadBalancer struct {
	LoadBalancer
	arn            string
	vpc            *vpc
	subnets        []string
	securityGroups []string
	nodes          []node // one in each subnet
	listeners      []*listener
}

// hasNodeIn tells whether an availability zone is enabled for the load balancer. A target
// whose zone is not known gets requests.
func (l *loadBalancer) hasNodeIn(zone string) bool {
	return zone == "" || slices.ContainsFunc(l.nodes, func(n node) bool { return n.subnet.zoneName == zone })
}

// node is where a load balancer sends from.
type node struct {
	subnet  *subnet
	address string
}

type listener struct {
	Listener
	arn      string
	of       *loadBalancer
	defaults []elbAction
	rules    []elbRule // the default rule is the last
}

// loadBalancing is the load balancers and target groups, with what is registered
// in them.
type loadBalancing struct {
	account
	network        *network
	groups         *ruleBook
	targetGroups   []*targetGroup
	targetGroupOf  map[string]*targetGroup // by ARN
	loadBalancers  []*loadBalancer
	loadBalancerOf map[string]*loadBalancer // by ARN
	attachments    map[string][]*service    // target group ARN to the services that register in it
}

func newLoadBalancing(a account, nw *network, groups *ruleBook, w *World) *loadBalancing {
	b := &loadBalancing{
		account: a, network: nw, groups: groups, targetGroupOf: map[string]*targetGroup{},
		loadBalancerOf: map[string]*loadBalancer{}, attachments: map[string][]*service{},
	}
	b.addTargetGroups(w)
	b.addLoadBalancers(w)
	return b
}

// defaultMatcher are the codes of a good answer in a group that names none.
func defaultMatcher(protocolVersion string) string {
	if protocolVersion == grpcVersion {
		return "12"
	}
	return "200"
}

const grpcVersion = "GRPC"

// addTargetGroups makes the target groups; load balancers claim them later.
func (b *loadBalancing) addTargetGroups(w *World) {
	for _, t := range w.TargetGroups {
		t.Port = cmp.Or(t.Port, 80)
		t.Protocol = cmp.Or(t.Protocol, "HTTP")
		t.TargetType = cmp.Or(t.TargetType, "ip")
		t.HealthCheck.Port = cmp.Or(t.HealthCheck.Port, "traffic-port")
		http := t.Protocol == "HTTP" || t.Protocol == "HTTPS"
		if http {
			t.ProtocolVersion = cmp.Or(t.ProtocolVersion, "HTTP1")
			t.HealthCheck.Protocol = cmp.Or(t.HealthCheck.Protocol, "HTTP")
		}
		t.HealthCheck.Protocol = cmp.Or(t.HealthCheck.Protocol, "TCP")
		if strings.HasPrefix(t.HealthCheck.Protocol, "HTTP") {
			t.HealthCheck.Path = cmp.Or(t.HealthCheck.Path, "/")
			t.HealthCheck.Matcher = cmp.Or(t.HealthCheck.Matcher, defaultMatcher(t.ProtocolVersion))
		}
		t.HealthCheck.IntervalSeconds = cmp.Or(t.HealthCheck.IntervalSeconds, 30)
		t.HealthCheck.TimeoutSeconds = cmp.Or(t.HealthCheck.TimeoutSeconds, 5)
		t.HealthCheck.HealthyThreshold = cmp.Or(t.HealthCheck.HealthyThreshold, 5)
		t.HealthCheck.UnhealthyThreshold = cmp.Or(t.HealthCheck.UnhealthyThreshold, 2)
		made := &targetGroup{TargetGroup: t, arn: b.targetGroupARN(t.Name), vpc: b.network.vpcNamed(t.VPC)}
		b.targetGroups = append(b.targetGroups, made)
		b.targetGroupOf[made.arn] = made
	}
}

func (b *loadBalancing) targetGroupARN(name string) string {
	if name == "" {
		return ""
	}
	return b.arn("elasticloadbalancing", targetGroupPath(name))
}

// loadBalancerPath is the part of an ARN that load balancers share with their
// listeners and rules: app/NAME/0123456789abcdef.
func loadBalancerPath(l LoadBalancer) string {
	kind := map[string]string{"network": "net", "gateway": "gwy"}[l.Type]
	return cmp.Or(kind, "app") + "/" + l.Name + "/" + hash(16, "loadbalancer", l.Name)
}

// targetGroupPath names a target group in its ARN and in metrics.
func targetGroupPath(name string) string {
	return "targetgroup/" + name + "/" + hash(16, "targetgroup", name)
}

// addLoadBalancers makes the load balancers, listeners and rules.
func (b *loadBalancing) addLoadBalancers(w *World) {
	for _, l := range w.LoadBalancers {
		l.Type = cmp.Or(l.Type, "application")
		l.Scheme = cmp.Or(l.Scheme, "internal")
		l.IPAddressType = cmp.Or(l.IPAddressType, "ipv4")
		subnets := b.network.subnetIDs(l.Subnets)
		made := &loadBalancer{
			LoadBalancer: l,
			arn:          b.arn("elasticloadbalancing", "loadbalancer/"+loadBalancerPath(l)),
			vpc:          b.network.vpcOf(subnets),
			subnets:      subnets,
		}
		made.securityGroups = b.groups.ids(l.SecurityGroups, made.vpc)
		for _, id := range subnets {
			if s := b.network.subnet(id); s != nil {
				made.nodes = append(made.nodes, node{subnet: s, address: s.address()})
			}
		}
		for _, li := range l.Listeners {
			made.listeners = append(made.listeners, b.newListener(made, li))
		}
		b.loadBalancers = append(b.loadBalancers, made)
		b.loadBalancerOf[made.arn] = made
	}
}

func (b *loadBalancing) newListener(of *loadBalancer, l Listener) *listener {
	if l.Protocol == "" {
		l.Protocol = "TCP"
		if of.Type == "application" {
			l.Protocol = "HTTP"
		}
	}
	if l.Protocol == "HTTPS" || l.Protocol == "TLS" {
		l.SSLPolicy = cmp.Or(l.SSLPolicy, "ELBSecurityPolicy-TLS13-1-2-2021-06")
	}
	path := loadBalancerPath(of.LoadBalancer) + "/" + hash(16, "listener", of.Name, strconv.Itoa(l.Port))
	made := &listener{Listener: l, arn: b.arn("elasticloadbalancing", "listener/"+path), of: of}
	made.defaults = b.actions(of, l.Default)
	rules := slices.Clone(l.Rules)
	slices.SortStableFunc(rules, func(x, y ListenerRule) int { return cmp.Compare(x.Priority, y.Priority) })
	for _, r := range rules {
		made.rules = append(made.rules, elbRule{
			ARN:        b.ruleARN(of.LoadBalancer, l.Port, strconv.Itoa(r.Priority)),
			Priority:   strconv.Itoa(r.Priority),
			Conditions: conditions(r.Conditions),
			Actions:    members[elbAction]{b.actions(of, r.Action)},
		})
	}
	made.rules = append(made.rules, elbRule{
		ARN: b.ruleARN(of.LoadBalancer, l.Port, "default"), Priority: "default", IsDefault: true,
		Actions: members[elbAction]{made.defaults},
	})
	return made
}

func (b *loadBalancing) ruleARN(of LoadBalancer, port int, priority string) string {
	p := strconv.Itoa(port)
	return b.arn("elasticloadbalancing", "listener-rule/"+loadBalancerPath(of)+"/"+
		hash(16, "listener", of.Name, p)+"/"+hash(16, "rule", of.Name, p, priority))
}

// listenerRuleARN resolves "load-balancer:port/priority". On a network load
// balancer the ECS API wants the listener's ARN.
func (b *loadBalancing) listenerRuleARN(text string) string {
	balancer, rest, _ := strings.Cut(text, ":")
	at, priority, _ := strings.Cut(rest, "/")
	port, err := strconv.Atoi(at)
	if err != nil {
		return ""
	}
	switch l := b.loadBalancerNamed(balancer); {
	case l == nil:
		return ""
	case l.Type == "network":
		return b.arn(
			"elasticloadbalancing", "listener/"+loadBalancerPath(l.LoadBalancer)+"/"+hash(16, "listener", l.Name, at),
		)
	default:
		return b.ruleARN(l.LoadBalancer, port, cmp.Or(priority, "default"))
	}
}

// rulePlace is where a rule is.
type rulePlace struct {
	of       *loadBalancer // nil when a world names one that is not there
	listener string        // its ARN
	rule     string        // its ARN
}

// rulePlace finds the place of "load-balancer:port/priority".
func (b *loadBalancing) rulePlace(text string) rulePlace {
	balancer, rest, _ := strings.Cut(text, ":")
	at, priority, _ := strings.Cut(rest, "/")
	of := b.loadBalancerNamed(balancer)
	if of == nil {
		return rulePlace{}
	}
	port, _ := strconv.Atoi(at) // 0, which no listener has, for what is no number
	p := rulePlace{of: of, rule: b.ruleARN(of.LoadBalancer, port, cmp.Or(priority, "default"))}
	if li := find(of.listeners, func(l *listener) bool { return l.Port == port }); li != nil {
		p.listener = li.arn
	}
	return p
}

// actions translates an action and records that the load balancer uses its
// target groups.
func (b *loadBalancing) actions(of *loadBalancer, act Action) []elbAction {
	var list []elbAction
	if act.Authenticate != "" {
		list = append(list, elbAction{Type: act.Authenticate, Order: 1})
	}
	last := elbAction{Order: len(list) + 1}
	switch {
	case act.Redirect != nil:
		r := act.Redirect
		last.Type = "redirect"
		last.Redirect = &elbRedirect{
			Protocol: cmp.Or(r.Protocol, "HTTPS"), Port: strconv.Itoa(cmp.Or(r.Port, 443)),
			Host: "#{host}", Path: "/#{path}", Query: "#{query}", StatusCode: cmp.Or(r.StatusCode, "HTTP_301"),
		}
	case act.FixedResponse != nil:
		last.Type = "fixed-response"
		last.FixedResponse = &elbFixedResponse{
			MessageBody: act.FixedResponse.Body, StatusCode: strconv.Itoa(act.FixedResponse.StatusCode),
			ContentType: "text/plain",
		}
	default:
		last.Type = "forward"
		last.Forward = &elbForward{}
		for _, t := range act.Forward {
			arn := b.targetGroupARN(t.TargetGroup)
			last.Forward.TargetGroups.Members = append(
				last.Forward.TargetGroups.Members, elbTargetGroupTuple{ARN: arn, Weight: t.Weight},
			)
			if g := b.targetGroupOf[arn]; g != nil && !slices.Contains(g.loadBalancers, of.arn) {
				g.loadBalancers = append(g.loadBalancers, of.arn)
			}
		}
		if len(act.Forward) == 1 { // AWS gives this short form as well, but only then
			last.TargetGroupARN = b.targetGroupARN(act.Forward[0].TargetGroup)
		}
	}
	return append(list, last)
}

// conditions translates the conditions of a rule into the typed form, and into
// the older flat Values that AWS returns next to it for two of the fields.
func conditions(all []RuleCondition) members[elbCondition] {
	var out members[elbCondition]
	for _, c := range all {
		e := elbCondition{Field: c.Field}
		values := &elbValues{Values: members[string]{c.Values}}
		if len(c.RegexValues) > 0 {
			values.RegexValues = &members[string]{c.RegexValues}
			e.RegexValues = values.RegexValues
		}
		switch c.Field {
		case "host-header":
			e.Values, e.HostHeader = &values.Values, values
		case "path-pattern":
			e.Values, e.PathPattern = &values.Values, values
		case "http-header":
			e.HTTPHeader = &elbHeaderValues{Name: c.Name, elbValues: *values}
		case "http-request-method":
			e.Method = values
		case "source-ip":
			e.SourceIP = values
		case "query-string":
			e.QueryString = queryPairs(c.Values)
		}
		out.Members = append(out.Members, e)
	}
	return out
}

func queryPairs(values []string) *elbQueryString {
	var q elbQueryString
	for _, v := range values {
		key, value, found := strings.Cut(v, "=")
		if !found {
			key, value = "", v
		}
		q.Values.Members = append(q.Values.Members, elbQueryPair{Key: key, Value: value})
	}
	return &q
}

// dnsName is the name under which clients find the load balancer.
func (b *loadBalancing) dnsName(l *loadBalancer) string {
	prefix := ""
	if l.Scheme == "internal" {
		prefix = "internal-"
	}
	return fmt.Sprintf("%s%s-%s.%s.elb.amazonaws.com", prefix, l.Name, number(10, l.Name), b.region)
}

// loadBalancerNamed finds a load balancer by name, or nil.
func (b *loadBalancing) loadBalancerNamed(name string) *loadBalancer {
	return find(b.loadBalancers, func(l *loadBalancer) bool { return l.Name == name })
}

// loadBalancer finds a load balancer by ARN, or nil.
func (b *loadBalancing) loadBalancer(arn string) *loadBalancer { return b.loadBalancerOf[arn] }
