package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"hopscope/model"
	"hopscope/model/export"
	"hopscope/model/report"
	"hopscope/model/rule"
)

// The formats that only a check has.
const (
	formatJUnit  = "junit"
	formatGitHub = "github"
	formatSARIF  = "sarif"
)

const aboutCheck = `Print the paths and findings of an account, a snapshot or a world.

The exit status is 0 when nothing was found at or above --fail-on and every
assertion holds, 1 when not, and 2 when there is no answer; it does not depend
on the format. What could not be read is unknown in the report, never fine;
--strict makes it a reason for 2.

--assert FILE holds the paths to what must be so, and --baseline FILE accepts
what was found before. The format junit is for CodeBuild, GitLab and Jenkins,
github for the annotations and the summary of GitHub Actions, and sarif for the
places in the file of --assert.`

func (r *run) checkCommand() *cobra.Command {
	var source sourceFlags
	format := choice{value: formatHuman, allowed: []string{
		formatHuman, formatJSON, formatMarkdown, formatJUnit, formatGitHub, formatSARIF,
	}}
	fail := newPolicy()
	var held heldTo
	var measure bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Print paths and findings; the exit status says whether there are any",
		Long:  aboutCheck,
		Example: "hopscope check --cluster 'prod-*'\nhopscope check --format json --fail-on warning\n" +
			"hopscope check --assert paths.yaml --format junit\nhopscope check --demo shop",
		Args: noArgs,
		RunE: r.action(func(ctx context.Context, _ []string) (Status, error) {
			if format.value == formatSARIF && held.assertFile == "" {
				return CannotCheck, &model.CannotCheckError{
					Reason: "SARIF points to lines of files, and a live account has none",
					Next:   "add --assert FILE, whose lines it points to, or use --format junit",
				}
			}
			if err := held.read(ctx); err != nil {
				return CannotCheck, err
			}
			src, err := source.open(ctx, r)
			if err != nil {
				return CannotCheck, err
			}
			read, err := r.measured(ctx, src, measure)
			if err != nil {
				return CannotCheck, err
			}
			if err := held.apply(r, read, fail.least()); err != nil {
				return CannotCheck, err
			}
			status := fail.status(read.report)
			if err := r.present(read, r.checkView(format.value, fail.least())); err != nil {
				return status, err
			}
			return status, r.summarize(read.report, format.value)
		}),
	}
	source.register(r, cmd, true)
	format.register(cmd, "format", "how to print the report")
	fail.failOn.register(cmd, "fail-on", "the least severity that makes the exit status 1")
	cmd.Flags().BoolVar(&fail.strict, "strict", false,
		"make the exit status 2 when anything could not be read or judged")
	held.register(cmd)
	registerMeasure(cmd, &measure)
	return cmd
}

// checkView is the view of a format of a check.
func (r *run) checkView(format string, least rule.Severity) view {
	switch format {
	case formatJUnit:
		return viewFunc(func(w io.Writer, page *report.Report) error { return export.JUnit(w, page, least) })
	case formatGitHub:
		return viewFunc(export.GitHub)
	case formatSARIF:
		return viewFunc(func(w io.Writer, page *report.Report) error { return export.SARIF(w, page, r.Version) })
	}
	return r.viewOf(format)
}

// summaryVariable names the file that GitHub Actions shows as the summary of a job.
const summaryVariable = "GITHUB_STEP_SUMMARY"

// summarize adds the report to the summary of a job of GitHub Actions.
func (r *run) summarize(page *report.Report, format string) error {
	name := r.env(summaryVariable)
	if format != formatGitHub || name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		err = export.GitHubSummary(f, page)
		if closed := f.Close(); err == nil {
			err = closed
		}
	}
	if err != nil {
		return fmt.Errorf("the summary of the job (%s): %w", summaryVariable, err)
	}
	return nil
}
