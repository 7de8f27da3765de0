package ui

import (
	tea "charm.land/bubbletea/v2"
)

// terminalActions are what a terminal's user expects of some keys everywhere, also while
// something is typed or asked.
func terminalActions() []action {
	return []action{
		{
			id: "suspend", keys: []string{"ctrl+z"}, key: "ctrl+z", help: "suspend; fg goes on",
			run: func(*App) tea.Cmd { return tea.Suspend }, off: cannotSuspend,
		},
		{
			id: "draw-again", keys: []string{"ctrl+l"}, key: "ctrl+l", help: "draw the screen again",
			run: func(*App) tea.Cmd { return tea.ClearScreen },
		},
	}
}

// cannotSuspend says why the program does not stop: what it waits for would go on unseen.
func cannotSuspend(a *App) string {
	if x := a.activities.changing(); x != nil {
		return "not suspended: " + x.service().Service + " is being changed"
	}
	return ""
}
