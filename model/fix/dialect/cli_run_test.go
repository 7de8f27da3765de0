package dialect_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// fakeAWS is an aws with one service, whose failures can be asked for: what the
// script does then takes a real one too long. The real one is in the tests of main.
const fakeAWS = `#!/bin/bash
printf '%s\n' "$*" >>"$FAKE/log"
[ ! -e "$FAKE/greedy" ] || cat >/dev/null
if [ -e "$FAKE/deleted" ] && [[ $* == *"$(cat "$FAKE/deleted")"* ]]; then
  echo 'An error occurred (InvalidGroup.NotFound)' >&2
  exit 254
fi
if [ -e "$FAKE/refuse" ] && [[ $* == *"$(cat "$FAKE/refuse")"* ]]; then
  echo 'An error occurred (RulesPerSecurityGroupLimitExceeded)' >&2
  exit 254
fi
case "$1 $2" in
'ecs describe-services')
  more=
  [ ! -e "$FAKE/in-progress" ] || more=', {status: "ACTIVE"}'
  jq -n --slurpfile block "$FAKE/block.json" '{services: [{serviceArn: ` +
	`"arn:aws:ecs:ap-northeast-1:123456789012:service/prod/web",
    deployments: [{status: "PRIMARY", serviceConnectConfiguration: $block[0]}'"$more"']}]}' >"$FAKE/services.json"
  case $* in *--debug*) cat "$FAKE/raw" >&2 2>/dev/null || true ;; esac
  [ ! -e "$FAKE/missing" ] || echo '{"services": [], "failures": [{"reason": "MISSING"}]}' >"$FAKE/services.json"
  cat "$FAKE/services.json" ;;
'ecs update-service')
  for word in "$@"; do
    case $word in
    --generate-cli-skeleton) cat "$FAKE/skeleton.json"; exit ;;
    file://*) [ -e "$FAKE/rolls-back" ] || cp "${word#file://}" "$FAKE/block.json" ;;
    esac
  done
  echo '{}' ;;
'ecs wait') [ ! -e "$FAKE/unstable" ] && rm -f "$FAKE/in-progress" ;;
'ec2 authorize-security-group-'*)
  if grep -qxF -- "$*" "$FAKE/present"; then
    echo 'An error occurred (InvalidPermission.Duplicate)' >&2
    exit 254
  fi
  printf '%s\n' "$*" >>"$FAKE/present"
  [ ! -e "$FAKE/kills" ] || kill -KILL "$PPID"
  echo "{\"SecurityGroupRules\": [{\"SecurityGroupRuleId\": \"sgr-$(wc -l <"$FAKE/present")\"}]}" ;;
'ec2 revoke-security-group-'*)
  echo '{"Return": true}' >"$FAKE/revoked.json"
  [ ! -e "$FAKE/default-vpc" ] || echo '{"Return": true, "UnknownIpPermissions": [{"IpProtocol": "tcp"}]}' \
    >"$FAKE/revoked.json"
  [ ! -e "$FAKE/kills-late" ] || kill -KILL "$PPID"
  cat "$FAKE/revoked.json" ;;
'ec2 describe-network-interfaces') jq -n '{NetworkInterfaces: [$ARGS.positional[]
    | {NetworkInterfaceId: .}]}' --args $(cat "$FAKE/interfaces") ;;
'ecs list-tasks')
  case $* in *RUNNING*) echo '{"taskArns": ["task/1", "task/2"]}' ;; *) echo '{"taskArns": ["task/3"]}' ;; esac ;;
'ecs describe-tasks')
  while [ "$1" != --tasks ]; do shift; done
  shift
  jq -n '{tasks: [$ARGS.positional[] | {attachments: [{details: [{name: "subnetId", value: "s"},
    {name: "networkInterfaceId", value: ("eni-" + .[5:])}]}, {}]}]}' --args "$@" ;;
*) echo 'aws-cli/1.2.3' ;;
esac
`

// fakeAccount is a directory with the fake, a script and what the script leaves.
type fakeAccount struct{ dir, script string }

