package simulator

type elbAttribute struct {
	Key   string `xml:"Key"`
	Value string `xml:"Value"`
}

type attributesReply struct {
	Attributes members[elbAttribute] `xml:"Attributes"`
}

// attributes are AWS's defaults with what the world overrides.
func attributes(defaults, given map[string]string) *attributesReply {
	for key, value := range given {
		defaults[key] = value
	}
	reply := &attributesReply{}
	for _, key := range sortedKeys(defaults) {
		reply.Attributes.Members = append(reply.Attributes.Members, elbAttribute{Key: key, Value: defaults[key]})
	}
	return reply
}

func (a *balancerAPI) describeTargetGroupAttributes(p params) (*attributesReply, error) {
	t := a.balancing.targetGroupOf[p.get("TargetGroupArn")]
	if t == nil {
		return nil, refuse("TargetGroupNotFound", "One or more target groups not found")
	}
	defaults := map[string]string{
		"deregistration_delay.timeout_seconds": "300",
		"stickiness.enabled":                   "false",
		"load_balancing.cross_zone.enabled":    "use_load_balancer_configuration",
	}
	if t.Protocol != "HTTP" && t.Protocol != "HTTPS" {
		defaults["proxy_protocol_v2.enabled"] = "false"
		// Client addresses are preserved by default, except for TCP and TLS to
		// ip targets (ELB user guide, client IP preservation).
		preserved := t.TargetType == "instance" || t.Protocol == "UDP" || t.Protocol == "TCP_UDP"
		defaults["preserve_client_ip.enabled"] = map[bool]string{true: "true", false: "false"}[preserved]
	}
	return attributes(defaults, t.Attributes), nil
}

func (a *balancerAPI) describeLoadBalancerAttributes(p params) (*attributesReply, error) {
	l := a.balancing.loadBalancer(p.get("LoadBalancerArn"))
	if l == nil {
		return nil, refuse("LoadBalancerNotFound", "One or more load balancers not found")
	}
	defaults := map[string]string{
		"access_logs.s3.enabled":            "false",
		"deletion_protection.enabled":       "false",
		"load_balancing.cross_zone.enabled": "true",
	}
	if l.Type == "application" {
		defaults["idle_timeout.timeout_seconds"] = "60"
		defaults["client_keep_alive.seconds"] = "3600"
		defaults["routing.http2.enabled"] = "true"
	} else {
		defaults["load_balancing.cross_zone.enabled"] = "false"
	}
	return attributes(defaults, l.Attributes), nil
}

type elbTagDescription struct {
	ARN  string          `xml:"ResourceArn"`
	Tags members[tagELB] `xml:"Tags"`
}

type describeTagsReply struct {
	Descriptions members[elbTagDescription] `xml:"TagDescriptions"`
}

func (a *balancerAPI) describeTags(p params) (*describeTagsReply, error) {
	arns := p.members("ResourceArns")
	if len(arns) > 20 {
		return nil, errValidation("You cannot describe the tags of more than '20' resources at a time")
	}
	reply := &describeTagsReply{}
	for _, arn := range arns {
		tags, code := a.tagsOf(arn)
		if code != "" {
			return nil, refuse(code, "One or more resources not found")
		}
		d := elbTagDescription{ARN: arn}
		for _, key := range sortedKeys(tags) {
			d.Tags.Members = append(d.Tags.Members, tagELB{Key: key, Value: tags[key]})
		}
		reply.Descriptions.Members = append(reply.Descriptions.Members, d)
	}
	return reply, nil
}

// tagsOf finds the tags of a resource of ELB, or the code of the error.
func (a *balancerAPI) tagsOf(arn string) (tags map[string]string, code string) {
	if t := a.balancing.targetGroupOf[arn]; t != nil {
		return t.Tags, ""
	}
	if l := a.balancing.loadBalancer(arn); l != nil {
		return l.Tags, ""
	}
	for _, l := range a.balancing.loadBalancers {
		for _, li := range l.listeners {
			if li.arn == arn {
				return nil, ""
			}
		}
	}
	return nil, "LoadBalancerNotFound"
}
