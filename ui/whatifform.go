package ui

import (
	"fmt"
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// whatIfForm is a what-if as a form: rows that a cursor goes through.
type whatIfForm struct {
	whatIf
	cursor int
	// typing is set once the field at the cursor was typed in: the first digit replaces
	// what was there.
	typing bool
	// top is the first row in sight, rows how many there are.
	top, rows int
}

// field is a row that the cursor goes to.
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
func (f *whatIfForm) fields() []field {
	var out []field
	for i := range f.endpoints {
		out = append(out, field{overrideField, i}, field{removedField, i}, field{tlsField, i})
	}
	if len(f.endpoints) > 1 {
		out = append(out, field{kind: allRemovedField})
	}
	for i := range f.rules {
		out = append(out, field{ruleField, i})
	}
	for i := range f.added {
		out = append(out, field{addedField, i})
	}
	if len(f.groups) > 0 {
		out = append(out, field{kind: addField})
	}
	return out
}

// field is the one at the cursor.
func (f *whatIfForm) field() field {
	fields := f.fields()
	if f.cursor < len(fields) {
		return fields[f.cursor]
	}
	return field{kind: -1}
}

func (f *whatIfForm) move(by int) {
	f.cursor, f.typing = max(min(f.cursor+by, len(f.fields())-1), 0), false
}

// typed edits a port: digits, and backspace. It tells whether it changed, or why not.
func (f *whatIfForm) typed(msg tea.Msg) (changed bool, why string) {
	at := f.field()
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		if paste, isPaste := msg.(tea.PasteMsg); isPaste && at.kind == overrideField {
			return f.edit(at, strings.TrimSpace(paste.Content))
		}
		return false, ""
	}
	name := key.String()
	isDigit := len(name) == 1 && name[0] >= '0' && name[0] <= '9'
	switch {
	case !isDigit && name != "backspace":
		return false, ""
	case at.kind != overrideField && len(f.endpoints) == 0:
		return false, "there is no override to type: " + f.ref.Service + " offers no Service Connect endpoint"
	case at.kind != overrideField:
		return false, "digits go into an override: move there with ↑↓"
	}
	typed := f.endpoints[at.at].typed
	if isDigit {
		if !f.typing {
			typed = ""
		}
		return f.edit(at, typed+name)
	}
	return f.edit(at, typed[:max(len(typed)-1, 0)])
}

// edit puts a port into a field, as far as it may be one.
func (f *whatIfForm) edit(at field, text string) (changed bool, why string) {
	const digits = 5
	if len(text) > digits || strings.Trim(text, "0123456789") != "" {
		return false, "a port has at most five digits"
	}
	f.endpoints[at.at].typed, f.typing = text, true
	return true, ""
}

// toggle ticks or unticks the field at the cursor.
func (f *whatIfForm) toggle() {
	switch at := f.field(); at.kind {
	case removedField:
		f.endpoints[at.at].removed = !f.endpoints[at.at].removed
	case tlsField:
		f.endpoints[at.at].tls = !f.endpoints[at.at].tls
	case allRemovedField:
		all := !f.clientOnly()
		for i := range f.endpoints {
			f.endpoints[i].removed = all
		}
	case ruleField:
		f.rules[at.at].revoked = !f.rules[at.at].revoked
	case addedField:
		f.added = append(f.added[:at.at:at.at], f.added[at.at+1:]...)
	case overrideField, addField:
	}
}

// formLine is a line of the form: a heading, or a field.
type formLine struct {
	text string
	// field is the position among the fields, -1 for a heading.
	field int
	// changed marks what is not as it is in the account.
	changed bool
}

// lines are the form, top to bottom. free are ports that an override may have.
func (f *whatIfForm) lines(free map[int]int) []formLine {
	var out []formLine
	heading := func(text string) { out = append(out, formLine{text: text, field: -1}) }
	group := ""
	for n, at := range f.fields() {
		line := f.line(at, free)
		line.field = n
		switch at.kind {
		case overrideField:
			heading(endpointWords(&f.endpoints[at.at]))
		case allRemovedField:
			heading("all endpoints")
		case ruleField:
			if r := &f.rules[at.at]; r.group != group {
				group = r.group
				heading(f.admits(group))
			}
		case addField:
			if group == "" {
				heading(f.admits(f.groups[0]))
			}
		case removedField, tlsField, addedField:
		}
		out = append(out, line)
	}
	return out
}

