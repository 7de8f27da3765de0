package convert

import (
	"cmp"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"hopscope/model"
)

// TargetGroup is a target group; its targets and attributes are calls of their own.
func TargetGroup(t *elbtypes.TargetGroup) model.TargetGroup {
	return model.TargetGroup{
		ARN:               awssdk.ToString(t.TargetGroupArn),
		Name:              awssdk.ToString(t.TargetGroupName),
		Port:              int(awssdk.ToInt32(t.Port)),
		Protocol:          string(t.Protocol),
		ProtocolVersion:   awssdk.ToString(t.ProtocolVersion),
		TargetType:        string(t.TargetType),
		VPC:               awssdk.ToString(t.VpcId),
		IPAddressType:     string(t.IpAddressType),
		LoadBalancers:     slices.Sorted(slices.Values(t.LoadBalancerArns)),
		TargetControlPort: int(awssdk.ToInt32(t.TargetControlPort)),
		HealthCheck: model.HealthCheck{
			// It can be off for lambda groups only.
			Enabled: t.HealthCheckEnabled == nil && t.TargetType != elbtypes.TargetTypeEnumLambda ||
				awssdk.ToBool(t.HealthCheckEnabled),
			Port:               awssdk.ToString(t.HealthCheckPort),
			Protocol:           string(t.HealthCheckProtocol),
			Path:               awssdk.ToString(t.HealthCheckPath),
			Matcher:            matcher(t.Matcher),
			IntervalSeconds:    int(awssdk.ToInt32(t.HealthCheckIntervalSeconds)),
			TimeoutSeconds:     int(awssdk.ToInt32(t.HealthCheckTimeoutSeconds)),
			HealthyThreshold:   int(awssdk.ToInt32(t.HealthyThresholdCount)),
			UnhealthyThreshold: int(awssdk.ToInt32(t.UnhealthyThresholdCount)),
		},
	}
}

// matcher are the codes of a good answer, of HTTP or gRPC.
func matcher(m *elbtypes.Matcher) string {
	if m == nil {
		return ""
	}
	return cmp.Or(awssdk.ToString(m.HttpCode), awssdk.ToString(m.GrpcCode))
}

// LoadBalancer is a load balancer, its subnets sorted.
func LoadBalancer(l *elbtypes.LoadBalancer) model.LoadBalancer {
	row := model.LoadBalancer{
		ARN:            awssdk.ToString(l.LoadBalancerArn),
		Name:           awssdk.ToString(l.LoadBalancerName),
		DNSName:        awssdk.ToString(l.DNSName),
		Type:           model.LoadBalancerType(l.Type),
		Scheme:         string(l.Scheme),
		VPC:            awssdk.ToString(l.VpcId),
		SecurityGroups: l.SecurityGroups,
		IPAddressType:  string(l.IpAddressType),
	}
	for _, z := range l.AvailabilityZones {
		if id := awssdk.ToString(z.SubnetId); id != "" {
			row.Subnets = append(row.Subnets, id)
		}
	}
	slices.Sort(row.Subnets)
	if l.State != nil {
		row.State = string(l.State.Code)
	}
	return row
}

// Listener is a listener with its default actions; the caller knows its load balancer.
func Listener(l *elbtypes.Listener) model.Listener {
	return model.Listener{
		ARN:            awssdk.ToString(l.ListenerArn),
		Port:           int(awssdk.ToInt32(l.Port)),
		Protocol:       string(l.Protocol),
		SSLPolicy:      awssdk.ToString(l.SslPolicy),
		DefaultActions: toActions(l.DefaultActions),
	}
}

// ListenerRule is a rule; the caller knows its listener.
func ListenerRule(r *elbtypes.Rule) model.ListenerRule {
	row := model.ListenerRule{
		ARN:      awssdk.ToString(r.RuleArn),
		Priority: awssdk.ToString(r.Priority),
		Default:  awssdk.ToBool(r.IsDefault),
		Actions:  toActions(r.Actions),
	}
	for i := range r.Conditions {
		row.Conditions = append(row.Conditions, toCondition(&r.Conditions[i]))
	}
	return row
}

// toActions keeps the order in which the load balancer takes them.
func toActions(all []elbtypes.Action) []model.ListenerAction {
	var rows []model.ListenerAction
	for i := range all {
		a := &all[i]
		rows = append(rows, model.ListenerAction{
			Type: string(a.Type), Order: int(awssdk.ToInt32(a.Order)), Forward: toForward(a),
		})
	}
	slices.SortStableFunc(rows, func(a, b model.ListenerAction) int { return a.Order - b.Order })
	return rows
}

// toForward reads the target groups of a forward action. AWS writes a single one
// in two places, and may leave the weighted form out.
func toForward(a *elbtypes.Action) []model.WeightedTargetGroup {
	if a.Type != elbtypes.ActionTypeEnumForward {
		return nil
	}
	var rows []model.WeightedTargetGroup
	if f := a.ForwardConfig; f != nil {
		for _, t := range f.TargetGroups {
			weight := 1
			if t.Weight != nil {
				weight = int(*t.Weight)
			}
			rows = append(rows, model.WeightedTargetGroup{TargetGroupARN: awssdk.ToString(t.TargetGroupArn), Weight: weight})
		}
	}
	if len(rows) == 0 && awssdk.ToString(a.TargetGroupArn) != "" {
		rows = append(rows, model.WeightedTargetGroup{TargetGroupARN: *a.TargetGroupArn, Weight: 1})
	}
	return rows
}

// regexPrefix marks a value that is a regular expression.
const regexPrefix = "regex:"

// toCondition joins the two ways in which AWS writes a condition: the plain
// Values, and a structure for each field. Both may be there, with the same values.
func toCondition(r *elbtypes.RuleCondition) model.RuleCondition {
	row := model.RuleCondition{Field: awssdk.ToString(r.Field)}
	var values, patterns []string
	if h := r.HostHeaderConfig; h != nil {
		values, patterns = append(values, h.Values...), append(patterns, h.RegexValues...)
	}
	if p := r.PathPatternConfig; p != nil {
		values, patterns = append(values, p.Values...), append(patterns, p.RegexValues...)
	}
	if h := r.HttpHeaderConfig; h != nil {
		row.Name = awssdk.ToString(h.HttpHeaderName)
		values, patterns = append(values, h.Values...), append(patterns, h.RegexValues...)
	}
	if m := r.HttpRequestMethodConfig; m != nil {
		values = append(values, m.Values...)
	}
	if s := r.SourceIpConfig; s != nil {
		values = append(values, s.Values...)
		if s.IpAddressType != "" {
			values = append(values, string(s.IpAddressType))
		}
	}
	if q := r.QueryStringConfig; q != nil {
		values = append(values, queryStrings(q.Values)...)
	}
	if len(values) == 0 {
		values = append(values, r.Values...)
	}
	if len(patterns) == 0 {
		patterns = append(patterns, r.RegexValues...)
	}
	for _, p := range patterns {
		values = append(values, regexPrefix+p)
	}
	row.Values = values
	return row
}

// queryStrings writes key=value; a pair without a key matches any.
func queryStrings(all []elbtypes.QueryStringKeyValuePair) []string {
	var values []string
	for _, q := range all {
		value := awssdk.ToString(q.Value)
		if key := awssdk.ToString(q.Key); key != "" {
			value = key + "=" + value
		}
		values = append(values, value)
	}
	return values
}
