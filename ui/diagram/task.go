package diagram

import (
	"image"

	uv "github.com/charmbracelet/ultraviolet"

	"hopscope/internal/text"
	"hopscope/model/reach"
	"hopscope/model/scene"
	"hopscope/ui/canvas"
	"hopscope/ui/theme"
)

// task adds the wire into the task and the task with what is in it.
//
// Via the agent, the wire ends at the agent's box and goes on to the app's. Past
// the agent, it goes straight to the app above the agent's box, which is faded.
func (pl *plan) task() {
	into := pl.Into()
	gap := pl.width(into)
	pl.annotate(into, gap)
	from := pl.edge
	taskLeft := from + gap

	var right, rows int
	switch {
	case pl.Task.Via == reach.ViaAgent:
		right, rows = pl.viaAgent(taskLeft), 4
	case pl.Task.Via == reach.ViaDirect && pl.Task.Agent != "":
		right, rows = pl.pastAgent(taskLeft), 5
	case pl.Task.Via == reach.ViaDirect:
		right, rows = pl.inner(taskLeft+2, wireRow, pl.Task.App, pl.d.theme.Text).Max.X, 4
	default:
		right, rows = pl.viaUnknown(taskLeft), 4
	}
	outer := image.Rect(taskLeft, 0, right+2, rows)
	pl.d.boxes = append(pl.d.boxes, box{
		at: outer, frame: canvas.Square, style: pl.d.theme.Line, title: pl.Task.Label, titleStyle: pl.d.theme.Dim,
	})
	pl.d.size = image.Pt(outer.Max.X, rows)
	pl.enter(from, taskLeft, into)
}

// enter draws the wire into the task, through its border up to the first box
// that it meets.
func (pl *plan) enter(from, taskLeft int, into *scene.Wire) {
	if into.Mark == scene.Refused {
		pl.wire(from, taskLeft, into)
		return
	}
	to := taskLeft + 2
	if pl.Task.Via == reach.ViaDirect && pl.Task.Agent != "" {
		to = pl.appBox().Min.X
	}
	pl.d.wires.add(image.Pt(taskLeft, wireRow), wire{arms: up | down, hop: noHop})
	pl.wire(from, to, into)
	// The border shows where the wire crosses it, whatever the wire's sign.
	crossing := pl.d.wires[image.Pt(taskLeft, wireRow)]
	crossing.sign = ""
	pl.d.wires[image.Pt(taskLeft, wireRow)] = crossing
}

// appBox is the box that was added for the app, the last one in every way.
func (pl *plan) appBox() image.Rectangle {
	for i := len(pl.d.boxes) - 1; i >= 0; i-- {
		if pl.d.boxes[i].title == pl.Task.App {
			return pl.d.boxes[i].at
		}
	}
	return image.Rectangle{}
}

// inner adds a box inside the task: two rows, with its name in the frame.
func (pl *plan) inner(x, y int, title string, style uv.Style) image.Rectangle {
	at := image.Rect(x, y, x+text.Width(title)+framing, y+2)
	pl.d.boxes = append(pl.d.boxes, box{
		at: at, frame: canvas.Rounded, style: pl.d.theme.Line, title: title,
		titleStyle: style,
	})
	return at
}

// viaAgent adds agent and app, joined, and returns the column behind them.
func (pl *plan) viaAgent(taskLeft int) int {
	agent := pl.inner(taskLeft+2, wireRow, pl.Task.Agent, pl.d.theme.Text)
	if pl.Task.Needless {
		b := &pl.d.boxes[len(pl.d.boxes)-1]
		b.mark, b.markStyle = theme.Warn.Glyph(), pl.d.theme.State(theme.Warn)
		b.titleStyle = pl.d.theme.State(theme.Warn)
	}
	pl.wire(agent.Max.X, agent.Max.X+innerGap, &pl.Task.Inner)
	return pl.inner(agent.Max.X+innerGap, wireRow, pl.Task.App, pl.d.theme.Text).Max.X
}

// pastAgent adds the app, and the agent out of the way below the wire.
func (pl *plan) pastAgent(taskLeft int) int {
	agent := pl.inner(taskLeft+2, wireRow+1, pl.Task.Agent, pl.d.theme.Dim)
	return pl.inner(agent.Max.X+innerGap, wireRow, pl.Task.App, pl.d.theme.Text).Max.X
}

// viaUnknown adds the app, and an agent that may or may not be on the way.
func (pl *plan) viaUnknown(taskLeft int) int {
	agent := pl.inner(taskLeft+2, wireRow, "agent ?", pl.d.theme.State(theme.Unknown))
	for x := agent.Max.X; x < agent.Max.X+innerGap; x++ {
		sign := "╌"
		if x == agent.Max.X+1 {
			sign = "?"
		}
		pl.d.wires.add(image.Pt(x, wireRow), wire{arms: left | right, sign: sign, state: theme.Unknown, hop: noHop})
	}
	return pl.inner(agent.Max.X+innerGap, wireRow, pl.Task.App, pl.d.theme.Text).Max.X
}
