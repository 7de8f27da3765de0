package planner

import (
	"fmt"
	"slices"

	"hopscope/model/fix"
)

// ownerRisks say that what is changed behind an owner's back does not last: of the
// service, and of the security groups that a plan changes.
func ownerRisks(c *situation, p *fix.Plan) []fix.Note {
	var out []fix.Note
	for i := range p.Steps {
		s := &p.Steps[i]
		what, owner := c.service.Name, p.Owner
		if s.ChangesGroup() {
			what, owner = "Security group "+c.ix.GroupLabel(s.Group), fix.Owner{}
			if g := c.group(s.Group); g != nil {
				owner = fix.OwnerByTags(g.Tags)
			}
		}
		if owner.Tool == fix.UnknownTool || s.Kind == fix.ByHand {
			continue
		}
		if n := driftRisk(what, owner); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// ownerName is what an owner is called in a sentence.
func ownerName(o fix.Owner) string {
	switch o.Tool {
	case fix.CloudFormation:
		return "CloudFormation stack " + o.Stack
	case fix.CDK:
		return "CloudFormation stack " + o.Stack + ", perhaps of the CDK"
	case fix.Terraform, fix.UnknownTool:
	}
	return "Terraform"
}

// driftRisk says that a change behind the owner's back does not last.
func driftRisk(what string, o fix.Owner) fix.Note {
	where := ownerName(o)
	return fix.Note{
		Title: "The next deployment of its owner undoes it",
		Detail: fmt.Sprintf("%s seems to belong to %s (%s). What is changed by API is drift, and is put back when the "+
			"owner deploys: make the change there "+
			"as well.", what, where, o.Evidence),
	}
}
