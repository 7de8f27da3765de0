package ui_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/ui"
)

func TestAPanicIsReportedWithoutWhatWasRead(t *testing.T) {
	test(t, func(t *testing.T) {
		var report string
		var fatal atomic.Bool
		p := runApp(t, nil, func(o *ui.Options) {
			o.Clock = func() time.Time {
				if fatal.Load() {
					panic("arn:aws:ecs:secret")
				}
				return time.Now()
			}
			o.CrashReport = func(text string) (string, error) { report = text; return "/tmp/report.txt", nil }
		}, gives(opened()))
		fatal.Store(true)
		p.Press("down")
		err := p.End()
		if !errors.Is(err, tea.ErrProgramPanic) || !strings.Contains(err.Error(), "/tmp/report.txt is a report") {
			t.Errorf("got %v", err)
		}
		if !strings.Contains(p.Sent(), "\x1b[?1049l") {
			t.Error("the alternate screen is still on")
		}
		for _, want := range []string{"panic: string\n", "screen: *ui.mainScreen of 1, 80×24", "hopscope/ui.(*App)"} {
			if !strings.Contains(report, want) {
				t.Errorf("no %q in\n%s", want, report)
			}
		}
		if strings.Contains(report, "secret") || strings.Contains(report, "sample-ecs-app") {
			t.Errorf("the report quotes what was read:\n%s", report)
		}
	})
}

func TestCtrlLDrawsTheScreenAgain(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(opened()))
		for _, open := range []string{"down", "/", "?"} {
			p.Press(open).See("hopscope")
			before := len(p.Sent())
			p.Send(tea.KeyPressMsg{Code: 'l', Mod: tea.ModCtrl}).NotSee("no key")
			if again := p.Sent()[before:]; !strings.Contains(again, "hopscope") {
				t.Errorf("after %s: ctrl+l sent %q", open, again)
			}
			p.Press("esc")
		}
	})
}

func TestPastedTextPressesNoKeys(t *testing.T) {
	test(t, func(t *testing.T) {
		p := run(t, gives(allOn80()), gives(named("other")))
		shown := p.Text()
		if p.Send(tea.PasteMsg{Content: "frq\r\x03"}); p.Text() != shown || p.HasEnded() {
			t.Errorf("pasted text did something:\n%s", p.Text())
		}
		p.Press("f", "a").Send(tea.PasteMsg{Content: "y\n"})
		if p.source.calls != 1 {
			t.Errorf("%d readings, want 1", p.source.calls)
		}
	})
}

func TestATildeIsTheHomeDirectory(t *testing.T) {
	t.Setenv("HOME", filepath.Join(t.TempDir(), "h"))
	home := os.Getenv("HOME")
	test(t, func(t *testing.T) {
		p := run(t, gives(opened()))
		p.Press("e", "ctrl+u").Type("~/a.json").Press("enter").WaitFor("saved to " + home[:min(len(home), 40)])
		if p.saved[home+"/a.json"] == nil {
			t.Errorf("saved %v", p.saved)
		}
		p.Press("e", "ctrl+u").Type("~other.json").Press("enter").See("saved to ~other.json")
	})
}

// The first digit takes the place of the port that is there.
func TestTypingReplacesThePort(t *testing.T) {
	test(t, func(t *testing.T) {
		p := fixing(t, nil, gives(opened()))
		p.Resize(160, 40).Press("down", "w").See("override  [8080 ]").Type("90").See("override  [90   ] now 8080")
		p.Type("99").See("[9099 ]").Press("down", "up").Type("7").See("[7    ] now 8080")
		p.Press("down", "up", "backspace").See("[     ]")
		p.Press("+", "down").See("sg-main-alb").Press("up").See("sg-client-service")
	})
}
