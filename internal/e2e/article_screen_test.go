package e2e

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/aws"
	"hopscope/ui"
	"hopscope/ui/emulator"
)

// The article's experiment, walked through by hand: simulator → SDK → screen.
func TestTheArticleFromTheAccountToTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArticle(t)
		account, err := aws.Open(t.Context(), aws.Options{Transport: a.simulator, Origin: "simulator:article"})
		if err != nil {
			t.Fatal(err)
		}
		const width, height = 100, 30
		screen := emulator.New(width, height)
		var program *tea.Program
		ended := make(chan error, 1)
		go func() {
			ended <- ui.Run(t.Context(), ui.New(ui.Options{Source: account, Clock: time.Now}),
				ui.Terminal{Out: screen, Environ: []string{"TERM=" + emulator.Term}},
				tea.WithWindowSize(width, height), tea.WithoutSignalHandler(), func(p *tea.Program) { program = p })
		}()
		// Within a minute everything is read and drawn; the minute is fake.
		see := func(act string, texts ...string) {
			t.Helper()
			time.Sleep(time.Minute)
			synctest.Wait()
			for _, text := range texts {
				if !strings.Contains(screen.Text(), text) {
					t.Errorf("%s: no %q on\n%s", act, text, screen.Text())
				}
			}
		}
		press := func(key rune) { program.Send(tea.KeyPressMsg{Text: string(key), Code: key}) }

		see("all ports 80", "▍▲ sample-ecs-app", "main-alb :80 → sample-ecs-app:80", "unnecessary hop", "┼▶╭ agent :80 ╮──▶╭ app :80 ╮",
			"needed", "HOP101", "HOP106", "2 of 2 services", "0 failed")

		press('g') // choose the first row, which the selection then follows
		a.override(t, 8080)
		press('r')
		see("override 8080, group open on 80 only", "▍✗ sample-ecs-app", "blocked", "╌×╌╌", "ok, direct", "──▶╭ app :80 ╮", "NET201", "8080")

		a.open(t, 8080)
		press('r')
		see("8080 opened", "▍● sample-ecs-app", "ok, direct", "needed", "0 ✗  0 ▲")

		program.Quit()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
