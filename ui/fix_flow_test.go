package ui_test

import (
	"errors"
	"fmt"
	"image"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
	"hopscope/ui"
	"hopscope/ui/internal/sample"
)

// The article before and after its fix.
func before() *model.Snapshot { return modeltest.Article(0, 80) }

func after() *model.Snapshot { return modeltest.Article(10080, 80, 10080) }

// fixing is a program on the article with an applier.
func fixing(t *testing.T, applier *sample.Applier, steps ...step) *program {
	t.Helper()
	if len(steps) == 0 {
		steps = []step{gives(before()), gives(after())}
	}
	return runApp(t, nil, func(o *ui.Options) {
		if applier != nil {
			o.Applier = applier
		}
	}, steps...)
}

// rolling is an applier that takes a second a frame.
func rolling() *sample.Applier { return &sample.Applier{FrameTime: time.Second} }

// arm waits until a question can be answered.
func (p *program) arm() *program { return p.wait(time.Second) }

func TestFromFindingToFixedWithFourKeys(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.press("f").see("fix sample-ecs-app", "[Plan]", "1. Admit tcp 10080").press("pgdown").see("now: unnecessary hop", "after: ok, direct")
		p.press("a").see("Apply this to sample-ecs-app?", "account 123456789012 · ap-northeast-1 · cluster prod · service",
			"1. ec2:AuthorizeSecurityGroupIngress", "2. ecs:UpdateService")
		if len(f.Changing()) != 0 {
			t.Fatalf("%v was called before the answer", f.Changing())
		}
		p.press("pgdown").see(`+      "ingressPortOverride": 10080`)
		p.arm().press("y").see("apply to sample-ecs-app", "sending the calls", "▸ Admit tcp 10080")
		p.wait(5*time.Second).see("rolling out, 0/2 new tasks", "0 of 2 new tasks", "░░░░", "2 pending · 2 old left", "● Admit tcp 10080", "has started 1 tasks")
		p.wait(2 * time.Second)
		if bar := ansi.SetProgressBar(50); !strings.Contains(p.screen.Sent(), bar) {
			t.Error("the terminal's progress bar is not at 50")
		}
		p.wait(10*time.Second).see("● applied and verified", "t tidies up", "ok, direct", "agent :10080")
		if p.source.calls != 2 {
			t.Errorf("the account was read %d times, want again after the end", p.source.calls)
		}
		p.press("esc").seeSelected("sample-ecs-app").see("ok, direct").notSee("HOP101", "applied and verified")
		if got := strings.Join(f.Calls(), " "); got != "prepare apply" {
			t.Errorf("called %s", got)
		}
	})
}

func TestUndoAndTidyAskFirst(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f, gives(before()), gives(after()), gives(after()), gives(before()))
		p.press("f", "a").arm().press("y").wait(time.Minute).see("applied and verified")
		p.press("t").see("tidy up after sample-ecs-app", "1. ec2:RevokeSecurityGroupIngress").press("n")
		p.press("u").see("undo on sample-ecs-app", "remove the rule that was added: Admit tcp 10080 from sg-client-service", "send the Service Connect block as it was").press("esc", "u", "enter", "n")
		if got := f.Changing(); len(got) != 1 {
			t.Fatalf("called %v without an answer", got)
		}
		p.press("t").arm().press("y").wait(time.Minute).see("applied, verified and tidied up").press("t").see("nothing was left for later")
		p.press("u").arm().press("y").see("taking it back").wait(time.Minute).see("everything is as it was", "↶ Admit tcp 10080")
		p.press("u").see("it was taken back already")
		if got := strings.Join(f.Changing(), ", "); got != "apply, tidy 20261122-090000-a1b2, rollback 20261122-090000-a1b2" {
			t.Errorf("called %s", got)
		}
		p.press("L").see("aws ec2 authorize-security-group-ingress --group-id sg-sample-ecs-app", "aws ecs update-service").press("y").see("4 calls sent")
		if script := p.copied[0]; strings.Count(script, "\naws ") != 4 || !strings.Contains(script, "# 09:00:01Z ec2:AuthorizeSecurityGroupIngress: done") {
			t.Errorf("copied %s", script)
		}
	})
}

