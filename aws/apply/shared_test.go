package apply_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	"hopscope/model/journal"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// sharedWorld is the article's, with a second server that has the same group and the
// same ports.
const sharedWorld = `{
 "name": "shared", "region": "ap-northeast-1",
 "securityGroups": [
  {"name": "main-alb", "ingress": [{"ports": "80-81", "cidr": "10.0.0.0/16"}]},
  {"name": "sample-ecs-app", "ingress": [{"ports": 80, "group": "main-alb"}, {"ports": 80, "group": "client-service"}]},
  {"name": "client-service"}
 ],
 "targetGroups": [{"name": "sample-ecs-app"}, {"name": "orders"}],
 "loadBalancers": [{"name": "main-alb", "securityGroups": ["main-alb"], "listeners": [
  {"port": 80, "default": {"forward": "sample-ecs-app"}}, {"port": 81, "default": {"forward": "orders"}}
 ]}],
 "namespaces": [{"name": "sample-namespace"}],
 "clusters": [{"name": "sample-cluster", "defaultNamespace": "sample-namespace"}],
 "taskDefinitions": [
  {"family": "sample-ecs-app", "containers": [{"name": "App",
   "portMappings": [{"name": "app", "containerPort": 80, "appProtocol": "http"}]}]},
  {"family": "orders", "containers": [{"name": "App",
   "portMappings": [{"name": "orders", "containerPort": 80, "appProtocol": "http"}]}]},
  {"family": "client-service", "containers": [{"name": "client"}]}
 ],
 "services": [
  {"name": "sample-ecs-app", "securityGroups": ["sample-ecs-app"],
   "loadBalancers": [{"targetGroup": "sample-ecs-app", "containerName": "App", "containerPort": 80}],
   "serviceConnect": {"enabled": true, "namespace": "sample-namespace",
    "services": [{"portName": "app", "clientAliases": [{"port": 80}]}]}},
  {"name": "orders", "securityGroups": ["sample-ecs-app"],
   "loadBalancers": [{"targetGroup": "orders", "containerName": "App", "containerPort": 80}],
   "serviceConnect": {"enabled": true, "namespace": "sample-namespace",
    "services": [{"portName": "orders", "clientAliases": [{"port": 80}]}]}},
  {"name": "client-service", "securityGroups": ["client-service"],
   "serviceConnect": {"enabled": true, "namespace": "sample-namespace", "services": []}}
 ]
}`

// applyTo applies the override of a service as the account is now.
func (s *workshop) applyTo(name string) *journal.Entry {
	s.Helper()
	snapshot := read(s.T, openBehind(s.T, s.sim, awsOptions()))
	plans, err := planner.Plans(rule.Analyze(snapshot))
	if err != nil {
		s.Fatal(err)
	}
	i := slices.IndexFunc(plans,
		func(p fix.Plan) bool { return p.Kind == fix.SetOverride && p.Service.Service == name && p.Appliable() })
	if i < 0 {
		s.Fatalf("no plan for %s: %+v", name, plans)
	}
	prepared, err := s.applier.Prepare(s.Context(), &plans[i])
	if err != nil {
		s.Fatal(err)
	}
	e, err := s.applier.Apply(s.Context(), prepared, nil)
	if err != nil || e.State != journal.Applied {
		s.Fatalf("%s: %+v, %v", name, e, err)
	}
	return e
}

// callers is whether Service Connect callers are admitted to a service.
func (s *workshop) callers(name string) (all []reach.Access) {
	s.Helper()
	snapshot := read(s.T, openBehind(s.T, s.sim, awsOptions()))
	report := rule.Analyze(snapshot)
	for _, p := range report.Paths {
		if p.Target.Service == name && p.Source.Services != nil &&
			p.Source.Services.Contains(model.Ref{Cluster: "sample-cluster", Service: "client-service"}) {
			all = append(all, p.Access)
		}
	}
	return all
}

func shared(t *testing.T) *workshop {
	t.Helper()
	return sharedIn(t, sharedWorld)
}

func sharedIn(t *testing.T, world string) *workshop {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shared.json")
	if err := os.WriteFile(path, []byte(world), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := simulator.LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return newWorkshop(t, w, nil)
}

// admitted fails unless Service Connect callers are admitted to a service.
func (s *workshop) admitted(name string) {
	s.Helper()
	if got := s.callers(name); !slices.Equal(got, []reach.Access{reach.Allowed}) {
		s.Errorf("the callers of %s are %v", name, got)
	}
}

// The second service has the group of the first and found its rule there, so that its
// own plan adds none.
func TestARollbackKeepsTheRuleThatAnotherServiceCameToNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := shared(t)
		before := s.state()
		first, second := s.applyTo("sample-ecs-app"), s.applyTo("orders")
		if slices.ContainsFunc(second.Plan.Steps, func(p fix.Step) bool { return p.Kind == fix.AuthorizeIngress }) {
			t.Fatalf("the second plan adds a rule of its own: %+v", second.Plan.Steps)
		}
		for range 2 { // the second time there is nothing but the rule left to do
			e, err := s.applier.Rollback(t.Context(), first.ID, nil)
			says(t, err, "the rule for tcp 10080 of security group "+first.Plan.Steps[0].Group+" stays",
				"orders, deployed since", "leave the rule")
			if e.State != journal.Failed || !errors.Is(err, planner.ErrStillNeeded) || s.block() != before.Block {
				t.Errorf("%+v, %v", e, err)
			}
			s.admitted("orders")
			s.admitted("sample-ecs-app")
		}
		if e, err := s.applier.Rollback(t.Context(), second.ID, nil); err != nil || e.State != journal.RolledBack {
			t.Fatalf("%+v, %v", e, err)
		}
		s.takeBack(first.ID, before)
		s.admitted("orders")
	})
}

