package collect_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// withPrefixList is the article's world with a rule by prefix list, so that every
// operation of the core is sent, and four from behind it.
func withPrefixList(t *testing.T) *simulator.World {
	t.Helper()
	w := awstest.Load(t, "article")
	w.PrefixLists = []simulator.PrefixList{{Name: "office", Entries: []string{"192.0.2.0/24", "198.51.100.0/24"}}}
	w.SecurityGroups[0].Ingress = append(w.SecurityGroups[0].Ingress,
		simulator.SecurityGroupRule{Ports: simulator.Port(443), PrefixList: "office"})
	return w
}

// sent is every action that the world with a prefix list takes: the core of
// docs/aws.md, Calls, and the targets, attributes, Cloud Map services and metrics behind it.
func sent(t *testing.T) []model.Action {
	t.Helper()
	a, _ := open(t, withPrefixList(t), collect.Options{})
	s := read(t, a)
	if len(s.PrefixLists) != 1 || len(s.PrefixLists[0].Entries) != 2 {
		t.Fatalf("prefix lists are %+v", s.PrefixLists)
	}
	var actions []model.Action
	for action := range s.Stats.Calls {
		actions = append(actions, action)
	}
	slices.Sort(actions)
	if len(actions) != 17+6 {
		t.Fatalf("%d actions, want 23: %v", len(actions), actions)
	}
	return actions
}

// needed are the actions without which there is nothing to show.
func needed(action model.Action) bool {
	return action == model.ListClusters || action == model.ListServices || action == model.DescribeServices
}

// fail collects the world with one action failing.
func fail(
	t *testing.T, action model.Action, with simulator.FailureKind,
) (*model.Snapshot, *simulator.Simulator, error) {
	t.Helper()
	a, sim := open(t, withPrefixList(t), collect.Options{})
	sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: string(action), With: with}}})
	s, err := a.Collect(t.Context(), nil)
	return s, sim, err
}

func TestEachRefusedActionIsAGapThatNamesIt(t *testing.T) {
	for _, kind := range []struct {
		with  simulator.FailureKind
		state model.GapState
		words string
	}{
		{simulator.AccessDenied, model.Denied, "is not allowed; add it to the policy"},
		{simulator.ExplicitDeny, model.Denied, "is denied explicitly by a service control policy"},
		{simulator.Unsupported, model.Unsupported, "the endpoint does not know"},
		{simulator.HTMLError, model.Unsupported, ".us-east-1.amazonaws.com answered "},
	} {
		for _, action := range sent(t) {
			t.Run(fmt.Sprintf("%s/%s", kind.with, action), func(t *testing.T) {
				s, sim, err := fail(t, action, kind.with)
				// The two task definitions may be on their way together.
				limit := 1
				if action == model.DescribeTaskDefinition {
					limit = 2
				}
				if sent := awstest.Count(sim, action); sent == 0 || sent > limit {
					t.Errorf("it was sent %d times, want %d at most", sent, limit)
				}
				if needed(action) {
					awstest.CheckCannotCheck(t, err, string(action))
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if s.Complete || s.Loading() {
					t.Errorf("complete %t, loading %t", s.Complete, s.Loading())
				}
				if s.Counts.Services != (model.Count{Listed: 2, Loaded: 2}) {
					t.Errorf("services are %+v", s.Counts.Services)
				}
				g := model.NewIndex(s).Gap(action, "")
				if g == nil {
					t.Fatalf("no gap for it: %+v", s.Gaps)
				}
				if g.State != kind.state || g.Error == "" || g.Effect == "" ||
					!strings.Contains(g.Message, kind.words) || !strings.Contains(g.Message, string(action)) {
					t.Errorf("the gap is %+v", g)
				}
				checkNoFollowUpIsBlamed(t, s, action)
			})
		}
	}
}

// checkNoFollowUpIsBlamed proves that a gap is not doubled by gaps for what
// could not be known because of it.
func checkNoFollowUpIsBlamed(t *testing.T, s *model.Snapshot, action model.Action) {
	t.Helper()
	for _, g := range s.Gaps {
		if g.Action != action {
			t.Errorf("another gap: %+v", g)
		}
	}
}

func TestPassingFaultsAreRiddenOut(t *testing.T) {
	for _, kind := range []simulator.FailureKind{
		simulator.Throttled, simulator.InternalError, simulator.Cut, simulator.Truncated, simulator.Slow,
	} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, sim := open(t, awstest.Fleet(60), collect.Options{})
				sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{
					{Action: "ecs:ListClusters", With: kind, Times: 2},
					{Action: "ecs:ListServices", With: kind, Times: 4},
					{Action: "ecs:DescribeServices", With: kind, Times: 6},
					{Action: "ecs:DescribeTaskDefinition", With: kind, Times: 6},
					{Action: "ec2:*", With: kind, Times: 4},
					{Action: "elasticloadbalancing:*", With: kind, Times: 4},
					{Action: "servicediscovery:*", With: kind, Times: 4},
				}})
				s := read(t, a)
				if !s.Complete || s.Counts.Services != (model.Count{Listed: 60, Loaded: 60}) {
					t.Errorf("complete %t, counts %+v, gaps %v", s.Complete, s.Counts, s.Gaps)
				}
				if got := s.Stats.Throttled; kind == simulator.Throttled && got != 30 {
					t.Errorf("%d replies were counted as throttled, want 30", got)
				}
				if got := s.Stats.TotalCalls(); got != len(sim.Calls()) {
					t.Errorf("%d calls were counted and %d arrived", got, len(sim.Calls()))
				}
			})
		})
	}
}

