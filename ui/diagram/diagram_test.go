package diagram_test

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"hopscope/internal/text"
	"hopscope/ui/canvas"
	"hopscope/ui/diagram"
	"hopscope/ui/internal/sample"
	"hopscope/ui/theme"
)

func TestEveryKindOfPathLooksLikeItsPicture(t *testing.T) {
	for _, width := range []int{110, 55, 30} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			var b strings.Builder
			for _, k := range sample.Kinds() {
				fmt.Fprintf(&b, "%s\n%s\n\n", k.Name, diagram.Text(&k.Path, width))
			}
			golden.RequireEqual(t, b.String())
		})
	}
}

func TestADiagramKeepsToItsWidth(t *testing.T) {
	for _, k := range sample.Kinds() {
		for width := 1; width < 120; width++ {
			for i, line := range strings.Split(diagram.Text(&k.Path, width), "\n") {
				if got := text.Width(line); got > width {
					t.Fatalf("%s at %d: line %d has %d cells", k.Name, width, i, got)
				}
			}
		}
	}
}

func TestEveryHopCanBeSelectedWithTheMouse(t *testing.T) {
	for _, k := range sample.Kinds() {
		for _, width := range []int{110, 55, 10} {
			d := diagram.New(&k.Path, diagram.Options{Theme: theme.Default(), Width: width})
			found := map[int]bool{}
			for x := range d.Size().X {
				if hop, ok := d.HopAt(image.Pt(x, 0)); ok {
					found[hop] = true
				}
			}
			if len(found) != len(k.Path.Hops) {
				t.Errorf("%s at %d: %d of %d hops have a place", k.Name, width, len(found), len(k.Path.Hops))
			}
		}
	}
}

func TestTheSelectedHopStandsOut(t *testing.T) {
	for _, k := range sample.Kinds() {
		for _, width := range []int{110, 55, 10} {
			d := diagram.New(&k.Path, diagram.Options{Theme: theme.Default(), Width: width})
			looks := map[string]bool{draw(d, -1): true}
			for hop := range k.Path.Hops {
				looks[draw(d, hop)] = true
			}
			if len(looks) != len(k.Path.Hops)+1 {
				t.Errorf("%s at %d: %d looks for %d hops", k.Name, width, len(looks), len(k.Path.Hops))
			}
		}
	}
}

func draw(d *diagram.Diagram, hop int) string {
	c := canvas.New(d.Size().X, d.Size().Y)
	d.Draw(c, hop)
	return c.Render()
}
