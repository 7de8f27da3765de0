package ui

import (
	"fmt"
	"image"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"

	"hopscope/internal/thorough"
	"hopscope/model/modeltest"
	"hopscope/ui/uitest"
)

// walker uses an app without a program: commands are carried out one after the
// other. In a synctest bubble their waiting takes no time.
type walker struct {
	*App
	t *testing.T
}

func (w walker) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil, agedMsg, tea.QuitMsg:
	case tea.BatchMsg:
		for _, c := range msg {
			w.do(c)
		}
	default:
		_, next := w.Update(msg)
		w.do(next)
	}
}

func (w walker) press(keys ...tea.KeyPressMsg) {
	for _, k := range keys {
		_, cmd := w.Update(k)
		w.do(cmd)
	}
}

// walkFrom starts at a screen of the article.
func walkFrom(t *testing.T, size image.Point, applier Applier, keys ...string) walker {
	t.Helper()
	a := appWith(modeltest.Article(0, 80), size.X, size.Y)
	a.clock.read, a.activities.applier = nil, applier
	w := walker{a, t}
	w.press(uitest.Keys(keys...)...)
	return w
}

// The places that keys lead to.
func places() map[string][]string {
	return map[string][]string{
		"services": nil, "paths": {"tab"}, "explanation": {"tab", "enter"}, "findings": {"F"}, "filter": {"/"},
		"help": {"?"}, "export": {"e"},
		"sheet": {"f"}, "sheet of a path": {"tab", "f"}, "sheet of a finding": {"F", "f"},
		"scripts": {"f", "right"}, "plans": {"f", "p"},
		"confirm": {"f", "a"}, "applied": {"f", "a", "y"}, "undo": {"f", "a", "y", "u"}, "tidy": {"f", "a", "y", "t"},
		"undone": {"f", "a", "y", "u", "y"}, "main, applied": {"f", "a", "y", "esc"}, "log": {"L"},
		"security groups": {"tab", "s"},
		"palette":         {":"}, "palette, typed": {":", "a", "p"},
		"what if": {"w"}, "what if, typed": {"w", "8", "0", "8", "0"}, "rule": {"w", "+"},
		"supposed": {"w", "8", "0", "8", "0", "f"},
	}
}

// walks are what to press at a place: each key that does something there, followed
// by all others, and those that do nothing in one go.
func walks(at screen, keys []tea.KeyPressMsg) [][]tea.KeyPressMsg {
	acts := map[string]bool{}
	for _, a := range at.actions() {
		for _, key := range a.keys {
			acts[key] = true
		}
	}
	var idle []tea.KeyPressMsg
	var out [][]tea.KeyPressMsg
	for _, k := range keys {
		if !acts[k.String()] {
			idle = append(idle, k)
			continue
		}
		out = append(out, append([]tea.KeyPressMsg{k}, keys...))
	}
	return append(out, append(idle, keys...))
}

// Nothing is changed but by the answer yes to a question: every key of every screen
// is pressed, and after each every other one.
func TestNoKeyChangesAnythingButTheAnswerToAQuestion(t *testing.T) {
	keys := everyKey()
	sizes := []image.Point{{X: 60, Y: 16}, {X: 120, Y: 40}}
	n := 0
	for place, way := range places() {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for i, walk := range walks(walkFrom(t, sizes[0], &ScriptedApplier{}, way...).top(), keys) {
					if i%thorough.Step(3) != 0 {
						continue
					}
					f := &ScriptedApplier{}
					w := walkFrom(t, sizes[i%len(sizes)], f, way...)
					begun := len(f.Changing())
					for _, k := range walk {
						if _, asked := w.top().(*confirmScreen); asked && k.Text == "y" {
							continue
						}
						w.press(k)
						n++
						if got := f.Changing(); len(got) > begun {
							t.Fatalf("%q first, and at last %q: %v was called without an answer", walk[0].String(),
								k.String(), got)
						}
					}
					checkFrame(t, w.App)
				}
			})
		})
	}
	t.Logf("%d keys were pressed", n)
	synctest.Test(t, func(t *testing.T) {
		f := &ScriptedApplier{}
		walkFrom(t, sizes[0], f, "f", "a", "y")
		if got := fmt.Sprint(f.Changing()); got != "[apply]" {
			t.Errorf("yes called %s: this test could not fail", got)
		}
	})
}

func TestWithoutAnApplierNoKeyLeadsToAQuestion(t *testing.T) {
	keys := everyKey()
	for place, way := range places() {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := walkFrom(t, image.Pt(80, 24), nil, way...)
				for _, k := range append(keys, keys...) {
					w.press(k)
					if s, asked := w.top().(*confirmScreen); asked {
						t.Fatalf("%q: asked %q", k.String(), s.question)
					}
				}
				checkFrame(t, w.App)
			})
		})
	}
}

func TestLatePlansPreviewsAndTrialsAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := walkFrom(t, image.Pt(80, 24), nil, "f")
		s := w.top().(*fixScreen)
		shown, preview := s.shown, s.preview
		if shown == nil || preview == nil {
			t.Fatal("there is no plan")
		}
		w.Update(plannedMsg{serial: s.serial - 1, planned: &planned{inventory: w.inventory}})
		w.Update(previewedMsg{serial: s.previews - 1, preview: nil})
		if s.shown != shown || s.newer != nil || s.preview != preview {
			t.Error("a late plan was taken")
		}
		w.press(uitest.Keys("esc", "w", "8", "0", "8", "0")...)
		try := w.top().(*whatIfScreen)
		result := try.result
		w.Update(whatIfMsg{serial: try.serial - 1, result: &whatIfResult{}})
		if try.result != result || result == nil {
			t.Error("a late trial was taken")
		}
		w.Update(preparedMsg{serial: -1})
		w.Update(progressedMsg{serial: -1})
		w.Update(carriedOutMsg{serial: -1})
		w.Update(tickedMsg{serial: -1})
	})
}
