package ui

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"hopscope/model"
	"hopscope/model/rule"
	"hopscope/ui/internal/sample"
	"hopscope/ui/uitest"
)

// noSource is for apps that are given their surveys by hand.
type noSource struct{}

func (noSource) Collect(context.Context, func(*model.Snapshot)) (*model.Snapshot, error) {
	return nil, errors.New("nothing to collect")
}

// appWith is an app of some size that shows a report.
func appWith(s *model.Snapshot, r *rule.Report, width, height int) *App {
	a := New(Options{
		Source: noSource{}, Origin: "demo",
		Clock: func() time.Time { return sample.Collected().Add(12 * time.Second) },
		Save:  func(context.Context, string, *model.Snapshot) error { return nil },
	})
	a.Update(tea.WindowSizeMsg{Width: width, Height: height})
	if s != nil {
		v := newInventory(s, r)
		v.final = !s.Loading()
		a.Update(analyzedMsg{inventory: v})
	}
	return a
}

// press presses keys by name or letter, and leaves undone what they begin.
func press(a *App, names ...string) *App {
	for _, key := range uitest.Keys(names...) {
		a.Update(key)
	}
	return a
}

func plainScreen(a *App) string {
	lines := strings.Split(ansi.Strip(a.View().Content), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestScreensLookLikeTheirPictures(t *testing.T) {
	article := func(act sample.Act) func() (*model.Snapshot, *rule.Report) {
		return func() (*model.Snapshot, *rule.Report) {
			s := sample.Snapshot()
			return s, sample.Report(s, act)
		}
	}
	screens := []struct {
		name string
		data func() (*model.Snapshot, *rule.Report)
		keys []string
	}{
		{"services", article(sample.AllOn80), nil},
		{"hop", article(sample.AllOn80), []string{"tab", "right"}},
		{"blocked", article(sample.Moved), []string{"tab"}},
		{"explanation", article(sample.Moved), []string{"tab", "enter"}},
		{"open", article(sample.Opened), []string{"j"}},
		{"gaps", sample.Denied, nil},
		{"findings", article(sample.AllOn80), []string{"F"}},
		{"gap", sample.Denied, []string{"F"}},
		{"filter", func() (*model.Snapshot, *rule.Report) { return sample.Fleet(200) }, []string{"/", "1", "3"}},
		{"export", article(sample.Opened), []string{"e"}},
		{"help", article(sample.Opened), []string{"?"}},
		{"ways", sample.Ways, []string{"tab"}},
		{"behind", sample.Ways, []string{"tab", "j", "j", "j", "j", "enter"}},
		{"no path", sample.Astray, []string{"enter"}},
		{"findings astray", sample.Astray, []string{"F"}},
	}
	for _, size := range []image.Point{{X: 60, Y: 16}, {X: 80, Y: 24}, {X: 200, Y: 60}} {
		for _, s := range screens {
			t.Run(fmt.Sprintf("%dx%d/%s", size.X, size.Y, s.name), func(t *testing.T) {
				snapshot, report := s.data()
				golden.RequireEqual(t, plainScreen(press(appWith(snapshot, report, size.X, size.Y), s.keys...)))
			})
		}
	}
}

func TestTheFirstScreenMakesAPicture(t *testing.T) {
	s := sample.Snapshot()
	var b bytes.Buffer
	o := Options{Analyze: func(s *model.Snapshot) *rule.Report { return sample.Report(s, sample.AllOn80) }}
	if err := WriteSVG(&b, o, s, image.Pt(104, 28)); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(b.Bytes())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("not XML: %v", err)
		}
	}
	for _, want := range []string{"hopscope · prod · ap-northeast-1", "sample-ecs-app", "agent :80", "unnecessary hop"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in the picture", want)
		}
	}
}

