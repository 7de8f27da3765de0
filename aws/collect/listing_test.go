package collect_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// crowded is a fleet of n services in a region with more target groups than one
// page holds, which sort before the fleet's.
func crowded(n, others int) *simulator.World {
	w := awstest.Fleet(n)
	var all []simulator.TargetGroup
	for i := range others {
		all = append(all, simulator.TargetGroup{Name: fmt.Sprintf("other-%04d", i), Port: 80})
	}
	w.TargetGroups = append(all, w.TargetGroups...)
	return w
}

func TestTargetGroupsAreReadByTheCheaperOfPagesAndARNs(t *testing.T) {
	for _, test := range []struct {
		name             string
		services, others int
		calls            int
	}{
		{"all on one page", 60, 300, 1},
		{"few services in a large region: a page, then one batch of ARNs", 15, 2000, 2},
		{"two batches", 30, 2000, 3},
		{"as many services as pages are worth", 120, 700, 3},
		{"one group each", 900, 0, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, _ := open(t, crowded(test.services, test.others), collect.Options{})
				s := read(t, a)
				if got := s.Stats.Calls[model.DescribeTargetGroups]; got != test.calls {
					t.Errorf("%d calls, want %d", got, test.calls)
				}
				if n := test.services; s.Counts.TargetGroups != (model.Count{Listed: n, Loaded: n}) || len(s.TargetGroups) != n {
					t.Errorf("target groups are %+v, want %d", s.Counts.TargetGroups, n)
				}
				if !s.Complete {
					t.Errorf("gaps: %v", s.Gaps)
				}
			})
		})
	}
}

// A deleted target group would fail a whole batch of ARNs.
func TestADeletedTargetGroupIsAnAbsentGapAndTheOthersAreRead(t *testing.T) {
	for name, world := range map[string]*simulator.World{"on the page": awstest.Fleet(3), "by ARN": crowded(3, 900)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := simulator.New(world, simulator.Options{})
				a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
					reply, err := sim.RoundTrip(r)
					if err == nil && awstest.Operation(r) == "DescribeServices" {
						body := bytes.ReplaceAll(awstest.Body(t, reply.Body),
							[]byte("targetgroup/service-0001/"), []byte("targetgroup/service-gone/"))
						reply.Body, reply.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
					}
					return reply, err
				}), collect.Options{})
				s := read(t, a)
				if s.Counts.TargetGroups != (model.Count{Listed: 3, Loaded: 2}) || len(s.Gaps) != 1 {
					t.Fatalf("target groups %+v, gaps %+v", s.Counts.TargetGroups, s.Gaps)
				}
				if g := s.Gaps[0]; g.Action != model.DescribeTargetGroups || g.State != model.Absent || g.Resource == "" {
					t.Errorf("the gap is %+v", g)
				}
			})
		})
	}
}

func TestSecurityGroupsOfSeveralVPCsAreOneCall(t *testing.T) {
	w := awstest.Fleet(4)
	w.VPCs = []simulator.VPC{
		{Name: "main"},
		{Name: "second", CIDRs: []string{"10.1.0.0/16"}},
		{Name: "idle", CIDRs: []string{"10.2.0.0/16"}},
	}
	w.Subnets = []simulator.Subnet{
		{Name: "a", CIDR: "10.0.0.0/24"},
		{Name: "b", CIDR: "10.0.1.0/24", Zone: "c"},
		{Name: "c", VPC: "second", CIDR: "10.1.0.0/24"},
	}
	w.SecurityGroups = append(w.SecurityGroups,
		simulator.SecurityGroup{Name: "second-tasks", VPC: "second"}, simulator.SecurityGroup{
			Name: "idle-group",
			VPC:  "idle",
		})
	w.Services[3].Subnets, w.Services[3].SecurityGroups = []string{"c"}, []string{"second-tasks"}
	w.Services[3].LoadBalancers = nil
	a, _ := open(t, w, collect.Options{})
	s := read(t, a)
	if got := s.Stats.Calls[model.DescribeSecurityGroups]; got != 1 {
		t.Errorf("%d calls, want 1", got)
	}
	names := make(map[string]bool)
	for i := range s.SecurityGroups {
		names[s.SecurityGroups[i].Name] = true
	}
	if !names["tasks"] || !names["second-tasks"] || !names["default"] || names["idle-group"] {
		t.Errorf("groups are %v", names)
	}
	if !s.Complete {
		t.Errorf("gaps: %v", s.Gaps)
	}
}

