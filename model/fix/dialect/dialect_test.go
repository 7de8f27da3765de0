package dialect_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"hopscope/internal/shell"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	"hopscope/model/fix/planner"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

func TestTheOwnersDialectComesFirst(t *testing.T) {
	for _, c := range []struct {
		owner fix.Owner
		want  string
	}{
		{fix.Owner{}, "plan cli cloudformation cdk terraform"},
		{fix.Owner{Tool: fix.Terraform, Sure: true}, "plan terraform cli cloudformation cdk"},
		{fix.Owner{Tool: fix.CloudFormation, Sure: true}, "plan cloudformation cli cdk terraform"},
		{fix.Owner{Tool: fix.CDK, Sure: true}, "plan cdk cli cloudformation terraform"},
		{fix.Owner{Tool: fix.CDK}, "plan cdk cloudformation cli terraform"},
		{fix.Owner{Tool: fix.CloudFormation}, "plan cloudformation cdk cli terraform"},
		{fix.Owner{Tool: fix.Copilot, Sure: true}, "plan copilot cli cloudformation cdk terraform"},
		{fix.Owner{Tool: fix.Ecspresso}, "plan ecspresso cli cloudformation cdk terraform"},
		{fix.Owner{Tool: fix.Pulumi}, "plan cli cloudformation cdk terraform"},
		{fix.Owner{Tool: fix.ComposeX, Sure: true}, "plan cli cloudformation cdk terraform"},
	} {
		var got []string
		for _, d := range dialect.All(c.owner) {
			got = append(got, string(d))
		}
		if joined := strings.Join(got, " "); joined != c.want {
			t.Errorf("%+v: %s, want %s", c.owner, joined, c.want)
		}
	}
}

