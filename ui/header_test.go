package ui

import (
	"strings"
	"testing"
	"time"

	"hopscope/model"
	"hopscope/model/modeltest"
)

// identityOf is how the first line of an app begins, with an identity at a size.
func identityOf(kind Kind, origin string, writes bool, age time.Duration, width int,
	change func(*model.Snapshot),
) string {
	s := modeltest.Article(0, 80)
	change(s)
	a := appWith(s, width, 24)
	a.o.Kind, a.o.Origin = kind, origin
	a.clock.read = func() time.Time { return modeltest.Time.Add(age) }
	if writes {
		a.activities.applier = &ScriptedApplier{}
	}
	a.frame.stale = true
	first, _, _ := strings.Cut(plainScreen(a), "\n")
	return first
}

func TestWhatIsShownNeverDropsOutOfTheHeader(t *testing.T) {
	endpoint := func(s *model.Snapshot) {
		s.Origin = "http://user:secret@localhost:4566/x"
		s.Scope.Clusters = []string{"a-cluster-with-a-long-name", "another-cluster-with-a-long-name"}
	}
	plain := func(*model.Snapshot) {}
	for _, width := range []int{60, 72, 80, 100, 129, 130, 200} {
		for _, c := range []struct {
			kind   Kind
			origin string
			writes bool
			age    time.Duration
			change func(*model.Snapshot)
			want   []string
		}{
			{Live, "prod", false, 0, plain, []string{"LIVE prod · ap-northeast-1", "READ-ONLY"}},
			{Live, "prod", true, 0, plain, []string{"LIVE prod · ap-northeast-1", " · WRITE"}},
			{Live, "", false, 0, plain, []string{"LIVE · ap-northeast-1", "READ-ONLY"}},
			{Live, "a-profile-with-a-long-name", true, 0, endpoint, []string{
				"LIVE a-pro", "ap-northeast-1", "local", " · WRITE",
			}},
			{Saved, "incident.json", false, 5 * 24 * time.Hour, plain, []string{
				"SNAPSHOT 5 days old incide", "ap-northeast-1",
			}},
			{Saved, "now.json", false, 0, plain, []string{"SNAPSHOT now.json", "ap-northeast-1"}},
			{Simulated, "article", true, 0, plain, []string{"SIM article · ap-northeast-1"}},
		} {
			first := identityOf(c.kind, c.origin, c.writes, c.age, width, c.change)
			for _, want := range c.want {
				if !strings.Contains(first, want) {
					t.Errorf("%d columns: no %q in %q", width, want, first)
				}
			}
			if strings.Contains(first, "secret") {
				t.Errorf("%d columns: %q", width, first)
			}
		}
	}
}

func TestClustersLeaveTheHeaderFirst(t *testing.T) {
	for width, want := range map[int]string{
		200: "LIVE prod · ap-northeast-1 · 1234…9012 · prod · READ-ONLY", 72: "LIVE prod · ap-northeast-1 · READ-ONLY",
	} {
		if first := identityOf(Live, "prod", false, 0, width, func(*model.Snapshot) {}); !strings.Contains(first, want) {
			t.Errorf("%d columns: %q", width, first)
		}
	}
}
