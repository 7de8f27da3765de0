package ui_test

import (
	"testing"
)

// A way that somebody has now and would lose is bad news, and looks like it.
func TestALostEndpointIsBadNews(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(before()))
		p.resize(160, 40).press("w", "down", "space").see("[x] client only", "✗ client-service").see("needed → no longer there").notSee("· client-service")
	})
}

// What is refused says so before anything else, claims no repair, and is not offered.
func TestARefusedPlanIsNotOffered(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f, gives(before()))
		p.resize(160, 40).press("w", "down", "down", "space").see("[x] TLS").press("f")
		p.see("hopscope does not apply this: TLS for app needs a private certificate authority").notSee("repairs", "a apply")
		p.press("a").see("not applied by hopscope: TLS for app")
		if got := f.Calls(); len(got) != 0 {
			t.Errorf("called %v", got)
		}
	})
}

func TestHelpIsThereOnEveryScreen(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.press("w", "?").see("─ help").press("esc").see("what if")
		p.press("esc", "f", "?").see("─ help").press("esc").see("fix sample-ecs-app")
		p.press("A").see("nothing was applied in this session").press("a").arm().press("y").press("?").see("─ help").press("esc").see("apply to sample-ecs-app")
		p.press("esc").press("f").see("apply to sample-ecs-app")
	})
}

// At 80×24 the first page has all that is sent, what to look at first, and the risks.
func TestTheFirstPageOfASheetSaysWhatIsSent(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(before()))
		p.press("f").see("1. Admit tcp 10080", "2. In the Service Connect block of sample-ecs-app", "3. later, when it is verified", "check first: The app listens on more", "risks: ", "Tasks are replaced")
		p.resize(120, 60).see("● after: ok, direct", "1. Admit tcp 10080")
	})
}