// everything is a plan with every kind of step, rule and edit, in a snapshot in which
// every name that a text can hold is the given one.
func everything(name string) (*model.Snapshot, *fix.Plan) {
	s := Article(0, 80)
	ref := model.Ref{Cluster: name, Service: name}
	for i := range s.Services {
		s.Services[i].Cluster = name
	}
	service := &s.Services[slices.IndexFunc(s.Services, func(s model.Service) bool { return s.Name == "sample-ecs-app" })]
	service.Name = name
	seconds := 30
	service.Primary().ServiceConnect = &model.ServiceConnect{
		Enabled: true, Namespace: name,
		Services: []model.ServiceConnectService{
			{
				PortName: name, DiscoveryName: name, ClientAliases: []model.ClientAlias{
					{Port: 80, DNSName: name},
					{Port: 81, DNSName: name},
				},
				TLS: &model.TLS{IssuerARN: name}, Timeout: &model.Timeout{IdleSeconds: &seconds},
			},
			{
				PortName: name, IngressPortOverride: 9000, Timeout: &model.Timeout{PerRequestSeconds: &seconds},
				TLS: &model.TLS{IssuerARN: "arn:aws:acm-pca:x"},
			},
			{PortName: name, DiscoveryName: "gone"},
			{PortName: name, DiscoveryName: "encrypted"},
		},
	}
	for i := range s.SecurityGroups {
		if s.SecurityGroups[i].ID == "sg-sample-ecs-app" {
			s.SecurityGroups[i].Name = name
			for j := range s.SecurityGroups[i].Ingress {
				s.SecurityGroups[i].Ingress[j].Description = name
			}
		}
	}
	peer := func(r model.SecurityGroupRule) *model.SecurityGroupRule {
		if r.Protocol == "" {
			r.Protocol, r.FromPort, r.ToPort = "tcp", 10080, 10080
		}
		r.Description = name
		return &r
	}
	const group = "sg-sample-ecs-app"
	clients := &model.GroupReference{ID: "sg-client-service"}
	sixty := 60
	return s, &fix.Plan{
		ID: "what-if/" + ref.String(), Kind: fix.WhatIf, Title: "Try " + name, Why: "Because of " + name,
		Account: Account, Region: Region, Service: ref, Codes: []string{"HOP101"},
		Steps: []fix.Step{
			{Kind: fix.ByHand, Title: "Look at " + name, Command: "echo " + shell.Quote(name)},
			{
				Kind: fix.AuthorizeIngress, Title: "Admit " + name, Group: group,
				Rule: peer(model.SecurityGroupRule{Group: clients}),
			},
			{
				Kind: fix.AuthorizeIngress, Title: "Admit IPv4", Group: group,
				Rule: peer(model.SecurityGroupRule{CIDR: netip.MustParsePrefix("10.1.0.0/16")}),
			},
			{
				Kind: fix.AuthorizeIngress, Title: "Admit IPv6", Group: group,
				Rule: peer(model.SecurityGroupRule{CIDR: netip.MustParsePrefix("2001:db8::/32")}),
			},
			{
				Kind: fix.AuthorizeIngress, Title: "Admit a list", Group: group,
				Rule: peer(model.SecurityGroupRule{PrefixList: "pl-1"}),
			},
			{
				Kind: fix.AuthorizeIngress, Title: "Admit all", Group: group,
				Rule: peer(model.SecurityGroupRule{Protocol: model.AllProtocols, Group: clients}),
			},
			{
				Kind: fix.AuthorizeIngress, Title: "Admit another account", Group: group,
				Rule: peer(model.SecurityGroupRule{Group: &model.GroupReference{
					ID: "sg-theirs", Account: "210987654321",
					VPC: "vpc-theirs",
				}}),
			},
			{
				Kind: fix.AuthorizeEgress, Title: "Let out", Group: "sg-client-service",
				Rule: peer(model.SecurityGroupRule{Group: &model.GroupReference{ID: group}}),
			},
			{Kind: fix.UpdateService, Title: "Change the block of " + name, Edits: []fix.Edit{
				{Kind: fix.EditOverride, Index: 0, PortName: name, Port: 10080},
				{Kind: fix.EditTimeout, Index: 0, PortName: name, PerRequestSeconds: &sixty},
				{Kind: fix.EditOverride, Index: 1, PortName: name},
				{Kind: fix.EditTimeout, Index: 1, PortName: name, Drop: true},
				{Kind: fix.EditTLS, Index: 1, PortName: name, Drop: true},
				{Kind: fix.EditRemoveEndpoint, Index: 2, PortName: name},
				{Kind: fix.EditTLS, Index: 3, PortName: name, IssuerARN: name},
			}},
			{
				Kind: fix.RevokeIngress, Title: "Remove from " + name, Group: group, Later: true,
				Rule: &model.SecurityGroupRule{Protocol: "tcp", FromPort: 80, ToPort: 80, Group: clients, Description: name},
			},
			{Kind: fix.ByHand, Title: "Tell " + name, Later: true},
		},
		Checks: []fix.Note{{Title: "See " + name, Detail: "Is it " + name, Command: "echo " + shell.Quote(name)}},
		Risks:  []fix.Note{{Title: "Mind " + name, Detail: "It may be " + name}},
		Wanted: []fix.Expectation{{
			Source: "service-connect", From: name, Container: name, ContainerPort: 80, Via: "agent",
			Access: "allowed", Verdict: "needed",
		}},
		Undo:  "Undo " + name,
		Owner: fix.Owner{Tool: fix.CDK, Stack: name, LogicalID: name, Evidence: name},
	}
}

// firstPlan is the first plan for a snapshot.
func firstPlan(t *testing.T, s *model.Snapshot) *fix.Plan {
	t.Helper()
	all, err := planner.Plans(rule.Analyze(s))
	if err != nil {
		t.Fatal(err)
	}
	return &all[0]
}

// texts are a plan with all that each dialect has to say.
func texts(t *testing.T, s *model.Snapshot, p *fix.Plan) map[dialect.Dialect]string {
	t.Helper()
	return written(t, s, p, dialect.Whole)
}

