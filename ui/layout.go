package ui

import "image"

// The smallest usable screen, and the narrowest one that shows services and paths
// side by side.
const (
	minWidth, minHeight = 60, 16
	sideBySide          = 72
)

// pane is a part of the main screen that can have the focus.
type pane int

// The panes that have keys.
const (
	servicesFocus pane = iota
	pathsFocus
)

// needs are what the layout depends on, besides the size.
type needs struct {
	focus pane
	// banner and activity ask for a line under the header, prompt for one over
	// the list.
	banner, activity, prompt bool
	// wider is by how much the user made the list wider.
	wider int
}

// layout is where everything is. It is comparable.
type layout struct {
	// small is set when the screen is too small for anything but saying so.
	small bool
	// narrow is set when one of services and paths is shown at a time.
	narrow bool

	header, banner, activity, footer image.Rectangle
	// body is all between header and footer, for screens on top.
	body image.Rectangle
	// prompt is the line of the filter, over the list.
	prompt, list image.Rectangle
	// divider is the line between list and paths.
	divider image.Rectangle
	title   image.Rectangle
	paths   image.Rectangle
	// rule is the line over the explanation.
	rule, explain image.Rectangle
}

// arrange divides a screen. Panes that are not shown are empty.
func arrange(size image.Point, n needs) layout {
	if size.X < minWidth || size.Y < minHeight {
		return layout{small: true}
	}
	l := layout{narrow: size.X < sideBySide}
	rest := image.Rectangle{Max: size}
	l.header, rest = cutTop(rest, headerRows(size.X))
	if n.banner {
		l.banner, rest = cutTop(rest, 1)
	}
	if n.activity {
		l.activity, rest = cutTop(rest, 1)
	}
	l.footer, rest = cutBottom(rest, 1)
	l.body = rest
	if l.narrow && n.focus == servicesFocus {
		l.prompt, l.list = cutTop(rest, rowIf(n.prompt))
		return l
	}
	l.explain, rest = cutBottom(rest, explainRows(size.Y))
	l.rule, rest = cutBottom(rest, 1)
	if !l.narrow {
		l.list, rest = cutLeft(rest, listColumns(size.X, n.wider))
		l.divider, rest = cutLeft(rest, 1)
		l.prompt, l.list = cutTop(l.list, rowIf(n.prompt))
	}
	l.title, l.paths = cutTop(rest, 1)
	return l
}

// headerRows is 1 where everything fits into a line.
func headerRows(width int) int {
	if width >= 130 {
		return 1
	}
	return 2
}

// explainRows is the height of the explanation, without the line over it.
func explainRows(height int) int {
	switch {
	case height < 20:
		return 3
	case height < 30:
		return 5
	case height < 45:
		return 9
	}
	return 14
}

// The least widths of the list of services and of the paths beside it.
const leastList, leastPaths = 16, 40

// listColumns is the width of the list of services, wider than it would be by some columns.
func listColumns(width, wider int) int {
	return max(min(min(max(width*26/100, 22), 44)+wider, width-leastPaths), leastList)
}

func rowIf(shown bool) int {
	if shown {
		return 1
	}
	return 0
}

func cutTop(r image.Rectangle, n int) (top, rest image.Rectangle) {
	y := min(r.Min.Y+n, r.Max.Y)
	return image.Rect(r.Min.X, r.Min.Y, r.Max.X, y), image.Rect(r.Min.X, y, r.Max.X, r.Max.Y)
}

func cutBottom(r image.Rectangle, n int) (bottom, rest image.Rectangle) {
	y := max(r.Max.Y-n, r.Min.Y)
	return image.Rect(r.Min.X, y, r.Max.X, r.Max.Y), image.Rect(r.Min.X, r.Min.Y, r.Max.X, y)
}

func cutLeft(r image.Rectangle, n int) (left, rest image.Rectangle) {
	x := min(r.Min.X+n, r.Max.X)
	return image.Rect(r.Min.X, r.Min.Y, x, r.Max.Y), image.Rect(x, r.Min.Y, r.Max.X, r.Max.Y)
}

// layout is the layout for the present state.
func (a *App) layout() layout {
	return arrange(a.size, needs{
		focus:    a.main.focus,
		banner:   a.loading.failure != "" || a.inventory != nil && len(a.inventory.gaps) > 0,
		activity: a.newsworthy() != nil,
		prompt:   a.main.services.prompting(),
		wider:    a.main.wider,
	})
}
