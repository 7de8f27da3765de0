package ui_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/ui"
)

func TestTheArticleInThreeActs(t *testing.T) {
	acts := map[string]struct {
		act     func() *model.Snapshot
		see     []string
		notSeen []string
	}{
		"everything on 80": {allOn80, []string{
			"▲ sample-ecs-app", "unnecessary hop", "HOP101",
			"┼▶╭ agent :80 ╮──▶╭ app :80 ╮", "ok (by agent)",
		}, []string{"blocked"}},
		"the agent on 8080": {
			moved,
			[]string{"✗ sample-ecs-app", "blocked", "×", "NET201", "ok, direct"},
			[]string{"unnecessary"},
		},
		"8080 open": {
			opened,
			[]string{"▍● sample-ecs-app", "ok, direct", "ok (by agent)", "0 ✗  0 ▲"},
			[]string{"blocked", "unnecessary"},
		},
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			test(t, func(t *testing.T) {
				p := run(t, gives(act.act())).Press("/").Type("sample").Press("enter")
				p.Press("esc").See(act.see...).NotSee(act.notSeen...)
			})
		})
	}
}

func TestLoadingShowsNamesFirstAndProgressInTheHeader(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, takes(loading(1000, 0), loading(1000, 340), loading(1000, 1000)))
		p.See("loading: 0 of 1000 services", "svc-00000")
		p.Wait(time.Second).See("loading: 340 of 1000 services · 26 calls")
		if bar := ansi.SetProgressBar(34); !strings.Contains(p.Sent(), bar) {
			t.Errorf("the terminal's progress bar is not at 34: no %q", bar)
		}
		p.Wait(time.Second).See("1000 of 1000 services · 26 calls · 0 failed").NotSee("loading")
		if !strings.Contains(p.Sent(), ansi.ResetProgressBar) {
			t.Error("the terminal's progress bar stays")
		}
	})
}

func TestTheSelectionIsTheFirstRowUntilTheUserMovesAndThenFollowsTheService(t *testing.T) {
	test(t, func(t *testing.T) {
		before := named("m", "z")
		after := beside(allOn80(), "a", "m", "z")
		p := run(t, gives(before), gives(after), gives(before))
		p.SeeSelected(" m ").Press("r").SeeSelected("▲ sample-ecs-app")
		p.Press("down", "down", "down").SeeSelected(" m ").Press("r").SeeSelected(" m ")
	})
}

func TestTheFilterNarrowsTheListAndEscClearsIt(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(named("api", "web", "worker")))
		p.Press("/").Type("wrk").See("/ wrk", "worker").NotSee("api", "web")
		p.Press("enter").SeeSelected("worker").NotSee("api")
		p.Press("esc").See("api", "web", "worker").SeeSelected("worker")
		p.Press("/").Type("zzz").See("no match").Press("esc").See("api")
		p.Press("/").Type("q").See("/ q").Press("backspace").See("api")
	})
}

func TestSelectingAHopExplainsIt(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(moved()))
		p.Press("tab").See("hop 2 of 3  port 8080 http · client agent of client-service",
			"no ingress rule of sg-sample-ecs-app admits tcp 8080 from",
			"symptom: callers get `upstream request timeout`",
			"needed: ingress rule on sg-sample-ecs-app: tcp 8080 from sg-client-service")
		p.Press("left").See("hop 1 of 3", "inside the caller's task")
		p.Press("right", "right").See("hop 3 of 3", "loopback")
		p.Press("down").See("hop 2 of 2  port 80 http · main-alb", "sg-sample-ecs-app admits sg-main-alb on tcp 80")
		p.Press("enter").See("explanation", "main-alb :80 → sample-ecs-app:80 · ok, direct", "hop 2 of 2")
		p.Press("esc").See(": go to").Press("esc", "down").SeeSelected("client-service")
	})
}

