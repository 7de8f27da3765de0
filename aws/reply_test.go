package aws

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"

	"hopscope/model"
)

func TestRepliesThatAWSDidNotWriteAreTold(t *testing.T) {
	for body, want := range map[string]bool{
		`{"__type":"AccessDeniedException","message":"no"}`:                                        true,
		`<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>`:                    true,
		`<?xml version="1.0"?><Response><Errors><Error><Code>X</Code></Error></Errors></Response>`: true,
		`<html><head><title>502 Bad Gateway</title></head></html>`:                                 false,
		`{"detail":"Not Found"}`: false,
		`Not Found`:              false,
		`[]`:                     false,
	} {
		if got := isErrorOfAWS([]byte(body)); got != want {
			t.Errorf("%s: got %t", body, got)
		}
	}
}

func TestAnAnswerBeginsAsAWSBeginsIt(t *testing.T) {
	const operation = "DescribeVpcs"
	for body, want := range map[string]bool{
		`{"services":[]}`: true,
		"\xef\xbb\xbf {}": true,
		"\xbf\x67Metrics": true,
		"\xa1\x67Metrics": true,
		`<?xml version="1.0" encoding="UTF-8"?>` + "\n<!-- x --><DescribeVpcsResponse xmlns=\"http://ec2\"><vpcSet/>": true,
		`<DescribeVpcsResponse`:                  false,
		`<DescribeSubnetsResponse/>`:             false,
		`<html><body>Log in</body></html>`:       false,
		"<!DOCTYPE html>\n<html></html>":         false,
		`Log in <DescribeVpcsResponse/>`:         false,
		`[]`:                                     false,
		`null`:                                   false,
		`"OK"`:                                   false,
		"":                                       false,
		" \r\n":                                  false,
		`<Response><Errors></Errors></Response>`: false,
	} {
		if got := beginsAsAnswer([]byte(body), operation); got != want {
			t.Errorf("%q: got %t", body, got)
		}
	}
}

// answering answers every request with a reply.
type answering struct {
	status int
	header http.Header
	body   string
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		Status: strconv.Itoa(a.status), StatusCode: a.status, Header: a.header, Request: r,
		Body: io.NopCloser(strings.NewReader(a.body)),
	}, nil
}

// What comes in place of an answer is a failure of the read, for every protocol.
func TestWhatComesInPlaceOfAnAnswerIsNone(t *testing.T) {
	for name, reply := range map[string]answering{
		"a page":                    {200, http.Header{"Content-Type": {"text/html"}}, "<html>Log in</html>"},
		"nothing":                   {200, nil, ""},
		"a list":                    {200, nil, "[]"},
		"a redirection without aim": {304, nil, ""},
		"another redirection":       {300, nil, "<html>Choose</html>"},
	} {
		t.Run(name, func(t *testing.T) {
			account, err := Open(t.Context(), Options{Transport: reply})
			if err != nil {
				t.Fatal(err)
			}
			s := account.NewSession()
			_, ecsErr := s.ECS.ListClusters(t.Context(), &ecs.ListClustersInput{})
			_, ec2Err := s.EC2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
			_, elbErr := s.ELB.DescribeTargetGroups(t.Context(), &elb.DescribeTargetGroupsInput{})
			_, mapErr := s.CloudMap.ListNamespaces(t.Context(), &servicediscovery.ListNamespacesInput{})
			_, metricErr := s.Metrics.ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{})
			for action, err := range map[model.Action]error{
				model.ListClusters: ecsErr, model.DescribeVpcs: ec2Err, model.DescribeTargetGroups: elbErr,
				model.ListNamespaces: mapErr, model.ListMetrics: metricErr,
			} {
				f := account.Classify(action, err)
				if err == nil || FateOf(err) != UnknownFate || f.State != model.Failed || !strings.Contains(f.Sentence, "proxy") {
					t.Errorf("%s: %v, %+v", action, err, f)
				}
			}
		})
	}
}