func TestAnApplicationGoesOnInTheBackgroundAndIsNeverLost(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.press("f", "a").arm().press("y").wait(5 * time.Second).press("esc")
		p.see("sample-ecs-app: rolling out, 0/2 new tasks", "A shows it")
		p.press("F").see("rolling out").press("esc", "?").see("rolling out").press("esc")
		p.press("f").see("apply to sample-ecs-app", "░░").press("esc")
		p.wait(time.Minute).see("sample-ecs-app: applied and verified", "ok, direct").press("j").seeSelected("sample-ecs-app").see("applied and verified")
		p.press("f").see("apply to sample-ecs-app", "● applied and verified").press("esc").notSee("applied and verified")
		// Nothing is left to fix: f still leads to what was applied, and to undo.
		p.press("f").see("u undo", "RSK402").press("u", "u").see("undo on sample-ecs-app")
	})
}

func TestOneChangeAtATime(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		two := func() *model.Snapshot {
			s := modeltest.Article(0, 80)
			return modeltest.New().Group("sg-b", modeltest.In("tcp 80", "10.0.0.0/16")).ALB("b-alb", 80, "b-tg").
				Service("b", modeltest.Port("b", 80, "http"), modeltest.Offer("b", 0, 80), modeltest.Behind("b-tg", 80)).
				Edit(func(o *model.Snapshot) { merge(o, s) }).Snapshot()
		}
		p := fixing(t, f, gives(two()))
		p.press("/").types("sample").press("enter", "f", "a").arm().press("y").press("esc", "esc")
		p.press("/").types("b").press("enter").seeSelected("b ").press("f").see("fix b").press("a").see("wait: sample-ecs-app is still being changed")
		if got := f.Calls(); len(got) != 2 {
			t.Errorf("called %v", got)
		}
	})
}

// merge adds what another snapshot has.
func merge(s, o *model.Snapshot) {
	s.Services = append(s.Services, o.Services...)
	s.TaskDefinitions = append(s.TaskDefinitions, o.TaskDefinitions...)
	s.SecurityGroups = append(s.SecurityGroups, o.SecurityGroups...)
	s.LoadBalancers = append(s.LoadBalancers, o.LoadBalancers...)
	s.Listeners = append(s.Listeners, o.Listeners...)
	s.ListenerRules = append(s.ListenerRules, o.ListenerRules...)
	s.TargetGroups = append(s.TargetGroups, o.TargetGroups...)
}

func TestAnApplicationThatGoesOnIsStoppedBeforeItIsUndone(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.press("f", "a").arm().press("y").wait(5 * time.Second).press("u").see("It still goes on: it is stopped first")
		p.arm().press("y").wait(time.Minute).see("everything is as it was")
		if got := strings.Join(f.Changing(), ", "); got != "apply, rollback 20261122-090000-a1b2" {
			t.Errorf("called %s", got)
		}
	})
}

func TestAMessageDoesNotHideTheKeysOfTheNextScreen(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, rolling())
		p.press("n").see("finding 1 of")
		p.press("f").see("a apply", "p plans").notSee("finding 1 of")
	})
}

