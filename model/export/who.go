package export

import (
	"bufio"
	"io"

	"hopscope/model/who"
)

// Who writes an answer in the form that other programs depend on, hopscope.who/v1,
// indented.
func Who(w io.Writer, d *who.Document) error {
	text, err := marshal(d)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	indent(out, text, "")
	_, _ = out.WriteString("\n")
	return out.Flush()
}
