package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"hopscope/model"
	"hopscope/model/export"
	"hopscope/model/rule"
	"hopscope/model/selector"
	"hopscope/model/who"
)

const aboutWho = `Say who may reach a port of a service or a listener of a load balancer: every
source that its security groups admit, by which rule, and what needs it. With a
CALLER, say yes, no or unknown for that one, with everything that is in its way.

Names, the same everywhere:
  orders:8080, prod/orders  a service, or standalone tasks by their family
  lb:main-alb:443           a listener of a load balancer
  sg-0a1b2c3d               a security group: whatever has it
  10.0.3.7, 10.0.0.0/16     an address, or a block: yes if all of it is admitted
  any                       every address
Names of clusters, services and load balancers may be globs.

The exit status is 0 for a list and for yes, 1 for no, and 2 where it is not known
or could not be checked.`

func (r *run) whoCommand() *cobra.Command {
	var source sourceFlags
	format := choice{value: formatHuman, allowed: []string{formatHuman, formatJSON}}
	cmd := &cobra.Command{
		Use:   "who [CALLER] TARGET",
		Short: "Say who may reach a port, or whether one caller may",
		Long:  aboutWho,
		Example: "hopscope who orders:8080\nhopscope who web orders:8080\nhopscope who --demo article any " +
			"lb:main-alb:80",
		Args: func(cmd *cobra.Command, args []string) error {
			const most = 2
			switch {
			case len(args) == 0:
				return &usageError{cmd: cmd, err: fmt.Errorf("TARGET is missing")}
			case len(args) > most:
				return noArgs(cmd, args[most:])
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 1 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return namesFrom(cmd.Context(), source.names(r), selectable), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: r.action(func(ctx context.Context, args []string) (Status, error) {
			names := make([]selector.Selector, len(args))
			for i, arg := range args {
				var err error
				if names[i], err = selector.Parse(arg); err != nil {
					return CannotCheck, err
				}
			}
			src, err := source.open(ctx, r)
			if err != nil {
				return CannotCheck, err
			}
			snapshot, err := r.snapshotOf(ctx, src)
			if err != nil {
				return CannotCheck, err
			}
			return r.who(snapshot, names)(format.value)
		}),
	}
	source.register(r, cmd, true)
	format.register(cmd, "format", "how to print the answer")
	return cmd
}

// who answers a question about a snapshot, in a format.
func (r *run) who(snapshot *model.Snapshot, names []selector.Selector) func(format string) (Status, error) {
	return func(format string) (Status, error) {
		if err := anyService(snapshot); err != nil {
			return CannotCheck, err
		}
		doc, err := answered(rule.Analyze(snapshot), names)
		if err != nil {
			return CannotCheck, err
		}
		status := statusOf(doc.Verdict)
		if format == formatJSON {
			err = export.Indented(r.Stdout, doc)
		} else {
			page := whoPage{r.page()}
			page.document(doc)
			err = page.flush()
		}
		for _, g := range doc.Gaps[:min(shownGaps, len(doc.Gaps))] {
			r.note("%s", gapLine(&g))
		}
		if more := len(doc.Gaps) - shownGaps; more > 0 {
			r.note("and %d more, which --format json lists", more)
		}
		return status, err
	}
}

func answered(a *rule.Analysis, names []selector.Selector) (*who.Document, error) {
	if len(names) == 1 {
		return who.List(a, names[0])
	}
	return who.Ask(a, names[0], names[1])
}

// statusOf is the exit status of an answer; a list has none but that it is printed.
func statusOf(v who.Verdict) Status {
	switch v {
	case who.No:
		return Found
	case who.Unknown:
		return CannotCheck
	case who.Yes:
	}
	return Clean
}
