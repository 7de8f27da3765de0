package collect

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// checkPatterns refuses cluster patterns that [path.Match] cannot read.
func checkPatterns(patterns []string) error {
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return &model.CannotCheckError{
				Reason: fmt.Sprintf("--cluster %q is not a pattern", p),
				Next:   "use * and ? for any text and any character, and close every [",
				Err:    err,
			}
		}
	}
	return nil
}

// isPattern tells whether a cluster was given as a pattern and not by name.
func isPattern(s string) bool { return strings.ContainsAny(s, `*?[\`) }

// matches tells whether a pattern, name or ARN stands for the cluster.
func matches(pattern string, arn model.ARN) bool {
	if pattern == arn {
		return true
	}
	ok, _ := path.Match(pattern, model.ARNName(arn)) // the pattern was checked in Open
	return ok
}

// clusters reads the clusters, and starts the reading of their services.
type clusters struct {
	*run

	services    *services
	definitions *taskDefinitions
}

// read lists the clusters, and starts with the first of them what depends on none.
// It returns when the clusters are known; the error is for the user.
func (c *clusters) read(ctx context.Context, readRegion func(context.Context)) error {
	var region []string
	unused := slices.Clone(c.options.Clusters)
	pages := ecs.NewListClustersPaginator(c.session.ECS, &ecs.ListClustersInput{
		MaxResults: aws.PageSize(model.ListClusters),
	})
	listing := aws.Listing(ctx)
	c.setListing(+1)
	defer c.setListing(-1)
	for first := true; pages.HasMorePages(); first = false {
		page, err := pages.NextPage(listing)
		if err != nil {
			return c.readUnlisted(ctx, readRegion, err)
		}
		if first {
			c.definitions.open(page.ClusterArns)
			readRegion(ctx)
		}
		var chosen []model.ARN
		for _, arn := range page.ClusterArns {
			region = append(region, model.ARNName(arn))
			if c.options.includes(arn) {
				chosen = append(chosen, arn)
			}
			unused = slices.DeleteFunc(unused, func(p string) bool { return matches(p, arn) })
		}
		c.readClusters(ctx, chosen)
	}
	if err := checkClusters(c.account, region, unused); err != nil {
		return err
	}
	c.update(func() { c.rows.allClusters = c.rows.clusters.len() == len(region) })
	return nil
}

// setListing keeps the actions that follow from ListClusters from being settled.
func (c *clusters) setListing(n int) {
	c.update(func() { c.calls.outstanding[model.ListClusters] += n })
}

// includes tells whether a cluster is to be read.
func (o *Options) includes(arn model.ARN) bool {
	return len(o.Clusters) == 0 || slices.ContainsFunc(o.Clusters, func(p string) bool { return matches(p, arn) })
}

// readUnlisted goes on without ListClusters if that is denied and the clusters
// were given by name.
func (c *clusters) readUnlisted(ctx context.Context, readRegion func(context.Context), err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	f := c.account.Classify(model.ListClusters, err)
	if f.State != model.Denied || len(c.options.Clusters) == 0 || slices.ContainsFunc(c.options.Clusters, isPattern) {
		return CannotList(c.account, err)
	}
	c.update(func() { c.calls.fail(model.ListClusters, nil, f) })
	c.definitions.open(c.options.Clusters)
	readRegion(ctx)
	c.readClusters(ctx, c.options.Clusters)
	return nil
}

// checkClusters refuses to answer for clusters that do not exist.
func checkClusters(a *aws.Account, region, unused []string) error {
	slices.Sort(region)
	for i := range region {
		region[i] = aws.Printable(region[i])
	}
	switch {
	case len(region) == 0:
		return &model.CannotCheckError{Reason: "no ECS cluster in " + a.Region(), Next: "pass --region"}
	case len(unused) > 0:
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("no cluster matches %q in %s", unused[0], a.Region()),
			Next:   "the region has: " + someOf(region),
		}
	}
	return nil
}

// someOf lists names, but not a screenful.
func someOf(names []string) string {
	const most = 12
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// readClusters starts the reading of clusters, by ARN or by name.
func (c *clusters) readClusters(ctx context.Context, arns []string) {
	if len(arns) == 0 {
		return
	}
	c.update(func() {
		for _, arn := range arns {
			row := model.Cluster{Name: model.ARNName(arn)}
			if strings.HasPrefix(arn, "arn:") {
				row.ARN = arn
			}
			c.rows.clusters.putAs(arn, row)
			c.rows.noteAccount(arn)
		}
	})
	c.start(ctx, call{action: model.DescribeClusters, resources: arns, send: func(ctx context.Context) error {
		return c.describe(ctx, arns)
	}})
	for _, arn := range arns {
		c.start(ctx, call{
			action: model.ListServices, resources: []string{arn}, scope: arn,
			send: func(ctx context.Context) error { return c.services.list(ctx, arn) },
		})
	}
}

// describe reads the clusters' defaults. It asks for no more than it
// uses: the settings and tags of clusters are extra.
func (c *clusters) describe(ctx context.Context, arns []string) error {
	out, err := c.session.ECS.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: arns})
	if err != nil {
		return err
	}
	c.update(func() {
		for i := range out.Clusters {
			row := convert.Cluster(&out.Clusters[i])
			for _, given := range arns {
				if given == row.ARN || given == row.Name {
					c.rows.clusters.putAs(given, row)
				}
			}
		}
		for _, f := range out.Failures {
			c.calls.addGap(model.DescribeClusters, awssdk.ToString(f.Arn), missing(model.DescribeClusters, f))
		}
	})
	return nil
}

// finishLocked records a gap for every cluster that was not described.
func (c *clusters) finishLocked() {
	for key, row := range c.rows.clusters.rows {
		if row.Status == "" {
			c.calls.addAbsent(model.DescribeClusters, key, "")
		}
	}
}

// missing is the failure that AWS lists for a resource in an answer that is
// otherwise fine.
func missing(action model.Action, f ecstypes.Failure) aws.Failure {
	reason := aws.Printable(awssdk.ToString(f.Reason))
	name := aws.Printable(model.ARNName(awssdk.ToString(f.Arn)))
	state := model.Failed
	if reason == "MISSING" {
		state = model.Absent
	}
	return aws.Failure{
		State: state, Code: reason,
		Sentence: fmt.Sprintf("%s: %s is %s; it was probably deleted meanwhile: read again", action, name,
			strings.ToLower(reason)),
	}
}
