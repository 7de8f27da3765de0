// Package listfile reads YAML files that hold one list under one name, and keeps the lines:
// what is said of an entry points to it. Aliases, second documents and other names are
// refused, so that nothing in a file is without effect.
package listfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// MaxSize is the size of the largest file that is read, in bytes.
const MaxSize = 4 << 20

// Error is a mistake in a file.
type Error struct {
	// Line counts from 1; 0 where it is not known.
	Line   int
	Reason string
}

// Error is the line and the reason.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// At makes an error about a node.
func At(n *yaml.Node, format string, args ...any) error {
	return &Error{Line: n.Line, Reason: fmt.Sprintf(format, args...)}
}

// Read reads the entries of the list of a name. Its error is an [Error], or the reader's.
func Read(in io.Reader, name string) ([]*yaml.Node, error) {
	data, err := io.ReadAll(io.LimitReader(in, MaxSize+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > MaxSize:
		return nil, &Error{Reason: fmt.Sprintf("the file has more than %d MB", MaxSize>>20)}
	}
	return parse(data, name)
}

func parse(data []byte, name string) ([]*yaml.Node, error) {
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, syntaxError(err)
	}
	if err := decoder.Decode(&more); err == nil {
		return nil, At(&more, "a second document has no meaning here")
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxError(err)
	}
	if len(doc.Content) == 0 {
		return nil, &Error{Reason: "the file is empty: write " + name + ": and a list"}
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, At(root, "write %s: and a list", name)
	}
	var list *yaml.Node
	for i := 0; i+1 < len(root.Content); i += 2 {
		switch key, value := root.Content[i], root.Content[i+1]; {
		case key.Value != name:
			return nil, At(key, "%q has no meaning here: the list is called %s", key.Value, name)
		case list != nil:
			return nil, At(key, "%s is there twice", name)
		case value.Kind == yaml.ScalarNode && value.Tag == "!!null":
			list = &yaml.Node{}
		case value.Kind != yaml.SequenceNode:
			return nil, At(value, "%s is not a list", name)
		default:
			list = value
		}
	}
	if list == nil {
		return nil, At(root, "write %s: and a list", name)
	}
	return list.Content, aliasIn(list)
}

// aliasIn refuses aliases: one that stands for another of itself grows without end.
func aliasIn(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode {
		return At(n, "an alias (*%s) has no meaning here: quote the text", n.Value)
	}
	for _, child := range n.Content {
		if err := aliasIn(child); err != nil {
			return err
		}
	}
	return nil
}

var atLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntaxError takes the line out of an error of the parser.
func syntaxError(err error) error {
	m := atLine.FindStringSubmatch(err.Error())
	if m == nil {
		return errors.New("the file is no YAML")
	}
	line, _ := strconv.Atoi(m[1])
	return &Error{Line: line, Reason: "no YAML: " + m[2]}
}

// Text is a scalar's, which may be of any type: 2026-11-29 is a date to YAML.
func Text(n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return "", false
	}
	return n.Value, true
}

// Quoted is a text as a scalar that [Text] gives back, whatever is in it.
func Quoted(s string) string {
	hidden := func(r rune) bool { return !unicode.IsPrint(r) }
	if !strings.ContainsFunc(s, hidden) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case hidden(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
