package awstest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"

	"hopscope/aws/simulator"
)

// motoRegion is that of FakeKeys.
const motoRegion = "eu-west-1"

// motoWorld makes a world of the simulator's in moto, call by call.
type motoWorld struct {
	*testing.T
	url   string
	world *simulator.World

	ec2 *ec2.Client
	ecs *ecs.Client
	elb *elb.Client
	dns *servicediscovery.Client

	vpc, cluster string
	subnets      map[string]string
	order        []string // of subnets
	groups       map[string]string
	lists        map[string]string
	targets      map[string]string
	families     map[string]string
	left         []string
}

// FillMoto makes a world in moto, where no service has tasks: moto starts none. It
// returns what it leaves out because moto lacks it, with the reason.
func FillMoto(t *testing.T, url string, w *simulator.World) (left []string) {
	t.Helper()
	config := awssdk.Config{
		Region: motoRegion, BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("FAKE", "fake", ""),
	}
	m := &motoWorld{
		T: t, url: url, world: w,
		ec2: ec2.NewFromConfig(config), ecs: ecs.NewFromConfig(config), elb: elb.NewFromConfig(config),
		dns:     servicediscovery.NewFromConfig(config),
		subnets: map[string]string{}, groups: map[string]string{}, lists: map[string]string{}, targets: map[string]string{},
		families: map[string]string{},
	}
	m.network()
	m.securityGroups()
	m.targetGroups()
	for i := range w.LoadBalancers {
		m.loadBalancer(&w.LoadBalancers[i])
	}
	m.clusters()
	for i := range w.TaskDefinitions {
		m.taskDefinition(&w.TaskDefinitions[i])
	}
	for i := range w.Services {
		m.service(&w.Services[i])
	}
	return m.left
}

func (m *motoWorld) leave(format string, values ...any) {
	m.left = append(m.left, fmt.Sprintf(format, values...))
}

func (m *motoWorld) network() {
	m.Helper()
	m.vpc = *Must[*ec2.CreateVpcOutput](m.T)(m.ec2.CreateVpc(m.Context(),
		&ec2.CreateVpcInput{CidrBlock: awssdk.String("10.0.0.0/16")})).Vpc.VpcId
	all := m.world.Subnets
	if len(all) == 0 {
		all = []simulator.Subnet{
			{Name: "a", CIDR: "10.0.0.0/20", Zone: "a"}, {Name: "b", CIDR: "10.0.16.0/20", Zone: "b"},
		}
	}
	for i := range all {
		s := &all[i]
		if s.NetworkACL != "" {
			m.leave("the network ACL of subnet %s: moto is not filled with any", s.Name)
		}
		m.subnets[s.Name] = *Must[*ec2.CreateSubnetOutput](m.T)(m.ec2.CreateSubnet(m.Context(), &ec2.CreateSubnetInput{
			VpcId: &m.vpc, CidrBlock: &s.CIDR, AvailabilityZone: awssdk.String(motoRegion + cmp.Or(s.Zone, "a")),
		})).Subnet.SubnetId
		m.order = append(m.order, m.subnets[s.Name])
	}
	for i := range m.world.PrefixLists {
		l := &m.world.PrefixLists[i]
		in := &ec2.CreateManagedPrefixListInput{
			PrefixListName: awssdk.String("list-of-" + l.Name), AddressFamily: awssdk.String("IPv4"),
			MaxEntries: awssdk.Int32(int32(len(l.Entries))), //nolint:gosec // a world has a few
		}
		for _, cidr := range l.Entries {
			in.Entries = append(in.Entries, ec2types.AddPrefixListEntry{Cidr: awssdk.String(cidr)})
		}
		m.lists[l.Name] = *Must[*ec2.CreateManagedPrefixListOutput](m.T)(
			m.ec2.CreateManagedPrefixList(m.Context(), in)).PrefixList.PrefixListId
	}
}

