package ui

import (
	"strings"
	"testing"

	"hopscope/model/modeltest"
)

func TestWhatIsShownNeverDropsOutOfTheHeader(t *testing.T) {
	words := []string{"production-payments", "eu-west-1", "1234…9012", "demo: article"}
	for width, want := range map[int]string{
		80: "production-payments · eu-west-1 · 1234…9012 · demo: article",
		50: "production-payments · eu-west-1 · demo: article",
		40: "production-payments · demo: article",
		30: "production-pa… · demo: article",
		17: "… · demo: article",
		16: "demo: article",
		8:  "demo: a…",
	} {
		if got := fitting(words, "demo: article", width); got != want {
			t.Errorf("in %d columns it reads %q, want %q", width, got, want)
		}
	}
	if got, want := fitting(words[:3], "", 40), "production-payments · eu-west-1"; got != want {
		t.Errorf("an account reads %q, want %q", got, want)
	}
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 40}, {200, 60}} {
		first, _, _ := strings.Cut(plainScreen(appWith(modeltest.Article(0, 80), size[0], size[1])), "\n")
		if !strings.Contains(first, "demo") {
			t.Errorf("%d×%d: the header is %q", size[0], size[1], first)
		}
	}
}
