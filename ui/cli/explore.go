package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"hopscope/model"
	"hopscope/model/journal"
	"hopscope/ui"
)

// exploration is what the explorer is opened for.
type exploration struct {
	// kind and origin say in the header what is explored.
	kind   ui.Kind
	origin string
	open   func(everything bool) (Opened, error)
	// applyOff says why nothing can be applied; "" when it can be.
	applyOff string
	// passing is set for a world that ends with the program: its journal does too.
	passing bool
}

// explore shows a source on the screen, or, where there is none, prints the
// human report: a pipe is never left with a program that waits for keys. The
// report is that of check, with everything that rules need; the screen takes from
// the account's rates no more than it needs.
func (r *run) explore(ctx context.Context, e exploration) (Status, error) {
	opened, err := e.open(!r.Terminal)
	if err != nil {
		return CannotCheck, err
	}
	if !r.Terminal {
		read, err := r.collect(ctx, opened)
		if err != nil {
			return CannotCheck, err
		}
		r.note("no terminal here, so this is the report; the explorer needs one")
		return Clean, r.present(read, r.viewOf(formatHuman))
	}
	seen := &watched{Source: opened.Source}
	o := ui.Options{
		Source: seen, Kind: e.kind, Origin: e.origin, Clock: r.Clock, Copy: r.Copy,
		Save: func(_ context.Context, path string, s *model.Snapshot) error {
			return model.WriteFile(path, s, model.FileOptions{Tool: r.tool(), Overwrite: true})
		},
		Report: func(_ context.Context, path string, write func(io.Writer) error) error {
			return model.ReplaceFile(path, write)
		},
	}
	if opened.Meter != nil {
		o.Meter = opened.Meter
	}
	o.CrashReport = r.reportPanic
	if e.applyOff == "" {
		store, remove, err := r.store(e.passing)
		if err != nil {
			return CannotCheck, err
		}
		defer remove()
		o.Applier = opened.Applier(store)
	}
	o.ApplyOff = e.applyOff
	begun := r.Clock()
	err = r.Explore(ctx, o)
	if !e.passing && e.applyOff == "" {
		r.noteUnfinished(begun)
	}
	if err == nil {
		err = seen.failure()
	}
	return Clean, err
}

// reportPanic writes the report of a panic where only this user can read it.
func (r *run) reportPanic(text string) (string, error) {
	f, err := os.CreateTemp("", "hopscope-panic-*.txt")
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(f, "%s\n%s", r.tool(), text)
	return f.Name(), errors.Join(err, f.Close())
}

// noteUnfinished names what was being applied, or taken back, when the user left.
func (r *run) noteUnfinished(since time.Time) {
	entries, _, err := journal.Store{Dir: r.JournalDir}.List()
	if err != nil {
		r.note("whether something is left half done cannot be told: %v", err)
	}
	for _, entry := range entries {
		switch entry.State {
		case journal.Applying, journal.RollingOut, journal.Verifying, journal.RollingBack, journal.Failed:
			if !entry.UpdatedAt.Before(since) && canUndo(entry) {
				r.note("entry %s for %s is %s; to take it back: %s",
					entry.ID, entry.Plan.Service, stateWords(entry), entry.RollbackCommand())
			}
		default:
		}
	}
}

// watched is a source that remembers whether it ever gave anything. A screen that
// had nothing but an error to show leaves the error behind when it closes.
type watched struct {
	ui.Source

	mu       sync.Mutex
	answered bool
	err      error
}

// Collect passes on what the source does.
func (w *watched) Collect(ctx context.Context, progress func(*model.Snapshot)) (*model.Snapshot, error) {
	s, err := w.Source.Collect(ctx, progress)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answered = w.answered || err == nil
	if ctx.Err() == nil { // leaving in the middle is no failure
		w.err = err
	}
	return s, err
}

// LookAt passes on what the user looks at, to a source that cares.
func (w *watched) LookAt(service model.Ref) {
	if source, cares := w.Source.(ui.Attentive); cares {
		source.LookAt(service)
	}
}

func (w *watched) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.answered {
		return nil
	}
	return w.err
}

// tool names the program and its version in the files that it writes.
func (p *Program) tool() string { return "hopscope " + p.Version }

// defaultWorld is the world of a demo that names none: one screen, one finding.
const defaultWorld = "article"

func (r *run) demoCommand() *cobra.Command {
	var named string
	var services int
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Explore a world of the simulator, without an account",
		Long: `Explore a world of the simulator. Applying fixes is on: nothing outside this
program changes, and the journal of what was applied ends with it.`,
		Example: "hopscope demo\nhopscope demo --world shop\nhopscope demo --services 1000",
		Args:    noArgs,
	}
	cmd.RunE = r.action(func(ctx context.Context, _ []string) (Status, error) {
		world, err := fleetWorld(cmd, named, services)
		if err != nil {
			return CannotCheck, err
		}
		r.from = []string{"--demo", world}
		return r.explore(ctx, exploration{
			kind: ui.Simulated, origin: filepath.Base(world), passing: true,
			open: func(everything bool) (Opened, error) {
				return r.openWorld(ctx, WorldOptions{World: world, Everything: everything})
			},
		})
	})
	r.registerWorld(cmd, &named)
	cmd.Flags().IntVar(&services, "services", 0,
		fmt.Sprintf("explore so many generated services instead, 1 to %d (the world %sN)", r.MaxFleet, fleetPrefix))
	return cmd
}

func (r *run) openCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "open FILE",
		Short: "Explore a saved snapshot, offline",
		Args:  exactArgs("the snapshot file"),
		RunE: r.action(func(ctx context.Context, args []string) (Status, error) {
			r.from = []string{"--snapshot", args[0]}
			return r.explore(ctx, exploration{
				kind: ui.Saved, origin: filepath.Base(args[0]), applyOff: offInFile,
				open: func(bool) (Opened, error) { return openFile(ctx, args[0]) },
			})
		}),
	}
}