// A group may be shared with a VPC other than its own: no VPC of the tasks has it.
func TestASecurityGroupOfAnotherVPCIsReadByItsID(t *testing.T) {
	w := awstest.Fleet(2)
	w.VPCs = []simulator.VPC{{Name: "main"}, {Name: "shared", CIDRs: []string{"10.1.0.0/16"}}}
	w.SecurityGroups = append(w.SecurityGroups, simulator.SecurityGroup{Name: "from-shared", VPC: "shared"})
	w.Services[0].SecurityGroups = []string{"tasks", "from-shared"}
	a, _ := open(t, w, collect.Options{})
	s := read(t, a)
	for _, id := range s.Services[0].Primary().Network.SecurityGroups {
		if _, missing := model.NewIndex(s).SecurityGroup(id); missing != nil {
			t.Error(missing)
		}
	}
	if got := s.Stats.Calls[model.DescribeSecurityGroups]; got != 2 || !s.Complete {
		t.Errorf("%d calls, want 2; gaps %v", got, s.Gaps)
	}
}

func TestWithoutSubnetsTheGroupsOfTasksAreStillRead(t *testing.T) {
	w := awstest.Fleet(3)
	for i := range w.Services {
		w.Services[i].LoadBalancers = nil
	}
	a, sim := open(t, w, collect.Options{})
	sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{
		Action: "ec2:DescribeSubnets",
		With:   simulator.AccessDenied,
	}}})
	s := read(t, a)
	for _, id := range s.Services[0].Primary().Network.SecurityGroups {
		if _, missing := model.NewIndex(s).SecurityGroup(id); missing != nil {
			t.Error(missing)
		}
	}
	if len(s.Gaps) != 1 || s.Gaps[0].Action != model.DescribeSubnets {
		t.Errorf("gaps are %+v", s.Gaps)
	}
}

func TestGatewayRoutesOfOtherClustersAreLeftOut(t *testing.T) {
	w := three()
	for _, i := range []int{0, 5} {
		w.GatewayRoutes = append(w.GatewayRoutes, simulator.GatewayRoute{
			Gateway: "edge", Cluster: w.Services[i].Cluster, Service: w.Services[i].Name, PortName: "http",
		})
	}
	a, _ := open(t, w, collect.Options{Clusters: []string{"prod-*"}})
	s := read(t, a)
	if len(s.GatewayRoutes) != 1 || s.GatewayRoutes[0].ServiceARN != s.Services[0].ARN ||
		s.GatewayRoutes[0].PortName != "http" {
		t.Errorf("gateway routes are %+v", s.GatewayRoutes)
	}
}

// Of clusters whose listing does not end nothing is kept, and it is not said to be.
func TestAListingOfClustersWithoutAnEndIsNoAnswer(t *testing.T) {
	sim := simulator.New(awstest.Load(t, "article"), simulator.Options{})
	_, err := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
		if awstest.Operation(r) != "ListClusters" {
			return sim.RoundTrip(r)
		}
		first := `{"maxResults":100}` // which the simulator would refuse another page of
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(first)), int64(len(first))
		reply, err := sim.RoundTrip(r)
		if err == nil {
			setBody(reply, "", strings.Replace(string(awstest.Body(t, reply.Body)), "{", `{"nextToken":"again",`, 1))
		}
		return reply, err
	}), collect.Options{}).Collect(t.Context(), nil)
	awstest.CheckCannotCheck(t, err, "do not end", "see what answers in AWS's place, and read again")
	if strings.Contains(err.Error(), "kept") {
		t.Error(err)
	}
}
