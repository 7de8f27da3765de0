package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"hopscope/model"
	"hopscope/model/probe"
	"hopscope/model/reach"
	"hopscope/model/report"
)

// The formats that are requests along paths.
const (
	formatCurl = "curl"
	formatK6   = "k6"
)

const aboutExport = `Write the report for a ticket or for a program, or requests that prove the way
of a path from outside: curl prints a line where a response crossed the Service
Connect agent; k6 is a script that measures a path, for hopscope compare.`

func (r *run) exportCommand() *cobra.Command {
	var source sourceFlags
	var file string
	var asked pathSelection
	format := choice{value: formatMarkdown, allowed: []string{formatMarkdown, formatJSON, formatCurl, formatK6}}
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the report for a ticket or for a program, or requests that prove a path",
		Long:  aboutExport,
		Example: "hopscope export --snapshot before.json.gz -o report.md\n" +
			"hopscope export --format k6 --service orders -o orders.js",
		Args: noArgs,
		RunE: r.action(func(ctx context.Context, _ []string) (Status, error) {
			probes := format.value == formatCurl || format.value == formatK6
			if err := asked.check(probes); err != nil {
				return CannotCheck, err
			}
			src, err := source.open(ctx, r)
			if err != nil {
				return CannotCheck, err
			}
			read, err := r.collect(ctx, src)
			if err != nil {
				return CannotCheck, err
			}
			v := r.viewOf(format.value)
			if probes {
				if v, err = asked.probes(read, format.value); err != nil {
					return CannotCheck, err
				}
			}
			return Clean, r.export(read, file, v)
		}),
	}
	source.register(r, cmd, true)
	format.register(cmd, "format", "what to write")
	asked.register(cmd)
	completeNames(cmd, "service", source.names(r), serviceNames)
	registerOutput(cmd, &file, "the file to write; stdout without it")
	return cmd
}

// export writes to a file or to stdout, and what the reading lacks to stderr.
func (r *run) export(read *reading, file string, v view) error {
	if file == "" || file == toStdout {
		return r.present(read, v)
	}
	if err := anyService(read.snapshot()); err != nil {
		return err
	}
	if err := model.ReplaceFile(file, func(w io.Writer) error { return v.render(w, read.report) }); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	r.noteGaps(read.report)
	return nil
}

// pathSelection says along which paths requests are made.
type pathSelection struct {
	selection

	ids []string
}

func (f *pathSelection) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.services, "service", nil,
		"for curl and k6: a service, by NAME or CLUSTER/NAME or glob, repeatable")
	cmd.Flags().StringArrayVar(&f.ids, "path", nil, "for curl and k6: the path of this id, repeatable")
}

func (f *pathSelection) check(probes bool) error {
	if !probes && len(f.services)+len(f.ids) > 0 {
		return &model.CannotCheckError{
			Reason: "a report is of everything: --service and --path choose among requests",
			Next:   "leave them out, or add --format curl or --format k6",
		}
	}
	return f.selection.check()
}

// probes are the requests along the chosen paths, in a format.
func (f *pathSelection) probes(read *reading, format string) (view, error) {
	if err := f.checkServices(read.snapshot()); err != nil {
		return nil, err
	}
	var found []*probe.Probe
	why := "no path is chosen"
	for _, p := range read.analysis.Paths {
		if !f.hasService(p.Target.Ref()) || len(f.ids) > 0 && !slices.Contains(f.ids, p.ID) ||
			p.Source.Kind == reach.SourceHealthCheck {
			continue
		}
		made, reason := probe.Of(read.analysis.Index, p)
		if made == nil {
			why = fmt.Sprintf("path %s: %s", p.ID, reason)
			continue
		}
		found = append(found, made)
	}
	const next = "hopscope check --format json lists the paths and their ids"
	switch {
	case len(found) == 0:
		return nil, &model.CannotCheckError{Reason: "there is no request to make: " + why, Next: next}
	case format == formatCurl:
		return viewFunc(func(w io.Writer, _ *report.Report) error { return probe.Curl(w, found) }), nil
	case len(found) > 1:
		return nil, &model.CannotCheckError{
			Reason: fmt.Sprintf("a script measures one path, and %d are chosen", len(found)),
			Next:   fmt.Sprintf("add --path with the id of one of them: %q or another", found[0].ID),
		}
	}
	return viewFunc(func(w io.Writer, _ *report.Report) error { return found[0].K6(w) }), nil
}