// What was deployed since is told by AWS's clock: ours may be wrong.
func TestAServiceDeployedSinceIsToldByTheClockOfAWS(t *testing.T) {
	for name, off := range map[string]time.Duration{"ahead": 24 * time.Hour, "behind": -24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := shared(t)
				before := s.state()
				time.Sleep(time.Minute) // of the bubble's: all else was deployed before
				o := awsOptions()
				o.Clock = func() time.Time { return time.Now().Add(off) }
				s.applier = apply.New(openBehind(t, dated(s.sim), o), s.store, apply.Options{})
				first := s.applyTo("sample-ecs-app")
				if off < 0 { // no other service came to need the rule
					s.takeBack(first.ID, before)
					return
				}
				s.applyTo("orders")
				e, err := s.applier.Rollback(t.Context(), first.ID, nil)
				says(t, err, "stays: orders, deployed since")
				if e.State != journal.Failed {
					t.Errorf("%+v", e)
				}
				s.admitted("orders")
			})
		})
	}
}

// dated tells the time in its answers, as AWS does.
func dated(next http.RoundTripper) http.RoundTripper {
	return awstest.Transport(func(r *http.Request) (*http.Response, error) {
		reply, err := next.RoundTrip(r)
		if err == nil {
			reply.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		}
		return reply, err
	})
}

// When the plan was made the other service that has the group listened elsewhere;
// since then it came to the port that the plan leaves behind.
func TestTidyingKeepsTheRuleThatAnotherServiceCameToNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := shared(t)
		s.moveOrders(`,"ingressPortOverride":10081`)
		e := s.applyTo("sample-ecs-app")
		if last := e.Plan.Steps[len(e.Plan.Steps)-1]; !last.Later {
			t.Fatalf("nothing is left for later: %+v", e.Plan.Steps)
		}
		s.moveOrders("")
		n := len(s.changes())
		tidied, err := s.applier.Tidy(t.Context(), e.ID, nil)
		says(t, err, "the plan stays applied", "the rule for tcp 80 of security group", "is needed by now")
		if tidied.State != journal.Applied || !errors.Is(err, planner.ErrStillNeeded) {
			t.Errorf("%+v, %v", tidied, err)
		}
		s.untouched(n)
		s.admitted("orders")
		s.moveOrders(`,"ingressPortOverride":10081`)
		if _, err := s.applier.Tidy(t.Context(), e.ID, nil); err != nil {
			t.Errorf("no service needs it any more: %v", err)
		}
	})
}

// twoClusters is the shared world with orders in a cluster of its own.
func twoClusters() string {
	return strings.NewReplacer(
		`"defaultNamespace": "sample-namespace"}]`, `"defaultNamespace": "sample-namespace"}, {"name": "other"}]`,
		`{"name": "orders", "securityGroups"`, `{"name": "orders", "cluster": "other", "securityGroups"`,
	).Replace(sharedWorld)
}

// Where hopscope shows one cluster, the rule may be for a service of another one.
func TestARollbackLooksIntoEveryCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sharedIn(t, twoClusters())
		first := s.applyTo("sample-ecs-app")
		s.applyTo("orders")
		of := collect.Options{Clusters: []string{"sample-cluster"}}
		narrow := apply.New(openBehind(t, s.sim, awsOptions(), of), s.store, apply.Options{})
		e, err := narrow.Rollback(t.Context(), first.ID, nil)
		says(t, err, "stays: orders, deployed since")
		if e.State != journal.Failed {
			t.Errorf("%+v", e)
		}
		s.admitted("orders")
	})
}

// hiding refuses to list the services of a cluster, once it is asked to.
type hiding struct {
	http.RoundTripper
	cluster string
}

func (h *hiding) RoundTrip(r *http.Request) (*http.Response, error) {
	if h.cluster == "" || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListServices") {
		return h.RoundTripper.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !bytes.Contains(body, []byte("cluster/"+h.cluster+`"`)) {
		return h.RoundTripper.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"__type":"AccessDeniedException",` +
			`"message":"User: x is not authorized to perform: ecs:ListServices on resource: ` +
			`arn:aws:ecs:ap-northeast-1:123456789012:cluster/` + h.cluster + `"}`)),
	}, nil
}

// A service that cannot be seen may need the rule.
func TestNoRuleGoesWhileServicesCannotBeSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sharedIn(t, twoClusters())
		before := s.state()
		e := s.applyTo("sample-ecs-app")
		hidden := &hiding{s.sim, "other"}
		applier := apply.New(openBehind(t, hidden, awsOptions()), s.store, apply.Options{})
		e, err := applier.Rollback(t.Context(), e.ID, nil)
		says(t, err, "no rule is taken away while it is not known which services need it: ecs:ListServices did not answer "+
			"for ",
			"cluster/other", "remove the rule by hand")
		if e.State != journal.Failed || s.block() != before.Block {
			t.Errorf("%+v", e)
		}
		hidden.cluster = ""
		s.takeBack(e.ID, before)
	})
}

// moveOrders deploys orders as another program would, with more in its endpoint.
func (s *workshop) moveOrders(more string) {
	s.Helper()
	s.ask("UpdateService",
		`{"cluster":"sample-cluster","service":"orders",`+
			`"serviceConnectConfiguration":{"enabled":true,"namespace":"sample-namespace",`+
			`"services":[{"portName":"orders","clientAliases":[{"port":80}]`+more+`}]}}`)
	time.Sleep(10 * time.Second) // of the bubble's: the rollout ends
}
