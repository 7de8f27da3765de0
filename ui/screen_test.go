package ui

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"pgregory.net/rapid"

	"hopscope/internal/thorough"
	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
	"hopscope/ui/uitest"
)

// noSource is for apps that are given their surveys by hand.
type noSource struct{}

func (noSource) Collect(context.Context, func(*model.Snapshot)) (*model.Snapshot, error) {
	return nil, errors.New("nothing to collect")
}

// appWith is an app of some size that shows a snapshot.
func appWith(s *model.Snapshot, width, height int) *App {
	a := New(Options{
		Source: noSource{}, Origin: "demo",
		Clock: func() time.Time { return modeltest.Time.Add(12 * time.Second) },
		Save:  func(context.Context, string, *model.Snapshot) error { return nil },
	})
	a.Update(tea.WindowSizeMsg{Width: width, Height: height})
	if s != nil {
		v := newInventory(rule.Analyze(s))
		v.final = !s.Loading()
		a.Update(analyzedMsg{inventory: v})
	}
	makePlans(a)
	return a
}

// makePlans makes the plans that the screen waits for.
func makePlans(a *App) {
	for a.inventory != nil && a.inventory.remedies.making {
		a.inventory.remedies.making = false
		if cmd := makeRemedies(a); cmd != nil {
			a.Update(cmd())
		}
	}
}

// press presses keys by name or letter, and leaves undone what they begin.
func press(a *App, names ...string) *App {
	for _, key := range uitest.Keys(names...) {
		a.Update(key)
		makePlans(a)
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

func TestScreensAreAsInTheirGoldenFiles(t *testing.T) {
	article := func(override int, open ...int) func() *model.Snapshot {
		return func() *model.Snapshot { return modeltest.Article(override, open...) }
	}
	screens := []struct {
		name string
		data func() *model.Snapshot
		keys []string
	}{
		{"services", article(0, 80), nil},
		{"hop", article(0, 80), []string{"tab", "right"}},
		{"blocked", article(8080, 80), []string{"tab"}},
		{"explanation", article(8080, 80), []string{"tab", "enter"}},
		{"open", article(8080, 8080), []string{"j"}},
		{"gaps", denied, nil},
		{"findings", article(0, 80), []string{"F"}},
		{"gap", denied, []string{"F"}},
		{"filter", func() *model.Snapshot { return modeltest.Fleet(1, 200) }, []string{"/", "1", "3"}},
		{"export", article(8080, 8080), []string{"e"}},
		{"palette", article(8080, 80), []string{":"}},
		{"security groups", article(8080, 80), []string{"tab", "s"}},
		{"palette, typed", article(8080, 80), []string{":", "s", "a"}},
		{"help", article(8080, 8080), []string{"?"}},
		{"ways", modeltest.ManyWays, []string{"tab"}},
		{"behind", modeltest.ManyWays, []string{"tab", "j", "j", "j", "enter"}},
		{"rollout", func() *model.Snapshot { return modeltest.RollingOut().Snapshot() }, []string{"tab"}},
		{"not known", func() *model.Snapshot {
			return modeltest.BlueGreen(90, 10).Deny(model.DescribeTaskDefinition).Snapshot()
		}, []string{"tab"}},
		{"no path", modeltest.ManyWays, []string{"j", "enter"}},
		{"unhealthy targets", modeltest.UnhealthyArticle, nil},
		{"unhealthy targets, path", modeltest.UnhealthyArticle, []string{"tab"}},
		{"unhealthy targets, explanation", modeltest.UnhealthyArticle, []string{"tab", "enter"}},
		{"healthy targets", article(10080, 10080), []string{"j", "tab", "enter"}},
		{"no client admitted", closedToClients, []string{"tab"}},
		{"no client admitted, explanation", closedToClients, []string{"tab", "enter"}},
		{"clients", admitting, []string{"j", "tab", "left"}},
		{"findings without a path", modeltest.ManyWays, []string{"F"}},
		{"long names", func() *model.Snapshot {
			return modeltest.Hostile(strings.Repeat("a-very-long-name-",
				6)).Snapshot()
		}, []string{"tab"}},
		{
			"hostile names", func() *model.Snapshot { return modeltest.Hostile("東京\x1b[2J\u202eevil\nname").Snapshot() },
			[]string{"tab", "enter"},
		},
	}
	for _, size := range []image.Point{{X: 60, Y: 16}, {X: 80, Y: 24}, {X: 200, Y: 60}} {
		for _, s := range screens {
			t.Run(fmt.Sprintf("%dx%d/%s", size.X, size.Y, s.name), func(t *testing.T) {
				golden.RequireEqual(t, plainScreen(press(appWith(s.data(), size.X, size.Y), s.keys...)))
			})
		}
	}
}

// closedToClients is a service behind a load balancer whose group admits no client.
func closedToClients() *model.Snapshot { return behindGroup() }

// admitting is a service behind a load balancer that admits one group's clients.
func admitting() *model.Snapshot { return behindGroup(modeltest.In("tcp 80", "sg-batch")) }

func behindGroup(rules ...modeltest.GroupRule) *model.Snapshot {
	return modeltest.New().Group("sg-batch").Group("sg-web", modeltest.In("tcp 80", "sg-alb")).ALB("alb", 80, "tg").
		Group("sg-alb", rules...). // after the load balancer, which would open it
		Service("web", modeltest.Port("http", 80, "http"), modeltest.Behind("tg", 80)).
		Service("batch", modeltest.Port("http", 81, "http")).Snapshot()
}

// denied is an account in which something was not read.
func denied() *model.Snapshot {
	s := modeltest.Article(8080, 8080)
	modeltest.Deny(s, model.DescribeNetworkAcls)
	s.Gaps = append(s.Gaps, model.Gap{
		Action: model.DescribeRules, Resource: "arn:x", State: model.Failed, Error: "timeout",
		Message: "press r to try again",
	})
	return s
}

func TestTheFirstFrameIsWrittenAsSVG(t *testing.T) {
	var b bytes.Buffer
	if err := WriteSVG(&b, Options{}, modeltest.Article(0, 80), image.Pt(104, 28)); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(b.Bytes())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("not XML: %v", err)
		}
	}
	for _, want := range []string{
		"hopscope · prod · ap-northeast-1", "sample-ecs-app", "agent :80",
		"unnecessary hop",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in the frame", want)
		}
	}
}

