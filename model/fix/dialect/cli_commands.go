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

// writeCommands writes the calls of the plan as commands of the AWS CLI. They check no
// more than that the block is the one that the plan was made for: the script does.
func (t template) writeCommands() error {
	if err := t.checkWords(); err != nil {
		return err
	}
	t.heading()
	if len(t.carriedOut()) > 0 {
		t.comment("", "The calls alone. The script (hopscope fix --as script) checks before each, waits, and takes back "+
			"what it did.")
	}
	updated := false
	for i := range t.plan.Steps {
		s := &t.plan.Steps[i]
		if s.Kind == fix.UpdateService && updated && !s.Later {
			continue // all edits are one deployment
		}
		updated = updated || s.Kind == fix.UpdateService && !s.Later
		if err := t.writeStep(i); err != nil {
			return err
		}
	}
	if t.after != nil && t.plan.Refusal == nil {
		t.comment("", "To undo it, send the block as it was:")
		t.verbatim("", t.send("before"))
	}
	return nil
}

// writeStep writes a step's commands; those that are not to be run at once are comments.
func (t template) writeStep(i int) error {
	s := &t.plan.Steps[i]
	commands, err := t.commands(s)
	if err != nil {
		return err
	}
	by := ""
	if s.Later {
		by = "Later, when the rollout is over and verified: "
	}
	if s.Kind == fix.ByHand {
		by += "By hand: "
	}
	t.comment("", "%d. %s%s.", i+1, by, strings.TrimSuffix(s.Title, "."))
	for _, command := range commands {
		if s.Later || s.Kind == fix.ByHand || t.plan.Refusal != nil {
			t.verbatim("", command)
		} else {
			t.line("%s", command)
		}
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
		edit, err := t.editCommand()
		return []string{edit, t.send("after"), wait}, err
	case s.Kind == fix.UpdateService:
		return []string{t.aws("ecs", "update-service", "--cluster", cluster, "--service", service,
			"--force-new-deployment", "--query", "service.serviceArn"), wait}, nil
	case s.Command != "":
		return []string{s.Command}, nil
	}
	return nil, nil
}

// send is the command that updates the service with the block before or after the plan.
func (t *draft) send(which string) string {
	return t.aws("ecs", "update-service", "--cluster", t.service.Cluster, "--service", t.service.Name,
		"--service-connect-configuration", "file://"+t.blockFile(which), "--query", "service.serviceArn")
}

func (t *draft) blockFile(which string) string { return t.stateName() + "-" + which + ".json" }

// editCommand is the command that saves the block as it is, and as the plan wants it. It
// fails where the block is another one.
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
		condition, err := t.jqCondition(edits[i].Index)
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
	return fmt.Sprintf("%s > %s && jq %s %s > %s", read, t.blockFile("before"), shell.Quote(filter),
		t.blockFile("before"), t.blockFile("after")), nil
}
