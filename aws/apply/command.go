package apply

import (
	"encoding/json"
	"fmt"

	"hopscope/aws"
	"hopscope/internal/shell"
	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
)

// The log of calls has each as the AWS CLI would send it.

// commandLine is a command of the AWS CLI for the entry's account.
func (r *run) commandLine(service, command string, arguments ...string) string {
	words := append([]string{"aws", service, command, "--region", r.entry.Region}, arguments...)
	if r.account.Profile() != "" {
		words = append(words, "--profile", r.account.Profile())
	}
	if r.entry.Endpoint != "" {
		words = append(words, "--endpoint-url", aws.RedactedURL(r.entry.Endpoint)) // without a password
	}
	return shell.Line(words...)
}

// commands are the actions that change security groups, as the AWS CLI calls them.
var commands = map[model.Action]string{
	aws.AuthorizeIngress: "authorize-security-group-ingress",
	aws.AuthorizeEgress:  "authorize-security-group-egress",
	aws.RevokeIngress:    "revoke-security-group-ingress",
	aws.RevokeEgress:     "revoke-security-group-egress",
}

// The shapes that --ip-permissions takes.
type (
	cliPermission struct {
		Protocol   string    `json:"IpProtocol"`
		From       *int      `json:"FromPort,omitempty"`
		To         *int      `json:"ToPort,omitempty"`
		Groups     []cliPeer `json:"UserIdGroupPairs,omitempty"`
		Ranges     []cliPeer `json:"IpRanges,omitempty"`
		IPv6Ranges []cliPeer `json:"Ipv6Ranges,omitempty"`
		Lists      []cliPeer `json:"PrefixListIds,omitempty"`
	}
	cliPeer struct {
		Group       string `json:"GroupId,omitempty"`
		Account     string `json:"UserId,omitempty"`
		VPC         string `json:"VpcId,omitempty"`
		CIDR        string `json:"CidrIp,omitempty"`
		IPv6        string `json:"CidrIpv6,omitempty"`
		List        string `json:"PrefixListId,omitempty"`
		Description string `json:"Description,omitempty"`
	}
)

// ruleCommand is a change of a security group.
func (r *run) ruleCommand(c ruleChange) string {
	arguments := []string{"--group-id", c.group}
	if c.id != "" {
		arguments = append(arguments, "--security-group-rule-ids", c.id)
	} else {
		arguments = append(arguments, "--ip-permissions", permissionJSON(c.rule))
	}
	return r.commandLine("ec2", commands[c.action], arguments...)
}

func permissionJSON(r *model.SecurityGroupRule) string {
	p := cliPermission{Protocol: r.Protocol}
	if r.Protocol != model.AllProtocols {
		p.From, p.To = &r.FromPort, &r.ToPort
	}
	peer := cliPeer{Description: r.Description}
	switch {
	case r.Group != nil:
		peer.Group, peer.Account, peer.VPC = r.Group.ID, r.Group.Account, r.Group.VPC
		p.Groups = []cliPeer{peer}
	case r.PrefixList != "":
		peer.List = r.PrefixList
		p.Lists = []cliPeer{peer}
	case r.CIDR.Addr().Is4():
		peer.CIDR = r.CIDR.String()
		p.Ranges = []cliPeer{peer}
	default:
		peer.IPv6 = r.CIDR.String()
		p.IPv6Ranges = []cliPeer{peer}
	}
	text, err := json.Marshal([]cliPermission{p})
	if err != nil {
		return fmt.Sprint(err) // texts and numbers always have a JSON form
	}
	return string(text)
}

// updateCommand is an update of the service; an empty block starts a deployment
// without changing anything.
func (r *run) updateCommand(block string, force bool) string {
	arguments := []string{"--cluster", r.entry.ClusterARN, "--service", r.entry.ServiceARN}
	if force {
		arguments = append(arguments, "--force-new-deployment")
	}
	if block != "" {
		shown := text.EscapeJSON([]byte(fix.MaskAsText(block))) // a log is printed: in CI, too
		arguments = append(arguments, "--service-connect-configuration", string(shown))
	}
	return r.commandLine("ecs", "update-service", arguments...)
}