func (m *motoWorld) securityGroups() {
	m.Helper()
	for i := range m.world.SecurityGroups {
		g := &m.world.SecurityGroups[i]
		m.groups[g.Name] = *Must[*ec2.CreateSecurityGroupOutput](m.T)(m.ec2.CreateSecurityGroup(m.Context(),
			&ec2.CreateSecurityGroupInput{
				GroupName: &g.Name, Description: awssdk.String(cmp.Or(g.Note, g.Name)), VpcId: &m.vpc,
			})).GroupId
	}
	for i := range m.world.SecurityGroups {
		g := &m.world.SecurityGroups[i]
		id := m.groups[g.Name]
		for _, p := range m.permissions(g.Ingress) {
			Must[*ec2.AuthorizeSecurityGroupIngressOutput](m.T)(m.ec2.AuthorizeSecurityGroupIngress(m.Context(),
				&ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: []ec2types.IpPermission{p}}))
		}
		if g.Egress == nil {
			continue
		}
		Must[*ec2.RevokeSecurityGroupEgressOutput](m.T)(m.ec2.RevokeSecurityGroupEgress(m.Context(),
			&ec2.RevokeSecurityGroupEgressInput{GroupId: &id, IpPermissions: m.permissions(
				[]simulator.SecurityGroupRule{{CIDR: "0.0.0.0/0"}})}))
		for _, p := range m.permissions(g.Egress) {
			Must[*ec2.AuthorizeSecurityGroupEgressOutput](m.T)(m.ec2.AuthorizeSecurityGroupEgress(m.Context(),
				&ec2.AuthorizeSecurityGroupEgressInput{GroupId: &id, IpPermissions: []ec2types.IpPermission{p}}))
		}
	}
}

// permissions are rules as EC2 takes them.
func (m *motoWorld) permissions(rules []simulator.SecurityGroupRule) []ec2types.IpPermission {
	var out []ec2types.IpPermission
	for _, r := range rules {
		p := ec2types.IpPermission{IpProtocol: awssdk.String("-1")}
		if r.Ports != (simulator.PortRange{}) {
			p.IpProtocol = awssdk.String(cmp.Or(r.Protocol, "tcp"))
			p.FromPort, p.ToPort = count(r.Ports.From), count(r.Ports.To)
		}
		switch note := &r.Note; {
		case r.Group != "":
			id := cmp.Or(m.groups[r.Group], r.Group)
			p.UserIdGroupPairs = []ec2types.UserIdGroupPair{{GroupId: &id, Description: note}}
		case r.PrefixList != "":
			p.PrefixListIds = []ec2types.PrefixListId{{PrefixListId: awssdk.String(m.lists[r.PrefixList])}}
		case strings.Contains(r.CIDR, ":"):
			p.Ipv6Ranges = []ec2types.Ipv6Range{{CidrIpv6: &r.CIDR, Description: note}}
		default:
			p.IpRanges = []ec2types.IpRange{{CidrIp: &r.CIDR, Description: note}}
		}
		out = append(out, p)
	}
	return out
}

func count(n int) *int32 { return awssdk.Int32(int32(n)) } //nolint:gosec // ports and counts of a world

func (m *motoWorld) targetGroups() {
	m.Helper()
	for i := range m.world.TargetGroups {
		g := &m.world.TargetGroups[i]
		if len(g.Targets) > 0 {
			m.leave("the targets that were registered by hand in %s: moto finds no task behind them", g.Name)
		}
		in := &elb.CreateTargetGroupInput{
			Name: &g.Name, Protocol: elbtypes.ProtocolEnum(cmp.Or(g.Protocol, "HTTP")),
			Port: count(cmp.Or(g.Port, 80)), VpcId: &m.vpc,
			TargetType: elbtypes.TargetTypeEnum(cmp.Or(g.TargetType, "ip")),
		}
		if h := &g.HealthCheck; h.Port != "" {
			in.HealthCheckPort = &h.Port
		}
		m.targets[g.Name] = *Must[*elb.CreateTargetGroupOutput](m.T)(
			m.elb.CreateTargetGroup(m.Context(), in)).TargetGroups[0].TargetGroupArn
	}
}

