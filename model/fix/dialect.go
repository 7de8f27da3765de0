package fix

import (
	"errors"

	"hopscope/model"
)

// Dialect is a language that a plan can be written in.
type Dialect string

// The dialects.
const (
	// Prose is for people: steps, checks, risks, diffs.
	Prose              Dialect = "plan"
	CLIScript          Dialect = "cli"
	CloudFormationYAML Dialect = "cloudformation"
	CDKTypeScript      Dialect = "cdk"
	TerraformHCL       Dialect = "terraform"
)

// Dialects are all dialects, Prose first, then that of the owner, then the rest. For
// an owner that is a guess the dialect of the other guess comes next.
func Dialects(o Owner) []Dialect {
	return []Dialect{Prose, CLIScript, CloudFormationYAML, CDKTypeScript, TerraformHCL}
}

// Text writes a plan in a dialect. The snapshot is the one that the plan was made
// of.
func (p *Plan) Text(s *model.Snapshot, d Dialect) (string, error) {
	return "", errors.New("not written yet")
}
