package list

import (
	"image"

	"hopscope/ui/canvas"
)

// List is a window onto items, one row each, and a cursor. The zero value is an
// empty list.
type List[T any] struct {
	items  []T
	cursor int
	top    int
	height int
}

// SetItems replaces the items, which are not copied. The cursor stays at its
// position, as far as there is one.
func (l *List[T]) SetItems(items []T) {
	l.items = items
	l.Select(l.cursor)
}

// SetHeight sets the number of rows in sight.
func (l *List[T]) SetHeight(rows int) {
	l.height = max(rows, 0)
	l.follow()
}

// Len is the number of items.
func (l *List[T]) Len() int { return len(l.items) }

// Cursor is the position of the selected item; 0 in an empty list.
func (l *List[T]) Cursor() int { return l.cursor }

// Page is the number of rows that a page key moves.
func (l *List[T]) Page() int { return max(l.height-1, 1) }

// Selected is the item at the cursor; false when there is none.
func (l *List[T]) Selected() (item T, ok bool) {
	if l.cursor >= len(l.items) {
		return item, false
	}
	return l.items[l.cursor], true
}

// Select moves the cursor to a position, or to the nearest one there is.
func (l *List[T]) Select(i int) {
	l.cursor = max(min(i, len(l.items)-1), 0)
	l.follow()
}

// Move moves the cursor by some rows, up if negative.
func (l *List[T]) Move(rows int) { l.Select(l.cursor + rows) }

// Find moves the cursor to the first item that matches and tells whether there
// is one.
func (l *List[T]) Find(match func(T) bool) bool {
	for i, item := range l.items {
		if match(item) {
			l.Select(i)
			return true
		}
	}
	return false
}

// RowAt is the position of the item in a row of the window.
func (l *List[T]) RowAt(y int) (position int, ok bool) {
	i := l.top + y
	return i, y >= 0 && y < l.height && i < len(l.items)
}

// Hidden is the number of items above and below the window.
func (l *List[T]) Hidden() (above, below int) {
	return l.top, max(len(l.items)-l.top-l.height, 0)
}

// Top is the position of the first item in sight.
func (l *List[T]) Top() int { return l.top }

// Height is the number of rows that are in sight, filled or not.
func (l *List[T]) Height() int { return l.height }

// follow scrolls as little as needed to have the cursor in sight.
func (l *List[T]) follow() {
	if l.height == 0 {
		return
	}
	l.top = max(min(l.top, l.cursor), l.cursor-l.height+1)
	l.top = max(min(l.top, len(l.items)-l.height), 0)
}

// Draw draws the rows in sight, each by a call of row with a canvas of one line.
func (l *List[T]) Draw(c canvas.Canvas, row func(line canvas.Canvas, item T, selected bool)) {
	width := c.Size().X
	for y := range min(l.height, len(l.items)-l.top) {
		i := l.top + y
		row(c.In(image.Rect(0, y, width, y+1)), l.items[i], i == l.cursor)
	}
}
