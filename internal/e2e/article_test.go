package e2e

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// article is the article's account, which an operator changes with the SDK as
// the article's author changed his.
type article struct {
	simulator *simulator.Simulator
	config    awssdk.Config
}

func newArticle(t *testing.T) *article {
	t.Helper()
	world, err := simulator.Load("article")
	if err != nil {
		t.Fatal(err)
	}
	s := simulator.New(world, simulator.Options{RolloutTime: 1})
	return &article{s, awssdk.Config{
		Region: "ap-northeast-1", HTTPClient: &http.Client{Transport: s},
		Credentials: credentials.NewStaticCredentialsProvider("AKIAFAKE", "fake", ""),
	}}
}

// override sets ingressPortOverride by read, modify, write.
func (a *article) override(t *testing.T, port int32) {
	t.Helper()
	client := ecs.NewFromConfig(a.config)
	out, err := client.DescribeServices(t.Context(), &ecs.DescribeServicesInput{
		Cluster: awssdk.String("sample-cluster"), Services: []string{"sample-ecs-app"},
	})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(out.Services[0].Deployments, func(d ecstypes.Deployment) bool { return *d.Status == "PRIMARY" })
	sc := out.Services[0].Deployments[i].ServiceConnectConfiguration
	sc.Services[0].IngressPortOverride = awssdk.Int32(port)
	if _, err := client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
		Cluster: awssdk.String("sample-cluster"), Service: awssdk.String("sample-ecs-app"), ServiceConnectConfiguration: sc,
	}); err != nil {
		t.Fatal(err)
	}
}

// open admits the client's group to the server's on a port.
func (a *article) open(t *testing.T, port int32) {
	t.Helper()
	server, client := a.group(t, "sample-ecs-app"), a.group(t, "client-service")
	if _, err := ec2.NewFromConfig(a.config).AuthorizeSecurityGroupIngress(t.Context(),
		&ec2.AuthorizeSecurityGroupIngressInput{
			GroupId: &server, IpPermissions: []ec2types.IpPermission{{
				IpProtocol: awssdk.String("tcp"), FromPort: &port, ToPort: &port,
				UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &client}},
			}},
		}); err != nil {
		t.Fatal(err)
	}
}

// group is the security group of a service's tasks.
func (a *article) group(t *testing.T, service string) string {
	t.Helper()
	s := model.NewIndex(readAll(t, a.simulator)).Service(model.Ref{Cluster: "sample-cluster", Service: service})
	return s.Primary().Network.SecurityGroups[0]
}

func (a *article) report(t *testing.T) *rule.Analysis {
	t.Helper()
	return rule.Analyze(readAll(t, a.simulator))
}

func path(t *testing.T, report *rule.Analysis, kind reach.SourceKind) *reach.Path {
	t.Helper()
	for _, p := range report.Paths {
		if p.Source.Kind == kind && p.Target.Service == "sample-ecs-app" {
			return p
		}
	}
	t.Fatalf("the report has no %s path", kind)
	return nil
}

// The article's experiment, walked through by hand: simulator → SDK → report.
func TestTheArticleFromTheAccountToTheReport(t *testing.T) {
	a := newArticle(t)
	report := a.report(t)
	expect(t, "all ports 80", report,
		want{reach.SourceLoadBalancer, reach.ViaAgent, reach.Allowed, reach.UnnecessaryHop, 80, []string{"CFG314", "HOP101"}},
		want{reach.SourceHealthCheck, reach.ViaAgent, reach.Allowed, reach.UnnecessaryHop, 80, []string{"HOP106"}},
		want{reach.SourceServiceConnect, reach.ViaAgent, reach.Allowed, reach.Needed, 80, nil})

	a.override(t, 8080)
	report = a.report(t)
	expect(t, "override 8080, group open on 80 only", report,
		want{reach.SourceLoadBalancer, reach.ViaDirect, reach.Allowed, reach.OK, 80, nil},
		want{reach.SourceHealthCheck, reach.ViaDirect, reach.Allowed, reach.OK, 80, nil},
		want{reach.SourceServiceConnect, reach.ViaAgent, reach.Blocked, reach.Broken, 8080, []string{"NET201"}})
	finding := report.Findings[0]
	for _, needle := range []string{"8080", "upstream request timeout", "client-service", a.group(t, "sample-ecs-app")} {
		if text := finding.Title() + " " + finding.Detail(); !strings.Contains(text, needle) {
			t.Errorf("NET201 does not name %q: %s", needle, text)
		}
	}

	a.open(t, 8080)
	report = a.report(t)
	expect(t, "8080 opened", report,
		want{reach.SourceLoadBalancer, reach.ViaDirect, reach.Allowed, reach.OK, 80, nil},
		want{reach.SourceHealthCheck, reach.ViaDirect, reach.Allowed, reach.OK, 80, nil},
		want{reach.SourceServiceConnect, reach.ViaAgent, reach.Allowed, reach.Needed, 8080, []string{"RSK402"}})
	if len(report.Findings) != 1 || report.Findings[0].Severity != rule.Info {
		t.Errorf("more remains than the old rule for port 80: %+v", report.Findings)
	}
}

type want struct {
	kind     reach.SourceKind
	via      reach.Via
	access   reach.Access
	verdict  reach.Verdict
	wire     int
	findings []string
}

func expect(t *testing.T, act string, report *rule.Analysis, wants ...want) {
	t.Helper()
	if !report.Snapshot.Complete || len(report.Snapshot.Gaps) != 0 || len(report.NotChecked()) != 0 {
		t.Errorf("%s: not complete: gaps %v, not checked %v", act, report.Snapshot.Gaps, report.NotChecked())
	}
	for _, w := range wants {
		p := path(t, report, w.kind)
		got := want{p.Source.Kind, p.Via, p.Access, p.Verdict, p.Target.WirePort, p.Findings}
		if g, w := mustJSON(t, got), mustJSON(t, w); g != w {
			t.Errorf("%s: %s path is %s, want %s", act, p.Source.Kind, g, w)
		}
	}
}

// MarshalJSON makes wants comparable and readable.
func (w want) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{w.kind, w.via, w.access, w.verdict, w.wire, w.findings})
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
