package convert

import (
	"strconv"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/model"
)

// TaskDefinition keeps what request paths depend on. What it leaves out is left
// out on purpose: environment, secrets, commands and log options.
func TaskDefinition(d *ecstypes.TaskDefinition) model.TaskDefinition {
	row := model.TaskDefinition{
		ARN:         awssdk.ToString(d.TaskDefinitionArn),
		Family:      awssdk.ToString(d.Family),
		Revision:    int(d.Revision),
		NetworkMode: model.NetworkMode(d.NetworkMode),
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
	return owned(row)
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
