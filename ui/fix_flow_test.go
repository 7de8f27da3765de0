package ui_test

import (
	"errors"
	"fmt"
	"image"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/modeltest"
	"hopscope/ui"
	"hopscope/ui/uitest"
)

// The article before and after its fix.
func before() *model.Snapshot { return modeltest.Article(0, 80) }

func after() *model.Snapshot { return modeltest.Article(10080, 80, 10080) }

// fixing is a program on the article with an applier.
func fixing(t *testing.T, applier *ui.ScriptedApplier, steps ...step) *program {
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
func rolling() *ui.ScriptedApplier { return &ui.ScriptedApplier{FrameTime: time.Second} }

func TestFromFindingToFixedWithFourKeys(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.Press("f").See("fix sample-ecs-app", "[Plan]",
			"1. Admit tcp 10080").Press("pgdown").See("now: unnecessary hop", "after: ok, direct")
		p.Press("a").See("Apply this to sample-ecs-app?",
			"account 123456789012 · ap-northeast-1 · cluster prod · service",
			"1. ec2:AuthorizeSecurityGroupIngress", "2. ecs:UpdateService")
		if len(f.Changing()) != 0 {
			t.Fatalf("%v was called before the answer", f.Changing())
		}
		p.Press("pgdown").See(`+      "ingressPortOverride": 10080`)
		p.Wait(armed).Press("y").See("apply to sample-ecs-app", "sending the calls", "▸ Admit tcp 10080")
		p.Wait(5*time.Second).See("rolling out, 0/2 new tasks", "0 of 2 new tasks", "░░░░",
			"2 pending · 2 old left", "● Admit tcp 10080", "has started 1 tasks")
		p.Wait(2 * time.Second)
		if bar := ansi.SetProgressBar(50); !strings.Contains(p.Sent(), bar) {
			t.Error("the terminal's progress bar is not at 50")
		}
		p.Wait(10*time.Second).See("● applied and verified", "t tidies up", "ok, direct", "agent :10080")
		if p.source.calls != 2 {
			t.Errorf("the account was read %d times, want again after the end", p.source.calls)
		}
		p.Press("esc").SeeSelected("sample-ecs-app").See("ok, direct").NotSee("HOP101", "applied and verified")
		if got := strings.Join(f.Calls(), " "); got != "prepare apply" {
			t.Errorf("called %s", got)
		}
	})
}

func TestUndoAndTidyAskFirst(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f, gives(before()), gives(after()), gives(after()), gives(before()))
		p.Press("f", "a").Wait(armed).Press("y").Wait(time.Minute).See("applied and verified")
		p.Press("t").See("tidy up after sample-ecs-app", "1. ec2:RevokeSecurityGroupIngress").Press("n")
		p.Press("u").See("undo on sample-ecs-app", "remove the rule that was added: Admit tcp 10080 from "+
			"sg-client-service", "send the Service Connect block as it was").Press("esc", "u", "enter", "n")
		if got := f.Changing(); len(got) != 1 {
			t.Fatalf("called %v without an answer", got)
		}
		p.Press("t").Wait(armed).Press("y").Wait(time.Minute).See("applied, verified and tidied up").Press("t").
			See("nothing was left for later")
		p.Press("u").Wait(armed).Press("y").See("taking it back").Wait(time.Minute).See("Z all was as before",
			"↶ Admit tcp 10080")
		p.Press("u").See("it was taken back already")
		if got := strings.Join(f.Changing(), ", "); got != "apply, tidy 20261122-090000-a1b2, rollback "+
			"20261122-090000-a1b2" {
			t.Errorf("called %s", got)
		}
		p.Press("L").See("aws ec2 authorize-security-group-ingress --group-id sg-sample-ecs-app",
			"aws ecs update-service").Press("y").See("4 calls sent")
		if script := p.copied[0]; strings.Count(script, "\naws ") != 4 ||
			!strings.Contains(script, "# 09:00:01Z ec2:AuthorizeSecurityGroupIngress: done") {
			t.Errorf("copied %s", script)
		}
	})
}

func TestAnActivityGoesOnInTheBackgroundAndIsNeverLost(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.Press("f", "a").Wait(armed).Press("y").Wait(5 * time.Second).Press("esc")
		p.See("sample-ecs-app: rolling out, 0/2 new tasks", "A shows it")
		p.Press("F").See("rolling out").Press("esc", "?").See("rolling out").Press("esc")
		p.Press("f").See("apply to sample-ecs-app", "░░").Press("esc")
		p.Wait(time.Minute).See("sample-ecs-app: applied and verified",
			"ok, direct").Press("j").SeeSelected("sample-ecs-app").See("applied and verified")
		p.Press("f").See("apply to sample-ecs-app",
			"● applied and verified").Press("esc").NotSee("applied and verified")
		// Nothing is left to fix: f still leads to what was applied, and to undo.
		p.Press("f").See("u undo", "RSK402").Press("u", "u").See("undo on sample-ecs-app")
	})
}

