package diff_test

import (
	"slices"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/diff"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// What was not read is not gone, and no path is better for it: the document says so of each
// path and finding.
func TestWhatIsNotReadIsNotGone(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func() *model.Snapshot{
		"article":       func() *model.Snapshot { return modeltest.Article(0, 80) },
		"the override":  func() *model.Snapshot { return modeltest.Article(8080, 80) },
		"unhealthy":     modeltest.UnhealthyArticle,
		"contradiction": contradicted,
		"many ways":     modeltest.ManyWays,
	} {
		for _, action := range modeltest.Deniable() {
			seeing, blind := make(), make()
			modeltest.Deny(blind, action)
			d := between(seeing, blind)
			for _, f := range slices.Concat(d.Findings.Gone, d.Findings.Changed) {
				if f.Unread == "" {
					t.Errorf("%s: without %s, %s is called gone or another", name, action, f.Key)
				}
			}
			for _, p := range d.Paths {
				if p.Change == diff.Vanished && p.Unread == "" {
					t.Errorf("%s: without %s, %s is called gone", name, action, p.Name)
				}
				if p.Direction == diff.Better {
					t.Errorf("%s: without %s, %s is called better", name, action, p.Name)
				}
			}
			d = between(blind, seeing)
			for _, f := range d.Findings.New {
				if f.Unread == "" {
					t.Errorf("%s: where %s was denied before, %s is called new", name, action, f.Key)
				}
			}
			if d.Worsened(rule.Info) {
				t.Errorf("%s: what %s was denied before is worse now", name, action)
			}
		}
	}
}

// contradicted is an account whose counts contradict its configuration.
func contradicted() *model.Snapshot {
	s := modeltest.Article(10080, 10080)
	modeltest.Measured(100, 104, time.Hour)(s)
	return s
}

func TestWhatWasNotMeasuredIsNotGone(t *testing.T) {
	t.Parallel()
	measured := contradicted()
	unmeasured := contradicted()
	unmeasured.Metrics = nil
	d := between(measured, unmeasured)
	at := slices.IndexFunc(d.Findings.Gone, func(f diff.Finding) bool { return f.Code == "HLT605" })
	if at < 0 || d.Findings.Gone[at].Unread != "HLT605 was checked without cloudwatch:GetMetricData" {
		t.Errorf("gone: %+v", d.Findings.Gone)
	}
	for _, p := range d.Paths {
		if p.Direction != diff.Neither || p.Unread == "" {
			t.Errorf("%s is called %s (%q)", p.Name, p.Direction, p.Unread)
		}
	}
	d = between(unmeasured, measured)
	if len(d.Findings.New) == 0 || d.Worsened(rule.Warning) || !d.MayHaveWorsened(rule.Warning) {
		t.Errorf("new: %+v", d.Findings.New)
	}
}

// The article: targets that were all unhealthy, and of which nothing is known now.
func TestHealthThatWasNotReadRepairsNothing(t *testing.T) {
	t.Parallel()
	seeing, blind := modeltest.UnhealthyArticle(), modeltest.UnhealthyArticle()
	modeltest.Deny(blind, model.DescribeTargetHealth)
	for _, d := range []*diff.Document{between(seeing, blind), between(blind, seeing)} {
		broken := 0
		for _, p := range d.Paths {
			if p.Before.Verdict == reach.Broken || p.After.Verdict == reach.Broken {
				broken++
			}
			want := "targets of sample-tg: elasticloadbalancing:DescribeTargetHealth is denied"
			if p.Direction != diff.Neither || p.Unread != want {
				t.Errorf("%s is %s, %q", p.Name, p.Direction, p.Unread)
			}
		}
		if broken == 0 {
			t.Error("no path was broken")
		}
	}
	closed := modeltest.UnhealthyArticle()
	modeltest.Deny(closed, model.DescribeTargetHealth)
	for i := range closed.SecurityGroups {
		closed.SecurityGroups[i].Ingress = nil
	}
	worse := 0
	for _, p := range between(modeltest.Article(10080, 10080), closed).Paths {
		if p.Direction == diff.Worse {
			worse++
		}
	}
	if worse == 0 {
		t.Error("groups that admit nobody are worse, whatever is known of targets")
	}
}

func TestAClusterThatWasNotAskedForIsNotGone(t *testing.T) {
	t.Parallel()
	other := modeltest.Article(0, 80)
	other.Scope.Clusters, other.Scope.AllClusters = []string{"staging"}, false
	other.Services = nil
	d := between(modeltest.Article(0, 80), other)
	for _, p := range d.Paths {
		if p.Unread != "cluster prod was not asked for" {
			t.Errorf("%s: %q", p.Name, p.Unread)
		}
	}
	if len(d.Paths) == 0 {
		t.Error("no path differs")
	}
}

// A service of another cluster calls; where that cluster was not asked for, it was not read.
func TestCallersThatWereNotAskedForAreNotGone(t *testing.T) {
	t.Parallel()
	for name, ports := range map[string][]string{"refused": {"tcp 18081"}, "admitted": {"tcp 18081", "tcp 18081"}} {
		all := modeltest.Called(ports, "cart", "orders").Edit(func(s *model.Snapshot) {
			i := slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "orders" })
			s.Services[i].Cluster = "staging"
			s.Clusters = append(s.Clusters, model.Cluster{Name: "staging", DefaultNamespace: s.Clusters[0].DefaultNamespace})
			s.Scope.Clusters = []string{"prod", "staging"}
		}).Snapshot()
		one := modeltest.Called(ports, "cart", "orders").Edit(func(s *model.Snapshot) {
			s.Services = slices.DeleteFunc(s.Services, func(s model.Service) bool { return s.Name == "orders" })
			s.Scope.Clusters, s.Scope.AllClusters = []string{"prod"}, false
		}).Snapshot()
		const want = "cluster staging was not asked for"
		for _, d := range []*diff.Document{between(all, one), between(one, all)} {
			if name == "refused" && len(d.Paths) == 0 {
				t.Errorf("%s: no path differs", name)
			}
			for _, p := range d.Paths {
				if p.Direction != diff.Neither || p.CallersGained != nil || p.CallersLost != nil || p.Unread != want {
					t.Errorf("%s: %s is %s, %q: %+v %+v", name, p.Name, p.Direction, p.Unread, p.CallersGained, p.CallersLost)
				}
			}
			for _, f := range slices.Concat(d.Findings.New, d.Findings.Gone) {
				if f.Unread != want {
					t.Errorf("%s: %s: %q", name, f.Key, f.Unread)
				}
			}
		}
	}
}
