// Package dialect writes plans in the languages of those who carry them out: prose for
// a reader, a script for bash with the AWS CLI, CloudFormation, the CDK, Terraform; and
// what a plan changes as unified diffs. Names from AWS are foreign text: each dialect
// quotes them so that they say nothing in its language.
package dialect

import (
	"fmt"
	"slices"

	"hopscope/model/fix"
	"hopscope/model/rule"
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

// All are all dialects, Prose first, then that of the owner, then the CLI, then
// the rest. For an owner that is a guess the dialect of the other guess comes next.
func All(o fix.Owner) []Dialect {
	all := []Dialect{Prose}
	switch {
	case o.Tool == fix.Terraform:
		all = append(all, TerraformHCL)
	case o.Tool == fix.CDK && o.Sure:
		all = append(all, CDKTypeScript)
	case o.Tool == fix.CDK:
		all = append(all, CDKTypeScript, CloudFormationYAML)
	case o.Tool == fix.CloudFormation && o.Sure:
		all = append(all, CloudFormationYAML)
	case o.Tool == fix.CloudFormation:
		all = append(all, CloudFormationYAML, CDKTypeScript)
	}
	for _, d := range []Dialect{CLIScript, CloudFormationYAML, CDKTypeScript, TerraformHCL} {
		if !slices.Contains(all, d) {
			all = append(all, d)
		}
	}
	return all
}

// Text writes a plan in a dialect. The analysis is the one that the plan was made
// of. Names from AWS are quoted for the language; the error says which of them
// cannot be.
func Text(p *fix.Plan, a *rule.Analysis, d Dialect) (string, error) {
	t, err := newDraft(p, a)
	if err != nil {
		return "", err
	}
	switch d {
	case Prose:
		return t.prose()
	case CLIScript:
		return script{t, &page{mark: "# "}}.text()
	case CloudFormationYAML:
		return cfnTemplate{newTemplate(t, "# ")}.text()
	case CDKTypeScript:
		return cdkStack{newTemplate(t, "// ")}.text()
	case TerraformHCL:
		return tfConfiguration{newTemplate(t, "# ")}.text()
	}
	return "", fmt.Errorf("there is no dialect %q: take plan, cli, cloudformation, cdk or terraform", string(d))
}