func TestQuittingInTheMiddleAsksOnceAndSaysWhatStays(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.press("f", "a").see("Apply this to").notSee("hopscope rollback").arm().press("y").wait(5*time.Second).press("esc", "q")
		p.see("leave while sample-ecs-app is being changed", "The demo ends with hopscope", "Leave all the same?").notSee("hopscope rollback")
		p.press("n").see("rolling out").press("ctrl+c").see("Leave all the same?").arm().press("y")
		if err := p.end(); err != nil {
			t.Error(err)
		}
		if got := strings.Join(f.Changing(), ", "); got != "apply" {
			t.Errorf("called %s", got)
		}
	})
	test(t, func(t *testing.T) {
		f := rolling()
		f.Endpoint = "http://127.0.0.1:4566"
		p := fixing(t, f)
		const back = "hopscope rollback 20261122-090000-a1b2 --allow-apply"
		p.press("f", "a").arm().press("y").wait(5*time.Second).press("esc", "q").see("What was sent stays", back, "hopscope journal")
	})
	test(t, func(t *testing.T) {
		p := fixing(t, rolling())
		p.press("f", "a").arm().press("y").wait(5*time.Second).press("ctrl+c", "ctrl+c")
		if err := p.end(); err != nil {
			t.Error(err)
		}
	})
	test(t, func(t *testing.T) {
		p := fixing(t, rolling())
		p.press("f", "a").arm().press("y").wait(5 * time.Second).press("ctrl+c").wait(time.Minute).see("It has ended meanwhile").press("n").see("applied and verified")
	})
	test(t, func(t *testing.T) {
		p := fixing(t, rolling())
		p.press("f", "a").arm().press("y").wait(time.Minute).see("applied").press("ctrl+c")
		if err := p.end(); err != nil {
			t.Error(err)
		}
	})
}

func TestAPreparationThatFailsSaysWhyAndNothingIsSent(t *testing.T) {
	cases := map[string]struct {
		err error
		see []string
	}{
		"the block changed": {fmt.Errorf("%w: entry 0 has portName \"web\", not \"app\"", fix.ErrBlockChanged), []string{"is not the one that the plan was made for", "press r on the main screen"}},
		"no permission": {
			&model.CannotCheckError{Reason: "ecs:DescribeServices is denied", Next: "allow it: hopscope doctor prints the policy", Err: errors.New("AccessDenied")},
			[]string{"ecs:DescribeServices is denied", "hopscope doctor prints the policy"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			test(t, func(t *testing.T) {
				f := &sample.Applier{PrepareErr: c.err}
				p := fixing(t, f)
				p.resize(140, 30).press("f", "a").see(c.see...).see("nothing was changed · n back")
				p.arm().press("y").see("there is nothing to say yes to").press("n").see("fix sample-ecs-app", "[Plan]")
				if got := f.Changing(); len(got) != 0 {
					t.Errorf("called %v", got)
				}
			})
		})
	}
}

func TestKeysPressedBeforeTheQuestionDoNotAnswerIt(t *testing.T) {
	test(t, func(t *testing.T) {
		f := &sample.Applier{PrepareTime: 2 * time.Second, FrameTime: time.Second}
		p := fixing(t, f)
		p.press("f", "a").see("reading again what the plan changes").press("y").see("wait: reading again")
		p.wait(2 * time.Second).press("enter").see("y is yes, n is no")
		p.press("n", "a").wait(1900*time.Millisecond).press("y", "y")
		if got := f.Changing(); len(got) != 0 {
			t.Fatalf("called %v: y was pressed before anybody could have read", got)
		}
		p.press("esc")
		p.press("a").press("esc").wait(5 * time.Second).notSee("Apply this to")
	})
}

func TestApplyingThatIsOffSaysWhy(t *testing.T) {
	const off = "applying is off: start hopscope with --allow-apply"
	cases := map[string]struct {
		options func(*ui.Options)
		data    func() *model.Snapshot
		see     string
	}{
		"no applier":          {func(o *ui.Options) { o.ApplyOff = off }, before, off},
		"no applier, no word": {func(*ui.Options) {}, before, "applying is off here"},
		"a refused plan": {
			func(o *ui.Options) { o.Applier = &sample.Applier{} },
			func() *model.Snapshot {
				s := before()
				for i := range s.Services {
					s.Services[i].ResourceManagementType = "ECS"
				}
				return s
			},
			"not applied by hopscope: sample-ecs-app is an Express service",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			test(t, func(t *testing.T) {
				p := runApp(t, nil, c.options, gives(c.data()))
				p.press("f", "a").see(c.see)
			})
		})
	}
}

