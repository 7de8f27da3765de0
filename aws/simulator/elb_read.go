package simulator

import "slices"

// balancerAPI answers the calls of Elastic Load Balancing v2 about what a world
// has; the targets are those of targetHealth.
type balancerAPI struct {
	account
	network   *network
	groups    *ruleBook
	balancing *loadBalancing
}

// The shapes of Elastic Load Balancing v2 (API version 2015-12-01).
type (
	elbTargetGroup struct {
		ARN                        string          `xml:"TargetGroupArn"`
		Name                       string          `xml:"TargetGroupName"`
		Protocol                   string          `xml:"Protocol,omitempty"`
		Port                       int             `xml:"Port,omitempty"`
		VPC                        string          `xml:"VpcId,omitempty"`
		HealthCheckProtocol        string          `xml:"HealthCheckProtocol,omitempty"`
		HealthCheckPort            string          `xml:"HealthCheckPort,omitempty"`
		HealthCheckEnabled         bool            `xml:"HealthCheckEnabled"`
		HealthCheckIntervalSeconds int             `xml:"HealthCheckIntervalSeconds"`
		HealthCheckTimeoutSeconds  int             `xml:"HealthCheckTimeoutSeconds"`
		HealthyThresholdCount      int             `xml:"HealthyThresholdCount"`
		UnhealthyThresholdCount    int             `xml:"UnhealthyThresholdCount"`
		HealthCheckPath            string          `xml:"HealthCheckPath,omitempty"`
		Matcher                    *elbMatcher     `xml:"Matcher"`
		LoadBalancerARNs           members[string] `xml:"LoadBalancerArns"`
		TargetType                 string          `xml:"TargetType"`
		ProtocolVersion            string          `xml:"ProtocolVersion,omitempty"`
		IPAddressType              string          `xml:"IpAddressType"`
		TargetControlPort          int             `xml:"TargetControlPort,omitempty"`
	}
	elbMatcher struct {
		HTTPCode string `xml:"HttpCode,omitempty"`
		GRPCCode string `xml:"GrpcCode,omitempty"`
	}
	elbLoadBalancer struct {
		ARN                   string           `xml:"LoadBalancerArn"`
		DNSName               string           `xml:"DNSName"`
		CanonicalHostedZoneID string           `xml:"CanonicalHostedZoneId"`
		CreatedTime           string           `xml:"CreatedTime"`
		Name                  string           `xml:"LoadBalancerName"`
		Scheme                string           `xml:"Scheme"`
		VPC                   string           `xml:"VpcId"`
		State                 string           `xml:"State>Code"`
		Type                  string           `xml:"Type"`
		AvailabilityZones     members[elbZone] `xml:"AvailabilityZones"`
		SecurityGroups        *members[string] `xml:"SecurityGroups"`
		IPAddressType         string           `xml:"IpAddressType"`
	}
	elbZone struct {
		ZoneName string `xml:"ZoneName"`
		SubnetID string `xml:"SubnetId"`
	}
	elbListener struct {
		ARN             string                   `xml:"ListenerArn"`
		LoadBalancerARN string                   `xml:"LoadBalancerArn"`
		Port            int                      `xml:"Port"`
		Protocol        string                   `xml:"Protocol"`
		Certificates    *members[elbCertificate] `xml:"Certificates"`
		SSLPolicy       string                   `xml:"SslPolicy,omitempty"`
		DefaultActions  members[elbAction]       `xml:"DefaultActions"`
	}
	elbCertificate struct {
		ARN string `xml:"CertificateArn"`
	}
	elbRule struct {
		ARN        string                `xml:"RuleArn"`
		Priority   string                `xml:"Priority"`
		Conditions members[elbCondition] `xml:"Conditions"`
		Actions    members[elbAction]    `xml:"Actions"`
		IsDefault  bool                  `xml:"IsDefault"`
	}
	elbAction struct {
		Type           string            `xml:"Type"`
		TargetGroupARN string            `xml:"TargetGroupArn,omitempty"`
		Order          int               `xml:"Order,omitempty"`
		Forward        *elbForward       `xml:"ForwardConfig"`
		Redirect       *elbRedirect      `xml:"RedirectConfig"`
		FixedResponse  *elbFixedResponse `xml:"FixedResponseConfig"`
	}
	elbForward struct {
		TargetGroups members[elbTargetGroupTuple] `xml:"TargetGroups"`
		Sticky       bool                         `xml:"TargetGroupStickinessConfig>Enabled"`
	}
	elbTargetGroupTuple struct {
		ARN    string `xml:"TargetGroupArn"`
		Weight int    `xml:"Weight"`
	}
	elbRedirect struct {
		Protocol, Port, Host, Path, Query, StatusCode string
	}
	elbFixedResponse struct {
		MessageBody, StatusCode, ContentType string
	}
	elbCondition struct {
		Field       string           `xml:"Field"`
		Values      *members[string] `xml:"Values"`
		RegexValues *members[string] `xml:"RegexValues"`
		HostHeader  *elbValues       `xml:"HostHeaderConfig"`
		PathPattern *elbValues       `xml:"PathPatternConfig"`
		HTTPHeader  *elbHeaderValues `xml:"HttpHeaderConfig"`
		QueryString *elbQueryString  `xml:"QueryStringConfig"`
		Method      *elbValues       `xml:"HttpRequestMethodConfig"`
		SourceIP    *elbValues       `xml:"SourceIpConfig"`
	}
	elbValues struct {
		Values      members[string]  `xml:"Values"`
		RegexValues *members[string] `xml:"RegexValues"`
	}
	elbHeaderValues struct {
		Name string `xml:"HttpHeaderName"`
		elbValues
	}
	elbQueryString struct {
		Values members[elbQueryPair] `xml:"Values"`
	}
	elbQueryPair struct {
		Key   string `xml:"Key,omitempty"`
		Value string `xml:"Value"`
	}
)

