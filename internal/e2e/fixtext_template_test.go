package e2e

import (
	"maps"
	"net/netip"
	"slices"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/rule"
)

// templateContent is what a template says: the rules that it adds and the Service
// Connect block that the service gets, so far as the template shows it.
type templateContent struct {
	rules map[string]templateRule // by the name in the template
	// first are the names of the rules that the service depends on.
	first   []string
	connect *templateBlock
}

type templateRule struct {
	egress     bool
	group      string
	permission ec2types.IpPermission
}

type templateBlock struct {
	enabled   bool
	namespace string
	services  []ecstypes.ServiceConnectService
}

// peer adds the other side to a rule's permission.
func (r *templateRule) peer(group, owner, cidr4, cidr6, prefixList, description string) {
	note := &description
	if description == "" {
		note = nil
	}
	switch {
	case group != "":
		pair := ec2types.UserIdGroupPair{GroupId: &group, Description: note}
		if owner != "" {
			pair.UserId = &owner
		}
		r.permission.UserIdGroupPairs = []ec2types.UserIdGroupPair{pair}
	case cidr4 != "":
		r.permission.IpRanges = []ec2types.IpRange{{CidrIp: &cidr4, Description: note}}
	case cidr6 != "":
		r.permission.Ipv6Ranges = []ec2types.Ipv6Range{{CidrIpv6: &cidr6, Description: note}}
	case prefixList != "":
		r.permission.PrefixListIds = []ec2types.PrefixListId{{PrefixListId: &prefixList, Description: note}}
	}
}

// carryOut does what a tool does that a template was merged into: first the rules
// that the service depends on, then the service. Members that the template does not
// show stay as they are.
func (m *templateContent) carryOut(t *testing.T, s *simulator.Simulator, ref model.Ref) {
	t.Helper()
	for name := range m.rules {
		if m.connect != nil && !slices.Contains(m.first, name) {
			t.Errorf("the service does not depend on the rule %s", name)
		}
	}
	config := sdkOf(s)
	network := ec2.NewFromConfig(config)
	names := m.first
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(m.rules))
	}
	for _, name := range names {
		r, known := m.rules[name]
		if !known {
			continue // another resource that the service depends on
		}
		var err error
		if r.egress {
			_, err = network.AuthorizeSecurityGroupEgress(t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{
				GroupId: &r.group, IpPermissions: []ec2types.IpPermission{r.permission},
			})
		} else {
			_, err = network.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
				GroupId: &r.group, IpPermissions: []ec2types.IpPermission{r.permission},
			})
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if m.connect == nil {
		return
	}
	client := ecs.NewFromConfig(config)
	out, err := client.DescribeServices(t.Context(), &ecs.DescribeServicesInput{
		Cluster:  &ref.Cluster,
		Services: []string{ref.Service},
	})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(out.Services[0].Deployments, func(d ecstypes.Deployment) bool { return *d.Status == "PRIMARY" })
	sc := out.Services[0].Deployments[i].ServiceConnectConfiguration
	sc.Enabled, sc.Services = m.connect.enabled, keepHidden(m.connect.services, sc.Services)
	if m.connect.namespace != "" {
		sc.Namespace = &m.connect.namespace
	}
	if _, err := client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: &ref.Cluster, Service: &ref.Service, ServiceConnectConfiguration: sc,
	}); err != nil {
		t.Fatal(err)
	}
}

// keepHidden gives entries the members that no template shows.
func keepHidden(shown, old []ecstypes.ServiceConnectService) []ecstypes.ServiceConnectService {
	for i := range shown {
		for _, o := range old {
			if shown[i].Tls != nil && o.Tls != nil && awssdk.ToString(o.PortName) == awssdk.ToString(shown[i].PortName) {
				shown[i].Tls.KmsKey, shown[i].Tls.RoleArn = o.Tls.KmsKey, o.Tls.RoleArn
			}
		}
	}
	return shown
}

