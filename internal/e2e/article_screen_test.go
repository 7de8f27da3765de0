package e2e

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws"
	"hopscope/aws/collect"
	"hopscope/ui"
	"hopscope/ui/uitest"
)

// The article's experiment, walked through by hand: simulator → SDK → screen.
func TestTheArticleFromTheAccountToTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newArticle(t)
		account, err := aws.Open(t.Context(), aws.Options{Transport: a.simulator, Origin: "simulator:article"})
		if err != nil {
			t.Fatal(err)
		}
		source, err := collect.New(account, collect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		x := uitest.NewTerminal(t, 100, 30)
		x.Run(func(ctx context.Context) error {
			return ui.Run(ctx, ui.New(ui.Options{Source: source, Clock: time.Now}),
				ui.Terminal{Out: x, Environ: uitest.Environ}, x.Options()...)
		})
		x.WaitFor("▍▲ sample-ecs-app", "main-alb :80 → sample-ecs-app:80", "unnecessary hop",
			"┼▶╭ agent :80 ╮──▶╭ app :80 ╮",
			"ok (by agent)", "HOP101", "HOP106", "2 of 2 services", "0 failed")

		x.Press("g") // choose the first row, which the selection then follows
		a.override(t, 8080)
		x.Press("r")
		x.WaitFor("▍✗ sample-ecs-app", "blocked", "╌×╌╌", "ok, direct", "──▶╭ app :80 ╮",
			"NET201", "8080")

		a.open(t, 8080)
		x.Press("r")
		x.WaitFor("▍● sample-ecs-app", "ok, direct", "ok (by agent)", "0 ✗  0 ▲")

		if err := x.Quit(); err != nil {
			t.Error(err)
		}
	})
}
