package apply

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
)

func TestBlocksAreComparedByWhatTheyMean(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{`{"enabled":true}`, `{ "enabled" : true }`, true},
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, true},
		{`{"a":"é<"}`, `{"a":"\u00e9\u003c"}`, true},
		{`{"a":1.0}`, `{"a":1}`, true},
		{`{"a":12345678901234567890}`, `{"a":12345678901234567891}`, false},
		{`{"a":1e999999999}`, `{"a":1e999999998}`, false},
		{`{"a":1e999999999}`, `{ "a":1e999999999 }`, true},
		{`{"services":[]}`, `{}`, true},
		{`{"services":null}`, `{"services":[]}`, true},
		{`{"tls":{}}`, `{}`, false},
		{`{"a":0}`, `{}`, false},
		{`{"a":false}`, `{"a":null}`, false},
		{`{"a":""}`, `{}`, false},
		{`{"a":[1,2]}`, `{"a":[2,1]}`, false},
		{`{"a":[1]}`, `{"a":[1,1]}`, false},
		{`{"a":[[]]}`, `{"a":[]}`, false},
		{`{"a":"1"}`, `{"a":1}`, false},
		{`{"a":{"b":1}}`, `{"a":[1]}`, false},
		{`{"A":1}`, `{"a":1}`, false},
		{``, ``, true},
		{``, `{}`, false},
		{`{`, `{`, true},
		{`{`, `{}`, false},
	} {
		if sameBlock(test.a, test.b) != test.same || sameBlock(test.b, test.a) != test.same {
			t.Errorf("%s and %s: want the same: %t", test.a, test.b, test.same)
		}
	}
}

func TestThePrimaryBlockIsTakenAsItIsWritten(t *testing.T) {
	const block = "{ \"enabled\" :true,\n\t\"x\":1.50 }"
	const deployments = `{"deployments":[{"id":"1","status":"ACTIVE","serviceConnectConfiguration":{"old":1}},` +
		`{"serviceConnectConfiguration":` + block + `,"id":"2","status":"PRIMARY"}]}`
	for _, reply := range []string{`{"services":[` + deployments + `]}`, `{"service":` + deployments + `}`} {
		if got, err := blocksOf([]byte(reply)); got["2"] != block || got["1"] != `{"old":1}` || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	for _, none := range []string{
		`{}`, `{"services":[{"deployments":[{"status":"PRIMARY"}]}]}`,
		`{"services":[{"deployments":[{"status":"PRIMARY","serviceConnectConfiguration":null}]}]}`,
	} {
		if got, err := blocksOf([]byte(none)); len(got) > 0 || err != nil {
			t.Errorf("%s: got %q, %v", none, got, err)
		}
	}
}

func TestAReplyThatCannotBeReadIsNotAServiceWithoutABlock(t *testing.T) {
	for _, reply := range []string{``, `{"services":[{"deployments":[{"status":"PRIMARY"`} {
		if block, err := blocksOf([]byte(reply)); err == nil {
			t.Errorf("%q: got %q and no error", reply, block)
		}
	}
}

func TestADescriptionNamesItsEntryInLettersThatEC2Takes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const id = "20261125-013557-web-3f9c"
		rule := &model.SecurityGroupRule{Protocol: "tcp", Description: rapid.String().Draw(t, "note")}
		got := marked(id, rule)
		if len(got.Description) > maxDescription || !isMarked(id, got) || isMarked(id+"0", got) ||
			isMarked(id[:len(id)-1], got) {
			t.Fatalf("the description is %q", got.Description)
		}
		for _, c := range got.Description {
			letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
			if !letter && !strings.ContainsRune(" ._-:/()#,@[]+=&;{}!$*", c) {
				t.Fatalf("%q in %q", c, got.Description)
			}
		}
	})
}

func TestANewIDIsAFileNameThatSaysWhenAndWhat(t *testing.T) {
	account, err := aws.Open(t.Context(), aws.Options{Transport: http.DefaultTransport, Clock: fixedClock})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := &Applier{account: account, options: Options{Random: strings.NewReader("\x3f\x9c")}}
		name := rapid.String().Draw(t, "service")
		id, err := a.newID(model.Ref{Cluster: "c", Service: name})
		if err != nil || !idLooksRight(id) {
			t.Fatalf("%q, %v", id, err)
		}
	})
}

func fixedClock() time.Time { return time.Date(2026, 11, 25, 1, 35, 57, 0, time.UTC) }

func idLooksRight(id string) bool {
	return journal.CheckID(id) == nil && strings.HasPrefix(id, "20261125-013557") && strings.HasSuffix(id, "-3f9c")
}

func TestTheKindsOfStepsAreTheActionsThatCarryThemOut(t *testing.T) {
	for kind, action := range map[fix.StepKind]model.Action{
		fix.UpdateService: aws.UpdateService, fix.AuthorizeIngress: aws.AuthorizeIngress,
		fix.AuthorizeEgress: aws.AuthorizeEgress,
		fix.RevokeIngress:   aws.RevokeIngress, fix.RevokeEgress: aws.RevokeEgress,
	} {
		if string(kind) != string(action) {
			t.Errorf("%s is sent as %s", kind, action)
		}
	}
}
