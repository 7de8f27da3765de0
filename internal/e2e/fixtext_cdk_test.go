//go:build cdk

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/rule"
)

// cdkPackages are what the text is compiled with.
const cdkPackages = `{"private": true, "dependencies": {"aws-cdk-lib": "2.276.0", ` +
	`"constructs": "10.8.1", "typescript": "7.0.2"}}`

// unreachable is what npm says without a network.
var unreachable = regexp.MustCompile(`E(NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|AI_AGAIN|NETUNREACH)|` +
	`network (request|connectivity)`)

// installCDK is a directory with the CDK and the compiler; it stays from run to run.
func installCDK(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"npm", "node"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "hopscope-cdk")
	file := filepath.Join(dir, "package.json")
	if have, err := os.ReadFile(file); err == nil && string(have) == cdkPackages {
		return dir
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	// The file comes into its place last: it says that the rest is there.
	if err := os.WriteFile(file+".new", []byte(cdkPackages), 0o600); err != nil {
		t.Fatal(err)
	}
	building := filepath.Join(dir, "build")
	if err := os.MkdirAll(building, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(building, "package.json"), []byte(cdkPackages), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := command(t, building, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1")
	switch {
	case err != nil && unreachable.MatchString(out):
		t.Skipf("npm's registry cannot be reached: %s", out)
	case err != nil:
		t.Fatalf("npm install: %v\n%s", err, out)
	}
	modules := filepath.Join(dir, "node_modules")
	if err := os.RemoveAll(modules); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(building, "node_modules"), modules); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
	return dir
}

func command(t *testing.T, dir, name string, arguments ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, arguments...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// cdkStack embeds the text of a plan in a stack that has such a service. Of the new lines
// the groups are imported as their comments say, and the properties are those of the
// diff.
func cdkStack(name, text string, d *model.TaskDefinition) string {
	var imports, body, properties []string
	made := "    const service = new testEcs.FargateService(this, 'Service', { " +
		"cluster, taskDefinition, serviceConnectConfiguration });\n    void service;\n"
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "import "):
			imports = append(imports, line)
			continue
		case strings.HasPrefix(line, "// const service = new ecs.FargateService("):
			line = made
		case strings.HasPrefix(line, "// const "):
			line = strings.TrimPrefix(line, "// ")
		case strings.HasPrefix(line, "//  serviceConnectConfiguration: {"):
			properties = []string{"const serviceConnectConfiguration = {\n  namespace: 'of-the-stack',\n"}
		case line == "//  },\n" && len(properties) > 0:
			properties = append(properties, "};\n"+made)
			body, properties = append(properties, body...), nil
		case len(properties) > 0 && (strings.HasPrefix(line, "//  ") || strings.HasPrefix(line, "// +")):
			properties = append(properties, line[len("// +"):])
		}
		if len(properties) == 0 {
			body = append(body, line)
		}
	}
	var mappings []string
	for _, c := range d.Containers {
		for _, m := range c.PortMappings {
			if m.Name == "" {
				continue
			}
			protocol := ""
			if m.AppProtocol != "" {
				protocol = ", appProtocol: testEcs.AppProtocol." + m.AppProtocol
			}
			mappings = append(mappings, fmt.Sprintf("{ name: %s, containerPort: %d%s }", quote(m.Name), m.ContainerPort,
				protocol))
		}
	}
	return strings.Join(imports, "") + `
import { App, Stack } from 'aws-cdk-lib';
import * as testEc2 from 'aws-cdk-lib/aws-ec2';
import * as testEcs from 'aws-cdk-lib/aws-ecs';

export class ` + name + ` extends Stack {
  constructor(app: App) {
    super(app, '` + name + `');
    const cluster = new testEcs.Cluster(this, 'Cluster', { vpc: new testEc2.Vpc(this, 'Vpc', { maxAzs: 1 }) });
    const taskDefinition = new testEcs.FargateTaskDefinition(this, 'TaskDefinition');
    taskDefinition.addContainer('App', {
      image: testEcs.ContainerImage.fromRegistry('example'), portMappings: [` + strings.Join(mappings, ", ") + `],
    });
` + strings.Join(body, "") + `
    void [cluster, taskDefinition];
  }
}
`
}

