package ui

import (
	"slices"

	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/ui/theme"
)

// willLeave says what stays when the program ends now.
func (e activityText) willLeave(x *activity) []paragraph {
	_, words := x.stateWords()
	if !x.active {
		return []paragraph{
			{text: x.service().Service + ": " + words, style: e.Strong},
			{text: "It has ended meanwhile: leaving stops nothing."},
		}
	}
	if inDemo(x.entry.Origin, x.entry.Endpoint) {
		return []paragraph{
			{text: x.service().Service + ": " + words, style: e.Strong},
			{text: "The demo ends with hopscope, and what was changed in it is gone."},
		}
	}
	out := []paragraph{
		{text: x.service().Service + ": " + words, style: e.Strong},
		{text: "Nothing more is sent or watched. What was sent stays: rules stay open, and ECS goes on with a " +
			"deployment that has begun."},
	}
	if x.entry.ID != "" {
		out = append(out, e.fact("take it back:", rollbackCommand(x.entry)), e.fact("look at it:", "hopscope journal"))
	}
	return out
}

// willUndo is what taking back does, in the order in which it is done: what was
// closed is opened first, what was opened is closed last.
func (e activityText) willUndo(x *activity) []paragraph {
	var out []paragraph
	if x.active && !x.measures() {
		out = append(out, paragraph{
			lead: theme.Warn.Glyph() + " ", leadStyle: e.State(theme.Warn),
			text: "It still goes on: it is stopped first, then taken back.",
		})
	}
	entry := x.entry
	var opened, updated, closed, stays []paragraph
	does := func(text string) paragraph { return paragraph{lead: "  - ", leadStyle: e.Dim, text: text} }
	for i := range entry.Plan.Steps {
		step, state := &entry.Plan.Steps[i], stepOf(entry, i).State
		switch why := stayWords(step, state); {
		case !carried(step, state):
		case why != "":
			stays = append(stays, paragraph{lead: "  stays: ", leadStyle: e.Dim, text: step.Title + " (" + why +
				")", style: e.Dim})
		case step.Kind == fix.UpdateService:
			updated = append(updated, does("send the Service Connect block as it was: another deployment replaces "+
				"the tasks"))
		case step.Kind == fix.RevokeIngress || step.Kind == fix.RevokeEgress:
			opened = append(opened, does(oppositeWords(step)))
		default:
			closed = append(closed, does(oppositeWords(step)))
		}
	}
	done := slices.Concat(opened, updated, closed)
	if len(done) == 0 {
		return append(append(out, paragraph{text: "There is nothing to send."}), stays...)
	}
	return append(append(append(out, e.heading("what is done, in this order")), done...), stays...)
}

// carried tells whether a step may have reached AWS, or was so before.
func carried(step *fix.Step, s journal.StepState) bool {
	return step.Kind != fix.ByHand && (s == journal.Begun || s == journal.Done || s == journal.Found)
}

// stayWords say why a step is not taken back, "" if it is.
func stayWords(step *fix.Step, s journal.StepState) string {
	switch {
	case s == journal.Found:
		return "it was so before"
	case step.Kind == fix.UpdateService && len(step.Edits) == 0:
		return "the configuration is the same"
	}
	return ""
}

// oppositeWords say what takes a step at a security group back.
func oppositeWords(step *fix.Step) string {
	if step.Rule == nil {
		return "the opposite of: " + step.Title
	}
	if step.Kind == fix.RevokeIngress || step.Kind == fix.RevokeEgress {
		return "add the rule again that was removed: " + step.Title
	}
	return "remove the rule that was added: " + step.Title // which names the groups
}

func stepOf(entry *journal.Entry, i int) journal.Step {
	if i < len(entry.Steps) {
		return entry.Steps[i]
	}
	return journal.Step{State: journal.Pending}
}
