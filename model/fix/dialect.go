package fix

import (
	"fmt"
	"slices"

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

// Dialects are all dialects, Prose first, then that of the owner, then the CLI, then
// the rest. For an owner that is a guess the dialect of the other guess comes next.
func Dialects(o Owner) []Dialect {
	all := []Dialect{Prose}
	switch {
	case o.Tool == Terraform:
		all = append(all, TerraformHCL)
	case o.Tool == CDK && o.Sure:
		all = append(all, CDKTypeScript)
	case o.Tool == CDK:
		all = append(all, CDKTypeScript, CloudFormationYAML)
	case o.Tool == CloudFormation && o.Sure:
		all = append(all, CloudFormationYAML)
	case o.Tool == CloudFormation:
		all = append(all, CloudFormationYAML, CDKTypeScript)
	}
	for _, d := range []Dialect{CLIScript, CloudFormationYAML, CDKTypeScript, TerraformHCL} {
		if !slices.Contains(all, d) {
			all = append(all, d)
		}
	}
	return all
}

// Text writes a plan in a dialect. The snapshot is the one that the plan was made
// of. Names from AWS are quoted for the language; the error says which of them
// cannot be.
func (p *Plan) Text(s *model.Snapshot, d Dialect) (string, error) {
	t, err := newDraft(p, s)
	if err != nil {
		return "", err
	}
	switch d {
	case Prose:
		return t.prose()
	case CLIScript:
		return t.cli()
	case CloudFormationYAML:
		return t.cloudFormation()
	case CDKTypeScript:
		return t.cdk()
	case TerraformHCL:
		return t.terraform()
	}
	return "", fmt.Errorf("there is no dialect %q: take plan, cli, cloudformation, cdk or terraform", string(d))
}
