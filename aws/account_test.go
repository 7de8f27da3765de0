package aws_test

import (
	"os"
	"strings"
	"testing"

	"hopscope/aws"
	"hopscope/aws/awstest"
)

func TestOpeningSaysWhatIsMissingAndTheNextStep(t *testing.T) {
	const sso = `
[profile sso]
region = eu-west-1
sso_session = work
sso_account_id = 123456789012
sso_role_name = read
[sso-session work]
sso_region = eu-west-1
sso_start_url = https://example.test/start
`
	const mfa = `
[profile mfa]
region = eu-west-1
role_arn = arn:aws:iam::123456789012:role/read
source_profile = keys
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile keys]
aws_access_key_id = FAKE
aws_secret_access_key = fake
`
	const process = `
[profile process]
region = eu-west-1
credential_process = /bin/false
`
	for _, test := range []struct {
		name        string
		environment map[string]string
		config      string
		options     aws.Options
		words       []string
	}{
		{
			name: "no credentials", environment: map[string]string{"AWS_REGION": "eu-west-1"},
			words: []string{"no AWS credentials were found", "--profile"},
		},
		{
			name: "no region", environment: map[string]string{"AWS_ACCESS_KEY_ID": "FAKE", "AWS_SECRET_ACCESS_KEY": "fake"},
			words: []string{"no AWS region", "--region"},
		},
		{
			name: "no such profile", environment: awstest.FakeKeys(), options: aws.Options{Profile: "nope"},
			words: []string{`no profile "nope"`, "aws configure list-profiles"},
		},
		{
			name: "no such profile in the environment", environment: map[string]string{"AWS_PROFILE": "nope"},
			words: []string{`no profile "nope"`},
		},
		{
			name: "no SSO session", config: sso, options: aws.Options{Profile: "sso"},
			words: []string{"SSO session has expired", "aws sso login --profile sso"},
		},
		{
			name: "no SSO session, by environment", environment: map[string]string{"AWS_PROFILE": "sso"}, config: sso,
			words: []string{"aws sso login --profile sso"},
		},
		{
			name: "no SSO session, beside half a pair of keys", environment: map[string]string{"AWS_ACCESS_KEY_ID": "FAKE"},
			config: strings.Replace(sso, "[profile sso]", "[default]", 1),
			words:  []string{"SSO session has expired", "aws sso login"},
		},
		{
			name: "MFA", config: mfa, options: aws.Options{Profile: "mfa"},
			words: []string{"MFA", "export-credentials --profile mfa"},
		},
		{
			name: "credential_process", config: process, options: aws.Options{Profile: "process"},
			words: []string{"credential_process failed"},
		},
		{
			name: "half a pair of keys", environment: map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "FAKE"},
			words: []string{"AWS_SECRET_ACCESS_KEY is not set", "set both"},
		},
		{
			name: "no region's name", environment: awstest.FakeKeys(), options: aws.Options{Region: "eu_west 1"},
			words: []string{`the region "eu_west 1" of --region is none of AWS's`, "--region eu-west-1"},
		},
		{
			name: "another host for a region", environment: with("AWS_REGION", "eu-west-1.example.com/"),
			words: []string{"of AWS_REGION", "--region"},
		},
		{
			name: "an endpoint without a scheme", environment: with("AWS_ENDPOINT_URL", "localhost:4566"),
			words: []string{"AWS_ENDPOINT_URL is not a URL: localhost:4566", "set it to one such as"},
		},
		{
			name: "an endpoint that cannot be read", environment: with("AWS_ENDPOINT_URL", "http://me:planted@a b:%zz"),
			words: []string{"AWS_ENDPOINT_URL is not a URL", "set it to one such as"},
		},
		{
			name: "an endpoint without a host", environment: awstest.FakeKeys(), options: aws.Options{EndpointURL: "http://"},
			words: []string{"--endpoint-url is not a URL", "set it to one such as"},
		},
		{
			name: "the endpoint of one service", environment: with("AWS_ENDPOINT_URL_EC2", "ftp://localhost"),
			words: []string{"AWS_ENDPOINT_URL_EC2 is not a URL"},
		},
		{
			name: "an endpoint of the profile", environment: map[string]string{"AWS_PROFILE": "local"},
			config: "[profile local]\nregion = eu-west-1\naws_access_key_id = FAKE\naws_secret_access_key = fake\n" +
				"endpoint_url = ::::\n",
			words: []string{"endpoint_url in the AWS configuration is not a URL"},
		},
		{
			name: "a proxy that cannot be read", environment: with("HTTPS_PROXY", "http://me:planted@[bad"),
			words: []string{"HTTPS_PROXY is not the URL of a proxy", "unset it"},
		},
		{
			name: "a proxy of an odd scheme", environment: with("http_proxy", "ftp://me:planted@host"),
			words: []string{"http_proxy is not the URL of a proxy"},
		},
		{
			name: "no certificates", environment: with("AWS_CA_BUNDLE", "/nowhere/ca.pem"),
			words: []string{"AWS_CA_BUNDLE", "no such file", "PEM certificates"},
		},
		{
			name: "an odd setting", environment: with("AWS_RETRY_MODE", "bogus"),
			words: []string{"the AWS configuration cannot be used", "bogus", "correct the variable"},
		},
		{
			name: "an odd number", environment: with("AWS_MAX_ATTEMPTS", "many"),
			words: []string{"the AWS configuration cannot be used", "AWS_MAX_ATTEMPTS"},
		},
		{
			name: "damaged configuration", config: "[profile x\nregion", options: aws.Options{Profile: "x"},
			words: []string{"x"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			awstest.Environment(t, test.environment)
			if test.config != "" {
				if err := os.WriteFile(os.Getenv("AWS_CONFIG_FILE"), []byte(test.config), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			a, err := aws.Open(t.Context(), test.options)
			if err == nil {
				t.Fatalf("opened %v", a)
			}
			awstest.CheckCannotCheck(t, err, test.words...)
			if strings.Contains(err.Error(), "planted") {
				t.Errorf("a password: %v", err)
			}
		})
	}
}

// with are fake keys and one variable more.
func with(name, value string) map[string]string {
	all := awstest.FakeKeys()
	all[name] = value
	return all
}

// What names a proxy in the ways that the standard library reads is no error.
func TestProxiesThatCanBeReadAreTaken(t *testing.T) {
	for _, value := range []string{
		"http://proxy:3128", "proxy:3128", "proxy", "https://me:secret@proxy.example.com/", "socks5://[::1]:1080",
		"10.0.0.1:80",
	} {
		awstest.Environment(t, with("HTTPS_PROXY", value))
		if _, err := aws.Open(t.Context(), aws.Options{}); err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// The files and variables of the AWS CLI have five places for an endpoint.
func TestTheEndpointOfECSIsFoundWhereverItIsConfigured(t *testing.T) {
	const local = "http://127.0.0.1:4566"
	const keys = "region = eu-west-1\naws_access_key_id = FAKE\naws_secret_access_key = fake\n"
	const profile = "[profile local]\n" + keys + "endpoint_url = " + local + "\n"
	const section = "[profile local]\n" + keys + "services = local\n[services local]\necs =\n  endpoint_url = " + local +
		"\n"
	named := map[string]string{"AWS_PROFILE": "local"}
	for name, test := range map[string]struct {
		options     aws.Options
		environment map[string]string
		config      string
		want        string
	}{
		"nowhere":             {want: ""},
		"--endpoint-url":      {options: aws.Options{EndpointURL: local}, want: local},
		"the environment":     {environment: map[string]string{"AWS_ENDPOINT_URL": local}, want: local},
		"the variable of ECS": {environment: map[string]string{"AWS_ENDPOINT_URL_ECS": local}, want: local},
		"the variable of EC2": {environment: map[string]string{"AWS_ENDPOINT_URL_EC2": local}, want: ""},
		"the profile":         {environment: named, config: profile, want: local},
		"a services section":  {environment: named, config: section, want: local},
		"a profile by option": {options: aws.Options{Profile: "local"}, config: profile, want: local},
		"the variable of ECS and another one for all": {
			environment: map[string]string{"AWS_ENDPOINT_URL": "https://proxy.example.com", "AWS_ENDPOINT_URL_ECS": local},
			want:        local,
		},
		"a profile that is ignored": {
			environment: map[string]string{"AWS_PROFILE": "local", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
			config:      profile, want: "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			awstest.Environment(t, awstest.FakeKeys())
			for name, value := range test.environment {
				t.Setenv(name, value)
			}
			if err := os.WriteFile(os.Getenv("AWS_CONFIG_FILE"), []byte(test.config), 0o600); err != nil {
				t.Fatal(err)
			}
			a, err := aws.Open(t.Context(), test.options)
			if err != nil {
				t.Fatal(err)
			}
			if a.Endpoint() != test.want {
				t.Errorf("the endpoint is %q, want %q", a.Endpoint(), test.want)
			}
		})
	}
}
