package simulator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/google/go-cmp/cmp"
)

// callers are one reading call of each service.
func (b *bench) callers(ctx context.Context) map[string]func() error {
	return map[string]func() error{
		"ecs": func() error {
			_, err := b.ecs.ListClusters(ctx, &ecs.ListClustersInput{})
			return err
		},
		"ec2": func() error {
			_, err := b.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
			return err
		},
		"elb": func() error {
			_, err := b.elb.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{})
			return err
		},
		"sd": func() error {
			_, err := b.sd.ListNamespaces(ctx, &servicediscovery.ListNamespacesInput{})
			return err
		},
	}
}

func Test_each_service_refuses_in_its_own_words(t *testing.T) {
	b := newBench(t, load(t, "article"))
	for _, c := range []struct {
		kind FailureKind
		want map[string]string // service to code and a piece of the message
	}{
		{AccessDenied, map[string]string{
			"ecs": "AccessDeniedException is not authorized to perform: ecs:ListClusters on resource: arn:aws:ecs:",
			"ec2": "UnauthorizedOperation is not authorized to perform: ec2:DescribeVpcs " +
				"because no identity-based policy allows",
			"elb": "AccessDenied is not authorized to perform: elasticloadbalancing:DescribeTargetGroups because",
			"sd":  "AccessDeniedException is not authorized to perform: servicediscovery:ListNamespaces on resource",
		}},
		{ExplicitDeny, map[string]string{
			"ecs": "AccessDeniedException with an explicit deny", "ec2": "UnauthorizedOperation with an explicit deny",
		}},
		{ExpiredToken, map[string]string{
			"ecs": "ExpiredTokenException expired", "ec2": "RequestExpired expired", "elb": "ExpiredToken expired",
			"sd": "ExpiredTokenException expired",
		}},
		{Throttled, map[string]string{
			"ecs": "ThrottlingException Rate exceeded", "ec2": "RequestLimitExceeded Request limit exceeded.",
			"elb": "Throttling Rate exceeded", "sd": "ThrottlingException Rate exceeded",
		}},
		{InternalError, map[string]string{
			"ecs": "ServerException internal", "ec2": "InternalError internal", "elb": "InternalFailure internal",
		}},
		{
			Unsupported, map[string]string{
				"ecs": "UnknownOperationException ListClusters", "ec2": "InvalidAction DescribeVpcs",
				"elb": "InvalidAction DescribeTargetGroups",
			},
		},
	} {
		b.SetFaults(Faults{Fail: []Failure{{Action: "*", With: c.kind}}})
		callers := b.callers(t.Context())
		for service, want := range c.want {
			code, message, _ := strings.Cut(want, " ")
			if ae := requireCode(t, callers[service](), code); !strings.Contains(ae.ErrorMessage(), message) {
				t.Errorf("%s, %s: the message is %q, want %q in it", c.kind, service, ae.ErrorMessage(), message)
			}
		}
	}
}

func Test_a_denied_write_carries_an_encoded_message(t *testing.T) {
	b := newBench(t, load(t, "article"))
	b.SetFaults(Faults{Fail: []Failure{{Action: "ec2:Authorize*", With: AccessDenied}}})
	id := b.group(t, "client-service")
	_, err := b.ec2.AuthorizeSecurityGroupIngress(
		t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: tcp(80, fromGroup(id))},
	)
	if ae := requireCode(t, err, "UnauthorizedOperation"); !strings.Contains(
		ae.ErrorMessage(), "Encoded authorization failure message: ",
	) {
		t.Error(ae.ErrorMessage())
	}
}

func Test_faults_hit_the_actions_they_name_as_often_as_they_say(t *testing.T) {
	b := newBench(t, load(t, "article"))
	b.SetFaults(Faults{Fail: []Failure{{Action: "ecs:List*", With: InternalError, Times: 2}}})
	callers := b.callers(t.Context())
	requireCode(t, callers["ecs"](), "ServerException")
	if err := callers["ec2"](); err != nil {
		t.Errorf("another service fails too: %v", err)
	}
	requireCode(t, callers["ecs"](), "ServerException")
	if err := callers["ecs"](); err != nil {
		t.Errorf("the third call still fails: %v", err)
	}
	var errs []string
	for _, c := range b.Calls() {
		errs = append(errs, c.Action+" "+c.Error)
	}
	want := []string{
		"ecs:ListClusters ServerException", "ec2:DescribeVpcs ", "ecs:ListClusters ServerException", "ecs:ListClusters ",
	}
	if diff := cmp.Diff(want, errs); diff != "" {
		t.Error(diff)
	}
}

