package ui

import (
	"fmt"
	"slices"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/words"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// header is the line or two at the top: what is shown, how complete it is, how old.
type header struct {
	theme theme.Theme
	// inventory is nil as long as nothing is shown.
	inventory *inventory
	loading   *loading
	clock     *clock
	origin    string
}

func (a *App) header() header {
	return header{theme: a.theme, inventory: a.inventory, loading: &a.loading, clock: a.clock, origin: a.o.Origin}
}

// scope are clusters, region, account and origin.
func (h header) scope() []string {
	if h.inventory == nil {
		return nil
	}
	scope := h.inventory.Snapshot.Scope
	var parts []string
	const named = 2
	switch n := len(scope.Clusters); {
	case n > named:
		parts = append(parts, words.Count(n, "cluster"))
	case n > 0:
		parts = append(parts, strings.Join(scope.Clusters, ", "))
	}
	for _, word := range []string{scope.Region, masked(scope.Account), h.origin} {
		if word != "" {
			parts = append(parts, word)
		}
	}
	return parts
}

// title is the window's.
func (h header) title() string {
	return text.Clean(strings.Join(append([]string{"hopscope"}, h.scope()...), " · "))
}

// completeness says how much of what there is was read.
func completeness(s *model.Snapshot, gaps int) string {
	n := s.Counts.Services
	return fmt.Sprintf("%d of %s · %s · %d failed", n.Loaded, words.Count(n.Listed, "service"),
		words.Count(s.Stats.TotalCalls(), "call"), gaps)
}

// draw draws one line where there is room for everything, else two.
func (h header) draw(c canvas.Canvas) {
	t, width := h.theme, c.Size().X
	x := c.Text(1, 0, "hopscope", t.Brand) + 2
	if h.inventory == nil {
		c.TextIn(x, 0, width-x, h.waiting(), t.Dim)
		return
	}
	left, right := h.readWords()
	if c.Size().Y > 1 {
		limit := width - 1 - h.drawCounts(c, width-1, 0)
		c.Text(x, 0, fitting(h.scope(), h.origin, limit-x-1), t.Text)
		c.TextIn(1, 1, width-text.Width(right)-3, left, t.Dim)
		c.TextRight(width-1, 1, right, t.Dim)
		return
	}
	if right != "" {
		left += " · " + right
	}
	edge := width - 1 - text.Width(left)
	c.Text(edge, 0, left, t.Dim)
	edge -= 3
	edge -= h.drawCounts(c, edge, 0)
	c.Text(x, 0, fitting(h.scope(), h.origin, edge-x-2), t.Text)
}

// fitting joins as many words as there is room for, and cuts the first if need be. The
// origin stays: it tells a demo or a file from an account.
func fitting(words []string, origin string, width int) string {
	tail := ""
	if n := len(words) - 1; origin != "" && n > 0 && words[n] == origin {
		words, tail = words[:n], " · "+origin
	}
	width -= text.Width(tail)
	for len(words) > 1 && text.Width(strings.Join(words, " · ")) > width {
		words = words[:len(words)-1]
	}
	if width < 1 {
		return text.Elide(origin, width+text.Width(tail))
	}
	return text.Elide(strings.Join(words, " · "), width) + tail
}

// waiting says what the empty screen waits for.
func (h header) waiting() string {
	if h.loading.active {
		return "loading: " + h.loading.progress()
	}
	return ""
}

// readWords are completeness and age. A first reading shows how far it is, a
// refresh also how old what it will replace is.
func (h header) readWords() (left, right string) {
	left = completeness(h.inventory.Snapshot, len(h.inventory.gaps))
	if age, ok := h.clock.age(h.inventory.Snapshot.CollectedAt); ok && h.inventory.final {
		right = ago(age)
	}
	switch {
	case !h.loading.busy():
		return left, right
	case !h.loading.active: // all is read, and what is shown is from before
		return "analysing: " + h.loading.progress(), right
	case !h.inventory.final:
		return "loading: " + h.loading.progress(), right
	}
	return "refreshing: " + h.loading.progress(), right
}

// middlingHeader and wideHeader are the widths from which the header has room for the
// numbers of findings and of paths.
const middlingHeader, wideHeader = 70, 100

// drawCounts draws the totals so that they end at a column, and returns their
// width.
func (h header) drawCounts(c canvas.Canvas, right, y int) int {
	type count struct {
		text  string
		style uv.Style
	}
	v := h.inventory
	counts := []count{
		{fmt.Sprintf("%d %s", v.errors, theme.Bad.Glyph()), h.theme.State(theme.Bad)},
		{fmt.Sprintf("%d %s", v.warnings, theme.Warn.Glyph()), h.theme.State(theme.Warn)},
	}
	if c.Size().X >= middlingHeader {
		counts = slices.Insert(counts, 0, count{words.Count(len(v.Findings), "finding"), h.theme.Text})
	}
	if c.Size().X >= wideHeader {
		counts = slices.Insert(counts, 0, count{words.Count(len(v.Paths), "path"), h.theme.Text})
	}
	const space = 2
	width := -space
	for i := range counts {
		if i > 0 && counts[i].text[0] == '0' {
			counts[i].style = h.theme.Dim
		}
		width += text.Width(counts[i].text) + space
	}
	x := right - width
	for _, n := range counts {
		x = c.Text(x, y, n.text, n.style) + space
	}
	return width
}

// drawBanner says what could not be read, or why a refresh failed.
func (h header) drawBanner(c canvas.Canvas) {
	width := c.Size().X
	switch {
	case width == 0:
	case h.loading.failure != "":
		x := c.Text(1, 0, theme.Bad.Glyph()+" not refreshed: ", h.theme.State(theme.Bad))
		c.TextIn(x, 0, width-x-1, h.loading.failure, h.theme.Text)
	default:
		hint := "  F shows them"
		text := bannerWords(h.inventory.gaps)
		x := c.TextIn(1, 0, width-2-len(hint), text, h.theme.Banner)
		c.Text(x, 0, hint, h.theme.Dim)
	}
}

// bannerWords say in one line what is missing.
func bannerWords(gaps []model.Gap) string {
	g := &gaps[0]
	words := fmt.Sprintf("%s: %s %s", words.Count(len(gaps), "gap"), g.Action, g.State)
	if g.Effect != "" {
		words += " — " + g.Effect
	}
	return words
}
