package reach_test

import (
	"fmt"
	"slices"
	"testing"

	"hopscope/model"
	"hopscope/model/reach"

	. "hopscope/model/modeltest"
)

// admitsBatch is a service whose port admits a group that some interfaces have.
func admitsBatch(interfaces ...model.NetworkInterface) *model.Snapshot {
	return New().Group("sg-batch").Group("sg-other").
		Group("sg-web", In("tcp 80", "sg-batch"), In("tcp 80", "sg-other")).
		Service("web", Port("http", 80, "http")).
		Edit(func(s *model.Snapshot) {
			s.NetworkInterfaces = interfaces
			in := model.StandaloneTasks{Cluster: "prod"}
			for _, n := range interfaces {
				task := model.StandaloneTask{NetworkInterface: n.ID}
				task.TaskDefinition = "arn:aws:ecs:r:1:task-definition/report:1"
				if n.Description == "arn:aws:ecs:r:1:attachment/1" {
					in.Tasks = append(in.Tasks, task)
				}
			}
			s.StandaloneTasks = []model.StandaloneTasks{in}
			for i := range s.SecurityGroups {
				s.SecurityGroups[i].InterfacesRead = true
			}
		}).Snapshot()
}

func portsOf(s *model.Snapshot) []reach.TaskPort {
	return reach.NewDeriver(model.NewIndex(s)).TaskPorts()
}

// A task with two admitted groups is one task, and the tasks come first.
func TestCallersOfATaskPortAreCountedOnce(t *testing.T) {
	groups := []string{"sg-batch", "sg-other"}
	task := model.NetworkInterface{
		ID: "eni-1", Description: "arn:aws:ecs:r:1:attachment/1", Subnet: SubnetA, SecurityGroups: groups,
	}
	more, function := task, task
	more.ID, more.SecurityGroups = "eni-2", groups[:1]
	function.ID, function.Description = "eni-3", "AWS Lambda VPC ENI-f"
	balancer, service := task, task
	balancer.ID, balancer.Description = "eni-4", "ELB app/alb/1"
	service.ID, service.Description = "eni-5", "arn:aws:ecs:r:1:attachment/2"
	got := portsOf(admitsBatch(task, more, function, balancer, service))
	if len(got) != 1 || got[0].Count != 2 || len(got[0].Missing) != 0 {
		t.Fatalf("the ports are %+v", got)
	}
	want := []string{"report: 2 standalone tasks", "function f"}
	if names := got[0].Names(reach.Allowed); !slices.Equal(names, want) {
		t.Errorf("the callers are %q, want %q", names, want)
	}
	if !slices.Equal(got[0].Callers[0].Groups, groups) {
		t.Errorf("the groups are %q", got[0].Callers[0].Groups)
	}
}

// A port names as many callers as are read, and counts the others.
func TestCallersOfATaskPortAreBounded(t *testing.T) {
	var all []model.NetworkInterface
	for i := range 1000 {
		all = append(all, model.NetworkInterface{
			ID: fmt.Sprintf("eni-%d", i), Instance: fmt.Sprintf("i-%03d", i), Subnet: SubnetA,
			SecurityGroups: []string{"sg-batch"},
		})
	}
	got := portsOf(admitsBatch(all...))
	if len(got) != 1 || got[0].Count != 1000 || len(got[0].Callers) != 20 || got[0].Callers[19].Name != "i-019" {
		t.Errorf("the ports are %+v", got)
	}
}

// Interfaces of tasks that are not known may be standalone ones where those were not read, or
// not all of them; without such an interface there is nothing to miss.
func TestTasksThatWereNotReadMayBeCallers(t *testing.T) {
	unnamed := model.NetworkInterface{
		ID: "eni-5", Description: "arn:aws:ecs:r:1:attachment/2", Subnet: SubnetA, SecurityGroups: []string{"sg-batch"},
	}
	for _, c := range []struct {
		name       string
		edit       func(*model.Snapshot)
		interfaces []model.NetworkInterface
		want       model.Action
	}{
		{"all read", func(*model.Snapshot) {}, []model.NetworkInterface{unnamed}, ""},
		{
			"tasks denied", func(s *model.Snapshot) {
				s.Gaps = []model.Gap{{Action: model.ListTasks, Resource: "prod", State: model.Denied}}
			}, []model.NetworkInterface{unnamed}, model.ListTasks,
		},
		{
			"tasks denied, no interface of a task", func(s *model.Snapshot) {
				s.Gaps = []model.Gap{{Action: model.ListTasks, Resource: "prod", State: model.Denied}}
			}, nil, "",
		},
		{
			"interfaces denied", func(s *model.Snapshot) {
				s.SecurityGroups[0].InterfacesRead = false
				s.Gaps = []model.Gap{{Action: model.DescribeNetworkInterfaces, Resource: "sg-batch", State: model.Denied}}
			}, nil, model.DescribeNetworkInterfaces,
		},
		{"interfaces not asked for", func(s *model.Snapshot) { s.SecurityGroups[0].InterfacesRead = false }, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := admitsBatch(c.interfaces...)
			c.edit(s)
			got := portsOf(s)
			switch {
			case c.want == "" && len(got) > 0:
				t.Errorf("there is something to say: %+v", got)
			case c.want != "" && (len(got) != 1 || len(got[0].Callers) != 0 || got[0].Missing[0].Action != c.want):
				t.Errorf("%s is not missing: %+v", c.want, got)
			}
		})
	}
}

// Groups of other accounts, and references over a peering that is gone, are no callers here.
func TestGroupsOfOthersAreNoCallersOfATaskPort(t *testing.T) {
	own := model.NetworkInterface{
		ID: "eni-1", Description: "bastion", Subnet: SubnetA, SecurityGroups: []string{"sg-batch"},
	}
	for name, edit := range map[string]func(*model.GroupReference){
		"another VPC":   func(g *model.GroupReference) { g.VPC = "vpc-other" },
		"peering gone":  func(g *model.GroupReference) { g.PeeringStatus = "deleted" },
		"another group": func(g *model.GroupReference) { g.ID = "sg-none" },
	} {
		s := admitsBatch(own)
		if len(portsOf(s)) != 1 {
			t.Fatal("the control has no caller")
		}
		for i := range s.SecurityGroups {
			for j := range s.SecurityGroups[i].Ingress {
				edit(s.SecurityGroups[i].Ingress[j].Group)
			}
		}
		for _, port := range portsOf(s) {
			if len(port.Callers) > 0 {
				t.Errorf("%s: %+v", name, port)
			}
		}
	}
}
