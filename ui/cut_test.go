package ui

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hopscope/internal/text"
	"hopscope/ui/search"
)

// Sixty services whose names differ in the middle alone are told apart.
func TestNamesThatDifferInTheMiddleDoNotReadAlike(t *testing.T) {
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf("acme-prod-apne1-team%02d-orders-service", i))
	}
	for i, c := range cuts(names, 14) {
		if want := fmt.Sprintf("…team%02d-orders…", i); c.read(names[i]) != want && i > 0 {
			if got := c.read(names[i]); !strings.Contains(got, fmt.Sprintf("%02d", i)) {
				t.Fatalf("%s reads %s", names[i], got)
			}
		}
	}
	for width, want := range map[int]string{14: "…orders…", 30: "acme-prod-apne1-orders-service", 20: "…orders-service"} {
		names := []string{
			"acme-prod-apne1-orders-service", "acme-prod-apne1-cart-service", "acme-prod-apne1-catalog-service",
		}
		if got := cuts(names, width)[0].read(names[0]); got != want {
			t.Errorf("in %d columns: %s, not %s", width, got, want)
		}
	}
}

func TestNoTwoNamesReadAlike(t *testing.T) {
	word := rapid.SampledFrom([]string{"acme", "prod", "stage", "apne1", "orders", "order", "api", "service", "svc", "x"})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "names")
		seen := map[string]bool{}
		var names []string
		for range n {
			name := strings.Join(rapid.SliceOfN(word, 1, 8).Draw(t, "words"), "-")
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
		width := rapid.IntRange(12, 30).Draw(t, "width")
		read := map[string]string{}
		for i, c := range cuts(names, width) {
			said := c.read(names[i])
			if text.Width(said) > width {
				t.Fatalf("%q is wider than %d", said, width)
			}
			if other, ok := read[said]; ok {
				t.Fatalf("%s and %s read %s", names[i], other, said)
			}
			read[said] = names[i]
		}
	})
}

func TestWhatASearchFoundIsInSight(t *testing.T) {
	names := []string{"acme-prod-apne1-orders-service", "acme-prod-apne1-cart-service"}
	c := cuts(names, 14)[0]
	for query, want := range map[string]string{
		"ord": "…orders…", "serv": "…orders…serv…", "acme": "acme…orders…", "apne1": "…apne…orders…",
	} {
		marks := search.Parse(query).Marks(names[0])
		if got := c.showing(14, marks).read(names[0]); got != want || text.Width(got) > 14 {
			t.Errorf("%s: %s, not %s", query, got, want)
		}
	}
}
