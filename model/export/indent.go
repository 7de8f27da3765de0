package export

// inlineWidth is how long the JSON of an object or array may be to stay on one
// line: a caller, a piece of evidence, a list of codes.
const inlineWidth = 100

// deepest is the margin from which on everything stays on one line: a hop, a piece of
// evidence. Blanks would be a fifth of a large report.
const deepest = 4

// layout is where indent writes to. The writers that come here keep an error for
// their last call.
type layout interface {
	Write([]byte) (int, error)
	WriteString(string) (int, error)
	WriteByte(byte) error
}

// indent lays compact JSON out for people: one blank a level, short objects and
// arrays on one line. margin is the indentation of the line that the value
// starts in.
func indent(out layout, value []byte, margin string) {
	opening := value[0]
	if opening != '{' && opening != '[' {
		_, _ = out.Write(value)
		return
	}
	if len(value) <= inlineWidth && margin != "" || len(margin) >= deepest {
		inline(out, value)
		return
	}
	inner := margin + " "
	_ = out.WriteByte(opening)
	rest := value[1 : len(value)-1]
	for len(rest) > 0 {
		end := memberEnd(rest)
		member := rest[:end]
		_, _ = out.WriteString("\n" + inner)
		if opening == '{' {
			name := stringEnd(member)
			_, _ = out.Write(member[:name])
			_, _ = out.WriteString(": ")
			member = member[name+1:]
		}
		indent(out, member, inner)
		if rest = rest[end:]; len(rest) > 0 {
			_ = out.WriteByte(',')
			rest = rest[1:]
		}
	}
	if len(value) > len("{}") {
		_, _ = out.WriteString("\n" + margin)
	}
	_ = out.WriteByte(value[len(value)-1])
}

// inline writes compact JSON on one line, with a blank behind commas and colons.
func inline(out layout, value []byte) {
	for i := 0; i < len(value); i++ {
		if value[i] == '"' {
			end := i + stringEnd(value[i:])
			_, _ = out.Write(value[i:end])
			i = end - 1
			continue
		}
		_ = out.WriteByte(value[i])
		if value[i] == ',' || value[i] == ':' {
			_ = out.WriteByte(' ')
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
