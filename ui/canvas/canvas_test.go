package canvas_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"io"
	"strings"
	"testing"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"hopscope/ui/canvas"
)

func FuzzTextFitsACanvas(f *testing.F) {
	for _, s := range []string{"web", "\x1b[2J", "\u202e", "e\u0301\u200d", "\xff", "東京"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := canvas.New(20, 1)
		c.Text(0, 0, s, uv.Style{})
		if got := ansi.StringWidth(c.Plain()); got > 20 {
			t.Fatalf("%q takes %d cells of 20", s, got)
		}
	})
}

func TestNothingIsDrawnOutsideOfACanvas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.IntRange(-8, 30)
		rect := func(name string) image.Rectangle {
			return image.Rect(number.Draw(t, name+"x0"), number.Draw(t, name+"y0"), number.Draw(t, name+"x1"),
				number.Draw(t, name+"y1"))
		}
		whole := canvas.New(20, 10)
		whole.Fill(image.Rect(0, 0, 20, 10), ".", uv.Style{})
		outer, inner := rect("outer"), rect("inner")
		part := whole.In(outer).In(inner)
		part.Text(number.Draw(t, "x"), number.Draw(t, "y"), rapid.String().Draw(t, "text"), uv.Style{})
		part.Fill(rect("fill"), "#", uv.Style{})
		part.Box(rect("box"), canvas.Rounded, uv.Style{})
		allowed := inner.Add(outer.Min).Intersect(outer)
		for y, line := range strings.Split(whole.Plain(), "\n") {
			x := 0
			for _, r := range line {
				width := ansi.StringWidth(string(r))
				at := image.Pt(x, y)
				if width == 0 { // it is in the cell of what it combines with
					at.X--
				}
				if r != '.' && !at.In(allowed) && at.X < 20 {
					t.Fatalf("%q at %v, outside of %v:\n%s", r, at, allowed, whole.Plain())
				}
				x += width
			}
		}
	})
}

func TestWideGlyphsAreNotCutInHalf(t *testing.T) {
	c := canvas.New(5, 1)
	c.Text(0, 0, "東京都", uv.Style{})
	if got := c.Plain(); got != "東京" {
		t.Errorf("got %q", got)
	}
	c.Set(1, 0, "x", uv.Style{})
	if got := c.Plain(); got != " x京" {
		t.Errorf("after overwriting a half: %q", got)
	}
}

func TestClearEmptiesOnlyItsPart(t *testing.T) {
	c := canvas.New(4, 1)
	c.Text(0, 0, "abcd", uv.Style{})
	c.In(image.Rect(1, 0, 3, 1)).Clear()
	if got := c.Plain(); got != "a  d" {
		t.Errorf("got %q", got)
	}
}

func TestTheZeroCanvasDrawsNothing(t *testing.T) {
	var c canvas.Canvas
	c.Text(0, 0, "x", uv.Style{})
	c.Clear()
	if c.Render() != "" || c.Plain() != "" {
		t.Error("something was drawn")
	}
}

func TestTheSVGShowsWhatTheScreenShows(t *testing.T) {
	c := canvas.New(24, 4)
	c.Box(image.Rect(0, 0, 10, 3), canvas.Square, uv.Style{Attrs: uv.AttrFaint})
	c.Text(2, 1, `<&"'>`, uv.Style{Fg: ansi.Red, Attrs: uv.AttrBold})
	c.Text(12, 1, "reverse", uv.Style{Fg: ansi.Green, Attrs: uv.AttrReverse})
	c.Text(0, 3, "\x1b[2J", uv.Style{})
	var b bytes.Buffer
	if err := c.WriteSVG(&b, "a <title>"); err != nil {
		t.Fatal(err)
	}
	golden.RequireEqual(t, b.String())
	d := xml.NewDecoder(&b)
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("not XML: %v", err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestAnSVGThatCannotBeWrittenIsAnError(t *testing.T) {
	if err := canvas.New(200, 60).WriteSVG(full{}, ""); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}
