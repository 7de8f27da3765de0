package planner

import (
	"fmt"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/rule"
)

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
			fmt.Sprintf("IpProtocol=%s,FromPort=%d,ToPort=%d,Ipv6Ranges=[{CidrIpv6=::/0}]", protocol, port, port),
		}
		who = "all IPv6 addresses"
	case e.LoadBalancer.Scheme == model.InternetFacing:
		from = []string{"--protocol", protocol, "--port", fmt.Sprint(port), "--cidr", "0.0.0.0/0"}
		who = "the internet, if it is to be public, or else the addresses of its clients"
	}
	command := append([]string{"ec2", "authorize-security-group-ingress", "--group-id", group}, from...)
	name := fmt.Sprintf("%s :%d", e.LoadBalancer.Name, port)
	why := "Nothing that connects to " + name + " gets through as it is."
	if len(e.Admitted) > 0 {
		why = "Not all clients of " + name + " get through as it is: " + e.Why() + "."
	}
	plan := advice(c, "admit-clients", fmt.Sprintf("%s:%d", e.LoadBalancer.Name, port),
		"Admit the clients of "+name,
		why+" Who is to, hopscope cannot know.",
		byHand(fmt.Sprintf("Admit on %s %d of %s: %s", protocol, port, c.ix.GroupLabel(group), who),
			c.aws(command...)))
	plan.Undo = "Revoke the rule."
	return onlyPlan(plan)
}
