package app

import (
	"context"

	"hopscope/aws"
	"hopscope/model/journal"
	"hopscope/ui"
	"hopscope/ui/cli"
)

// openAccount opens a real account, or what --endpoint-url puts in its place.
func (s Settings) openAccount(ctx context.Context, o cli.AccountOptions) (cli.Opened, error) {
	return s.Opened(aws.Open(ctx, aws.Options{
		Profile: o.Profile, Region: o.Region, EndpointURL: o.EndpointURL, Clusters: o.Clusters,
		Everything: o.Everything, TaskDefinitionCache: cacheDir(),
	}))
}

// Opened is an account that can be read and changed.
func (s Settings) Opened(a *aws.Account, err error) (cli.Opened, error) {
	if err != nil {
		return cli.Opened{}, err
	}
	return cli.Opened{Source: a, Applier: func(store journal.Store) ui.Applier {
		if s.Journal == nil {
			return aws.NewApplier(a, store, s.Apply)
		}
		return aws.NewApplier(a, s.Journal(store), s.Apply)
	}}, nil
}
