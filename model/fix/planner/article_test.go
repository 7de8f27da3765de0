package planner_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"

	"hopscope/model"
	"hopscope/model/fix"
	"hopscope/model/fix/planner"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// plansOf are the plans for a snapshot; a plan is found by its ID.
func plansOf(t *testing.T, s *model.Snapshot) []fix.Plan {
	t.Helper()
	all, err := planner.Plans(rule.Analyze(s))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func planOf(t *testing.T, s *model.Snapshot, id string) fix.Plan {
	t.Helper()
	all := plansOf(t, s)
	for i := range all {
		if all[i].ID == id {
			return all[i]
		}
	}
	var ids []string
	for i := range all {
		ids = append(ids, all[i].ID)
	}
	t.Fatalf("there is no plan %s among %s", id, strings.Join(ids, ", "))
	return fix.Plan{}
}

// steps are what a plan does, a line each.
func steps(p *fix.Plan) string {
	var b strings.Builder
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Later {
			b.WriteString("later: ")
		}
		b.WriteString(string(s.Kind) + " " + s.Title + "\n")
	}
	return b.String()
}

// The case that hopscope grew from: the group is opened before the service is
// updated, and afterwards the load balancer's path is direct, the callers still
// arrive, and the finding is gone.
func TestTheArticleIsRepaired(t *testing.T) {
	s := Article(0, 80)
	p := planOf(t, s, "set-ingress-port-override/prod/sample-ecs-app:80")
	want := `ec2:AuthorizeSecurityGroupIngress Admit tcp 10080 from sg-client-service to sg-sample-ecs-app
ecs:UpdateService In the Service Connect block of sample-ecs-app, set ingressPortOverride of app to 10080: a new ` +
		`deployment replaces its tasks
later: ec2:RevokeSecurityGroupIngress Remove the rule for tcp 80 from sg-client-service of sg-sample-ecs-app: ` +
		`Service Connect callers do not need it
`
	if diff := cmp.Diff(want, steps(&p)); diff != "" {
		t.Error(diff)
	}
	if got := strings.Join(p.Codes, " "); got != "CFG314 HOP101 HOP106" {
		t.Errorf("it repairs %s", got)
	}
	after, err := fix.Outcome(s, p.Service, p.Steps)
	if err != nil {
		t.Fatal(err)
	}
	report := rule.Analyze(after)
	for _, f := range report.Findings {
		if strings.HasPrefix(f.Code, "HOP") || f.Severity == rule.Error {
			t.Errorf("%s is left: %s", f.Code, f.Title())
		}
	}
	if unmet := unmetBesidesHealth(&p, after); len(unmet) > 0 {
		t.Errorf("not met: %+v", unmet)
	}
	if unmet := p.Unmet(rule.Analyze(s)); len(unmet) == 0 {
		t.Error("the plan is met before it was carried out")
	}
}

// Where the only caller is refused, it is admitted first; then the agent is moved, and
// the endpoint is removed last.
func TestACallerIsAdmittedBeforeAnEndpointIsMovedOrRemoved(t *testing.T) {
	all := plansOf(t, Article(0))
	if all[0].Kind != fix.OpenPort || !all[0].Appliable() || all[1].Kind != fix.SetOverride ||
		all[len(all)-1].Kind != fix.MakeClientOnly || !strings.Contains(all[1].Why, "removing it is simpler") {
		t.Errorf("the plans are %s, %s, then %s: %s", all[0].ID, all[1].ID, all[len(all)-1].ID, all[1].Why)
	}
}

func readShop(t *testing.T) *model.Snapshot {
	t.Helper()
	file, err := os.Open("../testdata/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s, err := model.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every plan of the worlds that hopscope comes with is written down: read the
// difference as you would read code.
func TestThePlansOfTheWorlds(t *testing.T) {
	for name, s := range map[string]*model.Snapshot{"article": Article(0, 80), "shop": readShop(t)} {
		t.Run(name, func(t *testing.T) {
			text, err := json.MarshalIndent(plansOf(t, s), "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden.RequireEqual(t, append(text, '\n'))
		})
	}
}

func TestEveryAppliablePlanOfTheShopKeepsItsWord(t *testing.T) {
	s := readShop(t)
	report := rule.Analyze(s)
	n := 0
	for _, p := range plansOf(t, s) {
		if p.Appliable() {
			keepsItsWord(t, s, report, &p)
			n++
		}
	}
	if n < 10 {
		t.Errorf("only %d plans of the shop can be carried out", n)
	}
}

// The fleet is large, and its plans keep their word as well.
func TestPlansOfAFleetKeepTheirWord(t *testing.T) {
	s := Fleet(3, 60)
	report := rule.Analyze(s)
	for _, p := range plansOf(t, s) {
		if p.Appliable() {
			keepsItsWord(t, s, report, &p)
		}
	}
}