func (m *motoWorld) loadBalancer(lb *simulator.LoadBalancer) {
	m.Helper()
	in := &elb.CreateLoadBalancerInput{
		Name: &lb.Name, Subnets: m.subnetIDs(lb.Subnets), SecurityGroups: m.groupIDs(lb.SecurityGroups),
		Type:   elbtypes.LoadBalancerTypeEnum(cmp.Or(lb.Type, "application")),
		Scheme: elbtypes.LoadBalancerSchemeEnum(cmp.Or(lb.Scheme, "internal")),
	}
	made := Must[*elb.CreateLoadBalancerOutput](m.T)(m.elb.CreateLoadBalancer(m.Context(), in))
	arn := made.LoadBalancers[0].LoadBalancerArn
	for i := range lb.Listeners {
		l := &lb.Listeners[i]
		protocol := "HTTP"
		if lb.Type == "network" {
			protocol = "TCP"
		}
		listener := &elb.CreateListenerInput{
			LoadBalancerArn: arn, Port: count(l.Port), Protocol: elbtypes.ProtocolEnum(cmp.Or(l.Protocol, protocol)),
			DefaultActions: m.actions(&l.Default),
		}
		if listener.Protocol == elbtypes.ProtocolEnumHttps {
			listener.Certificates = []elbtypes.Certificate{{CertificateArn: awssdk.String(m.certificate())}}
		}
		out := Must[*elb.CreateListenerOutput](m.T)(m.elb.CreateListener(m.Context(), listener))
		for j := range l.Rules {
			r := &l.Rules[j]
			rule := &elb.CreateRuleInput{
				ListenerArn: out.Listeners[0].ListenerArn, Priority: count(r.Priority), Actions: m.actions(&r.Action),
			}
			for k := range r.Conditions {
				rule.Conditions = append(rule.Conditions, condition(&r.Conditions[k]))
			}
			Must[*elb.CreateRuleOutput](m.T)(m.elb.CreateRule(m.Context(), rule))
		}
	}
}

// certificate requests one. The SDK's client of ACM is no dependency of hopscope.
func (m *motoWorld) certificate() string {
	m.Helper()
	r, err := http.NewRequestWithContext(m.Context(), http.MethodPost, m.url,
		strings.NewReader(`{"DomainName":"world.example.com"}`))
	if err != nil {
		m.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "CertificateManager.RequestCertificate")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=FAKE/20270101/"+motoRegion+
		"/acm/aws4_request, SignedHeaders=host, Signature=none")
	reply := Must[*http.Response](m.T)(http.DefaultClient.Do(r))
	var out struct{ CertificateArn string }
	if err := json.Unmarshal(Body(m.T, reply.Body), &out); err != nil || out.CertificateArn == "" {
		m.Fatalf("moto gives no certificate: %v", err)
	}
	return out.CertificateArn
}

func condition(c *simulator.RuleCondition) elbtypes.RuleCondition {
	out := elbtypes.RuleCondition{Field: &c.Field}
	switch c.Field {
	case "http-header":
		out.HttpHeaderConfig = &elbtypes.HttpHeaderConditionConfig{HttpHeaderName: &c.Name, Values: c.Values}
	case "path-pattern":
		out.PathPatternConfig = &elbtypes.PathPatternConditionConfig{Values: c.Values}
	case "host-header":
		out.HostHeaderConfig = &elbtypes.HostHeaderConditionConfig{Values: c.Values}
	default:
		out.Values = c.Values
	}
	return out
}

func (m *motoWorld) actions(a *simulator.Action) []elbtypes.Action {
	switch {
	case a.Redirect != nil:
		return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumRedirect, RedirectConfig: &elbtypes.RedirectActionConfig{
			Protocol: awssdk.String("HTTPS"), Port: awssdk.String("443"),
			StatusCode: elbtypes.RedirectActionStatusCodeEnumHttp301,
		}}}
	case a.FixedResponse != nil:
		code := strconv.Itoa(a.FixedResponse.StatusCode)
		return []elbtypes.Action{{
			Type:                elbtypes.ActionTypeEnumFixedResponse,
			FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: &code},
		}}
	}
	forward := &elbtypes.ForwardActionConfig{}
	for _, f := range a.Forward {
		arn := m.targets[f.TargetGroup]
		forward.TargetGroups = append(forward.TargetGroups,
			elbtypes.TargetGroupTuple{TargetGroupArn: &arn, Weight: count(f.Weight)})
	}
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: forward}}
}

