package ui

import (
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"

	"hopscope/model/modeltest"
	"hopscope/model/rule"
	"hopscope/ui/internal/sample"
)

// A key press is an update and a view. The budget is 2 ms at 5000 services
// (design.md §9).
func BenchmarkKeyPress(b *testing.B) {
	s, r := sample.Fleet(5000)
	cases := []struct {
		name  string
		setup []string
		keys  []tea.Key
	}{
		{"move", nil, []tea.Key{{Code: tea.KeyDown}}},
		{"page", nil, []tea.Key{{Code: tea.KeyPgDown}}},
		{"hop", []string{"tab"}, []tea.Key{{Code: tea.KeyRight}, {Code: tea.KeyRight}, {Code: tea.KeyLeft}, {Code: tea.KeyDown}, {Code: tea.KeyUp}}},
		{"filter", []string{"/"}, []tea.Key{{Text: "4", Code: '4'}, {Text: "7", Code: '7'}, {Code: tea.KeyBackspace}, {Code: tea.KeyBackspace}}},
		{"finding", nil, []tea.Key{{Text: "n", Code: 'n'}}},
		{"findings", []string{"F"}, []tea.Key{{Code: tea.KeyDown}}},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			a := keysOf(appWith(s, r, 120, 40), c.setup...)
			a.View()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				a.Update(tea.KeyPressMsg(c.keys[i%len(c.keys)]))
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
	r := rule.Analyze(s)
	cases := []struct {
		name  string
		setup []string
		keys  []tea.Key
	}{
		{"open the sheet", nil, named("f", "esc")},
		{"scroll the sheet", []string{"f"}, named("down")},
		{"next tab", []string{"f"}, named("right")},
		{"open the what-if", nil, named("w", "esc")},
		{"type a port", []string{"w"}, append(named("8"), tea.Key{Code: tea.KeyBackspace})},
		{"next field", []string{"w"}, named("down")},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			a := appWith(s, r, 120, 40)
			a.clock.read = nil
			walker{App: a}.press(named(c.setup...)...)
			a.View()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				a.Update(tea.KeyPressMsg(c.keys[i%len(c.keys)]))
				a.View()
				i++
			}
		})
	}
}

// Making an inventory happens in a command, but the first picture waits for it.
func BenchmarkSurvey(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		s, r := sample.Fleet(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newInventory(s, r)
			}
		})
	}
}

// Counts do not depend on the machine: what a key press allocates must not grow
// with the account.
func TestAKeyPressCostsTheSameInALargeAccount(t *testing.T) {
	cost := func(services int) float64 {
		s, r := sample.Fleet(services)
		a := appWith(s, r, 120, 40)
		// Past the services with findings, whose explanations differ.
		keysOf(a, "G")
		return testing.AllocsPerRun(50, func() {
			keysOf(a, "k")
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
