package planner_test

import (
	"slices"
	"strings"
	"testing"

	"hopscope/model"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// barred is a service whose group refuses the network load balancer in front of it,
// which has no groups itself: only its addresses can be admitted.
func barred(preserve bool) *Builder {
	return New().Group("sg-client").Group("sg-web").ALB("nlb", 80, "tg").Service("web", Port("http", 80, "http"),
		Behind("tg", 80)).
		Edit(network(false)).Edit(func(s *model.Snapshot) {
		s.LoadBalancers[0].SecurityGroups = nil
		s.TargetGroups[0].Attributes.PreserveClientIP = preserve
	})
}

// A rule is for all that have the group: here it says that the client may call two on
// port 80, where two's agent no longer is.
func TestARuleThatUncoversAnErrorElsewhereIsRefused(t *testing.T) {
	const id = "open-port/prod/web:80/alb"
	alone := func() *Builder { return web().Group("sg-web", In("tcp 8080", "sg-client")) }
	if p := planOf(t, alone().Snapshot(), id); !p.Appliable() {
		t.Fatalf("alone it is refused: %+v", p.Refusal)
	}
	has := func(group string) func(*Spec) {
		return Change(func(s *Spec) { s.Deployment.Network.SecurityGroups = []string{group} })
	}
	p := planOf(t, alone().Service("two", Port("http", 80, "http"), Offer("http", 8080, 80),
		has("sg-web")).Service("caller", Client(), has("sg-alb")).Snapshot(), id)
	if p.Appliable() || !strings.HasPrefix(p.Refusal.Reason, "the rule is for two too: afterwards there would be NET201") {
		t.Errorf("refused: %+v", p.Refusal)
	}
}

// The health checks come from the load balancer, and the requests from its clients,
// which are not known: the rule for the former does not repair the latter.
func TestWhatIsNotKnownAfterwardsIsNotRepaired(t *testing.T) {
	promised := 0
	for _, p := range plansOf(t, barred(true).Snapshot()) {
		switch {
		case !p.Appliable():
		case slices.Contains(p.Codes, "NET202"):
			t.Errorf("%s repairs %v", p.ID, p.Codes)
		case slices.Contains(p.Codes, "NET204"):
			promised++
		}
	}
	if promised != 1 {
		t.Errorf("%d plans let the health checks pass", promised)
	}
}

// A cluster that could not be listed may have callers of any namespace; unless AWS
// lists all services of this one, and each was read.
func TestAClusterThatWasNotListedMayHaveCallers(t *testing.T) {
	listed := func(extra ...model.ARN) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			members := extra
			for i := range s.Services {
				members = append(members, s.Services[i].ARN)
			}
			s.Namespaces[0].Members = &model.NamespaceMembers{Services: members}
		}
	}
	elsewhere := func(s *model.Snapshot) { s.Namespaces[0].Owner = "210987654321" }
	nothing := func(*model.Snapshot) {}
	for name, c := range map[string]struct {
		change, more func(*model.Snapshot)
		state        model.GapState
		want, next   string
	}{
		"denied": {nothing, nothing, model.Denied, "ecs:ListServices did not answer for batch: there may be " +
			"callers of sample-ecs-app", "Allow ecs:ListServices"},
		"loading": {
			nothing, nothing, model.Loading, "ecs:ListServices did not answer for batch",
			"Wait until everything is loaded",
		},
		"all members read": {listed(), nothing, model.Denied, "", ""},
		"a member not read": {
			listed("arn:aws:ecs:r:1:service/batch/nightly"), nothing, model.Denied,
			"did not answer for batch", "Allow",
		},
		"of another account": {listed(), elsewhere, model.Denied, "did not answer for batch", "Allow"},
	} {
		t.Run(name, func(t *testing.T) {
			s := Article(0, 80)
			c.change(s)
			c.more(s)
			s.Gaps = append(s.Gaps, model.Gap{
				Action: model.ListServices, Resource: "arn:aws:ecs:r:1:cluster/batch",
				State: c.state,
			})
			p := planOf(t, s, articleOverride)
			switch {
			case c.want == "":
				if !p.Appliable() {
					t.Errorf("refused: %+v", p.Refusal)
				}
			case p.Appliable() || !strings.Contains(p.Refusal.Reason, c.want) || !strings.Contains(p.Refusal.Instead, c.next):
				t.Errorf("refused: %+v", p.Refusal)
			}
		})
	}
}

// A caller's own egress refuses it: the rule that admits it is no leftover.
func TestTheRuleForACallerThatIsMeantStays(t *testing.T) {
	s := web(Offer("http", 8080, 80), perRequest(5), mapping(func(m *model.PortMapping) { m.AppProtocol = "" })).
		Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 8080", "sg-client")).Group("sg-client", NoEgress()).Snapshot()
	p := planOf(t, s, "set-per-request-timeout/prod/web:drop")
	if got := steps(&p); strings.Contains(got, "Remove the rule") {
		t.Errorf("the steps are\n%s", got)
	}
	keepsItsWord(t, s, rule.Analyze(s), &p)
}

// The same, where another service has the group: its callers, whom their own egress
// refuses, would be refused twice.
func TestTheRuleForACallerThatIsMeantStaysForTheNeighbour(t *testing.T) {
	has := Change(func(s *Spec) { s.Deployment.Network.SecurityGroups = []string{"sg-web"} })
	s := web(Offer("http", 0, 80)).Service("two", Port("http", 80, "http"), Offer("http", 0, 81), has).
		Group("sg-web", In("tcp 80", "sg-alb"), In("tcp 80", "sg-client")).Group("sg-client", NoEgress()).Snapshot()
	p := planOf(t, s, "set-ingress-port-override/prod/web:80")
	if got := steps(&p); strings.Contains(got, "Remove the rule for tcp 80 from sg-client") {
		t.Errorf("the steps are\n%s", got)
	}
	keepsItsWord(t, s, rule.Analyze(s), &p)
}
