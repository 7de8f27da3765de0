package cli

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hopscope/internal/shell"
	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
)

const aboutRollback = `Take back what an entry of the journal records, from wherever it got to: also
after a crash. The Service Connect block is sent as it was, which makes another
deployment, and rules that the entry added are removed. Rules that were there
before stay. Where an entry is rolled back already, nothing is sent: it is only
compared again, which needs no --allow-apply.

Where requests would be blocked that arrive now, as a rule that admitted them
before was removed since, nothing is taken back. --allow-blocked takes it back
all the same, say where that is better than the change itself.

Account and region are those of the entry; --profile chooses the credentials. It
needs --allow-apply (or HOPSCOPE_ALLOW_APPLY=1), and --yes or a confirmation
typed at the terminal.

Afterwards the block, the rules and the paths are compared with those of before.
The exit status is 0 when everything is as it was before, 1 when something is
left to do or differs, and 2 when there is no answer.`

func (r *run) rollbackCommand() *cobra.Command {
	var o AccountOptions
	var gate gateFlag
	var yes, blocked bool
	cmd := &cobra.Command{
		Use:     "rollback ID",
		Short:   "Take back what was applied",
		Long:    aboutRollback,
		Example: "hopscope journal\nhopscope rollback 20261125-091500-api --allow-apply",
		Args:    exactArgs("the id of the entry"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			return r.entryIDs(cmd, args, word)
		},
		RunE: r.action(func(ctx context.Context, args []string) (Status, error) {
			store, _, err := r.store(false)
			if err != nil {
				return CannotCheck, err
			}
			entry, err := store.Load(args[0])
			if err != nil {
				return CannotCheck, noSuchEntry(store, err)
			}
			if entry.State == journal.Prepared {
				r.note("%s: %s", entry.ID, stateWords(entry))
				return Clean, nil
			}
			if entry.State == journal.RolledBack { // nothing is sent, so that there is nothing to ask
				return r.rollback(ctx, store, entry, o, undoChoice{yes: true, compare: true})
			}
			if off := gate.whyOff(r); off != "" {
				return CannotCheck, errors.New(off)
			}
			if err := r.canConfirm(yes); err != nil {
				return CannotCheck, err
			}
			return r.rollback(ctx, store, entry, o, undoChoice{yes: yes, blocked: blocked})
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Profile, "profile", "", "the profile of the AWS configuration")
	flags.StringVar(&o.Region, "region", "", "the AWS region; the entry's without it")
	flags.StringVar(&o.EndpointURL, "endpoint-url", "",
		"send every call to this URL; where the entry's were sent without it")
	gate.register(cmd)
	flags.BoolVar(&blocked, "allow-blocked", false,
		"take it back also where requests would be blocked that arrive now")
	registerYes(cmd, &yes)
	return cmd
}

// noSuchEntry adds the newest ids to an error that says that one does not exist.
func noSuchEntry(store journal.Store, err error) error {
	entries, _, listErr := store.List()
	var cannot *model.CannotCheckError
	if listErr != nil || !errors.As(err, &cannot) || len(entries) == 0 || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	const shown = 3
	var ids []string
	for _, e := range entries[:min(shown, len(entries))] {
		ids = append(ids, e.ID)
	}
	return &model.CannotCheckError{Reason: cannot.Reason, Next: "the newest are " + strings.Join(ids, ", ") +
		"; hopscope journal lists all", Err: err}
}

// cannotCheck tells whether an error is about the way to the account, not about
// what is there.
func cannotCheck(err error) bool {
	var cannot *model.CannotCheckError
	return errors.As(err, &cannot) && !errors.Is(err, fix.ErrBlockChanged) &&
		!errors.Is(err, planner.ErrStillNeeded) && !errors.Is(err, journal.ErrChangedSince)
}

// undoChoice is what the user said about a rollback: that it needs no question, and that it
// may block requests that arrive now. compare is for an entry that is rolled back already:
// without gate and question nothing may be sent, whatever became of it since it was read.
type undoChoice struct{ yes, blocked, compare bool }

// rollback takes an entry back.
func (r *run) rollback(
	ctx context.Context, store journal.Store, entry *journal.Entry, o AccountOptions, choice undoChoice,
) (Status, error) {
	r.from = (&accountFlags{o: o}).words()
	o.Region = cmp.Or(o.Region, entry.Region)
	if !text.IsMaskedURL(entry.Endpoint) { // else the environment may have it whole
		o.EndpointURL = cmp.Or(o.EndpointURL, entry.Endpoint)
	}
	opened, err := r.openAccount(ctx, &accountFlags{o: o}, false)
	if err != nil {
		return CannotCheck, err
	}
	if !choice.yes {
		about := []string{
			"About to take back what was changed in " + place(entry.Account, o.Region, entry.Plan.Service) + ":",
			"  " + entry.Plan.Title + " (" + stateWords(entry) + ")",
		}
		if choice.blocked {
			about = append(about, "  Requests that arrive now may be blocked afterwards.")
		}
		if err := r.confirm(ctx, about, entry.Plan.Service.Service); err != nil {
			return CannotCheck, err
		}
	}
	applier := opened.Applier(store)
	switch {
	case choice.compare:
		return r.takeBack(ctx, applier.Compare, entry)
	case choice.blocked:
		return r.takeBack(ctx, applier.RollbackAnyway, entry)
	}
	return r.takeBack(ctx, applier.Rollback, entry)
}

// again is the command for a shell that goes on with a rollback, in the account of this one.
func (r *run) again(entry *journal.Entry) string {
	if len(r.from) == 0 {
		return entry.RollbackCommand()
	}
	return shell.Line(slices.Concat([]string{"hopscope", "rollback", entry.ID}, r.from, []string{"--allow-apply"})...)
}

// takeBack takes an entry back and prints what became of it. The error is for one of
// which nothing was taken back, as the account cannot be read.
func (r *run) takeBack(
	ctx context.Context,
	rollback func(context.Context, string, func(*journal.Entry)) (*journal.Entry, error), entry *journal.Entry,
) (Status, error) {
	watch := &watcher{run: r, subject: entry.Plan.Service.String(), last: entry}
	if entry.Rollout != nil {
		watch.events = len(entry.Rollout.Events) // they were told when it was applied
	}
	done, err := rollback(ctx, entry.ID, watch.see)
	if done == nil {
		done = entry
	}
	sent := len(done.Calls) > len(entry.Calls)
	status := Found
	switch {
	case err == nil && done.State == journal.RolledBack && done.Message == "":
		status = Clean
	case err == nil:
	case ctx.Err() != nil && sent:
		r.note("interrupted; to go on: %s", r.again(entry))
	case !sent && (ctx.Err() != nil || cannotCheck(err)):
		return CannotCheck, err
	default:
		r.note("%v", err)
	}
	p := r.page()
	p.entry(done, false)
	return status, p.flush()
}
