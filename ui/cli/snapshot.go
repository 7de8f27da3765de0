package cli

import (
	"context"

	"github.com/spf13/cobra"

	"hopscope/model"
)

func (r *run) snapshotCommand() *cobra.Command {
	var source sourceFlags
	var file string
	var measure bool
	redact := choice{allowed: []string{redactIDs, redactNames}}
	cmd := &cobra.Command{
		Use:   "snapshot -o FILE",
		Short: "Save what can be read, to explore or check it later",
		Example: "hopscope snapshot -o before.json.gz\nhopscope open before.json.gz\n" +
			"hopscope snapshot --redact=names -o to-show.json.gz",
		Args: noArgs,
		RunE: r.action(func(ctx context.Context, _ []string) (Status, error) {
			if file == "" {
				return CannotCheck, &model.CannotCheckError{
					Reason: "the file to write is missing",
					Next:   "name it with -o FILE (.json or .json.gz)",
				}
			}
			if file == "-" {
				return CannotCheck, &model.CannotCheckError{
					Reason: "a snapshot is not written to stdout",
					Next:   "name a file; for a report there, use hopscope export",
				}
			}
			src, err := source.open(ctx, r)
			if err != nil {
				return CannotCheck, err
			}
			read, err := r.measured(ctx, src, measure)
			if err != nil {
				return CannotCheck, err
			}
			if err := anyService(read.snapshot()); err != nil {
				return CannotCheck, err
			}
			saved, err := redacted(read.snapshot(), redact.value)
			if err != nil {
				return CannotCheck, err
			}
			if err := model.WriteFile(file, saved,
				model.FileOptions{Tool: r.tool(), Overwrite: true}); err != nil {
				return CannotCheck, err
			}
			r.noteGaps(read.report)
			return Clean, nil
		}),
	}
	source.register(r, cmd, false)
	registerMeasure(cmd, &measure)
	redact.register(cmd, "redact",
		"replace account ids, addresses and the ids of groups and networks, and names with =names")
	cmd.Flags().Lookup("redact").NoOptDefVal = redactIDs
	registerOutput(cmd, &file, "the file to write, .json or .json.gz")
	return cmd
}

// What --redact replaces: ids and addresses, or names as well.
const (
	redactIDs   = "ids"
	redactNames = "names"
)

// redacted is the snapshot without what --redact takes away.
func redacted(s *model.Snapshot, what string) (*model.Snapshot, error) {
	if what == "" {
		return s, nil
	}
	return model.Redaction{Names: what == redactNames}.Apply(s)
}

// toStdout is the file of -o that stands for stdout.
const toStdout = "-"

// registerOutput adds -o.
func registerOutput(cmd *cobra.Command, file *string, usage string) {
	cmd.Flags().StringVarP(file, "output", "o", "", usage)
}
