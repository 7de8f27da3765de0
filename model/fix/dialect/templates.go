package dialect

import (
	"cmp"
	"fmt"

	"hopscope/internal/shell"
	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
)

// keptMembers says what a block in a template of ours leaves out.
const keptMembers = "Members that are not shown here (log configuration, access logs, container configurations, " +
	"newer ones) stay as they are in yours: do not delete them."

// iacHeader opens the text for a tool that owns services.
func (t *draft) iacHeader(p *page, tool, document string) {
	plan := t.plan
	p.comment("", "%s", sentence(plan.Title))
	p.comment("", "%s", plan.Why)
	p.comment("", "")
	p.comment("", "%s.", t.where("For service"))
	o := plan.Owner
	switch {
	case o.Stack != "":
		p.comment("", "It is %s in stack %s (%s).", cmp.Or(o.LogicalID, "a resource"), o.Stack, o.Evidence)
	case o.Tool != fix.UnknownTool:
		p.comment("", "Its tags say: %s.", o.Evidence)
	}
	if r := plan.Refusal; r != nil {
		p.comment("", "hopscope does not carry this out itself: %s Instead: %s", sentence(r.Reason), sentence(r.Instead))
	}
	checkNotes(p, "Check first", plan.ChecksFirst())
	checkNotes(p, "Check before what is left for later", plan.ChecksLater())
	checkNotes(p, "Risks", plan.Risks)
	if t.after == nil && len(t.steps((*fix.Step).Opens)) == 0 {
		return
	}
	p.comment("", "")
	p.comment("", "Merge this into your %s: what is marked NEW is added, REMOVED is deleted, and all else is there for "+
		"orientation. Security groups are "+
		"named by their ids; use your own references where you have them.", document)
	if len(t.steps((*fix.Step).Opens)) > 0 {
		p.comment("", "A rule that hopscope or another program has made already is refused here as a duplicate "+
			"(InvalidPermission.Duplicate): import it into %s, or remove "+
			"it right before you deploy.", tool)
	}
}

// checkNotes writes what to look at first as comments.
func checkNotes(p *page, heading string, notes []fix.Note) {
	if len(notes) > 0 {
		p.comment("", "")
		p.comment("", "%s:", heading)
	}
	for _, n := range notes {
		p.hanging("", "  - ", "%s. %s", n.Title, n.Detail)
		if n.Command != "" {
			p.verbatim("", n.Command)
		}
	}
}

// revokeWords say where a language keeps rules that are to be deleted.
type revokeWords struct{ ingress, egress string }

// iacRest writes the steps that no resource can express: rules to delete, tasks to
// start again, what a person does.
func (t *draft) iacRest(p *page, revoke revokeWords) {
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
			p.line("")
			p.comment("", "%s%s.", when, s.Title)
			p.comment("", "Delete %s with %s.", what, t.ruleText(s))
			p.comment("", "If no template has it, it was made by hand:")
			t.revokeCommand(p, s)
		case s.Kind == fix.UpdateService && len(s.Edits) == 0:
			p.line("")
			p.comment("", "%s%s. A deployment without a change is made with:", when, s.Title)
			p.verbatim("", t.aws("ecs", "update-service", "--cluster", t.service.Cluster, "--service", t.service.Name,
				"--force-new-deployment"))
		case s.Kind == fix.ByHand:
			p.line("")
			p.comment("", "%sBy hand: %s.", when, s.Title)
			if s.Command != "" {
				p.verbatim("", s.Command)
			}
		}
	}
}

func (t *draft) revokeCommand(p *page, s *fix.Step) {
	permission, err := permissionJSON(s.Rule)
	if err != nil {
		return
	}
	call := "revoke-security-group-ingress"
	if s.IsEgress() {
		call = "revoke-security-group-egress"
	}
	p.verbatim("", t.aws("ec2", call, "--group-id", s.Group, "--ip-permissions", permission))
}

// aws is a command of the AWS CLI in the plan's region, where that is known.
func (t *draft) aws(service, call string, words ...string) string {
	line := []string{"aws", service, call}
	if t.region != "" {
		line = append(line, "--region", t.region)
	}
	return shell.Line(append(line, words...)...)
}

// ruleText names a rule's members for a reader.
func (t *draft) ruleText(s *fix.Step) string {
	peer := s.Rule.Peer()
	if s.Rule.Group != nil {
		peer = t.ix.GroupLabel(peer)
	}
	side := "from"
	if s.IsEgress() {
		side = "to"
	}
	return fmt.Sprintf("%s %s %s of %s", s.Rule.Ports(), side, peer, t.ix.GroupLabel(s.Group))
}

// groupRemark is a comment with a group's name, behind its id.
func (t *draft) groupRemark(mark, id string) string {
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
func (t *draft) quotedNames() []string {
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
