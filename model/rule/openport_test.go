package rule_test

import (
	"net/netip"
	"slices"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// No security group lacks a rule where a network ACL refuses: the step names the ACL.
func TestANetworkACLBetweenTwoLoadBalancersIsNamed(t *testing.T) {
	b := web(Offer("http", 0, 80)).ALB("a-front", 80, "to-alb").Group("sg-a-front").Group("sg-alb", In("tcp 80", "sg-a-front"))
	refused := b.Edit(behindNLB).Edit(func(s *model.Snapshot) {
		s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, model.NetworkACLEntry{
			Number: 50, Protocol: "6", FromPort: 80, ToPort: 80, CIDR: netip.MustParsePrefix("0.0.0.0/0"),
		})
	}).Snapshot()
	var steps []string
	for _, f := range rule.Analyze(refused).Findings {
		for _, fix := range f.Fixes {
			if fix.Title == "Let the traffic pass between the load balancers" {
				steps = append(steps, fix.Steps...)
			}
		}
	}
	want := []string{"Let the traffic pass in network ACL acl-1: the request, and the answer to its ephemeral port."}
	if !slices.Equal(steps, want) {
		t.Errorf("the steps are %q", steps)
	}
}
