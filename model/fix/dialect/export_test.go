package dialect

import (
	"hopscope/model"
	"hopscope/model/fix"
)

// Sections are what [Prose] says of a plan, for a reader who wraps it himself.
func Sections(p *fix.Plan, s *model.Snapshot) ([]Section, error) {
	t, err := newDraft(p, s)
	if err != nil {
		return nil, err
	}
	return t.sections()
}