func TestOneChangeAtATime(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		two := func() *model.Snapshot {
			s := modeltest.Article(0, 80)
			return modeltest.New().Group("sg-b", modeltest.In("tcp 80", "10.0.0.0/16")).ALB("b-alb", 80, "b-tg").
				Service("b", modeltest.Port("b", 80, "http"), modeltest.Offer("b", 0, 80),
					modeltest.Behind("b-tg", 80)).
				Edit(func(o *model.Snapshot) { merge(o, s) }).Snapshot()
		}
		p := fixing(t, f, gives(two()))
		p.Press("/").Type("sample").Press("enter", "f", "a").Wait(armed).Press("y").Press("esc", "esc")
		p.Press("/").Type("b").Press("enter").SeeSelected("b ").Press("f").See("fix b").Press("a").
			See("wait: sample-ecs-app is still being changed")
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

func TestAnActivityThatGoesOnIsStoppedBeforeItIsUndone(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.Press("f", "a").Wait(armed).Press("y").Wait(5 * time.Second).Press("u").See("It still goes on: it is " +
			"stopped first")
		p.Wait(armed).Press("y").Wait(time.Minute).See("Z all was as before")
		if got := strings.Join(f.Changing(), ", "); got != "apply, rollback 20261122-090000-a1b2" {
			t.Errorf("called %s", got)
		}
	})
}

func TestAMessageDoesNotHideTheKeysOfTheNextScreen(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, rolling())
		p.Press("n").See("finding 1 of")
		p.Press("f").See("a apply", "p plans").NotSee("finding 1 of")
	})
}

func TestQuittingInTheMiddleAsksOnceAndSaysWhatStays(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f)
		p.Press("f", "a").See("Apply this to").NotSee("hopscope rollback").Wait(armed).Press("y").Wait(5*time.Second).
			Press("esc", "q")
		p.See("leave while sample-ecs-app is being changed", "The demo ends with hopscope",
			"Leave all the same?").NotSee("hopscope rollback")
		p.Press("n").See("rolling out").Press("ctrl+c").See("Leave all the same?").Wait(armed).Press("y")
		if err := p.End(); err != nil {
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
		p.Press("f", "a").Wait(armed).Press("y").Wait(5*time.Second).Press("esc", "q").See("What was sent stays",
			back, "hopscope journal")
	})
	test(t, func(t *testing.T) {
		p := fixing(t, rolling())
		p.Press("f", "a").Wait(armed).Press("y").Wait(5*time.Second).Press("ctrl+c", "ctrl+c")
		if err := p.End(); err != nil {
			t.Error(err)
		}
	})
	test(t, func(t *testing.T) {
		p := fixing(t, rolling())
		p.Press("f", "a").Wait(armed).Press("y").Wait(5 * time.Second).Press("ctrl+c").Wait(time.Minute).
			See("It has ended meanwhile").Press("n").See("applied and verified")
	})
	test(t, func(t *testing.T) {
		p := fixing(t, rolling())
		p.Press("f", "a").Wait(armed).Press("y").Wait(time.Minute).See("applied").Press("ctrl+c")
		if err := p.End(); err != nil {
			t.Error(err)
		}
	})
}

func TestAPreparationThatFailsSaysWhyAndNothingIsSent(t *testing.T) {
	cases := map[string]struct {
		err error
		see []string
	}{
		"the block changed": {
			fmt.Errorf("%w: entry 0 has portName \"web\", not \"app\"", fix.ErrBlockChanged),
			[]string{"is not the one that the plan was made for", "press r on the main screen"},
		},
		"no permission": {
			&model.CannotCheckError{
				Reason: "ecs:DescribeServices is denied",
				Next:   "allow it: hopscope doctor prints the policy", Err: errors.New("AccessDenied"),
			},
			[]string{"ecs:DescribeServices is denied", "hopscope doctor prints the policy"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			test(t, func(t *testing.T) {
				f := &ui.ScriptedApplier{PrepareErr: c.err}
				p := fixing(t, f)
				p.Resize(140, 30).Press("f", "a").See(c.see...).See("nothing was changed · n back")
				p.Wait(armed).Press("y").See("there is nothing to say yes to").Press("n").See("fix sample-ecs-app",
					"[Plan]")
				if got := f.Changing(); len(got) != 0 {
					t.Errorf("called %v", got)
				}
			})
		})
	}
}