// accounts are what an app may have to show.
func accounts() map[string]func() *model.Snapshot {
	all := map[string]func() *model.Snapshot{
		"before anything":  func() *model.Snapshot { return nil },
		"an empty account": func() *model.Snapshot { return &model.Snapshot{} },
		"names only":       func() *model.Snapshot { return modeltest.Loading(50, 3) },
		"denied actions":   denied,
		"a fleet":          func() *model.Snapshot { return modeltest.Fleet(1, 120) },
		"rarer ways":       modeltest.ManyWays,
	}
	for _, w := range modeltest.Ways() {
		switch w.Name {
		case "everything on port 80", "the agent on another port, which is shut", "a rollout", "hostile names",
			"task definitions not read":
			all[w.Name] = func() *model.Snapshot { return w.Snapshot }
		}
	}
	return all
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
	keys := append(uitest.Keys(strings.Split("xé東jkhlgGnNFyer?/fwLAautp+08:!so[]_", "")...), tea.KeyPressMsg{})
	return append(keys, uitest.Keys(uitest.Named()...)...)
}

func TestNoKeyPanicsAtAnySizeWhateverThereIsToShow(t *testing.T) {
	sizes := []image.Point{{}, {X: 59, Y: 15}, {X: 60, Y: 16}, {X: 80, Y: 24}, {X: 200, Y: 60}}
	states := [][]string{nil, {"tab"}, {"tab", "enter"}, {"/"}, {"F"}, {"?"}, {"e"}, {"f"}, {"w"}, {"L"}, {":"}, {"s"}}
	for name, account := range accounts() {
		t.Run(name, func(t *testing.T) {
			s := account()
			for i, size := range sizes {
				for j, state := range states {
					if (i+j)%thorough.Step(3) != 0 {
						continue
					}
					a := press(appWith(s, size.X, size.Y), state...)
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
	names := slices.Sorted(maps.Keys(all))
	rapid.Check(t, func(t *rapid.T) {
		a := appWith(all[rapid.SampledFrom(names).Draw(t, "account")](), 80, 24)
		coordinate := rapid.IntRange(-1, 210)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			x, y := coordinate.Draw(t, "x"), coordinate.Draw(t, "y")
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0:
				a.Update(tea.WindowSizeMsg{Width: max(x, 0), Height: max(y/3, 0)})
			case 1:
				a.Update(tea.MouseClickMsg{X: x, Y: y / 3, Button: tea.MouseLeft})
			case 2:
				button := rapid.SampledFrom([]tea.MouseButton{
					tea.MouseWheelUp, tea.MouseWheelDown,
					tea.MouseWheelLeft,
				}).Draw(t, "wheel")
				a.Update(tea.MouseWheelMsg{X: x, Y: y / 3, Button: button})
			case 3:
				if s := all[rapid.SampledFrom(names).Draw(t, "account")](); s != nil {
					a.Update(analyzedMsg{generation: a.loading.generation, inventory: newInventory(rule.Analyze(s))})
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
	a := appWith(modeltest.Fleet(1, 100), 120, 40)
	a.View()
	if n := testing.AllocsPerRun(100, func() { a.Update(tea.FocusMsg{}); a.View() }); n > 2 {
		t.Errorf("%v allocations for a message that changes nothing", n)
	}
}

func TestLateResultsAreDropped(t *testing.T) {
	a := appWith(modeltest.Article(0, 80), 80, 24)
	shown := a.inventory
	late := newInventory(rule.Analyze(&model.Snapshot{}))
	a.Update(analyzedMsg{generation: -1, inventory: late})
	a.Update(collectedMsg{generation: -1, err: errors.New("late")})
	a.Update(snapshotReadMsg{generation: -1, snapshot: late.Snapshot})
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
