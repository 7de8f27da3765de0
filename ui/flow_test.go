package ui_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"hopscope/model"
	"hopscope/ui/internal/sample"
)

func TestTheArticleInThreeActs(t *testing.T) {
	acts := map[string]struct {
		act     sample.Act
		see     []string
		notSeen []string
	}{
		"everything on 80":  {sample.AllOn80, []string{"▲ sample-ecs-app", "unnecessary hop", "HOP101", "┼▶╭ agent :80 ╮──▶╭ app :80 ╮", "needed"}, []string{"blocked"}},
		"the agent on 8080": {sample.Moved, []string{"✗ sample-ecs-app", "blocked", "×", "NET201", "ok, direct"}, []string{"unnecessary"}},
		"8080 open":         {sample.Opened, []string{"▍● sample-ecs-app", "ok, direct", "needed", "0 ✗  0 ▲"}, []string{"blocked", "unnecessary"}},
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			test(t, func(t *testing.T) {
				p := run(t, in(act.act), gives(sample.Snapshot())).press("/").types("sample").press("enter")
				p.press("esc").see(act.see...).notSee(act.notSeen...)
			})
		})
	}
}

func TestLoadingShowsNamesFirstAndProgressInTheHeader(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.Opened), takes(sample.Loading(1000, 0), sample.Loading(1000, 340), sample.Loading(1000, 1000)))
		p.see("loading: 0 of 1000 services", "service-0000")
		p.wait(time.Second).see("loading: 340 of 1000 services · 26 calls")
		if bar := ansi.SetProgressBar(34); !strings.Contains(p.screen.Sent(), bar) {
			t.Errorf("the terminal's progress bar is not at 34: no %q", bar)
		}
		p.wait(time.Second).see("1000 of 1000 services · 26 calls · 0 failed").notSee("loading")
		if !strings.Contains(p.screen.Sent(), ansi.ResetProgressBar) {
			t.Error("the terminal's progress bar stays")
		}
	})
}

func TestTheSelectionIsTheFirstRowUntilTheUserMovesAndThenFollowsTheService(t *testing.T) {
	test(t, func(t *testing.T) {
		before := sample.Snapshot("m", "z")
		after := sample.Snapshot("a", "m", sample.Server, "z")
		p := run(t, in(sample.AllOn80), gives(before), gives(after), gives(before))
		p.seeSelected(" m ").press("r").seeSelected("▲ sample-ecs-app")
		p.press("down", "down").seeSelected(" m ").press("r").seeSelected(" m ")
	})
}

func TestTheFilterNarrowsTheListAndEscClearsIt(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.Opened), gives(sample.Snapshot("api", "web", "worker")))
		p.press("/").types("wrk").see("/ wrk", "worker").notSee("api", "web")
		p.press("enter").seeSelected("worker").notSee("api")
		p.press("esc").see("api", "web", "worker").seeSelected("worker")
		p.press("/").types("zzz").see("no match").press("esc").see("api")
		p.press("/").types("q").see("/ q").press("backspace").see("api")
	})
}

func TestSelectingAHopExplainsIt(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.Moved), gives(sample.Snapshot()))
		p.press("tab").see("hop 2 of 3  port 8080 http · agent of client-service", "no rule of sg-app admits sg-client on tcp 8080",
			"symptom: calls end in 504 upstream request timeout", "needed: sg-app: tcp 8080 from sg-client")
		p.press("left").see("hop 1 of 3", "inside the task of the caller")
		p.press("right", "right").see("hop 3 of 3", "loopback")
		p.press("down").see("hop 1 of 1  port 80 http · main-alb", "sg-app admits sg-alb on tcp 80")
		p.press("enter").see("explanation", "main-alb :80 → sample-ecs-app:80 · ok, direct", "hop 1 of 1")
		p.press("esc").see("w what if").press("esc", "down").seeSelected("client-service")
	})
}

func TestFindingsAreListedAndJumpedTo(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.AllOn80), gives(sample.Snapshot()))
		p.press("down").seeSelected("client-service")
		p.press("n").see("finding 1 of 2: HOP101", "hop 1 of 2").seeSelected("main-alb :80")
		p.press("n").see("finding 2 of 2: HOP106").seeSelected("health check of main-alb")
		p.press("n").see("finding 1 of 2").press("N").see("finding 2 of 2")
		p.press("F").see("2 findings, 0 gaps, 0 not checked", "follows from HOP101")
		p.press("k").see("set ingressPortOverride to 8080").press("enter").seeSelected("main-alb :80")
	})
}

