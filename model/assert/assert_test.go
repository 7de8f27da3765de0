package assert_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hopscope/internal/thorough"
	"hopscope/model"
	"hopscope/model/assert"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

func TestMain(m *testing.M) {
	thorough.Draw(15)
	m.Run()
}

func outcome(t *testing.T, s *model.Snapshot, line string) assert.Outcome {
	t.Helper()
	as, err := assert.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	return assert.Check(rule.Analyze(s), "paths.yaml", []assert.Assertion{as})[0]
}

// article is the article's account, in which it was read what has which group.
func article(override int, open ...int) *model.Snapshot {
	s := modeltest.Article(override, open...)
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].InterfacesRead = true
	}
	return s
}

func TestAssertionsAreJudged(t *testing.T) {
	t.Parallel()
	hop, lost, fixed := article(0, 80), article(8080, 80), article(8080, 8080)
	blind := article(0, 80)
	modeltest.Deny(blind, model.DescribeSecurityGroups)
	world := article(0, 80)
	for i := range world.SecurityGroups {
		if g := &world.SecurityGroups[i]; g.ID == "sg-sample-ecs-app" {
			g.Ingress = append(g.Ingress, model.SecurityGroupRule{
				Protocol: "tcp", FromPort: 80, ToPort: 80, CIDR: world.VPCs[0].CIDRs[0],
			})
		}
	}
	const app = "sample-ecs-app"
	for _, test := range []struct {
		line string
		s    *model.Snapshot
		want assert.Verdict
		why  string
	}{
		{"lb:main-alb -> " + app + " via agent", hop, assert.Holds, ""},
		{"lb:main-alb:80 → prod/" + app + ":80 via agent", hop, assert.Holds, ""},
		{"lb:main-alb -> " + app + " via direct", hop, assert.Broken, "inside the task: the agent takes the requests"},
		{"lb:main-alb -> " + app + " via direct", fixed, assert.Holds, ""},
		{"lb:main-alb:81 -> " + app, hop, assert.Broken, "no path leads there"},
		{"client-service -> " + app + " via agent", hop, assert.Holds, ""},
		{"client-service -> " + app + " via agent", lost, assert.Broken, "agent of sample-ecs-app :8080"},
		{"client-service -> " + app, blind, assert.Unknown, "ec2:DescribeSecurityGroups"},
		{"client-service -> " + app + " blocked", lost, assert.Broken, ""}, // the old rule is there: port 80 itself
		{"client-service -> " + app + ":8080 blocked", lost, assert.Holds, ""},
		{"client-service -> " + app + " blocked", hop, assert.Broken, "admit"},
		{"client-service -> " + app + " blocked", blind, assert.Unknown, "ec2:DescribeSecurityGroups"},
		{"* -> " + app + " via agent", hop, assert.Holds, ""},
		{"any -> client-service:80 blocked", hop, assert.Holds, ""},
		{"any -> " + app + " blocked", world, assert.Broken, "admitted are"},
		{"any -> " + app + " blocked", hop, assert.Broken, "on to sample-ecs-app"}, // by way of the load balancer
		{"192.0.2.1 -> " + app + " blocked", hop, assert.Holds, ""},
		{"10.0.0.9 -> lb:main-alb:80", hop, assert.Holds, ""},
		{"192.0.2.1 -> lb:main-alb:80", hop, assert.Broken, "target ingress"},
		{"any -> lb:main-alb blocked", hop, assert.Broken, "10.0.0.0/16"},
		{app + " only from client-service, lb:main-alb", hop, assert.Holds, ""},
		{app + " only from client-service", hop, assert.Broken, "main-alb"},
		{app + " only from lb:*, sg-client-service", hop, assert.Holds, ""},
		{app + " only from client-service, lb:main-alb", world, assert.Broken, "10.0.0.0/16"},
		{app + " only from client-service, lb:main-alb, 10.0.0.0/8", world, assert.Holds, ""},
		{app + " only from client-service, lb:main-alb", blind, assert.Unknown, "ec2:DescribeSecurityGroups"},
		{"web -> " + app, hop, assert.NoMatch, `there is no service or family of standalone tasks "web"`},
		{"client-service -> api*", hop, assert.NoMatch, `no service matches "api*"`},
		{"lb:public -> " + app, hop, assert.NoMatch, `there is no load balancer "lb:public"`},
		{app + " only from web", hop, assert.NoMatch, `"web"`},
		{"any -> lb:public blocked", hop, assert.NoMatch, "lb:public"},
	} {
		o := outcome(t, test.s, test.line)
		var why []string
		for _, r := range o.Reasons {
			why = append(why, r.String())
		}
		if text := strings.Join(why, "\n"); o.Verdict != test.want || !strings.Contains(text, test.why) {
			t.Errorf("%s: %s\n%s\nwant %s because of %q", test.line, o.Verdict, text, test.want, test.why)
		}
	}
}

func TestWhatIsNoAssertionIsRefused(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"", "web", "web -> ", "-> api", "web -> api via tunnel", "web -> api via", "web:80 -> api", "web -> sg-1",
		"web -> any",
		"web -> lb:x via agent", "sg-1 only from web", "db only from ", "db only from web:80", "web -> api blocked blocked",
		"web -> api via agent blocked", "web -> api -> db",
	} {
		if as, err := assert.Parse(line); err == nil {
			t.Errorf("%q is taken for %+v", line, as)
		}
	}
}

func TestAFileSaysWhichLineIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"assert:\n- 'web -> api'\n- 'web > api'\n": `line 3: "web > api" is no assertion`,
		"assert:\n  - web -> api\n  - [a]\n":       "line 3: an assertion is a quoted text",
		"asserts: []\n":                            `line 1: "asserts" has no meaning here: the list is called assert`,
		"":                                         "the file is empty",
		"- a\n":                                    "line 1: write assert: and a list",
		"assert: x\n":                              "line 1: assert is not a list",
		"assert:\n- * -> api\n":                    "line",
		"assert: &a\n- *a\n":                       "line 2: an alias",
		"assert: []\nassert: []\n":                 "twice",
		"assert:\n- 'lb:x -> y'\n\t- z\n":          "line",
	} {
		if _, err := assert.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	all, err := assert.Read(strings.NewReader("# a comment\nassert:\n\n  - 'web → api'\n  - \"db only from api\"\n"))
	if err != nil || len(all) != 2 || all[0].Line != 4 || all[1].Line != 5 || all[0].Column != 5 {
		t.Errorf("%v: %+v", err, all)
	}
}

// roundTrip writes what holds of a snapshot, and finds that it does.
func roundTrip(t interface{ Fatalf(string, ...any) }, s *model.Snapshot) string {
	a := rule.Analyze(s)
	var b strings.Builder
	if err := assert.Write(&b, a, a.Paths); err != nil {
		t.Fatalf("%v", err)
	}
	all, err := assert.Read(strings.NewReader(b.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	for _, o := range assert.Check(a, "", all) {
		if o.Verdict != assert.Holds {
			t.Fatalf("%s is %s: %v\n%s", o.Assertion, o.Verdict, o.Reasons, b.String())
		}
	}
	return b.String()
}

func TestWhatIsWrittenHolds(t *testing.T) {
	t.Parallel()
	want := `# What must hold of the request paths: hopscope check --assert FILE
assert:
  # prod/sample-ecs-app
  - 'lb:main-alb:80 -> prod/sample-ecs-app:80 via direct'
  - 'prod/client-service -> prod/sample-ecs-app:80 via agent'
  - 'prod/sample-ecs-app only from lb:main-alb, prod/client-service'
`
	if got := roundTrip(t, article(8080, 8080)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, w := range modeltest.Ways() {
		roundTrip(t, w.Snapshot)
	}
	roundTrip(t, modeltest.Hostile("it's -> a\n- 'b' \x1b[2J").Snapshot())
	roundTrip(t, &model.Snapshot{})
	rapid.Check(t, func(t *rapid.T) { roundTrip(t, modeltest.Draw(t)) })
}

// Without a fact, what held is as before or unknown: never is something held that was not.
func TestRemovingKnowledgeNeverMakesAnAssertionHold(t *testing.T) {
	t.Parallel()
	lines := []string{
		"any -> * blocked", "* -> * via agent", "* -> * via direct", "lb:* -> *", "lb:* -> * blocked", "* -> * blocked",
		"* only from lb:*", "* only from *", "* only from lb:*, *, 10.0.0.0/8", "10.0.0.0/16 -> * blocked",
	}
	rapid.Check(t, func(t *rapid.T) {
		s := modeltest.Draw(t)
		before := rule.Analyze(s)
		var all []assert.Assertion
		for _, line := range lines {
			as, err := assert.Parse(line)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, as)
		}
		was := assert.Check(before, "", all)
		action := rapid.SampledFrom([]model.Action{
			model.DescribeSecurityGroups, model.DescribeTaskDefinition, model.DescribeTargetGroups, model.DescribeNetworkAcls,
			model.DescribeLoadBalancers, model.DescribeListeners, model.DescribeRules, model.DescribeSubnets,
		}).Draw(t, "action")
		modeltest.Deny(s, action)
		is := assert.Check(rule.Analyze(s), "", all)
		for i := range is {
			if is[i].Verdict == assert.Holds && was[i].Verdict == assert.Broken {
				t.Fatalf("without %s, %q holds; with it: %v", action, is[i].Assertion, was[i].Reasons)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("assert:\n- 'lb:public -> api via direct'\n" +
		"- 'web → api:80 via agent'\n- 'db only from api, lb:x'\n- 'any -> a blocked'\n")
	f.Add("assert: &a [*a]")
	a := rule.Analyze(modeltest.Article(0, 80))
	f.Fuzz(func(t *testing.T, text string) {
		all, err := assert.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		for i := range all {
			if all[i].Line < 1 || all[i].Line > strings.Count(text, "\n")+1 {
				t.Fatalf("line %d of %q", all[i].Line, text)
			}
			again, err := assert.Parse(all[i].Text)
			if err != nil {
				t.Fatalf("%q is read once, and not twice: %v", all[i].Text, err)
			}
			again.Line, again.Column = all[i].Line, all[i].Column
			if len(all) < 5 && len(all[i].Text) < 200 {
				assert.Check(a, "", []assert.Assertion{again})
			}
		}
	})
}
