package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"hopscope/aws/awstest"
	"hopscope/model"
)

// roundTrip is a function that answers requests.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// reply is a reply of the JSON protocol.
func reply(r *http.Request, body io.Reader) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(body),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
	}
}

// drip gives one byte each time, after a pause, until the request ends.
type drip struct {
	ctx   context.Context // the request's own
	pause time.Duration
	left  string
}

func (d *drip) Read(p []byte) (int, error) {
	select {
	case <-time.After(d.pause):
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
	if d.left == "" {
		return 0, io.EOF
	}
	p[0], d.left = d.left[0], d.left[1:]
	return 1, nil
}

// openBehind opens an account behind a transport.
func openBehind(t *testing.T, transport http.RoundTripper) *Account {
	t.Helper()
	a, err := Open(t.Context(), Options{Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func listClusters(t *testing.T, s *Session) error {
	t.Helper()
	_, err := s.ECS.ListClusters(t.Context(), &ecs.ListClustersInput{})
	return err
}

// No call takes longer than 30 seconds, whatever it is that lasts.
func TestNoCallLastsLongerThanItsTime(t *testing.T) {
	for name, test := range map[string]struct {
		answer roundTrip
		took   time.Duration
		words  string
	}{
		"a body that stalls": {func(r *http.Request) (*http.Response, error) {
			return reply(r, io.MultiReader(strings.NewReader(`{"clu`), &drip{r.Context(), time.Hour, ""})), nil
		}, 20*time.Second + time.Second, "is silent about ecs:ListClusters (nothing came for 10s)"},
		"a body that drips": {func(r *http.Request) (*http.Response, error) {
			return reply(r, &drip{r.Context(), 2 * time.Second, strings.Repeat(" ", 1000)}), nil
		}, 30 * time.Second, "gave no complete answer to ecs:ListClusters within 30s"},
		"a head that does not come": {func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, 20*time.Second + time.Second, "is silent about ecs:ListClusters"},
		"an error that stays": {func(r *http.Request) (*http.Response, error) {
			answer := reply(r, strings.NewReader(`{"__type":"ServerException","message":"no"}`))
			answer.StatusCode, answer.Status = http.StatusInternalServerError, "500"
			return answer, nil
		}, 30 * time.Second, "ecs:ListClusters failed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := openBehind(t, test.answer)
				start := time.Now()
				err := listClusters(t, a.NewSession())
				if took := time.Since(start); err == nil || took > test.took {
					t.Errorf("it took %s: %v", took, err)
				}
				f := a.Classify(model.ListClusters, err)
				if f.State != model.Failed || !strings.Contains(f.Sentence, test.words) {
					t.Errorf("%+v", f)
				}
			})
		})
	}
}

// What waits for a token is not late: the pace is our own.
func TestWaitingForATokenIsNoPartOfACallsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := openBehind(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			return reply(r, strings.NewReader(`{"clusterArns":[]}`)), nil
		}))
		b := a.buckets.bucketFor(model.ListClusters)
		b.tokens.SetLimit(0.01)
		b.full = 0.01
		b.tokens.ReserveN(time.Now(), b.tokens.Burst())
		start := time.Now()
		if err := listClusters(t, a.NewSession()); err != nil || time.Since(start) < 90*time.Second {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

// A throttle in front of an attempt that was under way when the time ended does not
// say what became of that attempt.
func TestTheFateOfAnAttemptThatWasCutOffIsNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		a := openBehind(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			if attempts++; attempts > 1 {
				return reply(r, &drip{r.Context(), 5 * time.Second, strings.Repeat(" ", 100)}), nil
			}
			answer := reply(r, strings.NewReader(`{"__type":"ThrottlingException","message":"Rate exceeded"}`))
			answer.StatusCode, answer.Status = http.StatusBadRequest, "400"
			return answer, nil
		}))
		_, err := a.NewSession().ForWrites().ECS.UpdateService(t.Context(), &ecs.UpdateServiceInput{Service: new("web")})
		if FateOf(err) != UnknownFate || attempts != 2 {
			t.Errorf("%d attempts, fate %d: %v", attempts, FateOf(err), err)
		}
	})
}

