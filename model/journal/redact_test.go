package journal

import (
	"encoding/json"
	"strings"
	"testing"

	"hopscope/internal/shell"
)

const secretBlock = `{"enabled":true,"services":[{"portName":"app"}],"logConfiguration":{"logDriver":"splunk",` +
	`"options":{"splunk-token":"planted-it's","mode":"on"}},"new":{"key":["planted-member",1.50]}}`

func TestAMaskedBlockShowsWhatIsKnownToBeNoSecret(t *testing.T) {
	const want = `{"enabled":true,"services":[{"portName":"app"}],"logConfiguration":{"logDriver":"splunk",` +
		`"options":{"splunk-token":"<masked>","mode":"on"}},"new":{"key":["<masked>","<masked>"]}}`
	if got := MaskBlock(secretBlock); got != want {
		t.Errorf("masked it is %s", got)
	}
	if json.Valid([]byte(Pasted(secretBlock))) || !isMasked(MaskBlock(secretBlock)) || isMasked(secretBlock) {
		t.Errorf("what may be pasted is taken for a block: %s", Pasted(secretBlock))
	}
	const plain = `{ "enabled" : true,"services":[{"x":1.50}], "accessLogConfiguration":{"format":"JSON"} }`
	if got := Pasted(plain); got != plain {
		t.Errorf("a block without secrets became %s", got)
	}
	for _, damaged := range []string{"{", `"planted-text"`, `[{"services":"planted-text"}]`} {
		if strings.Contains(MaskBlock(damaged), "planted") {
			t.Errorf("%s became %s", damaged, MaskBlock(damaged))
		}
	}
}

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
	masked := &Entry{Before: Before{Block: MaskBlock(secretBlock)}, AfterBlock: MaskBlock(e.AfterBlock)}
	if readable.checkBlocks() == nil || masked.checkBlocks() == nil {
		t.Error("a journal would take a masked entry for one")
	}
	if err := e.checkBlocks(); err != nil {
		t.Errorf("and the entry itself for none: %v", err)
	}
}

// An entry's id has the service's name in it, which log options have, too.
func TestNamesAndPlainLogOptionsAreNoSecrets(t *testing.T) {
	const arn = "arn:aws:ecs:eu-west-1:111122223333:service/shop/checkout"
	const message = "roll back checkout in eu-west-1 with: hopscope rollback 20260101-checkout"
	for _, options := range []string{
		`"awslogs-region":"eu-west-1","awslogs-group":"checkout","awslogs-stream-prefix":"hopscope"`,
		`"splunk-source":"checkout","tag":"20260101-checkout"`,
	} {
		block := `{"enabled":true,"logConfiguration":{"logDriver":"any","options":{` + options + `}}}`
		e := &Entry{ID: "20260101-checkout", ServiceARN: arn, AfterBlock: block, Message: message}
		if e.Hide(); e.Message != message || e.Redacted().Message != message {
			t.Errorf("with %s the message is %q", options, e.Message)
		}
	}
}

func TestASecretIsFoundAsJSONWritesIt(t *testing.T) {
	e := &Entry{AfterBlock: `{"logConfiguration":{"options":{"splunk-token":"planted\"token"}}}`}
	for _, said := range []string{`refused planted"token`, `refused {"splunk-token":"planted\"token"}`} {
		e.Message = said
		if e.Hide(); strings.Contains(e.Message, "planted") {
			t.Errorf("it is %q", e.Message)
		}
	}
}