const fakeBlock = `{"enabled":true,"namespace":"ns",` +
	`"services":[{"portName":"app","discoveryName":"app"},{"portName":"other","discoveryName":"other"}],` +
	`"logConfiguration":{"logDriver":"awslogs"}}`

func newFakeAccount(t *testing.T, steps ...fix.Step) *fakeAccount {
	t.Helper()
	return fakeAccountOf(t, New().Group("sg-a").Group("sg-b").Service("web", Port("app", 80, "http"), Offer("app", 0, 80),
		Offer("other", 0, 81)).Snapshot(), steps)
}

// fakeAccountOf is an account that a script was made for from a snapshot.
func fakeAccountOf(t *testing.T, s *model.Snapshot, steps []fix.Step) *fakeAccount {
	t.Helper()
	if testing.Short() {
		t.Skip("a script starts dozens of processes")
	}
	for _, tool := range []string{"bash", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	p := &fix.Plan{
		ID: "what-if/prod/web", Title: "Try", Account: Account, Region: Region, Service: s.Services[0].Ref(), Steps: steps,
	}
	text, err := dialect.Text(p, rule.Analyze(s), dialect.CLIScript)
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeAccount{dir: t.TempDir(), script: text}
	f.put(t, "bin/aws", fakeAWS)
	f.put(t, "block.json", fakeBlock)
	f.put(t, "present", "")
	f.put(t, "raw", "")
	f.put(t, "interfaces", "eni-1 eni-2 eni-3")
	f.put(t, "skeleton.json", `{"serviceConnectConfiguration":{"containerConfigurations":[]}}`)
	if err := os.Chmod(filepath.Join(f.dir, "bin/aws"), 0o700); err != nil { //nolint:gosec // it is to be run
		t.Fatal(err)
	}
	return f
}

func (f *fakeAccount) put(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(f.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (f *fakeAccount) remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(f.dir, name)); err != nil {
		t.Fatal(err)
	}
}

// run runs the script; calls are the first words of those that change something.
func (f *fakeAccount) run(t *testing.T, argument string, environment ...string) (calls, output string, ok bool) {
	t.Helper()
	f.put(t, "log", "")
	cmd := exec.CommandContext(t.Context(), "bash", "-s", argument)
	cmd.Dir = f.dir
	cmd.Env = append([]string{"PATH=" + filepath.Join(f.dir, "bin") + ":" + os.Getenv("PATH"), "FAKE=" + f.dir},
		environment...)
	cmd.Stdin = strings.NewReader(f.script)
	out, err := cmd.CombinedOutput()
	log := read(t, filepath.Join(f.dir, "log"))
	var all []string
	for line := range strings.Lines(log) {
		call := strings.Fields(line + " -")[1]
		_, id, byID := strings.Cut(line, "--security-group-rule-ids ")
		switch {
		case strings.Contains(line, "--generate-cli-skeleton"), !strings.HasPrefix(call, "authorize") &&
			!strings.HasPrefix(call, "revoke") && call != "update-service":
		case byID:
			all = append(all, call+" "+strings.Fields(id)[0])
		case strings.Contains(line, "--force-new-deployment"):
			all = append(all, "force-new-deployment")
		default:
			all = append(all, call)
		}
	}
	return strings.Join(all, ", "), string(out), err == nil
}

// expect runs the script and compares what it calls and says.
func (f *fakeAccount) expect(t *testing.T, argument, calls, says string, works bool, environment ...string) {
	t.Helper()
	got, output, ok := f.run(t, argument, environment...)
	if got != calls || !strings.Contains(output, says) || ok != works {
		t.Errorf("%s calls %q, want %q; works: %t, want %t; says (want %q)\n%s", argument, got, calls, ok, works, says,
			output)
	}
}

// admit is a step that adds a rule for a port.
func admit(port int) fix.Step {
	_, p := everything("web")
	step := p.Steps[1]
	rule := *step.Rule
	rule.FromPort, rule.ToPort = port, port
	step.Group, step.Rule = "sg-a", &rule
	return step
}

func setOverride() fix.Step {
	return fix.Step{
		Kind: fix.UpdateService, Title: "Move the agent",
		Edits: []fix.Edit{{Kind: fix.EditOverride, PortName: "app", Port: 10080}},
	}
}

// What the script refuses, it refuses before it writes anything.
func TestTheScriptRefusesBeforeItWrites(t *testing.T) {
	t.Parallel()
	const another = `{"enabled":true,"namespace":"another","services":[{"portName":"app"}]}`
	for _, c := range []struct {
		name, argument, says string
		files                map[string]string
		edit                 []string
	}{
		{"an unknown argument", "destroy", "unknown argument destroy", nil, nil},
		{
			"another account", "apply", "these credentials are for account 123456789012, the plan is for 999999999999", nil,
			[]string{"account=123456789012", "account=999999999999"},
		},
		{
			"no such service", "apply", "there is no service web in cluster prod of ap-northeast-1",
			map[string]string{"missing": ""},
			nil,
		},
		{
			"another entry", "apply", "entry 0 of the Service Connect block is not app",
			map[string]string{"block.json": `{"services":[{"portName":"other"}]}`},
			nil,
		},
		{
			"another name", "apply", "entry 0 of the Service Connect block is not app",
			map[string]string{"block.json": `{"services":[{"portName":"app","discoveryName":"b"}]}`},
			nil,
		},
		{"another override", "apply", "entry 0 of the Service Connect block is not app as it was when the plan was made, " +
			"nor as it is to be: plan again", map[string]string{
			"block.json": `{"services":[{"portName":"app","discoveryName":"app","ingressPortOverride":9999}]}`,
		}, nil},
		{
			"no block", "apply", "entry 0 of the Service Connect block is not app",
			map[string]string{"block.json": "null"},
			nil,
		},
		{
			"a deployment in progress", "apply", "a deployment of web is in progress",
			map[string]string{"in-progress": ""},
			nil,
		},
		{"an older block that is kept", "apply", "is not the block as it is now", map[string]string{"BEFORE": another}, nil},
		{
			"what another program changed", "rollback", "is not the one that this script sent",
			map[string]string{"BEFORE": another},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFakeAccount(t, admit(1), setOverride())
			for name, text := range c.files {
				if name == "BEFORE" {
					_, rest, _ := strings.Cut(f.script, "\nbefore=")
					name, _, _ = strings.Cut(rest, " ")
				}
				f.put(t, name, text)
			}
			if c.edit != nil {
				f.script = strings.Replace(f.script, c.edit[0], c.edit[1], 1)
			}
			f.expect(t, c.argument, "", c.says, false)
		})
	}
}