// quote is a string in JavaScript.
func quote(name string) string {
	text, err := json.Marshal(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// rename gives everything that the plan of the article names another name, and
// returns the task definition with it.
func rename(s *model.Snapshot, p *fix.Plan, name string) *model.TaskDefinition {
	var primary *model.Deployment
	for i := range s.Services {
		if s.Services[i].Ref() == p.Service {
			primary = s.Services[i].Primary()
		}
	}
	sc := primary.ServiceConnect
	sc.Namespace = name
	e := &sc.Services[0]
	e.PortName, e.DiscoveryName = name, name
	e.ClientAliases = []model.ClientAlias{{Port: 80, DNSName: name}, {Port: 81, DNSName: name}}
	p.Why, p.Title = name, name
	for i := range p.Steps {
		step := &p.Steps[i]
		step.Title = name
		if step.Rule != nil {
			step.Rule.Description = name
		}
		for j := range step.Edits {
			step.Edits[j].PortName = name
		}
	}
	d, _ := model.NewIndex(s).TaskDefinition(primary.TaskDefinition)
	d.Containers[0].PortMappings[0].Name = name
	return d
}

// The CDK's own compiler takes the new lines of every plan, in a stack that has such a
// service; the template that comes of them has the rules of the plan, before the
// service, and the entry as the plan wants it.
func TestTheCDKTakesTheNewLines(t *testing.T) {
	installed := installCDK(t)
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(installed, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"package.json": cdkPackages}
	app, made := "import { App } from 'aws-cdk-lib';\n", ""
	var plans []*fix.Plan
	var wholes []string
	eachPlan(t, func(t *testing.T, _ *simulator.Simulator, snapshot *model.Snapshot, p *fix.Plan) {
		t.Helper()
		a := rule.Analyze(snapshot)
		text, err := dialect.Text(p, a, dialect.CDKTypeScript)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := dialect.Whole(p, a, dialect.CloudFormationYAML)
		if err != nil {
			t.Fatal(err)
		}
		ix := model.NewIndex(snapshot)
		d, missing := ix.TaskDefinition(ix.Service(p.Service).Primary().TaskDefinition)
		if missing != nil {
			t.Fatal(missing)
		}
		name := fmt.Sprintf("Lines%d", len(plans))
		plans, wholes = append(plans, p), append(wholes, whole)
		files[name+".ts"] = cdkStack(name, text, d)
		app += fmt.Sprintf("import { %s } from './%s';\n", name, name)
		made += fmt.Sprintf("new %s(app);\n", name)
	})
	files["app.ts"] = app + "const app = new App({ outdir: 'cdk.out' });\n" + made + "app.synth();\n"
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	compileAndSynthesize(t, dir)
	for i, p := range plans {
		name := fmt.Sprintf("Lines%d", i)
		template, err := os.ReadFile(filepath.Join(dir, "cdk.out", name+".template.json"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := readTemplate(string(template))
		if err != nil {
			t.Fatalf("%s: %v", p.ID, err)
		}
		want, err := readTemplate(wholes[i])
		if err != nil {
			t.Fatal(err)
		}
		sameRules(t, p, want, got)
		sameEntries(t, p, want, got)
	}
}

// sameRules fails unless two templates have the same rules, and the service of the
// second waits for them.
func sameRules(t *testing.T, p *fix.Plan, want, got *templateContent) {
	t.Helper()
	texts := func(m *templateContent) []string {
		var out []string
		for name, r := range m.rules {
			if m.connect != nil && !slices.Contains(m.first, name) {
				t.Errorf("%s: the service does not wait for %s", p.ID, name)
			}
			text, err := json.Marshal(r.permission)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, fmt.Sprint(r.egress, r.group, string(text)))
		}
		slices.Sort(out)
		return out
	}
	if diff := cmp.Diff(texts(want), texts(got)); diff != "" {
		t.Errorf("%s: the rules differ:\n%s", p.ID, diff)
	}
}

// sameEntries fails unless each entry of the second template is one of the first.
func sameEntries(t *testing.T, p *fix.Plan, want, got *templateContent) {
	t.Helper()
	if want.connect == nil {
		return
	}
	if got.connect == nil {
		t.Fatalf("%s: there is no block", p.ID)
	}
	var all []string
	for _, e := range want.connect.services {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	for _, e := range got.connect.services {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(all, string(text)) {
			t.Errorf("%s: the entry %s is none of %s", p.ID, text, all)
		}
	}
}

// compileAndSynthesize makes the templates of the app in a directory.
func compileAndSynthesize(t *testing.T, dir string) {
	t.Helper()
	if out, err := command(t, dir, filepath.Join("node_modules", ".bin", "tsc"), "--strict", "--skipLibCheck",
		"--noUnusedLocals", "--target", "es2022",
		"--module", "nodenext", "--outDir", "js", "app.ts"); err != nil {
		t.Fatalf("the text does not compile: %v\n%s", err, out)
	}
	if out, err := command(t, dir, "node", filepath.Join("js", "app.js")); err != nil {
		t.Fatalf("the stacks cannot be synthesised: %v\n%s", err, out)
	}
}

// The CDK's own compiler takes the text of every plan, and the template that comes of
// it leaves the finding gone.
func TestTheCDKOfAPlanRepairsTheWorld(t *testing.T) {
	installed := installCDK(t)
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(installed, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("package.json", cdkPackages)
	app, made := "import { App } from 'aws-cdk-lib';\n", ""
	var names []string
	eachPlan(t, func(t *testing.T, _ *simulator.Simulator, snapshot *model.Snapshot, p *fix.Plan) {
		t.Helper()
		text, err := dialect.Whole(p, rule.Analyze(snapshot), dialect.CDKTypeScript)
		if err != nil {
			t.Fatal(err)
		}
		ix := model.NewIndex(snapshot)
		d, missing := ix.TaskDefinition(ix.Service(p.Service).Primary().TaskDefinition)
		if missing != nil {
			t.Fatal(missing)
		}
		name := fmt.Sprintf("Plan%d", len(names))
		names = append(names, name)
		write(name+".ts", cdkStack(name, text, d))
		app += fmt.Sprintf("import { %s } from './%s';\n", name, name)
		made += fmt.Sprintf("new %s(app);\n", name)
	})
	hostile := map[string]string{}
	for _, name := range []string{
		"it's", "`${process.exit(1)}`", "*/ throw 1 /*", "a\\b", "\"", "${x}", "a\u2028b", "a\nb",
		"\u65e5\u672c", "\U0001f600", "</script>", "\u202e",
	} {
		snapshot, plans := plansOf(t, "article")
		p := planOf(t, plans, "set-ingress-port-override")
		d := rename(snapshot, p, name)
		text, err := dialect.Whole(p, rule.Analyze(snapshot), dialect.CDKTypeScript)
		if err != nil {
			t.Fatal(err)
		}
		stack := fmt.Sprintf("Hostile%d", len(hostile))
		hostile[stack] = name
		write(stack+".ts", cdkStack(stack, text, d))
		app += fmt.Sprintf("import { %s } from './%s';\n", stack, stack)
		made += fmt.Sprintf("new %s(app);\n", stack)
	}
	write("app.ts", app+"const app = new App({ outdir: 'cdk.out' });\n"+made+"app.synth();\n")

	compileAndSynthesize(t, dir)
	for stack, name := range hostile {
		template, err := os.ReadFile(filepath.Join(dir, "cdk.out", stack+".template.json"))
		if err != nil {
			t.Fatal(err)
		}
		m, err := readTemplate(string(template))
		if err != nil {
			t.Fatal(err)
		}
		e := m.connect.services[0]
		got := []string{
			*e.PortName, *e.DiscoveryName, *e.ClientAliases[0].DnsName, *e.ClientAliases[1].DnsName,
			m.connect.namespace,
		}
		for _, r := range m.rules {
			got = append(got, *r.permission.UserIdGroupPairs[0].Description)
		}
		for _, g := range got {
			if g != name {
				t.Errorf("the template has %q, want %q", g, name)
			}
		}
	}
	at := 0
	eachPlan(t, func(t *testing.T, s *simulator.Simulator, snapshot *model.Snapshot, p *fix.Plan) {
		t.Helper()
		template, err := os.ReadFile(filepath.Join(dir, "cdk.out", names[at]+".template.json"))
		at++
		if err != nil {
			t.Fatal(err)
		}
		m, err := readTemplate(string(template))
		if err != nil {
			t.Fatalf("the template cannot be read: %v", err)
		}
		m.carryOut(t, s, p.Service)
		repaired(t, s, snapshot, p)
	})
}
