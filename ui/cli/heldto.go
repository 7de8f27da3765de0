package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hopscope/internal/listfile"
	"hopscope/model"
	"hopscope/model/assert"
	"hopscope/model/baseline"
	"hopscope/model/rule"
	"hopscope/model/words"
)

// heldTo are the files that a check is held to: what must be so, and what was accepted.
type heldTo struct {
	assertFile, baselineFile, writeFile string

	assertions []assert.Assertion
	entries    []baseline.Entry
}

func (h *heldTo) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&h.assertFile, "assert", "", "hold the paths to the assertions of this YAML file")
	flags.StringVar(&h.baselineFile, "baseline", "", "accept the findings that this YAML file names by their keys")
	flags.StringVar(&h.writeFile, "write-baseline", "",
		"write a baseline that accepts what the check fails for now, and accept it")
}

// read reads the files before anything else: a slip in them costs no call.
func (h *heldTo) read(ctx context.Context) error {
	var err error
	if h.assertFile != "" {
		if h.assertions, err = readList(ctx, h.assertFile, assert.Read); err != nil {
			return err
		}
		if len(h.assertions) == 0 {
			return &model.CannotCheckError{
				Reason: h.assertFile + " asserts nothing",
				Next:   "hopscope export --format assertions writes a start",
			}
		}
	}
	if h.baselineFile != "" {
		h.entries, err = readList(ctx, h.baselineFile, baseline.Read)
	}
	return err
}

// readList reads a file of a list. Its error is a [model.CannotCheckError] that names file and
// line.
func readList[T any](ctx context.Context, file string, read func(io.Reader) ([]T, error)) ([]T, error) {
	all, err := readFrom(ctx, file, read)
	var wrong *listfile.Error
	switch {
	case err == nil || ctx.Err() != nil:
		return all, err
	case errors.As(err, &wrong):
		at := file
		if wrong.Line > 0 {
			at = fmt.Sprintf("%s:%d", file, wrong.Line)
		}
		return nil, &model.CannotCheckError{Reason: at + ": " + wrong.Reason, Next: "mend the file", Err: err}
	}
	return nil, model.CannotRead(file, "pass a YAML file", err)
}

// apply judges the assertions of a reading, and marks what is accepted.
func (h *heldTo) apply(r *run, read *reading, least rule.Severity) error {
	if h.assertFile != "" {
		read.report.Assertions = assert.Check(read.analysis, h.assertFile, h.assertions)
	}
	now := r.Clock()
	if h.baselineFile != "" {
		baseline.Apply(read.report, h.baselineFile, h.entries, now)
		h.noteIdle(r, read, now)
	}
	if h.writeFile == "" {
		return nil
	}
	entries := baseline.FromReport(read.report, h.entries, least, now)
	err := model.ReplaceFile(h.writeFile, func(w io.Writer) error { return baseline.Write(w, entries) })
	if err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	baseline.Apply(read.report, h.writeFile, entries, now)
	r.note("%s accepts %s", h.writeFile, words.Count(len(entries), "finding"))
	return nil
}

// noteIdle says which entries accept nothing: a program that reads the report may not show it.
func (h *heldTo) noteIdle(r *run, read *reading, now time.Time) {
	var idle []string
	b := read.report.Baseline
	for _, kind := range []struct {
		n    int
		what string
	}{{len(b.Expired), "expired"}, {len(b.Outgrown), "less severe than what was found"}, {len(b.Unused), "unused"}} {
		if kind.n > 0 {
			idle = append(idle, fmt.Sprintf("%d %s", kind.n, kind.what))
		}
	}
	if len(idle) > 0 {
		r.note("of %d in %s, on %s: %s", len(h.entries), h.baselineFile, now.UTC().Format(time.DateOnly),
			strings.Join(idle, ", "))
	}
}