func TestTheScriptStopsWhereARuleIsRefused(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, admit(1), admit(2), setOverride())
	f.put(t, "refuse", `"FromPort":2`)
	f.expect(t, "apply", "authorize-security-group-ingress, authorize-security-group-ingress",
		"the rule was not added to sg-a, and nothing behind it was done", false)
	f.expect(t, "rollback", "revoke-security-group-ingress sgr-1", "web is as it was", true)
	f.expect(t, "rollback", "", "web is as it was", true)
}

func TestTheScriptNoticesADeploymentThatWasRolledBack(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, admit(1), setOverride())
	f.put(t, "rolls-back", "")
	f.expect(t, "apply", "authorize-security-group-ingress, update-service",
		"the deployment was rolled back, or another program changed it", false)
	f.expect(t, "rollback", "revoke-security-group-ingress sgr-1", "the Service Connect block of web is as it was", true)
}

func TestTheScriptSaysThatTheRolloutTakesLong(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, setOverride())
	f.put(t, "unstable", "")
	f.expect(t, "apply", "update-service", "web is not stable yet", false)
	f.put(t, "in-progress", "")
	f.expect(t, "apply", "", "web is not stable yet", false)
	f.remove(t, "unstable")
	f.expect(t, "apply", "", "waiting until the deployment of web is stable", true)
	f.expect(t, "apply", "", "the Service Connect block of web is as the plan wants it", true)
	f.put(t, "in-progress", "")
	f.put(t, "unstable", "")
	f.expect(t, "rollback", "update-service", "web is not stable yet", false)
	f.expect(t, "rollback", "", "web is not stable yet", false)
	f.remove(t, "unstable")
	f.expect(t, "rollback", "", "web is as it was", true)
}

