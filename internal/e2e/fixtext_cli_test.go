package e2e

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"hopscope/aws/simulator"
	"hopscope/internal/thorough"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

// operator runs the script of a plan by bash, with the real AWS CLI, against a world
// on a loopback port.
type operator struct {
	*simulator.Simulator
	snapshot *model.Snapshot
	plan     *fix.Plan
	dir, url string
	// env is what else is in the environment of the script.
	env []string
}

func newOperator(t *testing.T, world, plan string) *operator {
	t.Helper()
	w, err := simulator.Load(world)
	if err != nil {
		t.Fatal(err)
	}
	return operatorIn(t, w, plan)
}

// operatorIn runs the script of a plan in a world of its own.
func operatorIn(t *testing.T, w *simulator.World, plan string) *operator {
	t.Helper()
	needTools(t)
	o := &operator{Simulator: simulator.New(w, simulator.Options{RolloutTime: 1}), dir: t.TempDir()}
	server := httptest.NewServer(o.Simulator)
	t.Cleanup(server.Close)
	o.url = server.URL
	o.snapshot = readAll(t, o.Simulator)
	plans, err := planner.Plans(rule.Analyze(o.snapshot))
	if err != nil {
		t.Fatal(err)
	}
	o.plan = planOf(t, plans, plan)
	o.write(t)
	return o
}

// write writes the script of the plan.
func (o *operator) write(t *testing.T) {
	t.Helper()
	o.writeAs(t, dialect.CLIScript)
}

// writeAs writes the plan to the file that is run.
func (o *operator) writeAs(t *testing.T, d dialect.Dialect) {
	t.Helper()
	text, err := dialect.Text(o.plan, rule.Analyze(o.snapshot), d)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.dir, "fix.sh"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func needTools(t *testing.T) {
	t.Helper()
	for _, tool := range []struct{ name, message string }{
		{"bash", "bash is not installed"}, {"aws", "the aws CLI is not installed"}, {"jq", "jq is not installed"},
	} {
		if _, err := exec.LookPath(tool.name); err != nil {
			t.Skip(tool.message)
		}
	}
	if testing.Short() {
		t.Skip("the aws CLI takes a second for each call")
	}
}

// run runs the script and returns the mutating calls that it made, its output and
// whether it succeeded.
func (o *operator) run(t *testing.T, arguments ...string) (writes []string, output string, ok bool) {
	t.Helper()
	before := len(o.Calls())
	nowhere := filepath.Join(o.dir, "none")
	cmd := exec.CommandContext(t.Context(), "bash", append([]string{"fix.sh"}, arguments...)...)
	cmd.Dir = o.dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "AWS_ENDPOINT_URL=" + o.url,
		"AWS_CONFIG_FILE=" + nowhere, "AWS_SHARED_CREDENTIALS_FILE=" + nowhere, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_MAX_ATTEMPTS=1", "NO_PROXY=127.0.0.1",
	}
	cmd.Env = append(cmd.Env, o.env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	for _, call := range o.Calls()[before:] {
		if call.Mutating {
			writes = append(writes, strings.TrimSpace(call.Action+" "+call.Error))
		}
	}
	return writes, out.String(), err == nil
}

// must runs the script, which has to succeed.
func (o *operator) must(t *testing.T, arguments ...string) []string {
	t.Helper()
	writes, output, ok := o.run(t, arguments...)
	if !ok {
		t.Fatalf("fix.sh %v fails: %s", arguments, output)
	}
	return writes
}

// block is the Service Connect block of the service as the world has it.
func (o *operator) block(t *testing.T) string {
	t.Helper()
	return blockOf(t, o.Simulator, o.plan.Service)
}

// blockOf reads the block of a service's primary deployment, byte for byte.
func blockOf(t *testing.T, s *simulator.Simulator, ref model.Ref) string {
	t.Helper()
	account := testAccount{t, s}
	data := account.ask("DescribeServices", `{"cluster":"`+ref.Cluster+`","services":["`+ref.Service+`"]}`)
	return gjson.Get(data, `services.0.deployments.#(status=="PRIMARY").serviceConnectConfiguration`).Raw
}

// rules are the rules of all groups, in an order of their own.
func (o *operator) rules(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, g := range readAll(t, o.Simulator).SecurityGroups {
		for side, rules := range map[string][]model.SecurityGroupRule{"from": g.Ingress, "to": g.Egress} {
			for i := range rules {
				out[g.ID] = append(out[g.ID], rules[i].Ports()+" "+side+" "+rules[i].Peer()+" "+rules[i].Description)
			}
		}
		slices.Sort(out[g.ID])
	}
	return out
}

func canonical(t *testing.T, block string) string {
	t.Helper()
	var b bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "jq", "-S", "-c", ".")
	cmd.Stdin, cmd.Stdout = strings.NewReader(block), &b
	if err := cmd.Run(); err != nil {
		t.Fatalf("jq does not read %s: %v", block, err)
	}
	return b.String()
}

