package aws

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go/logging"

	"hopscope/internal/text"
	"hopscope/model"
)

// Options say which account to read, and how. The zero value is the account,
// region and endpoint of the environment, as for the AWS CLI.
type Options struct {
	// Profile and Region overrule AWS_PROFILE and AWS_REGION; "" leaves them.
	Profile string
	Region  string
	// EndpointURL is sent every request, instead of AWS's endpoints. Without
	// it, AWS_ENDPOINT_URL and its kin are honoured.
	EndpointURL string
	// Transport answers the requests in place of the network. The account is
	// then read with made-up credentials, and neither the environment nor the
	// files of the AWS CLI are looked at.
	Transport http.RoundTripper
	// Unpaced calls wait for no token bucket: Transport has none, and no other
	// program draws on it.
	Unpaced bool
	// Origin is the snapshots' Origin. The default is "aws", or the endpoint's
	// URL where one is set.
	Origin string
	// Clock tells the time; nil is the system's clock.
	Clock func() time.Time
}

const (
	// credentialsTimeout bounds the search for credentials, which ends at the
	// metadata service of EC2, whether there is one or not.
	credentialsTimeout = 10 * time.Second
	// dialTimeout bounds the making of a connection.
	dialTimeout = 5 * time.Second
	// connections are kept for a host: more than any lane's width, so that a
	// burst shakes hands once.
	connections = 64
)

// simulatedRegion is the region of an account behind [Options.Transport] when
// none is named.
const simulatedRegion = "us-east-1"

// Account is an AWS account and region that can be read. Its rate limits go on
// from one reading to the next.
type Account struct {
	config   awssdk.Config
	profile  string
	region   string
	endpoint string
	origin   string
	clock    func() time.Time
	buckets  buckets
	// endpoints are where the clients of each session send their calls.
	endpoints []serviceEndpoint
}

// Profile is the profile of the AWS CLI that the credentials are from, "" for none.
func (a *Account) Profile() string { return a.profile }

// Region is the region that is read.
func (a *Account) Region() string { return a.region }

// Endpoint is the endpoint of ECS as options, environment or profile set it; "" is
// AWS's own.
func (a *Account) Endpoint() string { return a.endpoint }

// Origin is what snapshots of the account have as theirs.
func (a *Account) Origin() string { return a.origin }

// Now is the time of the account's clock.
func (a *Account) Now() time.Time { return a.clock() }

// Open resolves configuration and credentials, and sends nothing else. The error
// is a [model.CannotCheckError] with the next step.
func Open(ctx context.Context, o Options) (*Account, error) {
	a := &Account{profile: o.Profile, clock: o.Clock}
	if a.clock == nil {
		a.clock = time.Now //nolint:forbidigo // the default of the injected clock
	}
	if o.Transport != nil {
		a.config = simulatedConfig(o)
	} else {
		a.profile = cmp.Or(o.Profile, os.Getenv("AWS_PROFILE"))
		if err := a.loadConfig(ctx, o); err != nil {
			return nil, err
		}
	}
	a.region = a.config.Region
	over := wireOf(a.config.HTTPClient, o.Transport)
	a.config.HTTPClient = over.client()
	a.config.Retryer = newRetryer
	a.config.Interceptors.AddBeforeDeserialization(replyReader{wire: over})
	a.buckets = newBuckets(a.clock)
	a.endpoints = a.NewSession().endpoints()
	if o.Transport == nil {
		if err := checkEndpoints(a.endpoints, o.EndpointURL); err != nil {
			return nil, err
		}
	}
	if o.Unpaced {
		a.buckets.unpace()
	}
	a.endpoint = awssdk.ToString(ecs.NewFromConfig(a.config).Options().BaseEndpoint)
	a.origin = cmp.Or(o.Origin, RedactedURL(a.endpoint), "aws")
	return a, nil
}

// simulatedConfig owes nothing to the environment.
func simulatedConfig(o Options) awssdk.Config {
	c := awssdk.Config{
		Region:      cmp.Or(o.Region, simulatedRegion),
		Credentials: credentials.NewStaticCredentialsProvider("SIMULATED", "simulated", ""),
	}
	if o.EndpointURL != "" {
		c.BaseEndpoint = &o.EndpointURL
	}
	return c
}

// loadConfig resolves configuration and credentials as the AWS CLI does.
func (a *Account) loadConfig(ctx context.Context, o Options) error {
	if err := checkProxies(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, credentialsTimeout)
	defer cancel()
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(newHTTPClient()),
		// The SDK would write its warnings over the screen.
		config.WithLogger(logging.Nop{}),
	}
	// An empty profile or region would overrule the environment's.
	if o.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		options = append(options, config.WithRegion(o.Region))
	}
	if o.EndpointURL != "" {
		options = append(options, config.WithBaseEndpoint(o.EndpointURL))
	}
	var err error
	if a.config, err = config.LoadDefaultConfig(ctx, options...); err != nil {
		return a.cannotConfigure(ctx, err)
	}
	if a.config.Region == "" {
		return &model.CannotCheckError{Reason: "no AWS region is set", Next: "pass --region, or set AWS_REGION"}
	}
	if err := checkRegion(a.config.Region, o.Region); err != nil {
		return err
	}
	if _, err := a.config.Credentials.Retrieve(ctx); err != nil {
		return a.cannotSign(ctx, err)
	}
	return nil
}

// newHTTPClient is one pool of connections for all services.
func newHTTPClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns = connections * len(iamPrefixes)
			t.MaxIdleConnsPerHost = connections
			t.MaxConnsPerHost = connections
			t.OnProxyConnectResponse = proxyRefusal
		})
}

// wireOf is the wire that a client sends over, or the one that stands for the network.
// The client is looked at last: a bundle of certificates is the configuration's.
func wireOf(client awssdk.HTTPClient, simulated http.RoundTripper) wire {
	if simulated != nil {
		return wire{transport: simulated}
	}
	transport := http.DefaultTransport.(*http.Transport) // as the standard library says
	if built, ok := client.(interface{ GetTransport() *http.Transport }); ok {
		transport = built.GetTransport()
	}
	return wire{transport: transport, proxy: transport.Proxy}
}

// RedactedURL is a URL for reports: without credentials, and without what a query says.
func RedactedURL(endpoint string) string {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil && strings.Contains(endpoint, "@"):
		return text.Masked // who knows where its credentials end
	case err == nil && u.RawQuery != "":
		before, _, _ := strings.Cut(endpoint, "?")
		return Printable(before + "?" + text.Masked)
	}
	return Printable(endpoint)
}