// newLines are a plan with what is new, in each dialect.
func newLines(t *testing.T, s *model.Snapshot, p *fix.Plan) map[dialect.Dialect]string {
	t.Helper()
	return written(t, s, p, dialect.Text)
}

func written(t *testing.T, s *model.Snapshot, p *fix.Plan,
	write func(*fix.Plan, *rule.Analysis, dialect.Dialect) (string, error),
) map[dialect.Dialect]string {
	t.Helper()
	out := map[dialect.Dialect]string{}
	for _, name := range dialect.Names() {
		d := dialect.Dialect(name)
		text, err := write(p, rule.Analyze(s), d)
		if err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		out[d] = text
	}
	return out
}

// What a plan takes away is said in templates, which cannot say it otherwise; what it
// adds is marked; what it leaves is not.
func TestTemplatesMarkWhatChanges(t *testing.T) {
	s, p := everything("web")
	for d, needles := range map[dialect.Dialect][]string{
		dialect.CloudFormationYAML: {
			"IngressPortOverride: 10080 # NEW", "PerRequestTimeoutSeconds: 60 # NEW", "IdleTimeoutSeconds: 30\n",
			"# REMOVED: IngressPortOverride.", "# REMOVED: Timeout.PerRequestTimeoutSeconds.",
			"# REMOVED: Tls.", "# REMOVED: the entry with PortName web (gone)", "stay as they are; NEW",
			"SourcePrefixListId: pl-1", "CidrIp: \"10.1.0.0/16\"", "CidrIpv6: \"2001:db8::/32\"",
			"SourceSecurityGroupOwnerId: \"210987654321\"", "DestinationSecurityGroupId: sg-sample-ecs-app",
			"By hand: Look at web", "Later, when the rollout is over and verified: Remove from web",
		},
		dialect.TerraformHCL: {
			"ingress_port_override = 10080 # NEW", "per_request_timeout_seconds = 60 # NEW", "= 30\n",
			"# REMOVED: ingress_port_override.", "# REMOVED: per_request_timeout_seconds.",
			"# REMOVED: the tls block.", "# REMOVED: the service block with port_name web (gone)", `"210987654321/sg-theirs"`,
			"aws_vpc_security_group_egress_rule",
		},
		dialect.CDKTypeScript: {
			"ingressPortOverride: 10080, // NEW", "perRequestTimeout: Duration.seconds(60), // NEW", "Duration.seconds(30),\n",
			"// REMOVED: ingressPortOverride.", "// REMOVED: perRequestTimeout.",
			"// REMOVED: tls.", "// REMOVED: the entry with portMappingName web (gone)", "{ Port: 81, DnsName: 'web' }",
			"import { Duration } from 'aws-cdk-lib';",
		},
		dialect.CLIScript: {
			"by_hand 1 'Look at web'", "del(.services[1].ingressPortOverride)", "del(.services[2])",
			`.services[3].tls.issuerCertificateAuthority = {awsPcaAuthorityArn: "web"}`,
			`if .services[1].timeout == {} then del(.services[1].timeout) else . end`,
			`"UserId":"210987654321","VpcId":"vpc-theirs"`, "say 'By hand: Tell web'",
		},
		dialect.Prose: {
			"1. Look at web", "By hand.", "$ echo web", "$ ", "Later, when the rollout is over",
			"web → web:80: through the agent, admitted.", "Undo web",
		},
	} {
		text := texts(t, s, p)[d]
		for _, needle := range needles {
			if !strings.Contains(text, needle) {
				t.Errorf("%s does not say %q:\n%s", d, needle, text)
			}
		}
	}
}

