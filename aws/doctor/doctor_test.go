package doctor_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/doctor"
	"hopscope/aws/simulator"
	"hopscope/model"
	answer "hopscope/model/doctor"
)

// examine asks the doctor about what a transport answers.
func examine(t *testing.T, transport http.RoundTripper, clusters ...string) (*answer.Document, error) {
	t.Helper()
	account, err := aws.Open(t.Context(), aws.Options{Transport: transport, Region: "eu-west-1", Profile: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	source, err := collect.New(account, collect.Options{Clusters: clusters, Everything: true})
	if err != nil {
		t.Fatal(err)
	}
	return doctor.New(source).Examine(t.Context())
}

// shop is the simulator of a world in which every action has something to ask about.
func shop(t *testing.T, fail ...simulator.Failure) *simulator.Simulator {
	t.Helper()
	world := awstest.Load(t, "shop")
	world.Faults.Fail = fail
	return simulator.New(world, simulator.Options{})
}

// actions are all that hopscope sends.
func actions() []model.Action {
	return slices.Concat(aws.ActionsFor(aws.Reading), aws.ActionsFor(aws.Applying))
}

func trialOf(t *testing.T, d *answer.Document, a model.Action) answer.Trial {
	t.Helper()
	i := slices.IndexFunc(d.Trials, func(t answer.Trial) bool { return t.Action == a })
	if i < 0 {
		t.Fatalf("%s is not among the trials", a)
	}
	return d.Trials[i]
}

func TestEveryActionIsTriedOnceAndNothingIsChanged(t *testing.T) {
	sim := shop(t)
	d, err := examine(t, sim)
	if err != nil {
		t.Fatal(err)
	}
	if d.Verdict != answer.Complete {
		t.Errorf("the verdict is %s", d.Verdict)
	}
	for _, a := range actions() {
		want, sent := answer.Works, 1
		if a == aws.UpdateService {
			want, sent = answer.NotTried, 0
		}
		if got := trialOf(t, d, a); got.State != want || (got.Effect == "") != (want == answer.Works) {
			t.Errorf("%+v, want it to be %s", got, want)
		}
		if n := awstest.Count(sim, a); n != sent {
			t.Errorf("%s was sent %d times, want %d", a, n, sent)
		}
	}
	for _, c := range sim.Calls() {
		if c.Mutating && (c.Params["DryRun"] != "true" || c.Error == "") {
			t.Errorf("a call that changes something: %+v", c)
		}
		if !slices.Contains(actions(), model.Action(c.Action)) {
			t.Errorf("%s is none of hopscope's", c.Action)
		}
	}
	if reason := trialOf(t, d, aws.UpdateService).Message; !strings.Contains(reason, "no dry run") {
		t.Errorf("why UpdateService was not tried: %q", reason)
	}
}

// Each action is denied in turn: it is named, with what it blinds, and so is what
// cannot be tried without it; nothing else is.
func TestADeniedActionIsNamedWithWhatItBlinds(t *testing.T) {
	for _, a := range actions() {
		for _, kind := range []simulator.FailureKind{simulator.AccessDenied, simulator.ExplicitDeny} {
			t.Run(string(a)+"/"+string(kind), func(t *testing.T) {
				sim := shop(t, simulator.Failure{Action: string(a), With: kind})
				d, err := examine(t, sim)
				if err != nil {
					t.Fatal(err)
				}
				got := trialOf(t, d, a)
				if a == aws.UpdateService {
					if got.State != answer.NotTried {
						t.Errorf("%+v", got)
					}
					return
				}
				if got.State != answer.Denied || got.Code == "" || !strings.Contains(got.Message, string(a)) ||
					got.Effect != aws.OperationOf(a).Effect || got.Effect == "" {
					t.Errorf("%+v", got)
				}
				verdict := answer.Complete
				if got.Use == answer.Reading && a != model.GetMetricData {
					verdict = answer.Missing
				}
				if d.Verdict != verdict {
					t.Errorf("the verdict is %s, want %s", d.Verdict, verdict)
				}
				for _, other := range d.Trials {
					blames := strings.Contains(other.Message, "known without")
					if other.Action != a && other.State != answer.Works && other.Action != aws.UpdateService &&
						(other.State != answer.NotTried || !blames && !strings.Contains(other.Message, "there is no")) {
						t.Errorf("%+v", other)
					}
				}
			})
		}
	}
}

func TestWithoutListClustersTheNamedOnesAreTried(t *testing.T) {
	denied := simulator.Failure{Action: string(model.ListClusters), With: simulator.AccessDenied}
	d, err := examine(t, shop(t, denied), "shop")
	if err != nil {
		t.Fatal(err)
	}
	if got := trialOf(t, d, model.DescribeServices); got.State != answer.Works {
		t.Errorf("with the cluster's name: %+v", got)
	}
	if d, err = examine(t, shop(t, denied)); err != nil {
		t.Fatal(err)
	}
	want := "no cluster is known without ecs:ListClusters: allow that, and try again"
	if got := trialOf(t, d, model.ListServices); got.State != answer.NotTried || got.Message != want {
		t.Errorf("without a name: %+v", got)
	}
}

func TestWhatThereIsNothingToAskAboutIsNotTried(t *testing.T) {
	world := &simulator.World{Clusters: []simulator.Cluster{{Name: "empty"}}}
	d, err := examine(t, simulator.New(world, simulator.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if got := trialOf(t, d, model.DescribeServices); got.State != answer.NotTried ||
		got.Message != "there is no service to ask about" {
		t.Errorf("%+v", got)
	}
	if d.Verdict != answer.Undecided {
		t.Errorf("without a service the verdict is %s", d.Verdict)
	}
}

func TestAFailureThatIsNoRefusalDecidesNothing(t *testing.T) {
	for kind, want := range map[simulator.FailureKind]answer.Verdict{
		simulator.InternalError: answer.Undecided, simulator.Throttled: answer.Undecided,
		simulator.Unsupported: answer.Missing,
	} {
		synctest.Test(t, func(t *testing.T) {
			d, err := examine(t, shop(t, simulator.Failure{Action: string(model.DescribeVpcs), With: kind}))
			if err != nil {
				t.Fatal(err)
			}
			if d.Verdict != want {
				t.Errorf("%s: the verdict is %s, want %s", kind, d.Verdict, want)
			}
		})
	}
}

func TestWithoutTheNamedClusterThereIsNothingToTry(t *testing.T) {
	_, err := examine(t, shop(t), "nowhere")
	awstest.CheckCannotCheck(t, err, "no cluster matches \"nowhere\"")
}

// Whatever answers, or does not, there is a row for every action, and the policies that
// the user may be lacking; and it does not take long.
func TestWhatCannotBeTriedIsInTheAnswer(t *testing.T) {
	page := func(*http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Status: "200 OK", Header: http.Header{"Content-Type": {"text/html"}},
			Body: io.NopCloser(strings.NewReader("<html>Log in</html>")),
		}, nil
	}
	all := func(kind simulator.FailureKind, action string) http.RoundTripper {
		return shop(t, simulator.Failure{Action: action, With: kind})
	}
	for name, test := range map[string]struct {
		transport http.RoundTripper
		// failed is the action that shows it first, and said what is said of it.
		failed model.Action
		said   string
	}{
		"expired":          {all(simulator.ExpiredToken, "*"), model.ListClusters, "aws sso login --profile prod"},
		"expired later":    {all(simulator.ExpiredToken, "ec2:*"), model.DescribeSubnets, "have expired"},
		"throttled":        {all(simulator.Throttled, "*"), model.ListClusters, "is throttled"},
		"one is throttled": {all(simulator.Throttled, string(model.ListClusters)), model.ListClusters, "is throttled"},
		"a page as error":  {all(simulator.HTMLError, "*"), model.ListClusters, "with a web page"},
		"a page":           {awstest.Transport(page), model.ListClusters, "with a web page"},
		"unreachable": {awstest.Transport(func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}), model.ListClusters, "cannot be reached"},
		"stalled": {awstest.Transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}), model.ListClusters, "is silent about"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				d, err := examine(t, test.transport)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took > 2*time.Minute {
					t.Errorf("it took %s", took)
				}
				if got := trialOf(t, d, test.failed); got.State != answer.Failed || !strings.Contains(got.Message, test.said) {
					t.Errorf("%+v", got)
				}
				checkIsWhole(t, d)
				if d.Verdict != answer.Undecided {
					t.Errorf("the verdict is %s", d.Verdict)
				}
			})
		})
	}
}

