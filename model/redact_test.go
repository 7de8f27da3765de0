package model

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAFileHasNoValuesThatMayBeSecret(t *testing.T) {
	s := &Snapshot{
		Services: []Service{{Name: "web", Cluster: "prod", Tags: map[string]string{
			"owner-token": "planted-1", "aws:cloudformation:stack-name": "shop", "terraform": "true",
			"managed-by": "Terraform", "iac": "terraform planted-2", "empty": "",
		}}},
		SecurityGroups: []SecurityGroup{{ID: "sg-1", Tags: map[string]string{"password": "planted-3"}}},
		ListenerRules: []ListenerRule{{ARN: "one", Conditions: []RuleCondition{
			{Field: "http-header", Name: "X-Origin-Verify", Values: []string{"planted-4", "planted-4", "planted-5", "*"}},
			{Field: "query-string", Values: []string{"key=planted-6", "planted-7"}},
			{Field: "path-pattern", Values: []string{"/orders"}},
		}}},
	}
	var file strings.Builder
	if err := Encode(&file, s, "test"); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(file.String(), "planted") {
		t.Errorf("the file holds a secret: %s", file.String())
	}
	if s.Services[0].Tags["owner-token"] != "planted-1" || s.ListenerRules[0].Conditions[0].Values[0] != "planted-4" {
		t.Error("the snapshot itself was changed")
	}
	once := redacted(s)
	want := map[string]string{
		"owner-token": "<masked>", "aws:cloudformation:stack-name": "shop", "terraform": "true",
		"managed-by": "Terraform", "iac": "terraform <masked>", "empty": "",
	}
	if diff := cmp.Diff(want, once.Services[0].Tags); diff != "" {
		t.Errorf("the tags (-want +got):\n%s", diff)
	}
	header := once.ListenerRules[0].Conditions[0].Values
	if header[0] != header[1] || header[0] == header[2] || header[3] != "*" {
		t.Errorf("the values are %q: equal ones have to stay equal, others to differ", header)
	}
	if !strings.HasPrefix(once.ListenerRules[0].Conditions[1].Values[0], "key=<masked>") {
		t.Errorf("the query strings are %q", once.ListenerRules[0].Conditions[1].Values)
	}
	if diff := cmp.Diff(once, redacted(once)); diff != "" {
		t.Errorf("a second time changes (-once +twice):\n%s", diff)
	}
}