func TestGapsAreOnScreenAndExplained(t *testing.T) {
	test(t, func(t *testing.T) {
		s, r := sample.Denied()
		p := run(t, always(r), gives(s))
		p.see("2 gaps: ec2:DescribeNetworkAcls denied", "26 calls · 2 failed", "? sample-ecs-app", "╌?╌")
		p.press("F").see("0 findings, 2 gaps, 1 not checked", "AWS says: UnauthorizedOperation", "next: allow ec2:DescribeNetworkAcls")
		p.press("G").see("NET203 needs ec2:DescribeNetworkAcls").press("enter").see("this is not about one service")
	})
}

func TestARefreshThatFailsKeepsThePictureAndSaysWhatToRun(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.AllOn80), gives(sample.Snapshot()), fails(errExpired), gives(sample.Snapshot(sample.Server)))
		p.see("client-service").press("r")
		p.see("not refreshed: the credentials expired; run aws sso login --profile prod", "HOP101", "client-service")
		p.press("r").notSee("not refreshed", " client-service  ").see("1 of 1 service ")
	})
}

func TestARefreshKeepsTheOldPictureUntilTheNewOneIsComplete(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.AllOn80), gives(sample.Snapshot()), takes(sample.Loading(9, 3), sample.Loading(9, 9)))
		p.press("r").see("refreshing: 3 of 9 services", "sample-ecs-app").notSee("service-0001")
		p.press("r").see("still reading")
		p.wait(time.Second).see("9 of 9 services", "service-0001").notSee("refreshing", "sample-ecs-app  ")
	})
}

func TestWhenNothingCanBeReadTheScreenSaysWhatToDo(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.Opened), fails(errExpired), gives(sample.Snapshot()))
		p.see("hopscope cannot show anything", "the credentials expired; run aws sso login --profile prod", "r try again")
		p.press("r").see("sample-ecs-app")
	})
}

func TestTheAgeOfThePictureGoesOn(t *testing.T) {
	test(t, func(t *testing.T) {
		s := sample.Snapshot()
		s.CollectedAt = time.Now()
		p := run(t, in(sample.Opened), gives(s))
		p.see("now").wait(3 * time.Second).see("3 s ago").wait(20 * time.Second).see("20 s ago")
		p.wait(5 * time.Minute).see("5 min ago")
	})
}

func TestCopySendsTheExplanationToBothClipboards(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.Moved), gives(sample.Snapshot()))
		p.press("y").see("explanation sent to the clipboard")
		if len(p.copied) != 1 || !strings.Contains(p.copied[0], "no rule of sg-app admits sg-client on tcp 8080") {
			t.Errorf("copied %q", p.copied)
		}
		if !strings.Contains(p.screen.Sent(), ansi.SetSystemClipboard(p.copied[0])) {
			t.Error("the terminal was not asked to take it")
		}
		p.wait(4 * time.Second).notSee("sent to the clipboard")
	})
}

func TestExportAsksForANameAndNeverReplacesAFileUnasked(t *testing.T) {
	t.Chdir(t.TempDir())
	test(t, func(t *testing.T) {
		p := run(t, in(sample.Opened), gives(sample.Snapshot()))
		p.press("e").see("save to: hopscope-ap-northeast-1-20261122-090000.json").press("enter")
		p.see("saved to hopscope-ap-northeast-1-20261122-090000.json")
		p.wait(5*time.Second).press("e", "ctrl+u").types("/").press("enter").see("exists, save to: /")
		if len(p.saved) != 1 {
			t.Fatalf("saved %d files, want 1", len(p.saved))
		}
		p.types("x").see("save to: /x").notSee("exists").press("backspace", "enter", "enter").see("saved to /")
		if p.saved["/"] == nil {
			t.Error("the second enter did not save")
		}
	})
}

func TestQuitLeavesTheAlternateScreen(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		t.Run(key, func(t *testing.T) {
			test(t, func(t *testing.T) {
				p := run(t, in(sample.Opened), gives(sample.Snapshot()))
				p.press(key)
				if err := p.end(); err != nil {
					t.Errorf("the program ended with %v", err)
				}
				sent := p.screen.Sent()
				if in, out := strings.LastIndex(sent, "\x1b[?1049h"), strings.LastIndex(sent, "\x1b[?1049l"); in < 0 || out < in {
					t.Error("the alternate screen is still on")
				}
			})
		})
	}
}

func TestQuittingStopsTheCollection(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.Opened), takes(sample.Loading(9, 1), sample.Loading(9, 9)))
		p.press("q")
		if err := p.end(); err != nil {
			t.Error(err)
		}
	})
}

func TestATinyTerminalSaysSo(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.AllOn80), gives(sample.Snapshot()))
		p.resize(59, 16).see("terminal too small (60×16 needed)").notSee("sample-ecs-app")
		p.resize(60, 16).see("▲ sample-ecs-app").notSee("main-alb")
		p.press("enter").see("main-alb :80", "hop 1 of 2").press("esc").notSee("main-alb")
		p.resize(200, 60).see("main-alb", "HOP101", "3 paths", "2 of 2 services")
	})
}

