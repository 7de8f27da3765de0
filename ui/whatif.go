package ui

import (
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// whatIfScreen is where a change is tried: the form, and what would follow.
type whatIfScreen struct {
	supposition supposition
	// serial numbers what is worked out; trying is set while that goes on, again
	// when more was typed since.
	serial        int
	trying, again bool
	trial         *trial
	cursor        int
	// top is the first row of the form in sight, rows how many there are.
	top, rows int
	results   pager
}

func openWhatIf(a *App) tea.Cmd {
	s := &whatIfScreen{supposition: suppose(a.inventory, a.services.current())}
	cmd := s.try(a)
	a.open(s)
	return cmd
}

// cannotTry says why there is nothing to try.
func cannotTry(a *App) string {
	switch {
	case a.inventory == nil:
		return "nothing is loaded yet"
	case a.services.current() == nil:
		return "no service is selected"
	case !a.inventory.final:
		return "still reading: wait a moment"
	}
	u := suppose(a.inventory, a.services.current())
	if len(u.endpoints) == 0 && len(u.groups) == 0 {
		return "nothing to try: " + u.ref.Service + " has no Service Connect endpoint, and its security groups are not known"
	}
	return ""
}

// field is a row of the form.
type field struct {
	kind fieldKind
	// at is the position of the endpoint, rule or addition.
	at int
}

type fieldKind int

const (
	overrideField fieldKind = iota
	removedField
	tlsField
	allRemovedField
	ruleField
	addedField
	addField
)

// fields are the rows that the cursor goes through.
func (u *supposition) fields() []field {
	var out []field
	for i := range u.endpoints {
		out = append(out, field{overrideField, i}, field{removedField, i}, field{tlsField, i})
	}
	if len(u.endpoints) > 1 {
		out = append(out, field{kind: allRemovedField})
	}
	for i := range u.rules {
		out = append(out, field{ruleField, i})
	}
	for i := range u.added {
		out = append(out, field{addedField, i})
	}
	if len(u.groups) > 0 {
		out = append(out, field{kind: addField})
	}
	return out
}

func (s *whatIfScreen) field() field {
	fields := s.supposition.fields()
	if s.cursor < len(fields) {
		return fields[s.cursor]
	}
	return field{kind: -1}
}

func (s *whatIfScreen) actions() []action {
	move := func(by int) func(*App) tea.Cmd { return do(func(a *App) { s.move(a, by) }) }
	scroll := func(by int) func(*App) tea.Cmd {
		return do(func(*App) { s.results.scroll(by * max(s.results.height-1, 1)) })
	}
	return []action{
		{keys: []string{"down", "j"}, key: "↑↓", name: "move", help: "next and previous field (also j k)", run: move(1)},
		{keys: []string{"up", "k"}, run: move(-1)},
		{keys: []string{"space", " ", "enter"}, key: "space", name: "tick", help: "tick or untick; on a port, type it", run: s.toggle},
		{keys: []string{"+"}, key: "+", name: "rule", help: "add a rule to the service's security group", run: s.openRule, off: s.noGroup},
		{keys: []string{"f"}, key: "f", name: "fix", help: "make a plan of what is tried", run: s.fix, off: s.cannotFix},
		{keys: []string{"r"}, key: "r", name: "reset", help: "everything as it is", run: s.reset},
		{keys: []string{"pgdown", "ctrl+d"}, key: "pgup pgdn", help: "scroll what would follow", run: scroll(1)},
		{keys: []string{"pgup", "ctrl+u"}, run: scroll(-1)},
		helpAction(), backAction(), interruptAction(),
	}
}

func (s *whatIfScreen) move(a *App, by int) {
	s.cursor = max(min(s.cursor+by, len(s.supposition.fields())-1), 0)
	a.arrange()
}

// typed edits a port: digits, and backspace.
func (s *whatIfScreen) typed(a *App, msg tea.Msg) tea.Cmd {
	f := s.field()
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		if paste, isPaste := msg.(tea.PasteMsg); isPaste && f.kind == overrideField {
			return s.edit(a, f, strings.TrimSpace(paste.Content))
		}
		return nil
	}
	name := key.String()
	isDigit := len(name) == 1 && name[0] >= '0' && name[0] <= '9'
	if !isDigit && name != "backspace" {
		return nil
	}
	if f.kind != overrideField && len(s.supposition.endpoints) == 0 {
		return a.say("there is no override to type: " + s.supposition.ref.Service + " offers no Service Connect endpoint")
	}
	if f.kind != overrideField {
		return a.say("digits go into an override: move there with ↑↓")
	}
	typed := s.supposition.endpoints[f.at].typed
	if isDigit {
		return s.edit(a, f, typed+name)
	}
	return s.edit(a, f, typed[:max(len(typed)-1, 0)])
}

