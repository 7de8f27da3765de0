package ui

import (
	"context"
	"fmt"
	"image"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/rule"
	"hopscope/ui/theme"
)

// Kind is what the facts on the screen are of.
type Kind int

// The kinds: an account, a saved snapshot, a world of the simulator.
const (
	Live Kind = iota
	Saved
	Simulated
)

// Options are what an [App] works with. Source is required.
type Options struct {
	// Source gives the snapshots.
	Source Source
	// Kind says what the facts are of, and Origin which: the profile, the file, the world;
	// "" names none.
	Kind   Kind
	Origin string
	// Clock tells the time, for the age of what is shown; nil shows no age.
	Clock func() time.Time
	// Save writes a snapshot to a file, replacing one that exists; nil turns
	// export off.
	Save func(ctx context.Context, path string, s *model.Snapshot) error
	// Report writes a file in a format of a report, replacing one that exists; nil has
	// snapshots saved alone.
	Report func(ctx context.Context, path string, write func(io.Writer) error) error
	// Copy puts text on the clipboard of the machine that hopscope runs on, in
	// addition to what the terminal is asked to do; nil does only that.
	Copy func(text string) error
	// Applier carries plans out; nil turns applying off, and ApplyOff is the
	// sentence that says why: "applying is off: start hopscope with
	// --allow-apply".
	Applier  Applier
	ApplyOff string
	// CrashReport writes the report of a panic to a file, and returns its path; nil writes
	// none.
	CrashReport func(text string) (path string, err error)
	// Meter reads what CloudWatch counted; nil where there is none.
	Meter Meter
}

// App is the explorer, a [tea.Model]. It routes what happens to the part that it is
// about; the parts know the rest. [Run] runs it.
type App struct {
	o       Options
	theme   theme.Theme
	clock   *clock
	serials serials

	size image.Point
	// screens is a stack; the main screen is at the bottom of it.
	screens []screen
	main    *mainScreen

	loading    loading
	inventory  *inventory
	activities activities
	// measurements are what was asked of CloudWatch.
	measurements measurements

	status status
	// crash is the file that a panic was reported to.
	crash  string
	frame  frame
	redraw *redraw
}

// New makes an explorer that starts to collect when it is run.
func New(o Options) *App {
	clock := &clock{ctx: context.Background(), read: o.Clock}
	a := &App{
		o: o, theme: theme.Default(), clock: clock, main: newMainScreen(), redraw: newRedraw(),
		loading: loading{source: o.Source, analyze: rule.Analyze, clock: clock},
	}
	a.activities = activities{applier: o.Applier, clock: clock, serials: &a.serials}
	a.measurements = measurements{
		meter: o.Meter, clock: clock, last: map[model.Ref]time.Time{}, failures: map[model.Ref]string{},
	}
	a.screens = []screen{a.main}
	return a
}

// serials numbers what is asked for in commands, so that late answers are dropped.
type serials int

func (s *serials) next() int {
	*s++
	return int(*s)
}

// Init starts the first collection.
func (a *App) Init() tea.Cmd { return a.loading.start() }

// Update routes a message to what it is about.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	defer a.reportPanic(fmt.Sprintf("handling %T", msg))
	if _, ok := msg.(drawnMsg); ok {
		a.redraw.drawn()
		return a, nil
	}
	a.redraw.ask()
	stale := a.frame.stale
	a.frame.stale = true
	cmd, known := a.route(msg)
	if !known {
		a.frame.stale = stale
		return a, cmd
	}
	a.loading.lookAt(a.main.subject(a))
	return a, tea.Batch(cmd, makeRemedies(a))
}

func (a *App) route(msg tea.Msg) (cmd tea.Cmd, known bool) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.size = image.Pt(msg.Width, msg.Height)
		a.arrange()
	case tea.KeyPressMsg:
		return pressKey(a, msg), true
	case tea.PasteMsg:
		return typed(a, msg), true
	case tea.MouseClickMsg:
		return click(a, msg), true
	case tea.MouseWheelMsg:
		wheel(a, msg)
	case copiedMsg:
		return a.copied(msg), true
	case savedMsg:
		return saved(a, msg), true
	case agedMsg:
		return a.aged(msg), true
	case statusEndedMsg:
		a.status.end(msg)
	case leaveMsg:
		return tea.Quit, true
	default:
		return a.routeResult(msg)
	}
	return nil, true
}

