package aws

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"hopscope/internal/text"
	"hopscope/model"
)

func TestDenialsAreRead(t *testing.T) {
	const user = "User: arn:aws:sts::123456789012:assumed-role/read/me is not authorized to perform: "
	for _, test := range []struct {
		message  string
		want     denial
		sentence string
	}{
		{
			message: user + "ecs:DescribeServices on resource: arn:aws:ecs:eu-west-1:123456789012:service/prod/web " +
				"because no identity-based policy allows the ecs:DescribeServices action",
			want: denial{
				action: "ecs:DescribeServices", resource: "arn:aws:ecs:eu-west-1:123456789012:service/prod/web",
				policy: "identity-based policy",
			},
			sentence: "ecs:DescribeServices is not allowed; add it to the policy of this role or user",
		},
		{
			message: "You are not authorized to perform this operation. " + user +
				"ec2:DescribeSecurityGroups because no identity-based policy allows the ec2:DescribeSecurityGroups action",
			want:     denial{action: "ec2:DescribeSecurityGroups", policy: "identity-based policy"},
			sentence: "ec2:DescribeSecurityGroups is not allowed; add it to the policy of this role or user",
		},
		{
			message: user + "elasticloadbalancing:DescribeRules with an explicit deny in a service control policy",
			want: denial{
				action: "elasticloadbalancing:DescribeRules", explicit: true, policy: "service control policy",
			},
			sentence: "elasticloadbalancing:DescribeRules is denied explicitly by a service control policy; " +
				"allowing it elsewhere does not help: ask the owner of that policy",
		},
		{
			message: user + "ecs:ListClusters on resource: * with an explicit deny in an identity-based policy: x",
			want: denial{
				action: "ecs:ListClusters", resource: "*", explicit: true, policy: "identity-based policy",
			},
			sentence: "ecs:ListClusters is denied explicitly by an identity-based policy; " +
				"allowing it elsewhere does not help: ask the owner of that policy",
		},
		{
			message: user +
				"ecs:ListServices on resource: * because no service control policy allows the ecs:ListServices action",
			want: denial{
				action: "ecs:ListServices", resource: "*", policy: "service control policy",
			},
			sentence: "no service control policy allows ecs:ListServices; ask its owner to allow the action there",
		},
		{
			message: user + "ecs:ListServices because no permissions boundary allows the ecs:ListServices action",
			want:    denial{action: "ecs:ListServices", policy: "permissions boundary"},
			sentence: "no permissions boundary allows ecs:ListServices; " +
				"ask its owner to allow the action there",
		},
		{
			message:  user + "servicediscovery:ListNamespaces",
			want:     denial{action: "servicediscovery:ListNamespaces"},
			sentence: "servicediscovery:ListNamespaces is not allowed; add it to the policy of this role or user",
		},
		{
			message: "User is not authorized because of an explicit deny.",
			want:    denial{explicit: true},
			sentence: "ecs:ListTasks is denied explicitly by a policy; allowing it elsewhere does not help: remove that " +
				"statement",
		},
		{
			message:  "Access Denied",
			want:     denial{},
			sentence: "ecs:ListTasks is not allowed; add it to the policy of this role or user",
		},
	} {
		got := parseDenial(test.message)
		if got != test.want {
			t.Errorf("%q\n got %+v\nwant %+v", test.message, got, test.want)
		}
		if s := got.sentence("ecs:ListTasks"); s != test.sentence {
			t.Errorf("%q\n got %q\nwant %q", test.message, s, test.sentence)
		}
	}
}

func TestARefusalOfAnARNIsAboutOneResourceAndOfAStarAboutAll(t *testing.T) {
	for resource, want := range map[string]bool{
		"": true, "*": true, "arn:aws:ecs:eu-west-1:123456789012:*": true,
		"arn:aws:ecs:eu-west-1:123456789012:cluster/prod": false,
	} {
		if got := (denial{resource: resource}).forEverything(); got != want {
			t.Errorf("%q: got %t", resource, got)
		}
	}
}

func FuzzDenial(f *testing.F) {
	f.Add("User: x is not authorized to perform: ecs:DescribeServices on resource: arn:x because no identity-based " +
		"policy allows it")
	f.Add("is not authorized to perform: a:B with an explicit deny in a service control policy")
	f.Add("is not authorized to perform: a:B on resource: * with an explicit deny in an x boundary")
	f.Fuzz(func(t *testing.T, message string) {
		d := parseDenial(message)
		if d.action != "" && !strings.Contains(message, string(d.action)) {
			t.Errorf("the action %q is not in the message", d.action)
		}
		if !strings.Contains(message, d.resource) || !strings.Contains(message, d.policy) {
			t.Errorf("%+v is not in the message", d)
		}
		sentence := d.sentence(model.ListServices)
		if sentence == "" || strings.ContainsFunc(sentence, unicode.IsControl) {
			t.Errorf("the sentence is %q", sentence)
		}
	})
}

func FuzzPrintable(f *testing.F) {
	f.Add("\x1b]0;title\x07text\u202e\xff")
	f.Add(strings.Repeat("long ", 100))
	f.Fuzz(func(t *testing.T, s string) {
		got := Printable(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return unicode.In(r, unicode.C) }) {
			t.Errorf("%q became %q", s, got)
		}
		if text.Width(got) > maxText {
			t.Errorf("%d cells were kept", text.Width(got))
		}
		if Printable(got) != got {
			t.Errorf("%q is not stable", got)
		}
	})
}
