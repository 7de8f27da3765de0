package dialect_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"go.yaml.in/yaml/v3"

	"hopscope/internal/shell"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// readsLines asks a reader of the language for the new lines: all that is not a comment
// is of the language, and the rules have the name as their description.
func readsLines(t *testing.T, d dialect.Dialect, text, want string) {
	t.Helper()
	switch d {
	case dialect.CloudFormationYAML:
		var template struct {
			Resources map[string]struct {
				Properties struct {
					Description string `yaml:"Description"`
				} `yaml:"Properties"`
			} `yaml:"Resources"`
		}
		if err := yaml.Unmarshal([]byte(text), &template); err != nil || len(template.Resources) != 7 {
			t.Fatalf("%v, %d resources:\n%s", err, len(template.Resources), text)
		}
		for id, r := range template.Resources {
			if r.Properties.Description != want {
				t.Fatalf("%s has %q, want %q:\n%s", id, r.Properties.Description, want, text)
			}
		}
	case dialect.CopilotPatches:
		var patch []struct {
			Value any `yaml:"value"`
		}
		if err := yaml.Unmarshal([]byte(text), &patch); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if seen := strings.Count(jsonOf(t, patch), jsonOf(t, want)); seen < 8 && want != "" {
			t.Fatalf("the name is there %d times:\n%s", seen, text)
		}
	case dialect.EcspressoJSON:
		if patch := readPatch(t, text); !strings.Contains(jsonOf(t, patch), jsonOf(t, want)) {
			t.Fatalf("the patch does not hold %q:\n%s", want, text)
		}
	case dialect.TerraformHCL:
		file, problems := hclsyntax.ParseConfig([]byte(text), "fix.tf", hcl.InitialPos)
		if problems.HasErrors() || len(file.Body.(*hclsyntax.Body).Blocks) != 7 {
			t.Fatalf("%v\n%s", problems, text)
		}
	case dialect.CDKTypeScript:
		readsTypeScript(t, text, want, 7) // the rules
	case dialect.CLI:
		commandsRun(t, text)
	case dialect.Prose, dialect.CLIScript: // which is asked as a whole
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// commandsRun runs commands with an aws and a jq that do nothing: no name runs anything.
func commandsRun(t *testing.T, text string) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), bash, "-c", "set -eu\naws() { :; }\njq() { :; }\n"+text)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v %s\n%s", err, out, text)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("the commands made %q, %v:\n%s", files, err, text)
	}
}

// The article's change is two lines, and is nearly all of the code that is printed.
func TestTheChangeOfTheArticleIsTwoLines(t *testing.T) {
	s := Article(0, 80)
	all := newLines(t, s, firstPlan(t, s))
	for d, want := range map[dialect.Dialect][]string{
		dialect.CDKTypeScript: {
			"import * as ec2 from 'aws-cdk-lib/aws-ec2';",
			"sampleEcsAppSg.addIngressRule(clientServiceSg, ec2.Port.tcp(10080), " +
				"'hopscope: Service Connect agent of sample-ecs-app');",
			"service.node.addDependency(sampleEcsAppSg);",
			"// +      ingressPortOverride: 10080,",
		},
		dialect.CloudFormationYAML: {
			"# +      - SgSampleEcsAppTcp10080FromSgClientService", "# +            IngressPortOverride: 10080",
		},
		dialect.TerraformHCL: {
			"# +      ingress_port_override = 10080",
			"# +    aws_vpc_security_group_ingress_rule.sg_sample_ecs_app_tcp_10080_from_sg_client_service,",
			"# +        ingress_port_override = 10080",
		},
		dialect.EcspressoJSON: {
			`# +        "ingressPortOverride": 10080,`, "[",
			`  {"op": "test", "path": "/serviceConnectConfiguration/services/0/portName", "value": "app"},`,
			`  {"op": "add", "path": "/serviceConnectConfiguration/services/0/ingressPortOverride", "value": 10080}`, "]",
		},
	} {
		var got []string
		for line := range strings.Lines(all[d]) {
			line = strings.TrimSuffix(line, "\n")
			mark, _, _ := strings.Cut(want[len(want)-1], " ")
			code := d == dialect.CDKTypeScript || d == dialect.EcspressoJSON
			changed := strings.HasPrefix(line, "# +") || strings.HasPrefix(line, "// +") || strings.HasPrefix(line, mark+" -")
			comment := strings.HasPrefix(line, "//") || strings.HasPrefix(line, "#")
			if changed || code && !comment && line != "" {
				got = append(got, line)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the new lines are\n%s\nwant\n%s\nin\n%s", d, strings.Join(got, "\n"), strings.Join(want, "\n"),
				all[d])
		}
	}
	commands := 0
	for line := range strings.Lines(all[dialect.CLI]) {
		if strings.HasPrefix(line, "aws ") {
			commands++
		}
	}
	if commands != 4 {
		t.Errorf("%d commands:\n%s", commands, all[dialect.CLI])
	}
	if strings.Contains(all[dialect.CDKTypeScript], "namespace") {
		t.Errorf("what does not change is there:\n%s", all[dialect.CDKTypeScript])
	}
}

