package words

import (
	"fmt"
	"strings"

	"hopscope/model/reach"
)

// Timeouts is what cuts requests on a path, in one line: "main-alb: idle 60 s · Service
// Connect: request 15 s (default), idle 300 s (default)"; "" where it is not known.
func Timeouts(p *reach.Path) string {
	var out strings.Builder
	last := ""
	for _, t := range p.Timeouts() {
		switch {
		case t.By == last:
			out.WriteString(", ")
		case last != "":
			out.WriteString(" · " + t.By + ": ")
		default:
			out.WriteString(t.By + ": ")
		}
		last = t.By
		out.WriteString(timeout(t))
	}
	return out.String()
}

func timeout(t reach.Timeout) string {
	text := fmt.Sprintf("%s %d s", t.Kind, t.Seconds)
	if t.Seconds == 0 {
		text = string(t.Kind) + " off"
	}
	if t.Default {
		text += " (default)"
	}
	return text
}
