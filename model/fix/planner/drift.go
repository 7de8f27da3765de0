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

// driftRisk says when the owner puts back what was changed behind its back.
func driftRisk(what string, o fix.Owner) fix.Note {
	return fix.Note{
		Title: "Its owner may put it back",
		Detail: fmt.Sprintf("%s seems to belong to %s (%s): change it there as well, for %s", what, o.Name(), o.Evidence,
			o.Drift()),
	}
}
