package rule_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hopscope/model"
	. "hopscope/model/modeltest"
)

// inNamespace puts a service into a namespace by what it calls it.
func inNamespace(name string) func(*Spec) {
	return Change(func(s *Spec) {
		Client()(s)
		s.Deployment.ServiceConnect.Namespace = name
	})
}

func addNamespace(name string) func(*model.Snapshot) {
	const id = "ns-2"
	return func(s *model.Snapshot) {
		s.Namespaces = append(s.Namespaces, model.Namespace{
			ID: id, ARN: strings.Replace(namespaceARN, "ns-1", id, 1),
			Name: name, Type: "HTTP",
		})
	}
}

// published says when the endpoint of web came into being, and when the
// deployments of the others did.
func published(made time.Time, deployed map[string]time.Time) func(*model.Snapshot) {
	const arn = "arn:aws:servicediscovery:" + Region + ":" + Account + ":service/srv-web"
	return func(s *model.Snapshot) {
		s.DiscoveryServices = append(s.DiscoveryServices, model.DiscoveryService{
			ID: "srv-web", ARN: arn, Name: "http",
			Namespace: namespaceARN, CreatedAt: made,
		})
		for i := range s.Services {
			d := &s.Services[i].Deployments[0]
			d.CreatedAt = deployed[s.Services[i].Name]
			if s.Services[i].Name == "web" {
				d.CreatedAt = made
				d.ServiceConnectResources = []model.ServiceConnectResource{{DiscoveryName: "http", DiscoveryARN: arn}}
			}
		}
	}
}

// registeredAs gives a service a registry in a Cloud Map service of that name.
func registeredAs(name, namespace string) func(*Builder) *Builder {
	return func(b *Builder) *Builder {
		return b.Edit(func(s *model.Snapshot) {
			s.DiscoveryServices = append(s.DiscoveryServices, model.DiscoveryService{
				ID: "srv-1", ARN: "arn:aws:servicediscovery:r:1:service/srv-1", Name: name, Namespace: namespace,
			})
		})
	}
}

func namespaceFirings() []firing {
	now := Time
	before, after := now.Add(-time.Hour), now.Add(time.Hour)
	twoNamed := func() *Builder {
		return web(Offer("http", 0, 80), inNamespace("ns")).Edit(addNamespace("ns"))
	}
	return []firing{
		{"CFG311", "a caller that a rule names", func() *Builder {
			return web(Offer("http", 0, 80)).Edit(published(now, map[string]time.Time{"client": before}))
		}, []string{"warning medium: client was deployed before http.ns:80 existed: it knows the name only once it is " +
			"deployed again"}},
		{
			"CFG311", "an older caller among others that are refused", func() *Builder { return crowd(before) },
			[]string{"warning medium: client was deployed before http.ns:80 existed: it knows the name only once it is " +
				"deployed again"},
		},
		{"CFG311", "callers that nothing names", func() *Builder {
			return web(Offer("http", 0, 80)).Group("sg-late").Service("late", Client()).Group("sg-old").Service("old", Client()).
				Group("sg-web", In("all", "10.0.0.0/16")).
				Edit(published(now, map[string]time.Time{"client": before, "old": before, "late": after}))
		}, []string{"info medium: 2 callers were deployed before http.ns:80 existed: they know the name only once they are " +
			"deployed again"}},
		{"CFG321", "all clusters are known", func() *Builder {
			return web(Offer("http", 0, 80)).Group("sg-lost").Service("lost", inNamespace("other")).Edit(addNamespace("other")).
				Edit(allClusters)
		}, []string{"warning medium: lost is a client of namespace other, where no service publishes an endpoint"}},
		{"CFG321", "once for a namespace", func() *Builder {
			return web(Offer("http", 0, 80)).Group("sg-lost").Service("lost", inNamespace("other")).Group("sg-lost2").
				Service("lost2", inNamespace("other")).
				Edit(addNamespace("other")).Edit(allClusters)
		}, []string{
			"warning medium: lost and 1 more are clients of namespace other, where no service publishes an endpoint",
		}},
		{"CFG321", "AWS lists the namespace's services", func() *Builder {
			return web(Offer("http", 0, 80)).Group("sg-lost").Service("lost", inNamespace("other")).Edit(addNamespace("other")).
				Edit(func(s *model.Snapshot) {
					s.Namespaces[1].Members = &model.NamespaceMembers{Services: []model.ARN{serviceARN("lost")}}
				})
		}, []string{"warning medium: lost is a client of namespace other, where no service publishes an endpoint"}},
		{
			"CFG322", "once for a name", twoNamed,
			[]string{"warning high: Which namespace ns means cannot be told: 2 have that name"},
		},
		{"CFG323", "a registry of its own", func() *Builder {
			return registeredAs("http", namespaceARN)(web(Offer("http", 0, 80), registered(80)))
		}, []string{"warning medium: http is a Service Connect name and a service registry of web at once"}},
		{"CFG326", "a service of another alias", func() *Builder {
			return web(Offer("http", 0, 80), alias(80, "web")).Group("sg-two").
				Service("two", Port("http", 80, "http"), Offer("http", 0, 80), alias(81, "two"))
		}, []string{
			"error high: http is also the discovery name of prod/web", "error high: http is also the discovery name of prod/two",
		}},
		{"CFG326", "two port names of one service", func() *Builder {
			return web(Offer("http", 0, 80), Port("admin", 81, "http"), Offer("admin", 0, 81), Change(func(s *Spec) {
				s.Deployment.ServiceConnect.Services[1].DiscoveryName = "http"
			}))
		}, []string{
			"error high: http is also the discovery name of portName admin of the same service",
			"error high: http is also the discovery name of portName http of the same service",
		}},
		{"CFG323", "another service's registry", func() *Builder {
			return registeredAs("http", namespaceARN)(web(Offer("http", 0, 80)).Group("sg-old").Service("old", registered(80)))
		}, []string{"warning medium: http is a Service Connect name and a service registry of old at once"}},
	}
}