func TestTheMouseSelectsServicesPathsAndHops(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.AllOn80), gives(sample.Snapshot()))
		p.click("client-service 1/1").seeSelected("client-service").see("no path leads to this service")
		p.click("sample-ecs-app 1/1").seeSelected("sample-ecs-app").click("──▶╭ app").see("hop 2 of 2", "loopback")
		p.click("? help").see("next and previous finding", "read everything again")
	})
}

func TestACallerShowsItsBrokenCalls(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.Moved), gives(sample.Snapshot()))
		p.click("client-service 1/1").seeSelected("client-service").see("calls to app.sample-namespace:80: blocked")
	})
	test(t, func(t *testing.T) {
		p := run(t, in(sample.Opened), gives(sample.Snapshot()))
		p.click("client-service 1/1").seeSelected("client-service").notSee("calls to")
	})
}

func TestHelpNamesEveryKeyThatWorks(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.AllOn80), gives(sample.Snapshot()))
		p.resize(100, 60).press("?").see("next and previous finding", "filter the services", "save the snapshot",
			"copy the explanation", "read everything again", "leave hopscope", "closed: refused")
		p.press("?").see("n N finding").notSee("signs")
	})
}

func TestAKeyWithoutUseSaysWhy(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.Opened), gives(sample.Snapshot(sample.Client)))
		p.press("tab").see("no path leads to this service").press("n").see("no findings")
	})
}

func TestColoursAreSixteenAndNoneWhereNoColorIsSet(t *testing.T) {
	test(t, func(t *testing.T) {
		colour := run(t, in(sample.Moved), gives(sample.Snapshot())).screen.Sent()
		if !strings.Contains(colour, "31m") || strings.Contains(colour, "38;") {
			t.Error("not the 16 colours of ANSI")
		}
	})
	test(t, func(t *testing.T) {
		p := runWith(t, []string{"NO_COLOR=1", "TTY_FORCE=1"}, in(sample.Moved), gives(sample.Snapshot()))
		for _, code := range []string{"31m", "32m", "33m", "35m", "36m"} {
			if strings.Contains(p.screen.Sent(), code) {
				t.Errorf("colour %s is sent", code)
			}
		}
		p.see("✗ sample-ecs-app", "blocked")
	})
}

func TestTextFromTheAccountCannotControlTheTerminal(t *testing.T) {
	const evil = "evil\x1b]0;owned\x07\x1b[2J\u202e"
	test(t, func(t *testing.T) {
		s := sample.Snapshot()
		r := sample.Report(s, sample.Moved)
		r.Findings[0].Title, r.Findings[0].Detail = evil, evil
		r.Paths[1].Hops[1].Why, r.Paths[1].Source.Endpoint = evil, evil
		s.Scope.Region, s.Scope.Clusters[0] = evil, evil
		s.Gaps = []model.Gap{{Action: evil, State: model.Failed, Error: evil, Effect: evil, Message: evil}}
		p := run(t, always(r), gives(s), fails(errors.New(evil)))
		p.press("tab", "enter", "y", "esc", "F", "esc", "n", "r")
		for _, bad := range []string{"\x1b]0;owned", "\x1b[2J\u202e", "\u202e", "owned\x07"} {
			if strings.Contains(p.screen.Sent(), bad) {
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
		s := sample.Snapshot()
		s.CollectedAt = time.Now()
		p := run(t, in(sample.Opened), gives(s)).wait(2 * time.Minute)
		views := p.messages.Load()
		p.wait(10*time.Minute + time.Second)
		if n := p.messages.Load() - views; n != 10 {
			t.Errorf("%d messages in 10 idle minutes, want one a minute", n)
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
				p := run(t, in(sample.Opened), gives(sample.Snapshot()))
				p.cancel(c.cause)
				if err := p.end(); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				if !strings.Contains(p.screen.Sent(), "\x1b[?1049l") {
					t.Error("the alternate screen is still on")
				}
			})
		})
	}
}

func TestAPanicRestoresTheTerminalAndIsAnError(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, in(sample.Opened), gives(sample.Snapshot()), func(context.Context, func(*model.Snapshot)) (*model.Snapshot, error) {
			panic("a bug")
		})
		p.press("r")
		if err := p.end(); !errors.Is(err, tea.ErrProgramPanic) {
			t.Errorf("got %v", err)
		}
		if !strings.Contains(p.screen.Sent(), "\x1b[?1049l") {
			t.Error("the alternate screen is still on")
		}
	})
}
