package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hopscope/model"
	"hopscope/model/journal"
)

// allowApply is the environment variable that stands for --allow-apply.
const allowApply = "HOPSCOPE_ALLOW_APPLY"

// gateFlag is the gate in front of everything that writes to AWS.
type gateFlag struct {
	given bool
	flag  *pflag.Flag
}

func (f *gateFlag) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.given, "allow-apply", false,
		"allow this run to change the account (or set "+allowApply+"=1)")
	f.flag = cmd.Flags().Lookup("allow-apply")
}

// whyOff says why nothing may be written to an account; "" when it may.
func (f *gateFlag) whyOff(r *run) string {
	value := strings.ToLower(r.env(allowApply))
	yes := slices.Contains([]string{"1", "true", "yes"}, value)
	switch {
	case f.given, yes && !f.flag.Changed:
		return ""
	case yes: // a no at the command line is one, whatever the environment says
		return fmt.Sprintf("applying is off: --allow-apply=false overrules %s=%s", allowApply, value)
	case value != "" && !slices.Contains([]string{"0", "false", "no"}, value):
		return fmt.Sprintf("applying is off: %s=%q is neither yes nor no; set it to 1, or pass --allow-apply",
			allowApply, value)
	}
	return fmt.Sprintf("applying is off: start hopscope with --allow-apply, or set %s=1", allowApply)
}

// offInFile says why nothing can be applied to a saved snapshot.
const offInFile = "this is a saved snapshot, which nothing can be applied to; explore the account itself with " +
	"hopscope --allow-apply"

// store is the journal, and what to call when the program ends. A world in this
// process ends with it, and so does its journal.
func (r *run) store(passing bool) (store journal.Store, remove func(), err error) {
	if !passing {
		if r.JournalDir == "" {
			return store, nil, &model.CannotCheckError{
				Reason: "this system names no directory for the journal",
				Next:   "set HOPSCOPE_JOURNAL to one",
			}
		}
		return journal.Store{Dir: r.JournalDir}, func() {}, nil
	}
	store, end, err := journal.Temporary(os.TempDir())
	if err != nil {
		return store, nil, fmt.Errorf("make a directory for the journal: %w", err)
	}
	return store, func() {
		if err := end(); err != nil {
			r.note("the journal of the demo is left in %s: %v", store.Dir, err)
		}
	}, nil
}
