package dialect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"hopscope/internal/shell"
	"hopscope/internal/text"
	"hopscope/model"
	"hopscope/model/fix"
)

// writeCommands writes the calls of the plan as commands of the AWS CLI: one chain, so that
// each is sent only where the one before it succeeded, pasted into whatever shell. They
// check no more than that the block is the one that the plan was made for: the script
// does.
func (t template) writeCommands() error {
	if err := t.checkWords(); err != nil {
		return err
	}
	t.heading()
	if len(t.carriedOut()) > 0 {
		t.comment("", "The calls alone. The script (hopscope fix --as script) checks before each, waits, and takes back "+
			"what it did.")
	}
	chain, err := t.chain()
	if err != nil {
		return err
	}
	for i := range t.plan.Steps {
		if err := t.describeStep(i); err != nil {
			return err
		}
	}
	for i, command := range chain {
		switch {
		case t.plan.Refusal != nil:
			t.verbatim("", command)
		case i < len(chain)-1:
			t.line("%s &&", command)
		default:
			t.line("%s", command)
		}
	}
	if t.after != nil && t.plan.Refusal == nil {
		return t.writeUndo()
	}
	return nil
}

// describeStep says what a step is; where the chain does not carry it out, its command is
// in a comment.
func (t template) describeStep(i int) error {
	s := &t.plan.Steps[i]
	by := ""
	if s.Later {
		by = "Later, when the rollout is over and verified: "
	}
	if s.Kind == fix.ByHand {
		by += "By hand: "
	}
	t.comment("", "%d. %s%s.", i+1, by, strings.TrimSuffix(s.Title, "."))
	if !s.Later && s.Kind != fix.ByHand {
		return nil
	}
	commands, err := t.commands(s)
	if err != nil {
		return err
	}
	for _, command := range commands {
		t.verbatim("", command)
	}
	return nil
}

// chain are the commands that carry the plan out. The block is read, and compared with what
// the plan was made for, before anything is sent.
func (t template) chain() ([]string, error) {
	var reads, sends []string
	updated := false
	for i := range t.plan.Steps {
		s := &t.plan.Steps[i]
		update := s.Kind == fix.UpdateService
		if s.Later || s.Kind == fix.ByHand || update && updated {
			continue // all edits are one deployment
		}
		updated = updated || update
		if update && len(s.Edits) > 0 {
			edit, err := t.editCommand()
			if err != nil {
				return nil, err
			}
			reads = []string{t.mindOldCLI(), edit}
		}
		commands, err := t.commands(s)
		if err != nil {
			return nil, err
		}
		sends = append(sends, commands...)
	}
	return append(reads, sends...), nil
}

// writeUndo says how to take back what the chain did.
func (t template) writeUndo() error {
	t.comment("", "To undo it, send the block as it was; when that is rolled out, take the rules back:")
	t.verbatim("", t.send("before"))
	for i := range t.plan.Steps {
		s := &t.plan.Steps[i]
		if s.Later || !s.ChangesGroup() || s.Revokes() {
			continue
		}
		command, err := t.revoke(s)
		if err != nil {
			return err
		}
		t.verbatim("", command)
	}
	return nil
}

// commands are those of a step.
func (t template) commands(s *fix.Step) ([]string, error) {
	cluster, service := t.service.Cluster, t.service.Name
	wait := t.aws("ecs", "wait services-stable", "--cluster", cluster, "--services", service)
	switch {
	case s.Revokes():
		command, err := t.revoke(s)
		return []string{command}, err
	case s.ChangesGroup():
		command, err := t.authorize(s)
		return []string{command}, err
	case s.Kind == fix.UpdateService && len(s.Edits) > 0:
		return []string{t.send("after"), wait}, nil
	case s.Kind == fix.UpdateService:
		return []string{t.aws("ecs", "update-service", "--cluster", cluster, "--service", service,
			"--force-new-deployment", "--query", "service.serviceArn"), wait}, nil
	case s.Command != "":
		return []string{s.Command}, nil
	}
	return nil, nil
}

// newestMember is the member of a Service Connect block by which an AWS CLI is told to be
// too old: what it does not know it drops.
const newestMember = "containerConfigurations"

// mindOldCLI fails where AWS sends members of the block that the AWS CLI does not know: it
// would drop them, and the service would lose them. The script's mind_old_cli does the same.
func (t *draft) mindOldCLI() string {
	answer := t.aws("ecs", "describe-services", "--cluster", t.service.Cluster, "--services", t.service.Name, "--debug")
	return fmt.Sprintf("{ ! %s 2>&1 >/dev/null | grep -q %s || aws ecs update-service --generate-cli-skeleton input | "+
		"grep -q %s || { echo 'Update the AWS CLI first: it would drop %s.' >&2; false; }; }",
		answer, newestMember, newestMember, newestMember)
}

// send is the command that updates the service with the block before or after the plan.
func (t *draft) send(which string) string {
	return t.aws("ecs", "update-service", "--cluster", t.service.Cluster, "--service", t.service.Name,
		"--service-connect-configuration", "file://"+t.blockFile(which), "--query", "service.serviceArn")
}

func (t *draft) blockFile(which string) string { return t.stateName() + "-" + which + ".json" }

// editCommand is the command that saves the block as it is, and as the plan wants it. It
// fails where the block is another one, also where it is as the plan wants it already: the
// block of before is saved once.
func (t template) editCommand() (string, error) {
	edits := t.plan.Edits()
	filter, err := jqFilter(edits)
	if err != nil {
		return "", err
	}
	var conditions []string
	for i := range edits {
		name, err := json.Marshal(edits[i].PortName)
		if err != nil {
			return "", fmt.Errorf("write a port name: %w", err)
		}
		condition, err := t.jqCondition(edits[i].Index, false)
		if err != nil {
			return "", err
		}
		condition = fmt.Sprintf("(.services[%d] | .portName == %s and %s)", edits[i].Index, text.EscapeJSON(name), condition)
		if !slices.Contains(conditions, condition) {
			conditions = append(conditions, condition)
		}
	}
	filter = fmt.Sprintf("if %s then %s else error(\"the block is not the one that the plan was made for\") end",
		strings.Join(conditions, " and "), filter)
	read := t.aws("ecs", "describe-services", "--cluster", t.service.Cluster, "--services", t.service.Name, "--query",
		"services[0].deployments[?status==`"+model.PrimaryDeployment+"`].serviceConnectConfiguration | [0]", "--output",
		"json")
	return fmt.Sprintf("%s > %s && jq %s %s > %s && mv %[2]s %[6]s", read, t.blockFile("now"), shell.Quote(filter),
		t.blockFile("now"), t.blockFile("after"), t.blockFile("before")), nil
}