// A template names a group of its own stack by its logical id; one of another stack, and
// one whose tags are no logical id, by its id.
func TestATemplateNamesGroupsByTheirLogicalIDs(t *testing.T) {
	s := Article(0, 80)
	tags := func(stack, id string) map[string]string {
		return map[string]string{"aws:cloudformation:stack-name": stack, "aws:cloudformation:logical-id": id}
	}
	groups := map[string]*model.SecurityGroup{}
	for i := range s.SecurityGroups {
		groups[s.SecurityGroups[i].ID] = &s.SecurityGroups[i]
	}
	for i := range s.Services {
		if s.Services[i].Name == "sample-ecs-app" {
			s.Services[i].Tags = tags("shop", "Backend")
		}
	}
	groups["sg-sample-ecs-app"].Tags = tags("shop", "AppSg")
	for stack, want := range map[string]string{
		"shop": "SourceSecurityGroupId: !GetAtt ClientSg.GroupId", "net": "SourceSecurityGroupId: sg-client-service",
	} {
		groups["sg-client-service"].Tags = tags(stack, "ClientSg")
		for _, text := range []string{
			newLines(t, s, firstPlan(t, s))[dialect.CloudFormationYAML],
			texts(t, s, firstPlan(t, s))[dialect.CloudFormationYAML],
		} {
			if !strings.Contains(text, "GroupId: !GetAtt AppSg.GroupId") || !strings.Contains(text, want) {
				t.Errorf("it does not say %q:\n%s", want, text)
			}
		}
	}
	groups["sg-client-service"].Tags = tags("shop", "A.B\n  Evil: x")
	text := newLines(t, s, firstPlan(t, s))[dialect.CloudFormationYAML]
	if !strings.Contains(text, "SourceSecurityGroupId: sg-client-service") || strings.Contains(text, "Evil") {
		t.Errorf("a tag is taken for a logical id:\n%s", text)
	}
}

// Several plans are one document: its resources stand under one key, none twice.
func TestSeveralPlansAreOneDocument(t *testing.T) {
	s := readShop(t)
	plans := plansOf(t, s)
	var all []*fix.Plan
	for i := range plans {
		all = append(all, &plans[i], &plans[i])
	}
	for _, whole := range []bool{false, true} {
		text, errs := dialect.Document(all, rule.Analyze(s), dialect.CloudFormationYAML, whole)
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		var template struct {
			Resources map[string]yaml.Node `yaml:"Resources"`
		}
		if err := yaml.Unmarshal([]byte(text), &template); err != nil || len(template.Resources) == 0 {
			t.Errorf("%v, %d resources:\n%s", err, len(template.Resources), text)
		}
		if n := strings.Count(text, "\nResources:") + strings.Count(text[:11], "Resources:"); n != 1 {
			t.Errorf("Resources: is there %d times:\n%s", n, text)
		}
		seen := map[string]bool{}
		for id, r := range template.Resources {
			body, err := yaml.Marshal(&r)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(body), "SecurityGroupIngress") && seen[string(body)] {
				t.Errorf("%s is the rule of another resource:\n%s", id, body)
			}
			seen[string(body)] = true
		}
		text, _ = dialect.Document(all, rule.Analyze(s), dialect.CDKTypeScript, whole)
		if n := strings.Count(text, "import * as ec2"); n != 1 {
			t.Errorf("the import is there %d times:\n%s", n, text)
		}
	}
}

// A plan that cannot be written leaves the others.
func TestAPlanThatCannotBeWrittenLeavesTheOthers(t *testing.T) {
	s := Article(0, 80)
	good, bad := firstPlan(t, s), *firstPlan(t, s)
	bad.Service.Service = "another"
	text, errs := dialect.Document([]*fix.Plan{&bad, good}, rule.Analyze(s), dialect.CLI, false)
	if errs[0] == nil || errs[1] != nil || !strings.Contains(text, "update-service") {
		t.Errorf("%v:\n%s", errs, text)
	}
}

