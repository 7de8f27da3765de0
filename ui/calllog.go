package ui

import (
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/model/words"
	"hopscope/ui/theme"
)

// logScreen shows every mutating call that was made in this session.
type logScreen struct{ pager }

func logAction() action {
	return action{
		id: "log", keys: []string{"L"}, key: "L", name: "log",
		help: "every call that changed something in this session", run: do(openLog),
	}
}

func openLog(a *App) {
	s := &logScreen{}
	a.open(s)
	s.scroll(len(s.lines))
}

func (s *logScreen) actions() []action {
	return append(scrollActions(func(*App) *pager { return &s.pager }),
		action{
			id: "copy", keys: []string{"y"}, key: "y", name: "copy", help: "copy the calls as a script", run: s.copy,
			off: nothingChanged,
		},
		action{id: "close", keys: []string{"enter", "L"}, help: "go back", run: do((*App).back)},
		backAction(), interruptAction())
}

func nothingChanged(a *App) string {
	if len(a.activities.calls()) == 0 {
		return "nothing was changed"
	}
	return ""
}

// copy copies the calls: time and outcome as comments, the commands as they are.
func (s *logScreen) copy(a *App) tea.Cmd {
	var b strings.Builder
	for _, call := range a.activities.calls() {
		b.WriteString(text.Clean("# "+clockTime(call.Time)+" "+string(call.Action)+": "+call.Outcome()) + "\n")
		command := text.CleanLines(call.Command)
		if call.Error != "" {
			// What was refused changed nothing; what got no answer may have been carried
			// out. Neither is repeated when this is pasted.
			command = "# " + strings.ReplaceAll(command, "\n", "\n# ")
		}
		b.WriteString(command + "\n")
	}
	return a.copy(words.Count(len(a.activities.calls()), "call"), b.String())
}

func (s *logScreen) fit(a *App, size image.Point) {
	e := prose{a.theme}
	s.paragraphs = nil
	for i, call := range a.activities.calls() {
		if i > 0 {
			s.paragraphs = append(s.paragraphs, blank)
		}
		state, words := theme.Good, call.Outcome()
		switch {
		case call.Lost:
			state = theme.Unknown
		case call.Error != "":
			state = theme.Bad
		}
		s.paragraphs = append(s.paragraphs,
			paragraph{
				lead: state.Glyph() + " " + clockTime(call.Time) + " ", leadStyle: e.State(state),
				text: string(call.Action) + ": " + words, style: e.Strong, indent: 2,
			},
			paragraph{text: call.Command, code: true, leadStyle: e.Dim})
	}
	if len(s.paragraphs) == 0 {
		s.paragraphs = []paragraph{{
			lead: theme.Good.Glyph() + " ", leadStyle: e.State(theme.Good),
			text: "nothing was changed: hopscope sent no call but those that read",
		}}
	}
	s.pager.fit(size.X-pageMargin, size.Y-1)
}

func (s *logScreen) draw(a *App, f frameDrawing) {
	drawPage(a, f, &s.pager, words.Count(len(a.activities.calls()), "call")+" that change something")
}

func (s *logScreen) clicked(*App, int, int) {}

func (s *logScreen) wheeled(_ *App, _, _, by int) { s.scroll(by * wheelLines) }
