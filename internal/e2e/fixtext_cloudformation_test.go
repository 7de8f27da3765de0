package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"go.yaml.in/yaml/v3"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
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
		text, err := dialect.Text(p, rule.Analyze(snapshot), dialect.CloudFormationYAML)
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
		text, err := dialect.Text(p, rule.Analyze(snapshot), dialect.CloudFormationYAML)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, strings.NewReplacer("/", "-", ":", "-").Replace(p.ID)+".yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, file)
	})
	out, err := exec.CommandContext(t.Context(), lint, arguments...).CombinedOutput()
	if err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}