// Who connects to a port of tasks and has no path is told where a path, or a service without
// one, is explained.
func TestTheExplanationNamesWhoElseConnects(t *testing.T) {
	test(t, func(t *testing.T) {
		s := modeltest.New().Group("sg-batch").Group("sg-alb").
			Group("sg-web", modeltest.In("tcp 80", "sg-alb"), modeltest.In("tcp 80", "sg-batch")).ALB("alb", 80, "tg").
			Service("web", modeltest.Port("http", 80, "http"), modeltest.Behind("tg", 80)).
			Edit(func(s *model.Snapshot) {
				task := model.StandaloneTask{NetworkInterface: "eni-1"}
				task.TaskDefinition = "arn:aws:ecs:r:1:task-definition/report:1"
				s.StandaloneTasks = []model.StandaloneTasks{{Cluster: "prod", Tasks: []model.StandaloneTask{task}}}
				s.NetworkInterfaces = []model.NetworkInterface{{
					ID: "eni-1", Subnet: modeltest.SubnetA, SecurityGroups: []string{"sg-batch"},
				}}
			}).Snapshot()
		p := run(t, gives(s))
		p.Press("tab", "enter").Press("G").See("also: web:80: admits report: 1 standalone task, directly to the port")
	})
}

func TestFindingsAreListedAndJumpedTo(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(allOn80()))
		p.Press("down").SeeSelected("client-service")
		p.Press("n").See("finding 1 of 3: HOP101", "hop 2 of 3").SeeSelected("main-alb :80")
		p.Press("n").See("finding 2 of 3: CFG314").SeeSelected("main-alb :80")
		p.Press("n").See("finding 3 of 3: HOP106").SeeSelected("health check of main-alb")
		p.Press("n").See("finding 1 of 3").Press("N").See("finding 3 of 3")
		p.Press("F").See("3 findings, 0 gaps, 0 not checked", "follows from HOP101")
		p.Press("k", "k").See("One published measurement").Press("enter").SeeSelected("main-alb :80")
	})
}

func TestGapsAreOnScreenAndExplained(t *testing.T) {
	test(t, func(t *testing.T) {
		s := called(modeltest.Article(8080, 8080))
		modeltest.Deny(s, model.DescribeNetworkAcls)
		s.Gaps = append(s.Gaps, model.Gap{
			Action: model.DescribeRules, Resource: "arn:x", State: model.Failed,
			Error: "timeout", Message: "press r to try again",
		})
		p := run(t, gives(s))
		p.See("2 gaps: ec2:DescribeNetworkAcls denied", "26 calls · 2 failed", "? sample-ecs-app", "╌?╌")
		p.Press("F").See("0 findings, 2 gaps, 11 not checked",
			"AWS says: AccessDenied").Press("j").See("next: press r to try again")
		p.Press("G").See("needs ec2:DescribeNetworkAcls").Press("enter").See("this is not about one service")
	})
}

func TestARefreshThatFailsKeepsWhatIsShownAndSaysWhatToRun(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(allOn80()), fails(errExpired), gives(named("sample-ecs-app")))
		p.See("client-service").Press("r")
		p.See("not refreshed: the credentials expired; run aws sso login --profile prod", "HOP101", "client-service")
		p.Press("r").NotSee("not refreshed", " client-service  ").See("1 of 1 service ")
	})
}

func TestARefreshKeepsWhatIsShownUntilTheNewOneIsComplete(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(allOn80()), takes(loading(9, 3), loading(9, 9)))
		p.Press("r").See("refreshing: 3 of 9 services", "sample-ecs-app").NotSee("svc-00001")
		p.Press("r").See("still reading")
		p.Wait(time.Second).See("9 of 9 services", "svc-00001").NotSee("refreshing", "sample-ecs-app  ")
	})
}

func TestWhenNothingCanBeReadTheScreenSaysWhatToDo(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, fails(errExpired), gives(opened()))
		p.See("hopscope cannot show anything", "the credentials expired; run aws sso login --profile prod",
			"r try again")
		p.Press("r").See("sample-ecs-app")
	})
}

func TestTheAgeGoesOn(t *testing.T) {
	test(t, func(t *testing.T) {
		s := opened()
		s.CollectedAt = time.Now()
		p := run(t, gives(s))
		p.See("now").Wait(3 * time.Second).See("3 s ago").Wait(20 * time.Second).See("20 s ago")
		p.Wait(5 * time.Minute).See("5 min ago")
	})
}