// The resource of a service has the name that its owner gave it, where tags tell.
func TestTheOwnersNamesAreUsed(t *testing.T) {
	s, p := everything("web")
	for id, want := range map[string]string{
		"serviceD69D759B": "\n  serviceD69D759B:\n    Type: AWS::ECS::Service\n",
		"Yes":             "\n  \"Yes\":\n    Type: AWS::ECS::Service\n",
		"":                "stands for the logical id that web has in your template.\n  Web:\n    Type: AWS::ECS::Service\n",
		"not-an-id":       "\n  Web:\n    Type: AWS::ECS::Service\n",
	} {
		p.Owner = fix.Owner{Tool: fix.CloudFormation, Stack: "prod-web", LogicalID: id, Sure: true, Evidence: "a tag"}
		if text := texts(t, s, p)[dialect.CloudFormationYAML]; !strings.Contains(text, want) ||
			!strings.Contains(text, "stack prod-web (a tag)") {
			t.Errorf("%q: it does not say %q:\n%s", id, want, text)
		}
	}
}

// What was not read is said to be unknown, in a plan that is refused for it.
func TestARuleOfAGroupThatWasNotRead(t *testing.T) {
	s, p := everything("web")
	s.SecurityGroups = nil
	s.Gaps = append(s.Gaps, model.Gap{Action: model.DescribeSecurityGroups, State: model.Denied})
	text := texts(t, s, p)[dialect.Prose]
	for _, needle := range []string{
		"Its other rules are not known: security group sg-sample-ecs-app",
		"+tcp 10080 from sg-client-service  # web",
	} {
		if !strings.Contains(text, needle) {
			t.Errorf("it does not say %q:\n%s", needle, text)
		}
	}
}

// A plan that hopscope refuses to carry out is not made into a script that does.
func TestARefusedPlanIsNoScript(t *testing.T) {
	s, p := everything("web")
	p.Refusal = &fix.Refusal{Reason: "the group is another account's", Instead: "ask them"}
	all := texts(t, s, p)
	lines := strings.NewReplacer("\n# ", " ", "\n// ", " ")
	for d, text := range all {
		text = lines.Replace(text)
		if !strings.Contains(text, "the group is another account's. ") &&
			!strings.Contains(text, "the group is another account's.\n") || !strings.Contains(text, "nstead: ask them.") {
			t.Errorf("%s does not say why it is refused:\n%s", d, text)
		}
	}
	if strings.Contains(all[dialect.CLIScript], "\nmain") || strings.Contains(all[dialect.CLIScript], "\n  authorize") {
		t.Errorf("the script carries a refused plan out:\n%s", all[dialect.CLIScript])
	}
}

func TestATextNeedsThePlansOwnSnapshot(t *testing.T) {
	s, p := everything("web")
	if _, err := dialect.Text(p, rule.Analyze(s), "latin"); err == nil ||
		!strings.Contains(err.Error(), "there is no dialect") {
		t.Errorf("%v", err)
	}
	p.Steps[8].Edits[0].PortName = "another"
	if _, err := dialect.Text(p, rule.Analyze(s), dialect.CLIScript); err == nil ||
		!strings.Contains(err.Error(), "is not the one that the plan was made for") {
		t.Errorf("%v", err)
	}
	p.Steps[1].Rule = nil
	if _, err := dialect.Text(p, rule.Analyze(s), dialect.CLIScript); err == nil ||
		!strings.Contains(err.Error(), "names no rule") {
		t.Errorf("%v", err)
	}
	p.Service.Service = "another"
	if _, err := dialect.Text(p, rule.Analyze(s), dialect.CLIScript); err == nil ||
		!strings.Contains(err.Error(), "is not in the snapshot") {
		t.Errorf("%v", err)
	}
}

// Quotes do not keep the AWS CLI from reading a file that a name names.
func TestNoScriptIsWrittenWithANameThatTheAWSCLIMisreads(t *testing.T) {
	for _, name := range []string{
		"--endpoint-url", "file:///etc/passwd", "fileb://x", "https://x", "[1]", "{}", "a\nb",
		"a\x00b", "a\u202eb",
	} {
		s, p := everything(name)
		if text, err := dialect.Text(p, rule.Analyze(s), dialect.CLIScript); err == nil {
			t.Errorf("a script is written with %q:\n%s", name, text)
		}
	}
	s, p := everything("x {{resolve:ssm:secret}}")
	if text, err := dialect.Whole(p, rule.Analyze(s), dialect.CloudFormationYAML); err == nil {
		t.Errorf("a template is written with a dynamic reference:\n%s", text)
	}
}

