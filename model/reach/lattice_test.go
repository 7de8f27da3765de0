package reach_test

import (
	"net/netip"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
)

const latticeGroup = "arn:aws:vpc-lattice:ap-northeast-1:123456789012:targetgroup/tg-lattice"

func latticed(rules []GroupRule, options ...func(*Spec)) *Builder {
	options = append([]func(*Spec){Port("http", 80, "http"), Change(func(s *Spec) {
		s.Deployment.VPCLattice = []model.VPCLatticeTarget{{PortName: "http", TargetGroupARN: latticeGroup}}
	})}, options...)
	return New().Group("sg-web", rules...).Service("web", options...).Edit(func(s *model.Snapshot) {
		s.PrefixLists = []model.PrefixList{{
			ID: "pl-lattice", Name: "com.amazonaws.ap-northeast-1.vpc-lattice", Owner: "AWS",
			Entries: []netip.Prefix{netip.MustParsePrefix("169.254.171.0/24")},
		}}
	})
}

// Row 53: Lattice's packets come from the addresses of a managed prefix list.
func TestVPCLatticeReachesTheTask(t *testing.T) {
	byList := []GroupRule{In("tcp 80", "pl-lattice")}
	way := "vpc-lattice VPC Lattice → web:80: "
	checkWays(t, latticed(byList).Snapshot(), way+"direct, allowed, ok")
	checkWays(t, latticed([]GroupRule{In("tcp 80", "169.254.0.0/16")}).Snapshot(), way+"direct, allowed, ok")
	checkWays(t, latticed([]GroupRule{In("tcp 80", "10.0.0.0/8")}).Snapshot(), way+"direct, blocked, broken")
	checkWays(t, latticed([]GroupRule{In("tcp 80", "169.254.171.0/25")}).Snapshot(),
		way+"direct, unknown, unknown (sg-web admits only some of the addresses 169.254.171.0/24)")
	endpoint := "service-connect  → web:80: agent, unknown, unknown" + noOtherCaller
	checkWays(t, latticed(byList, Offer("http", 0, 80)).Snapshot(), endpoint, way+"agent, allowed, unnecessary-hop")

	unread := latticed([]GroupRule{In("tcp 80", "10.0.0.0/8")}).Deny(model.DescribeManagedPrefixLists)
	checkWays(t, unread.Snapshot(), way+
		"direct, unknown, unknown (prefix list com.amazonaws.ap-northeast-1.ipv6.vpc-lattice: "+
		"ec2:DescribeManagedPrefixLists is denied)")
	byGroup := latticed([]GroupRule{In("tcp 80", "sg-default")}).Deny(model.DescribeManagedPrefixLists)
	checkWays(t, byGroup.Snapshot(), way+"direct, blocked, broken")
	lost := latticed(byList).Edit(func(s *model.Snapshot) { s.Services[0].Deployments[0].VPCLattice[0].PortName = "gone" })
	checkWays(t, lost.Snapshot(),
		`vpc-lattice VPC Lattice → :0: unknown, unknown, unknown (VPC Lattice is attached to port name "gone", which `+
			`task definition web:1 does not have)`)
}

func TestNetworkACLsRefuseVPCLattice(t *testing.T) {
	byList := []GroupRule{In("tcp 80", "pl-lattice")}
	way := "vpc-lattice VPC Lattice → web:80: direct, "
	checkWays(t, latticed(byList).Edit(deny(false, 80, 80, "169.254.0.0/16")).Snapshot(), way+"blocked, broken")
	checkWays(t, latticed(byList).Edit(deny(true, 1024, 65535, "169.254.171.0/24")).Snapshot(), way+"blocked, broken")
	checkWays(t, latticed(byList).Edit(deny(false, 80, 80, "10.0.0.0/8")).Snapshot(), way+"allowed, ok")
	checkWays(t, latticed(byList).Deny(model.DescribeNetworkAcls).Snapshot(),
		way+"unknown, unknown (network ACL of subnet-a: ec2:DescribeNetworkAcls is denied)")
}
