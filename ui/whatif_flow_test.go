package ui_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hopscope/model/modeltest"
)

func TestWhatIfShowsAtOnceWhatWouldFollow(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f, gives(before()))
		p.Resize(160, 40).Press("w").See("what if: nothing is sent · sample-ecs-app", "override  [     ] none",
			"[x] tcp 80 from sg-client-service")
		p.Type("8080").See("[8080 ] now none", "+ ✗ NET201", "- gone: HOP101", "unnecessary hop → ok, direct",
			"ok (by agent) on port 80 → blocked on port 8080")
		p.Press("backspace", "backspace").See("CFG302").Press("backspace", "backspace").See("none", "This is how it is")
		p.Type("80").See("CFG30").Press("backspace",
			"backspace").Type("99999").See("there is no port 99999").Press("f").See("there is no port 99999")
		p.Type("9").See("a port has at most five digits")
		p.Press("r").See("[     ] none").Type("8080").Press("+").See("admit tcp: 8080 sg-client-service").Press("enter")
		p.See("[x] tcp 8080 from sg-client-service", "ok (by agent) on port 80 → ok (by agent) on port 8080").NotSee("NET201")
		p.Press("down", "space").See("[x] client only", "* ").Press("space", "down",
			"space").See("[x] TLS").Press("space")
		p.Press("down").Type("8").See("digits go into an override").Press("space").See("[ ] tcp 80 from sg-main-alb",
			"blocked")
		p.Press("r", "f").See("nothing is tried yet").Press("esc").Wait(5 * time.Second).See("n N finding")
		if len(f.Calls()) != 0 {
			t.Errorf("called %v", f.Calls())
		}
	})
}

func TestARuleIsTypedWithItsSource(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(before()))
		p.Resize(120, 40).Press("w", "+").See("admit tcp:  sg-client-service").Press("tab").See("admit tcp:  sg-main-alb").
			Type("8").See("admit tcp: 8 sg-main-alb").Press("tab").See("admit tcp: 8 sg-").Press("ctrl+e").Press("ctrl+u")
		p.Press("enter").See("type a port and a source: 10080 sg-client-service")
		p.Type("0 sg-x").Press("enter").See("is no port").Press("ctrl+u").Type("80 x").Press("enter").
			See("is neither a group")
		p.Press("ctrl+u").Type("443 10.1.2.3/16").Press("enter").See("[x] tcp 443 from 10.1.0.0/16")
		p.Press("down", "down", "down", "down", "down", "space").NotSee("10.1.0.0/16")
		p.Press("+", "esc").See("+ rule")
	})
}

func TestEveryEndpointCanBeTakenAwayAtOnce(t *testing.T) {
	test(t, func(t *testing.T) {
		s := modeltest.New().Group("sg-alb").Group("sg-both", modeltest.In("tcp 80-90", "sg-alb")).ALB("alb", 80, "tg").
			Service("both", modeltest.Port("web", 80, "http"), modeltest.Port("api", 90, "http"),
				modeltest.Offer("web", 0, 80), modeltest.Offer("api", 12000, 90),
				modeltest.Behind("tg", 80)).Snapshot()
		p := fixing(t, nil, gives(s))
		p.Resize(160, 40).Press("w").See("endpoint web, container port 80", "endpoint api, container port 90",
			"override  [12000]", "all endpoints")
		p.Press("down", "down", "down", "down", "down", "down", "space").See("[x] client only",
			"unnecessary hop → ok, direct")
		if n := strings.Count(p.Text(), "[x] client only"); n != 3 {
			t.Errorf("%d of 3 boxes are ticked", n)
		}
		p.Press("space").NotSee("[x] client only").Press("up", "up", "up").Press("backspace", "backspace",
			"backspace", "backspace", "backspace").See("[     ] now 12000")
		p.Press("f").See("what if: both").Press("esc").See("what if: nothing is sent")
	})
}

func TestTheGroupsOfInstancesCanBeTried(t *testing.T) {
	test(t, func(t *testing.T) {
		ways := modeltest.Ways()
		const chosen = "load balancer to ports that ECS chooses"
		i := slices.IndexFunc(ways, func(w modeltest.Named) bool { return w.Name == chosen })
		p := fixing(t, nil, gives(ways[i].Snapshot))
		p.Resize(120, 40).Press("w").See("[x] tcp 32768-65535 from sg-alb").Press("space").See(
			"[ ] tcp 32768-65535 from sg-alb", "blocked")
	})
}

func TestWhatIfCountsThePathsOfOtherServices(t *testing.T) {
	test(t, func(t *testing.T) {
		s := before()
		// Another service has the same group.
		for i := range s.Services {
			if s.Services[i].Name == "sample-ecs-app" {
				twin := s.Services[i]
				twin.Name, twin.ARN = "twin", twin.ARN+"-twin"
				s.Services = append(s.Services, twin)
				break
			}
		}
		p := fixing(t, nil, gives(s))
		p.Press("/").Type("sample").Press("enter").Resize(120, 40).Press("w", "down", "down", "down",
			"space").See("of other services change: twin")
	})
}
