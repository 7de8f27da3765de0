package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"hopscope/internal/text"
	"hopscope/model/report"
)

// JSON writes the report in the form that other programs depend on,
// hopscope.report/v1, laid out. Arrays are never null. Paths and findings are
// written one at a time, so that a large report is never in memory in one piece.
func JSON(w io.Writer, r *report.Report) error {
	out := bufio.NewWriter(w)
	for i, m := range r.Members() {
		separator := ","
		if i == 0 {
			separator = "{"
		}
		_, _ = fmt.Fprintf(out, "%s\n %q: ", separator, m.Name)
		if err := writeMember(out, &m); err != nil {
			return err
		}
	}
	_, _ = out.WriteString("\n}\n")
	return out.Flush() // a write that failed fails every later one, and this
}

func writeMember(out *bufio.Writer, m *report.Member) error {
	if m.Elements != nil {
		return writeElements(out, m.Name, m.Elements)
	}
	text, err := marshal(m.Value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", m.Name, err)
	}
	layout{out: out}.indent(text, " ")
	return nil
}

func writeElements(out *bufio.Writer, name string, all iter.Seq[any]) error {
	lay := layout{out: out, blanks: behindColons}
	if name != "findings" {
		lay.blanks = behindColonsButInHops
	}
	n := 0
	for element := range all {
		text, err := marshal(element)
		if err != nil {
			return fmt.Errorf("encode %s[%d]: %w", name, n, err)
		}
		separator := ",\n  "
		if n == 0 {
			separator = "[\n  "
		}
		_, _ = out.WriteString(separator)
		lay.indent(text, "  ")
		if _, err := out.Write(nil); err != nil {
			return err // the reader went away: spare the rest
		}
		n++
	}
	if n == 0 {
		_, _ = out.WriteString("[]")
		return nil
	}
	_, _ = out.WriteString("\n ]")
	return nil
}

// Indented writes any value as JSON for people and programs, in the manner of the
// report: safe to print.
func Indented(w io.Writer, v any) error {
	text, err := marshal(v)
	if err != nil {
		return fmt.Errorf("encode %T: %w", v, err)
	}
	var out bytes.Buffer
	layout{out: &out}.indent(text, "")
	out.WriteByte('\n')
	_, err = w.Write(out.Bytes())
	return err
}

// marshal encodes a value without breaks or blanks, and without what a terminal
// would obey.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return text.EscapeJSON(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), nil
}
