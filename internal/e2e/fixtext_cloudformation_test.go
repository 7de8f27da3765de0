package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

// cfnTemplate is a template of CloudFormation, in YAML or JSON.
type cfnTemplate struct {
	Resources map[string]struct {
		Type       string    `yaml:"Type"`
		DependsOn  yaml.Node `yaml:"DependsOn"`
		Properties yaml.Node `yaml:"Properties"`
	} `yaml:"Resources"`
}

type cfnRule struct {
	GroupID           string `yaml:"GroupId"`
	Protocol          string `yaml:"IpProtocol"`
	FromPort          *int32 `yaml:"FromPort"`
	ToPort            *int32 `yaml:"ToPort"`
	Source            string `yaml:"SourceSecurityGroupId"`
	SourceOwner       string `yaml:"SourceSecurityGroupOwnerId"`
	Destination       string `yaml:"DestinationSecurityGroupId"`
	SourcePrefixes    string `yaml:"SourcePrefixListId"`
	DestinationPrefix string `yaml:"DestinationPrefixListId"`
	CIDR              string `yaml:"CidrIp"`
	CIDR6             string `yaml:"CidrIpv6"`
	Description       string `yaml:"Description"`
}

type cfnConnect struct {
	Enabled   bool   `yaml:"Enabled"`
	Namespace string `yaml:"Namespace"`
	Services  []struct {
		PortName      string `yaml:"PortName"`
		DiscoveryName string `yaml:"DiscoveryName"`
		ClientAliases []struct {
			Port    int32  `yaml:"Port"`
			DNSName string `yaml:"DnsName"`
		} `yaml:"ClientAliases"`
		IngressPortOverride *int32 `yaml:"IngressPortOverride"`
		Timeout             *struct {
			Idle       *int32 `yaml:"IdleTimeoutSeconds"`
			PerRequest *int32 `yaml:"PerRequestTimeoutSeconds"`
		} `yaml:"Timeout"`
		TLS *struct {
			Issuer struct {
				ARN string `yaml:"AwsPcaAuthorityArn"`
			} `yaml:"IssuerCertificateAuthority"`
		} `yaml:"Tls"`
	} `yaml:"Services"`
}

// strictly decodes a node and refuses members that the type does not have.
func strictly(node *yaml.Node, into any) error {
	data, err := yaml.Marshal(node)
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	return d.Decode(into)
}

// readTemplate reads what a template means. Resources of other types are left out.
func readTemplate(text string) (*templateContent, error) {
	var template cfnTemplate
	if err := yaml.Unmarshal([]byte(text), &template); err != nil {
		return nil, err
	}
	m := &templateContent{rules: map[string]templateRule{}}
	for name, r := range template.Resources {
		switch r.Type {
		case "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress":
			var c cfnRule
			if err := strictly(&r.Properties, &c); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			m.rules[name] = c.content(strings.HasSuffix(r.Type, "Egress"))
		case "AWS::ECS::Service":
			var one string
			if r.DependsOn.Decode(&m.first) != nil && r.DependsOn.Decode(&one) == nil {
				m.first = []string{one}
			}
			var properties struct {
				Connect yaml.Node `yaml:"ServiceConnectConfiguration"`
			}
			if err := r.Properties.Decode(&properties); err != nil {
				return nil, err
			}
			var c cfnConnect
			if err := strictly(&properties.Connect, &c); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			m.connect = c.content()
		}
	}
	return m, nil
}

func (c *cfnRule) content(egress bool) templateRule {
	r := templateRule{egress: egress, group: c.GroupID, permission: ec2types.IpPermission{
		IpProtocol: &c.Protocol,
		FromPort:   c.FromPort, ToPort: c.ToPort,
	}}
	r.peer(c.Source+c.Destination, c.SourceOwner, c.CIDR, c.CIDR6, c.SourcePrefixes+c.DestinationPrefix, c.Description)
	return r
}

func (c *cfnConnect) content() *templateBlock {
	b := &templateBlock{enabled: c.Enabled, namespace: c.Namespace}
	for _, s := range c.Services {
		e := ecstypes.ServiceConnectService{PortName: &s.PortName, IngressPortOverride: s.IngressPortOverride}
		if s.DiscoveryName != "" {
			e.DiscoveryName = &s.DiscoveryName
		}
		for _, a := range s.ClientAliases {
			alias := ecstypes.ServiceConnectClientAlias{Port: &a.Port}
			if a.DNSName != "" {
				alias.DnsName = &a.DNSName
			}
			e.ClientAliases = append(e.ClientAliases, alias)
		}
		if s.Timeout != nil {
			e.Timeout = &ecstypes.TimeoutConfiguration{
				IdleTimeoutSeconds:       s.Timeout.Idle,
				PerRequestTimeoutSeconds: s.Timeout.PerRequest,
			}
		}
		if s.TLS != nil {
			e.Tls = &ecstypes.ServiceConnectTlsConfiguration{
				IssuerCertificateAuthority: &ecstypes.ServiceConnectTlsCertificateAuthority{
					AwsPcaAuthorityArn: awssdk.String(s.TLS.Issuer.ARN),
				},
			}
		}
		b.services = append(b.services, e)
	}
	return b
}