func TestALastingFaultOfOneActionEndsInAGapAfterAFewCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, sim := open(t, awstest.Fleet(100), collect.Options{})
		sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{
			{Action: string(model.DescribeTaskDefinition), With: simulator.InternalError},
		}})
		s := read(t, a)
		if len(s.Gaps) != 1 {
			t.Errorf("%d gaps, want one for all", len(s.Gaps))
		}
		g := model.NewIndex(s).Gap(model.DescribeTaskDefinition, "")
		if g == nil || g.State != model.Failed || g.Error != "ServerException" {
			t.Errorf("the gap is %+v", g)
		}
		// 16 calls are under way at once, and 2 follow before the third has
		// failed; each has 12 attempts.
		if got := awstest.Count(sim, model.DescribeTaskDefinition); got > 18*12 {
			t.Errorf("%d calls, want 216 at most", got)
		}
	})
}

// An endpoint that stops answering in the middle is not waited for once a call.
func TestAnOperationThatStallsInTheMiddleIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := simulator.New(awstest.Fleet(400), simulator.Options{})
		var sent atomic.Int32
		a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
			reply, err := sim.RoundTrip(r)
			if err == nil && awstest.Operation(r) == "DescribeTaskDefinition" && sent.Add(1) > 50 {
				reply.Body = io.NopCloser(silent{r.Context().Done()})
			}
			return reply, err
		}), collect.Options{})
		start := time.Now()
		s := read(t, a)
		if took := time.Since(start); took > 3*time.Minute {
			t.Errorf("it took %s", took)
		}
		if g := model.NewIndex(s).Gap(model.DescribeTaskDefinition, ""); g == nil || s.Counts.TaskDefinitions.Loaded < 40 {
			t.Errorf("counts %+v, gap %+v", s.Counts, g)
		}
		t.Log(time.Since(start), sent.Load())
	})
}

func TestHalfTheBucketsTakenByOthersLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, sim := open(t, awstest.Fleet(400), collect.Options{})
		sim.SetFaults(simulator.Faults{LatencyMillis: 80, Throttle: true})
		noisy := openBehind(t, sim, collect.Options{})
		done := make(chan *model.Snapshot)
		go func() {
			s, err := noisy.Collect(t.Context(), nil)
			if err != nil {
				t.Error(err)
			}
			done <- s
		}()
		for _, s := range []*model.Snapshot{read(t, a), <-done} {
			full := model.Count{Listed: 400, Loaded: 400}
			if s.Counts.Services != full || s.Counts.TaskDefinitions != full || len(s.Gaps) > 0 {
				t.Errorf("counts %+v, gaps %v", s.Counts, s.Gaps)
			}
			t.Logf("%d of %d calls throttled, %d ms", s.Stats.Throttled, s.Stats.TotalCalls(), s.Stats.CollectMillis)
		}
	})
}

