package diagram

import (
	"image"
	"testing"

	"hopscope/internal/text"
	"hopscope/ui/theme"
)

func TestMergedWiresShowTheWorstStateWhateverTheirOrder(t *testing.T) {
	at := image.Pt(0, 0)
	cells := []wire{
		{arms: left | right, state: theme.Good, hop: 0},
		{arms: left | down, state: theme.Bad, hop: 1},
		{arms: up | down, hop: noHop},
	}
	orders := [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	for _, order := range orders {
		w := wires{}
		for _, i := range order {
			w.add(at, cells[i])
		}
		if got := w[at]; got.state != theme.Bad || got.hop != 1 || lines[got.arms] != "┼" {
			t.Errorf("order %v: %+v", order, got)
		}
	}
}

func TestEveryCombinationOfArmsHasAGlyph(t *testing.T) {
	for a := arms(1); a <= up|down|left|right; a++ {
		if text.Width(lines[a]) != 1 {
			t.Errorf("arms %04b have no glyph of width 1: %q", a, lines[a])
		}
	}
}
