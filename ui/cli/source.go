package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"hopscope/internal/text"
	"hopscope/model"
)

// accountFlags are the flags that name an AWS account.
type accountFlags struct{ o AccountOptions }

func (f *accountFlags) register(r *run, cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.o.Profile, "profile", "", "the profile of the AWS configuration")
	flags.StringVar(&f.o.Region, "region", "", "the AWS region")
	flags.StringArrayVar(&f.o.Clusters, "cluster", nil,
		"a cluster by name or glob, repeatable; without it every cluster of the region")
	flags.StringVar(&f.o.EndpointURL, "endpoint-url", "", "send every call to this URL instead of AWS")
	completeFrom(cmd, "profile", r.Profiles)
	completeFrom(cmd, "region", r.Regions)
}

// given tells whether any of the flags was used.
func (f *accountFlags) given() bool {
	return f.o.Profile != "" || f.o.Region != "" || f.o.EndpointURL != "" || len(f.o.Clusters) > 0
}

// openAccount opens the account that the flags name.
func (p *Program) openAccount(ctx context.Context, f *accountFlags, everything bool) (Opened, error) {
	if f.o.EndpointURL != "" {
		u, err := url.Parse(f.o.EndpointURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return Opened{}, &model.CannotCheckError{
				Reason: "--endpoint-url " + quotedURL(f.o.EndpointURL) + " is not a URL",
				Next:   "pass one such as http://127.0.0.1:4566", Err: err,
			}
		}
	}
	o := f.o
	o.Everything = everything
	return p.Account(ctx, o)
}

// quotedURL is what was passed for a URL, unless it may hold a password or a token.
func quotedURL(s string) string {
	if strings.ContainsAny(s, "@?") {
		return text.Masked
	}
	return strconv.Quote(s)
}

// sourceFlags are the flags of commands that read a report's facts from an
// account, a file or the simulator.
type sourceFlags struct {
	account  accountFlags
	snapshot string
	demo     string
	// changed tells whether a flag was given, if only with an empty value.
	changed func(name string) bool
}

// register adds the flags; withFile adds --snapshot too.
func (f *sourceFlags) register(r *run, cmd *cobra.Command, withFile bool) {
	f.account.register(r, cmd)
	f.changed = cmd.Flags().Changed
	completeNames(cmd, "cluster", f.names(r), clusterNames)
	if withFile {
		cmd.Flags().StringVar(&f.snapshot, "snapshot", "", "read a saved snapshot instead of an account")
	}
	cmd.Flags().StringVar(&f.demo, "demo", "",
		"read a world of the simulator instead of an account ("+r.worldChoices()+")")
	complete(cmd, "demo", r.Worlds)
}

// names opens the source for its names: those of every cluster, also where the flag names
// some already.
func (f *sourceFlags) names(r *run) opener {
	return func(ctx context.Context) (Opened, error) {
		of := *f
		of.account.o.Clusters = nil
		return of.open(ctx, r)
	}
}

// open opens the one source that the flags name, to read everything of it.
func (f *sourceFlags) open(ctx context.Context, r *run) (Opened, error) {
	for name, value := range map[string]string{"snapshot": f.snapshot, "demo": f.demo} {
		if f.changed(name) && value == "" {
			return Opened{}, &model.CannotCheckError{
				Reason: "--" + name + " is empty",
				Next:   "pass a value, or leave the flag out to read the account",
			}
		}
	}
	r.from = f.words()
	var named []string
	for _, flag := range []struct {
		name  string
		given bool
	}{
		{"--snapshot", f.snapshot != ""},
		{"--demo", f.demo != ""},
		{"the flags of an account (--profile, --region, --cluster, --endpoint-url)", f.account.given()},
	} {
		if flag.given {
			named = append(named, flag.name)
		}
	}
	switch {
	case f.demo != "" && f.account.o.Region != "":
		return Opened{}, &model.CannotCheckError{
			Reason: "--region is for accounts: a world of the simulator is in the region that its file names, " +
				"ap-northeast-1 where it names none",
			Next: "leave --region out, or set \"region\" in a world file",
		}
	case len(named) > 1:
		return Opened{}, &model.CannotCheckError{
			Reason: strings.Join(named, " and ") + " exclude each other",
			Next:   "name one source",
		}
	case f.snapshot != "":
		return openFile(ctx, f.snapshot)
	case f.demo != "":
		return r.openWorld(ctx, WorldOptions{World: f.demo, Everything: true})
	}
	return r.openAccount(ctx, &f.account, true)
}

// anyService refuses a snapshot in which no service is known: an account that
// could not be read is not a clean one.
func anyService(s *model.Snapshot) error {
	loaded := slices.ContainsFunc(s.Services, func(svc model.Service) bool { return svc.Loaded })
	unlisted := slices.ContainsFunc(s.Gaps, func(g model.Gap) bool {
		return g.Action == model.ListClusters ||
			g.Action == model.ListServices
	})
	if loaded || len(s.Services) == 0 && !unlisted {
		return nil // there are services, or there is none to load
	}
	next := "run it again"
	if len(s.Gaps) > 0 {
		gap := slices.MinFunc(s.Gaps, func(a, b model.Gap) int { return cmp.Compare(rank(a.Action), rank(b.Action)) })
		next = fmt.Sprintf("%s ended with %s", gap.Action, cmp.Or(gap.Error, string(gap.State)))
		if gap.State == model.Denied {
			next = fmt.Sprintf("allow %s", gap.Action)
		}
	}
	return &model.CannotCheckError{Reason: "no service could be loaded", Next: next}
}

// rank orders actions by how early a failure of theirs ends everything.
func rank(a model.Action) int {
	order := []model.Action{model.ListClusters, model.DescribeClusters, model.ListServices, model.DescribeServices}
	if i := slices.Index(order, a); i >= 0 {
		return i
	}
	return len(order)
}
