package e2e

import (
	"fmt"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/rule"
)

// tfBlock is a block of HCL whose members are taken out one by one: what is left in
// the end is something that the provider does not know.
type tfBlock struct {
	*hclsyntax.Body
	err error
}

func parseHCL(text string) (*tfBlock, error) {
	file, problems := hclsyntax.ParseConfig([]byte(text), "fix.tf", hcl.InitialPos)
	if problems.HasErrors() {
		return nil, problems
	}
	return &tfBlock{Body: file.Body.(*hclsyntax.Body)}, nil
}

// value evaluates an attribute; cty.NilVal when there is none.
func (b *tfBlock) value(name string) cty.Value {
	a := b.Attributes[name]
	if a == nil {
		return cty.NilVal
	}
	delete(b.Attributes, name)
	v, problems := a.Expr.Value(nil)
	if problems.HasErrors() {
		b.err = problems
		return cty.NilVal
	}
	return v
}

func (b *tfBlock) text(name string) string {
	v := b.value(name)
	if v == cty.NilVal {
		return ""
	}
	if v.Type() != cty.String {
		b.err = fmt.Errorf("%s is not a string", name)
		return ""
	}
	return v.AsString()
}

func (b *tfBlock) number(name string) *int32 {
	v := b.value(name)
	if v == cty.NilVal || v.Type() != cty.Number {
		return nil
	}
	n, _ := v.AsBigFloat().Int64()
	return awssdk.Int32(int32(n))
}

// blocks takes the inner blocks of a type out.
func (b *tfBlock) blocks(kind string) []*tfBlock {
	var out []*tfBlock
	var rest hclsyntax.Blocks
	for _, inner := range b.Blocks {
		if inner.Type == kind {
			out = append(out, &tfBlock{Body: inner.Body})
		} else {
			rest = append(rest, inner)
		}
	}
	b.Blocks = rest
	return out
}

// end is an error if something was not read, or not readable.
func (b *tfBlock) end(where string) error {
	if b.err != nil {
		return fmt.Errorf("%s: %w", where, b.err)
	}
	for name := range b.Attributes {
		return fmt.Errorf("%s has an attribute %s", where, name)
	}
	for _, inner := range b.Blocks {
		return fmt.Errorf("%s has a block %s", where, inner.Type)
	}
	return nil
}

// readConfiguration reads what a Terraform configuration means.
func readConfiguration(text string) (*templateContent, error) {
	root, err := parseHCL(text)
	if err != nil {
		return nil, err
	}
	m := &templateContent{rules: map[string]templateRule{}}
	for _, r := range root.Blocks {
		if r.Type != "resource" {
			return nil, fmt.Errorf("a block %s", r.Type)
		}
		b := &tfBlock{Body: r.Body}
		switch kind := r.Labels[0]; kind {
		case "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule":
			rule := templateRule{
				egress: strings.Contains(kind, "egress"), group: b.text("security_group_id"),
				permission: ec2types.IpPermission{
					IpProtocol: awssdk.String(b.text("ip_protocol")),
					FromPort:   b.number("from_port"), ToPort: b.number("to_port"),
				},
			}
			owner, group, found := strings.Cut(b.text("referenced_security_group_id"), "/")
			if !found {
				owner, group = "", owner
			}
			rule.peer(group, owner, b.text("cidr_ipv4"), b.text("cidr_ipv6"), b.text("prefix_list_id"), b.text("description"))
			m.rules[kind+"."+r.Labels[1]] = rule
		case "aws_ecs_service":
			if err := m.service(b); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("a resource %s", kind)
		}
		if err := b.end(r.Labels[0]); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// service reads the service resource.
func (m *templateContent) service(b *tfBlock) error {
	if depends := b.Attributes["depends_on"]; depends != nil {
		delete(b.Attributes, "depends_on")
		list, problems := hcl.ExprList(depends.Expr)
		if problems.HasErrors() {
			return problems
		}
		for _, e := range list {
			traversal, problems := hcl.AbsTraversalForExpr(e)
			if problems.HasErrors() || len(traversal) != 2 {
				return fmt.Errorf("depends_on: %w", problems)
			}
			m.first = append(m.first, traversal.RootName()+"."+traversal[1].(hcl.TraverseAttr).Name)
		}
	}
	for _, c := range b.blocks("service_connect_configuration") {
		enabled := c.value("enabled")
		m.connect = &templateBlock{enabled: enabled.True(), namespace: c.text("namespace")}
		for _, s := range c.blocks("service") {
			e, err := tfEntry(s)
			if err != nil {
				return err
			}
			m.connect.services = append(m.connect.services, e)
		}
		if err := c.end("service_connect_configuration"); err != nil {
			return err
		}
	}
	return nil
}

func tfEntry(s *tfBlock) (ecstypes.ServiceConnectService, error) {
	e := ecstypes.ServiceConnectService{
		PortName:            awssdk.String(s.text("port_name")),
		IngressPortOverride: s.number("ingress_port_override"),
	}
	if name := s.text("discovery_name"); name != "" {
		e.DiscoveryName = &name
	}
	for _, a := range s.blocks("client_alias") {
		alias := ecstypes.ServiceConnectClientAlias{Port: a.number("port")}
		if name := a.text("dns_name"); name != "" {
			alias.DnsName = &name
		}
		e.ClientAliases = append(e.ClientAliases, alias)
		if err := a.end("client_alias"); err != nil {
			return e, err
		}
	}
	for _, t := range s.blocks("timeout") {
		e.Timeout = &ecstypes.TimeoutConfiguration{
			IdleTimeoutSeconds:       t.number("idle_timeout_seconds"),
			PerRequestTimeoutSeconds: t.number("per_request_timeout_seconds"),
		}
		if err := t.end("timeout"); err != nil {
			return e, err
		}
	}
	for _, t := range s.blocks("tls") {
		for _, issuer := range t.blocks("issuer_cert_authority") {
			e.Tls = &ecstypes.ServiceConnectTlsConfiguration{
				IssuerCertificateAuthority: &ecstypes.ServiceConnectTlsCertificateAuthority{
					AwsPcaAuthorityArn: awssdk.String(issuer.text("aws_pca_authority_arn")),
				},
			}
		}
		if err := t.end("tls"); err != nil {
			return e, err
		}
	}
	return e, s.end("service")
}

// A configuration that was applied leaves the finding gone.
func TestTheTerraformOfAPlanRepairsTheWorld(t *testing.T) {
	eachPlan(t, func(t *testing.T, s *simulator.Simulator, snapshot *model.Snapshot, p *fix.Plan) {
		t.Helper()
		text, err := dialect.Whole(p, rule.Analyze(snapshot), dialect.TerraformHCL)
		if err != nil {
			t.Fatal(err)
		}
		m, err := readConfiguration(text)
		if err != nil {
			t.Fatalf("the configuration cannot be read: %v\n%s", err, text)
		}
		m.carryOut(t, s, p.Service)
		repaired(t, s, snapshot, p)
	})
}
