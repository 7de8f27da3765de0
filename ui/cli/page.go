package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"hopscope/internal/text"
	"hopscope/ui/theme"
)

// page is text for people under construction. It is styled always; the writer
// behind it takes the styles out where they do not belong.
type page struct {
	strings.Builder
	out   io.Writer
	width int
	theme theme.Theme
}

// minWidth is where text stops to get narrower.
const minWidth = 40

func newPage(out io.Writer, width int) *page {
	return &page{out: out, width: max(width, minWidth), theme: theme.Default()}
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.Builder, format, args...) }

// flush writes the page.
func (p *page) flush() error {
	_, err := io.WriteString(p.out, p.String())
	return err
}

// strong and dim make untrusted text stand out and step back.
func (p *page) strong(s string) string { return p.theme.Strong.Styled(text.Clean(s)) }

func (p *page) dim(s string) string { return p.theme.Dim.Styled(text.Clean(s)) }

// state is text in the colour of a state.
func (p *page) state(of theme.State, s string) string {
	style := p.theme.State(of)
	return style.Styled(text.Clean(s))
}

// wrapped writes untrusted text, wrapped, behind a label that is written once.
// Both the label and the lines under it start at column indent.
func (p *page) wrapped(indent int, label, s string) {
	lead := strings.Repeat(" ", indent) + label
	hang := strings.Repeat(" ", ansi.StringWidth(lead)) // the label may be styled
	for i, line := range text.Wrap(s, p.width-len(hang)) {
		if i > 0 {
			lead = hang
		}
		p.printf("%s%s\n", lead, line)
	}
}

// headline writes untrusted text, wrapped, that stands out.
func (p *page) headline(indent int, s string) {
	for _, line := range text.Wrap(s, p.width-indent) {
		p.printf("%s%s\n", strings.Repeat(" ", indent), p.strong(line))
	}
}