func TestAListingThatDoesNotEndIsGivenUp(t *testing.T) {
	for name, test := range map[string]struct {
		page  func(n int) string
		most  int
		words string
	}{
		"the same token": {func(n int) string {
			return fmt.Sprintf(`{"clusterArns":["%d"],"nextToken":"same"}`, n)
		}, 2, "a page is followed by one that has been there"},
		"two tokens in turn": {func(n int) string {
			return fmt.Sprintf(`{"clusterArns":["%d"],"nextToken":"%d"}`, n, n%2)
		}, 3, "a page is followed by one that has been there"},
		"the same page": {func(n int) string {
			return fmt.Sprintf(`{"clusterArns":["a"],"nextToken":"%d"}`, n)
		}, 2, "the same page came twice in a row"},
		"ever new pages": {func(n int) string {
			return fmt.Sprintf(`{"clusterArns":["%d"],"nextToken":"%d"}`, n, n)
		}, maxPages, "there are more than 500"},
		"ever empty pages": {func(n int) string {
			return fmt.Sprintf(`{"clusterArns":[],"nextToken":"%d"}`, n)
		}, maxPages, "there are more than 500"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				a := openBehind(t, roundTrip(func(r *http.Request) (*http.Response, error) {
					sent++
					return reply(r, strings.NewReader(test.page(sent))), nil
				}))
				pages := ecs.NewListClustersPaginator(a.NewSession().ECS, &ecs.ListClustersInput{})
				err := EachPage(t.Context(), pages, func(*ecs.ListClustersOutput) {})
				f := a.Classify(model.ListClusters, err)
				if err == nil || sent != test.most || !strings.Contains(f.Sentence, test.words) {
					t.Errorf("%d pages, want %d: %v, %+v", sent, test.most, err, f)
				}
			})
		})
	}
}

// overNetwork is an account whose calls go over sockets, by way of a proxy if its URL is
// given, to an endpoint.
func overNetwork(t *testing.T, endpoint, proxy string) *Account {
	t.Helper()
	transport := newHTTPClient().GetTransport()
	if proxy != "" {
		at, err := url.Parse(proxy)
		if err != nil {
			t.Fatal(err)
		}
		transport.Proxy = http.ProxyURL(at)
	}
	a := openBehind(t, http.DefaultTransport)
	a.config.HTTPClient = wire{transport: transport, proxy: transport.Proxy}.client()
	a.config.BaseEndpoint = &endpoint
	return a
}

// closedPort is the address of a port that no program listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Where no connection comes about, two attempts are made, and the sentence names host
// and proxy, and what to do.
func TestWhatIsOutOfReachIsNamed(t *testing.T) {
	closed := closedPort(t)
	refusing := func(status int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(s.Close)
		return s.URL
	}
	ours := httptest.NewUnstartedServer(http.NotFoundHandler())
	ours.Config.ErrorLog = log.New(io.Discard, "", 0) // what the client refuses is the point
	ours.StartTLS()
	t.Cleanup(ours.Close)
	plain := refusing(http.StatusOK)
	login := strings.Replace(refusing(http.StatusForbidden), "http://", "http://user:secret@", 1)
	for name, test := range map[string]struct {
		endpoint, proxy string
		words           []string
	}{
		"refused": {"http://" + closed, "", []string{
			closed + " cannot be reached", "connection refused", "; check the network and --endpoint-url",
		}},
		"a proxy that refuses": {"https://ecs.example.test", "http://" + closed, []string{
			"the proxy http://" + closed + " on the way to ecs.example.test cannot be reached",
			"connection refused", "; correct HTTPS_PROXY or HTTP_PROXY",
		}},
		"a proxy that forbids": {"https://ecs.example.test", login, []string{
			"the proxy http://user:xxxxx@", " does not connect to ecs.example.test", "403 Forbidden", "; have the host allowed",
		}},
		"a proxy that wants a password": {
			"https://ecs.example.test", refusing(http.StatusProxyAuthRequired), []string{
				"407 Proxy Authentication Required", "; put its user and password into HTTPS_PROXY",
			},
		},
		"a foreign certificate": {ours.URL, "", []string{
			ours.Listener.Addr().String(), "its certificate is not one to trust", "; log in where the network asks",
			"AWS_CA_BUNDLE",
		}},
		"no TLS": {strings.Replace(plain, "http:", "https:", 1), "", []string{"does not speak TLS", "; log in where"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := overNetwork(t, test.endpoint, test.proxy)
			s := a.NewSession()
			err := listClusters(t, s)
			f := a.Classify(model.ListClusters, err)
			for _, w := range test.words {
				if !strings.Contains(f.Sentence, w) {
					t.Errorf("no %q in %q", w, f.Sentence)
				}
			}
			if f.Code != "unreachable" || strings.Contains(f.Sentence, "secret") || FateOf(err) != NotCarriedOut {
				t.Errorf("%+v, fate %d", f, FateOf(err))
			}
			if n := s.Stats().Calls[model.ListClusters]; n > maxRefusals {
				t.Errorf("%d attempts", n)
			}
			t.Log(f.Sentence)
		})
	}
}

