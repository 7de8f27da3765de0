package ui

import (
	"cmp"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
	"hopscope/model"
)

// copyExplanation copies the explanation of what is selected.
func copyExplanation(a *App) tea.Cmd {
	const width = 100
	all := a.main.explanation(a).inFull(width)
	if len(all) == 0 {
		return nil
	}
	return a.copyFrom("explanation", plainText(all))
}

// copyFrom copies text with a line that says where and when it was true: pasted into a
// chat, it stands alone.
func (a *App) copyFrom(what, said string) tea.Cmd {
	if a.inventory != nil {
		said = whereAndWhen(a.inventory.Snapshot) + "\n\n" + said
	}
	return a.copy(what, said)
}

// whereAndWhen names account and region of a snapshot, and its time.
func whereAndWhen(s *model.Snapshot) string {
	line := "account " + cmp.Or(s.Scope.Account, "not known") + " · " + cmp.Or(s.Scope.Region, "region not known")
	if !s.CollectedAt.IsZero() {
		line += s.CollectedAt.UTC().Format(" · read 2006-01-02 15:04:05Z")
	}
	return text.Clean(line)
}

// copy puts text on the clipboard in two ways: the terminal's own, which works
// over ssh but not in every terminal, and the one of the machine.
func (a *App) copy(what, text string) tea.Cmd {
	native := a.o.Copy
	return tea.Sequence(tea.SetClipboard(text), func() tea.Msg {
		if native == nil {
			return copiedMsg{what: what}
		}
		return copiedMsg{what: what, err: native(text)}
	})
}

// copied says what happened. Whether the terminal took the text is not known,
// and the machine may have no clipboard: "sent" is all that is certain.
func (a *App) copied(msg copiedMsg) tea.Cmd {
	if msg.err != nil {
		return a.say(msg.what + " sent to the terminal's clipboard")
	}
	return a.say(msg.what + " sent to the clipboard")
}
