package cli

import (
	"context"

	"github.com/spf13/cobra"

	"hopscope/internal/text"
	"hopscope/model/export"
	"hopscope/model/journal"
)

const aboutJournal = `List what hopscope changed, the newest first, or show one entry: its steps,
every call that was sent as a command of the AWS CLI, how it ended, and how to
take it back.

The journal is in $HOPSCOPE_JOURNAL, else in $XDG_STATE_HOME/hopscope/journal,
else in ~/.local/state/hopscope/journal; on Windows it is in hopscope\journal of
the user's configuration. A demo has one of its own, which ends with it.

The exit status is 0, or 2 when an entry is not there or cannot be read.`

func (r *run) journalCommand() *cobra.Command {
	format := choice{value: formatHuman, allowed: []string{formatHuman, formatJSON}}
	cmd := &cobra.Command{
		Use:     "journal [ID]",
		Short:   "List what was applied, or show one entry",
		Long:    aboutJournal,
		Example: "hopscope journal\nhopscope journal 20261125-091500-api",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return noArgs(cmd, args[1:])
			}
			return nil
		},
		ValidArgsFunction: r.entryIDs,
		RunE: r.action(func(_ context.Context, args []string) (Status, error) {
			store, _, err := r.store(false)
			if err != nil {
				return CannotCheck, err
			}
			if len(args) == 0 {
				return Clean, r.listEntries(store, format.value)
			}
			entry, err := store.Load(args[0])
			if err != nil {
				return CannotCheck, err
			}
			if format.value == formatJSON {
				return Clean, export.Indented(r.Stdout, entry.Redacted())
			}
			p := r.page()
			p.entry(entry, false)
			return Clean, p.flush()
		}),
	}
	format.register(cmd, "format", "how to print it")
	return cmd
}

// entryIDs completes the ids of entries.
func (r *run) entryIDs(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var ids []string
	if store, _, err := r.store(false); err == nil && len(args) == 0 {
		entries, _, _ := store.List() // a shell has no use for the error
		for _, e := range entries {
			ids = append(ids, e.ID+"\t"+text.Clean(string(e.State)+", "+e.Plan.Service.String()))
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// journalV1 is the value of journalList.Schema.
const journalV1 = "hopscope.journal-list/v1"

// journalList is the JSON form of the journal.
type journalList struct {
	Schema     string           `json:"schema"`
	Entries    []*journal.Entry `json:"entries"`
	Unreadable []unreadableFile `json:"unreadable"`
}

type unreadableFile struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

// listEntries lists the journal. Files that cannot be read are listed too: they may
// record a change that was not taken back.
func (c *console) listEntries(store journal.Store, format string) error {
	entries, unreadable, err := store.List()
	if err != nil {
		return err
	}
	for _, u := range unreadable {
		c.note("%s cannot be read: %v; it may record a change that was not taken back", u.File, u.Err)
	}
	if format == formatJSON {
		list := journalList{
			Schema: journalV1, Entries: []*journal.Entry{}, Unreadable: []unreadableFile{},
		}
		for _, e := range entries {
			list.Entries = append(list.Entries, e.Redacted())
		}
		for _, u := range unreadable {
			list.Unreadable = append(list.Unreadable, unreadableFile{File: u.File, Error: u.Err.Error()})
		}
		return export.Indented(c.program.Stdout, list)
	}
	if len(entries) == 0 {
		c.note("the journal in %s has no entries", store.Dir)
	}
	p := c.page()
	p.entries(entries)
	return p.flush()
}
