package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// deploymentsDiffer is INF501: row 39 of docs/decision-table.md.
func deploymentsDiffer() Rule {
	return Rule{
		Code: "INF501", Title: "Running deployments differ in what requests depend on", Severity: Info,
		Needs: serviceFacts,
		check: checkDeploymentsDiffer,
		Doc: Doc{
			What: "Tasks of two deployments run, and these differ in Service Connect, ports or network.",
			Why: "Requests take different ways, depending on which task gets them, and what is wrong may be wrong " +
				"for some of them only. It passes when one deployment is left, if the rollout ends.",
			Detection: "serviceConnectConfiguration, the task definition's networkMode and portMappings, and " +
				"awsvpcConfiguration of the PRIMARY deployment are compared with those of every other one with running tasks.",
			FalsePositive: "None known: every rollout of such a change shows it.",
			Fix:           "Wait for the rollout to end and look again. If it does not end, see the service's events.",
			Source: "API reference, Deployment; appProtocol of a Service Connect service cannot be changed: " +
				"aws/containers-roadmap#2378.",
		},
	}
}

// difference is something in which a new deployment differs from an old one.
type difference struct {
	// title completes "The new deployment of web …".
	title    string
	old, new string
	from     model.Action
}

// changed is a difference of the values of one field, which evidence quotes.
func changed(what, field, old, new string, from model.Action) difference {
	return difference{"changes " + what, field + old, field + new, from}
}

func checkDeploymentsDiffer(c *Case) {
	if len(c.Running) < 2 || c.Running[0].Status != model.PrimaryDeployment {
		return
	}
	next := c.Running[0]
	for _, old := range c.Running[1:] {
		all := slices.Concat(c.connectDiffers(next, old), c.tasksDiffer(next, old), networkDiffers(next, old))
		if len(all) > 0 {
			c.report(differFinding(c, next, old, all))
		}
	}
}

func differFinding(c *Case, next, old *model.Deployment, all []difference) Finding {
	return Finding{
		Paths: where(c.Siblings, func(p *reach.Path) bool { return p.Target.Deployment != "" }),
		text:  func(f *Finding) Text { return differText(f, next, old, all) },
	}
}

func differText(f *Finding, next, old *model.Deployment, all []difference) Text {
	titles := make([]string, len(all))
	evidence := make([]reach.Evidence, len(all))
	for i, d := range all {
		titles[i] = d.title
		evidence[i] = fact(d.from, "deployment %s: %s; deployment %s: %s", next.ID, d.new, old.ID, d.old)
	}
	title := fmt.Sprintf("The new deployment of %s %s", f.Service, titles[0])
	switch more := len(all) - 1; {
	case more == 1:
		title += " and " + titles[1]
	case more > 1:
		title += fmt.Sprintf(", and %d more differences", more)
	}
	return Text{
		Title: title,
		Detail: fmt.Sprintf("Two deployments of %s run: %s (running tasks: %d), and still %s (%d). The new one %s. Until "+
			"one of them is left, requests meet both.",
			f.Service, next.ID, next.RunningCount, old.ID, old.RunningCount, strings.Join(titles, "; it ")),
		Evidence: evidence,
	}
}

// connectDiffers compares the Service Connect blocks.
func (c *Case) connectDiffers(next, old *model.Deployment) []difference {
	was, is := old.ServiceConnect.Active(), next.ServiceConnect.Active()
	from := model.DescribeServices
	switch {
	case !was && !is:
		return nil
	case !is:
		return []difference{{"drops Service Connect", "serviceConnectConfiguration.enabled = true", "not enabled", from}}
	case !was:
		return []difference{{"turns Service Connect on", "not enabled", "serviceConnectConfiguration.enabled = true", from}}
	}
	var out []difference
	// What a service is called may change its form: resolved keys tell.
	before, _ := c.Index.NamespaceOf(c.Service, old.ServiceConnect)
	after, _ := c.Index.NamespaceOf(c.Service, next.ServiceConnect)
	if a, b := old.ServiceConnect.Namespace, next.ServiceConnect.Namespace; before.Key != after.Key && a != b {
		out = append(out, changed("its namespace", "namespace = ", a, b, from))
	}
	return append(out, offersDiffer(next.ServiceConnect, old.ServiceConnect)...)
}

