package planner

import (
	"fmt"
	"strings"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// everyone is why a command that would admit the internet is not there to be pasted.
const everyone = "all addresses open it to the internet: hopscope does not write that out"

// adviseClients opens the way to a load balancer. Who its clients are is for a person to
// say: hopscope admits no client to a listener.
func adviseClients(c *situation, f *rule.Finding) []*fix.Plan {
	paths := c.pathsOf(f)
	if len(paths) == 0 || paths[0].Entry() == nil {
		return nil
	}
	e := paths[0].Entry()
	group := "LOAD_BALANCER_GROUP"
	if len(e.LoadBalancer.SecurityGroups) > 0 {
		group = e.LoadBalancer.SecurityGroups[0]
	}
	port, protocol := e.Listener.Port, e.Transport()
	from := []string{"--protocol", protocol, "--port", fmt.Sprint(port), "--source-group", "CLIENT_GROUP"}
	who := "the security group of its clients, or their addresses with --cidr"
	switch {
	case e.WithoutIPv6():
		from = []string{
			"--ip-permissions",
			fmt.Sprintf("IpProtocol=%s,FromPort=%d,ToPort=%d,Ipv6Ranges=[{CidrIpv6=CLIENT_CIDR}]", protocol, port, port),
		}
		who = "the IPv6 addresses of its clients, in place of CLIENT_CIDR (" + everyone + ")"
	case e.LoadBalancer.Scheme == model.InternetFacing:
		from = []string{"--protocol", protocol, "--port", fmt.Sprint(port), "--cidr", "CLIENT_CIDR"}
		who = "the addresses of its clients, in place of CLIENT_CIDR (" + everyone + ")"
	}
	command := append([]string{"ec2", "authorize-security-group-ingress", "--group-id", group}, from...)
	name := fmt.Sprintf("%s :%d", e.LoadBalancer.Name, port)
	why := "Nothing that connects to " + name + " gets through as it is."
	if e.Partial || e.Access != reach.Blocked {
		why = "Not all clients of " + name + " get through as it is: " + e.Why() + "."
	}
	step := byHand(fmt.Sprintf("Admit on %s %d of %s: %s", protocol, port, c.ix.GroupLabel(group), who), c.aws(command...))
	undo := "Revoke the rule."
	if e.ByACL() {
		step = byHand(fmt.Sprintf("Let the network ACL pass requests on %s %d, and answers to ports from 1024 up: %s",
			protocol, port, e.Why()),
			c.aws(append([]string{"ec2", "describe-network-acls", "--filters"},
				"Name=association.subnet-id,Values="+strings.Join(e.LoadBalancer.Subnets, ","))...))
		undo = "Take the entries of the network ACL back."
	}
	plan := advice(c, "admit-clients", fmt.Sprintf("%s:%d", e.LoadBalancer.Name, port),
		"Admit the clients of "+name, why+" Who is to, hopscope cannot know.", step)
	plan.Undo = undo
	return onlyPlan(atListener(c, plan, f))
}

// atListener makes one plan of those that findings of several services ask for at their
// listener: it is the plan of the first of the services.
func atListener(c *situation, plan *fix.Plan, f *rule.Finding) *fix.Plan {
	if f.CausedBy == nil || f.CausedBy.Code != f.Code {
		return plan
	}
	first := f.CausedBy.Ref()
	plan.ID = strings.Replace(plan.ID, "/"+plan.Service.String(), "/"+first.String(), 1)
	plan.Service, plan.Block = first, nil
	if s := c.ix.Service(first); s != nil {
		plan.Owner = fix.OwnerOf(s)
	}
	return plan
}