// checkIsWhole proves that an answer has a row for every action, with a reason where it
// does not work, and both policies with every action.
func checkIsWhole(t *testing.T, d *answer.Document) {
	t.Helper()
	if len(d.Trials) != len(actions()) {
		t.Errorf("%d trials", len(d.Trials))
	}
	for _, trial := range d.Trials {
		if trial.State != answer.Works && (trial.Message == "" || trial.Effect == "") {
			t.Errorf("%+v", trial)
		}
		if trial.State == answer.NotTried && trial.Action != aws.UpdateService &&
			!strings.Contains(trial.Message, "could not try: ") && !strings.Contains(trial.Message, "there is no") {
			t.Errorf("%+v", trial)
		}
	}
	allowed := 0
	for _, p := range []answer.Policy{d.Policies.Read, d.Policies.Apply} {
		for _, s := range p.Statement {
			allowed += len(s.Action)
		}
	}
	if allowed < len(actions()) {
		t.Errorf("the policies allow %d actions of %d", allowed, len(actions()))
	}
}

// ignorant is an endpoint that does not know dry runs: it carries them out.
func ignorant(t *testing.T, sim *simulator.Simulator) awstest.Transport {
	t.Helper()
	return func(r *http.Request) (*http.Response, error) {
		body := bytes.Replace(awstest.Body(t, r.Body), []byte("&DryRun=true"), nil, 1)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return sim.RoundTrip(r)
	}
}

