package dialect

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model/fix"
)

// sharedGroup is a group whose rules a script may take away, and who else has it.
type sharedGroup struct {
	id     string
	others []string
}

// sharedGroups are the groups whose rules the script takes away, at once, later, or
// when it takes back what it added.
func (t script) sharedGroups() []sharedGroup {
	holders := t.holders()
	var out []sharedGroup
	for _, s := range t.steps((*fix.Step).ChangesGroup) {
		others := fix.OtherHolders(holders, t.service.Ref(), s)
		at := slices.IndexFunc(out, func(o sharedGroup) bool { return o.id == s.Group })
		switch {
		case at < 0:
			out = append(out, sharedGroup{s.Group, others})
		case len(out[at].others) < len(others):
			out[at].others = others
		}
	}
	return out
}

// names are all that a reader can look for.
func (g *sharedGroup) names() string {
	const most = 20
	if len(g.others) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(g.others[:most], ", "), len(g.others)-most)
	}
	return strings.Join(g.others, ", ")
}
