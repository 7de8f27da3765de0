package export

// lineWidth is about how long a line is unless one value in it is longer: blanks are not
// counted.
const lineWidth = 110

// deepest is the margin from which on everything stays on one line: a hop, a piece of
// evidence.
const deepest = 4

// layout writes JSON for people. Those of its writers that come here keep an error for
// their last call.
type layout struct {
	out interface {
		Write([]byte) (int, error)
		WriteString(string) (int, error)
		WriteByte(byte) error
	}
	blanks blanks
}

// blanks are where a line has blanks. All of them would be a tenth of a large report.
type blanks int

const (
	// everywhere is behind commas and colons.
	everywhere blanks = iota
	// behindColons is how a finding is written.
	behindColons
	// behindColonsButInHops is how a path is: long values that are deepest have none.
	behindColonsButInHops
)

// indent lays compact JSON out: the outermost members a line each, what is in them as many
// on a line as there is room for. margin is the indentation of the line that the value
// starts in.
func (l layout) indent(value []byte, margin string) {
	if fits(value, margin) {
		l.inline(value, margin)
		return
	}
	outermost, inner := margin == "", margin+" "
	end := value[len(value)-1]
	_ = l.out.WriteByte(value[0])
	column, full := len(inner), outermost && len(value) > len("{}")
	for rest := value[1 : len(value)-1]; len(rest) > 0; {
		member := rest[:memberEnd(rest)]
		if full || column+len(member) > lineWidth {
			_, _ = l.out.WriteString("\n" + inner)
			column = len(inner)
		} else if len(rest) < len(value)-2 && l.blanks == everywhere {
			_ = l.out.WriteByte(' ')
		}
		column += len(member) + len(",")
		of := member
		if end == '}' {
			name := stringEnd(member) + len(":")
			_, _ = l.out.Write(member[:name])
			_ = l.out.WriteByte(' ')
			of = member[name:]
		}
		full = outermost || !fits(of, inner)
		l.indent(of, inner)
		if rest = rest[len(member):]; len(rest) > 0 {
			_ = l.out.WriteByte(',')
			rest = rest[1:]
		}
	}
	if outermost && len(value) > len("{}") {
		_ = l.out.WriteByte('\n')
	}
	_ = l.out.WriteByte(end)
}

// fits tells whether a value is on one line.
func fits(value []byte, margin string) bool {
	if value[0] != '{' && value[0] != '[' {
		return true
	}
	return len(margin) >= deepest || margin != "" && len(margin)+len(value) <= lineWidth
}

// inline writes compact JSON on one line.
func (l layout) inline(value []byte, margin string) {
	if l.blanks == behindColonsButInHops && len(margin) >= deepest && len(value) > lineWidth {
		_, _ = l.out.Write(value)
		return
	}
	for i := 0; i < len(value); i++ {
		if value[i] == '"' {
			end := i + stringEnd(value[i:])
			_, _ = l.out.Write(value[i:end])
			i = end - 1
			continue
		}
		_ = l.out.WriteByte(value[i])
		if value[i] == ':' || value[i] == ',' && l.blanks == everywhere {
			_ = l.out.WriteByte(' ')
		}
	}
}

// memberEnd is the length of the first member of an object's or array's inside.
func memberEnd(inside []byte) int {
	depth := 0
	for i := 0; i < len(inside); i++ {
		switch inside[i] {
		case '"':
			i += stringEnd(inside[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(inside)
}

// stringEnd is the length of the string that the text starts with, quotes
// included.
func stringEnd(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1
		case '\\':
			i++ // the escaped character
		}
	}
	return len(text)
}
