package rule_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

// BenchmarkAnalyze measures paths and rules for one namespace of n services with
// one target group each (docs/structure.md: 1000 in at most 50 ms on 2 cores, 5000 in
// at most six times that).
func BenchmarkAnalyze(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		s := modeltest.Fleet(1, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rule.Analyze(s)
			}
		})
	}
}

// allocationBudget is how many allocations a service of a large fleet may cost, paths
// and rules together.
const allocationBudget = 56

// Ten times the services may cost at most eleven times the work, and each of them its
// budget: counted in allocations, which are the same on every machine.
func TestAnalyzeGrowsInProportion(t *testing.T) {
	work := func(n int) float64 {
		s := modeltest.Fleet(1, n)
		return testing.AllocsPerRun(1, func() { rule.Analyze(s) })
	}
	small, large := work(100), work(1000)
	t.Logf("%.0f allocations a service at 100 services, %.0f at 1000", small/100, large/1000)
	if ratio := large / small; ratio > 11 {
		t.Errorf("1000 services cost %.1f times what 100 cost", ratio)
	}
	if each := large / 1000; each > allocationBudget {
		t.Errorf("%.0f allocations a service, want at most %d", each, allocationBudget)
	}
}

// agedFleet is a fleet in which every service admits every other one, and half of
// the callers of each endpoint are older than it: the most that CFG311 can meet.
func agedFleet(n int) *model.Snapshot {
	s := modeltest.Fleet(1, n)
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].Ingress = []model.SecurityGroupRule{{
			Protocol: model.AllProtocols,
			CIDR:     netip.MustParsePrefix("10.0.0.0/8"),
		}}
	}
	for i := range s.Services {
		d := &s.Services[i].Deployments[0]
		d.CreatedAt = modeltest.Time.Add(time.Duration(i) * time.Minute)
		arn := fmt.Sprintf("srv-%d", i)
		d.ServiceConnectResources = []model.ServiceConnectResource{{
			DiscoveryName: d.ServiceConnect.Services[0].Name(),
			DiscoveryARN:  arn,
		}}
		s.DiscoveryServices = append(s.DiscoveryServices, model.DiscoveryService{
			ARN: arn, Name: s.Services[i].Name,
			CreatedAt: d.CreatedAt,
		})
	}
	return s
}

func TestOldCallersCostInProportion(t *testing.T) {
	work := func(n int) float64 {
		s := agedFleet(n)
		return testing.AllocsPerRun(1, func() { rule.Analyze(s) })
	}
	small, large := work(200), work(2000)
	t.Logf("%.0f allocations a service at 200 services, %.0f at 2000", small/200, large/2000)
	if ratio := large / small; ratio > 11 {
		t.Errorf("2000 services cost %.1f times what 200 cost", ratio)
	}
}

func BenchmarkAnalyzeWithOldCallers(b *testing.B) {
	s := agedFleet(1000)
	b.ReportAllocs()
	for b.Loop() {
		rule.Analyze(s)
	}
}