func controlledBy(controller model.DeploymentController) func(*Spec) {
	return Change(func(s *Spec) { s.Service.DeploymentController = controller })
}

func counts(desired, running int) func(*Spec) {
	return Change(func(s *Spec) { s.Service.DesiredCount, s.Service.RunningCount = desired, running })
}

// revisions are the current revisions of a service, by their running tasks.
func revisions(running ...int) func(*Spec) {
	return Change(func(s *Spec) {
		for i, n := range running {
			s.Service.CurrentRevisions = append(s.Service.CurrentRevisions, model.CurrentRevision{
				ARN:          fmt.Sprint("rev-", i),
				RunningCount: n,
			})
		}
	})
}

// oldTask gives the ACTIVE deployment of web a task definition of its own.
func oldTask(change func(*model.TaskDefinition)) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		for i := range s.TaskDefinitions {
			if s.TaskDefinitions[i].Family != "web" {
				continue
			}
			old := s.TaskDefinitions[i]
			old.ARN, old.Revision = old.ARN+"0", 0
			old.Containers = slices.Clone(old.Containers)
			old.Containers[0].PortMappings = slices.Clone(old.Containers[0].PortMappings)
			change(&old)
			s.TaskDefinitions = append(s.TaskDefinitions, old)
			deploymentOf("web", "ecs-svc/0", func(d *model.Deployment) { d.TaskDefinition = old.ARN })(s)
			return
		}
	}
}

func deploymentFirings() []firing {
	old := func(change func(*model.Deployment)) func() *Builder {
		return func() *Builder {
			return web(Offer("http", 0, 80), counts(1, 2)).Edit(deploymentOf("web", "ecs-svc/0", change))
		}
	}
	return []firing{
		{
			"CFG305", "CodeDeploy", func() *Builder { return web(Offer("http", 0, 80), controlledBy("CODE_DEPLOY")) },
			[]string{"error high: web has Service Connect under the controller CODE_DEPLOY, which ECS does not support"},
		},
		{
			"CFG305", "a client under an external controller", func() *Builder {
				return New().Group("sg-web").Service("web", Client(), controlledBy("EXTERNAL"))
			},
			[]string{"error high: web has Service Connect under the controller EXTERNAL, which ECS does not support"},
		},
		{"INF501", "the override moves", old(func(d *model.Deployment) {
			d.ServiceConnect.Services[0].IngressPortOverride = 8080
		}), []string{"info high: The new deployment of web changes ingressPortOverride of http from 8080 to unset"}},
		{"INF501", "Service Connect goes", func() *Builder {
			return web(counts(1, 2)).Edit(deploymentOf("web", "ecs-svc/0", func(d *model.Deployment) {
				d.ServiceConnect = &model.ServiceConnect{Enabled: true, Namespace: "ns"}
			}))
		}, []string{"info high: The new deployment of web drops Service Connect"}},
		{"INF501", "an endpoint goes, another comes", old(func(d *model.Deployment) {
			d.ServiceConnect.Services[0].PortName, d.ServiceConnect.Services[0].DiscoveryName = "old", "old"
		}), []string{"info high: The new deployment of web no longer offers old and offers http in Service Connect"}},
		{"INF501", "TLS comes", func() *Builder {
			return web(Offer("http", 0, 80), withTLS()).Edit(deploymentOf("web", "ecs-svc/0", func(d *model.Deployment) {
				d.ServiceConnect.Services[0].TLS = nil
			}))
		}, []string{"info high: The new deployment of web changes the endpoint of http"}},
		{"INF501", "appProtocol changes", func() *Builder {
			return web(Offer("http", 0, 80)).Edit(oldTask(func(d *model.TaskDefinition) {
				d.Containers[0].PortMappings[0].AppProtocol = ""
			}))
		}, []string{"info high: The new deployment of web changes appProtocol of port http from unset to http"}},
		{"INF501", "groups and subnets", old(func(d *model.Deployment) {
			d.Network = &model.Network{Subnets: []string{SubnetA}, SecurityGroups: []string{"sg-alb"}}
		}), []string{"info high: The new deployment of web changes its security groups and changes its subnets"}},
		{"INF509", "an unlisted revision runs", func() *Builder {
			return web(revisions(1, 2))
		}, []string{"warning medium: web has running tasks of 2 revisions, and of 1 in its deployments"}},
		{"INF509", "the only deployment has no task yet", func() *Builder {
			return web(revisions(1), Change(func(s *Spec) { s.Deployment.RunningCount = 0 }))
		}, []string{"warning medium: web has running tasks of 1 revision, and of 0 in its deployments"}},
		{"INF502", "scaled to zero", func() *Builder {
			return web(counts(0, 0))
		}, []string{"info high: No task of web runs: its callers get 503"}},
		{"INF502", "wants tasks and has none", func() *Builder {
			return web(counts(2, 0))
		}, []string{"error high: web wants tasks (2), and none runs: its callers get 503"}},
		{"INF502", "its first tasks start", func() *Builder {
			return web(counts(2, 0), Change(func(s *Spec) {
				s.Service.PendingCount, s.Deployment.RolloutState = 2, "IN_PROGRESS"
			}))
		}, []string{"warning high: web wants tasks (2), and none runs: its callers get 503"}},
	}
}
