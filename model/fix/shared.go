package fix

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
)

// Security groups are shared, and so are their rules: what a plan opens is open to
// everybody who has the group, and may be what somebody else came to need when it is
// taken back.

// others are who has the group whose rules a step changes, besides those that the step
// is for: the service itself, or for a rule about what goes out the one caller whose
// group it is.
func (v *survey) others(service model.Ref, s *Step) []string {
	refs := v.users[s.Group]
	if s.isEgress() && len(refs)+len(v.balancers[s.Group]) < 2 {
		return nil
	}
	var out []string
	for _, ref := range refs {
		switch {
		case ref == service && !s.isEgress():
		case ref.Cluster != service.Cluster:
			out = append(out, ref.String())
		default:
			out = append(out, ref.Service)
		}
	}
	return append(out, v.balancers[s.Group]...)
}

// sharedRisks say of each group that a plan changes who else has it.
func (c *context) sharedRisks(steps []Step) []Note {
	var out []Note
	for i := range steps {
		s := &steps[i]
		others := c.others(c.service.Ref(), s)
		if !s.changesGroup() || len(others) == 0 {
			continue
		}
		out = append(out, Note{
			Title: fmt.Sprintf("Others have the group %s too", c.ix.GroupLabel(s.Group)),
			Detail: fmt.Sprintf("hopscope knows %s. What is opened is open to them as well, and may be what they came to need when it is taken away, by tidying up or by "+
				"taking the plan back: look who has the group before that.", list(others)),
			Command: c.interfacesOf(s.Group),
		})
	}
	return once(out)
}

// laterChecks are what to look at before the steps for later are carried out.
func (c *context) laterChecks(steps []Step) []Note {
	var out []Note
	for i := range steps {
		if s := &steps[i]; s.Later && s.isRevoke() {
			for _, n := range c.groupChecks(s) {
				n.Later = true
				out = append(out, n)
			}
		}
	}
	return once(out)
}

// ChecksFirst are the checks to be made before the plan is carried out, without those
// that belong to the steps for later; ChecksLater are the others.
func (p *Plan) ChecksFirst() []Note { return p.checks(false) }

// ChecksLater are the checks to be made before the steps for later.
func (p *Plan) ChecksLater() []Note { return p.checks(true) }

func (p *Plan) checks(later bool) []Note {
	return slices.DeleteFunc(slices.Clone(p.Checks), func(n Note) bool { return n.Later != later })
}

// sharedGroup is a group whose rules a script may take away, and who else has it.
type sharedGroup struct {
	id     string
	others []string
}

// sharedGroups are the groups whose rules the script takes away, at once, later, or
// when it takes back what it added.
func (t *draft) sharedGroups() []sharedGroup {
	v := newSurvey(t.ix.Snapshot, []reach.Path{}) // nobody asks for paths
	var out []sharedGroup
	for _, s := range t.steps((*Step).changesGroup) {
		others := v.others(t.service.Ref(), s)
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
