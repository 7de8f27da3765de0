package dialect

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"hopscope/internal/shell"
	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
)

// functionsText is that of the script's functions, without what of a block is shown.
//
//go:embed cli_functions.sh
var functionsText string

// cliFunctions are the script's functions. They know nothing of the plan but its
// variables, and hold no text of AWS. They mask a block by the rule of [fix.MaskBlock].
func cliFunctions() (string, error) {
	open, err := json.Marshal(fix.OpenMembers())
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(fix.PlainOptions())
	if err != nil {
		return "", err
	}
	return strings.NewReplacer("@open@", string(open), "@plain@", string(plain), "@newest@", newestMember).
		Replace(functionsText), nil
}

// body writes variables, functions, and the plan in calls of them.
func (t script) body() error {
	t.line("")
	t.line("set -euo pipefail")
	t.line("export AWS_PAGER= AWS_CLI_AUTO_PROMPT=off")
	t.line("")
	t.line("account=%s", shell.Quote(t.plan.Account))
	if t.region == "" {
		t.line("region=${AWS_REGION:-${AWS_DEFAULT_REGION:?nor AWS_REGION is set, and the snapshot names no region}}")
	} else {
		t.line("region=%s", shell.Quote(t.region))
	}
	t.line("cluster=%s", shell.Quote(t.service.Cluster))
	t.line("service=%s", shell.Quote(t.service.Name))
	t.line("before=%s-before.json # the Service Connect block as it was", t.stateName())
	t.line("rules=%s-rules.tsv # the rules that this script added and removed", t.stateName())
	t.line("")
	functions, err := cliFunctions()
	if err != nil {
		return err
	}
	t.WriteString(functions)
	t.line("")
	t.others()
	if err := t.edit(); err != nil {
		return err
	}
	if err := t.functions(); err != nil {
		return err
	}
	t.line(`main "$@" </dev/null`)
	return nil
}

// others writes the function that knows who else has the plan's groups.
func (t script) others() {
	t.comment("", "others GROUP: who else had a group when the plan was made.")
	t.line("others() {")
	empty := true
	for _, g := range t.sharedGroups() {
		if len(g.others) == 0 {
			continue
		}
		if empty {
			t.line("  case $1 in")
			empty = false
		}
		t.line("    %s) say %s ;;", shell.Quote(g.id), shell.Quote(text.Clean(g.names())))
	}
	if empty {
		t.line("  :")
	} else {
		t.line("  esac")
	}
	t.line("}")
	t.line("")
}

// edit writes the functions that know the change of the block: check refuses a
// block that the plan was not made for, edit changes one.
func (t script) edit() error {
	edits := t.plan.Edits()
	t.comment("", "check_entries BLOCK: refuses a block that the plan was not made for.")
	t.line("check_entries() {")
	if len(edits) == 0 {
		t.line("  :")
	}
	var checked []int
	for i := range edits {
		e := &edits[i]
		if slices.Contains(checked, e.Index) {
			continue
		}
		checked = append(checked, e.Index)
		if strings.IndexFunc(e.PortName, text.Hidden) >= 0 {
			return fmt.Errorf("the port name %s holds control characters: no script is written with it", named(e.PortName))
		}
		condition, err := t.jqCondition(e.Index, true)
		if err != nil {
			return err
		}
		t.line(`  check_entry "$1" %d %s %s`, e.Index, shell.Quote(e.PortName), shell.Quote(condition))
	}
	t.line("}")
	t.line("")
	filter, err := jqFilter(edits)
	if err != nil {
		return err
	}
	t.comment("", "edit BLOCK: the block with the plan's changes, and everything else as it is.")
	t.line("edit() { jq %s \"$1\" || die \"jq cannot edit $1\"; }", shell.Quote(filter))
	t.line("")
	return nil
}

// jqCondition is what is true of an entry that the plan was made for, as far as the
// plan changes it: its name, which several entries with one port differ in, and what
// it had before, or also, with done, what it has when all is done.
func (t *draft) jqCondition(index int, done bool) (string, error) {
	e := &t.entries[index]
	name, err := json.Marshal(e.before.DiscoveryName)
	if err != nil {
		return "", fmt.Errorf("write a discovery name: %w", err)
	}
	all := []string{fmt.Sprintf("(.discoveryName // \"\") == %s", string(text.EscapeJSON(name)))}
	if e.removed {
		return all[0], nil
	}
	if e.overrideChanged() {
		all = append(all, either(".ingressPortOverride // 0", fmt.Sprint(e.before.IngressPortOverride),
			fmt.Sprint(e.after.IngressPortOverride), done))
	}
	seconds := func(timeout *model.Timeout, of func(*model.Timeout) *int) string {
		if timeout == nil || of(timeout) == nil {
			return "null"
		}
		return fmt.Sprint(*of(timeout))
	}
	for name, of := range timeoutMembers {
		if old, now := seconds(e.before.Timeout, of), seconds(e.after.Timeout, of); old != now {
			all = append(all, either(".timeout."+name, old, now, done))
		}
	}
	slices.Sort(all[1:])
	return strings.Join(all, " and "), nil
}

// either is true of a value that is as before or, with done, as wanted.
func either(value, before, wanted string, done bool) string {
	if !done {
		return fmt.Sprintf("(%s) == %s", value, before)
	}
	return fmt.Sprintf("(%s | . == %s or . == %s)", value, before, wanted)
}