func TestCopySendsTheExplanationToBothClipboards(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(moved()))
		p.Press("y").See("explanation sent to the clipboard")
		if len(p.copied) != 1 || !strings.Contains(p.copied[0],
			"no ingress rule of sg-sample-ecs-app admits tcp 8080 from sg-client-service") {
			t.Errorf("copied %q", p.copied)
		}
		const where = "account 123456789012 · ap-northeast-1 · read 2026-11-22 09:00:00Z\n\n"
		if !strings.HasPrefix(p.copied[0], where) {
			t.Errorf("%q does not say where and when it was true", p.copied[0])
		}
		if !strings.Contains(p.Sent(), ansi.SetSystemClipboard(p.copied[0])) {
			t.Error("the terminal was not asked to take it")
		}
		p.Wait(4 * time.Second).NotSee("sent to the clipboard")
	})
}

func TestTheExtensionOfAnExportedFileTellsItsFormat(t *testing.T) {
	t.Chdir(t.TempDir())
	test(t, func(t *testing.T) {
		var page strings.Builder
		write := func(_ context.Context, path string, write func(io.Writer) error) error {
			page.WriteString(path + "\n")
			return write(&page)
		}
		p := runApp(t, nil, func(o *ui.Options) { o.Report = write }, gives(opened()))
		p.Press("e", "ctrl+u").Type("report.html").Press("enter").See("saved to report.html")
		if !strings.HasPrefix(page.String(), "report.html\n<!doctype html>") || len(p.saved) > 0 {
			t.Errorf("%d snapshots, and the page %.80q", len(p.saved), page.String())
		}
	})
}

func TestExportAsksForANameAndNeverReplacesAFileUnasked(t *testing.T) {
	t.Chdir(t.TempDir())
	test(t, func(t *testing.T) {
		p := run(t, gives(opened()))
		p.Press("e").See("save to: hopscope-ap-northeast-1-20261122-090000.json").Press("enter")
		p.See("saved to hopscope-ap-northeast-1-20261122-090000.json")
		p.Wait(5*time.Second).Press("e", "ctrl+u").Type("/").Press("enter").See("exists, save to: /")
		if len(p.saved) != 1 {
			t.Fatalf("saved %d files, want 1", len(p.saved))
		}
		p.Type("x").See("save to: /x").NotSee("exists").Press("backspace", "enter", "enter").See("saved to /")
		if p.saved["/"] == nil {
			t.Error("the second enter did not save")
		}
	})
}

func TestQuitLeavesTheAlternateScreen(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		t.Run(key, func(t *testing.T) {
			test(t, func(t *testing.T) {
				p := run(t, gives(opened()))
				p.Press(key)
				if err := p.End(); err != nil {
					t.Errorf("the program ended with %v", err)
				}
				sent := p.Sent()
				if in, out := strings.LastIndex(sent, "\x1b[?1049h"),
					strings.LastIndex(sent, "\x1b[?1049l"); in < 0 || out < in {
					t.Error("the alternate screen is still on")
				}
			})
		})
	}
}

func TestQuittingStopsTheCollection(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, takes(loading(9, 1), loading(9, 9)))
		p.Press("q")
		if err := p.End(); err != nil {
			t.Error(err)
		}
	})
}

func TestATinyTerminalSaysSo(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(allOn80()))
		p.Resize(59, 16).See("terminal too small (60×16 needed)").NotSee("sample-ecs-app")
		p.Resize(60, 16).See("▲ sample-ecs-app").NotSee("main-alb")
		p.Press("enter").See("main-alb :80", "hop 2 of 3").Press("esc").NotSee("main-alb")
		p.Resize(200, 60).See("main-alb", "HOP101", "3 paths", "2 of 2 services")
	})
}

func TestTheMouseSelectsServicesPathsAndHops(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(allOn80()))
		p.Click("client-service 1/1").SeeSelected("client-service").See("no path leads to this service")
		p.Click("sample-ecs-app 1/1").SeeSelected("sample-ecs-app").Click("──▶╭ app").See("hop 3 of 3", "loopback")
		p.Click("? help").See("next and previous finding")
	})
}

func TestACallerShowsItsBrokenCalls(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(moved()))
		p.Click("client-service 1/1").SeeSelected("client-service").See("calls to app.ns:80: blocked")
		p.Press("enter").See("hop 2 of 3  port 8080").Press("f").See("fix sample-ecs-app").Press("esc")
		p.Press("enter").SeeSelected("client-service → app.ns:80").See("client-service › sample-ecs-app")
		p.Press("[").SeeSelected("calls to app.ns:80").NotSee("›").Press("[").See("this is where you began")
		p.Press("]").See("client-service › sample-ecs-app").Press("]").See("no way ahead")
	})
	test(t, func(t *testing.T) {
		p := run(t, gives(opened()))
		p.Click("client-service 1/1").SeeSelected("client-service").See("calls to app.ns:80: ok (by agent)")
	})
}