func (a *balancerAPI) describeTargetGroups(p params) (*elbPage[elbTargetGroup], error) {
	arns, names, of := p.members("TargetGroupArns"), p.members("Names"), p.get("LoadBalancerArn")
	// The words are AWS's: ansible-collections/amazon.aws#1593.
	if len(arns) > 20 || len(names) > 20 {
		return nil, errValidation("You cannot describe more than '20' target groups at a time")
	}
	found, err := a.selectTargetGroups(arns, names, of)
	if err != nil {
		return nil, err
	}
	return pageELB("TargetGroups", found, p, (*targetGroup).describe)
}

func (a *balancerAPI) selectTargetGroups(arns, names []string, of string) ([]*targetGroup, error) {
	var found []*targetGroup
	for _, t := range a.balancing.targetGroups {
		switch {
		case of != "" && !slices.Contains(t.loadBalancers, of):
		case len(arns) > 0 && !slices.Contains(arns, t.arn):
		case len(names) > 0 && !slices.Contains(names, t.Name):
		default:
			found = append(found, t)
		}
	}
	switch {
	case of != "" && a.balancing.loadBalancer(of) == nil:
		return nil, refuse("LoadBalancerNotFound", "One or more load balancers not found")
	case of == "" && len(found) < max(len(arns), len(names)):
		return nil, refuse("TargetGroupNotFound", "One or more target groups not found")
	}
	return found, nil
}

func (t *targetGroup) describe() elbTargetGroup {
	d := elbTargetGroup{
		ARN: t.arn, Name: t.Name, Protocol: t.Protocol, Port: t.Port, VPC: t.vpc.id,
		HealthCheckProtocol: t.HealthCheck.Protocol, HealthCheckPort: t.HealthCheck.Port, HealthCheckPath: t.HealthCheck.Path,
		HealthCheckEnabled: !t.HealthCheck.Disabled, HealthCheckIntervalSeconds: t.HealthCheck.IntervalSeconds,
		HealthCheckTimeoutSeconds: t.HealthCheck.TimeoutSeconds,
		HealthyThresholdCount:     t.HealthCheck.HealthyThreshold, UnhealthyThresholdCount: t.HealthCheck.UnhealthyThreshold,
		LoadBalancerARNs: members[string]{t.loadBalancers}, TargetType: t.TargetType, ProtocolVersion: t.ProtocolVersion,
		IPAddressType: "ipv4", TargetControlPort: t.TargetControlPort,
	}
	switch {
	case t.ProtocolVersion == grpcVersion:
		d.Matcher = &elbMatcher{GRPCCode: t.HealthCheck.Matcher}
	case t.HealthCheck.Path != "":
		d.Matcher = &elbMatcher{HTTPCode: t.HealthCheck.Matcher}
	}
	return d
}

