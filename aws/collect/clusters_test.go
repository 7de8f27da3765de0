package collect_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

func TestAClosedPortIsOneSentenceWithinThreeSeconds(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	awstest.Environment(t, awstest.FakeKeys())
	a := newSource(t, collect.Options{}, aws.Options{EndpointURL: "http://" + address}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	_, err = a.Collect(ctx, nil)
	awstest.CheckCannotCheck(t, err, address, "connection refused", "--endpoint-url")
}

func TestTheEndpointOfTheEnvironmentIsHonoured(t *testing.T) {
	awstest.Environment(t, awstest.FakeKeys())
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	a := newSource(t, collect.Options{}, aws.Options{}, nil)
	_, err := a.Collect(t.Context(), nil)
	awstest.CheckCannotCheck(t, err, "127.0.0.1:1")
}

// three is a world with the clusters prod-a, prod-b and test, two services each.
func three() *simulator.World {
	w := awstest.Fleet(6)
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
			a, _ := open(t, three(), collect.Options{Clusters: test.clusters})
			s := read(t, a)
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
		{
			three(),
			[]string{"prod*", "dev*"},
			`no cluster matches "dev*" in ap-northeast-1; the region has: prod-a, prod-b, test`,
		},
		{three(), []string{"prod"}, `no cluster matches "prod" in ap-northeast-1; the region has: prod-a, prod-b, test`},
		{&simulator.World{}, nil, "no ECS cluster in ap-northeast-1; pass --region"},
		{&simulator.World{}, []string{"prod"}, "no ECS cluster in ap-northeast-1; pass --region"},
	} {
		a, _ := open(t, test.world, collect.Options{Clusters: test.given}, aws.Options{Region: "ap-northeast-1"})
		_, err := a.Collect(t.Context(), nil)
		awstest.CheckCannotCheck(t, err, test.words)
	}
}

func TestWithoutListClustersNamedClustersAreStillRead(t *testing.T) {
	denied := simulator.Faults{Fail: []simulator.Failure{{
		Action: string(model.ListClusters),
		With:   simulator.AccessDenied,
	}}}
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
			a, sim := open(t, three(), collect.Options{Clusters: test.given})
			sim.SetFaults(denied)
			s, err := a.Collect(t.Context(), nil)
			if test.words != "" {
				awstest.CheckCannotCheck(t, err, test.words)
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
	a, _ := open(t, &simulator.World{Clusters: []simulator.Cluster{{Name: "empty"}}}, collect.Options{})
	s := read(t, a)
	if !s.Complete || len(s.Services) != 0 || s.Stats.Calls[model.DescribeSecurityGroups] != 0 {
		t.Errorf("complete %t, gaps %v, calls %v", s.Complete, s.Gaps, s.Stats.Calls)
	}
}

func TestAPatternThatIsNoneIsRefused(t *testing.T) {
	account, err := aws.Open(t.Context(), aws.Options{Transport: http.DefaultTransport})
	if err != nil {
		t.Fatal(err)
	}
	_, err = collect.New(account, collect.Options{Clusters: []string{"prod["}})
	awstest.CheckCannotCheck(t, err, `"prod["`, "not a pattern")
}