func TestNothingToFixSaysSo(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(before()))
		p.press("j").seeSelected("client-service").press("f").see("nothing to fix here: nothing was found about client-service")
	})
}

func TestWhereThereIsNoPlanTheSheetSaysWhatToDoByHand(t *testing.T) {
	test(t, func(t *testing.T) {
		s := before()
		r := rule.Analyze(s)
		r.Findings = []rule.Finding{{
			Code: "ZZZ999", Severity: rule.Warning, Cluster: "prod", Service: "sample-ecs-app", Title: "the moon is full",
			Fixes: []rule.Fix{{ID: "wait", Title: "let it pass", Steps: []string{"sleep until the morning"}}},
		}}
		p := runApp(t, nil, func(o *ui.Options) { o.Analyze, o.Applier = always(r), rolling() }, gives(s))
		p.press("f").see("hopscope has no plan for what was found here", "the moon is full", "1. sleep until the morning")
		p.press("a").see("there is no plan").press("y")
		if len(p.copied) != 1 || !strings.Contains(p.copied[0], "sleep until the morning") {
			t.Errorf("copied %q", p.copied)
		}
	})
}

func TestSeveralPlansBecomeOneDeployment(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f, gives(modeltest.Article(0)))
		p.press("f").see("plan 1 of 4", "Remove the endpoint").press("n").see("plan 2 of 4", "Move the agent").press("N", "p")
		p.press("space").see("[x]").press("down", "space").see("for the same finding: one is enough", "2 plans are ticked", "[x] HOP101")
		p.press("enter").see("contradict each other", "esc goes back").press("esc").see("plan 1 of 4")
		p.press("p", "space", "down", "down", "space", "enter").see("2 plans as one", "repairs HOP101, NET201, CFG314, HOP106").press("p").see("this is the only plan")
		p.press("esc").see("plan 1 of 4")
	})
}

// A caller that is older than the endpoint has to be deployed again: the plan is
// found at the one service and changes the other.
func TestAPlanThatChangesAnotherServiceSaysSo(t *testing.T) {
	older := func() *model.Snapshot {
		s := before()
		for i := range s.Services {
			d := &s.Services[i].Deployments[0]
			d.CreatedAt = modeltest.Time.Add(-time.Hour)
			if s.Services[i].Name == "sample-ecs-app" {
				d.CreatedAt = modeltest.Time
				d.ServiceConnectResources = []model.ServiceConnectResource{{DiscoveryName: "app", DiscoveryARN: "arn:aws:servicediscovery:::service/srv-1"}}
			}
		}
		s.DiscoveryServices = []model.DiscoveryService{{ID: "srv-1", ARN: "arn:aws:servicediscovery:::service/srv-1", Name: "app", CreatedAt: modeltest.Time}}
		return s
	}
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f, gives(older()))
		p.press("/").types("sample").press("enter", "f", "p")
		for range 5 {
			if strings.Contains(p.screen.Text(), "Make a new deployment of client-service") {
				break
			}
			p.press("down")
		}
		p.press("enter").see("It changes another service: prod/client-service").press("pgdown").see("after: needed")
		p.press("a").see("cluster prod · service", "client-service", "apply to client-service").notSee("block, as it is sent").arm().press("y").wait(time.Minute)
		p.see("apply to client-service", "applied; no path to verify").press("u").see("There is nothing to send", "stays: Make a new deployment").press("n", "esc")
		p.seeSelected("sample-ecs-app").press("f").see("fix sample-ecs-app", "u undo")
	})
}

