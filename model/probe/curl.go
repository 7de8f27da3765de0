package probe

import (
	"fmt"
	"io"
	"strings"

	"hopscope/internal/shell"
	"hopscope/internal/text"
	"hopscope/model/reach"
)

// Curl writes probes for a shell, a blank line between two.
func Curl(w io.Writer, probes []*Probe) error {
	for i, p := range probes {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := p.Curl(w); err != nil {
			return err
		}
	}
	return nil
}

// Curl writes a line for a shell that prints the status of the response, and Envoy's header
// where it crossed the agent; before it, as comments, what to know. Without the status, a
// load balancer's own 503 would read as a way past the agent.
func (p *Probe) Curl(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", text.Clean(p.Path))
	switch p.Via {
	case reach.ViaAgent:
		b.WriteString("# expected: the status and a line of the agent's, which is crossed\n")
	case reach.ViaDirect:
		b.WriteString("# expected: the status alone, as the agent is not crossed\n")
	case reach.ViaUnknown:
		b.WriteString("# a second line says that the agent is crossed\n")
	}
	for _, note := range p.Notes {
		fmt.Fprintf(&b, "# %s\n", text.Clean(note))
	}
	command := []string{"curl", "-gsS", "-o", "/dev/null", "-D-"} // -g: braces in a URL are no patterns
	switch p.Method {
	case "GET":
	case "HEAD": // with -X curl would wait for a body
		command = append(command, "-I")
	default:
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
	fmt.Fprintf(&b, "%s | grep -iE '^(HTTP/|%s)'\n", shell.Line(command...), Header)
	_, err := io.WriteString(w, b.String())
	return err
}
