package aws

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"

	"hopscope/model"
)

// What is wrong with the environment is said before the first call: later it would show
// as a failure of the network, or not at all.

// checkProxies refuses variables of proxies that are no URLs: the standard library would
// go past the proxy without a word.
func checkProxies() error {
	for _, names := range [][2]string{{"HTTPS_PROXY", "https_proxy"}, {"HTTP_PROXY", "http_proxy"}} {
		for _, name := range names {
			value := os.Getenv(name)
			if value == "" {
				continue
			}
			if !isProxy(value) {
				return &model.CannotCheckError{
					Reason: name + " is not the URL of a proxy",
					Next:   "set it to one such as http://HOST:PORT, or unset it",
				}
			}
			break // the other spelling does not count then
		}
	}
	return nil
}

// isProxy tells whether a variable names a proxy: a URL, or HOST:PORT.
func isProxy(value string) bool {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	schemes := []string{"http", "https", "socks5", "socks5h"}
	return err == nil && isHost(u) && slices.Contains(schemes, u.Scheme)
}

// isHost tells whether a URL has a host, and a port that is one if any.
func isHost(u *url.URL) bool {
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return false
		}
	}
	return u.Hostname() != "" && !strings.ContainsAny(u.Hostname(), " /\\")
}

var regionForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

// checkRegion refuses what cannot be a region: its name is a part of names of hosts.
func checkRegion(region, given string) error {
	if regionForm.MatchString(region) {
		return nil
	}
	from := "of the profile"
	switch region {
	case given:
		from = "of --region"
	case os.Getenv("AWS_REGION"):
		from = "of AWS_REGION"
	case os.Getenv("AWS_DEFAULT_REGION"):
		from = "of AWS_DEFAULT_REGION"
	}
	return &model.CannotCheckError{
		Reason: fmt.Sprintf("the region %q %s is none of AWS's", Printable(region), from),
		Next:   "pass one such as --region eu-west-1",
	}
}

// allEndpoints is the variable of the endpoint of all services; that of a service alone has
// its name behind it, and goes before this one. --endpoint-url goes before both.
const allEndpoints = "AWS_ENDPOINT_URL"

// ownEndpoint is the variable that alone decides where the calls of an action go, "" where
// none does.
func (a *Account) ownEndpoint(action model.Action) string {
	prefix, _, _ := strings.Cut(string(action), ":")
	for _, at := range a.endpoints {
		if at.prefix == prefix {
			return at.variable()
		}
	}
	return ""
}

// endpointSetting names what decides where the calls of an action go.
func (a *Account) endpointSetting(action model.Action) string {
	return cmp.Or(a.ownEndpoint(action), "--endpoint-url")
}

// OwnEndpoints say which services have an endpoint of their own by a variable, and which.
func (a *Account) OwnEndpoints() []string {
	var out []string
	for _, at := range a.endpoints {
		if name := at.variable(); name != "" {
			out = append(out, fmt.Sprintf("calls of %s go to %s (%s)", at.service,
				RedactedURL(awssdk.ToString(at.base)), name))
		}
	}
	return out
}

// variable is the variable of the service alone that its endpoint is from, "" where it is
// not from one.
func (e *serviceEndpoint) variable() string {
	if name := allEndpoints + "_" + e.service; e.base != nil && *e.base != "" && *e.base == os.Getenv(name) {
		return name
	}
	return ""
}

// serviceEndpoint is where a client sends its calls, nil for AWS's own. The service is
// named as in variables, and by the prefix of its actions.
type serviceEndpoint struct {
	service, prefix string
	base            *string
}

func (s *Session) endpoints() []serviceEndpoint {
	return []serviceEndpoint{
		{"ECS", "ecs", s.ECS.Options().BaseEndpoint},
		{"EC2", "ec2", s.EC2.Options().BaseEndpoint},
		{"ELASTIC_LOAD_BALANCING_V2", "elasticloadbalancing", s.ELB.Options().BaseEndpoint},
		{"SERVICEDISCOVERY", "servicediscovery", s.CloudMap.Options().BaseEndpoint},
		{"CLOUDWATCH", "cloudwatch", s.Metrics.Options().BaseEndpoint},
	}
}

// checkEndpoints refuses endpoints that are no URLs, wherever they are configured.
func checkEndpoints(all []serviceEndpoint, given string) error {
	for _, at := range all {
		base := awssdk.ToString(at.base)
		if base == "" {
			continue
		}
		u, err := url.Parse(base)
		if err == nil && isHost(u) && (u.Scheme == "http" || u.Scheme == "https") {
			continue
		}
		from := "endpoint_url in the AWS configuration"
		switch base {
		case os.Getenv(allEndpoints + "_" + at.service):
			from = allEndpoints + "_" + at.service
		case given:
			from = "--endpoint-url"
		case os.Getenv(allEndpoints):
			from = allEndpoints
		}
		return &model.CannotCheckError{
			Reason: from + " is not a URL: " + RedactedURL(base),
			Next:   "set it to one such as http://127.0.0.1:4566, or to nothing",
		}
	}
	return nil
}

// halfKey is the variable that is missing beside the other one of a pair of keys, "" when
// none is.
func halfKey() string {
	const id, secret = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
	switch hasID, hasSecret := os.Getenv(id) != "", os.Getenv(secret) != ""; {
	case hasID && !hasSecret:
		return secret
	case hasSecret && !hasID:
		return id
	}
	return ""
}