func TestAPlanIsNotSwappedUnderTheReadersFinger(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		// Meanwhile somebody gave the agent's port away: the plan is another one.
		taken := func() *model.Snapshot {
			s := before()
			for i := range s.TaskDefinitions {
				c := &s.TaskDefinitions[i].Containers[0]
				c.PortMappings = append(c.PortMappings, model.PortMapping{ContainerPort: 10080})
			}
			return s
		}
		slow := func(s *model.Snapshot) step { return takes(before(), s) }
		p := fixing(t, f, gives(before()), slow(before()), slow(taken()))
		p.press("r", "f").see("10080")
		p.wait(2 * time.Second).see("10080").notSee("the account has changed") // the same plan
		p.press("esc", "r", "f", "pgdown").see("10080")
		top := strings.Split(p.screen.Text(), "\n")[5]
		p.wait(2*time.Second).see("the account has changed since this plan was made; r shows the new one", top)
		p.press("a").see("r shows the new one")
		if len(f.Calls()) != 0 {
			t.Errorf("called %v", f.Calls())
		}
		p.press("r").wait(5 * time.Second).see("to port 15000").notSee("the account has changed").press("a").see("Apply this to")
	})
}

func TestCopyTakesTheTab(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(before()))
		p.press("f").click("Terraform").see("[Terraform]").press("y").see("Terraform sent").press("tab", "right", "y").see("AWS CLI sent")
		if len(p.copied) != 2 || !strings.HasPrefix(p.copied[1], "bash -s -- ") || !strings.Contains(p.copied[1], "\nupdate() {\n") || !strings.Contains(p.copied[0], "ingress_port_override") {
			t.Errorf("copied %.200q", p.copied)
		}
		p.copied = nil
		p.press("left", "y")
		if len(p.copied) != 1 || !strings.Contains(p.copied[0], "10080") {
			t.Errorf("copied %q", p.copied)
		}
		if !strings.Contains(p.screen.Sent(), ansi.SetSystemClipboard(p.copied[0])) {
			t.Error("the terminal was not asked to take it")
		}
	})
}

func TestWhatIfShowsAtOnceWhatWouldFollow(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f, gives(before()))
		p.resize(160, 40).press("w").see("what if: nothing is sent · sample-ecs-app", "override  [     ] none", "[x] tcp 80 from sg-client-service")
		p.types("8080").see("[8080 ] now none", "+ ✗ NET201", "- gone: HOP101", "unnecessary hop → ok, direct", "needed on port 80 → blocked on port 8080")
		p.press("backspace", "backspace").see("CFG302").press("backspace", "backspace").see("none", "This is how it is")
		p.types("80").see("CFG30").press("backspace", "backspace").types("99999").see("there is no port 99999").press("f").see("there is no port 99999")
		p.types("9").see("a port has at most five digits")
		p.press("r").see("[     ] none").types("8080").press("+").see("admit tcp: 8080 sg-client-service").press("enter")
		p.see("[x] tcp 8080 from sg-client-service", "needed on port 80 → needed on port 8080").notSee("NET201")
		p.press("down", "space").see("[x] client only", "* ").press("space", "down", "space").see("[x] TLS").press("space")
		p.press("down").types("8").see("digits go into an override").press("space").see("[ ] tcp 80 from sg-main-alb", "blocked")
		p.press("r", "f").see("nothing is tried yet").press("esc").wait(5 * time.Second).see("n N finding")
		if len(f.Calls()) != 0 {
			t.Errorf("called %v", f.Calls())
		}
	})
}

func TestARuleIsTypedWithItsSource(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(before()))
		p.resize(120, 40).press("w", "+").see("admit tcp:  sg-client-service").press("tab").see("admit tcp:  sg-main-alb").types("8").see("admit tcp: 8 sg-main-alb").press("tab").see("admit tcp: 8 sg-").press("ctrl+e").press("ctrl+u")
		p.press("enter").see("type a port and a source: 10080 sg-client-service")
		p.types("0 sg-x").press("enter").see("is no port").press("ctrl+u").types("80 x").press("enter").see("is neither a group")
		p.press("ctrl+u").types("443 10.1.2.3/16").press("enter").see("[x] tcp 443 from 10.1.0.0/16")
		p.press("down", "down", "down", "down", "down", "space").notSee("10.1.0.0/16")
		p.press("+", "esc").see("+ rule")
	})
}