func TestNamesOfResourcesAreIdentifiersAndDiffer(t *testing.T) {
	s, p := everything("web")
	admit := p.Steps[1]
	for i := range 3 {
		step := admit
		rule := *step.Rule
		rule.Group = &model.GroupReference{ID: fmt.Sprintf("sg-%d!", i)}
		step.Rule = &rule
		p.Steps = append([]fix.Step{step}, p.Steps...)
	}
	s.SecurityGroups = append(s.SecurityGroups,
		model.SecurityGroup{ID: "sg-0!", Name: "1 a-b"}, model.SecurityGroup{ID: "sg-1!", Name: "1ab"},
		model.SecurityGroup{ID: "sg-2!", Name: "日本"})
	seen := map[string]bool{}
	for line := range strings.Lines(texts(t, s, p)[dialect.TerraformHCL]) {
		if !strings.HasPrefix(line, "resource ") {
			continue
		}
		name := strings.ToLower(strings.ReplaceAll(strings.Fields(line)[2], "_", ""))
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
	}
	if len(seen) != 11 {
		t.Errorf("%d resources: %v", len(seen), seen)
	}
}

// An empty region would be refused by every command.
func TestCommandsHaveNoEmptyRegion(t *testing.T) {
	s, p := everything("web")
	p.Region = ""
	for i := range s.Services {
		s.Services[i].ARN = ""
	}
	for d, text := range texts(t, s, p) {
		if strings.Contains(text, "--region ''") {
			t.Errorf("%s has a command without a region: %s", d, text)
		}
		if d == dialect.CLIScript && !strings.Contains(text, "region=${AWS_REGION:-${AWS_DEFAULT_REGION:?") {
			t.Errorf("the script does not ask for the region: %s", text)
		}
	}
}

// What is to be looked at before a rule goes later stands with it, once, and not among
// what has to be done first.
func TestTheChecksOfStepsForLaterStandWithThese(t *testing.T) {
	for _, s := range []*model.Snapshot{Article(0, 80), readShop(t)} {
		plans := plansOf(t, s)
		seen := 0
		for i := range plans {
			p := &plans[i]
			var titles []string
			for _, n := range p.ChecksLater() {
				titles = append(titles, n.Title)
				if n.Command == "" {
					t.Errorf("%s: %q does not say how to look", p.ID, n.Title)
				}
			}
			seen += len(titles)
			removes := slices.ContainsFunc(p.Steps, func(s fix.Step) bool { return s.Later && s.Kind == fix.RevokeIngress })
			if removes != (len(titles) > 0) || removes != strings.Contains(p.Undo, "removed later is added again") {
				t.Errorf("%s removes a rule later: %t; checks %q; undo %q", p.ID, removes, titles, p.Undo)
			}
			if len(slices.Compact(slices.Sorted(slices.Values(titles)))) != len(titles) {
				t.Errorf("%s repeats a check: %q", p.ID, titles)
			}
			text, err := dialect.Text(p, rule.Analyze(s), dialect.Prose)
			if err != nil {
				t.Fatal(err)
			}
			head, later, _ := strings.Cut(strings.Join(strings.Fields(text), " "), "Later, when the rollout is over")
			for _, title := range titles {
				if strings.Contains(head, title) || strings.Count(later, title) != 1 {
					t.Errorf("%s does not say once, and with the steps for later, %q: %s", p.ID, title, text)
				}
			}
		}
		if seen == 0 {
			t.Error("no plan removes a rule later")
		}
	}
}
