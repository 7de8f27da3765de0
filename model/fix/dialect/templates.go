package dialect

import (
	"fmt"
	"strings"

	"hopscope/internal/shell"
	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
)

// keptMembers says what a block in a template of ours leaves out.
const keptMembers = "Members that are not shown here (log configuration, access logs, container configurations, " +
	"newer ones) stay as they are in yours: do not delete them."

// template is a plan on its way into the text for a tool that owns services.
type template struct {
	*draft
	*page
	*document
}

// header opens the text for a tool that owns services.
func (t template) header(tool, document string) {
	plan := t.plan
	t.comment("", "%s", sentence(plan.Title))
	t.comment("", "%s", plan.Why)
	t.comment("", "")
	t.comment("", "%s.", t.where("For service"))
	t.comment("", "%s", plan.Owner.Text())
	if r := plan.Refusal; r != nil {
		t.comment("", "hopscope does not carry this out itself: %s Instead: %s", sentence(r.Reason), sentence(r.Instead))
	}
	t.notes("Check first", plan.ChecksFirst())
	t.notes("Check before what is left for later", plan.ChecksLater())
	t.notes("Risks", plan.Risks)
	if t.after == nil && len(t.steps((*fix.Step).Opens)) == 0 {
		return
	}
	t.comment("", "")
	t.comment("", "Merge this into your %s: what is marked NEW is added, REMOVED is deleted, and all else is there for "+
		"orientation. Security groups are "+
		"named by their ids; use your own references where you have them.", document)
	if len(t.steps((*fix.Step).Opens)) > 0 {
		t.comment("", "A rule that hopscope or another program has made already is refused here as a duplicate "+
			"(InvalidPermission.Duplicate): import it into %s, or remove "+
			"it right before you deploy.", tool)
	}
}

// revokeWords say where a language keeps rules that are to be deleted.
type revokeWords struct{ ingress, egress string }

// rest writes the steps that no resource can express: rules to delete, tasks to
// start again, what a person does.
func (t template) rest(revoke revokeWords) {
	for i := range t.plan.Steps {
		s := &t.plan.Steps[i]
		when := ""
		if s.Later {
			when = "Later, when the rollout is over and verified: "
		}
		switch {
		case s.Revokes():
			what := revoke.ingress
			if s.IsEgress() {
				what = revoke.egress
			}
			t.line("")
			t.comment("", "%s%s It is %s; if no source has it:", when, sentence(s.Title), what)
			if command, err := t.revoke(s); err == nil {
				t.verbatim("", command)
			}
		case s.Kind == fix.UpdateService && len(s.Edits) == 0:
			t.line("")
			t.comment("", "%s%s A deployment without a change is made with:", when, sentence(s.Title))
			t.verbatim("", t.aws("ecs", "update-service", "--cluster", t.service.Cluster, "--service", t.service.Name,
				"--force-new-deployment"))
		case s.Kind == fix.ByHand:
			t.line("")
			t.comment("", "%sBy hand: %s", when, sentence(s.Title))
			if s.Command != "" {
				t.verbatim("", s.Command)
			}
		}
	}
}

// authorize is the command that adds a rule, revoke the one that takes it away.
func (t *draft) authorize(s *fix.Step) (string, error) { return t.ruleCommand("authorize", s) }

func (t *draft) revoke(s *fix.Step) (string, error) { return t.ruleCommand("revoke", s) }

func (t *draft) ruleCommand(verb string, s *fix.Step) (string, error) {
	permission, err := permissionJSON(s.Rule)
	if err != nil {
		return "", err
	}
	return t.aws("ec2", verb+"-security-group-"+direction(s), "--group-id", s.Group, "--ip-permissions", permission), nil
}

// direction is that of a step's rule, in the word of the AWS CLI and Terraform.
func direction(s *fix.Step) string {
	if s.IsEgress() {
		return "egress"
	}
	return "ingress"
}

// aws is a command of the AWS CLI in the plan's region, where that is known.
func (t *draft) aws(service, call string, words ...string) string {
	line := append([]string{"aws", service}, strings.Fields(call)...)
	if t.region != "" {
		line = append(line, "--region", t.region)
	}
	return shell.Line(append(line, words...)...)
}

// property is a property of a CloudFormation resource, as a language writes its value.
type property struct{ name, value, remark string }

// ruleProperties are those of the resource of a rule, under CloudFormation's names;
// group writes the id of a group.
func (t template) ruleProperties(s *fix.Step, quote, group func(string) string, mark string) []property {
	r := s.Rule
	prefix := "Source"
	if s.IsEgress() {
		prefix = "Destination"
	}
	out := []property{
		{"GroupId", group(s.Group), t.groupRemark(mark, s.Group)},
		{"IpProtocol", quote(r.Protocol), ""},
	}
	add := func(name, value string) { out = append(out, property{name, value, ""}) }
	if hasPorts(r.Protocol) {
		add("FromPort", fmt.Sprint(r.FromPort))
		add("ToPort", fmt.Sprint(r.ToPort))
	}
	switch {
	case r.Group != nil:
		out = append(out, property{prefix + "SecurityGroupId", group(r.Group.ID), t.groupRemark(mark, r.Group.ID)})
		if t.foreign(r.Group) && !s.IsEgress() {
			add("SourceSecurityGroupOwnerId", quote(r.Group.Account))
		}
	case r.PrefixList != "":
		add(prefix+"PrefixListId", quote(r.PrefixList))
	case r.CIDR.Addr().Is4():
		add("CidrIp", quote(r.CIDR.String()))
	default:
		add("CidrIpv6", quote(r.CIDR.String()))
	}
	if r.Description != "" {
		add("Description", quote(r.Description))
	}
	return out
}

// foreign tells whether a group is another account's.
func (t template) foreign(g *model.GroupReference) bool {
	return g.Account != "" && g.Account != t.plan.Account
}

// groupRemark is a comment with a group's name, behind its id.
func (t template) groupRemark(mark, id string) string {
	if name := t.groupName(id); name != id {
		return mark + text.Clean(name)
	}
	return ""
}

// newMark marks a line that the plan adds or changes.
func newMark(mark string, changed bool) string {
	if changed {
		return mark + "NEW"
	}
	return ""
}

// hasPorts tells whether a rule of a protocol names ports.
func hasPorts(protocol string) bool { return protocol != model.AllProtocols }

// quotedNames are the texts of AWS that a template holds.
func (t template) quotedNames() []string {
	var out []string
	for _, s := range t.steps((*fix.Step).Opens) {
		out = append(out, s.Group, s.Rule.Protocol, s.Rule.PrefixList, s.Rule.Description)
		if s.Rule.Group != nil {
			out = append(out, s.Rule.Group.ID, s.Rule.Group.Account)
		}
	}
	if t.after == nil {
		return out
	}
	out = append(out, t.after.Namespace)
	for _, e := range t.kept() {
		out = append(out, e.after.PortName, e.after.DiscoveryName)
		for _, a := range e.after.ClientAliases {
			out = append(out, a.DNSName)
		}
		if e.after.TLS != nil {
			out = append(out, e.after.TLS.IssuerARN)
		}
	}
	return out
}