func TestKeysPressedBeforeTheQuestionDoNotAnswerIt(t *testing.T) {
	test(t, func(t *testing.T) {
		f := &ui.ScriptedApplier{PrepareTime: 2 * time.Second, FrameTime: time.Second}
		p := fixing(t, f)
		p.Press("f", "a").See("reading again what the plan changes").Press("y").See("wait: reading again")
		p.Wait(2 * time.Second).Press("enter").See("y is yes, n is no")
		p.Press("n", "a").Wait(1900*time.Millisecond).Press("y", "y")
		if got := f.Changing(); len(got) != 0 {
			t.Fatalf("called %v: y was pressed before it could have been read", got)
		}
		p.Press("esc")
		p.Press("a").Press("esc").Wait(5 * time.Second).NotSee("Apply this to")
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
			func(o *ui.Options) { o.Applier = &ui.ScriptedApplier{} },
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
				p.Press("f", "a").See(c.see)
			})
		})
	}
}

func TestNothingToFixSaysSo(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(before()))
		p.Press("j").SeeSelected("client-service").Press("f").See("nothing to fix here: nothing was found about " +
			"client-service")
	})
}

func TestWhereThereIsNoPlanTheSheetSaysWhatToDoByHand(t *testing.T) {
	test(t, func(t *testing.T) {
		s := modeltest.New().Group("sg-web").Service("web", modeltest.Port("http", 80, "http"), modeltest.Change(
			func(s *modeltest.Spec) {
				s.Deployment.VPCLattice = []model.VPCLatticeTarget{{
					PortName:       "http",
					TargetGroupARN: "arn:aws:vpc-lattice:r:1:tg/1",
				}}
			})).Edit(func(s *model.Snapshot) {
			s.PrefixLists = []model.PrefixList{{
				ID: "pl-1", Name: "com.amazonaws." + modeltest.Region + ".vpc-lattice",
				Entries: []netip.Prefix{netip.MustParsePrefix("169.254.171.0/24")},
			}}
		}).Snapshot()
		p := fixing(t, rolling(), gives(s))
		p.Press("f").See("hopscope has no plan for what was found here", "NET202", "read on: hopscope rules NET202")
		p.Press("a").See("there is no plan").Press("y")
		if len(p.copied) != 1 || !strings.Contains(p.copied[0], "hopscope rules NET202") {
			t.Errorf("copied %q", p.copied)
		}
	})
}

func TestSeveralPlansBecomeOneDeployment(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f, gives(modeltest.Article(0)))
		p.Press("f").See("plan 1 of 4", "Let client-service connect").Press("N").See("plan 4 of 4",
			"Remove the endpoint").Press("n", "p")
		p.Press("down", "space").See("[x]").Press("down", "down",
			"space").See("for the same finding: one is enough", "2 plans are ticked", "[x] HOP101")
		p.Press("enter").See("contradict each other", "esc goes back").Press("esc").See("plan 1 of 4")
		p.Press("p", "space", "down", "space", "enter").See("2 plans as one",
			"repairs NET201, HOP101, CFG314, HOP106").Press("p").See("this is the only plan")
		p.Press("esc").See("plan 1 of 4")
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
				d.ServiceConnectResources = []model.ServiceConnectResource{{
					DiscoveryName: "app",
					DiscoveryARN:  "arn:aws:servicediscovery:::service/srv-1",
				}}
			}
		}
		s.DiscoveryServices = []model.DiscoveryService{{
			ID:  "srv-1",
			ARN: "arn:aws:servicediscovery:::service/srv-1", Name: "app", CreatedAt: modeltest.Time,
		}}
		return s
	}
	test(t, func(t *testing.T) {
		f := rolling()
		p := fixing(t, f, gives(older()))
		p.Press("/").Type("sample").Press("enter", "f", "p")
		for range 5 {
			if strings.Contains(p.Text(), "Make a new deployment of client-service") {
				break
			}
			p.Press("down")
		}
		p.Press("enter").See("It changes another service: prod/client-service").Press("pgdown").See("after: ok (by agent)")
		p.Press("a").See("cluster prod · service", "client-service",
			"apply to client-service").NotSee("block, as it is sent").Wait(armed).Press("y").Wait(time.Minute)
		p.See("apply to client-service", "applied; no path to verify").Press("u").See("There is nothing to send",
			"stays: Make a new deployment").Press("n", "esc")
		p.SeeSelected("sample-ecs-app").Press("f").See("fix sample-ecs-app", "u undo")
	})
}

