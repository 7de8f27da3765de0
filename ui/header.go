package ui

import (
	"fmt"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// scopeWords are clusters, region, account and origin.
func (a *App) scopeWords() []string {
	scope := a.inventory.snapshot.Scope
	var words []string
	const named = 2
	switch n := len(scope.Clusters); {
	case n > named:
		words = append(words, counted(n, "cluster"))
	case n > 0:
		words = append(words, strings.Join(scope.Clusters, ", "))
	}
	for _, word := range []string{scope.Region, masked(scope.Account), a.o.Origin} {
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// completeness says how much of what there is was read.
func completeness(s *model.Snapshot, gaps int) string {
	n := s.Counts.Services
	return fmt.Sprintf("%d of %s · %s · %d failed", n.Loaded, counted(n.Listed, "service"), counted(s.Stats.TotalCalls(), "call"), gaps)
}

// drawHeader draws one line where there is room for everything, else two.
func (a *App) drawHeader(c canvas.Canvas) {
	t, width := a.theme, c.Size().X
	x := c.Text(1, 0, "hopscope", t.Brand) + 2
	if a.inventory == nil {
		c.TextIn(x, 0, width-x, a.waiting(), t.Dim)
		return
	}
	left, right := a.readWords()
	if c.Size().Y > 1 {
		limit := width - 1 - a.drawCounts(c, width-1, 0)
		c.Text(x, 0, fitting(a.scopeWords(), limit-x-1), t.Text)
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
	edge -= a.drawCounts(c, edge, 0)
	c.Text(x, 0, fitting(a.scopeWords(), edge-x-2), t.Text)
}

// fitting joins as many words as there is room for, and cuts the first if need
// be.
func fitting(words []string, width int) string {
	for len(words) > 1 && text.Width(strings.Join(words, " · ")) > width {
		words = words[:len(words)-1]
	}
	return text.Elide(strings.Join(words, " · "), width)
}

// waiting says what the empty screen waits for.
func (a *App) waiting() string {
	if a.loading.active {
		return "loading: " + a.loading.progress()
	}
	return ""
}

// readWords are completeness and age. A first reading shows how far it is, a
// refresh also how old the picture is that it will replace.
func (a *App) readWords() (left, right string) {
	left = completeness(a.inventory.snapshot, len(a.inventory.gaps))
	if age, ok := a.clock.age(a.inventory.snapshot.CollectedAt); ok && a.inventory.final {
		right = ago(age)
	}
	if !a.loading.active {
		return left, right
	}
	if !a.inventory.final {
		return "loading: " + a.loading.progress(), right
	}
	return "refreshing: " + a.loading.progress(), right
}

// drawCounts draws the totals so that they end at a column, and returns their
// width.
func (a *App) drawCounts(c canvas.Canvas, right, y int) int {
	type count struct {
		text  string
		style uv.Style
	}
	v := a.inventory
	counts := []count{
		{counted(len(v.paths), "path"), a.theme.Text},
		{fmt.Sprintf("%d %s", v.errors, theme.Bad.Glyph()), a.theme.State(theme.Bad)},
		{fmt.Sprintf("%d %s", v.warnings, theme.Warn.Glyph()), a.theme.State(theme.Warn)},
	}
	const space = 2
	width := -space
	for i := range counts {
		if i > 0 && counts[i].text[0] == '0' {
			counts[i].style = a.theme.Dim
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
func (a *App) drawBanner(c canvas.Canvas) {
	width := c.Size().X
	switch {
	case width == 0:
	case a.loading.failure != "":
		x := c.Text(1, 0, theme.Bad.Glyph()+" not refreshed: ", a.theme.State(theme.Bad))
		c.TextIn(x, 0, width-x-1, a.loading.failure, a.theme.Text)
	default:
		hint := "  F shows them"
		text := bannerWords(a.inventory.gaps)
		x := c.TextIn(1, 0, width-2-len(hint), text, a.theme.Banner)
		c.Text(x, 0, hint, a.theme.Dim)
	}
}

// bannerWords say in one line what is missing.
func bannerWords(gaps []model.Gap) string {
	g := &gaps[0]
	words := fmt.Sprintf("%s: %s %s", counted(len(gaps), "gap"), g.Action, g.State)
	if g.Effect != "" {
		words += " — " + g.Effect
	}
	return words
}
