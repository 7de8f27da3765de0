package planner

import (
	"fmt"

	"hopscope/model/fix"
)

// Security groups are shared, and so are their rules: what a plan opens is open to
// all services that have the group, and may be what another service came to need when it is
// taken back.

// sharedRisks say of each group that a plan changes who else has it.
func sharedRisks(c *situation, steps []fix.Step) []fix.Note {
	var out []fix.Note
	for i := range steps {
		s := &steps[i]
		others := fix.OtherHolders(c.holders, c.service.Ref(), s)
		if !s.ChangesGroup() || len(others) == 0 {
			continue
		}
		out = append(out, fix.Note{
			Title: fmt.Sprintf("Others have the group %s too", c.ix.GroupLabel(s.Group)),
			Detail: fmt.Sprintf("hopscope knows %s. What is opened is open to them as well, and may be what they came to need "+
				"when it is taken away, by tidying up or by "+
				"taking the plan back: look who has the group before that.", list(others)),
			Command: c.interfacesOf(s.Group),
		})
	}
	return once(out)
}

// laterChecks are what to look at before the steps for later are carried out.
func laterChecks(c *situation, steps []fix.Step) []fix.Note {
	var out []fix.Note
	for i := range steps {
		if s := &steps[i]; s.Later && s.Revokes() {
			for _, n := range groupChecks(c, s) {
				n.Later = true
				out = append(out, n)
			}
		}
	}
	return once(out)
}