// The script does what the plan says, in its order, once; what is left over later;
// and a rollback undoes all of it. The AWS CLI writes a block in an order of its own,
// so that it is its content that is compared.
func TestTheScriptOfTheArticleRepairsIt(t *testing.T) {
	t.Parallel()
	o := newOperator(t, "article", "set-ingress-port-override")
	block, rules := o.block(t), o.rules(t)
	same := func(act, want string, got []string) {
		t.Helper()
		if joined := strings.Join(got, ", "); joined != want {
			t.Errorf("%s: the script wrote %q, want %q", act, joined, want)
		}
	}

	same("later comes first", "", func() []string {
		writes, output, ok := o.run(t, "later")
		if ok || !strings.Contains(output, "was not carried out") {
			t.Errorf("later is carried out before the plan: %s", output)
		}
		return writes
	}())
	same("apply", "ec2:AuthorizeSecurityGroupIngress, ecs:UpdateService", o.must(t))
	report := rule.Analyze(readAll(t, o.Simulator))
	for _, f := range report.Findings {
		if f.Code == "HOP101" || f.Severity == rule.Error {
			t.Errorf("after the script there is %s: %s", f.Code, f.Title())
		}
	}
	if unmet := o.plan.Unmet(rule.Analyze(readAll(t, o.Simulator))); len(unmet) > 0 {
		t.Errorf("not met: %+v", unmet)
	}
	if thorough.On() { // a run takes the AWS CLI seconds
		same("apply again", "ec2:AuthorizeSecurityGroupIngress InvalidPermission.Duplicate", o.must(t, "apply"))
	}
	same("later", "ec2:RevokeSecurityGroupIngress", o.must(t, "later"))
	if unmet := o.plan.Unmet(rule.Analyze(readAll(t, o.Simulator))); len(unmet) > 0 {
		t.Errorf("not met when all is tidied up: %+v", unmet)
	}
	same("rollback", "ec2:AuthorizeSecurityGroupIngress, ecs:UpdateService, ec2:RevokeSecurityGroupIngress",
		o.must(t, "rollback"))
	if diff := cmp.Diff(canonical(t, block), canonical(t, o.block(t))); diff != "" {
		t.Errorf("the block is not as it was:\n%s", diff)
	}
	if diff := cmp.Diff(rules, o.rules(t)); diff != "" {
		t.Errorf("the rules are not as they were:\n%s", diff)
	}
	if thorough.On() {
		same("rollback again", "", o.must(t, "rollback"))
	}
}

// Every plan of the shop that can be applied at all can be applied by its script: the
// first one, or all.
func TestTheScriptsOfTheShopRepairIt(t *testing.T) {
	t.Parallel()
	needTools(t)
	_, plans := plansOf(t, "shop")
	tried := 0
	takenBack := map[fix.Kind]bool{}
	for i := range plans {
		if !plans[i].Appliable() || tried > 0 && !thorough.On() {
			continue
		}
		tried++
		takeBack := !takenBack[plans[i].Kind] // one of each kind: a call takes a second
		takenBack[plans[i].Kind] = true
		t.Run(strings.ReplaceAll(plans[i].ID, "/", " "), func(t *testing.T) {
			t.Parallel()
			o := newOperator(t, "shop", plans[i].ID)
			block, rules := o.block(t), o.rules(t)
			o.must(t)
			repaired(t, o.Simulator, o.snapshot, o.plan)
			if !takeBack {
				return
			}
			o.must(t, "rollback")
			if diff := cmp.Diff(canonical(t, block), canonical(t, o.block(t))); diff != "" {
				t.Errorf("the block is not as it was:\n%s", diff)
			}
			if diff := cmp.Diff(rules, o.rules(t)); diff != "" {
				t.Errorf("the rules are not as they were:\n%s", diff)
			}
		})
	}
	if tried == 0 {
		t.Error("the shop has no plan that can be applied")
	}
}