func TestAnEndpointWithoutDryRunsIsNotChangedEither(t *testing.T) {
	sim := shop(t)
	read := func() []model.SecurityGroup {
		account, err := aws.Open(t.Context(), aws.Options{Transport: sim})
		if err != nil {
			t.Fatal(err)
		}
		source, err := collect.New(account, collect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := source.Collect(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return s.SecurityGroups
	}
	before := read()
	if _, err := examine(t, ignorant(t, sim)); err != nil {
		t.Fatal(err)
	}
	for _, c := range sim.Calls() {
		if c.Params["DryRun"] != "" {
			t.Fatal("a dry run arrived: this test could not fail")
		}
	}
	if diff := cmp.Diff(before, read(), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("the rules (-before +after):\n%s", diff)
	}
}

func TestASuccessIsNoAnswerToADryRun(t *testing.T) {
	sim := shop(t)
	d, err := examine(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
		body := awstest.Body(t, r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte("DryRun=true")) {
			return sim.RoundTrip(r)
		}
		name, _, _ := strings.Cut(string(body[len("Action="):]), "&")
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}}, Request: r,
			Body: io.NopCloser(strings.NewReader("<" + name + "Response><return>true</return></" + name + "Response>")),
		}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range aws.ActionsFor(aws.Applying) {
		if a == aws.DescribeAlarms {
			continue // it changes nothing
		}
		if got := trialOf(t, d, a); got.State != answer.NotTried || got.Message == "" {
			t.Errorf("%+v", got)
		}
	}
}

