package dialect

import (
	"hopscope/model/fix"
	"hopscope/model/rule"
)

// Sections are what [Prose] says of a plan, for a reader who wraps it himself.
func Sections(p *fix.Plan, a *rule.Analysis) ([]Section, error) {
	t, err := newDraft(p, a)
	if err != nil {
		return nil, err
	}
	return t.sections()
}