func TestAPlanIsNotSwappedUnderTheReadersFinger(t *testing.T) {
	test(t, func(t *testing.T) {
		f := rolling()
		// Meanwhile another user gave the agent's port away: the plan is another one.
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
		p.Press("r", "f").See("10080")
		p.Wait(2 * time.Second).See("10080").NotSee("the account has changed") // the same plan
		p.Press("esc", "r", "f", "pgdown").See("10080")
		top := strings.Split(p.Text(), "\n")[5]
		p.Wait(2*time.Second).See("the account has changed since this plan was made; r shows the new one", top)
		p.Press("a").See("r shows the new one")
		if len(f.Calls()) != 0 {
			t.Errorf("called %v", f.Calls())
		}
		p.Press("r").Wait(5 * time.Second).See("to port 15000").NotSee("the account has changed").Press("a").
			See("Apply this to")
	})
}

func TestCopyTakesTheTab(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(before()))
		p.Press("f").Click("Terraform").See("[Terraform]").Press("y").See("Terraform sent").Press("tab", "right",
			"y").See("AWS CLI sent")
		if len(p.copied) != 2 || !strings.Contains(p.copied[1], "\naws ecs update-service ") ||
			!strings.Contains(p.copied[0], "ingress_port_override") || strings.Contains(p.copied[0], "enabled ") {
			t.Errorf("copied %.200q", p.copied)
		}
		p.copied = nil
		p.Press("w", "y").See("AWS CLI sent").Click("Terraform").Press("y").See("Terraform sent")
		if len(p.copied) != 2 || !strings.HasPrefix(p.copied[0], "bash -s -- ") ||
			!strings.Contains(p.copied[0], "\nupdate() {\n") || !strings.Contains(p.copied[1], "enabled   = true") {
			t.Errorf("copied the whole: %.200q", p.copied)
		}
		p.copied = nil
		p.Press("w").Click("Plan").Press("w").See("this tab is the whole text").Click("Terraform")
		p.Press("left", "y")
		if len(p.copied) != 1 || !strings.Contains(p.copied[0], "10080") {
			t.Errorf("copied %q", p.copied)
		}
		if !strings.Contains(p.Sent(), ansi.SetSystemClipboard(p.copied[0])) {
			t.Error("the terminal was not asked to take it")
		}
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
			s.Services[i].Tags = map[string]string{
				"aws:cloudformation:stack-name": evil,
				"aws:cloudformation:logical-id": "A1234ABCD",
			}
		}
		f := rolling()
		f.Frames = func(prepared *journal.Entry) []*journal.Entry {
			frames := ui.FailingFrames(prepared)
			last := frames[len(frames)-1]
			last.Message, last.Rollout.Reason, last.Rollout.Events[0].Message = evil, evil, evil
			last.Steps[0].State, last.Steps[0].Error = journal.Refused, evil
			last.Calls = append(last.Calls, journal.Call{Command: evil, Action: evil, Error: evil})
			last.Unmet = []fix.Expectation{{From: evil, Container: evil}}
			return frames
		}
		f.ApplyErr = errors.New(evil)
		p := fixing(t, f, gives(s))
		p.Press("f", "pgdown", "right", "y", "right", "y", "left", "left", "y",
			"a").Wait(armed).Press("y").Wait(time.Minute).See("failed").Press("pgdown", "y", "u", "n", "L", "y",
			"esc", "esc", "w", "pgdown", "+", "esc")
		for _, bad := range []string{"\x1b]0;owned", "\u202e", "owned\x07"} {
			if strings.Contains(p.Sent(), bad) {
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
		p := runApp(t, []string{"NO_COLOR=1", "TTY_FORCE=1"}, func(o *ui.Options) { o.Applier = rolling() },
			gives(before()), gives(after()))
		p.Press("f").See("[Plan]").Press("pgdown").See("▲ now", "● after").Press("a",
			"pgdown").See("+      \"ingressPortOverride\": 10080",
			"-      }").Wait(armed).Press("y").See("▸ ").Wait(time.Minute)
		p.See("● applied").Press("esc", "w", "backspace", "backspace").See("* override", "+ ✗ CFG302")
		for _, code := range []string{"31m", "32m", "33m", "35m", "36m"} {
			if strings.Contains(p.Sent(), code) {
				t.Errorf("colour %s is sent", code)
			}
		}
	})
}