func TestAnUnknownHostIsNamed(t *testing.T) {
	a := openBehind(t, roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}}
	}))
	f := a.Classify(model.ListClusters, listClusters(t, a.NewSession()))
	want := "ecs.us-east-1.amazonaws.com cannot be reached, its name has no address (lookup x: no such host); " +
		"check the network and its DNS, --region, and --endpoint-url or AWS_ENDPOINT_URL"
	if f.Sentence != want {
		t.Errorf("got %q", f.Sentence)
	}
}

// A reply is for the host that was asked: AWS redirects no call of ours.
func TestNoRedirectionIsFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var asked []string
		a := openBehind(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			asked = append(asked, r.URL.Host)
			answer := reply(r, strings.NewReader(`{"clusterArns":[]}`))
			answer.StatusCode, answer.Status = status, "moved"
			answer.Header.Set("Location", "http://login.example.test/")
			return answer, nil
		}))
		err := listClusters(t, a.NewSession())
		if f := a.Classify(model.ListClusters, err); f.Code != "not AWS" || len(asked) != 1 {
			t.Errorf("%d: asked %v, %v", status, asked, err)
		}
	}
}

func TestTheEndOfTheUsersPatienceIsNoFailureOfTheCall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := openBehind(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	}))
	_, err := a.NewSession().ECS.ListClusters(ctx, &ecs.ListClustersInput{})
	var over *callTimeError
	if err == nil || errors.As(err, &over) || isTimeout(err) {
		t.Errorf("got %v", err)
	}
}

// The variable of a service's own endpoint is the one to be named where the service does
// not answer, unless --endpoint-url goes before it.
func TestTheEndpointOfAServiceIsNamedByItsVariable(t *testing.T) {
	const variable = "AWS_ENDPOINT_URL_EC2"
	closed := "http://user:secret@" + closedPort(t)
	awstest.Environment(t, awstest.FakeKeys())
	t.Setenv(variable, closed)
	t.Setenv("AWS_ENDPOINT_URL", "http://"+closedPort(t))
	a, err := Open(t.Context(), Options{Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	s := a.NewSession()
	_, err = s.EC2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
	f := a.Classify(model.DescribeVpcs, err)
	if !strings.HasSuffix(f.Sentence, "; check the network and "+variable) {
		t.Errorf("%q does not name it", f.Sentence)
	}
	f = a.Classify(model.ListClusters, listClusters(t, s))
	if !strings.HasSuffix(f.Sentence, "; check the network and --endpoint-url") {
		t.Errorf("%q", f.Sentence)
	}
	want := []string{"calls of EC2 go to " + RedactedURL(closed) + " (" + variable + ")"}
	if got := a.OwnEndpoints(); !slices.Equal(got, want) || strings.Contains(got[0], "secret") {
		t.Errorf("got %q", got)
	}
	a, err = Open(t.Context(), Options{Region: "eu-west-1", EndpointURL: "http://" + closedPort(t)})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.OwnEndpoints(); len(got) > 0 {
		t.Errorf("with --endpoint-url: %q", got)
	}
}
