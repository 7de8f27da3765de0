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
	kind      Kind
	origin    string
	// writes is set where plans can be carried out.
	writes bool
}

func (a *App) header() header {
	return header{
		theme: a.theme, inventory: a.inventory, loading: &a.loading, clock: a.clock, kind: a.o.Kind, origin: a.o.Origin,
		writes: a.activities.applier != nil,
	}
}

// scope are clusters, region, account and origin.
func (h header) scope() []string {
	if h.inventory == nil {
		return nil
	}
	scope := h.inventory.Snapshot.Scope
	var parts []string
	for _, word := range []string{h.clusterWords(), scope.Region, masked(scope.Account), h.origin} {
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

// draw draws one line where there is room for everything, else two. The counts have the
// second line where they leave too little of the identity in the first.
func (h header) draw(c canvas.Canvas) {
	t, width := h.theme, c.Size().X
	if h.inventory == nil {
		x := c.Text(1, 0, "hopscope", t.Brand) + 2
		c.TextIn(x, 0, width-x, h.waiting(), t.Dim)
		return
	}
	left, right := h.readWords()
	who := h.identity()
	if c.Size().Y == 1 {
		if right != "" {
			left += " · " + right
		}
		edge := width - 1 - text.Width(left)
		c.Text(edge, 0, left, t.Dim)
		edge -= 3
		h.drawIdentity(c, who, edge-h.drawCounts(c, edge, 0)-2)
		return
	}
	const space = 2
	end, first := width-1, width-1-h.countsWidth(c.Size().X)-space
	if fits := who.within(first - 1); fits.width() > first-1 {
		h.drawIdentity(c, who, end)
		c.TextRight(end, 1, right, t.Dim)
		if right != "" {
			end -= text.Width(right) + space
		}
		end -= h.drawCounts(c, end, 1) + space
		c.TextIn(1, 1, end-1, left, t.Dim)
		return
	}
	h.drawCounts(c, end, 0)
	h.drawIdentity(c, who, first)
	c.TextIn(1, 1, width-text.Width(right)-3, left, t.Dim)
	c.TextRight(end, 1, right, t.Dim)
}

// drawIdentity draws the identity up to a column, behind the program's name where there is
// room for both.
func (h header) drawIdentity(c canvas.Canvas, who identity, end int) {
	const brand = "hopscope"
	x := 1
	if shown := who.within(end - x - len(brand) - 2); shown.width() <= end-x-len(brand)-2 {
		x = c.Text(x, 0, brand, h.theme.Brand) + 2
	}
	who.within(end-x).draw(c, x, 0, end-x)
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

// count is a total in the header.
type count struct {
	text  string
	style uv.Style
}

func (h header) counts(width int) []count {
	v := h.inventory
	counts := []count{
		{fmt.Sprintf("%d %s", v.errors, theme.Bad.Glyph()), h.theme.State(theme.Bad)},
		{fmt.Sprintf("%d %s", v.warnings, theme.Warn.Glyph()), h.theme.State(theme.Warn)},
	}
	if width >= middlingHeader {
		counts = slices.Insert(counts, 0, count{words.Count(len(v.Findings), "finding"), h.theme.Text})
	}
	if width >= wideHeader {
		counts = slices.Insert(counts, 0, count{words.Count(len(v.Paths), "path"), h.theme.Text})
	}
	for i := range counts {
		if i > 0 && counts[i].text[0] == '0' {
			counts[i].style = h.theme.Dim
		}
	}
	return counts
}

// countSpace is the space between the totals.
const countSpace = 2

func (h header) countsWidth(screen int) int {
	width := -countSpace
	for _, n := range h.counts(screen) {
		width += text.Width(n.text) + countSpace
	}
	return width
}

// drawCounts draws the totals so that they end at a column, and returns their
// width.
func (h header) drawCounts(c canvas.Canvas, right, y int) int {
	width := h.countsWidth(c.Size().X)
	x := right - width
	for _, n := range h.counts(c.Size().X) {
		x = c.Text(x, y, n.text, n.style) + countSpace
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
