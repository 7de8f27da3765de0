package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/text"
)

// action is something that a key does. The keys, the footer and the help of a
// screen come from its list of actions.
type action struct {
	// id names the action on its screen, for configuration and the palette: "next-finding".
	id string
	// keys are what [tea.KeyPressMsg] calls them: "j", "down", "ctrl+c".
	keys []string
	// key is how footer and help write them: "↑↓".
	key string
	// name is one or two words for the footer; "" leaves it out there.
	name string
	// help is one line for the help screen.
	help string
	run  func(*App) tea.Cmd
	// off says why the action has no use now; nil or "" when it has.
	off func(*App) string
}

// do wraps what has no side effect as the run of an action.
func do(f func(*App)) func(*App) tea.Cmd {
	return func(a *App) tea.Cmd { f(a); return nil }
}

// screen is what has the keys and fills the body.
type screen interface {
	// actions are what its keys do, in the order of the footer.
	actions() []action
	// draw draws the screen, all but header and footer.
	draw(a *App, f frameDrawing)
}

// typist is a screen with an input: it gets the keys that are no action.
type typist interface {
	typed(a *App, msg tea.Msg) tea.Cmd
}

// clicker is a screen that the mouse can be used on.
type clicker interface {
	clicked(a *App, x, y int)
	wheeled(a *App, x, y, by int)
}

// pressKey finds the action of a key on the top screen, or on all screens. A key that
// has none says so, and does nothing else.
func pressKey(a *App, msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	if act := actionOf(terminalActions(), key); act != nil {
		return act.press(a)
	}
	if act := actionOf(a.top().actions(), key); act != nil {
		return act.press(a)
	}
	switch a.top().(type) {
	case typist:
		return typed(a, msg)
	case *confirmScreen: // its last line says which keys answer
		return nil
	}
	if act := actionOf(globalActions(), key); act != nil {
		return act.press(a)
	}
	if key = text.Clean(key); key == "" {
		return nil
	}
	return a.say("no key " + text.Elide(key, longestKey) + " · ? help")
}

// longestKey is the room for the name of a key without a meaning.
const longestKey = 20

func actionOf(actions []action, key string) *action {
	i := slices.IndexFunc(actions, func(act action) bool { return slices.Contains(act.keys, key) })
	if i < 0 {
		return nil
	}
	return &actions[i]
}

// globalActions work on every screen that has no input and asks nothing, unless it has
// an action of its own for the key.
func globalActions() []action { return []action{paletteAction(), helpAction()} }

// press runs the action, or says why it has no use now.
func (act *action) press(a *App) tea.Cmd {
	if act.off != nil {
		if why := act.off(a); why != "" {
			return a.say(why)
		}
	}
	return act.run(a)
}

// typed gives a key or pasted text to an input; elsewhere it has no meaning.
func typed(a *App, msg tea.Msg) tea.Cmd {
	if t, ok := a.top().(typist); ok {
		return t.typed(a, msg)
	}
	return nil
}

// quit ends the program. While something is being changed it asks first.
func quit(a *App) tea.Cmd {
	if x := a.activities.changing(); x != nil {
		return askToLeave(a, x)
	}
	a.loading.stop()
	return tea.Quit
}

// The actions that most screens share.
func quitAction() action {
	return action{id: "quit", keys: []string{"q", "ctrl+c"}, key: "q", name: "quit", help: "leave hopscope", run: quit}
}

func backAction() action {
	return action{id: "back", keys: []string{"esc", "q"}, key: "esc", name: "back", help: "go back", run: do((*App).back)}
}

// interruptAction is for screens where q is something else.
func interruptAction() action {
	return action{id: "interrupt", keys: []string{"ctrl+c"}, key: "ctrl+c", help: "leave hopscope", run: quit}
}

// scrollActions are those of screens that are text.
func scrollActions(p func(*App) *pager) []action {
	by := func(lines func(*pager) int) func(*App) tea.Cmd {
		return do(func(a *App) { p(a).scroll(lines(p(a))) })
	}
	return []action{
		{
			id: "down", keys: []string{"down", "j"}, key: "↑↓ jk", name: "scroll", help: "scroll a line",
			run: by(func(*pager) int { return 1 }),
		},
		{id: "up", keys: []string{"up", "k"}, run: by(func(*pager) int { return -1 })},
		{
			id: "page-down", keys: []string{"pgdown", "space", "ctrl+d"}, key: "pgup pgdn", help: "scroll a page",
			run: by(func(p *pager) int { return p.height - 1 }),
		},
		{id: "page-up", keys: []string{"pgup", "ctrl+u"}, run: by(func(p *pager) int { return 1 - p.height })},
		{
			id: "first", keys: []string{"g", "home"}, key: "g G", help: "first line, last line",
			run: by(func(p *pager) int { return -len(p.lines) }),
		},
		{id: "last", keys: []string{"G", "end"}, run: by(func(p *pager) int { return len(p.lines) })},
	}
}
