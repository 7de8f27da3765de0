package cli

import (
	"context"
	"io"
	"slices"

	"hopscope/model"
	"hopscope/model/export"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/report"
	"hopscope/model/rule"
	"hopscope/ui"
	"hopscope/ui/diagram"
)

// The formats of reports.
const (
	formatHuman    = "human"
	formatJSON     = "json"
	formatMarkdown = "markdown"
)

// view presents a report. The exit status does not depend on it: policy.status
// gives that, whatever the format.
type view interface {
	render(w io.Writer, r *report.Report) error
}

// viewFunc is a view without settings.
type viewFunc func(io.Writer, *report.Report) error

func (f viewFunc) render(w io.Writer, r *report.Report) error { return f(w, r) }

// viewOf is the view of a format.
func (r *run) viewOf(format string) view {
	if f, ok := export.Named(format); ok {
		return viewFunc(func(w io.Writer, page *report.Report) error {
			return f.Write(w, &export.Document{Report: page, Draw: diagram.Text})
		})
	}
	return viewFunc(func(w io.Writer, page *report.Report) error {
		return newHuman(r.width(), r.from...).render(r.coloured(w), page)
	})
}

// reading is what a source gave, and what is said about it.
type reading struct {
	analysis *rule.Analysis
	// plans repair what the analysis found.
	plans  []fix.Plan
	report *report.Report
}

// snapshot is what was read.
func (r *reading) snapshot() *model.Snapshot { return r.analysis.Snapshot }

// collect reads a source to its end, judges what it gave, and makes the plans. All
// but the reading counts as analysis.
func (r *run) collect(ctx context.Context, src ui.Source) (*reading, error) {
	snapshot, err := r.snapshotOf(ctx, src)
	if err != nil {
		return nil, err
	}
	return r.judged(snapshot), nil
}

// snapshotOf reads a source to its end.
func (r *run) snapshotOf(ctx context.Context, src ui.Source) (*model.Snapshot, error) {
	progress := r.readingProgress()
	snapshot, err := src.Collect(ctx, progress.take)
	progress.end()
	if err == nil {
		err = ctx.Err()
	}
	return snapshot, err
}

// judged analyzes a snapshot, and makes the plans and the report.
func (r *run) judged(s *model.Snapshot) *reading {
	start := r.Clock()
	read := &reading{analysis: rule.Analyze(s)}
	var err error
	if read.plans, err = planner.Plans(read.analysis); err != nil {
		// The findings stand.
		r.note("no plans could be made: %v", err)
	}
	read.report = report.New(read.analysis, read.plans)
	read.report.Stats.AnalyzeMillis = r.Clock().Sub(start).Milliseconds()
	return read
}

// present writes a report to stdout and what it lacks to stderr.
func (r *run) present(read *reading, v view) error {
	if err := v.render(r.Stdout, read.report); err != nil {
		return err
	}
	r.noteGaps(read.report)
	return anyService(read.snapshot())
}

// shownGaps is how many gaps stderr names one by one. The report has them all.
const shownGaps = 5

func (r *run) noteGaps(all *report.Report) {
	if all.Complete && len(all.Gaps) == 0 {
		return
	}
	r.note("the report is incomplete: %s", export.Completeness(all))
	worst := slices.Clone(all.Gaps)
	for _, g := range worst[:min(shownGaps, len(worst))] {
		r.note("%s", gapLine(&g))
	}
	if more := len(worst) - shownGaps; more > 0 {
		r.note("and %d more, which the report lists", more)
	}
}
