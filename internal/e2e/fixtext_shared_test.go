package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hopscope/aws/simulator"
	"hopscope/internal/thorough"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// twoServers is the article's world with a second server that has the group of the first.
const twoServers = `{
 "name": "two-servers", "region": "ap-northeast-1",
 "securityGroups": [
  {"name": "main-alb", "ingress": [{"ports": "80-81", "cidr": "10.0.0.0/16"}]},
  {"name": "servers", "ingress": [{"ports": 80, "group": "main-alb"}, {"ports": 80, "group": "client"}]},
  {"name": "client"}
 ],
 "targetGroups": [{"name": "first"}, {"name": "second"}],
 "loadBalancers": [{"name": "main-alb", "securityGroups": ["main-alb"], "listeners": [
  {"port": 80, "default": {"forward": "first"}}, {"port": 81, "default": {"forward": "second"}}
 ]}],
 "namespaces": [{"name": "shared"}],
 "clusters": [{"name": "shared", "defaultNamespace": "shared"}],
 "taskDefinitions": [
  {"family": "first", "containers": [{"name": "App", "portMappings": [
    {"name": "app", "containerPort": 80, "appProtocol": "http"}]}]},
  {"family": "second", "containers": [{"name": "App", "portMappings": [
    {"name": "app", "containerPort": 80, "appProtocol": "http"}]}]},
  {"family": "client", "containers": [{"name": "client"}]}
 ],
 "services": [
  {"name": "first", "securityGroups": ["servers"],
   "loadBalancers": [{"targetGroup": "first", "containerName": "App", "containerPort": 80}],
   "serviceConnect": {"enabled": true, "namespace": "shared", "services": [
     {"portName": "app", "discoveryName": "first", "clientAliases": [{"port": 80}]}]}},
  {"name": "second", "securityGroups": ["servers"],
   "loadBalancers": [{"targetGroup": "second", "containerName": "App", "containerPort": 80}],
   "serviceConnect": {"enabled": true, "namespace": "shared", "services": [
     {"portName": "app", "discoveryName": "second", "clientAliases": [{"port": 80}]}]}},
  {"name": "client", "securityGroups": ["client"],
   "serviceConnect": {"enabled": true, "namespace": "shared", "services": []}}
 ]
}`

// callers is whether the client is admitted to a service by Service Connect.
func (o *operator) callers(t *testing.T, service string) (out []reach.Access) {
	t.Helper()
	report := rule.Analyze(readAll(t, o.Simulator))
	for _, p := range report.Paths {
		if p.Target.Service == service && p.Source.Kind == reach.SourceServiceConnect &&
			p.Source.Services.Contains(model.Ref{Cluster: "shared", Service: "client"}) {
			out = append(out, p.Access)
		}
	}
	return out
}

// A service that moved its agent since, to a port that the first one's script had
// opened, keeps its callers when the first is rolled back.
func TestTheScriptOfOneServerLeavesTheOtherItsRule(t *testing.T) {
	t.Parallel()
	needTools(t)
	thorough.Need(t)
	w, err := simulator.ParseWorld([]byte(twoServers))
	if err != nil {
		t.Fatal(err)
	}
	o := operatorIn(t, w, "set-ingress-port-override/shared/first")
	rules := o.rules(t)
	risks := ""
	for _, r := range o.plan.Risks {
		risks += r.Title + ": " + r.Detail + " " + r.Command + "\n"
	}
	if !strings.Contains(risks, "Others have the group ") || !strings.Contains(risks, "hopscope knows second.") ||
		!strings.Contains(risks, "aws ec2 describe-network-interfaces ") {
		t.Errorf("the risks do not name who else has the group: %s", risks)
	}
	first := o.must(t)
	if got := strings.Join(first, ", "); got != "ec2:AuthorizeSecurityGroupIngress, ecs:UpdateService" {
		t.Fatal(got)
	}
	// Another user moves the second agent to the same port, which is open.
	later := readAll(t, o.Simulator)
	seconds, err := planner.WhatIf(rule.Analyze(later), model.Ref{Cluster: "shared", Service: "second"}, []fix.Step{{
		Kind: fix.UpdateService, Title: "Move", Edits: []fix.Edit{{
			Kind: fix.EditOverride, PortName: "app",
			Port: o.plan.Edits()[0].Port,
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if s := seconds.Steps[0]; s.Kind != fix.UpdateService {
		t.Fatalf("the port has to be opened first: %s", s.Title)
	}
	second := *o
	second.plan, second.dir, second.snapshot = &seconds, t.TempDir(), later
	second.write(t)
	second.must(t)

	writes, output, ok := o.run(t, "rollback")
	if got := strings.Join(writes, ", "); ok || got != "ecs:UpdateService" {
		t.Errorf("the rollback wrote %s: %s", got, output)
	}
	for _, want := range []string{
		"hopscope knew that these had ", " too: second\n", "stay: look who needs it",
		"REVOKE_SHARED='sg-",
	} {
		if !strings.Contains(output, want) {
			t.Errorf("the rollback does not say %q: %s", want, output)
		}
	}
	if diff := cmp.Diff([]reach.Access{reach.Allowed}, o.callers(t, "second")); diff != "" {
		t.Errorf("the second server lost its callers: %s", diff)
	}
	// When the second one is back as well, a user who has looked removes the rule.
	second.must(t, "rollback")
	o.env = []string{"REVOKE_SHARED=" + o.plan.Steps[0].Group}
	o.must(t, "rollback")
	if diff := cmp.Diff(rules, o.rules(t)); diff != "" {
		t.Errorf("the rules are not as they were:\n%s", diff)
	}
}

// The user's settings of the AWS CLI change nothing about the script.
func TestTheScriptWorksWithWhateverSettingsOfTheAWSCLI(t *testing.T) {
	t.Parallel()
	needTools(t)
	thorough.Need(t)
	for name, env := range map[string][]string{
		"text": {
			"AWS_DEFAULT_OUTPUT=text", "AWS_PAGER=less", "AWS_DEFAULT_REGION=us-east-1", "AWS_REGION=us-west-2",
			"GREP_OPTIONS=--color=always", "CDPATH=/", "TMPDIR=/tmp",
		},
		"table": {
			"AWS_DEFAULT_OUTPUT=table", "AWS_CLI_AUTO_PROMPT=on", "LC_ALL=tr_TR.UTF-8", "POSIXLY_CORRECT=1",
			"JQ_COLORS=1;31", "BASH_ENV=/dev/null",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOperator(t, "article", "set-ingress-port-override")
			block, rules := o.block(t), o.rules(t)
			o.env = env
			o.must(t)
			repaired(t, o.Simulator, o.snapshot, o.plan)
			o.must(t, "later")
			o.must(t, "rollback")
			if diff := cmp.Diff(canonical(t, block), canonical(t, o.block(t))); diff != "" {
				t.Errorf("the block is not as it was:\n%s", diff)
			}
			if diff := cmp.Diff(rules, o.rules(t)); diff != "" {
				t.Errorf("the rules are not as they were:\n%s", diff)
			}
		})
	}
}
