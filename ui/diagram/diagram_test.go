package diagram_test

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"hopscope/internal/text"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/ui/canvas"
	"hopscope/ui/diagram"
	"hopscope/ui/theme"
)

// kind is a path and what it shows.
type kind struct {
	name string
	path *reach.Path
}

// kinds are the paths of all ways to a service, each of a kind once, and what is left
// of a path where nothing is known.
func kinds() []kind {
	var out []kind
	for _, w := range modeltest.Ways() {
		for _, p := range rule.Analyze(w.Snapshot).Paths {
			out = append(out, kind{w.Name + ", " + string(p.Source.Kind), p})
		}
	}
	return append(out, kind{"nothing known", &reach.Path{}})
}

func TestEveryKindOfPathIsAsInItsGoldenFile(t *testing.T) {
	for _, width := range []int{110, 55, 30} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			var b strings.Builder
			for _, k := range kinds() {
				fmt.Fprintf(&b, "%s\n%s\n\n", k.name, diagram.Text(k.path, width))
			}
			golden.RequireEqual(t, b.String())
		})
	}
}

func TestADiagramKeepsToItsWidth(t *testing.T) {
	for _, k := range kinds() {
		for width := 1; width < 120; width++ {
			for i, line := range strings.Split(diagram.Text(k.path, width), "\n") {
				if got := text.Width(line); got > width {
					t.Fatalf("%s at %d: line %d has %d cells", k.name, width, i, got)
				}
			}
		}
	}
}

func TestEveryHopCanBeSelectedWithTheMouse(t *testing.T) {
	for _, k := range kinds() {
		for _, width := range []int{110, 55, 10} {
			d := diagram.New(k.path, diagram.Options{Theme: theme.Default(), Width: width})
			found := map[int]bool{}
			for x := range d.Size().X {
				if hop, ok := d.HopAt(image.Pt(x, 0)); ok {
					found[hop] = true
				}
			}
			if len(found) != len(k.path.Hops()) {
				t.Errorf("%s at %d: %d of %d hops have a place", k.name, width, len(found), len(k.path.Hops()))
			}
		}
	}
}

func TestTheSelectedHopStandsOut(t *testing.T) {
	for _, k := range kinds() {
		for _, width := range []int{110, 55, 10} {
			d := diagram.New(k.path, diagram.Options{Theme: theme.Default(), Width: width})
			looks := map[string]bool{draw(d, -1): true}
			for hop := range k.path.Hops() {
				looks[draw(d, hop)] = true
			}
			if len(looks) != len(k.path.Hops())+1 {
				t.Errorf("%s at %d: %d looks for %d hops", k.name, width, len(looks), len(k.path.Hops()))
			}
		}
	}
}

func draw(d *diagram.Diagram, hop int) string {
	c := canvas.New(d.Size().X, d.Size().Y)
	d.Draw(c, hop)
	return c.Render()
}
