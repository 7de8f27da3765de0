package journal

import (
	"errors"
	"slices"
	"strings"
	"time"

	"hopscope/internal/shell"
	"hopscope/model"
	"hopscope/model/fix"
)

// SchemaV1 is the value of Entry.Schema. Members are added, never renamed.
const SchemaV1 = "hopscope.journal/v1"

// State is how far an entry got.
type State string

// The states of an entry, in the order in which it goes through them.
const (
	// Prepared: everything was read, nothing was sent.
	Prepared State = "prepared"
	// Applying: calls are being sent, in the order of the steps.
	Applying State = "applying"
	// RollingOut: everything was sent; the deployment replaces tasks.
	RollingOut State = "rolling-out"
	// Verifying: the rollout is over; the account is being read again.
	Verifying State = "verifying"
	// Applied: the paths are what the plan wanted.
	Applied State = "applied"
	// Unverified: everything was carried out, but whether the paths are what the plan
	// wanted is not known; Entry.Unmet and Entry.Message say of which, and what is missing.
	Unverified State = "unverified"
	// Failed: a call was refused, the deployment failed, the paths are not what the plan
	// wanted, or the program was interrupted. What was carried out stays until it is rolled back.
	Failed State = "failed"
	// RollingBack: the change is being taken back.
	RollingBack State = "rolling-back"
	// RolledBack: everything is as it was before.
	RolledBack State = "rolled-back"
)

// ErrChangedSince tells that the account is no longer as an entry left it, so that it
// cannot be taken back as it stands.
var ErrChangedSince = errors.New("the account was changed since")

// Entry is the record of one application of a plan. It is a value for readers:
// the applier hands out copies.
type Entry struct {
	Schema string `json:"schema"`
	// ID names the entry, for people and as the name of its file.
	ID    string `json:"id"`
	State State  `json:"state"`
	// Message is a sentence about the state: why it failed, and what to do next.
	Message string `json:"message,omitempty"`
	// Masked tells that the texts of AWS in the entry were masked as they came in. Those of
	// earlier versions may quote what the blocks hide.
	Masked bool `json:"masked,omitempty"`
	// Sequence is the place of the entry in the order in which the entries of a journal
	// were carried out, from 1 on: clocks step back. It is 0 in entries of earlier
	// versions, which are older than all others.
	Sequence  int       `json:"sequence,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`

	// Origin is the snapshot's: "aws", "simulator:article", or an endpoint URL.
	Origin string `json:"origin,omitempty"`
	// Endpoint is the URL that calls were sent to, "" for AWS's own.
	Endpoint string `json:"endpoint,omitempty"`
	// Profile is that of the AWS configuration whose credentials were used, "" for none.
	Profile    string    `json:"profile,omitempty"`
	Account    string    `json:"account,omitempty"`
	Region     string    `json:"region"`
	ClusterARN model.ARN `json:"clusterArn"`
	ServiceARN model.ARN `json:"serviceArn"`

	Plan   fix.Plan `json:"plan"`
	Before Before   `json:"before"`
	// AfterBlock is the Service Connect block that the plan sends, "" when it sends
	// none.
	AfterBlock string `json:"afterBlock,omitempty"`
	// Steps are those of the plan, one for one.
	Steps []Step `json:"steps"`
	// Rollout is the deployment that the update made; nil before there is one.
	Rollout *Rollout `json:"rollout,omitempty"`
	// Overwritten is a deployment that another program or user made between the last look of
	// a rollback and its update, which replaced it unseen; nil when there was none.
	Overwritten *Overtaken `json:"overwritten,omitempty"`
	// Unchecked is what could not be looked at before the first call, in words: alarms that
	// may take the deployment back.
	Unchecked []string `json:"unchecked,omitempty"`
	// Moved are the paths of which a rollback found the other target group of a pair serving,
	// in words: a blue/green deployment changes which one does.
	Moved []string `json:"moved,omitempty"`
	// Unmet are the expectations of the plan that the paths do not meet.
	Unmet []fix.Expectation `json:"unmet,omitempty"`
	// VerifiedAt is when the paths were first derived again: the rollout was over then.
	VerifiedAt time.Time `json:"verifiedAt,omitzero"`
	// Measured is what metrics say about the requests before and after; nil where
	// the user did not ask, or nothing could be compared.
	Measured *Measured `json:"measured,omitempty"`
	// Calls are all mutating calls so far, those of a rollback included.
	Calls []Call `json:"calls,omitempty"`
}