// routeResult routes the results of commands: of reading, of applying, and those that
// a screen asked for.
func (a *App) routeResult(msg tea.Msg) (cmd tea.Cmd, known bool) {
	switch msg := msg.(type) {
	case snapshotReadMsg:
		return a.loading.snapshotRead(msg, a.inventory == nil || !a.inventory.final), true
	case analysisDueMsg:
		return a.loading.due(msg), true
	case collectedMsg:
		return a.collected(msg), true
	case analyzedMsg:
		return a.analyzed(msg), true
	case remediesMsg:
		msg.inventory.remedies.take(msg.ref, msg.plans)
		return a.arranged(nil), true
	case progressedMsg:
		return a.arranged(a.activities.progressed(msg)), true
	case tickedMsg:
		return a.arranged(a.activities.ticked(msg)), true
	case carriedOutMsg:
		return a.carriedOut(msg), true
	case measuredMsg:
		return a.arranged(a.measured(msg)), true
	case measuringMsg:
		return a.arranged(a.measurements.ticked(msg, a.main.subject(a))), true
	}
	for _, s := range a.screens {
		if r, ok := s.(receiver); ok {
			if cmd, taken := r.receive(a, msg); taken {
				return a.arranged(cmd), true
			}
		}
	}
	return nil, false
}

// collected ends a reading. Where nothing is shown yet, its failure is.
func (a *App) collected(msg collectedMsg) tea.Cmd {
	cmd := a.loading.collected(msg)
	if why := a.loading.failure; why != "" && a.inventory == nil {
		a.loading.failure = "" // it has the whole screen
		a.screens = []screen{&failureScreen{reason: why}}
		return nil
	}
	return a.arranged(cmd)
}

// analyzed shows what an analysis found.
func (a *App) analyzed(msg analyzedMsg) tea.Cmd {
	next, ok := a.loading.finished(msg)
	if !ok {
		return nil
	}
	shown := a.show(msg.inventory)
	if next != nil || !msg.inventory.final {
		return tea.Batch(shown, next)
	}
	a.loading.ages++
	return tea.Batch(shown, a.loading.nextAge(a.inventory))
}

// aged lets the age in the header go on.
func (a *App) aged(msg agedMsg) tea.Cmd {
	if msg.serial != a.loading.ages {
		return nil
	}
	return a.loading.nextAge(a.inventory)
}

// show replaces what is shown.
func (a *App) show(v *inventory) tea.Cmd {
	a.inventory = v
	var cmds []tea.Cmd
	for _, s := range a.screens {
		if r, ok := s.(refresher); ok {
			r.refresh(a)
		}
		if f, ok := s.(follower); ok {
			cmds = append(cmds, f.renew(a))
		}
	}
	a.main.show(a, v)
	return tea.Batch(cmds...)
}

// carriedOut ends a task of an activity. What is on screen is read again, as the
// account is not what it was.
func (a *App) carriedOut(msg carriedOutMsg) tea.Cmd {
	x, cmd := a.activities.ended(msg)
	if x == nil {
		return a.arranged(cmd)
	}
	if s, ok := a.top().(*applyScreen); ok && s.activity == x {
		x.seen = true
		s.top = 0
	}
	return a.arranged(a.loading.start())
}

// arrange fits the screens to the layout, after anything that changes it.
func (a *App) arrange() {
	l := a.layout()
	a.main.arrange(a, &l)
	for _, s := range a.screens {
		if f, ok := s.(fitter); ok {
			f.fit(a, l.body.Size())
		}
	}
}

// arranged arranges the screens after something that began in a command.
func (a *App) arranged(cmd tea.Cmd) tea.Cmd {
	a.arrange()
	return cmd
}

// top is the screen that has the keys.
func (a *App) top() screen { return a.screens[len(a.screens)-1] }

// open puts a screen on top.
func (a *App) open(s screen) {
	a.status.text = "" // it was about the screen below, and would hide the keys of this one
	a.screens = append(a.screens, s)
	a.arrange()
}

// back removes the top screen; the main screen stays.
func (a *App) back() {
	if len(a.screens) > 1 {
		a.screens = a.screens[:len(a.screens)-1]
	}
	a.arrange()
}

// say shows a message for a while.
func (a *App) say(text string) tea.Cmd { return a.status.say(text, a.clock) }
