package ui

import (
	"strings"
	"testing"

	"hopscope/internal/text"
)

// allScreens are the screens that a user can get to.
func allScreens() map[string]screen {
	return map[string]screen{
		"main": newMainScreen(), "filter": filterScreen{}, "findings": &findingsScreen{},
		"explanation": &explainScreen{},
		"help":        &helpScreen{}, "palette": &paletteScreen{}, "security": &securityScreen{},
		"export": &exportScreen{}, "failure": &failureScreen{},
		"fix": &fixScreen{}, "plans": &plansScreen{sheet: &fixScreen{}}, "confirm": &confirmScreen{},
		"apply": &applyScreen{}, "log": &logScreen{},
		"what if": &whatIfScreen{}, "rule": &ruleScreen{whatIfScreen: &whatIfScreen{}},
	}
}

func TestNoKeyDoesTwoThingsOnAScreen(t *testing.T) {
	for name, s := range allScreens() {
		seen := map[string]bool{}
		for _, a := range s.actions() {
			for _, key := range a.keys {
				if seen[key] {
					t.Errorf("%s: %q has two actions", name, key)
				}
				seen[key] = true
			}
		}
		if !seen["ctrl+c"] {
			t.Errorf("%s: ctrl+c does nothing", name)
		}
	}
}

// Configuration and the palette name actions by their ids.
func TestEveryActionHasAnIDOfItsOwnOnItsScreen(t *testing.T) {
	for name, s := range allScreens() {
		seen := map[string]bool{}
		for _, a := range s.actions() {
			if a.id == "" || seen[a.id] || strings.Trim(a.id, "abcdefghijklmnopqrstuvwxyz-") != "" {
				t.Errorf("%s: the id of %v is %q", name, a.keys, a.id)
			}
			seen[a.id] = true
		}
	}
}

func TestEveryActionDoesSomethingAndTheOnesWithAKeyNameHaveHelp(t *testing.T) {
	for name, s := range allScreens() {
		for _, a := range s.actions() {
			if a.run == nil || len(a.keys) == 0 {
				t.Errorf("%s: %v does nothing", name, a.keys)
			}
			if a.key != "" && a.help == "" {
				t.Errorf("%s: %v has no help", name, a.keys)
			}
			if a.name != "" && a.key == "" {
				t.Errorf("%s: %v is in the footer without a key", name, a.keys)
			}
		}
	}
}

func TestTheFooterFitsAndKeepsItsLastKeys(t *testing.T) {
	for name, s := range allScreens() {
		for width := minWidth; width <= 220; width++ {
			placed := footerKeys(s.actions(), width)
			for i, k := range placed {
				if k.end > width || i > 0 && k.x < placed[i-1].end+2 {
					t.Fatalf("%s at %d: %q is at %d..%d", name, width, k.action.name, k.x, k.end)
				}
				if got := k.end - k.x; got != text.Width(k.action.key+" "+k.action.name) {
					t.Fatalf("%s: %q has %d cells", name, k.action.name, got)
				}
			}
		}
	}
	main := footerKeys(mainActions(), minWidth)
	if n := len(main); n < 2 || main[n-2].action.name != "help" || main[n-1].action.name != "quit" {
		t.Error("help and quit are not in the footer of the smallest screen")
	}
}
