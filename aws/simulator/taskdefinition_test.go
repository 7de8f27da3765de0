package simulator

import (
	"fmt"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

func Test_CPU_and_memory_are_those_of_the_world_in_definitions_and_tasks(t *testing.T) {
	b := newBench(t, parse(t, `{
	 "clusters": [{"name": "default"}],
	 "taskDefinitions": [
	  {"family": "plain", "containers": [{"name": "app"}]},
	  {"family": "large", "cpu": "1024", "memory": "2048", "containers": [{"name": "app", "cpu": 512, "memory": 1024,
	   "memoryReservation": 256}]},
	  {"family": "boundless", "networkMode": "bridge", "cpu": "unset", "memory": "unset", "containers": [{"name": "app"}]}
	 ],
	 "services": [{"name": "plain"}, {"name": "large"}, {"name": "boundless"}]}`))
	for family, want := range map[string]string{
		"plain":     "256 512 0 0 0, tasks 256 512",
		"large":     "1024 2048 512 1024 256, tasks 1024 2048",
		"boundless": "  0 0 0, tasks  ",
	} {
		out, err := b.ecs.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: &family})
		if err != nil {
			t.Fatal(err)
		}
		d := out.TaskDefinition
		c := d.ContainerDefinitions[0]
		tasks, err := b.ecs.ListTasks(t.Context(), &ecs.ListTasksInput{ServiceName: &family})
		if err != nil {
			t.Fatal(err)
		}
		described, err := b.ecs.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Tasks: tasks.TaskArns})
		if err != nil {
			t.Fatal(err)
		}
		text, number := awssdk.ToString, awssdk.ToInt32
		got := fmt.Sprintf("%s %s %d %d %d, tasks %s %s", text(d.Cpu), text(d.Memory), c.Cpu, number(c.Memory), number(
			c.MemoryReservation,
		),
			text(described.Tasks[0].Cpu), text(described.Tasks[0].Memory))
		if got != want {
			t.Errorf("%s has %q, want %q", family, got, want)
		}
	}
}
