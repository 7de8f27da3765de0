package ui

import (
	"image"
	"strings"

	"hopscope/internal/text"
	"hopscope/ui/theme"
)

// helpScreen explains keys and signs.
type helpScreen struct{ pager }

func helpAction() action {
	return action{id: "help", keys: []string{"?"}, help: "keys and signs", run: do(openHelp)}
}

func openHelp(a *App) { a.open(&helpScreen{}) }

func (s *helpScreen) actions() []action {
	return append(scrollActions(func(*App) *pager { return &s.pager }),
		action{id: "close", keys: []string{"?", "enter"}, help: "go back", run: do((*App).back)},
		backAction(), interruptAction())
}

func (s *helpScreen) fit(a *App, size image.Point) {
	s.paragraphs = helpText{prose{a.theme}}.help()
	s.pager.fit(size.X-pageMargin, size.Y-1)
}

func (s *helpScreen) draw(a *App, f frameDrawing) { drawPage(a, f, &s.pager, "help") }

func (s *helpScreen) clicked(*App, int, int) {}

func (s *helpScreen) wheeled(_ *App, _, _, by int) { s.scroll(by * wheelLines) }

// helpText writes about keys and signs.
type helpText struct{ prose }

// help is the text of the help screen. The keys come from the screens.
func (e helpText) help() []paragraph {
	out := []paragraph{e.heading("keys")}
	out = append(out, e.keys(mainActions())...)
	out = append(out, paragraph{text: "The mouse selects services, paths and hops, and scrolls."}, blank,
		e.heading("signs"))
	for _, s := range []struct {
		state theme.State
		text  string
	}{
		{theme.Bad, "broken: requests do not arrive, or the configuration cannot work"},
		{theme.Warn, "works, with a hop or a risk that need not be"},
		{theme.Unknown, "cannot be judged: a fact is missing"},
		{theme.Good, "fine"},
		{theme.Calm, "closed: refused, with no sign that it should be open"},
		{theme.None, "no path, or not loaded yet"},
	} {
		out = append(out, paragraph{lead: "  " + s.state.Glyph() + " ", leadStyle: e.State(s.state), text: s.text})
	}
	out = append(out,
		paragraph{lead: "  ───▶ ", text: "a hop; the number over it is the port that security groups see"},
		paragraph{lead: "  ╌×╌  ", text: "a hop that a security group or network ACL refuses"},
		paragraph{lead: "  ╌?╌  ", text: "a hop that cannot be judged"},
	)
	return append(out, e.otherKeys()...)
}

// otherKeys are the keys of the screens on top of the main one.
func (e helpText) otherKeys() []paragraph {
	var out []paragraph
	for _, s := range []struct {
		name   string
		screen screen
	}{
		{"findings (F)", &findingsScreen{}},
		{"filter (/)", filterScreen{}},
		{"go to (:)", &paletteScreen{}},
		{"fix sheet (f)", &fixScreen{}},
		{"plans (f, then p)", &plansScreen{sheet: &fixScreen{}}},
		{"what is being applied (f, while it goes on or when it is over)", &applyScreen{}},
		{"what if (w)", &whatIfScreen{}},
	} {
		out = append(out, blank, e.heading(s.name))
		out = append(out, e.keys(s.screen.actions())...)
	}
	return out
}

// keys is a table of actions.
func (e helpText) keys(actions []action) []paragraph {
	const column = 12
	var out []paragraph
	for _, a := range actions {
		if a.key == "" {
			continue
		}
		pad := strings.Repeat(" ", max(column-text.Width(a.key), 1))
		out = append(out, paragraph{lead: "  " + a.key + pad, leadStyle: e.Key, text: a.help})
	}
	return out
}