// eachPlan tries something with every plan of the built-in worlds that adds rules or
// changes a block, each in a world of its own.
func eachPlan(t *testing.T, try func(*testing.T, *simulator.Simulator, *model.Snapshot, *fix.Plan)) {
	t.Helper()
	tried := 0
	for _, world := range []string{"article", "shop"} {
		snapshot, plans := plansOf(t, world)
		plans = append(plans, whatIfPlans(t, snapshot)...)
		for i := range plans {
			if !inTemplates(&plans[i]) {
				continue
			}
			tried++
			t.Run(plans[i].ID, func(t *testing.T) {
				w, err := simulator.Load(world)
				if err != nil {
					t.Fatal(err)
				}
				s := simulator.New(w, simulator.Options{RolloutTime: 1})
				try(t, s, readAll(t, s), &plans[i])
			})
		}
	}
	if tried < 3 {
		t.Errorf("only %d plans were tried", tried)
	}
}

// whatIfPlans are plans for what no finding asks for, so that every edit is tried.
func whatIfPlans(t *testing.T, s *model.Snapshot) []fix.Plan {
	t.Helper()
	const authority = "arn:aws:acm-pca:ap-northeast-1:123456789012:certificate-authority/another"
	var out []fix.Plan
	for _, c := range []struct {
		service string
		edits   []fix.Edit
	}{
		{"payments", []fix.Edit{{Kind: fix.EditOverride, PortName: "https", Port: 18443}}},
		{"payments", []fix.Edit{{Kind: fix.EditTLS, PortName: "https", Drop: true}}},
		{"checkout", []fix.Edit{{Kind: fix.EditTLS, PortName: "http", IssuerARN: authority}}},
		{"cart", []fix.Edit{{Kind: fix.EditOverride, PortName: "http"}}},
		{"catalog", []fix.Edit{
			{Kind: fix.EditOverride, PortName: "http", Port: 18080},
			{Kind: fix.EditTimeout, PortName: "http", Drop: true},
		}},
	} {
		ref := model.Ref{Cluster: "shop", Service: c.service}
		if model.NewIndex(s).Service(ref) == nil {
			continue
		}
		p, err := planner.WhatIf(rule.Analyze(s), ref, []fix.Step{{Kind: fix.UpdateService, Title: "Try", Edits: c.edits}})
		if err != nil {
			t.Fatal(err)
		}
		p.Refusal = nil // hopscope itself may not want to: the owner's tool does
		out = append(out, p)
	}
	return out
}

// inTemplates tells whether a template can express all that a plan does now.
func inTemplates(p *fix.Plan) bool {
	if !p.Appliable() {
		return false
	}
	for _, s := range p.Steps {
		switch {
		case s.Later, s.Kind == fix.AuthorizeIngress, s.Kind == fix.AuthorizeEgress,
			s.Kind == fix.UpdateService && len(s.Edits) > 0:
		default:
			return false
		}
	}
	return true
}

// repaired fails unless a world is as a plan wants it, free of what it repairs, and
// nothing else than what the plan says.
func repaired(t *testing.T, s *simulator.Simulator, before *model.Snapshot, p *fix.Plan) {
	t.Helper()
	after := readAll(t, s)
	if unmet := p.Unmet(rule.Analyze(after)); len(unmet) > 0 {
		t.Errorf("not met: %+v", unmet)
	}
	for _, f := range rule.Analyze(after).Findings {
		if f.Ref() == p.Service && slices.Contains(p.Findings, f.Key()) {
			t.Errorf("%s is left: %s", f.Code, f.Title())
		}
	}
	now := slices.DeleteFunc(slices.Clone(p.Steps), func(s fix.Step) bool { return s.Later })
	want, err := fix.Outcome(before, p.Service, now)
	if err != nil {
		t.Fatal(err)
	}
	text := func(r model.SecurityGroupRule) string { return r.Ports() + " " + r.Peer() }
	byText := cmpopts.SortSlices(func(a, b model.SecurityGroupRule) bool { return text(a) < text(b) })
	// Which groups' interfaces are read depends on what is admitted.
	if diff := cmp.Diff(want.SecurityGroups, after.SecurityGroups, byText,
		cmpopts.IgnoreFields(model.SecurityGroup{}, "InterfacesRead"),
		cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("the groups are not what the plan says:\n%s", diff)
	}
	block := func(s *model.Snapshot) *model.ServiceConnect {
		return model.NewIndex(s).Service(p.Service).Primary().ServiceConnect
	}
	if diff := cmp.Diff(block(want), block(after), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the block is not what the plan says:\n%s", diff)
	}
}