// ChangedNothing tells of an entry that has ended that no step of it was carried out, or
// may have been: there is nothing to take back.
func (e *Entry) ChangedNothing() bool {
	return e.State == Failed && len(e.Steps) > 0 && !slices.ContainsFunc(e.Steps, func(s Step) bool {
		return s.State == Begun || s.State == Done || s.State == Undone
	})
}

// Follows tells whether an entry was carried out after another one of its journal.
func (e *Entry) Follows(o *Entry) bool {
	if e.Sequence != o.Sequence {
		return e.Sequence > o.Sequence
	}
	return e.firstWrite().After(o.firstWrite())
}

// firstWrite is when an entry began to change something. Entries may be carried out in
// another order than they were prepared in.
func (e *Entry) firstWrite() time.Time {
	if len(e.Calls) > 0 {
		return e.Calls[0].Time
	}
	return e.CreatedAt
}

// Began is a time before which nothing of the entry was carried out: by AWS's clock, as far
// as it is known.
func (e *Entry) Began() time.Time {
	if e.Before.At.IsZero() {
		return e.CreatedAt
	}
	return e.Before.At
}

// Passing tells whether the entry ends with the program that made it: it is about a
// simulator inside that program.
func (e *Entry) Passing() bool { return e.Endpoint == "" && strings.HasPrefix(e.Origin, "simulator") }

// RollbackCommand is the command for a shell that takes the entry back; "" for one
// that ends with the program.
func (e *Entry) RollbackCommand() string {
	if e.Passing() {
		return ""
	}
	return shell.Line(append(e.rollback(), "--allow-apply")...)
}

// CompareCommand is the command for a shell that compares an entry that was taken back once
// more: nothing is sent.
func (e *Entry) CompareCommand() string { return shell.Line(e.rollback()...) }

// rollback is the command without its consent. Region and endpoint it has from the entry; the
// profile it takes from nowhere else, as credentials are the user's to choose.
func (e *Entry) rollback() []string {
	words := []string{"hopscope", "rollback", e.ID}
	if e.Profile != "" {
		words = append(words, "--profile", e.Profile)
	}
	return words
}

// Before is what a plan replaces.
type Before struct {
	// Block is the primary deployment's serviceConnectConfiguration, byte for byte
	// as AWS gave it; "" when the plan does not change it. It is text, as JSON
	// inside JSON would not keep its bytes.
	Block string `json:"block,omitempty"`
	// Deployment is the primary deployment.
	Deployment string `json:"deployment,omitempty"`
	// Rules are the rules of the groups that the plan changes.
	Rules []GroupRules `json:"rules,omitempty"`
	// Paths are the ways on which requests reached the service; nil in entries of
	// versions that did not note them.
	Paths []fix.Expectation `json:"paths,omitzero"`
	// Gaps are the facts that could not be read when the paths were noted, without their
	// sentences; nil in entries of versions that did not note them.
	Gaps []model.Gap `json:"gaps,omitzero"`
	// Idle tells that the service was to have no tasks when the paths were noted.
	Idle bool `json:"idle,omitempty"`
	// At is the time by AWS's clock of the last look before the first call; zero where its
	// answer had none. Ours may be wrong.
	At time.Time `json:"at,omitzero"`
	// Deployments are those of the service at the last look before the update.
	Deployments []string `json:"deployments,omitempty"`
	// Overtaken is a deployment that another program or user made between that look and
	// the update, which replaced it unseen; nil when there was none.
	Overtaken *Overtaken `json:"overtaken,omitempty"`
}

