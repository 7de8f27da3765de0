package rule

// NotJudged is what stands on the way of packets, or may, and is not read: a line each. No
// verdict takes it into account.
func NotJudged() []string {
	return []string{
		"Routes between VPCs (route tables, peering, Transit Gateway, VPN): a path from one VPC to another is blocked where " +
			"a security group or a network ACL refuses it, and unknown otherwise",
		"AWS Network Firewall, and appliances behind a Gateway Load Balancer",
		"VPC endpoints with their policies, NAT gateways and internet gateways: what tasks reach outside of ECS",
		"Firewalls inside an instance or a container, and IAM policies",
	}
}