func TestEveryEndpointCanBeTakenAwayAtOnce(t *testing.T) {
	test(t, func(t *testing.T) {
		s := modeltest.New().Group("sg-alb").Group("sg-both", modeltest.In("tcp 80-90", "sg-alb")).ALB("alb", 80, "tg").
			Service("both", modeltest.Port("web", 80, "http"), modeltest.Port("api", 90, "http"), modeltest.Offer("web", 0, 80), modeltest.Offer("api", 12000, 90),
				modeltest.Behind("tg", 80)).Snapshot()
		p := fixing(t, nil, gives(s))
		p.resize(160, 40).press("w").see("endpoint web, container port 80", "endpoint api, container port 90", "override  [12000]", "all endpoints")
		p.press("down", "down", "down", "down", "down", "down", "space").see("[x] client only", "unnecessary hop → ok, direct")
		if n := strings.Count(p.screen.Text(), "[x] client only"); n != 3 {
			t.Errorf("%d of 3 boxes are ticked", n)
		}
		p.press("space").notSee("[x] client only").press("up", "up", "up").press("backspace", "backspace", "backspace", "backspace", "backspace").see("[     ] now 12000")
		p.press("f").see("what if: both").press("esc").see("what if: nothing is sent")
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
		p.press("/").types("sample").press("enter").resize(120, 40).press("w", "down", "down", "down", "space").see("of other services change: twin")
	})
}

func TestNoTextOfThePlanControlsTheTerminal(t *testing.T) {
	const evil = "evil\x1b]0;owned\x07\u202e"
	test(t, func(t *testing.T) {
		s := before()
		for i := range s.SecurityGroups {
			s.SecurityGroups[i].Name = evil
		}
		for i := range s.Services {
			s.Services[i].Tags = map[string]string{"aws:cloudformation:stack-name": evil, "aws:cloudformation:logical-id": "A1234ABCD"}
		}
		f := rolling()
		f.Frames = func(prepared *journal.Entry) []*journal.Entry {
			frames := sample.Failing(prepared)
			last := frames[len(frames)-1]
			last.Message, last.Rollout.Reason, last.Rollout.Events[0].Message = evil, evil, evil
			last.Steps[0].State, last.Steps[0].Error = journal.Refused, evil
			last.Calls = append(last.Calls, journal.Call{Command: evil, Action: evil, Error: evil})
			last.Unmet = []fix.Expectation{{From: evil, Container: evil}}
			return frames
		}
		f.ApplyErr = errors.New(evil)
		p := fixing(t, f, gives(s))
		p.press("f", "pgdown", "right", "y", "right", "y", "left", "left", "y", "a").arm().press("y").wait(time.Minute).see("failed").press("pgdown", "y", "u", "n", "L", "y", "esc", "esc", "w", "pgdown", "+", "esc")
		for _, bad := range []string{"\x1b]0;owned", "\u202e", "owned\x07"} {
			if strings.Contains(p.screen.Sent(), bad) {
				t.Errorf("%q reached the terminal", bad)
			}
		}
		for _, text := range p.copied {
			if strings.ContainsAny(text, "\x1b\x07\u202e") {
				t.Errorf("copied %q", text)
			}
		}
	})
}

func TestWithoutColourSignsSayWhatColoursDo(t *testing.T) {
	test(t, func(t *testing.T) {
		p := runApp(t, []string{"NO_COLOR=1", "TTY_FORCE=1"}, func(o *ui.Options) { o.Applier = rolling() }, gives(before()), gives(after()))
		p.press("f").see("[Plan]").press("pgdown").see("▲ now", "● after").press("a", "pgdown").see("+      \"ingressPortOverride\": 10080", "-      }").arm().press("y").see("▸ ").wait(time.Minute)
		p.see("● applied").press("esc", "w", "backspace", "backspace").see("* override", "+ ✗ CFG302")
		for _, code := range []string{"31m", "32m", "33m", "35m", "36m"} {
			if strings.Contains(p.screen.Sent(), code) {
				t.Errorf("colour %s is sent", code)
			}
		}
	})
}

