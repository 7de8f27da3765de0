package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/selector"
)

// namesPatience is how long a shell that completes a name waits for the source.
const namesPatience = 2 * time.Second

// opener opens the source that the flags on the command line name.
type opener func(context.Context) (Opened, error)

// listed is the first snapshot of a source in which every service has a name, or the one
// that there is when the patience ends; nil for none. A shell has no use for the error.
func listed(parent context.Context, open opener) *model.Snapshot {
	ctx, cancel := context.WithTimeout(parent, namesPatience)
	defer cancel()
	seen := make(chan *model.Snapshot, 1)
	last, err := Interruptible(ctx, func() (*model.Snapshot, error) {
		opened, err := open(ctx)
		if err != nil {
			return nil, err
		}
		return opened.Collect(ctx, func(s *model.Snapshot) {
			select {
			case <-seen: // the newer one is better
			default:
			}
			seen <- s
			if !slices.ContainsFunc(s.Gaps, isListing) {
				cancel()
			}
		})
	})
	if err == nil {
		return last
	}
	select {
	case s := <-seen:
		return s
	default:
		return nil
	}
}

// isListing tells whether names of clusters or services are still to come.
func isListing(g model.Gap) bool {
	return g.State == model.Loading && (g.Action == model.ListClusters || g.Action == model.ListServices)
}

// completeNames lets the shell complete a flag with names from a snapshot.
func completeNames(cmd *cobra.Command, flag string, open opener, names func(*model.Snapshot) []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, // the error is that of complete
		func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return namesFrom(cmd.Context(), open, names), cobra.ShellCompDirectiveNoFileComp
		})
}

func namesFrom(ctx context.Context, open opener, names func(*model.Snapshot) []string) []string {
	s := listed(ctx, open)
	if s == nil {
		return nil
	}
	return names(s)
}

// clusterNames are the names of the clusters, as --cluster takes them.
func clusterNames(s *model.Snapshot) []string {
	out := make([]string, len(s.Clusters))
	for i := range s.Clusters {
		out[i] = text.Clean(s.Clusters[i].Name)
	}
	return out
}

// serviceNames are the services by the shortest name that only one of them has.
func serviceNames(s *model.Snapshot) []string {
	clusters := map[string]int{}
	for i := range s.Services {
		clusters[s.Services[i].Name]++
	}
	var out []string
	for i := range s.Services {
		ref := s.Services[i].Ref()
		name := ref.Service
		if clusters[name] > 1 {
			name = ref.String()
		}
		out = append(out, text.Clean(name))
	}
	slices.Sort(out)
	return out
}

// selectable are the words for what may call or be called, as the grammar of names has
// them.
func selectable(s *model.Snapshot) []string {
	out := serviceNames(s)
	for i := range s.LoadBalancers {
		out = append(out, text.Clean(selector.Selector{
			Kind: selector.LoadBalancer, Name: s.LoadBalancers[i].Name,
		}.String()))
	}
	return append(out, "any\tevery address")
}

// refuseOtherShells makes an unknown shell an error: cobra prints a help text instead, which
// a start-up file would read as a script.
func (r *run) refuseOtherShells(root *cobra.Command, args []string) {
	root.InitDefaultCompletionCmd(args...)
	completion, _, err := root.Find([]string{"completion"})
	if err != nil || completion == root {
		return
	}
	var shells []string
	for _, sub := range completion.Commands() {
		shells = append(shells, sub.Name())
	}
	completion.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return &usageError{
			cmd: cmd, err: fmt.Errorf("there is no completion for %q", args[0]),
			next: "choose " + alternatives(shells),
		}
	}
	completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}
