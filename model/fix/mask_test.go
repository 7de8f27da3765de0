package fix_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"hopscope/model/fix"
)

func TestAMaskedBlockShowsWhatIsKnownToBeNoSecret(t *testing.T) {
	const secret = `{"enabled":true,"services":[{"portName":"app"}],"logConfiguration":{"logDriver":"splunk",` +
		`"options":{"splunk-token":"planted-it's","mode":"on","splunk-index":"main","splunk-url":"planted"},` +
		`"secretOptions":[{"name":"planted","valueFrom":"planted"}]},"new":{"key":["planted-member",1.50]}}`
	const want = `{"enabled":true,"services":[{"portName":"app"}],"logConfiguration":{"logDriver":"splunk",` +
		`"options":{"splunk-token":"<masked>","mode":"on","splunk-index":"main","splunk-url":"<masked>"},` +
		`"secretOptions":[{"name":"<masked>","valueFrom":"<masked>"}]},"new":{"key":["<masked>","<masked>"]}}`
	if got := fix.MaskBlock(secret); got != want {
		t.Errorf("masked it is %s", got)
	}
	const test = `{"services":[{"clientAliases":[{"port":80,"testTrafficRules":{"header":{"name":"x-test",` +
		`"value":{"exact":"%s"}}}}],"new":{"exact":"1"}}]}`
	if got, want := fix.MaskBlock(fmt.Sprintf(test, "planted")), fmt.Sprintf(test, "<masked>"); got != want {
		t.Errorf("masked it is %s", got)
	}
	if json.Valid([]byte(fix.MaskAsText(secret))) || !fix.IsMasked(fix.MaskBlock(secret)) || fix.IsMasked(secret) {
		t.Errorf("what may be pasted is taken for a block: %s", fix.MaskAsText(secret))
	}
	const plain = `{ "enabled" : true,"services":[{"x":1.50}], "accessLogConfiguration":{"format":"JSON"} }`
	if got := fix.MaskAsText(plain); got != plain {
		t.Errorf("a block without secrets became %s", got)
	}
	for _, damaged := range []string{"{", `"planted-text"`, `[{"services":"planted-text"}]`} {
		if strings.Contains(fix.MaskBlock(damaged), "planted") {
			t.Errorf("%s became %s", damaged, fix.MaskBlock(damaged))
		}
	}
}

// An option is plain for its own driver: another one may make anything of the name.
func TestPlainOptionsAreThoseOfTheirDriver(t *testing.T) {
	for driver, shown := range map[string]bool{`"gelf"`: true, `"awsfirelens"`: false, `5`: false, `null`: false} {
		block := `{"logConfiguration":{"logDriver":` + driver + `,"options":{"labels":"planted"}}}`
		if got := strings.Contains(fix.MaskBlock(block), "planted"); got != shown {
			t.Errorf("%s: shown %t", driver, got)
		}
	}
	for driver, options := range fix.PlainOptions() {
		for _, option := range options {
			for _, part := range []string{"token", "address", "url", "key", "cert", "secret", "password", "tag"} {
				if strings.Contains(option, part) {
					t.Errorf("%s of %q may be a secret", option, driver)
				}
			}
		}
	}
}