func TestHelpNamesEveryKeyThatWorks(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(allOn80()))
		p.Resize(100, 60).Press("?").See("next and previous finding", "filter: name", "save the snapshot",
			"copy the explanation", "read everything again", "leave hopscope", "closed: refused")
		p.Press("?").See("? help").NotSee("signs")
	})
}

func TestAKeyWithoutUseSaysWhy(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(named("client-service")))
		p.Press("tab").See("no path leads to this service").Press("n").See("no findings")
	})
}

func TestColoursAreSixteenAndNoneWhereNoColorIsSet(t *testing.T) {
	test(t, func(t *testing.T) {
		colour := run(t, gives(moved())).Sent()
		if !strings.Contains(colour, "31m") || strings.Contains(colour, "38;") {
			t.Error("not the 16 colours of ANSI")
		}
	})
	test(t, func(t *testing.T) {
		p := runApp(t, []string{"NO_COLOR=1", "TTY_FORCE=1"}, func(*ui.Options) {}, gives(moved()))
		for _, code := range []string{"31m", "32m", "33m", "35m", "36m"} {
			if strings.Contains(p.Sent(), code) {
				t.Errorf("colour %s is sent", code)
			}
		}
		p.See("✗ sample-ecs-app", "blocked")
	})
}

func TestTextFromTheAccountCannotControlTheTerminal(t *testing.T) {
	const evil = "evil\x1b]0;owned\x07\x1b[2J\u202e"
	test(t, func(t *testing.T) {
		s := modeltest.Hostile(evil).Snapshot()
		s.Scope.Region, s.Scope.Clusters[0] = evil, evil
		s.Gaps = []model.Gap{{Action: evil, State: model.Failed, Error: evil, Effect: evil, Message: evil}}
		p := run(t, gives(s), fails(errors.New(evil)))
		p.Press("tab", "enter", "y", "esc", "F", "esc", "n", "r")
		for _, bad := range []string{"\x1b]0;owned", "\x1b[2J\u202e", "\u202e", "owned\x07"} {
			if strings.Contains(p.Sent(), bad) {
				t.Errorf("%q reached the terminal", bad)
			}
		}
		if len(p.copied) != 1 || strings.ContainsAny(p.copied[0], "\x1b\x07\u202e") {
			t.Errorf("copied %q", p.copied)
		}
	})
}

func TestAnIdleProgramDoesNothingUntilTheAgeChanges(t *testing.T) {
	test(t, func(t *testing.T) {
		s := opened()
		s.CollectedAt = time.Now()
		p := run(t, gives(s))
		p.Wait(2 * time.Minute)
		views := p.messages.Load()
		p.Wait(10*time.Minute + time.Second)
		if n := p.messages.Load() - views; n != 2*10 {
			t.Errorf("%d messages in 10 idle minutes, want one a minute and one for its frame", n)
		}
	})
}

func TestAProgramThatIsEndedSaysWhy(t *testing.T) {
	cause := errors.New("the lease ended")
	cases := map[string]struct {
		cause error
		want  error
	}{
		"a cause":     {cause, cause},
		"a plain end": {nil, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			test(t, func(t *testing.T) {
				p := run(t, gives(opened()))
				p.Cancel(c.cause)
				if err := p.End(); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				if !strings.Contains(p.Sent(), "\x1b[?1049l") {
					t.Error("the alternate screen is still on")
				}
			})
		})
	}
}

func TestAPanicRestoresTheTerminalAndIsAnError(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(opened()), func(context.Context, func(*model.Snapshot)) (*model.Snapshot, error) {
			panic("a bug")
		})
		p.Press("r")
		if err := p.End(); !errors.Is(err, tea.ErrProgramPanic) {
			t.Errorf("got %v", err)
		}
		if !strings.Contains(p.Sent(), "\x1b[?1049l") {
			t.Error("the alternate screen is still on")
		}
	})
}