// edit puts a port into a field, as far as it may be one.
func (s *whatIfScreen) edit(a *App, f field, text string) tea.Cmd {
	const digits = 5
	if len(text) > digits || strings.Trim(text, "0123456789") != "" {
		return a.say("a port has at most five digits")
	}
	s.supposition.endpoints[f.at].typed = text
	return s.changed(a)
}

func (s *whatIfScreen) changed(a *App) tea.Cmd {
	a.arrange()
	return s.try(a)
}

func (s *whatIfScreen) toggle(a *App) tea.Cmd {
	u, f := &s.supposition, s.field()
	switch f.kind {
	case overrideField:
		return a.say("type the port; backspace deletes; empty is no override")
	case removedField:
		u.endpoints[f.at].removed = !u.endpoints[f.at].removed
	case tlsField:
		u.endpoints[f.at].tls = !u.endpoints[f.at].tls
	case allRemovedField:
		all := !u.clientOnly()
		for i := range u.endpoints {
			u.endpoints[i].removed = all
		}
	case ruleField:
		u.rules[f.at].revoked = !u.rules[f.at].revoked
	case addedField:
		u.added = append(u.added[:f.at:f.at], u.added[f.at+1:]...)
	case addField:
		return s.openRule(a)
	default:
		return nil
	}
	return s.changed(a)
}

// clientOnly tells whether all endpoints are taken away.
func (u *supposition) clientOnly() bool {
	for i := range u.endpoints {
		if !u.endpoints[i].removed {
			return false
		}
	}
	return true
}

func (s *whatIfScreen) noGroup(*App) string {
	if len(s.supposition.groups) == 0 {
		return "the security groups of this service are not known"
	}
	return ""
}

func (s *whatIfScreen) reset(a *App) tea.Cmd {
	svc := a.inventory.service(s.supposition.ref)
	if svc == nil {
		return a.say("the service is gone")
	}
	s.supposition = suppose(a.inventory, svc)
	s.move(a, 0)
	return s.changed(a)
}

func (s *whatIfScreen) cannotFix(*App) string {
	switch {
	case !s.supposition.changed():
		return "nothing is tried yet: change something first"
	case s.supposition.wrong() != "":
		return s.supposition.wrong()
	}
	return ""
}

func (s *whatIfScreen) fix(a *App) tea.Cmd {
	return a.openSheet(wish{ref: s.supposition.ref, steps: s.supposition.steps()})
}

// follow tries the same on a new inventory.
func (s *whatIfScreen) follow(a *App) tea.Cmd { return s.try(a) }

func (s *whatIfScreen) clicked(a *App, x, y int) {
	form, _ := s.parts(a.layout().body.Size())
	at := image.Pt(x, y).Sub(a.layout().body.Min)
	if !at.In(form) {
		return
	}
	rows := s.formRows()
	if i := s.top + at.Y - form.Min.Y; i < len(rows) && rows[i].field >= 0 {
		s.cursor = rows[i].field
		a.arrange()
	}
}

func (s *whatIfScreen) wheeled(_ *App, _, _, by int) { s.results.scroll(by * wheelLines) }