// A rule that was there before is not the script's to remove.
func TestTheScriptLeavesWhatItDidNotAdd(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, admit(1), admit(2))
	calls, _, _ := f.run(t, "apply")
	if calls != "authorize-security-group-ingress, authorize-security-group-ingress" {
		t.Fatal(calls)
	}
	kept, _ := filepath.Glob(filepath.Join(f.dir, "hopscope-*-rules.tsv"))
	if len(kept) != 1 {
		t.Fatalf("the rules are kept in %v", kept)
	}
	f.remove(t, filepath.Base(kept[0]))
	f.expect(t, "apply", "authorize-security-group-ingress, authorize-security-group-ingress",
		"sg-a has the rule already", true)
	f.expect(t, "rollback", "", "web is as it was", true)
}

func TestTheScriptWaitsForWhatIsDoneByHand(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, fix.Step{Kind: fix.ByHand, Title: "Open the ACL"}, admit(1),
		fix.Step{Kind: fix.ByHand, Title: "Tell the others"})
	f.expect(t, "apply", "", "do step 1 first: Open the ACL. Then run this again with BY_HAND_DONE='1'", false)
	f.expect(t, "apply", "authorize-security-group-ingress", "By hand: Tell the others", true, "BY_HAND_DONE=1")
}

// An entry that is gone is not taken for the one behind it.
func TestTheScriptRemovesAnEndpointOnce(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, fix.Step{
		Kind: fix.UpdateService, Title: "Remove",
		Edits: []fix.Edit{{Kind: fix.EditRemoveEndpoint, PortName: "app"}},
	})
	f.expect(t, "apply", "update-service", "", true)
	f.expect(t, "apply", "", "the Service Connect block of web is as the plan wants it", true)
	all, _ := filepath.Glob(filepath.Join(f.dir, "hopscope-*-before.json"))
	if len(all) != 1 {
		t.Fatalf("the block is kept in %v", all)
	}
	f.remove(t, filepath.Base(all[0]))
	f.expect(t, "apply", "", "entry 0 of the Service Connect block is not app", false)
}

func TestTheScriptDeploysAgain(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, fix.Step{Kind: fix.UpdateService, Title: "Deploy", ForceNewDeployment: true})
	f.expect(t, "apply", "force-new-deployment", "Done.", true)
	if !strings.Contains(f.script, "each time makes a deployment") {
		t.Error("the script does not say that it deploys each time")
	}
}

// What was shut out is let in again before the agent goes back to where it was needed.
func TestARollbackLetsInAgainFirst(t *testing.T) {
	t.Parallel()
	later := admit(80)
	later.Kind, later.Later = fix.RevokeIngress, true
	f := newFakeAccount(t, admit(1), setOverride(), later)
	f.expect(t, "later", "", "the plan was not carried out", false)
	f.expect(t, "apply", "authorize-security-group-ingress, update-service",
		"For later, when all is well (argument: later): 1 more", true)
	f.expect(t, "later", "revoke-security-group-ingress", "Done.", true)
	f.expect(t, "rollback", "authorize-security-group-ingress, update-service, revoke-security-group-ingress sgr-1",
		"web is as it was", true)
}

func TestAnOldAWSCLIIsWarnedOf(t *testing.T) {
	t.Parallel()
	f := newFakeAccount(t, setOverride())
	f.put(t, "raw", "b'{\"containerConfigurations\":[]}'")
	if _, output, ok := f.run(t, "apply"); !ok || strings.Contains(output, "WARNING") {
		t.Errorf("a new AWS CLI is warned of: %s", output)
	}
	f = newFakeAccount(t, admit(1), setOverride())
	f.put(t, "skeleton.json", `{"serviceConnectConfiguration":{"services":[]}}`)
	f.put(t, "raw", "b'{\"containerConfigurations\":[]}'")
	f.expect(t, "apply", "", "the block of web has containerConfigurations, which aws-cli/1.2.3 would drop", false)
	f.put(t, "raw", "b'{}'")
	f.expect(t, "apply", "authorize-security-group-ingress, update-service",
		"WARNING: aws-cli/1.2.3 does not know every member", true)
}
