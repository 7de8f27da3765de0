package uitest

import (
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"
)

var named = map[string]tea.Key{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
	"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift},
	"up":        {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
	"home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd}, "pgup": {Code: tea.KeyPgUp},
	"pgdown": {Code: tea.KeyPgDown},
	"space":  {Code: tea.KeySpace, Text: " "}, "backspace": {Code: tea.KeyBackspace},
	"delete": {Code: tea.KeyDelete}, "f1": {Code: tea.KeyF1},
	"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+d": {Code: 'd', Mod: tea.ModCtrl},
	"ctrl+n": {Code: 'n', Mod: tea.ModCtrl},
	"ctrl+p": {Code: 'p', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl},
}

// Named are the names of the keys that have no letter, sorted.
func Named() []string { return slices.Sorted(maps.Keys(named)) }

// Key is the press of a key with a name, or of the one with a letter.
func Key(name string) tea.KeyPressMsg {
	key, ok := named[name]
	if !ok {
		key = tea.Key{Text: name, Code: []rune(name)[0]}
	}
	return tea.KeyPressMsg(key)
}

// Keys are presses of keys by name or letter.
func Keys(names ...string) []tea.KeyPressMsg {
	keys := make([]tea.KeyPressMsg, len(names))
	for i, name := range names {
		keys[i] = Key(name)
	}
	return keys
}
