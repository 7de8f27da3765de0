package reach_test

import (
	"net/netip"
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
)

// From a VPC that was not read, a private address may or may not come by a gateway to an
// internet-facing load balancer: a refusal of the private address is none then.
func TestAPrivateAddressIsNotRefusedWhereTheVPCWasNotRead(t *testing.T) {
	t.Parallel()
	s := modeltest.New().ALB("alb", 80, "tg").Group("sg-alb", modeltest.In("tcp 80", "0.0.0.0/0")).
		Edit(func(s *model.Snapshot) {
			s.LoadBalancers[0].Scheme, s.LoadBalancers[0].Subnets = model.InternetFacing, []string{modeltest.SubnetB}
			s.NetworkACLs[0].Entries = append(s.NetworkACLs[0].Entries, model.NetworkACLEntry{
				Number: 50, Protocol: model.AllProtocols, CIDR: netip.MustParsePrefix("10.0.0.0/16"),
			})
		}).Snapshot()
	for _, address := range []string{"10.0.0.1/32", "10.0.200.1/32"} { // of a subnet that was read, and of none
		for _, denied := range []model.Action{"", model.DescribeVpcs} {
			if denied != "" {
				modeltest.Deny(s, denied)
			}
			d := reach.NewDeriver(model.NewIndex(s))
			to, _ := d.Listeners(&s.LoadBalancers[0], 80)
			a := d.Ask(&reach.Caller{Blocks: []netip.Prefix{netip.MustParsePrefix(address)}}, &to[0], nil)
			if a.Access != reach.AccessUnknown {
				t.Errorf("%s without %q is %s: %+v", address, denied, a.Access, a)
			}
		}
	}
}

// Without the VPC, its subnets that were read tell which addresses are in it: not those of
// other VPCs, whose blocks may be the same.
func TestSubnetsTellWhatIsInAVPCThatWasNotRead(t *testing.T) {
	t.Parallel()
	s := modeltest.New().ALB("alb", 80, "tg").Group("sg-alb", modeltest.In("tcp 80", "10.0.0.0/8")).
		Edit(func(s *model.Snapshot) {
			s.LoadBalancers[0].Subnets = []string{modeltest.SubnetB}
			s.Subnets = append(s.Subnets, model.Subnet{
				ID: "subnet-other", VPC: "vpc-2", CIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.192.0/20")},
			})
		}).Deny(model.DescribeVpcs).Snapshot()
	d := reach.NewDeriver(model.NewIndex(s))
	to, _ := d.Listeners(&s.LoadBalancers[0], 80)
	for block, want := range map[string]reach.Access{
		"10.0.0.0/30": reach.Allowed, "10.0.200.0/30": reach.AccessUnknown, "10.0.64.0/30": reach.AccessUnknown,
	} {
		a := d.Ask(&reach.Caller{Blocks: []netip.Prefix{netip.MustParsePrefix(block)}}, &to[0], nil)
		if a.Access != want {
			t.Errorf("%s is %s, want %s: %+v", block, a.Access, want, a.Checks)
		}
	}
}
