package ui

import (
	"context"
	"image"
	"time"

	tea "charm.land/bubbletea/v2"

	"hopscope/model"
	"hopscope/model/rule"
	"hopscope/ui/theme"
)

// Options are what an [App] works with. Source is required.
type Options struct {
	// Source gives the snapshots.
	Source Source
	// Analyze judges a snapshot; [rule.Analyze] when nil.
	Analyze func(*model.Snapshot) *rule.Report
	// Origin is shown in the header next to the account, such as "demo:
	// article" or a file name; "" shows nothing.
	Origin string
	// Clock tells the time, for the age of what is shown; nil shows no age.
	Clock func() time.Time
	// Save writes a snapshot to a file, replacing one that exists; nil turns
	// export off.
	Save func(ctx context.Context, path string, s *model.Snapshot) error
	// Copy puts text on the clipboard of the machine that hopscope runs on, in
	// addition to what the terminal is asked to do; nil does only that.
	Copy func(text string) error
	// Applier carries plans out; nil turns applying off, and ApplyOff is the
	// sentence that says why: "applying is off: start hopscope with
	// --allow-apply".
	Applier  Applier
	ApplyOff string
}

// App is the explorer, a [tea.Model]. [Run] runs it.
type App struct {
	o     Options
	theme theme.Theme
	clock *clock

	size    image.Point
	screens []screen

	loading   loading
	inventory *inventory

	services servicesPane
	paths    pathsPane
	focus    pane
	// finding is the position of the finding that n and N start from, -1
	// before the first.
	finding int

	// applications are the changes that were begun in this session, the oldest
	// first. serials numbers what is asked for in commands, so that late
	// answers are dropped.
	applications []*application
	serials      int

	status status
	frame  frame
}

// New makes an explorer that starts to collect when it is run.
func New(o Options) *App {
	if o.Analyze == nil {
		o.Analyze = rule.Analyze
	}
	clock := &clock{ctx: context.Background(), read: o.Clock}
	return &App{
		o: o, theme: theme.Default(), clock: clock,
		loading: loading{source: o.Source, analyze: o.Analyze, clock: clock},
		screens: []screen{mainScreen{}}, services: newServicesPane(), finding: -1,
	}
}

// Init starts the first collection.
func (a *App) Init() tea.Cmd { return a.loading.start() }

// Update routes a message to what it is about.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.frame.stale = true
	return a, a.route(msg)
}

func (a *App) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		a.resize(image.Pt(msg.Width, msg.Height))
	case tea.KeyPressMsg:
		return a.press(msg)
	case tea.PasteMsg:
		return a.paste(msg)
	case tea.MouseClickMsg:
		return a.click(msg)
	case tea.MouseWheelMsg:
		a.wheel(msg)
	case snapshotReadMsg:
		return a.loading.snapshotRead(msg, a.inventory == nil || !a.inventory.final)
	case collectedMsg:
		return a.collected(msg)
	case analysisDueMsg:
		return a.loading.due(msg)
	case analyzedMsg:
		return a.analyzed(msg)
	case savedMsg:
		return a.saved(msg)
	case copiedMsg:
		return a.copied(msg)
	case agedMsg:
		return a.aged(msg)
	case statusEndedMsg:
		a.status.end(msg)
	default:
		return a.routeFix(msg)
	}
	return nil
}

// routeFix routes the messages of plans: making them, trying and applying.
func (a *App) routeFix(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case plannedMsg:
		return a.planned(msg)
	case previewedMsg:
		return a.previewed(msg)
	case triedMsg:
		return a.tried(msg)
	case preparedMsg:
		return a.prepared(msg)
	case armedMsg:
		a.armed(msg)
	case entryMsg:
		return a.entryCame(msg)
	case carriedOutMsg:
		return a.carriedOut(msg)
	case tickedMsg:
		return a.ticked(msg)
	case leaveMsg:
		return tea.Quit
	default:
		a.frame.stale = false
	}
	return nil
}

// collected ends a reading. Where nothing is shown yet, its failure is.
func (a *App) collected(msg collectedMsg) tea.Cmd {
	cmd := a.loading.collected(msg)
	if why := a.loading.failure; why != "" && a.inventory == nil {
		a.loading.failure = "" // it has the whole screen
		a.screens = []screen{&failureScreen{reason: why}}
		return nil
	}
	a.arrange()
	return cmd
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

// show replaces what is shown. The selection stays on its service.
func (a *App) show(v *inventory) tea.Cmd {
	a.inventory = v
	a.finding = min(a.finding, len(v.findings)-1)
	var cmds []tea.Cmd
	for _, s := range a.screens {
		if r, ok := s.(refresher); ok {
			r.refresh(a)
		}
		if f, ok := s.(follower); ok {
			cmds = append(cmds, f.follow(a))
		}
	}
	a.services.show(v)
	a.follow()
	return tea.Batch(cmds...)
}

// serial is the number of a new question.
func (a *App) serial() int {
	a.serials++
	return a.serials
}

// resize lays everything out for a new size.
func (a *App) resize(size image.Point) {
	a.size = size
	a.arrange()
}

// arrange fits the panes to the layout, after anything that changes it.
func (a *App) arrange() {
	l := a.layout()
	a.services.list.SetHeight(l.list.Dy())
	a.paths.arrange(l.paths.Size(), a.focus == pathsFocus, a.theme)
	for _, s := range a.screens {
		if f, ok := s.(fitter); ok {
			f.fit(a, l.body.Size())
		}
	}
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
