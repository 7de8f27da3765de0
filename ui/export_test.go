package ui

import tea "charm.land/bubbletea/v2"

// Observe is an option that tells a test which program runs.
func Observe(p **tea.Program) tea.ProgramOption {
	return func(running *tea.Program) { *p = running }
}