// accounts are what an app may have to show.
func accounts() map[string]func() (*model.Snapshot, *rule.Report) {
	return map[string]func() (*model.Snapshot, *rule.Report){
		"before anything":  func() (*model.Snapshot, *rule.Report) { return nil, nil },
		"an empty account": func() (*model.Snapshot, *rule.Report) { return &model.Snapshot{}, &rule.Report{} },
		"names only":       func() (*model.Snapshot, *rule.Report) { return sample.Loading(50, 3), &rule.Report{} },
		"the article": func() (*model.Snapshot, *rule.Report) {
			s := sample.Snapshot()
			return s, sample.Report(s, sample.AllOn80)
		},
		"denied actions":    sample.Denied,
		"a fleet":           func() (*model.Snapshot, *rule.Report) { return sample.Fleet(120) },
		"every kind of way": everyKind,
		"rarer ways":        sample.Ways,
		"no path to a rule": sample.Astray,
		"findings astray": func() (*model.Snapshot, *rule.Report) {
			return sample.Snapshot(), &rule.Report{Findings: []rule.Finding{{Code: "X", Service: "none", Path: "none"}, {}}}
		},
	}
}

// everyKind is one service with every kind of path.
func everyKind() (*model.Snapshot, *rule.Report) {
	r := &rule.Report{}
	for _, k := range sample.Kinds() {
		k.Path.ID = k.Name
		k.Path.Target.Cluster, k.Path.Target.Service = sample.Cluster, sample.Server
		r.Paths = append(r.Paths, k.Path)
	}
	return sample.Snapshot(), r
}

// checkFrame checks that a frame has exactly the size of the screen.
func checkFrame(t interface {
	Helper()
	Fatalf(string, ...any)
}, a *App,
) {
	t.Helper()
	v := a.View()
	if a.size.X <= 0 || a.size.Y <= 0 {
		return
	}
	lines := strings.Split(v.Content, "\n")
	if len(lines) != a.size.Y {
		t.Fatalf("%d lines on a screen of %v", len(lines), a.size)
	}
	for i, line := range lines {
		if got := ansi.StringWidth(line); got > a.size.X {
			t.Fatalf("line %d has %d cells on a screen of %v: %q", i, got, a.size, line)
		}
	}
	if c := v.Cursor; c != nil && !image.Pt(c.X, c.Y).In(image.Rectangle{Max: a.size}) {
		t.Fatalf("the cursor is at %d,%d on a screen of %v", c.X, c.Y, a.size)
	}
}

// everyKey is all keys that any screen knows, and some that none does.
func everyKey() []tea.KeyPressMsg {
	keys := append(uitest.Keys(strings.Split("xé東jkhlgGnNFyer?/fwLAautp+08", "")...), tea.KeyPressMsg{})
	return append(keys, uitest.Keys(uitest.Named()...)...)
}

func TestNoKeyPanicsAtAnySizeWhateverThereIsToShow(t *testing.T) {
	sizes := []image.Point{{}, {X: 59, Y: 15}, {X: 60, Y: 16}, {X: 80, Y: 24}, {X: 200, Y: 60}}
	states := [][]string{nil, {"tab"}, {"tab", "enter"}, {"/"}, {"F"}, {"?"}, {"e"}, {"f"}, {"w"}, {"L"}}
	for name, account := range accounts() {
		t.Run(name, func(t *testing.T) {
			s, r := account()
			for _, size := range sizes {
				for _, state := range states {
					a := press(appWith(s, r, size.X, size.Y), state...)
					for _, k := range everyKey() {
						a.Update(k)
						checkFrame(t, a)
					}
				}
			}
		})
	}
}

