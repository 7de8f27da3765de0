//go:build cdk

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
)

// cdkPackages are what the text is compiled with.
const cdkPackages = `{"private": true, "dependencies": {"aws-cdk-lib": "2.276.0", "constructs": "10.8.1", "typescript": "7.0.2"}}`

// unreachable is what npm says without a network.
var unreachable = regexp.MustCompile(`E(NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|AI_AGAIN|NETUNREACH)|network (request|connectivity)`)

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

// cdkStack embeds the text of a plan in a stack that has such a service.
func cdkStack(name, text string, d *model.TaskDefinition) string {
	var imports, body []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "import ") {
			imports = append(imports, line)
			continue
		}
		if strings.HasPrefix(line, "// const service = new ecs.FargateService(") {
			line = "    const service = new testEcs.FargateService(this, 'Service', { cluster, taskDefinition, serviceConnectConfiguration });\n    void service;\n"
		}
		body = append(body, line)
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
			mappings = append(mappings, fmt.Sprintf("{ name: %s, containerPort: %d%s }", quote(m.Name), m.ContainerPort, protocol))
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

// quote is a string in JavaScript, of a name in the built-in worlds.
func quote(name string) string { return "'" + name + "'" }

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
		text, err := p.Text(snapshot, fix.CDKTypeScript)
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
	write("app.ts", app+"const app = new App({ outdir: 'cdk.out' });\n"+made+"app.synth();\n")

	if out, err := command(t, dir, filepath.Join("node_modules", ".bin", "tsc"), "--strict", "--skipLibCheck", "--noUnusedLocals", "--target", "es2022",
		"--module", "nodenext", "--outDir", "js", "app.ts"); err != nil {
		t.Fatalf("the text does not compile: %v\n%s", err, out)
	}
	if out, err := command(t, dir, "node", filepath.Join("js", "app.js")); err != nil {
		t.Fatalf("the stacks cannot be synthesised: %v\n%s", err, out)
	}
	at := 0
	eachPlan(t, func(t *testing.T, s *simulator.Simulator, _ *model.Snapshot, p *fix.Plan) {
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
		repaired(t, s, p)
	})
}