func (a *balancerAPI) describeLoadBalancers(p params) (*elbPage[elbLoadBalancer], error) {
	arns, names := p.members("LoadBalancerArns"), p.members("Names")
	if len(arns) > 20 || len(names) > 20 {
		return nil, errValidation("You cannot describe more than '20' load balancers at a time")
	}
	var found []*loadBalancer
	for _, l := range a.balancing.loadBalancers {
		switch {
		case len(arns) > 0 && !slices.Contains(arns, l.arn):
		case len(names) > 0 && !slices.Contains(names, l.Name):
		default:
			found = append(found, l)
		}
	}
	if len(found) < max(len(arns), len(names)) {
		return nil, refuse("LoadBalancerNotFound", "One or more load balancers not found")
	}
	return pageELB("LoadBalancers", found, p, a.describeLoadBalancer)
}

func (a *balancerAPI) describeLoadBalancer(l *loadBalancer) elbLoadBalancer {
	d := elbLoadBalancer{
		ARN: l.arn, DNSName: a.balancing.dnsName(l), CanonicalHostedZoneID: "Z14GRHDCWA56QT", CreatedTime: iso8601(created()),
		Name: l.Name, Scheme: l.Scheme, VPC: l.vpc.id, State: "active", Type: l.Type, IPAddressType: l.IPAddressType,
	}
	if l.Type == "application" || len(l.securityGroups) > 0 {
		groups := l.securityGroups
		if len(groups) == 0 { // AWS gives an application load balancer the default group
			groups = []string{a.groups.named(defaultGroup, l.vpc).id}
		}
		d.SecurityGroups = &members[string]{groups}
	}
	for _, id := range l.subnets {
		if s := a.network.subnet(id); s != nil {
			d.AvailabilityZones.Members = append(d.AvailabilityZones.Members, elbZone{ZoneName: s.zoneName, SubnetID: id})
		}
	}
	return d
}

func (a *balancerAPI) describeListeners(p params) (*elbPage[elbListener], error) {
	arns, of := p.members("ListenerArns"), p.get("LoadBalancerArn")
	if (len(arns) == 0) == (of == "") {
		return nil, errValidation("You must specify either listener ARNs or a load balancer ARN")
	}
	if of != "" && a.balancing.loadBalancer(of) == nil {
		return nil, refuse("LoadBalancerNotFound", "One or more load balancers not found")
	}
	var found []*listener
	for _, l := range a.balancing.loadBalancers {
		for _, li := range l.listeners {
			if l.arn == of || slices.Contains(arns, li.arn) {
				found = append(found, li)
			}
		}
	}
	if len(found) < len(arns) {
		return nil, refuse("ListenerNotFound", "One or more listeners not found")
	}
	return pageELB("Listeners", found, p, a.describeListener)
}

func (a *balancerAPI) describeListener(li *listener) elbListener {
	d := elbListener{
		ARN: li.arn, LoadBalancerARN: li.of.arn, Port: li.Port, Protocol: li.Protocol,
		SSLPolicy: li.SSLPolicy, DefaultActions: members[elbAction]{li.defaults},
	}
	if li.SSLPolicy != "" {
		d.Certificates = &members[elbCertificate]{[]elbCertificate{{ARN: a.arn("acm", "certificate/"+uuid(li.arn))}}}
	}
	return d
}

func (a *balancerAPI) describeRules(p params) (*elbPage[elbRule], error) {
	arns, of := p.members("RuleArns"), p.get("ListenerArn")
	if (len(arns) == 0) == (of == "") {
		return nil, errValidation("You must specify either listener rule ARNs or a listener ARN")
	}
	var found []elbRule
	known := of == ""
	for li, r := range a.balancing.allRules() { // each listener has a default rule
		known = known || li.arn == of
		if li.arn == of || slices.Contains(arns, r.ARN) {
			found = append(found, *r)
		}
	}
	if !known {
		return nil, refuse("ListenerNotFound", "One or more listeners not found")
	}
	if len(found) < len(arns) {
		return nil, refuse("RuleNotFound", "One or more rules not found")
	}
	return pageELB("Rules", found, p, func(r elbRule) elbRule { return r })
}
