package collect

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"hopscope/aws"
	"hopscope/aws/convert"
	"hopscope/model"
)

// wantedTaskDefinition is a task definition that a service refers to. Urgent ones
// are read first.
type wantedTaskDefinition struct {
	arn    model.ARN
	urgent bool
}

// readTaskDefinition takes a task definition from the cache or starts its call.
func (c *collection) readTaskDefinition(ctx context.Context, w wantedTaskDefinition) {
	if known, ok := c.cache.get(w.arn); ok {
		c.picture.update(func() { c.picture.taskDefinitions.put(w.arn, known) })
		return
	}
	c.start(ctx, call{
		action: model.DescribeTaskDefinition, resources: []string{w.arn}, urgent: w.urgent,
		run: func(ctx context.Context) error { return c.describeTaskDefinition(ctx, w.arn) },
	})
}

func (c *collection) describeTaskDefinition(ctx context.Context, arn model.ARN) error {
	out, err := c.session.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
	if err != nil {
		return err
	}
	if out.TaskDefinition == nil {
		return aws.ErrNoContent
	}
	row := convert.TaskDefinition(out.TaskDefinition)
	c.cache.put(row)
	// An emulator may let a deployment name "web:1". Look-ups go by what the
	// deployment names.
	row.ARN = arn
	c.picture.update(func() { c.picture.taskDefinitions.put(arn, row) })
	return nil
}
