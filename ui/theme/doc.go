// Package theme is the look of the explorer: the glyphs and styles of every
// state, in one place.
//
// State is always a glyph and a colour, never a colour alone. Colours are the
// 16 of ANSI, which every terminal's own palette makes readable; Bubble Tea drops
// them where NO_COLOR is set. Glyphs are one cell wide in every terminal.
package theme