func TestAnExpiredTokenAtTheStartIsOneSentence(t *testing.T) {
	a, sim := open(t, awstest.Load(t, "article"), collect.Options{}, aws.Options{Profile: "prod"})
	sim.SetFaults(simulator.Faults{Fail: []simulator.Failure{{Action: "*", With: simulator.ExpiredToken}}})
	_, err := a.Collect(t.Context(), nil)
	awstest.CheckCannotCheck(t, err, "have expired", "aws sso login --profile prod")
}

func TestATokenThatExpiresOnTheWayKeepsWhatWasRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, sim := open(t, awstest.Fleet(200), collect.Options{}, aws.Options{Profile: "prod"})
		sim.SetFaults(simulator.Faults{LatencyMillis: 80, Fail: []simulator.Failure{
			{Action: string(model.DescribeTaskDefinition), With: simulator.ExpiredToken},
			{Action: string(model.DescribeListeners), With: simulator.ExpiredToken},
		}})
		s := read(t, a)
		if s.Counts.Services.Loaded == 0 || s.Loading() {
			t.Errorf("services %+v, loading %t", s.Counts.Services, s.Loading())
		}
		messages := make(map[string]bool)
		for _, g := range s.Gaps {
			messages[g.Message] = true
			if g.Resource != "" || g.State != model.Failed {
				t.Errorf("the gap is %+v", g)
			}
		}
		if len(messages) != 1 {
			t.Errorf("%d messages, want one: %v", len(messages), messages)
		}
		for _, action := range []model.Action{model.DescribeTaskDefinition, model.DescribeRules} {
			if model.NewIndex(s).Gap(action, "") == nil {
				t.Errorf("no gap for %s", action)
			}
		}
	})
}

func TestAnEndpointOutOfReachEndsAfterTwoAttempts(t *testing.T) {
	for name, refusal := range map[string]error{
		"refused": &net.OpError{
			Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9},
			Err: syscall.ECONNREFUSED,
		},
		"unknown host": &net.OpError{
			Op: "dial", Net: "tcp",
			Err: &net.DNSError{Err: "no such host", Name: "ecs.example.test", IsNotFound: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var attempts atomic.Int32
				a := openBehind(t, awstest.Transport(func(*http.Request) (*http.Response, error) {
					attempts.Add(1)
					return nil, refusal
				}), collect.Options{})
				start := time.Now()
				_, err := a.Collect(t.Context(), nil)
				awstest.CheckCannotCheck(t, err, "cannot be reached")
				if n := attempts.Load(); n > 2 {
					t.Errorf("%d attempts, want 2 at most", n)
				}
				if took := time.Since(start); took > 3*time.Second {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

func TestASilentEndpointEndsAfterTwoAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts atomic.Int32
		a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
			attempts.Add(1)
			<-r.Context().Done()
			return nil, r.Context().Err()
		}), collect.Options{})
		start := time.Now()
		_, err := a.Collect(t.Context(), nil)
		awstest.CheckCannotCheck(t, err, "ecs.us-east-1.amazonaws.com is silent about ecs:ListClusters", "10s")
		if took := time.Since(start); took > 22*time.Second {
			t.Errorf("it took %s", took)
		}
		if n := attempts.Load(); n != 2 {
			t.Errorf("%d attempts, want 2", n)
		}
	})
}

func TestOneServiceOutOfReachIsAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := simulator.New(awstest.Load(t, "article"), simulator.Options{})
		var attempts atomic.Int32
		a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
			if strings.HasPrefix(r.URL.Host, "ec2.") {
				attempts.Add(1)
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
			}
			return sim.RoundTrip(r)
		}), collect.Options{})
		s := read(t, a)
		for _, action := range []model.Action{
			model.DescribeSubnets, model.DescribeSecurityGroups,
			model.DescribeNetworkAcls,
		} {
			if g := model.NewIndex(s).Gap(action, ""); g == nil || g.Error != "unreachable" {
				t.Errorf("the gap of %s is %+v", action, g)
			}
		}
		// Three operations may have been on their way when the second failed.
		if n := attempts.Load(); n > 4 {
			t.Errorf("%d attempts", n)
		}
	})
}

