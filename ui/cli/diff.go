package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"hopscope/model"
	"hopscope/model/diff"
	"hopscope/model/export"
	"hopscope/model/report"
	"hopscope/model/rule"
	"hopscope/model/words"
	"hopscope/ui/theme"
)

const aboutDiff = `Say what differs between two snapshots, or between one and the account as it is
now: paths that appeared, vanished or go another way, findings that are new or
gone, and the facts behind each change. Without a second file, the flags of check
say what "now" is.

What could not be read is never called gone. The exit status is 0 unless
--fail-on names a change that there is, and 2 where there is no answer.`

// The changes at which hopscope diff fails.
const (
	failNewError   = "new-error"
	failNewWarning = "new-warning"
	failAny        = "any"
)

func (r *run) diffCommand() *cobra.Command {
	var source sourceFlags
	format := choice{value: formatHuman, allowed: []string{formatHuman, formatJSON, formatMarkdown}}
	fail := choice{value: never, allowed: []string{failNewError, failNewWarning, failAny, never}}
	cmd := &cobra.Command{
		Use:   "diff BEFORE [AFTER]",
		Short: "Say what differs between two snapshots, or one and now",
		Long:  aboutDiff,
		Example: "hopscope diff before.json.gz after.json.gz\n" +
			"hopscope diff main.json.gz --format markdown --fail-on new-error",
		Args: func(cmd *cobra.Command, args []string) error {
			const most = 2
			switch {
			case len(args) == 0:
				return &usageError{cmd: cmd, err: fmt.Errorf("BEFORE is missing")}
			case len(args) > most:
				return noArgs(cmd, args[most:])
			}
			return nil
		},
		RunE: r.action(func(ctx context.Context, args []string) (Status, error) {
			before, after, err := r.twoReadings(ctx, args, &source)
			if err != nil {
				return CannotCheck, err
			}
			d := diff.Between(before.analysis, after.analysis)
			if err := r.presentDiff(d, format.value); err != nil {
				return CannotCheck, err
			}
			r.noteGaps(after.report)
			return diffStatus(d, fail.value, before, after), nil
		}),
	}
	source.register(r, cmd, true)
	format.register(cmd, "format", "how to print the differences")
	fail.register(cmd, "fail-on", "the change that makes the exit status 1")
	return cmd
}

// twoReadings reads the first file, and the second one or else what the flags name.
func (r *run) twoReadings(ctx context.Context, args []string, source *sourceFlags) (before, after *reading, err error) {
	if len(args) > 1 && (source.account.given() || source.changed("snapshot") || source.changed("demo")) {
		return nil, nil, &model.CannotCheckError{
			Reason: "AFTER and the flags of a source exclude each other",
			Next:   "name one of them",
		}
	}
	old, err := openFile(ctx, args[0])
	if err != nil {
		return nil, nil, err
	}
	var now Opened
	if len(args) > 1 {
		now, err = openFile(ctx, args[1])
	} else {
		now, err = source.open(ctx, r)
	}
	if err != nil {
		return nil, nil, err
	}
	if before, err = r.compared(ctx, old); err != nil {
		return nil, nil, err
	}
	after, err = r.compared(ctx, now)
	return before, after, err
}

// compared is a reading in which there are services to compare.
func (r *run) compared(ctx context.Context, from Opened) (*reading, error) {
	snapshot, err := r.snapshotOf(ctx, from)
	if err != nil {
		return nil, err
	}
	a := rule.Analyze(snapshot)
	return &reading{analysis: a, report: report.New(a, nil)}, anyService(snapshot)
}

// diffStatus: as of a check, an answer that lacks what a failed call would have read is none,
// and neither is one that cannot tell whether a finding is new.
func diffStatus(d *diff.Document, failOn string, before, after *reading) Status {
	switch {
	case failOn == failAny && !d.Empty(),
		failOn == failNewError && d.Worsened(rule.Error),
		failOn == failNewWarning && d.Worsened(rule.Warning):
		return Found
	case undecided(before.report), undecided(after.report),
		failOn == failNewError && d.MayHaveWorsened(rule.Error),
		failOn == failNewWarning && d.MayHaveWorsened(rule.Warning):
		return CannotCheck
	}
	return Clean
}

func (r *run) presentDiff(d *diff.Document, format string) error {
	switch format {
	case formatJSON:
		return export.DiffJSON(r.Stdout, d)
	case formatMarkdown:
		return export.DiffMarkdown(r.Stdout, d)
	}
	p := diffPage{r.page(), export.Sentences(d)}
	p.document(d)
	return p.flush()
}

// diffPage is a comparison for people.
type diffPage struct {
	*page
	facts map[string]string
}

// shownFacts is how many facts stand below a path before they are counted.
const shownFacts = 8

func (p diffPage) document(d *diff.Document) {
	p.wrapped(0, "before  ", export.ReadingName(&d.Before))
	p.wrapped(0, "after   ", export.ReadingName(&d.After))
	for i, note := range d.Notes {
		p.wrapped(0, label("note", i), note)
	}
	p.printf("\n")
	p.headline(0, export.DiffSummary(d))
	p.printf("\n")
	for _, direction := range []diff.Direction{diff.Worse, diff.Better, diff.Neither} {
		for i := range d.Paths {
			if d.Paths[i].Direction == direction {
				p.path(&d.Paths[i])
			}
		}
	}
	p.findings("new", d.Findings.New)
	p.findings("changed", d.Findings.Changed)
	p.findings("gone", d.Findings.Gone)
	others := export.OtherFacts(d)
	for i, f := range others {
		if i == shownFacts {
			p.wrapped(0, label("besides", i), fmt.Sprintf("and %s, which --format json lists",
				words.Count(len(others)-shownFacts, "fact")))
			break
		}
		p.wrapped(0, label("besides", i), f.Sentence())
	}
}

func (p diffPage) path(c *diff.Path) {
	state := map[diff.Direction]theme.State{
		diff.Worse: theme.Bad, diff.Better: theme.Good, diff.Neither: theme.Calm,
	}[c.Direction]
	if c.Unread != "" {
		state = theme.Unknown
	}
	what := string(c.Direction)
	if c.Direction == diff.Neither {
		what = string(c.Change)
	}
	p.wrapped(0, p.state(state, fmt.Sprintf("%s %-8s", state.Glyph(), what))+" ", c.Name)
	p.wrapped(2, "", export.StateName(c.Before)+" → "+export.StateName(c.After))
	for i, line := range export.Because(c, p.facts, shownFacts) {
		p.wrapped(2, label("because", i), line)
	}
	p.printf("\n")
}

func (p diffPage) findings(title string, all []diff.Finding) {
	for i := range all {
		f := &all[i]
		state := theme.OfSeverity(f.Severity)
		if title == "gone" {
			state = theme.Good
		}
		line := fmt.Sprintf("%s %s: %s", f.Code, f.Severity, f.Title)
		if f.Was != "" {
			line = fmt.Sprintf("%s %s (was %s): %s", f.Code, f.Severity, f.Was, f.Title)
		}
		if f.Unread != "" {
			state = theme.Unknown
			line += "; not known: " + f.Unread
		}
		p.wrapped(0, p.state(state, fmt.Sprintf("%s %-8s", state.Glyph(), title))+" ", line)
	}
	if len(all) > 0 {
		p.printf("\n")
	}
}