// Whatever becomes of the script, the shell that it was pasted into goes on, with the
// options that it had.
func TestTheScriptLeavesTheShellAlone(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	s, plans := plansOf(t, "article")
	text, err := dialect.Text(planOf(t, plans, "set-ingress-port-override"), rule.Analyze(s), dialect.CLIScript)
	if err != nil {
		t.Fatal(err)
	}
	_, inner, _ := strings.Cut(text, "\n")
	inner = strings.TrimSuffix(inner, "END_OF_HOPSCOPE\n")
	for name, script := range map[string]string{"the text": text, "what it holds": inner} {
		cmd := exec.CommandContext(t.Context(), bash, "-n")
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("bash -n does not take %s: %v %s", name, err, out)
		}
	}
	// Without aws and jq it ends at once, which set -e and exit make of it.
	empty := t.TempDir()
	if err := os.Symlink(bash, filepath.Join(empty, "bash")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), bash)
	cmd.Dir, cmd.Env = empty, []string{"PATH=" + empty}
	cmd.Stdin = strings.NewReader("set +e\n" + text + "\necho \"alive $? $-\"\n")
	out, _ := cmd.CombinedOutput()
	if !strings.Contains(string(out), "aws is not installed") || !strings.Contains(string(out), "alive 1") ||
		strings.Contains(string(out), "alive 1 e") {
		t.Errorf("the shell says %s", out)
	}
	if files, err := os.ReadDir(empty); err != nil || len(files) != 1 {
		t.Errorf("files are left: %v %v", files, err)
	}
}

// sdkOf is how the SDK reaches a world.
func sdkOf(s *simulator.Simulator) awssdk.Config {
	return awssdk.Config{
		Region: "ap-northeast-1", HTTPClient: &http.Client{Transport: s},
		Credentials: credentials.NewStaticCredentialsProvider("AKIAFAKE", "fake", ""),
	}
}

// The commands alone do what the script does, where all is as the plan expects it; where
// the block is another one they send nothing.
func TestTheCommandsOfAPlanRepairTheWorld(t *testing.T) {
	t.Parallel()
	for i, c := range []struct{ world, plan string }{
		{"article", "set-ingress-port-override"}, {"article", "set-per-request-timeout"}, {"shop", "open-port/shop/orders"},
	} {
		if i%thorough.Step(3) != 0 {
			continue
		}
		o := newOperator(t, c.world, c.plan)
		o.asCommands(t)
		o.must(t)
		repaired(t, o.Simulator, o.snapshot, o.plan)
	}
}

// What fails ends the chain, and the block that an undo needs is never written over.
func TestTheCommandsStopAtWhatFails(t *testing.T) {
	thorough.Need(t)
	t.Parallel()
	o := newOperator(t, "article", "set-ingress-port-override")
	o.asCommands(t)
	o.SetFaults(simulator.Faults{Fail: []simulator.Failure{
		{Action: "ec2:AuthorizeSecurityGroupIngress", With: simulator.AccessDenied},
	}})
	if writes, output, ok := o.run(t); ok || len(writes) != 1 {
		t.Errorf("without leave to open the group the commands made %q: %s", writes, output)
	}
	o.SetFaults(simulator.Faults{})
	o.must(t)
	before := o.kept(t)
	if writes, output, ok := o.run(t); ok || len(writes) > 0 || !strings.Contains(output, "is not the one") {
		t.Errorf("pasted again, the commands made %q: %s", writes, output)
	}
	if diff := cmp.Diff(before, o.kept(t)); diff != "" {
		t.Errorf("the block to go back to was written over:\n%s", diff)
	}
	o.plan.Steps = slices.DeleteFunc(o.plan.Steps, func(s fix.Step) bool { return s.ChangesGroup() })
	for i := range o.plan.Steps {
		for j := range o.plan.Steps[i].Edits {
			o.plan.Steps[i].Edits[j].Port = 10081
		}
	}
	o.asCommands(t)
	if writes, output, ok := o.run(t); ok || len(writes) > 0 || !strings.Contains(output, "is not the one") {
		t.Errorf("the commands of an old plan made %q: %s", writes, output)
	}
}

// An AWS CLI that does not know a member of the block would drop it: the commands refuse
// to send the block then.
func TestTheCommandsRefuseAnOldCLI(t *testing.T) {
	t.Parallel()
	o := newOperator(t, "article", "set-ingress-port-override")
	skeleton, err := exec.CommandContext(t.Context(), "aws", "ecs", "update-service", "--generate-cli-skeleton", "input").
		Output()
	if err != nil || strings.Contains(string(skeleton), "containerConfigurations") {
		t.Skip("this AWS CLI knows every member")
	}
	block := strings.TrimSuffix(strings.TrimSpace(o.block(t)), "}") + `,"containerConfigurations":[{"logLevel":"debug"}]}`
	account := testAccount{t, o.Simulator}
	account.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app",`+
		`"serviceConnectConfiguration":`+block+`}`)
	o.asCommands(t)
	if writes, output, ok := o.run(t); ok || len(writes) > 0 || !strings.Contains(output, "Update the AWS CLI first") {
		t.Errorf("the commands made %q: %s", writes, output)
	}
}

// kept is the block that an undo needs, as the commands saved it.
func (o *operator) kept(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(o.dir, "*-before.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// asCommands writes the plan as commands, not as a script.
func (o *operator) asCommands(t *testing.T) {
	t.Helper()
	o.writeAs(t, dialect.CLI)
}
