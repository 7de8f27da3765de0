package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"hopscope/aws/simulator"
)

// testAccount is the article's account with a block that is easily damaged, and the
// means to see whether it was.
type testAccount struct {
	t         *testing.T
	simulator *simulator.Simulator
}

// block is the Service Connect block that has to come back byte for byte: with
// members that no SDK knows at every level, and numbers in forms that hopscope does
// not write.
const block = `{"enabled":true,"namespace":"sample-namespace","new":{"a":[1.50,"\u00e9",null]},` +
	`"services":[{"portName":"app","discoveryName":"app",` +
	`"clientAliases":[{"port":80,"dnsName":"app.sample-namespace","later":-0.0}],"unheardOf":1e2}],` +
	`"logConfiguration":{"logDriver":"awslogs","x":{}}}`

// newTestAccount gives the service its block, which makes a rollout.
func newTestAccount(t *testing.T, o simulator.Options) testAccount {
	t.Helper()
	world, err := simulator.Load("article")
	if err != nil {
		t.Fatal(err)
	}
	e := testAccount{t, simulator.New(world, o)}
	e.ask("UpdateService", `{"cluster":"sample-cluster","service":"sample-ecs-app",`+
		`"serviceConnectConfiguration":`+block+`}`)
	return e
}

// ask is a call by hand.
func (e *testAccount) ask(operation, body string) string {
	e.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113."+operation)
	w := httptest.NewRecorder()
	e.simulator.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		e.t.Fatalf("%s: %s", operation, w.Body)
	}
	return w.Body.String()
}

// state is all that a plan may change: the block of the PRIMARY deployment, byte for
// byte, and all rules of all groups but for their ids.
func (e *testAccount) state() string {
	e.t.Helper()
	services := e.ask("DescribeServices", `{"cluster":"sample-cluster","services":["sample-ecs-app","client-service"]}`)
	var all []string
	for _, s := range gjson.Get(services, "services").Array() {
		all = append(all, s.Get(`deployments.#(status=="PRIMARY").serviceConnectConfiguration`).Raw)
	}
	r := httptest.NewRequest(http.MethodPost, "/",
		strings.NewReader(url.Values{"Action": {"DescribeSecurityGroups"}, "Version": {"2016-11-15"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	e.simulator.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		e.t.Fatal(w.Body)
	}
	_, groups, _ := strings.Cut(w.Body.String(), "<securityGroupInfo>")
	return strings.Join(append(all, groups), "\n")
}

// changes are the calls that changed something, or would have.
func (e *testAccount) changes() []simulator.Call {
	return slices.DeleteFunc(e.simulator.Calls(), func(call simulator.Call) bool {
		return !call.Mutating || call.Params["DryRun"] == "true"
	})
}
