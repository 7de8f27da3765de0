package convert

import (
	"strconv"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"hopscope/model"
)

// TargetGroupAttributes are proxy protocol and client addresses; an attribute that is
// not listed is off.
func TargetGroupAttributes(all []elbtypes.TargetGroupAttribute) *model.TargetGroupAttributes {
	row := &model.TargetGroupAttributes{}
	for _, a := range all {
		on := awssdk.ToString(a.Value) == "true"
		switch awssdk.ToString(a.Key) {
		case "proxy_protocol_v2.enabled":
			row.ProxyProtocolV2 = on
		case "preserve_client_ip.enabled":
			row.PreserveClientIP = on
		}
	}
	return row
}

// LoadBalancerAttributes is the idle timeout, 0 where there is none.
func LoadBalancerAttributes(all []elbtypes.LoadBalancerAttribute) *model.LoadBalancerAttributes {
	row := &model.LoadBalancerAttributes{}
	for _, a := range all {
		if awssdk.ToString(a.Key) != "idle_timeout.timeout_seconds" {
			continue
		}
		if n, err := strconv.Atoi(awssdk.ToString(a.Value)); err == nil {
			row.IdleTimeoutSeconds = n
		}
	}
	return row
}
