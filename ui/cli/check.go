package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func (r *run) checkCommand() *cobra.Command {
	var source sourceFlags
	format := choice{value: formatHuman, allowed: []string{formatHuman, formatJSON, formatMarkdown}}
	fail := newPolicy()
	var measure bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Print paths and findings; the exit status says whether there are any",
		Long: `Print the paths and findings of an account, a snapshot or a world.

The exit status is 0 when nothing was found at or above --fail-on, 1 when
something was, and 2 when there is no answer. What could not be read is unknown
in the report, never fine; --strict makes it a reason for 2.`,
		Example: "hopscope check --cluster 'prod-*'\nhopscope check --format json --fail-on warning\nhopscope " +
			"check --demo shop",
		Args: noArgs,
		RunE: r.action(func(ctx context.Context, _ []string) (Status, error) {
			src, err := source.open(ctx, r)
			if err != nil {
				return CannotCheck, err
			}
			read, err := r.measured(ctx, src, measure)
			if err != nil {
				return CannotCheck, err
			}
			return fail.status(read.report), r.present(read, r.viewOf(format.value))
		}),
	}
	source.register(r, cmd, true)
	format.register(cmd, "format", "how to print the report")
	fail.failOn.register(cmd, "fail-on", "the least severity that makes the exit status 1")
	cmd.Flags().BoolVar(&fail.strict, "strict", false,
		"make the exit status 2 when anything could not be read or judged")
	registerMeasure(cmd, &measure)
	return cmd
}
