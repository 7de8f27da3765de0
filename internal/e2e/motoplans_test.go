package e2e

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"hopscope/aws"
	"hopscope/aws/apply"
	"hopscope/aws/awstest"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/internal/thorough"
	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/journal"
	"hopscope/model/rule"
)

// The first plans are carried out on moto, too, an AWS that others wrote, and taken back:
// the rule is opened, the service updated, the finding gone; then all is as it was. Moto
// starts no tasks, so that no health is verified there; what it lacks is logged.
func TestTheFirstPlansOnMoto(t *testing.T) {
	worlds := map[string]func() *simulator.World{"article": func() *simulator.World { return awstest.Load(t, "article") }}
	for _, file := range beside(t, "worlds") {
		worlds[numberOf(file)] = func() *simulator.World { return readWorld(t, file) }
	}
	for _, file := range beside(t, "cases") {
		worlds["case "+numberOf(file)] = func() *simulator.World { return readTopology(t, file).world() }
	}
	url := awstest.StartMoto(t)
	awstest.Environment(t, awstest.FakeKeys())
	// How many plans are carried out, by world.
	want := map[string]int{"article": 1, "sg-missing": 2}
	if thorough.On() {
		maps.Copy(want, map[string]int{
			"hc8081": 1, "min0": 1, "seventy-cidr": 1, "tls-sg-missing": 1,
			"case 03": 2, "case 12": 1, "case 13": 2, "case 30": 3, "case 36": 2,
		})
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		t.Run(name, func(t *testing.T) {
			empty(t, url)
			for _, left := range awstest.FillMoto(t, url, worlds[name]()) {
				t.Logf("left out: %s", left)
			}
			if n := openMoto(t, url).carryOut(); n != want[name] {
				t.Errorf("%d plans were carried out, want %d", n, want[name])
			}
		})
	}
}

// carryOut carries the first plan of each finding out and takes it back, and says how many
// that were.
func (m *moto) carryOut() int {
	m.Helper()
	before := m.read()
	report, plans := planned(m.T, before)
	var tried []string
	for _, f := range report.Findings {
		p := firstPlan(plans, f)
		switch {
		case p == nil || slices.Contains(tried, p.ID):
		case !p.Appliable():
			m.Logf("not tried: %s is %s", p.ID, howDone(p))
		default:
			tried = append(tried, p.ID)
			m.keepsItsWord(report, p)
			if diff := cmp.Diff(stateOf(before), stateOf(m.read())); diff != "" {
				m.Errorf("%s was taken back, and not all is as it was (-before +after):\n%s", p.ID, diff)
			}
		}
	}
	return len(tried)
}

// keepsItsWord carries a plan out, looks at what came of it, and takes it back.
func (m *moto) keepsItsWord(before *rule.Analysis, p *fix.Plan) {
	m.Helper()
	prepared, err := m.applier.Prepare(m.Context(), p)
	if err != nil {
		m.Fatal(err)
	}
	e, err := m.applier.Apply(m.Context(), prepared, nil)
	if err != nil || e.State != journal.Unverified ||
		!strings.Contains(e.Message, "the configuration is as wanted, but the service has no task") {
		m.Fatalf("%s: %s: %s, unmet %+v, %v", p.ID, e.State, e.Message, e.Unmet, err)
	}
	for _, f := range rule.Analyze(m.read()).Findings {
		if slices.Contains(p.Findings, f.Key()) {
			m.Errorf("%s: %s is left: %s", p.ID, f.Code, f.Title())
		}
		if f.Severity != rule.Info && !worseBefore(before, f) {
			m.Errorf("%s: %s is new: %s", p.ID, f.Code, f.Title())
		}
	}
	e, err = m.applier.Rollback(m.Context(), e.ID, nil)
	if err != nil || e.State != journal.RolledBack || e.Message != "" {
		m.Errorf("%s: %s: %s, %v", p.ID, e.State, e.Message, err)
	}
}

// stateOf is what plans change: the rules, in any order, and the blocks.
func stateOf(s *model.Snapshot) map[string]any {
	out := map[string]any{}
	for i := range s.SecurityGroups {
		g := &s.SecurityGroups[i]
		var rules []string
		for _, r := range g.Ingress {
			rules = append(rules, "in "+traffic(&r))
		}
		for _, r := range g.Egress {
			rules = append(rules, "out "+traffic(&r))
		}
		slices.Sort(rules)
		out[g.ID] = rules
	}
	for i := range s.Services {
		out[s.Services[i].Name] = s.Services[i].Primary().ServiceConnect
	}
	return out
}

// traffic is all that a rule says.
func traffic(r *model.SecurityGroupRule) string {
	peer := ""
	if r.Group != nil {
		peer = r.Group.ID
	}
	return fmt.Sprint(r.Protocol, r.Ports(), r.CIDR, r.PrefixList, peer, r.Description)
}

// empty takes all out of a moto.
func empty(t *testing.T, url string) {
	t.Helper()
	reply, err := http.Post(url+"/moto-api/reset", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = reply.Body.Close()
}

// moto is an account in a moto, with a journal.
type moto struct {
	*testing.T
	source  *collect.Source
	applier *apply.Applier
}

func openMoto(t *testing.T, url string) *moto {
	t.Helper()
	account, err := aws.Open(t.Context(), aws.Options{
		EndpointURL: url, Region: "eu-west-1", Transport: forgetful{http.DefaultTransport},
	})
	if err != nil {
		t.Fatal(err)
	}
	source, err := collect.New(account, collect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	fast := apply.Options{Poll: time.Millisecond, MaxPoll: time.Millisecond, Recheck: time.Millisecond}
	return &moto{t, source, apply.New(source, journal.Store{Dir: t.TempDir()}, fast)}
}

func (m *moto) read() *model.Snapshot {
	m.Helper()
	s, err := m.source.Collect(m.Context(), nil)
	if err != nil {
		m.Fatal(err)
	}
	return s
}

// forgetful lists no deployment that another one replaced, but in the answer to the update
// that did: ECS forgets it when its tasks are gone, and moto never does.
type forgetful struct{ http.RoundTripper }

func (f forgetful) RoundTrip(r *http.Request) (*http.Response, error) {
	reply, err := f.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		return nil, err
	}
	_ = reply.Body.Close()
	switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation {
	case "DescribeServices":
		for i := range gjson.GetBytes(body, "services").Array() {
			if body, err = firstOnes(body, fmt.Sprintf("services.%d.deployments", i), 1); err != nil {
				return nil, err
			}
		}
	case "UpdateService":
		if body, err = firstOnes(body, "service.deployments", 2); err != nil {
			return nil, err
		}
	}
	reply.Body, reply.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return reply, nil
}

// firstOnes leaves the first n of an array in.
func firstOnes(body []byte, array string, n int) ([]byte, error) {
	var err error
	for i := len(gjson.GetBytes(body, array).Array()) - 1; i >= n && err == nil; i-- {
		body, err = sjson.DeleteBytes(body, fmt.Sprintf("%s.%d", array, i))
	}
	return body, err
}
