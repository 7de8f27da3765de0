package journal

import (
	"encoding/json"
	"strings"
	"testing"

	"hopscope/internal/shell"
	"hopscope/model/fix"
)

const secretBlock = `{"enabled":true,"services":[{"portName":"app"}],"logConfiguration":{"logDriver":"splunk",` +
	`"options":{"splunk-token":"planted-it's","mode":"on"}},"new":{"key":["planted-member",1.50]}}`

// Entries of earlier versions have the whole block in their commands.
func TestARedactedEntryHoldsNoSecretAndIsNoEntry(t *testing.T) {
	e := &Entry{
		Before: Before{
			Block: secretBlock, Overtaken: &Overtaken{Block: strings.Replace(secretBlock, "it's", "other", 1)},
		},
		AfterBlock: strings.Replace(secretBlock, `"enabled":true`, `"enabled":true,"namespace":"n"`, 1),
		Message:    "ECS refused planted-it's; planted-member", Endpoint: "https://user:planted-password@host",
		Steps:   []Step{{Error: "planted-member, planted-other is on"}},
		Rollout: &Rollout{Reason: "planted-member", Events: []Event{{Message: "planted-it's"}}},
	}
	const option = "--service-connect-configuration"
	e.Calls = []Call{
		{Command: shell.Line("aws", "ecs", "update-service", option, e.AfterBlock, "--profile", "p")},
		{Command: shell.Line("aws", "ecs", "update-service", option, secretBlock), Error: "planted-member"},
	}
	whole, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := json.Marshal(e.Redacted())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(shown), "planted") || !strings.Contains(string(shown), "--profile p") ||
		!strings.Contains(string(shown), " is on") {
		t.Errorf("redacted it is %s", shown)
	}
	if again, err := json.Marshal(e); err != nil || string(again) != string(whole) {
		t.Errorf("the entry itself was changed: %s, %v", again, err)
	}
	readable := e.Redacted()
	masked := &Entry{Before: Before{Block: fix.MaskBlock(secretBlock)}, AfterBlock: fix.MaskBlock(e.AfterBlock)}
	if readable.checkBlocks() == nil || masked.checkBlocks() == nil {
		t.Error("a journal would take a masked entry for one")
	}
	if err := e.checkBlocks(); err != nil {
		t.Errorf("and the entry itself for none: %v", err)
	}
}

// What was masked as it came in is not masked again: hopscope's own sentences may have the
// same words in them as log options.
func TestSentencesOfHopscopeAreNotMasked(t *testing.T) {
	const message = "the deployment of checkout failed; roll back with: hopscope rollback 20260101-checkout"
	block := `{"logConfiguration":{"logDriver":"splunk","options":{"tag":"deployment","splunk-url":"rollback"}}}`
	e := &Entry{AfterBlock: block, Message: message, Masked: true}
	if got := e.Redacted().Message; got != message {
		t.Errorf("it is %q", got)
	}
	if e.Masked = false; e.Redacted().Message == message {
		t.Error("an entry of an earlier version may quote AWS in it")
	}
}

// An entry's id has the service's name in it, which log options have, too.
func TestNamesAndPlainLogOptionsAreNoSecrets(t *testing.T) {
	const arn = "arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout"
	const said = "service checkout in eu-west-1 was unable to start; see 20260101-checkout"
	for _, options := range []string{
		`"awslogs","options":{"awslogs-region":"eu-west-1","awslogs-group":"checkout","awslogs-stream-prefix":"unable"}`,
		`"splunk","options":{"splunk-source":"unable","tag":"20260101-checkout"}`,
	} {
		block := `{"enabled":true,"logConfiguration":{"logDriver":` + options + `}}`
		e := &Entry{ID: "20260101-checkout", ServiceARN: arn, AfterBlock: block}
		if got := e.Secrets().MaskIn(said); got != said {
			t.Errorf("with %s it is %q", options, got)
		}
	}
}

func TestASecretIsFoundAsJSONWritesIt(t *testing.T) {
	e := &Entry{AfterBlock: `{"logConfiguration":{"options":{"splunk-token":"planted\"token"}}}`}
	for _, said := range []string{`refused planted"token`, `refused {"splunk-token":"planted\"token"}`} {
		if got := e.Secrets().MaskIn(said); strings.Contains(got, "planted") {
			t.Errorf("it is %q", got)
		}
	}
}
