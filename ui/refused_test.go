package ui_test

import (
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
)

// A way that callers have now and would lose is bad news, and looks like it.
func TestALostEndpointIsBadNews(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(before()))
		p.Resize(160, 40).Press("w", "down", "space").See("[x] client only",
			"✗ client-service").See("ok (by agent) → no longer there").NotSee("· client-service")
	})
}

// What is refused says so before anything else, claims no repair, and is not offered.
func TestARefusedPlanIsNotOffered(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f, gives(before()))
		p.Resize(160, 40).Press("w", "down", "down", "space").See("[x] TLS").Press("f")
		p.See("hopscope does not apply this: TLS for app needs a private certificate authority").NotSee("repairs",
			"a apply")
		p.Press("a").See("not applied by hopscope: TLS for app")
		if got := f.Calls(); len(got) != 0 {
			t.Errorf("called %v", got)
		}
	})
}

// A plan that takes something away is carried out by name: on the command line with --plan,
// here once it was taken from the list.
func TestAPlanThatTakesAwayIsChosenFirst(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f, gives(modeltest.New().Service("web", modeltest.Port("http", 80, "http"),
			modeltest.Offer("http", 0, 80)).Edit(func(s *model.Snapshot) { s.Scope.AllClusters = true }).Snapshot()))
		p.Press("f").See("Remove the endpoint of port 80").Press("a").See("this takes away", "choose it in the list, with p")
		p.Press("p", "enter").See("Remove the endpoint of port 80").Press("a").See("apply to web", "taken away:")
	})
}

func TestHelpIsThereOnEveryScreen(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.Press("w", "?").See("─ help").Press("esc").See("what if")
		p.Press("esc", "f", "?").See("─ help").Press("esc").See("fix sample-ecs-app")
		p.Press("A").See("nothing was applied in this session").Press("a").Wait(armed).Press("y").Press("?").See("─ help").
			Press("esc").See("apply to sample-ecs-app")
		p.Press("esc").Press("f").See("apply to sample-ecs-app")
	})
}

// At 80×24 the first page has all that is sent, what to look at first, and the risks.
func TestTheFirstPageOfASheetSaysWhatIsSent(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(before()))
		p.Press("f").See("1. Admit tcp 10080", "2. In the Service Connect block of sample-ecs-app",
			"3. later, when it is verified", "check first: The app listens on more", "risks: ", "Tasks are replaced")
		p.Resize(120, 60).See("● after: ok, direct", "1. Admit tcp 10080")
	})
}
