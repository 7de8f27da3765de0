package aws_test

import (
	"os"
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
			name: "MFA", config: mfa, options: aws.Options{Profile: "mfa"},
			words: []string{"MFA", "export-credentials --profile mfa"},
		},
		{
			name: "credential_process", config: process, options: aws.Options{Profile: "process"},
			words: []string{"credential_process failed"},
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
		})
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