func TestFixScreensLookLikeTheirPictures(t *testing.T) {
	script := func(keys ...string) func(p *program) { return func(p *program) { p.press(keys...) } }
	applied := func(more ...string) func(p *program) {
		return func(p *program) { p.press("f", "a").arm().press("y").wait(time.Minute).press(more...) }
	}
	refused := func() *model.Snapshot {
		s := before()
		for i := range s.Services {
			s.Services[i].DeploymentController = "CODE_DEPLOY"
			s.Services[i].Tags = map[string]string{"aws:cloudformation:stack-name": "shop", "aws:cloudformation:logical-id": "AppService1A2B3C4D"}
		}
		return s
	}
	uncalled := func() *model.Snapshot { return modeltest.Article(0) }
	framed := func(frames func(*journal.Entry) []*journal.Entry) func() *sample.Applier {
		return func() *sample.Applier { f := rolling(); f.Frames = frames; return f }
	}
	screens := []struct {
		name    string
		data    func() *model.Snapshot
		applier func() *sample.Applier
		do      func(*program)
	}{
		{"sheet", before, rolling, script("f")},
		{"sheet, further down", before, rolling, script("f", "pgdown")},
		{"sheet, cli", before, rolling, script("f", "right")},
		{"sheet, refused, owned", refused, rolling, script("j", "f")},
		{"by hand", refused, rolling, script("f")},
		{"alternatives", uncalled, rolling, script("f")},
		{"plans", uncalled, rolling, script("f", "p", "space", "j", "space")},
		{"combined", uncalled, rolling, script("f", "p", "j", "space", "j", "space", "enter")},
		{"contradictory", uncalled, rolling, script("f", "p", "space", "j", "space", "enter")},
		{"confirm", before, rolling, func(p *program) { p.press("f", "a").arm() }},
		{"confirm, changed", before, func() *sample.Applier { return &sample.Applier{PrepareErr: fix.ErrBlockChanged} }, script("f", "a")},
		{"rolling out", before, rolling, func(p *program) { p.press("f", "a").arm().press("y").wait(6 * time.Second) }},
		{"rolling out, behind", before, rolling, func(p *program) { p.press("f", "a").arm().press("y").wait(6 * time.Second).press("esc") }},
		{"applied", before, rolling, applied()},
		{"failed", before, framed(sample.Failing), applied()},
		{"unverified", before, framed(sample.Unverified), applied()},
		{"undo", before, rolling, func(p *program) { applied("u")(p); p.arm() }},
		{"undone", before, rolling, func(p *program) { applied("u")(p); p.arm().press("y").wait(time.Minute) }},
		{"leave", before, rolling, func(p *program) { p.press("f", "a").arm().press("y").wait(6 * time.Second).press("ctrl+c").arm() }},
		{"log, empty", before, rolling, script("L")},
		{"log", before, rolling, applied("L")},
		{"what if", before, rolling, script("w")},
		{"what if, changed", before, rolling, func(p *program) { p.press("w").types("8080") }},
		{"what if, invalid", before, rolling, func(p *program) { p.press("w").types("80") }},
		{"what if, rule", before, rolling, func(p *program) { p.press("w").types("8080").press("+") }},
	}
	for _, size := range []image.Point{{X: 60, Y: 16}, {X: 80, Y: 24}, {X: 200, Y: 60}} {
		for _, s := range screens {
			t.Run(fmt.Sprintf("%dx%d/%s", size.X, size.Y, s.name), func(t *testing.T) {
				test(t, func(t *testing.T) {
					next := after
					if s.data() == nil || s.name == "failed" || s.name == "unverified" || s.name == "undone" {
						next = before
					}
					p := fixing(t, s.applier(), gives(s.data()), gives(next())).resize(size.X, size.Y)
					s.do(p)
					golden.RequireEqual(t, p.screen.Text()+"\n")
				})
			})
		}
	}
}
