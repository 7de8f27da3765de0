package ui

import (
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"

	"hopscope/model/modeltest"
	"hopscope/model/rule"
	"hopscope/ui/uitest"
)

// A key press is an update and a view. The budget is 2 ms at 5000 services
// (docs/structure.md).
func BenchmarkKeyPress(b *testing.B) {
	s := modeltest.Fleet(1, 5000)
	cases := []struct {
		name  string
		setup []string
		keys  []tea.KeyPressMsg
	}{
		{"move", nil, uitest.Keys("down")},
		{"page", nil, uitest.Keys("pgdown")},
		{"hop", []string{"tab"}, uitest.Keys("right", "right", "left", "down", "up")},
		{"filter", []string{"/"}, uitest.Keys("4", "7", "backspace", "backspace")},
		{"filter by field", []string{"/", "p", "o", "r", "t", ":", "8"}, uitest.Keys("0", "backspace")},
		{"palette", nil, uitest.Keys(":", "esc")},
		{"palette, typed", []string{":"}, uitest.Keys("4", "7", "backspace", "backspace")},
		{"finding", nil, uitest.Keys("n")},
		{"findings", []string{"F"}, uitest.Keys("down")},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			a := press(appWith(s, 120, 40), c.setup...)
			a.View()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				a.Update(c.keys[i%len(c.keys)])
				a.View()
				i++
			}
		})
	}
}

// The sheet and the what-if work out nothing on a key press: that is left to
// commands, here carried out in advance.
func BenchmarkFixKeyPress(b *testing.B) {
	s := modeltest.Fleet(1, 5000)
	cases := []struct {
		name  string
		setup []string
		keys  []tea.KeyPressMsg
	}{
		{"open the sheet", nil, uitest.Keys("f", "esc")},
		{"scroll the sheet", []string{"f"}, uitest.Keys("down")},
		{"next tab", []string{"f"}, uitest.Keys("right")},
		{"open the what-if", nil, uitest.Keys("w", "esc")},
		{"type a port", []string{"w"}, uitest.Keys("8", "backspace")},
		{"next field", []string{"w"}, uitest.Keys("down")},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			a := appWith(s, 120, 40)
			a.clock.read = nil
			walker{App: a}.press(uitest.Keys(c.setup...)...)
			a.View()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				a.Update(c.keys[i%len(c.keys)])
				a.View()
				i++
			}
		})
	}
}

// Making an inventory happens in a command, but the first frame waits for it.
func BenchmarkInventory(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		s := modeltest.Fleet(1, n)
		r := rule.Analyze(s)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newInventory(r)
			}
		})
	}
}

// Counts do not depend on the machine: what a key press allocates must not grow
// with the account.
func TestAKeyPressCostsTheSameInALargeAccount(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector, which runs the short tests, allocates too")
	}
	cost := func(services int) float64 {
		a := appWith(modeltest.Fleet(1, services), 120, 40)
		// Past the services with findings, whose explanations differ.
		press(a, "G")
		up := uitest.Keys("k")[0]
		return testing.AllocsPerRun(50, func() {
			a.Update(up)
			a.View()
		})
	}
	small, large := cost(500), cost(5000)
	if large > small*1.2+10 {
		t.Errorf("%v allocations at 5000 services, %v at 500", large, small)
	}
	const budget = 800
	if large > budget {
		t.Errorf("%v allocations for a key press, want at most %d", large, budget)
	}
}