func TestRandomUseNeverPanicsAndFramesFit(t *testing.T) {
	all, keys := accounts(), everyKey()
	names := []string{
		"before anything", "an empty account", "names only", "the article", "denied actions", "a fleet",
		"every kind of way", "findings astray", "rarer ways", "no path to a rule",
	}
	rapid.Check(t, func(t *rapid.T) {
		s, r := all[rapid.SampledFrom(names).Draw(t, "account")]()
		a := appWith(s, r, 80, 24)
		coordinate := rapid.IntRange(-1, 210)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			x, y := coordinate.Draw(t, "x"), coordinate.Draw(t, "y")
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0:
				a.Update(tea.WindowSizeMsg{Width: max(x, 0), Height: max(y/3, 0)})
			case 1:
				a.Update(tea.MouseClickMsg{X: x, Y: y / 3, Button: tea.MouseLeft})
			case 2:
				button := rapid.SampledFrom([]tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown, tea.MouseWheelLeft}).Draw(t, "wheel")
				a.Update(tea.MouseWheelMsg{X: x, Y: y / 3, Button: button})
			case 3:
				if s, r := all[rapid.SampledFrom(names).Draw(t, "account")](); s != nil {
					a.Update(analyzedMsg{generation: a.loading.generation, inventory: newInventory(s, r)})
				}
			case 4:
				a.Update(tea.PasteMsg{Content: rapid.String().Draw(t, "paste")})
			case 5:
				a.Update(collectedMsg{generation: a.loading.generation, err: errors.New("gone")})
			default:
				a.Update(rapid.SampledFrom(keys).Draw(t, "key"))
			}
			checkFrame(t, a)
		}
	})
}

func TestAViewIsDrawnOnceAsLongAsNothingChanges(t *testing.T) {
	s, r := sample.Fleet(100)
	a := appWith(s, r, 120, 40)
	a.View()
	if n := testing.AllocsPerRun(100, func() { a.Update(tea.FocusMsg{}); a.View() }); n > 2 {
		t.Errorf("%v allocations for a message that changes nothing", n)
	}
}

func TestLateResultsAreDropped(t *testing.T) {
	s := sample.Snapshot()
	a := appWith(s, sample.Report(s, sample.AllOn80), 80, 24)
	shown := a.inventory
	late := newInventory(sample.Snapshot("late"), &rule.Report{})
	a.Update(analyzedMsg{generation: -1, inventory: late})
	a.Update(collectedMsg{generation: -1, err: errors.New("late")})
	a.Update(snapshotReadMsg{generation: -1, snapshot: late.snapshot})
	if a.inventory != shown || a.loading.failure != "" || a.loading.latest != nil {
		t.Error("a late result was taken")
	}
}

func TestMouseFloodsAreThinned(t *testing.T) {
	now := time.Unix(0, 0)
	filter := Filter(func() time.Time { return now })
	passed := 0
	for range 100 {
		now = now.Add(time.Millisecond)
		for _, msg := range []tea.Msg{tea.MouseWheelMsg{}, tea.MouseMotionMsg{}, tea.MouseReleaseMsg{}} {
			if filter(nil, msg) != nil {
				passed++
			}
		}
	}
	if passed < 5 || passed > 7 {
		t.Errorf("%d of 300 events in 100 ms got through, want about 6", passed)
	}
	if filter(nil, tea.MouseClickMsg{}) == nil || filter(nil, tea.KeyPressMsg{}) == nil {
		t.Error("clicks and keys must get through")
	}
}

func TestTypingOnFindsWhatSearchingFromTheStartFinds(t *testing.T) {
	s, r := sample.Fleet(300)
	v := newInventory(s, r)
	for _, query := range []string{"s13", "0", "01", "svc", "e99", "zz", "sé"} {
		var typed found
		for i := range query {
			typed = typed.narrowed(v, query[:i+1])
		}
		at := map[*service]bool{}
		for _, row := range (found{}).narrowed(v, query).rows {
			at[row.service] = true
		}
		if len(at) != len(typed.rows) {
			t.Errorf("%q: %d rows when typed, %d at once", query, len(typed.rows), len(at))
		}
		for _, row := range typed.rows {
			if !at[row.service] {
				t.Errorf("%q: %s is only found when typed", query, row.service.name())
			}
		}
	}
}
