package rule

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// clientsRefused is NET205.
func clientsRefused() Rule {
	return Rule{
		Code: "NET205", Title: "Clients cannot reach the load balancer on the listener's port", Severity: Error,
		Sources: balancers,
		Needs: slices.Concat(serviceFacts, loadBalancerFacts, gatewayFacts,
			[]model.Action{
				model.DescribeSecurityGroups, model.DescribeNetworkInterfaces, model.DescribeSubnets, model.DescribeNetworkAcls,
			}),
		Uses:  []model.Action{model.DescribeManagedPrefixLists, model.GetPrefixListEntries},
		check: checkClientsRefused,
		Doc: Doc{
			What: "The load balancer's own security groups admit no client on the port of a listener, or network ACLs of its " +
				"subnets refuse those that they admit; or, of a dualstack load balancer that is open to the internet, only " +
				"clients with IPv4 addresses are admitted.",
			Why: "No request comes in, whatever is behind: connections time out before the load balancer sees them, and " +
				"no metric counts them.",
			Detection: "The ingress rules of the load balancer's groups are asked about the listener's port. None covers " +
				"it: an error. So is a network ACL of a subnet of the load balancer that lets none of the admitted clients " +
				"in, or none of the answers out: its name resolves to the nodes in all of its subnets. " +
				"IPv4 is open to the world and no rule admits IPv6 sources: a warning. A network load balancer without " +
				"security groups filters nothing. " +
				"Only groups are admitted which no service, load balancer, container instance or network interface has: a " +
				"warning, as a scheduled task may have the group later; it needs the network interfaces, which are read " +
				"for reports.",
			FalsePositive: "A listener that is closed on purpose, for maintenance.",
			Fix: "Admit the clients on the listener's port to the load balancer's security group: their group, " +
				"or their addresses.",
			Source: "Elastic Load Balancing guide, security groups for your Application Load Balancer; IP address " +
				"types.",
		},
	}
}

func checkClientsRefused(c *Case) {
	for paths := range groupBy(c.Paths, (*reach.Path).Entry) {
		switch entry := paths[0].Entry(); {
		case entry == nil:
		case entry.Access == reach.AccessUnknown:
			if len(entry.Missing) > 0 {
				c.lack(&entry.Missing[0])
			}
		case entry.Access == reach.Blocked && entry.Partial:
			c.report(entryFinding(entry, paths, refusedByHalf))
		case entry.Access == reach.Blocked:
			c.report(entryFinding(entry, paths, refusedClients))
		case c.vacant(entry):
			c.report(entryFinding(entry, paths, vacant))
		case entry.WithoutIPv6():
			c.report(entryFinding(entry, paths, refusedIPv6))
		}
	}
}

// vacant tells whether a load balancer admits only groups that nothing has; that it is
// not known is noted.
func (c *Case) vacant(entry *reach.Entry) bool {
	is, missing := entry.Vacant()
	if missing != nil {
		c.lack(missing)
	}
	return is
}

// clientFault is what is wrong with the entry of a load balancer.
type clientFault struct {
	severity      Severity
	confidence    Confidence
	verdict       reach.Verdict
	who, symptoms string
}

var (
	refusedClients = clientFault{
		Error, High, reach.Broken, "Clients", "Symptom: connections time out, and no metric of the load balancer " +
			"counts them.",
	}
	refusedByHalf = clientFault{
		Error, High, reach.Broken, "Some clients", "Symptom: a part of the connections times out: the name of the load " +
			"balancer resolves to the nodes in all of its subnets.",
	}
	vacant = clientFault{
		Warning, Medium, reach.Risk, "Clients",
		"A scheduled task that does not run now, or a service without tasks, may have the group later; a wrong id in " +
			"the rule never will.",
	}
	refusedIPv6 = clientFault{
		Warning, High, reach.Risk, "Clients with IPv6 addresses",
		"The load balancer has IPv6 addresses in DNS: clients that prefer them wait until they try IPv4, or fail.",
	}
)

func entryFinding(e *reach.Entry, paths []*reach.Path, fault clientFault) Finding {
	name := fmt.Sprintf("%s :%d", e.LoadBalancer.Name, e.Listener.Port)
	return Finding{
		Severity: fault.severity, Confidence: fault.confidence, verdict: fault.verdict, Paths: paths, about: name,
		shared: e.Listener.ARN + " " + fault.who + string(fault.severity),
		text: func(f *Finding) Text {
			title, services := fmt.Sprintf("%s cannot reach %s", fault.who, name), ""
			if len(f.Behind) > 0 {
				title += ": behind it are " + words.Services(f.Behind)
				services = " Requests to " + allBehind(f.Behind) + " come this way."
			}
			from := model.DescribeSecurityGroups
			if e.ByACL() {
				from = model.DescribeNetworkAcls
			}
			return Text{
				Title:  title,
				Detail: fmt.Sprintf("%s cannot connect to %s: %s. %s%s", fault.who, name, e.Why(), fault.symptoms, services),
				Evidence: []reach.Evidence{
					fact(model.DescribeLoadBalancers, "load balancer %s: scheme %s, ipAddressType %s",
						e.LoadBalancer.Name, e.LoadBalancer.Scheme, e.LoadBalancer.IPAddressType),
					fact(model.DescribeListeners, "listener %s, protocol %s", name, e.Listener.Protocol),
					fact(from, "%s", e.Why()),
				},
			}
		},
	}
}

// shownBehind is how many services behind a listener a finding names.
const shownBehind = 20

// allBehind names the services behind a listener, with their clusters where these differ.
func allBehind(refs []model.Ref) string {
	sameCluster := !slices.ContainsFunc(refs, func(r model.Ref) bool { return r.Cluster != refs[0].Cluster })
	names := make([]string, min(len(refs), shownBehind))
	for i := range names {
		if names[i] = refs[i].String(); sameCluster {
			names[i] = refs[i].Service
		}
	}
	if more := len(refs) - len(names); more > 0 {
		return fmt.Sprintf("%s and %d more services", strings.Join(names, ", "), more)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
