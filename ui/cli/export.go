package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hopscope/model"
	"hopscope/model/export"
	"hopscope/model/reach"
	"hopscope/model/report"
	"hopscope/ui/diagram"
)

const aboutExport = `Write the report for a ticket, a browser, a chat or a program, or requests that
prove the way of a path from outside: curl prints a line where a response
crossed the Service Connect agent; k6 is a script that measures a path, for
hopscope compare. Without --format the extension of the file decides.`

func (r *run) exportCommand() *cobra.Command {
	var source sourceFlags
	var file string
	var asked pathSelection
	var ascii bool
	format := choice{allowed: export.Names()}
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the report for a ticket, a browser or a program, or requests that prove a path",
		Long:  aboutExport,
		Example: "hopscope export --snapshot before.json.gz -o report.html\n" +
			"hopscope export --format text --ascii --service orders\n" +
			"hopscope export --format k6 --service orders -o orders.js",
		Args: noArgs,
		RunE: r.action(func(ctx context.Context, _ []string) (Status, error) {
			if err := asked.check(); err != nil {
				return CannotCheck, err
			}
			chosen, err := formatFor(format.value, file)
			if err == nil && ascii && chosen.Name != "text" {
				err = &model.CannotCheckError{Reason: "--ascii is for text", Next: "add --format text, or leave it out"}
			}
			if err != nil {
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
			if read.report, err = asked.narrowed(read); err != nil {
				return CannotCheck, err
			}
			v := viewFunc(func(w io.Writer, _ *report.Report) error {
				d := read.document()
				d.ASCII = ascii
				return chosen.Write(w, d)
			})
			return Clean, r.export(read, file, v)
		}),
	}
	source.register(r, cmd, true)
	format.register(cmd, "format", "what to write; without it what the file's extension says, or markdown")
	cmd.Flags().BoolVar(&ascii, "ascii", false, "for text: without any character that is not ASCII")
	asked.register(cmd)
	completeNames(cmd, "service", source.names(r), serviceNames)
	registerOutput(cmd, &file, "the file to write; - or nothing is stdout")
	return cmd
}

// formatFor is the format that was asked for, or else that the file's name tells.
func formatFor(name, file string) (export.Format, error) {
	if name == "" && file != "" && file != toStdout {
		if f, ok := export.OfFile(file); ok {
			return f, nil
		}
		return export.Format{}, &model.CannotCheckError{
			Reason: fmt.Sprintf("the extension of %q tells no format", file),
			Next:   "name it with --format " + strings.Join(export.Names(), "|"),
		}
	}
	if name == "" {
		name = formatMarkdown
	}
	f, _ := export.Named(name) // the flag takes no other
	return f, nil
}

// document is what was read, for the writers of the formats.
func (r *reading) document() *export.Document {
	return &export.Document{Report: r.report, Index: r.analysis.Index, Draw: diagram.Text}
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

// pathSelection says of which services and paths is written.
type pathSelection struct {
	selection

	ids []string
}

func (f *pathSelection) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.services, "service", nil,
		"the paths to a service, by NAME or CLUSTER/NAME or glob, repeatable; without it everything")
	cmd.Flags().StringArrayVar(&f.ids, "path", nil, "the path of this id, repeatable")
}

// narrowed is the report of what was asked for.
func (f *pathSelection) narrowed(read *reading) (*report.Report, error) {
	if len(f.services)+len(f.ids) == 0 {
		return read.report, nil
	}
	if err := f.checkServices(read.snapshot()); err != nil {
		return nil, err
	}
	part := report.Part{Name: f.name(), Has: f.hasService, Paths: f.ids}
	out := read.report.Narrowed(part)
	for _, id := range f.ids {
		if !slices.ContainsFunc(out.Paths, func(p *reach.Path) bool { return p.ID == id }) {
			return nil, &model.CannotCheckError{
				Reason: fmt.Sprintf("there is no path %q", id),
				Next:   "hopscope check --format json lists the paths and their ids",
			}
		}
	}
	if len(out.Paths)+len(out.Findings)+len(out.TaskPorts) == 0 {
		return nil, &model.CannotCheckError{
			Reason: "no path leads to " + f.name() + ", and nothing was found there",
			Next:   "leave --service out for the paths of all services, also those that it calls",
		}
	}
	return out, nil
}

// name says what was asked for.
func (f *pathSelection) name() string {
	if n := len(f.ids); n > 1 {
		return fmt.Sprintf("%d chosen paths", n)
	} else if n == 1 {
		return f.ids[0]
	}
	if len(f.services) == 1 {
		return "service " + f.services[0]
	}
	return "services " + strings.Join(f.services, ", ")
}
