package probe

import (
	"fmt"
	"io"
	"strings"

	"hopscope/internal/shell"
	"hopscope/internal/text"
	"hopscope/model/reach"
)

// Curl writes a line for a shell that prints Envoy's header where the response crossed
// the agent, and nothing where it did not; before it, as comments, what to know.
func (p *Probe) Curl(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", text.Clean(p.Path))
	switch p.Via {
	case reach.ViaAgent:
		b.WriteString("# expected: a line, as the agent is crossed\n")
	case reach.ViaDirect:
		b.WriteString("# expected: no line, as the agent is not crossed\n")
	case reach.ViaUnknown:
		b.WriteString("# a line says that the agent is crossed\n")
	}
	for _, note := range p.Notes {
		fmt.Fprintf(&b, "# %s\n", text.Clean(note))
	}
	command := []string{"curl", "-gsS", "-o", "/dev/null", "-D-"} // -g: braces in a URL are no patterns
	if p.Method != "GET" {
		command = append(command, "-X", p.Method)
	}
	if p.Unverified {
		command = append(command, "-k")
	}
	if p.Host != "" {
		command = append(command, "-H", "Host: "+p.Host)
	}
	if p.ConnectTo != "" {
		command = append(command, "--connect-to", "::"+p.ConnectTo)
	}
	command = append(command, "--", p.URL)
	fmt.Fprintf(&b, "%s | grep -i '^%s'\n", shell.Line(command...), Header)
	_, err := io.WriteString(w, b.String())
	return err
}