func TestAServiceThatDisappearsBetweenTwoCallsIsAnAbsentGap(t *testing.T) {
	sim := simulator.New(awstest.Load(t, "article"), simulator.Options{})
	const gone = "arn:aws:ecs:ap-northeast-1:123456789012:service/sample-cluster/gone"
	a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
		reply, err := sim.RoundTrip(r)
		if err == nil && awstest.Operation(r) == "ListServices" {
			body := bytes.Replace(awstest.Body(t, reply.Body), []byte(`"serviceArns":[`), []byte(`"serviceArns":["`+gone+`",`),
				1)
			reply.Body, reply.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
		return reply, err
	}), collect.Options{})
	s := read(t, a)
	if want := (model.Count{Listed: 3, Loaded: 2}); s.Counts.Services != want {
		t.Errorf("services are %+v, want %+v", s.Counts.Services, want)
	}
	g := model.NewIndex(s).Gap(model.DescribeServices, gone)
	if g == nil || g.State != model.Absent || g.Error != "MISSING" || len(s.Gaps) != 1 {
		t.Errorf("the gaps are %+v", s.Gaps)
	}
}

// AWS text may hold escape sequences; none of it may reach a terminal.
func TestMessagesOfAWSAreMadePrintable(t *testing.T) {
	sim := simulator.New(awstest.Load(t, "article"), simulator.Options{})
	a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
		if awstest.Operation(r) != "DescribeTaskDefinition" {
			return sim.RoundTrip(r)
		}
		const body = `{"__type":"Client\u001b[31mException","message":"\u001b]0;owned\u0007bad\nworse\u202e ` + "\u009b" +
			`x"}`
		return &http.Response{
			StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
			Body: io.NopCloser(strings.NewReader(body)), Request: r,
		}, nil
	}), collect.Options{})
	s := read(t, a)
	if len(s.Gaps) != 2 {
		t.Fatalf("the gaps are %+v", s.Gaps)
	}
	for _, g := range s.Gaps {
		if !strings.Contains(g.Message, "\ufffd]0;owned\ufffdbad worse\ufffd \ufffdx") {
			t.Errorf("the message is %q", g.Message)
		}
		for _, text := range []string{g.Message, g.Error} {
			if strings.ContainsAny(text, "\x1b\x07\n\u202e\u009b") {
				t.Errorf("%q is not aws.Printable", text)
			}
		}
	}
}

func TestARefusalForOneClusterLeavesTheOthers(t *testing.T) {
	w := awstest.Fleet(30)
	w.Clusters = append(w.Clusters, simulator.Cluster{Name: "secret"})
	for i := range 12 {
		w.Services[i].Cluster = "secret"
	}
	for _, operation := range []string{"ListServices", "DescribeServices"} {
		t.Run(operation, func(t *testing.T) {
			sim := simulator.New(w, simulator.Options{})
			var refused atomic.Int32
			a := openBehind(t, awstest.Transport(func(r *http.Request) (*http.Response, error) {
				body := awstest.Body(t, r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				if awstest.Operation(r) != operation || !bytes.Contains(body, []byte(`cluster/secret"`)) {
					return sim.RoundTrip(r)
				}
				refused.Add(1)
				text := `{"__type":"AccessDeniedException","message":"User: arn:aws:sts::123456789012:assumed-role/x/y is not ` +
					`authorized to perform: ecs:` + operation +
					` on resource: arn:aws:ecs:ap-northeast-1:123456789012:cluster/secret ` +
					`because no identity-based policy allows the ecs:` + operation + ` action"}`
				return &http.Response{
					StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
					Body: io.NopCloser(strings.NewReader(text)), Request: r,
				}, nil
			}), collect.Options{})
			s := read(t, a)
			if s.Counts.Services.Loaded != 18 || len(s.Gaps) != 1 {
				t.Fatalf("services %+v, gaps %+v", s.Counts.Services, s.Gaps)
			}
			g := s.Gaps[0]
			if g.State != model.Denied || model.ARNName(g.Resource) != "secret" || string(g.Action) != "ecs:"+operation {
				t.Errorf("the gap is %+v", g)
			}
			if n := refused.Load(); n > 2 {
				t.Errorf("%d calls were refused, want no more than were under way", n)
			}
		})
	}
}