// Hostile answers neither widen a policy nor reach a terminal.
func TestHostileAnswersStayOutOfPolicyAndText(t *testing.T) {
	sim := shop(t)
	d, err := examine(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
		var text string
		switch awstest.Operation(r) {
		case "ListClusters":
			text = `{"clusterArns":["arn:aws*:ecs:eu-west-1:12345678901*:cluster/pr\u001b[31mod*${aws:username}"]}`
		case "DescribeTaskDefinition", "DescribeClusters":
			text = `{"__type":"AccessDeniedException","message":"\u001b]0;owned\u0007no\u202e"}`
		default:
			return sim.RoundTrip(r)
		}
		status := http.StatusOK
		if strings.Contains(text, "__type") {
			status = http.StatusBadRequest
		}
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
			Body: io.NopCloser(strings.NewReader(text)), Request: r,
		}, nil
	}), "[p]*")
	if err != nil {
		t.Fatal(err)
	}
	policies, err := json.Marshal(d.Policies)
	if err != nil {
		t.Fatal(err)
	}
	for _, hostile := range []string{"${", "aws*", "*$", "12345678901*", "od*"} {
		if bytes.Contains(policies, []byte(hostile)) {
			t.Errorf("a policy holds %q: %s", hostile, policies)
		}
	}
	for _, trial := range d.Trials {
		if strings.ContainsAny(trial.Message+trial.Code, "\x1b\x07\u202e") {
			t.Errorf("%q", trial.Message)
		}
	}
	if strings.ContainsAny(strings.Join(d.Scope.Clusters, ""), "\x1b") {
		t.Errorf("the scope is %q", d.Scope.Clusters)
	}
}

func TestPoliciesAreNarrowedToTheClustersThatWereNamed(t *testing.T) {
	d, err := examine(t, shop(t), "shop", "back*")
	if err != nil {
		t.Fatal(err)
	}
	resources := map[string][]string{}
	for _, s := range slices.Concat(d.Policies.Read.Statement, d.Policies.Apply.Statement) {
		resources[s.Sid] = s.Resource
		if s.Sid == "HopscopeReadByCluster" {
			want := map[string]map[string][]string{
				"ArnLike": {"ecs:cluster": {
					"arn:aws:ecs:eu-west-1:123456789012:cluster/back*", "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
				}},
				"StringEquals": {"aws:RequestedRegion": {"eu-west-1"}},
			}
			if diff := cmp.Diff(want, s.Condition); diff != "" {
				t.Errorf("the condition (-want +got):\n%s", diff)
			}
		}
	}
	for sid, want := range map[string][]string{
		"HopscopeReadByCluster": {"*"},
		"HopscopeReadCluster": {
			"arn:aws:ecs:eu-west-1:123456789012:cluster/back*", "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
		},
		"HopscopeApplyService": {
			"arn:aws:ecs:eu-west-1:123456789012:service/back*/*", "arn:aws:ecs:eu-west-1:123456789012:service/shop/*",
		},
		"HopscopeApplySecurityGroup": {"arn:aws:ec2:eu-west-1:123456789012:security-group/*"},
		"HopscopeReadPrefixList":     {"arn:aws:ec2:eu-west-1:*:prefix-list/*"},
	} {
		if diff := cmp.Diff(want, resources[sid]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sid, diff)
		}
	}
}

// A dry run is sent once, as a change is: its answer may be lost.
func TestADryRunIsNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := shop(t, simulator.Failure{Action: string(aws.AuthorizeIngress), With: simulator.InternalError})
		d, err := examine(t, sim)
		if err != nil {
			t.Fatal(err)
		}
		if got := trialOf(t, d, aws.AuthorizeIngress); got.State != answer.Failed {
			t.Errorf("%+v", got)
		}
		if n := awstest.Count(sim, aws.AuthorizeIngress); n != 1 {
			t.Errorf("it was sent %d times", n)
		}
	})
}

// In a shared VPC the groups of other accounts are listed too.
func TestNoDryRunIsAboutAGroupOfAnotherAccount(t *testing.T) {
	sim := shop(t)
	d, err := examine(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
		body := awstest.Body(t, r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		reply, err := sim.RoundTrip(r)
		if err == nil && bytes.Contains(body, []byte("Action=DescribeSecurityGroups&")) {
			own, other := []byte("<ownerId>123456789012"), []byte("<ownerId>999999999999")
			text := bytes.ReplaceAll(awstest.Body(t, reply.Body), own, other)
			reply.Body, reply.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
		}
		return reply, err
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []model.Action{aws.AuthorizeIngress, aws.AuthorizeEgress, aws.RevokeIngress, aws.RevokeEgress} {
		if got := trialOf(t, d, a); got.State != answer.NotTried || awstest.Count(sim, a) != 0 {
			t.Errorf("%+v, sent %d times", got, awstest.Count(sim, a))
		}
	}
}
