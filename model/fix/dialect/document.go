package dialect

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model/fix"
)

// document is what the plans of one text share.
type document struct {
	// names are the resource names that are taken.
	names map[string]bool
	// rules are the rules that the text has, with the words of their names: a rule that
	// two plans need stands there once.
	rules map[string][]string
	// resources is how many resources the text makes.
	resources int
	// imports are the lines that make names of modules known, once each.
	imports []string
}

func newDocument() *document {
	return &document{names: map[string]bool{}, rules: map[string][]string{}}
}

func (d *document) importOnce(line string) {
	if !slices.Contains(d.imports, line) {
		d.imports = append(d.imports, line)
	}
}

// unique is a name that no other resource has, whatever joins its words.
func (d *document) unique(name []string) []string {
	out := name
	for n := 2; d.names[strings.Join(out, "")]; n++ {
		out = append(slices.Clip(name), fmt.Sprint(n))
	}
	d.names[strings.Join(out, "")] = true
	return out
}

// newRule names the resource of a rule: the parts of "sample-ecs-app tcp 10080 from
// client-service", for a language to join. No two are the same. It is not new where an
// earlier plan of the document has the rule.
func (t template) newRule(s *fix.Step) (name []string, isNew bool) {
	r := *s.Rule
	r.Description = ""
	peer := r.Peer()
	if r.Group != nil {
		peer = r.Group.Account + "/" + peer
	}
	key := fmt.Sprint(s.IsEgress(), s.Group, " ", r.Protocol, " ", r.FromPort, "-", r.ToPort, " ", peer)
	if name, there := t.rules[key]; there {
		return name, false
	}
	side := "from"
	if s.IsEgress() {
		side = "to"
	}
	shown := s.Rule.Peer()
	if s.Rule.Group != nil {
		shown = t.groupName(s.Rule.Group.ID)
	}
	name = words(t.groupName(s.Group))
	name = append(name, words(s.Rule.Ports())...)
	name = append(append(name, side), words(shown)...)
	t.rules[key] = t.unique(name)
	return t.rules[key], true
}