// Overtaken is a deployment that an update replaced without knowing of it.
type Overtaken struct {
	Deployment string `json:"deployment"`
	// Block is its Service Connect block, byte for byte, "" when it has none.
	Block string `json:"block,omitempty"`
}

// Replaced is the block that the update replaced: the one to go back to. It is "" where
// that was none, or is not known.
func (b *Before) Replaced() string {
	if b.Overtaken != nil {
		return b.Overtaken.Block
	}
	return b.Block
}

// GroupRules are the rules that a security group had.
type GroupRules struct {
	Group   string                    `json:"group"`
	Ingress []model.SecurityGroupRule `json:"ingress"`
	Egress  []model.SecurityGroupRule `json:"egress"`
}

// StepState is how far a step got.
type StepState string

// The states of a step.
const (
	// Pending: nothing was sent.
	Pending StepState = "pending"
	// Begun: the call was about to be sent. Whether it arrived is not known until
	// the user looks.
	Begun StepState = "begun"
	// Done: AWS carried it out.
	Done StepState = "done"
	// Found: it was so already (InvalidPermission.Duplicate, a rule that is gone):
	// it is not ours, and a rollback leaves it.
	Found StepState = "found"
	// Refused: AWS carried nothing out, and said why.
	Refused StepState = "refused"
	// Skipped: it is for later, or for a person.
	Skipped StepState = "skipped"
	// Undone: it was taken back.
	Undone StepState = "undone"
)

// Step is a step of the plan and how far it got.
type Step struct {
	State StepState `json:"state"`
	// RuleIDs are the security group rules that it made.
	RuleIDs []string `json:"ruleIds,omitempty"`
	// Removed is the security group rule that it takes away, as the group had it,
	// so that it can be put back exactly; nil for other steps, and before the step
	// has begun.
	Removed *model.SecurityGroupRule `json:"removed,omitempty"`
	// Error is AWS's answer, when it was refused.
	Error string `json:"error,omitempty"`
	// Left is why a rollback left what it finds of the step as it is; the step is Undone all
	// the same: nothing is left to be taken back.
	Left string `json:"left,omitempty"`
}

// UndoneWords say what became of a step that is Undone.
func (s *Step) UndoneWords() string {
	if s.Left != "" {
		return "left as it is: " + s.Left
	}
	return "taken back"
}

// Rollout is a deployment on its way.
type Rollout struct {
	Deployment string `json:"deployment"`
	// State is AWS's rolloutState: IN_PROGRESS, COMPLETED, FAILED.
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	// Desired, Running, Pending and Failed count the new deployment's tasks, Old
	// the running ones of the deployments that it replaces.
	Desired int `json:"desired"`
	Running int `json:"running"`
	Pending int `json:"pending"`
	Failed  int `json:"failed"`
	Old     int `json:"old"`
	// Events are the service's since the update, the newest first.
	Events []Event `json:"events,omitempty"`
}

// Event is a message of a service.
type Event struct {
	Time    time.Time `json:"time"`
	Message string    `json:"message"`
}

// Call is a mutating call that was sent.
type Call struct {
	Time   time.Time    `json:"time"`
	Action model.Action `json:"action"`
	// Command is the same as a command of the AWS CLI, quoted for a shell.
	Command string `json:"command"`
	// Error is AWS's answer when it refused; "" when it did not.
	Error string `json:"error,omitempty"`
	// Lost is set when no answer came, or none that tells: the call may have been
	// carried out. Error is then what happened to the answer.
	Lost bool `json:"lost,omitempty"`
}

// Outcome says what became of the call.
func (c *Call) Outcome() string {
	switch {
	case c.Error == "":
		return "done"
	case c.Lost:
		return "no answer (" + c.Error + "): it may have been carried out"
	}
	return "refused, and changed nothing: " + c.Error
}