func (m *motoWorld) clusters() {
	m.Helper()
	for i := range m.world.Namespaces {
		n := &m.world.Namespaces[i]
		for _, name := range slices.Compact([]string{n.Name, cmp.Or(n.HTTPName, n.Name)}) { // ECS knows it by either
			Must[*servicediscovery.CreateHttpNamespaceOutput](m.T)(m.dns.CreateHttpNamespace(m.Context(),
				&servicediscovery.CreateHttpNamespaceInput{Name: &name}))
		}
	}
	all := m.world.Clusters
	if len(all) == 0 {
		all = []simulator.Cluster{{Name: "default"}}
	}
	m.cluster = all[0].Name
	for i := range all {
		in := &ecs.CreateClusterInput{ClusterName: &all[i].Name}
		Must[*ecs.CreateClusterOutput](m.T)(m.ecs.CreateCluster(m.Context(), in))
	}
}

func (m *motoWorld) taskDefinition(d *simulator.TaskDefinition) {
	m.Helper()
	if len(d.Containers) == 0 {
		return // its service is left out
	}
	mode := ecstypes.NetworkMode(cmp.Or(d.NetworkMode, "awsvpc"))
	m.families[d.Family] = string(mode)
	in := &ecs.RegisterTaskDefinitionInput{Family: &d.Family, NetworkMode: mode}
	for i := range d.Containers {
		c := &d.Containers[i]
		container := ecstypes.ContainerDefinition{Name: &c.Name, Image: &c.Name, Memory: awssdk.Int32(128)}
		for _, p := range c.PortMappings {
			mapping := ecstypes.PortMapping{
				ContainerPort: count(p.ContainerPort), AppProtocol: ecstypes.ApplicationProtocol(p.AppProtocol),
			}
			if p.Name != "" {
				mapping.Name = &p.Name
			}
			container.PortMappings = append(container.PortMappings, mapping)
		}
		in.ContainerDefinitions = append(in.ContainerDefinitions, container)
	}
	Must[*ecs.RegisterTaskDefinitionOutput](m.T)(m.ecs.RegisterTaskDefinition(m.Context(), in))
}

func (m *motoWorld) service(s *simulator.Service) {
	m.Helper()
	family, _, _ := strings.Cut(cmp.Or(s.TaskDefinition, s.Name), ":")
	switch {
	case m.families[family] != "awsvpc":
		m.leave("service %s: moto runs awsvpc tasks of declared containers alone", s.Name)
		return
	case s.DeploymentController != "" || len(s.PreviousDeployments) > 0 || s.DeploymentStrategy != "":
		m.leave("service %s: moto ends no deployment, and has no other strategy than ROLLING", s.Name)
		return
	case len(s.VPCLattice)+len(s.IngressPaths) > 0:
		m.leave("service %s: moto has no VPC Lattice and no Express mode", s.Name)
		return
	}
	in := &ecs.CreateServiceInput{
		Cluster: awssdk.String(cmp.Or(s.Cluster, m.cluster)), ServiceName: &s.Name, TaskDefinition: &family,
		DesiredCount: awssdk.Int32(0), LaunchType: ecstypes.LaunchTypeFargate,
		NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
			Subnets: m.subnetIDs(s.Subnets), SecurityGroups: m.groupIDs(s.SecurityGroups),
		}},
	}
	for i := range s.LoadBalancers {
		lb := &s.LoadBalancers[i]
		arn := m.targets[lb.TargetGroup]
		in.LoadBalancers = append(in.LoadBalancers, ecstypes.LoadBalancer{
			TargetGroupArn: &arn, ContainerName: &lb.ContainerName, ContainerPort: count(lb.ContainerPort),
		})
	}
	if len(s.ServiceConnect) > 0 {
		if err := json.Unmarshal(s.ServiceConnect, &in.ServiceConnectConfiguration); err != nil {
			m.Fatalf("%s: %v", s.Name, err)
		}
	}
	Must[*ecs.CreateServiceOutput](m.T)(m.ecs.CreateService(m.Context(), in))
}

// subnetIDs are those of subnets by name; of the first two where none is named.
func (m *motoWorld) subnetIDs(names []string) []string {
	if len(names) == 0 {
		return m.order[:min(2, len(m.order))]
	}
	return idsOf(m.subnets, names)
}

func (m *motoWorld) groupIDs(names []string) []string { return idsOf(m.groups, names) }

func idsOf(ids map[string]string, names []string) []string {
	out := []string{}
	for _, name := range names {
		out = append(out, ids[name])
	}
	return out
}
