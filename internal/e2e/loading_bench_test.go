package e2e

import (
	"context"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/app"
	"hopscope/model"
	"hopscope/ui"
	"hopscope/ui/cli"
	"hopscope/ui/uitest"
)

// Reading 5000 services on the screen, as hopscope demo --services 5000 does: the
// simulator's share is in the figures, as it answers in the same process.
func BenchmarkLoadingAFleetOnTheScreen(b *testing.B) {
	const services = 5000
	for b.Loop() {
		w := &watchedLoading{complete: fmt.Sprintf("%d of %d services · ", services, services)}
		before := processTime(b)
		p := app.NewProgram(app.Settings{})
		p.Explore = func(ctx context.Context, o ui.Options) error {
			w.source, o.Source = o.Source, w
			w.App = ui.New(o)
			_, err := tea.NewProgram(w, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(io.Discard),
				tea.WithWindowSize(120, 40), tea.WithEnvironment(uitest.Environ), tea.WithoutSignals()).Run()
			return err
		}
		p.Copy, p.Terminal, p.JournalDir = nil, true, b.TempDir()
		p.Stdin, p.Stdout, p.Stderr = strings.NewReader(""), io.Discard, io.Discard
		if status := p.Run(b.Context(), []string{"demo", "--services", fmt.Sprint(services)}); status != cli.Clean {
			b.Fatalf("exit status %d", status)
		}
		b.ReportMetric((processTime(b) - before).Seconds(), "cpu-s")
		b.ReportMetric(float64(w.handedOut), "snapshots")
		b.ReportMetric(float64(w.analyses), "analyses")
		b.ReportMetric(float64(w.updates), "updates")
	}
}

// watchedLoading is the explorer and its source; it counts what the one gives and the
// other does with it, and leaves when all is shown.
type watchedLoading struct {
	*ui.App

	source ui.Source
	// complete is in the header when everything was read and analysed.
	complete                     string
	handedOut, analyses, updates int
	collected                    bool
}

func (w *watchedLoading) Collect(ctx context.Context, progress func(*model.Snapshot)) (*model.Snapshot, error) {
	return w.source.Collect(ctx, func(s *model.Snapshot) {
		w.handedOut++
		progress(s)
	})
}

func (w *watchedLoading) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	_, cmd := w.App.Update(msg)
	w.updates++
	switch name := fmt.Sprintf("%T", msg); name {
	case "ui.collectedMsg":
		w.collected = true
	case "ui.analyzedMsg":
		w.analyses++
		if w.collected && strings.Contains(w.View().Content, w.complete) {
			return w, tea.Quit
		}
	}
	return w, cmd
}

// processTime is the CPU time of this process so far.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
