package aws_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hopscope/aws"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// environment is one in which nothing of the machine's AWS configuration counts.
func environment(t *testing.T, more map[string]string) {
	t.Helper()
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir := t.TempDir()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	t.Setenv("HOME", dir)
	for name, value := range more {
		t.Setenv(name, value)
	}
}

// fakeKeys are credentials that no AWS knows.
func fakeKeys() map[string]string {
	return map[string]string{"AWS_ACCESS_KEY_ID": "FAKE", "AWS_SECRET_ACCESS_KEY": "fake", "AWS_REGION": "eu-west-1"}
}

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
		{name: "no credentials", environment: map[string]string{"AWS_REGION": "eu-west-1"}, words: []string{"no AWS credentials were found", "--profile"}},
		{name: "no region", environment: map[string]string{"AWS_ACCESS_KEY_ID": "FAKE", "AWS_SECRET_ACCESS_KEY": "fake"}, words: []string{"no AWS region", "--region"}},
		{name: "no such profile", environment: fakeKeys(), options: aws.Options{Profile: "nope"}, words: []string{`no profile "nope"`, "aws configure list-profiles"}},
		{name: "no such profile in the environment", environment: map[string]string{"AWS_PROFILE": "nope"}, words: []string{`no profile "nope"`}},
		{name: "no SSO session", config: sso, options: aws.Options{Profile: "sso"}, words: []string{"SSO session has expired", "aws sso login --profile sso"}},
		{name: "no SSO session, by environment", environment: map[string]string{"AWS_PROFILE": "sso"}, config: sso, words: []string{"aws sso login --profile sso"}},
		{name: "MFA", config: mfa, options: aws.Options{Profile: "mfa"}, words: []string{"MFA", "export-credentials --profile mfa"}},
		{name: "credential_process", config: process, options: aws.Options{Profile: "process"}, words: []string{"credential_process failed"}},
		{name: "damaged configuration", config: "[profile x\nregion", options: aws.Options{Profile: "x"}, words: []string{"x"}},
		{name: "a pattern that is none", environment: fakeKeys(), options: aws.Options{Clusters: []string{"prod["}}, words: []string{`"prod["`, "not a pattern"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			environment(t, test.environment)
			if test.config != "" {
				if err := os.WriteFile(os.Getenv("AWS_CONFIG_FILE"), []byte(test.config), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			a, err := aws.Open(t.Context(), test.options)
			if err == nil {
				t.Fatalf("opened %v", a)
			}
			checkCannotCheck(t, err, test.words...)
		})
	}
}

func TestAClosedPortIsOneSentenceWithinThreeSeconds(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	environment(t, fakeKeys())
	a, err := aws.Open(t.Context(), aws.Options{EndpointURL: "http://" + address})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	_, err = a.Collect(ctx, nil)
	checkCannotCheck(t, err, address, "connection refused", "--endpoint-url")
}

func TestTheEndpointOfTheEnvironmentIsHonoured(t *testing.T) {
	environment(t, fakeKeys())
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	a, err := aws.Open(t.Context(), aws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Collect(t.Context(), nil)
	checkCannotCheck(t, err, "127.0.0.1:1")
}

// three is a world with the clusters prod-a, prod-b and test, two services each.
func three() *simulator.World {
	w := fleet(6)
	w.Clusters = []simulator.Cluster{{Name: "prod-a"}, {Name: "prod-b"}, {Name: "test"}}
	for i := range w.Services {
		w.Services[i].Cluster = w.Clusters[i/2].Name
	}
	return w
}

func TestClustersAreChosenByNamePatternAndARN(t *testing.T) {
	for _, test := range []struct {
		clusters []string
		want     []string
	}{
		{nil, []string{"prod-a", "prod-b", "test"}},
		{[]string{"test"}, []string{"test"}},
		{[]string{"prod-*"}, []string{"prod-a", "prod-b"}},
		{[]string{"prod-?", "test"}, []string{"prod-a", "prod-b", "test"}},
		{[]string{"*-a", "prod-a"}, []string{"prod-a"}},
		{[]string{"arn:aws:ecs:ap-northeast-1:123456789012:cluster/prod-b"}, []string{"prod-b"}},
	} {
		t.Run(fmt.Sprint(test.clusters), func(t *testing.T) {
			a, _ := open(t, three(), aws.Options{Clusters: test.clusters})
			s := collect(t, a)
			if fmt.Sprint(s.Scope.Clusters) != fmt.Sprint(test.want) {
				t.Errorf("clusters are %v, want %v", s.Scope.Clusters, test.want)
			}
			if n := 2 * len(test.want); s.Counts.Services != (model.Count{Listed: n, Loaded: n}) ||
				s.Counts.TargetGroups != (model.Count{Listed: n, Loaded: n}) || !s.Complete {
				t.Errorf("counts are %+v, want %d services and target groups; gaps %v", s.Counts, n, s.Gaps)
			}
		})
	}
}

func TestClustersThatDoNotExistAreRefused(t *testing.T) {
	for _, test := range []struct {
		world *simulator.World
		given []string
		words string
	}{
		{three(), []string{"prod*", "dev*"}, `no cluster matches "dev*" in ap-northeast-1; the region has: prod-a, prod-b, test`},
		{three(), []string{"prod"}, `no cluster matches "prod" in ap-northeast-1; the region has: prod-a, prod-b, test`},
		{&simulator.World{}, nil, "no ECS cluster in ap-northeast-1; pass --region"},
		{&simulator.World{}, []string{"prod"}, "no ECS cluster in ap-northeast-1; pass --region"},
	} {
		a, _ := open(t, test.world, aws.Options{Region: "ap-northeast-1", Clusters: test.given})
		_, err := a.Collect(t.Context(), nil)
		checkCannotCheck(t, err, test.words)
	}
}

func TestWithoutListClustersNamedClustersAreStillRead(t *testing.T) {
	denied := simulator.Faults{Fail: []simulator.Failure{{Action: string(model.ListClusters), With: simulator.AccessDenied}}}
	for _, test := range []struct {
		name  string
		given []string
		words string
	}{
		{"names", []string{"prod-a", "test"}, ""},
		{"a pattern", []string{"prod-*"}, "name the clusters with --cluster"},
		{"nothing", nil, "name the clusters with --cluster"},
		{"an unknown name", []string{"prod-a", "nope"}, `no cluster matches "nope"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, sim := open(t, three(), aws.Options{Clusters: test.given})
			sim.SetFaults(denied)
			s, err := a.Collect(t.Context(), nil)
			if test.words != "" {
				checkCannotCheck(t, err, test.words)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if s.Counts.Services != (model.Count{Listed: 4, Loaded: 4}) || s.Scope.Account != "123456789012" {
				t.Errorf("services %+v, account %q", s.Counts.Services, s.Scope.Account)
			}
			if len(s.Gaps) != 1 || s.Gaps[0].Action != model.ListClusters || s.Clusters[0].ActiveServices != 2 {
				t.Errorf("gaps %+v, clusters %+v", s.Gaps, s.Clusters)
			}
		})
	}
}

func TestAClusterWithoutServicesIsNoError(t *testing.T) {
	a, _ := open(t, &simulator.World{Clusters: []simulator.Cluster{{Name: "empty"}}}, aws.Options{})
	s := collect(t, a)
	if !s.Complete || len(s.Services) != 0 || s.Stats.Calls[model.DescribeSecurityGroups] != 0 {
		t.Errorf("complete %t, gaps %v, calls %v", s.Complete, s.Gaps, s.Stats.Calls)
	}
}
