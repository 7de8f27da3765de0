package journal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"hopscope/model"
	"hopscope/model/fix"
)

// states and stepStates are all there are.
var (
	states = []State{
		Prepared, Applying, RollingOut, Verifying, Applied, Unverified, Failed, RollingBack, RolledBack,
	}
	stepStates = []StepState{Pending, Begun, Done, Found, Refused, Skipped, Undone}
)

// What a rollback sends is what an entry says: limits far above what a plan has keep a
// damaged one from sending for days.
const (
	maxSteps = 2000
	maxIDs   = 100
	maxName  = 2048
)

// check names the first thing that is wrong with an entry.
func (e *Entry) check() error {
	if e.Schema != SchemaV1 {
		return fmt.Errorf("its schema is %q, not %q: another version of hopscope wrote it", e.Schema, SchemaV1)
	}
	if err := CheckID(e.ID); err != nil {
		return err
	}
	switch {
	case !slices.Contains(states, e.State):
		return fmt.Errorf("its state %q is unknown", e.State)
	case e.ServiceARN == "" || e.ClusterARN == "":
		return errors.New("it names no service")
	case len(e.ServiceARN) > maxName || len(e.ClusterARN) > maxName:
		return errors.New("the names in it are too long")
	case e.Sequence < 0:
		return fmt.Errorf("its sequence number is %d", e.Sequence)
	case len(e.Steps) != len(e.Plan.Steps):
		return fmt.Errorf("it has %d steps, and its plan %d", len(e.Steps), len(e.Plan.Steps))
	case len(e.Steps) > maxSteps:
		return fmt.Errorf("it has %d steps, more than any plan", len(e.Steps))
	}
	for i := range e.Steps {
		if err := cmp.Or(e.checkStep(i), e.checkRules(i)); err != nil {
			return fmt.Errorf("step %d %w", i+1, err)
		}
	}
	return cmp.Or(e.checkGroups(), e.checkBlocks())
}

// checkGroups refuses an entry that would compare a group with rules that are none.
func (e *Entry) checkGroups() error {
	for _, g := range e.Before.Rules {
		for _, r := range slices.Concat(g.Ingress, g.Egress) {
			if err := checkRule(&r); err != nil {
				return fmt.Errorf("a rule that security group %q had %w", g.Group, err)
			}
		}
	}
	return nil
}

// checkBlocks refuses an entry that would send a half of what was there.
func (e *Entry) checkBlocks() error {
	for _, block := range []string{e.Before.Block, e.AfterBlock, e.Before.Replaced()} {
		if block != "" && (!json.Valid([]byte(block)) || !bytes.HasPrefix(bytes.TrimSpace([]byte(block)), []byte("{"))) {
			return errors.New("its Service Connect block is no JSON object")
		}
	}
	if slices.ContainsFunc(e.blocks(), fix.IsMasked) {
		return errors.New("its Service Connect block is masked: it is a copy for readers")
	}
	if (e.Before.Block == "") != (e.AfterBlock == "") {
		return errors.New("it has one Service Connect block of two")
	}
	return nil
}

// checkStep names the first thing that is wrong with a step.
func (e *Entry) checkStep(i int) error {
	done, step := &e.Steps[i], &e.Plan.Steps[i]
	open := done.State == Begun || done.State == Done
	switch {
	case !slices.Contains(stepStates, done.State):
		return fmt.Errorf("has the unknown state %q", done.State)
	case len(done.RuleIDs) > maxIDs, slices.Contains(done.RuleIDs, ""):
		return fmt.Errorf("made %d rules, of which some have no id", len(done.RuleIDs))
	case step.Group != "" && step.Rule == nil:
		return fmt.Errorf("changes group %q and names no rule", step.Group)
	case step.ChangesGroup() && (step.Group == "" || len(step.Group) > maxName):
		return errors.New("names no security group")
	case open && e.State == RolledBack:
		return errors.New("is not taken back, although the entry is")
	case step.Kind == fix.UpdateService && open && len(step.Edits) > 0 && e.AfterBlock == "":
		return errors.New("changed a Service Connect block that is not here")
	}
	return nil
}

// checkRules names the first thing that is wrong with the rules of a step.
func (e *Entry) checkRules(i int) error {
	rule, removed := e.Plan.Steps[i].Rule, e.Steps[i].Removed
	switch {
	case rule != nil && checkRule(rule) != nil:
		return fmt.Errorf("has a rule that %w", checkRule(rule))
	case removed != nil && checkRule(removed) != nil:
		return fmt.Errorf("removed a rule that %w", checkRule(removed))
	case removed != nil && !fix.SameRule(removed, rule):
		return errors.New("removed another rule than the plan's")
	}
	return nil
}

// checkRule tells what keeps a rule from being one of a security group.
func checkRule(r *model.SecurityGroupRule) error {
	const lowest, highest = -1, 65535 // -1 is every type of ICMP
	peers := 0
	for _, is := range []bool{r.CIDR.IsValid(), r.PrefixList != "", r.Group != nil && r.Group.ID != ""} {
		if is {
			peers++
		}
	}
	switch {
	case r.Protocol == "" || len(r.Protocol) > maxName:
		return errors.New("names no protocol")
	case peers != 1 || len(r.PrefixList) > maxName:
		return errors.New("does not name one peer")
	case min(r.FromPort, r.ToPort) < lowest || max(r.FromPort, r.ToPort) > highest:
		return errors.New("names ports that do not exist")
	}
	return nil
}
