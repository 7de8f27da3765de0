package ui

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/export"
	"hopscope/model/fix/planner"
	"hopscope/model/report"
	"hopscope/ui/canvas"
	"hopscope/ui/diagram"
)

// exportScreen is the main screen while the name of a file is typed.
type exportScreen struct {
	*mainScreen
	name input
	// confirmed is the existing file that may be replaced.
	confirmed string
	// saving is set while the file is being written.
	saving bool
}

func cannotSave(a *App) string {
	if a.o.Save == nil {
		return "saving is not available here"
	}
	return nothingLoaded(a)
}

func openExport(a *App) {
	a.open(&exportScreen{mainScreen: a.main, name: newInput(exportName(a.inventory.Snapshot))})
}

// exportName is a name that tells snapshots apart.
func exportName(s *model.Snapshot) string {
	name := "hopscope"
	if s.Scope.Region != "" {
		name += "-" + strings.Map(func(r rune) rune {
			if strings.ContainsRune(`/\:`, r) || text.Hidden(r) {
				return '-'
			}
			return r
		}, s.Scope.Region)
	}
	if !s.CollectedAt.IsZero() {
		name += s.CollectedAt.UTC().Format("-20060102-150405")
	}
	return name + ".json"
}

func (s *exportScreen) actions() []action {
	return []action{
		{id: "save", keys: []string{"enter"}, key: "enter", name: "save", help: "save the snapshot", run: s.save},
		{id: "back", keys: []string{"esc"}, key: "esc", name: "back", help: "go back", run: do((*App).back)},
		interruptAction(),
	}
}

func (s *exportScreen) typed(_ *App, msg tea.Msg) tea.Cmd {
	s.confirmed = ""
	return s.name.typed(msg)
}

func (s *exportScreen) clicked(*App, int, int) {}

func (s *exportScreen) wheeled(*App, int, int, int) {}

// save writes the file in a command. A file that exists is replaced only when
// enter is pressed again.
func (s *exportScreen) save(a *App) tea.Cmd {
	path := expanded(strings.TrimSpace(s.name.Value()))
	if path == "" || s.saving {
		return nil
	}
	s.saving = true
	ctx, write, replace := a.clock.ctx, writerOf(a, path), s.confirmed == path
	return func() tea.Msg {
		if _, err := os.Lstat(path); !replace && !errors.Is(err, fs.ErrNotExist) {
			return savedMsg{path: path, exists: err == nil, err: err}
		}
		return savedMsg{path: path, err: write(ctx)}
	}
}

// writerOf writes what the name of a file asks for: a report in a format, or else the
// snapshot, whose files are .json and .json.gz.
func writerOf(a *App, path string) func(context.Context) error {
	format, known := export.OfFile(path)
	analysis := a.inventory.Analysis
	if !known || format.Name == "json" || a.o.Report == nil {
		return func(ctx context.Context) error { return a.o.Save(ctx, path, analysis.Snapshot) }
	}
	return func(ctx context.Context) error {
		plans, err := planner.Plans(analysis)
		if err != nil {
			return err
		}
		d := &export.Document{Report: report.New(analysis, plans), Index: analysis.Index, Draw: diagram.Text}
		return a.o.Report(ctx, path, func(w io.Writer) error { return format.Write(w, d) })
	}
}

// expanded is a path with the home directory in the place of ~, as a shell has it.
func expanded(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && !os.IsPathSeparator(rest[0]) {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return home + rest
}

// saved tells how it went, and asks where a file is in the way.
func saved(a *App, msg savedMsg) tea.Cmd {
	s, asking := a.top().(*exportScreen)
	if asking {
		s.saving = false
	}
	switch {
	case msg.exists && asking:
		s.confirmed = msg.path
		return nil
	case msg.err != nil:
		if asking {
			a.back()
		}
		return a.say(fmt.Sprintf("not saved: %v", msg.err))
	case asking:
		a.back()
	}
	return a.say("saved to " + msg.path)
}

// drawPrompt draws the name that is being typed, in the footer.
func (s *exportScreen) drawPrompt(a *App, c canvas.Canvas, cursor *image.Point) {
	label, hint := "save to: ", "enter save  esc back"
	if s.confirmed != "" {
		label, hint = "exists, save to: ", "enter replaces it  esc back"
	}
	x := c.Text(1, 0, label, a.theme.Accent)
	width := c.Size().X
	end := width - text.Width(hint) - 3
	if needed := x + text.Width(s.name.Value()) + 1; needed <= end {
		c.TextRight(width-1, 0, hint, a.theme.Dim)
	} else {
		end = width - 1
	}
	at := s.name.draw(c.In(image.Rect(0, 0, end, 1)), x, a.theme)
	*cursor = at.Add(a.layout().footer.Min)
}