// readPatch is the JSON patch in a text for ecspresso.
func readPatch(t *testing.T, text string) []map[string]any {
	t.Helper()
	_, rest, found := strings.Cut("\n"+text, "\n[\n")
	body, _, ends := strings.Cut(rest, "\n]\n")
	if !found || !ends {
		t.Fatalf("there is no patch:\n%s", text)
	}
	var out []map[string]any
	if err := json.Unmarshal([]byte("["+body+"]"), &out); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}

// applyOp carries one operation of a JSON patch out.
func applyOp(t *testing.T, doc any, op map[string]any) any {
	t.Helper()
	parts := strings.Split(strings.TrimPrefix(op["path"].(string), "/"), "/")
	at := doc
	for _, part := range parts[:len(parts)-1] {
		switch in := at.(type) {
		case map[string]any:
			at = in[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(in) {
				t.Fatalf("%v leads to nothing", op)
			}
			at = in[i]
		}
	}
	last := parts[len(parts)-1]
	switch in := at.(type) {
	case map[string]any:
		value, there := in[last]
		if op["op"] == "test" {
			if !reflect.DeepEqual(value, op["value"]) {
				t.Fatalf("%v finds %v", op, value)
			}
			return doc
		}
		if op["op"] == "remove" && !there {
			t.Fatalf("%v removes what is not there", op)
		}
		delete(in, last)
		if op["op"] == "add" {
			in[last] = op["value"]
		}
	case []any: // an entry: its list is a member of what is above
		i, err := strconv.Atoi(last)
		if err != nil || i >= len(in) || op["op"] != "remove" {
			t.Fatalf("%v", op)
		}
		sc := doc.(map[string]any)["serviceConnectConfiguration"].(map[string]any)
		sc["services"] = slices.Delete(in, i, i+1)
	default:
		t.Fatalf("%v leads to nothing", op)
	}
	return doc
}

// The JSON patch does what [fix.Patch] does.
func TestTheJSONPatchEditsABlockAsPatchDoes(t *testing.T) {
	s, p := everything("web")
	sc := s.Services[slices.IndexFunc(s.Services, func(x model.Service) bool { return x.Name == "web" })].
		Primary().ServiceConnect
	entry := func(e model.ServiceConnectService) map[string]any {
		out := map[string]any{"portName": e.PortName, "unknown": 1.0}
		if e.IngressPortOverride != 0 {
			out["ingressPortOverride"] = e.IngressPortOverride
		}
		if e.Timeout != nil {
			timeout := map[string]any{}
			if e.Timeout.IdleSeconds != nil {
				timeout["idleTimeoutSeconds"] = *e.Timeout.IdleSeconds
			}
			if e.Timeout.PerRequestSeconds != nil {
				timeout["perRequestTimeoutSeconds"] = *e.Timeout.PerRequestSeconds
			}
			out["timeout"] = timeout
		}
		if e.TLS != nil {
			out["tls"] = map[string]any{
				"roleArn": "r", "issuerCertificateAuthority": map[string]any{"awsPcaAuthorityArn": e.TLS.IssuerARN},
			}
		}
		return out
	}
	var services []any
	for _, e := range sc.Services {
		services = append(services, entry(e))
	}
	block := jsonOf(t, map[string]any{"enabled": true, "services": services})
	patched, err := fix.Patch([]byte(block), p.Edits())
	if err != nil {
		t.Fatal(err)
	}
	var want, doc any
	if err := json.Unmarshal(patched, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"serviceConnectConfiguration": `+block+`}`), &doc); err != nil {
		t.Fatal(err)
	}
	text := newLines(t, s, p)[dialect.EcspressoJSON]
	for _, op := range readPatch(t, text) {
		doc = applyOp(t, doc, op)
	}
	if got := doc.(map[string]any)["serviceConnectConfiguration"]; !reflect.DeepEqual(got, want) {
		t.Errorf("the patch makes\n%s\nPatch makes\n%s\n%s", jsonOf(t, got), patched, text)
	}
}

// The commands of a plan that is refused, and those for later, are comments.
func TestCommandsThatAreNotToBeRunAreComments(t *testing.T) {
	s, p := everything("web")
	p.Refusal = &fix.Refusal{Reason: "the group is another account's", Instead: "ask them"}
	for line := range strings.Lines(newLines(t, s, p)[dialect.CLI]) {
		if !strings.HasPrefix(line, "#") {
			t.Errorf("a refused plan has the command %s", line)
		}
	}
	p.Refusal = nil
	text := newLines(t, s, p)[dialect.CLI]
	for _, want := range []string{
		"\n#      echo web\n", "\n#      " + shell.Line("aws", "ec2", "revoke-security-group-ingress"),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\naws ec2 revoke") {
		t.Errorf("what is for later is done at once:\n%s", text)
	}
}
