package list_test

import (
	"testing"

	uv "github.com/charmbracelet/ultraviolet"
	"pgregory.net/rapid"

	"hopscope/ui/canvas"
	"hopscope/ui/list"
)

// draw is the window as text; the selected row has a mark.
func draw(l *list.List[string], rows int) string {
	c := canvas.New(8, rows)
	l.Draw(c, func(line canvas.Canvas, item string, selected bool) {
		if selected {
			item = ">" + item
		}
		line.Text(0, 0, item, uv.Style{})
	})
	return c.Plain()
}

func TestTheWindowFollowsTheCursor(t *testing.T) {
	var l list.List[string]
	l.SetItems([]string{"a", "b", "c", "d", "e"})
	l.SetHeight(3)
	steps := []struct {
		move int
		want string
	}{
		{0, ">a\nb\nc"},
		{2, "a\nb\n>c"},
		{1, "b\nc\n>d"},
		{-1, "b\n>c\nd"},
		{-9, ">a\nb\nc"},
		{9, "c\nd\n>e"},
	}
	for _, s := range steps {
		l.Move(s.move)
		if got := draw(&l, 3); got != s.want {
			t.Errorf("after %d: %q, want %q", s.move, got, s.want)
		}
	}
}

func TestShrinkingKeepsTheCursorInTheList(t *testing.T) {
	var l list.List[string]
	l.SetHeight(2)
	l.SetItems([]string{"a", "b", "c"})
	l.Select(2)
	l.SetItems([]string{"a"})
	if got, ok := l.Selected(); !ok || got != "a" {
		t.Errorf("selected %q, %v", got, ok)
	}
	l.SetItems(nil)
	if _, ok := l.Selected(); ok {
		t.Error("something is selected in an empty list")
	}
	if _, ok := l.RowAt(0); ok {
		t.Error("an empty list has a row")
	}
}

func TestFindSelectsTheFirstMatch(t *testing.T) {
	var l list.List[string]
	l.SetItems([]string{"a", "b", "b"})
	if !l.Find(func(s string) bool { return s == "b" }) || l.Cursor() != 1 {
		t.Errorf("cursor at %d", l.Cursor())
	}
	if l.Find(func(s string) bool { return s == "z" }) || l.Cursor() != 1 {
		t.Errorf("cursor at %d after a search without match", l.Cursor())
	}
}

func TestTheCursorIsAlwaysInSightAndTheWindowFull(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l list.List[int]
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				l.SetItems(make([]int, rapid.IntRange(0, 30).Draw(t, "items")))
			case 1:
				l.SetHeight(rapid.IntRange(-1, 12).Draw(t, "height"))
			case 2:
				l.Move(rapid.IntRange(-40, 40).Draw(t, "move"))
			case 3:
				l.Select(rapid.IntRange(-5, 40).Draw(t, "select"))
			}
			above, below := l.Hidden()
			height := l.Len() - above - below
			if l.Len() == 0 || height <= 0 {
				continue
			}
			if c := l.Cursor(); c < above || c >= above+height {
				t.Fatalf("cursor %d is not in %d..%d", c, above, above+height)
			}
			if i, ok := l.RowAt(0); !ok || i != above {
				t.Fatalf("row 0 is %d, %v; want %d", i, ok, above)
			}
		}
	})
}

func TestOnlyRowsInSightAreDrawn(t *testing.T) {
	var l list.List[int]
	l.SetItems(make([]int, 5000))
	l.SetHeight(40)
	drawn := 0
	l.Draw(canvas.New(10, 40), func(canvas.Canvas, int, bool) { drawn++ })
	if drawn != 40 {
		t.Errorf("%d rows were drawn, want 40", drawn)
	}
}
