package dialect_test

import (
	"strings"
	"testing"

	"hopscope/model/fix"
	"hopscope/model/fix/dialect"
	. "hopscope/model/modeltest"
	"hopscope/model/rule"
)

// What is compared is what AWS gave: in its order, with members that no build here
// knows.
func TestABlockIsComparedAsAWSGaveIt(t *testing.T) {
	before := []byte(`{"services":[{"zFuture":{"b":1,"a":[true,null]},"portName":"app"}],"enabled":true,` +
		`"containerConfigurations":[{"logLevel":"debug"}]}`)
	after, err := fix.Patch(before, []fix.Edit{{Kind: fix.EditOverride, PortName: "app", Port: 10080}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `--- now
+++ then
@@ -8,7 +8,8 @@
           null
         ]
       },
-      "portName": "app"
+      "portName": "app",
+      "ingressPortOverride": 10080
     }
   ],
   "enabled": true,
`
	if got := dialect.BlockDiff(before, after); got != want {
		t.Errorf("the diff is\n%s\nwant\n%s", got, want)
	}
	if got := dialect.BlockDiff(before, before); got != "" {
		t.Errorf("nothing changes, and the diff is\n%s", got)
	}
	if got := dialect.BlockDiff([]byte("{"), []byte("{\x1b[31m")); strings.Contains(got, "\x1b") ||
		!strings.Contains(got, "\ufffd[31m") {
		t.Errorf("what is not JSON is compared as %q", got)
	}
}

// The block, then each group once, then what is left for later, on top of what was
// done before.
func TestThePlanOfTheArticleHasADiffForEachThing(t *testing.T) {
	s := Article(0, 80)
	p := firstPlan(t, s)
	all, err := dialect.Diffs(p, rule.Analyze(s))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range all {
		got = append(got, d.Title)
		for line := range strings.Lines(d.Unified) {
			if (line[0] == '+' || line[0] == '-') && !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "+++") {
				got = append(got, strings.TrimSpace(line[:1]+" "+strings.TrimSpace(line[1:])))
			}
		}
	}
	want := []string{
		"Service Connect block of sample-ecs-app", "- ]", "+ ],", `+ "ingressPortOverride": 10080`,
		"Rules of sg-sample-ecs-app", "+ tcp 10080 from sg-client-service  # hopscope: Service Connect agent of " +
			"sample-ecs-app",
		"Rules of sg-sample-ecs-app", "- tcp 80 from sg-client-service",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the diffs are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !strings.Contains(all[0].Note, "kept as they are") || !strings.Contains(all[0].Note, "containerConfigurations") {
		t.Errorf("the diff of the block does not say what it leaves out: %q", all[0].Note)
	}
	if all[1].Later || !all[2].Later {
		t.Error("what is left for later is not told apart")
	}
	if !strings.Contains(all[2].Unified, " tcp 10080 from") {
		t.Errorf("what is left for later does not come on top of what was done:\n%s", all[2].Unified)
	}
}
