package theme

import (
	"image/color"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Theme is a set of styles. Copy it freely.
type Theme struct {
	// Text is ordinary, Strong stands out, Dim steps back.
	Text, Strong, Dim uv.Style
	// Brand is for the program's name, Accent for the selection and for what
	// has the focus, Key for keys in the footer.
	Brand, Accent, Key uv.Style
	// Match marks the letters that a filter found.
	Match uv.Style
	// Line draws boxes and separators.
	Line uv.Style
	// Banner is for what the user has to know: gaps, failures.
	Banner uv.Style

	states [states]uv.Style
}

// Default is the theme of 16 ANSI colours.
func Default() Theme {
	bold := uv.Style{Attrs: uv.AttrBold}
	faint := uv.Style{Attrs: uv.AttrFaint}
	t := Theme{
		Strong: bold,
		Dim:    faint,
		Brand:  coloured(ansi.Cyan, uv.AttrBold),
		Accent: coloured(ansi.Cyan, uv.AttrBold),
		Key:    bold,
		Match:  coloured(ansi.Cyan, uv.AttrBold),
		Line:   faint,
		Banner: coloured(ansi.Yellow, 0),
	}
	t.states = [states]uv.Style{
		None:    faint,
		Calm:    faint,
		Good:    coloured(ansi.Green, 0),
		Unknown: coloured(ansi.Magenta, 0),
		Warn:    coloured(ansi.Yellow, 0),
		Bad:     coloured(ansi.Red, 0),
	}
	t.states[Bad].Attrs = uv.AttrBold
	return t
}

func coloured(c color.Color, attrs uint8) uv.Style { return uv.Style{Fg: c, Attrs: attrs} }

// State is the style of a state.
func (t Theme) State(s State) uv.Style { return t.states[s] }

// Selected is a style as it looks in what the user selected. It is reversed, not
// coloured, so that it can be seen without colour.
func Selected(s uv.Style) uv.Style {
	s.Attrs = s.Attrs&^uv.AttrFaint | uv.AttrReverse
	return s
}

// Faded is a style that steps back.
func Faded(s uv.Style) uv.Style {
	s.Attrs = s.Attrs&^uv.AttrBold | uv.AttrFaint
	return s
}
