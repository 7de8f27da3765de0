package awstest

import (
	"fmt"

	"hopscope/aws/simulator"
)

// PerLoadBalancer are the services behind one load balancer of a fleet.
const PerLoadBalancer = 90

// Fleet is a world of n services in the cluster "fleet", each with a task
// definition, a target group and a Service Connect endpoint of its own, behind
// as many load balancers as that takes.
func Fleet(n int) *simulator.World {
	w := &simulator.World{
		Namespaces: []simulator.Namespace{{Name: "fleet"}},
		SecurityGroups: []simulator.SecurityGroup{{
			Name:    "tasks",
			Ingress: []simulator.SecurityGroupRule{{Group: "tasks", Ports: simulator.Port(80)}},
		}},
		Clusters: []simulator.Cluster{{Name: "fleet", DefaultNamespace: "fleet"}},
	}
	for i := range n {
		name := fmt.Sprintf("service-%04d", i)
		if i%PerLoadBalancer == 0 {
			w.LoadBalancers = append(w.LoadBalancers, simulator.LoadBalancer{
				Name: fmt.Sprintf("alb-%03d", i/PerLoadBalancer), SecurityGroups: []string{"tasks"},
				Listeners: []simulator.Listener{{Port: 80, Default: simulator.ForwardTo(name)}},
			})
		} else {
			listener := &w.LoadBalancers[len(w.LoadBalancers)-1].Listeners[0]
			listener.Rules = append(listener.Rules, simulator.ListenerRule{
				Priority:   i % PerLoadBalancer,
				Conditions: []simulator.RuleCondition{{Field: "host-header", Values: []string{name + ".example.com"}}},
				Action:     simulator.ForwardTo(name),
			})
		}
		w.TargetGroups = append(w.TargetGroups, simulator.TargetGroup{Name: name, Port: 80})
		w.TaskDefinitions = append(w.TaskDefinitions, simulator.TaskDefinition{
			Family: name,
			Containers: []simulator.Container{{
				Name: "app", PortMappings: []simulator.PortMapping{{Name: "http", ContainerPort: 80, AppProtocol: "http"}},
			}},
		})
		w.Services = append(w.Services, simulator.Service{
			CreatedAt: "1999-12-01T00:00:00Z", // before the fake clock of synctest begins
			Name:      name, SecurityGroups: []string{"tasks"},
			LoadBalancers:  []simulator.ServiceLoadBalancer{{TargetGroup: name, ContainerName: "app", ContainerPort: 80}},
			ServiceConnect: []byte(`{"enabled":true,"namespace":"fleet","services":[{"portName":"http"}]}`),
		})
	}
	return w
}