// line is a field in a line.
func (f *whatIfForm) line(at field, free map[int]int) formLine {
	switch at.kind {
	case overrideField:
		e := &f.endpoints[at.at]
		return formLine{
			text:    fmt.Sprintf("override  [%-5s]%s", e.typed, wasWords(e, free[e.index])),
			changed: e.typed != e.was,
		}
	case removedField:
		e := &f.endpoints[at.at]
		return formLine{text: box(e.removed) + " client only: no endpoint", changed: e.removed}
	case tlsField:
		e := &f.endpoints[at.at]
		return formLine{text: box(e.tls) + " TLS", changed: e.tls != e.hadTLS}
	case allRemovedField:
		return formLine{text: box(f.clientOnly()) + " client only", changed: f.clientOnly()}
	case ruleField:
		r := &f.rules[at.at]
		return formLine{text: box(!r.revoked) + " " + r.rule.Ports() + " from " + f.peer(&r.rule), changed: r.revoked}
	case addedField:
		r := f.added[at.at].Rule
		return formLine{text: box(true) + " " + r.Ports() + " from " + f.peer(r), changed: true}
	case addField:
	}
	return formLine{text: "+ add a rule"}
}

func endpointWords(e *endpointForm) string {
	if e.containerPort == 0 {
		return "endpoint " + e.portName
	}
	return fmt.Sprintf("endpoint %s, container port %d", e.portName, e.containerPort)
}

// wasWords say what an override is now; free is a port that it may have, 0 where none
// is known.
func wasWords(e *endpointForm, free int) string {
	switch {
	case e.typed == e.was && e.was == "" && free != 0:
		return fmt.Sprintf(" none; %d is free", free)
	case e.typed == e.was && e.was == "":
		return " none"
	case e.typed == e.was:
		return ""
	case e.was == "":
		return " now none"
	}
	return " now " + e.was
}

func box(ticked bool) string {
	if ticked {
		return "[x]"
	}
	return "[ ]"
}

// fit scrolls the field at the cursor into sight, with the heading over it.
func (f *whatIfForm) fit(rows int) {
	f.rows = rows
	lines := f.lines(nil)
	for i := range lines {
		if lines[i].field == f.cursor {
			at := i
			if i > 0 && lines[i-1].field < 0 {
				at = i - 1 // the heading belongs to its first field
			}
			f.top = min(max(f.top, i-f.rows+1), at)
		}
	}
	f.top = max(min(f.top, len(lines)-f.rows), 0)
}

// caret is where the cursor is, behind the port that is typed; false where none is.
func (f *whatIfForm) caret() (image.Point, bool) {
	at := f.field()
	if at.kind != overrideField {
		return image.Point{}, false
	}
	for i, line := range f.lines(nil) {
		if line.field == f.cursor && i >= f.top && i < f.top+f.rows {
			const before = 3 + len("override  [")
			return image.Pt(before+len(f.endpoints[at.at].typed), i-f.top), true
		}
	}
	return image.Point{}, false
}

func (f *whatIfForm) draw(c canvas.Canvas, t theme.Theme, free map[int]int) {
	width := c.Size().X
	lines := f.lines(free)
	for y := range min(f.rows, len(lines)-f.top) {
		line := &lines[f.top+y]
		if line.field < 0 {
			c.TextIn(1, y, width-2, line.text, t.Strong)
			continue
		}
		style := t.Text
		if line.field == f.cursor {
			drawSelection(c, y, t, true)
			style = t.Strong
		}
		sign := " "
		if line.changed {
			sign, style = "*", t.Banner
		}
		c.Text(1, y, sign, t.Banner)
		c.TextIn(3, y, width-4, line.text, style)
	}
	if f.top+f.rows < len(lines) {
		c.Text(width-2, f.rows-1, "↓", t.Dim)
	}
	if f.top > 0 {
		c.Text(width-2, 0, "↑", t.Dim)
	}
}

// clicked moves the cursor to the field in a row.
func (f *whatIfForm) clicked(row int) {
	lines := f.lines(nil)
	if i := f.top + row; i < len(lines) && lines[i].field >= 0 {
		f.cursor, f.typing = lines[i].field, false
	}
}
