package convert

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/model"
)

// Task is a task with its addresses, containers and the ports that they are bound to.
func Task(t *ecstypes.Task) model.Task {
	row := model.Task{
		ARN:               awssdk.ToString(t.TaskArn),
		StartedBy:         awssdk.ToString(t.StartedBy),
		TaskDefinition:    awssdk.ToString(t.TaskDefinitionArn),
		ContainerInstance: awssdk.ToString(t.ContainerInstanceArn),
		CreatedAt:         awssdk.ToTime(t.CreatedAt),
	}
	for _, a := range t.Attachments {
		for _, d := range a.Details {
			switch awssdk.ToString(d.Name) {
			case "privateIPv4Address", "privateIPv6Address":
				row.Addresses = appendAddress(row.Addresses, d.Value)
			}
		}
	}
	for i := range t.Containers {
		container := &t.Containers[i]
		for _, n := range container.NetworkInterfaces {
			row.Addresses = appendAddress(appendAddress(row.Addresses, n.PrivateIpv4Address), n.Ipv6Address)
		}
		row.Containers = append(row.Containers, toTaskContainer(container))
	}
	return owned(row)
}

// StandaloneTask is a task that no service started. What it was started with in
// place of its definition's commands and environment is left out: it may hold secrets.
func StandaloneTask(t *ecstypes.Task) model.StandaloneTask {
	row := model.StandaloneTask{
		Task:       Task(t),
		Group:      awssdk.ToString(t.Group),
		Status:     awssdk.ToString(t.LastStatus),
		LaunchType: string(t.LaunchType),
		StoppedAt:  awssdk.ToTime(t.StoppedAt),
	}
	for _, a := range t.Attachments {
		for _, d := range a.Details {
			switch awssdk.ToString(d.Name) {
			case "subnetId":
				row.Subnet = awssdk.ToString(d.Value)
			case "networkInterfaceId":
				row.NetworkInterface = awssdk.ToString(d.Value)
			}
		}
	}
	return owned(row)
}

// appendAddress adds an address that is not there yet.
func appendAddress(all []netip.Addr, text *string) []netip.Addr {
	address, err := netip.ParseAddr(awssdk.ToString(text))
	if err != nil || slices.Contains(all, address) {
		return all
	}
	return append(all, address)
}

func toTaskContainer(c *ecstypes.Container) model.TaskContainer {
	row := model.TaskContainer{Name: awssdk.ToString(c.Name), HealthStatus: string(c.HealthStatus)}
	for i := range c.NetworkBindings {
		for _, b := range toBindings(&c.NetworkBindings[i]) {
			// A port is bound once for IPv4 and once for IPv6.
			if !slices.Contains(row.Bindings, b) {
				row.Bindings = append(row.Bindings, b)
			}
		}
	}
	return row
}

// toBindings is one row for a port, and one for each port of a range: the ports of
// the two ranges go together in their order.
func toBindings(b *ecstypes.NetworkBinding) []model.NetworkBinding {
	if b.HostPort != nil {
		return []model.NetworkBinding{{
			ContainerPort: int(awssdk.ToInt32(b.ContainerPort)), HostPort: int(*b.HostPort), Protocol: string(b.Protocol),
		}}
	}
	container, last := portRange(b.ContainerPortRange)
	host, _ := portRange(b.HostPortRange)
	if container == 0 || host == 0 {
		return nil
	}
	var rows []model.NetworkBinding
	for i := range last - container + 1 {
		rows = append(rows,
			model.NetworkBinding{ContainerPort: container + i, HostPort: host + i, Protocol: string(b.Protocol)})
	}
	return rows
}

// portRange reads a range such as "8000-8010"; 0 is for text that is none.
func portRange(text *string) (first, last int) {
	const highest = 65535
	from, to, _ := strings.Cut(awssdk.ToString(text), "-")
	first, err := strconv.Atoi(from)
	last, errLast := strconv.Atoi(to)
	if err != nil || errLast != nil || first < 1 || last > highest {
		return 0, 0
	}
	return first, last
}