// A template that was deployed leaves the finding gone.
func TestTheCloudFormationOfAPlanRepairsTheWorld(t *testing.T) {
	eachPlan(t, func(t *testing.T, s *simulator.Simulator, snapshot *model.Snapshot, p *fix.Plan) {
		t.Helper()
		text, err := dialect.Whole(p, rule.Analyze(snapshot), dialect.CloudFormationYAML)
		if err != nil {
			t.Fatal(err)
		}
		m, err := readTemplate(text)
		if err != nil {
			t.Fatalf("the template cannot be read: %v\n%s", err, text)
		}
		m.carryOut(t, s, p.Service)
		repaired(t, s, snapshot, p)
	})
}

// cfn-lint knows the schema of every resource.
func TestCfnLintAcceptsTheTemplates(t *testing.T) {
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("cfn-lint is not installed")
	}
	if testing.Short() {
		t.Skip("cfn-lint takes seconds")
	}
	t.Parallel()
	dir := t.TempDir()
	arguments := []string{"--regions", "ap-northeast-1", "--"}
	eachPlan(t, func(t *testing.T, _ *simulator.Simulator, snapshot *model.Snapshot, p *fix.Plan) {
		t.Helper()
		text, err := dialect.Whole(p, rule.Analyze(snapshot), dialect.CloudFormationYAML)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, strings.NewReplacer("/", "-", ":", "-").Replace(p.ID)+".yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, file)
	})
	for name, text := range allPlansAsTemplates(t) {
		file := filepath.Join(dir, name+".yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, file)
	}
	out, err := exec.CommandContext(t.Context(), lint, arguments...).CombinedOutput()
	if err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}

// allPlansAsTemplates are all plans of a world as one template: the new lines, the whole
// blocks, and the lines where the groups are resources of the stack, with these.
func allPlansAsTemplates(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, tagged := range []bool{false, true} {
		s, _ := plansOf(t, "shop")
		groups := ""
		if tagged {
			groups = inOneStack(s)
		}
		plans, err := planner.Plans(rule.Analyze(s))
		if err != nil {
			t.Fatal(err)
		}
		var all []*fix.Plan
		for i := range plans {
			all = append(all, &plans[i])
		}
		for _, whole := range []bool{false, true} {
			text, errs := dialect.Document(all, rule.Analyze(s), dialect.CloudFormationYAML, whole)
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			if tagged != strings.Contains(text, "!GetAtt Group") {
				t.Errorf("no group is named by its logical id:\n%s", text)
			}
			out[fmt.Sprintf("shop-tagged-%t-whole-%t", tagged, whole)] = text + groups
		}
	}
	return out
}

// inOneStack tags all services and groups as those of one stack, and returns the groups
// as resources of its template.
func inOneStack(s *model.Snapshot) string {
	tags := func(id string, n int) map[string]string {
		return map[string]string{
			"aws:cloudformation:stack-name": "shop", "aws:cloudformation:logical-id": fmt.Sprint(id, n),
		}
	}
	for i := range s.Services {
		s.Services[i].Tags = tags("Backend", i)
	}
	var b strings.Builder
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].Tags = tags("Group", i)
		fmt.Fprintf(&b, "  Group%d:\n    Type: AWS::EC2::SecurityGroup\n", i)
		b.WriteString("    Properties:\n      GroupDescription: a group\n")
	}
	return b.String()
}

// The resources among the new lines are those of the whole text.
func TestTheNewResourcesOfAPlanAreThoseOfTheWholeText(t *testing.T) {
	eachPlan(t, func(t *testing.T, _ *simulator.Simulator, snapshot *model.Snapshot, p *fix.Plan) {
		t.Helper()
		a := rule.Analyze(snapshot)
		for d, read := range map[dialect.Dialect]func(string) (*templateContent, error){
			dialect.CloudFormationYAML: readTemplate, dialect.TerraformHCL: readConfiguration,
		} {
			var contents [2]*templateContent
			for i, write := range []func(*fix.Plan, *rule.Analysis, dialect.Dialect) (string, error){
				dialect.Text, dialect.Whole,
			} {
				text, err := write(p, a, d)
				if err != nil {
					t.Fatal(err)
				}
				if contents[i], err = read(text); err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
			}
			if diff := cmp.Diff(contents[1].rules, contents[0].rules, cmp.AllowUnexported(templateRule{}),
				cmpopts.IgnoreUnexported(ec2types.IpPermission{}, ec2types.UserIdGroupPair{}, ec2types.IpRange{},
					ec2types.Ipv6Range{}, ec2types.PrefixListId{})); diff != "" {
				t.Errorf("%s: the rules differ:\n%s", d, diff)
			}
			if contents[0].connect != nil {
				t.Errorf("%s: the new lines hold a whole block", d)
			}
		}
	})
}