func Test_the_documented_token_buckets_throttle(t *testing.T) {
	b := newBench(t, load(t, "article"))
	b.SetFaults(Faults{Throttle: true})
	callers := b.callers(t.Context())
	for service, burst := range map[string]int{"ecs": 50, "ec2": 100, "elb": 40} {
		passed := 0
		for ; passed < 200; passed++ {
			if callers[service]() != nil {
				break
			}
		}
		if passed != burst {
			t.Errorf("%s lets %d calls through at once, want %d", service, passed, burst)
		}
	}
	b.now = b.now.Add(time.Second)
	for i := range 10 {
		if err := callers["elb"](); err != nil {
			t.Errorf("call %d a second later: %v", i, err)
		}
	}
	requireCode(t, callers["elb"](), "Throttling")
	for range 200 {
		if err := callers["sd"](); err != nil {
			t.Fatalf("Cloud Map publishes no bucket: %v", err)
		}
	}
}

func Test_an_HTML_page_is_no_error_of_AWS(t *testing.T) {
	b := newBench(t, load(t, "article"))
	b.SetFaults(Faults{Fail: []Failure{{Action: "*", With: HTMLError}}})
	for service, call := range b.callers(t.Context()) {
		var re *awshttp.ResponseError
		if err := call(); !errors.As(err, &re) || re.HTTPStatusCode() != http.StatusServiceUnavailable {
			t.Errorf("%s: %v", service, err)
		}
	}
}

func Test_a_cut_connection_carries_nothing_out_and_a_truncated_reply_does(t *testing.T) {
	for kind, deployments := range map[FailureKind]int{Cut: 1, Truncated: 2} {
		b := newBench(t, load(t, "article"))
		b.SetFaults(Faults{Fail: []Failure{{Action: "ecs:UpdateService", With: kind}}})
		_, err := b.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{
			Cluster: awssdk.String("sample-cluster"), Service: awssdk.String("sample-ecs-app"), ForceNewDeployment: true,
		})
		if err == nil {
			t.Errorf("%s: the client noticed nothing", kind)
		}
		if got := strings.Count(b.shape(t, "sample-ecs-app"), "/") - 1; got != deployments {
			t.Errorf("%s: %d deployments, want %d", kind, got, deployments)
		}
	}
}

func Test_latency_and_slow_bodies_take_their_time_and_heed_the_context(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, load(t, "article"))
		call := b.callers(t.Context())["ecs"]
		took := func(f func() error) (time.Duration, error) {
			start := time.Now()
			err := f()
			return time.Since(start), err
		}
		b.SetFaults(Faults{LatencyMillis: 80})
		if d, err := took(call); d != 80*time.Millisecond || err != nil {
			t.Errorf("a call of 80 ms takes %s, %v", d, err)
		}
		b.SetFaults(Faults{Fail: []Failure{{Action: "*", With: Slow}}})
		if d, err := took(call); d < slowDelivery || err != nil {
			t.Errorf("a slow body takes %s, %v", d, err)
		}
		for _, f := range []Faults{{LatencyMillis: 60_000}, {Fail: []Failure{{Action: "*", With: Slow}}}} {
			b.SetFaults(f)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if d, err := took(b.callers(ctx)["ecs"]); d != time.Second || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%+v: a call with a second to go takes %s, %v", f, d, err)
			}
			cancel()
		}
	})
}

func Test_faults_reach_clients_behind_a_socket(t *testing.T) {
	s := New(load(t, "article"), Options{})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	post := func() (int, string, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.ListClusters")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body), err
	}
	for _, c := range []struct {
		kind   FailureKind
		status int
		body   string
		fails  bool
	}{
		{"", http.StatusOK, "clusterArns", false},
		{HTMLError, http.StatusServiceUnavailable, "<html>", false},
		{Cut, 0, "", true},
		{Truncated, http.StatusOK, "clusterArns", true},
	} {
		s.SetFaults(Faults{Fail: []Failure{{Action: "*", With: c.kind}}})
		if status, body, err := post(); status != c.status || !strings.Contains(body, c.body) || (err != nil) != c.fails {
			t.Errorf("%s: %d %q %v", c.kind, status, body, err)
		}
	}
}

func Test_what_is_not_an_AWS_request_is_told_so(t *testing.T) {
	s := New(load(t, "article"), Options{})
	for _, r := range []*http.Request{
		httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil),
		httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("%zz")),
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || !strings.HasPrefix(w.Body.String(), "this is not an AWS request: ") {
			t.Errorf("%s is answered with %d %q", r.Method, w.Code, w.Body)
		}
	}
	if len(s.Calls()) != 0 {
		t.Errorf("they count as %v", s.Calls())
	}
}