// A command that is typed where none is expected does nothing: no prompt opens, nothing is
// read again.
func TestAKeyWithoutAMeaningSaysSoAndDoesNothingElse(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(allOn80()), gives(named("other")))
		p.Press("x").See("no key x · ? help", "sample-ecs-app")
		p.Press("?").See("keys").Press("x").See("no key x").Press("esc")
		p.Press("f1").See("no key f1 · ? help")
		p.Press(":").Type("zzz").Press("enter").See("nothing is called zzz").Press("esc").See("sample-ecs-app")
		p.Press("f", ":").See("go to").Press("esc").See("fix sample-ecs-app")
	})
}

func TestThePaletteGoesToWhateverHasAName(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(moved()))
		p.Press(":").See("action", "1/").Type("client").Press("enter").SeeSelected("client-service")
		p.Press(":").Type("sample-ecs-app:80").See("port", "· blocked").Press("enter").See("hop 2 of 3", "port 8080")
		p.Press(":").Type("net201").Press("enter").See("finding 1 of", "NET201").SeeSelected("client-service →")
		p.Press(":").Type("lb:main").See("lb      main-alb").Press("enter").See("/ lb:main-alb", "sample-ecs-app").
			NotSee(" client-service   ")
		p.Press("esc", ":").Type("sg:sg-client").Press("enter").See("lient-service", "1/1").NotSee("sample-ecs-app 1/1")
		p.Press("esc", ":").Type("cluster:prod").Press("enter")
		p.Press(":").Type("findings").Press("enter").See("1 finding, 0 gaps")
		p.Press("enter", ":").Type("what").Press("enter").See("what if")
		p.Press("esc", ":").Type("re").See("refresh").Press("down", "up", "esc").See("sample-ecs-app")
	})
}

func TestFieldsAndNegationNarrowTheList(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(moved()))
		for query, want := range map[string]string{
			"state:bad": "sample-ecs-app", "!state:bad": "client-service", "port:8080": "sample-ecs-app",
			"code:net201": "sample-ecs-app", "prod/client": "client-service", "lb:main": "sample-ecs-app",
			"sg:client": "client-service", "cluster:prod !sample": "client-service",
		} {
			p.Press("/").Type(query).SeeSelected(want).See("1/1").Press("esc")
		}
	})
}

// The best match is selected after every key, and rows stay in the order of severity.
func TestTheBestMatchIsSelectedWhileTyping(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(named("a-orders", "borders", "orders", "orders-api")))
		p.Press("/").Type("b").SeeSelected("borders").Press("backspace").Type("ord").SeeSelected(" orders  ").See("3/4")
		p.Press("enter").SeeSelected(" orders  ").Press("esc").SeeSelected(" orders  ")
	})
}

// From any service one gets to its callers and to what it calls, also where all is well.
func TestAHealthyGraphIsWalked(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(opened()))
		p.Click("sample-ecs-app 1/1").Press("o").See("callers and calls of sample-ecs-app", "from    client-service",
			"lb      main-alb").Type("client").Press("enter")
		p.SeeSelected("client-service").See("may call 1 endpoint", "sample-ecs-app › client-service")
		p.Press("o").See(" client-service › sample-ecs-app").SeeSelected("client-service → app.ns:80")
		p.Press("o").See("sample-ecs-app › client-service")
	})
}

func TestTheListIsMadeWiderAndNarrower(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(named("acme-prod-apne1-orders-service", "acme-prod-apne1-cart-service")))
		p.See("…orders").NotSee("acme-prod-apne1-orders-service  ").Press("+", "+", "+").See("acme-prod-apne1-orders-se")
		p.Press("_", "_", "_", "_", "_", "_", "_", "+").See("…orders…")
	})
}

// Both ends' groups are shown as tables; where a rule admits, it is marked.
func TestTheSecurityViewMarksTheRuleThatDecides(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(opened()))
		p.Click("sample-ecs-app 1/1").Press("tab", "s").See("security groups", "out of main-alb", "into sample-ecs-app:80",
			"▸ tcp 80           from sg-main-alb", "← decides")
		p.Resize(100, 60).See("who may reach sample-ecs-app:80", "load balancer main-alb").Press("s").See("o follow")
	})
	test(t, func(t *testing.T) {
		p := run(t, gives(moved()))
		p.Resize(100, 60).Press("tab", "s").See("no ingress rule of sg-sample-ecs-app admits tcp 8080",
			"into sample-ecs-app:8080", "tcp 80           from sg-main-alb", "who may reach sample-ecs-app:8080")
		p.Press("y").See("security groups sent to the clipboard")
	})
}