// offersDiffer compares the endpoints of two blocks, by their port names.
func offersDiffer(next, old *model.ServiceConnect) []difference {
	from := model.DescribeServices
	var out []difference
	for i := range old.Services {
		was := &old.Services[i]
		is := offered(next, was.PortName)
		switch {
		case is == nil:
			out = append(out, difference{"no longer offers " + was.Name(), "services has portName " +
				was.PortName, "services has not", from})
		case offered(old, was.PortName) != was: // listed twice: compared once
		case is.IngressPortOverride != was.IngressPortOverride:
			before, after := orUnset(was.IngressPortOverride), orUnset(is.IngressPortOverride)
			what := fmt.Sprintf("ingressPortOverride of %s from %s to %s", is.PortName, before, after)
			out = append(out, changed(what, "ingressPortOverride = ", before, after, from))
		case describe(is) != describe(was):
			out = append(out, difference{"changes the endpoint of " + is.PortName, describe(was), describe(is), from})
		}
	}
	for i := range next.Services {
		if is := &next.Services[i]; offered(old, is.PortName) == nil {
			out = append(out, difference{"offers " + is.Name() + " in Service Connect", "services has no portName " +
				is.PortName, "services has it", from})
		}
	}
	return out
}

// offered is the first endpoint of a port name, nil if there is none.
func offered(sc *model.ServiceConnect, portName string) *model.ServiceConnectService {
	for i := range sc.Services {
		if sc.Services[i].PortName == portName {
			return &sc.Services[i]
		}
	}
	return nil
}

// describe is an endpoint as far as callers see it.
func describe(s *model.ServiceConnectService) string {
	out := "discoveryName " + s.Name()
	for _, alias := range s.ClientAliases {
		out += fmt.Sprintf(", alias %s:%d", alias.DNSName, alias.Port)
	}
	if s.TLS != nil {
		out += ", with tls"
	}
	return out
}

// tasksDiffer compares the task definitions.
func (c *Case) tasksDiffer(next, old *model.Deployment) []difference {
	if next.TaskDefinition == old.TaskDefinition {
		return nil
	}
	var tasks [2]*model.TaskDefinition
	for i, arn := range [...]model.ARN{old.TaskDefinition, next.TaskDefinition} {
		task, missing := c.Index.TaskDefinition(arn)
		if missing != nil {
			c.lack(missing)
			return nil
		}
		tasks[i] = task
	}
	from := model.DescribeTaskDefinition
	was, is := tasks[0], tasks[1]
	var out []difference
	if was.NetworkMode != is.NetworkMode {
		before, after := cmp.Or(was.NetworkMode, "none"), cmp.Or(is.NetworkMode, "none")
		out = append(out, changed("the network mode", "networkMode = ", string(before), string(after), from))
	}
	for i := range was.Containers {
		for _, m := range was.Containers[i].PortMappings {
			twin, _ := is.PortNamed(m.Name)
			if twin != nil && twin.AppProtocol != m.AppProtocol {
				before, after := cmp.Or(m.AppProtocol, "unset"), cmp.Or(twin.AppProtocol, "unset")
				what := fmt.Sprintf("appProtocol of port %s from %s to %s", m.Name, before, after)
				out = append(out, changed(what, "appProtocol = ", before, after, from))
			}
		}
	}
	if a, b := portList(was), portList(is); a != b {
		out = append(out, changed("its ports", "ports ", a, b, from))
	}
	return out
}

// networkDiffers compares subnets and security groups.
func networkDiffers(next, old *model.Deployment) []difference {
	var a, b model.Network
	if old.Network != nil {
		a = *old.Network
	}
	if next.Network != nil {
		b = *next.Network
	}
	from := model.DescribeServices
	var out []difference
	if was, is := sortedList(a.SecurityGroups), sortedList(b.SecurityGroups); was != is {
		out = append(out, changed("its security groups", "securityGroups ", was, is, from))
	}
	if was, is := sortedList(a.Subnets), sortedList(b.Subnets); was != is {
		out = append(out, changed("its subnets", "subnets ", was, is, from))
	}
	return out
}

func sortedList(ids []string) string {
	return cmp.Or(strings.Join(slices.Sorted(slices.Values(ids)), ", "), "none")
}
