package app

import (
	"context"

	"hopscope/aws"
	"hopscope/aws/apply"
	"hopscope/aws/collect"
	"hopscope/aws/doctor"
	"hopscope/model/journal"
	"hopscope/ui"
	"hopscope/ui/cli"
)

// openAccount opens a real account, or what --endpoint-url puts in its place.
func (s Settings) openAccount(ctx context.Context, o cli.AccountOptions) (cli.Opened, error) {
	return s.Open(ctx,
		aws.Options{Profile: o.Profile, Region: o.Region, EndpointURL: o.EndpointURL},
		collect.Options{Clusters: o.Clusters, Everything: o.Everything, TaskDefinitionCache: cacheDir()})
}

// Open opens an account that can be read and changed.
func (s Settings) Open(ctx context.Context, account aws.Options, read collect.Options) (cli.Opened, error) {
	a, err := aws.Open(ctx, account)
	if err != nil {
		return cli.Opened{}, err
	}
	source, err := collect.New(a, read)
	if err != nil {
		return cli.Opened{}, err
	}
	applier := func(store journal.Store) ui.Applier {
		if s.Journal == nil {
			return apply.New(source, store, s.Apply)
		}
		return apply.New(source, s.Journal(store), s.Apply)
	}
	return cli.Opened{Source: source, Examiner: doctor.New(source), Meter: newMeter(a), Applier: applier}, nil
}