func TestFixScreensAreAsInTheirGoldenFiles(t *testing.T) {
	script := func(keys ...string) func(p *uitest.Terminal) { return func(p *uitest.Terminal) { p.Press(keys...) } }
	applied := func(more ...string) func(p *uitest.Terminal) {
		return func(p *uitest.Terminal) { p.Press("f", "a").Wait(armed).Press("y").Wait(time.Minute).Press(more...) }
	}
	refused := func() *model.Snapshot {
		s := before()
		for i := range s.Services {
			s.Services[i].DeploymentController = "CODE_DEPLOY"
			s.Services[i].Tags = map[string]string{
				"aws:cloudformation:stack-name": "shop",
				"aws:cloudformation:logical-id": "AppService1A2B3C4D",
			}
		}
		return s
	}
	uncalled := func() *model.Snapshot { return modeltest.Article(0) }
	framed := func(frames func(*journal.Entry) []*journal.Entry) func() *ui.ScriptedApplier {
		return func() *ui.ScriptedApplier { f := rolling(); f.Frames = frames; return f }
	}
	screens := []struct {
		name    string
		data    func() *model.Snapshot
		applier func() *ui.ScriptedApplier
		do      func(*uitest.Terminal)
	}{
		{"sheet", before, rolling, script("f")},
		{"sheet, further down", before, rolling, script("f", "pgdown")},
		{"sheet, cli", before, rolling, script("f", "right")},
		{"sheet, refused, owned", refused, rolling, script("j", "f")},
		{"by hand", refused, rolling, script("f")},
		{"alternatives", uncalled, rolling, script("f")},
		{"plans", uncalled, rolling, script("f", "p", "space", "G", "space")},
		{"combined", uncalled, rolling, script("f", "p", "space", "j", "space", "enter")},
		{"contradictory", uncalled, rolling, script("f", "p", "space", "G", "space", "enter")},
		{"confirm", before, rolling, func(p *uitest.Terminal) { p.Press("f", "a").Wait(armed) }},
		{"confirm, changed", before, func() *ui.ScriptedApplier {
			return &ui.ScriptedApplier{PrepareErr: fix.ErrBlockChanged}
		}, script("f", "a")},
		{"rolling out", before, rolling, func(p *uitest.Terminal) {
			p.Press("f",
				"a").Wait(armed).Press("y").Wait(6 * time.Second)
		}},
		{"rolling out, behind", before, rolling, func(p *uitest.Terminal) {
			p.Press("f",
				"a").Wait(armed).Press("y").Wait(6 * time.Second).Press("esc")
		}},
		{"applied", before, rolling, applied()},
		{"failed", before, framed(ui.FailingFrames), applied()},
		{"unverified", before, framed(ui.UnverifiedFrames), applied()},
		{"undo", before, rolling, func(p *uitest.Terminal) { applied("u")(p); p.Wait(armed) }},
		{"undone", before, rolling, func(p *uitest.Terminal) { applied("u")(p); p.Wait(armed).Press("y").Wait(time.Minute) }},
		{"leave", before, rolling, func(p *uitest.Terminal) {
			p.Press("f", "a").Wait(armed).Press("y").Wait(6 * time.Second).Press("ctrl+c").Wait(armed)
		}},
		{"log, empty", before, rolling, script("L")},
		{"log", before, rolling, applied("L")},
		{"what if", before, rolling, script("w")},
		{"what if, changed", before, rolling, func(p *uitest.Terminal) { p.Press("w").Type("8080") }},
		{"what if, invalid", before, rolling, func(p *uitest.Terminal) { p.Press("w").Type("80") }},
		{"what if, rule", before, rolling, func(p *uitest.Terminal) { p.Press("w").Type("8080").Press("+") }},
	}
	for _, size := range []image.Point{{X: 60, Y: 16}, {X: 80, Y: 24}, {X: 200, Y: 60}} {
		for _, s := range screens {
			t.Run(fmt.Sprintf("%dx%d/%s", size.X, size.Y, s.name), func(t *testing.T) {
				test(t, func(t *testing.T) {
					next := after
					if s.data() == nil || s.name == "failed" || s.name == "unverified" || s.name == "undone" {
						next = before
					}
					p := fixing(t, s.applier(), gives(s.data()), gives(next())).Resize(size.X, size.Y)
					s.do(p)
					golden.RequireEqual(t, p.Text()+"\n")
				})
			})
		}
	}
}

// A path that no plan changes is shown with what is observed of its targets: by
// configuration alone it is fine.
func TestWhatAPlanLeavesIsShownAsItIsObserved(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(modeltest.UnhealthyArticle()))
		p.Resize(160, 60).Press("f").See("Find out why targets of", "✗ now: broken").NotSee("now: ok")
		p.Press("esc", "w").Type("10089").See("stays broken").NotSee("stays ok, direct")
	})
}
