package collect

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// taskDefinitions reads the task definitions that services refer to, each once.
type taskDefinitions struct {
	*run

	cache *taskDefinitionCache
	hosts *hostNames
	// named are those that services refer to.
	named set
}

// namedDefinition is a task definition that a service refers to. Urgent ones are
// read first.
type namedDefinition struct {
	arn    model.ARN
	urgent bool
}

// nameLocked notes that a service refers to a task definition, and tells whether
// it is the first.
func (c *taskDefinitions) nameLocked(arn model.ARN) bool {
	if arn == "" || c.named[arn] {
		return false
	}
	c.named[arn] = true
	return true
}

// read takes a task definition from the cache or starts its call.
func (c *taskDefinitions) read(ctx context.Context, d namedDefinition) {
	if known, ok := c.cache.get(d.arn); ok {
		c.update(func() { c.rows.taskDefinitions.put(known) })
		return
	}
	c.start(ctx, call{
		action: model.DescribeTaskDefinition, resources: []string{d.arn}, urgent: d.urgent,
		send: func(ctx context.Context) error { return c.describe(ctx, d.arn) },
	})
}

func (c *taskDefinitions) describe(ctx context.Context, arn model.ARN) error {
	out, err := c.session.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
	if err != nil {
		return err
	}
	if out.TaskDefinition == nil {
		return aws.ErrNoContent
	}
	row, hosts := convert.TaskDefinition(out.TaskDefinition), convert.HostNames(out.TaskDefinition)
	c.cache.put(row)
	// An emulator may let a deployment name "web:1". Look-ups go by what the
	// deployment names.
	row.ARN = arn
	c.update(func() {
		c.hosts.put(arn, hosts)
		c.rows.taskDefinitions.put(row)
	})
	return nil
}

// open opens the cache of the account that owns the ARNs.
func (c *taskDefinitions) open(arns []model.ARN) {
	if c.options.TaskDefinitionCache == "" || len(arns) == 0 || !keepsRevisions(c.account.Endpoint()) {
		return
	}
	if account := model.ARNAccount(arns[0]); account != "" {
		c.cache = openTaskDefinitionCache(c.options.TaskDefinitionCache, account, c.account.Region(), c.account.Endpoint())
		c.hosts = c.cache.hosts
	}
}

// save keeps what was read. A cache that cannot be written is no reason to fail.
func (c *taskDefinitions) save() { _ = c.cache.save() }

func (c *taskDefinitions) finishLocked() {
	addMissing(c.calls, model.DescribeTaskDefinition, c.named, c.rows.taskDefinitions.rows)
}
