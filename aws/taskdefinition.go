package aws

import (
	"context"
	"strconv"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

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
	out, err := c.clients.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
	if err != nil {
		return err
	}
	if out.TaskDefinition == nil {
		return errNoContent
	}
	row := toTaskDefinition(out.TaskDefinition)
	c.cache.put(row)
	// An emulator may let a deployment name "web:1". Look-ups go by what the
	// deployment names.
	row.ARN = arn
	c.picture.update(func() { c.picture.taskDefinitions.put(arn, row) })
	return nil
}

// toTaskDefinition keeps what request paths depend on. What it leaves out is left
// out on purpose: environment, secrets, commands and log options.
func toTaskDefinition(d *ecstypes.TaskDefinition) model.TaskDefinition {
	row := model.TaskDefinition{
		ARN:         awssdk.ToString(d.TaskDefinitionArn),
		Family:      awssdk.ToString(d.Family),
		Revision:    int(d.Revision),
		NetworkMode: string(d.NetworkMode),
		CPU:         units(d.Cpu),
		Memory:      units(d.Memory),
	}
	for _, c := range d.RequiresCompatibilities {
		row.RequiresCompatibilities = append(row.RequiresCompatibilities, string(c))
	}
	if d.RuntimePlatform != nil {
		row.OSFamily = string(d.RuntimePlatform.OperatingSystemFamily)
	}
	if p := d.ProxyConfiguration; p != nil {
		row.ProxyType = string(p.Type)
		if row.ProxyType == "" {
			// The only type there is, and the default.
			row.ProxyType = string(ecstypes.ProxyConfigurationTypeAppmesh)
		}
	}
	for i := range d.ContainerDefinitions {
		row.Containers = append(row.Containers, toContainer(&d.ContainerDefinitions[i]))
	}
	return row
}

// units reads the CPU or memory of a task, which AWS writes as text, in CPU units
// and MiB once a definition is registered ("1 vCPU" becomes "1024"). It is 0
// where there is none.
func units(text *string) int {
	n, err := strconv.Atoi(awssdk.ToString(text))
	if err != nil {
		return 0
	}
	return n
}

func toContainer(c *ecstypes.ContainerDefinition) model.Container {
	row := model.Container{
		Name: awssdk.ToString(c.Name),
		// AWS's default is true.
		Essential:      c.Essential == nil || *c.Essential,
		HasHealthCheck: c.HealthCheck != nil,
		CPU:            int(c.Cpu),
		Memory:         int(awssdk.ToInt32(c.Memory)),
	}
	if c.Memory == nil {
		row.Memory = int(awssdk.ToInt32(c.MemoryReservation))
	}
	for _, m := range c.PortMappings {
		row.PortMappings = append(row.PortMappings, model.PortMapping{
			Name:               awssdk.ToString(m.Name),
			ContainerPort:      int(awssdk.ToInt32(m.ContainerPort)),
			HostPort:           int(awssdk.ToInt32(m.HostPort)),
			Protocol:           string(m.Protocol),
			AppProtocol:        string(m.AppProtocol),
			ContainerPortRange: awssdk.ToString(m.ContainerPortRange),
		})
	}
	return row
}