// timeoutMembers are the members of a timeout, under AWS's names.
var timeoutMembers = map[string]func(*model.Timeout) *int{
	"idleTimeoutSeconds":       func(t *model.Timeout) *int { return t.IdleSeconds },
	"perRequestTimeoutSeconds": func(t *model.Timeout) *int { return t.PerRequestSeconds },
}

// jqFilter carries the edits out as [Patch] does: entries go last, all at once, so that
// the positions of the others stay.
func jqFilter(edits []fix.Edit) (string, error) {
	var all, gone []string
	for _, e := range edits {
		entry := fmt.Sprintf(".services[%d]", e.Index)
		switch e.Kind {
		case fix.EditRemoveEndpoint:
			gone = append(gone, entry)
		case fix.EditOverride:
			all = append(all, jqMember(entry+".ingressPortOverride", e.Port, e.Port == 0))
		case fix.EditTimeout:
			all = append(all, jqTimeout(&e, entry+".timeout")...)
		case fix.EditTLS:
			issuer, err := json.Marshal(e.IssuerARN)
			if err != nil {
				return "", fmt.Errorf("write a certificate authority: %w", err)
			}
			if e.Drop {
				all = append(all, "del("+entry+".tls)")
			} else {
				all = append(all, entry+".tls.issuerCertificateAuthority = "+
					"{awsPcaAuthorityArn: "+string(text.EscapeJSON(issuer))+"}")
			}
		default:
			return "", fmt.Errorf("the edit %q cannot be written as a script", string(e.Kind))
		}
	}
	if len(gone) > 0 {
		all = append(all, "del("+strings.Join(gone, ", ")+")")
	}
	if len(all) == 0 {
		return ".", nil
	}
	return strings.Join(all, " | "), nil
}

func jqTimeout(e *fix.Edit, timeout string) []string {
	if e.Drop {
		return []string{
			"del(" + timeout + ".perRequestTimeoutSeconds)",
			"if " + timeout + " == {} then del(" + timeout + ") else . end",
		}
	}
	var out []string
	if e.IdleSeconds != nil {
		out = append(out, jqMember(timeout+".idleTimeoutSeconds", *e.IdleSeconds, false))
	}
	if e.PerRequestSeconds != nil {
		out = append(out, jqMember(timeout+".perRequestTimeoutSeconds", *e.PerRequestSeconds, false))
	}
	return out
}

// jqMember sets a number, or takes it away.
func jqMember(path string, value int, drop bool) string {
	if drop {
		return "del(" + path + ")"
	}
	return fmt.Sprintf("%s = %d", path, value)
}

// functions writes the steps of the plan as functions.
func (t script) functions() error {
	if err := t.function("apply", false); err != nil {
		return err
	}
	return t.function("later", true)
}

// function writes the steps of the plan, or those for later.
func (t script) function(name string, later bool) error {
	t.line("%s() {", name)
	empty, updated := true, false
	for i := range t.plan.Steps {
		s := &t.plan.Steps[i]
		if s.Later != later || s.Kind == fix.UpdateService && updated {
			continue // all edits are one deployment
		}
		updated = updated || s.Kind == fix.UpdateService
		call, err := t.call(s, i)
		if err != nil {
			return err
		}
		t.comment("  ", "%d. %s", i+1, s.Title)
		if s.Kind == fix.ByHand && s.Command != "" {
			t.verbatim("  ", s.Command)
		}
		t.line("  %s", call)
		empty = false
	}
	switch n := len(t.steps(func(s *fix.Step) bool { return s.Later && s.Kind != fix.ByHand })); {
	case empty:
		t.line("  say 'There is nothing to do.'")
	case !later && n > 0:
		t.line("  say 'Done. For later, when all is well (argument: later): %d more.'", n)
	default:
		t.line("  say 'Done.'")
	}
	t.line("}")
	t.line("")
	return nil
}

// call is the line that carries a step out.
func (t script) call(s *fix.Step, at int) (string, error) {
	switch {
	case s.ChangesGroup():
		permission, err := permissionJSON(s.Rule)
		if err != nil {
			return "", err
		}
		verb := "authorize"
		if s.Revokes() {
			verb = "revoke"
		}
		return fmt.Sprintf("%s %s %s %s", verb, direction(s), shell.Quote(s.Group), shell.Quote(permission)), nil
	case s.Kind == fix.UpdateService && len(s.Edits) > 0:
		return "update", nil
	case s.Kind == fix.UpdateService:
		return "redeploy", nil
	case s.Kind == fix.ByHand && t.goesOn(at):
		return fmt.Sprintf("by_hand %d %s", at+1, shell.Quote(text.Clean(s.Title))), nil
	case s.Kind == fix.ByHand:
		return "say " + shell.Quote("By hand: "+text.Clean(s.Title)), nil
	}
	return "", fmt.Errorf("the step %q cannot be written as a script yet", string(s.Kind))
}

// goesOn tells whether the script carries out a step behind one, of those that are
// not for later.
func (t script) goesOn(at int) bool {
	for i := at + 1; i < len(t.plan.Steps); i++ {
		if s := &t.plan.Steps[i]; s.Kind != fix.ByHand && s.Later == t.plan.Steps[at].Later {
			return true
		}
	}
	return false
}
