// Package dialect writes plans in the languages of those who carry them out: prose for
// a reader, commands and a script for bash with the AWS CLI, and the languages of the
// tools that own services. What a tool's text holds is what is new in it; what the
// plan changes of something that is there is a unified diff in its comments. Names from
// AWS are foreign text: each dialect quotes them so that they say nothing in its
// language.
package dialect

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model/fix"
	"hopscope/model/rule"
)

// Dialect is a language that a plan can be written in.
type Dialect string

// The dialects.
const (
	// Prose is for people: steps, checks, risks, diffs.
	Prose Dialect = "plan"
	// CLI are the commands of the AWS CLI, CLIScript the script that checks before each,
	// and takes back what it did.
	CLI                Dialect = "cli"
	CLIScript          Dialect = "script"
	CloudFormationYAML Dialect = "cloudformation"
	CDKTypeScript      Dialect = "cdk"
	TerraformHCL       Dialect = "terraform"
	CopilotPatches     Dialect = "copilot"
	EcspressoJSON      Dialect = "ecspresso"
)

// language is a row of the table of dialects.
type language struct {
	dialect Dialect
	// title is its name for people.
	title string
	// mark opens a comment.
	mark string
	// owners are the tools that speak it, guesses those that may turn out to be another
	// that does.
	owners, guesses []fix.Tool
	// others is set where it is shown for what other tools own, too.
	others bool
	// lines writes a plan as what is new, whole with the whole block in which that
	// stands; nil where there is no more than the lines.
	lines, whole func(template) error
	// head is what stands once in front of all plans; nil for nothing.
	head func(*document) string
}

// languages is the table of dialects, in the order in which they are shown.
func languages() []language {
	return []language{
		{dialect: Prose, title: "Plan", others: true, lines: template.writeProse},
		{
			dialect: CLI, title: "AWS CLI", mark: "# ", others: true,
			lines: template.writeCommands, whole: template.writeScript,
		},
		{dialect: CLIScript, title: "Script", mark: "# ", lines: template.writeScript},
		{
			dialect: CloudFormationYAML, title: "CloudFormation", mark: "# ", others: true,
			owners: []fix.Tool{fix.CloudFormation}, guesses: []fix.Tool{fix.CDK},
			lines: writeWith(cfnTemplate.lines), whole: writeWith(cfnTemplate.whole), head: cfnHead,
		},
		{
			dialect: CDKTypeScript, title: "CDK", mark: "// ", others: true,
			owners: []fix.Tool{fix.CDK}, guesses: []fix.Tool{fix.CloudFormation},
			lines: writeWith(cdkStack.lines), whole: writeWith(cdkStack.whole), head: cdkHead,
		},
		{
			dialect: TerraformHCL, title: "Terraform", mark: "# ", others: true, owners: []fix.Tool{fix.Terraform},
			lines: writeWith(tfConfiguration.lines), whole: writeWith(tfConfiguration.whole),
		},
		{
			dialect: CopilotPatches, title: "Copilot", mark: "# ", owners: []fix.Tool{fix.Copilot},
			lines: writeWith(copilotPatches.lines),
		},
		{
			dialect: EcspressoJSON, title: "ecspresso", mark: "# ", owners: []fix.Tool{fix.Ecspresso},
			lines: writeWith(ecspressoDefinition.lines),
		},
	}
}

// row is a dialect's row in the table.
func (d Dialect) row() (language, error) {
	var names []string
	for _, l := range languages() {
		if l.dialect == d {
			return l, nil
		}
		names = append(names, string(l.dialect))
	}
	last := len(names) - 1
	return language{}, fmt.Errorf("there is no dialect %q: take %s or %s", string(d), strings.Join(names[:last], ", "),
		names[last])
}

// Title is the dialect's name for people.
func (d Dialect) Title() string {
	l, err := d.row()
	if err != nil {
		return string(d)
	}
	return l.title
}

// HasWhole tells whether [Whole] says more than [Text].
func (d Dialect) HasWhole() bool {
	l, err := d.row()
	return err == nil && l.whole != nil
}

// Names are the names of all dialects.
func Names() []string {
	var out []string
	for _, l := range languages() {
		out = append(out, string(l.dialect))
	}
	return out
}

// All are the dialects that are of use to an owner: Prose first, then the owner's, then
// the CLI, then the others. For an owner that is a guess the dialect of the other guess
// comes next.
func All(o fix.Owner) []Dialect {
	all := []Dialect{Prose}
	add := func(d Dialect) {
		if !slices.Contains(all, d) {
			all = append(all, d)
		}
	}
	for _, speaks := range []func(language) bool{
		func(l language) bool { return slices.Contains(l.owners, o.Tool) },
		func(l language) bool { return !o.Sure && slices.Contains(l.guesses, o.Tool) },
		func(l language) bool { return l.others },
	} {
		for _, l := range languages() {
			if speaks(l) {
				add(l.dialect)
			}
		}
	}
	return all
}

// Text writes what is new with a plan in a dialect. The analysis is the one that the
// plan was made of. Names from AWS are quoted for the language; the error says which of
// them cannot be.
func Text(p *fix.Plan, a *rule.Analysis, d Dialect) (string, error) {
	text, errs := Document([]*fix.Plan{p}, a, d, false)
	return text, errs[0]
}

// Whole writes a plan with the whole block that it changes, as far as hopscope knows it;
// for the CLI the script that carries it out.
func Whole(p *fix.Plan, a *rule.Analysis, d Dialect) (string, error) {
	text, errs := Document([]*fix.Plan{p}, a, d, true)
	return text, errs[0]
}

// Document writes several plans as one text, such as one template. The errors are those
// of the plans, which are then left out of it; nil for a plan that is in it.
func Document(plans []*fix.Plan, a *rule.Analysis, d Dialect, whole bool) (string, []error) {
	errs := make([]error, len(plans))
	l, err := d.row()
	if err != nil {
		for i := range errs {
			errs[i] = err
		}
		return "", errs
	}
	write := l.lines
	if whole && l.whole != nil {
		write = l.whole
	}
	doc := newDocument()
	var parts []string
	for i, p := range plans {
		part := &page{mark: l.mark}
		var t *draft
		if t, errs[i] = newDraft(p, a); errs[i] != nil {
			continue
		}
		if errs[i] = write(template{t, part, doc}); errs[i] == nil {
			parts = append(parts, part.String())
		}
	}
	text := strings.Join(parts, "\n")
	if l.head != nil && text != "" {
		text = l.head(doc) + text
	}
	return text, errs
}

// writeWith is a language's writer as a function of the template.
func writeWith[T ~struct{ template }](write func(T) error) func(template) error {
	return func(t template) error { return write(T(struct{ template }{t})) }
}

func (t template) writeProse() error {
	text, err := t.prose()
	t.WriteString(text)
	return err
}

func (t template) writeScript() error { return script{t.draft, t.page}.write() }
