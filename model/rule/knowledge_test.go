package rule_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hopscope/model"
	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
)

// judged is what a caller or a load balancer meets on a way: the verdict of the
// path that it is on. Paths of Service Connect group callers by outcome, so that
// their IDs change with it; a caller and an endpoint do not.
type judged struct {
	verdict reach.Verdict
	path    *reach.Path
}

func judgements(r *rule.Analysis) map[string][]judged {
	out := map[string][]judged{}
	for _, p := range r.Paths {
		if p.Source.Services == nil {
			out[p.ID] = append(out[p.ID], judged{p.Verdict, p})
			continue
		}
		for caller := range p.Source.Services.All() {
			key := fmt.Sprint(caller, " → ", p.Source.Kind, p.Target.Ref(), p.Target.Container, p.Target.ContainerPort)
			out[key] = append(out[key], judged{p.Verdict, p})
		}
	}
	return out
}

// copied is a deep copy of a snapshot, by way of its file.
func copied(t *rapid.T, s *model.Snapshot) *model.Snapshot {
	var file bytes.Buffer
	if err := model.Encode(&file, s, "test"); err != nil {
		t.Fatal(err)
	}
	c, err := model.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// forgettable are all actions that can be taken away.
var forgettable = append(slices.Clone(deniable),
	model.DescribeServiceRevisions, model.ListGatewayRoutes, model.ListTasks, model.DescribeTasks,
	model.ListContainerInstances,
	model.DescribeContainerInstances, model.DescribeInstances, model.DescribeTargetHealth,
	model.DescribeTargetGroupAttributes, model.DescribeNetworkInterfaces,
	model.DescribeLoadBalancerAttributes, model.ListDiscoveryServices, model.ListServicesByNamespace, model.ListMetrics,
	model.GetMetricData)

// Removing knowledge never makes a verdict finer: whatever an account looks like,
// without one kind of fact each way that is still there is judged as before, or
// unknown; or a rule that made it worse says that it was not checked.
func TestRemovingKnowledgeNeverMakesAVerdictFiner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := modeltest.Draw(t)
		before := rule.Analyze(copied(t, whole))
		action := rapid.SampledFrom(forgettable).Draw(t, "forgotten")
		less := copied(t, whole)
		modeltest.Deny(less, action)
		after := rule.Analyze(less)
		known := judgements(before)
		for key, now := range judgements(after) {
			was, there := known[key]
			if !there {
				continue
			}
			for _, n := range now {
				if n.verdict == reach.Unknown || slices.ContainsFunc(was, func(w judged) bool { return w.verdict == n.verdict }) {
					continue
				}
				if unchecked(after, was, n) || feared(action, was, n) || n.path.Target.Deployment == "ACTIVE" {
					continue // what two deployments had in common was one path before
				}
				t.Fatalf("%s was %s %v, and is %s %v without %s; not checked: %v",
					key, was[0].verdict, was[0].path.Findings, n.verdict, n.path.Findings, action, after.NotChecked())
			}
		}
	})
}

// unchecked tells whether a verdict is finer than before for want of a rule's
// finding alone, and the rule is said to be not checked. Two endpoints of one port
// are two ways that look alike: one of them explains it.
func unchecked(after *rule.Analysis, was []judged, now judged) bool {
	return slices.ContainsFunc(was, func(w judged) bool { return explained(after, w, now) })
}

// feared tells whether a verdict is worse than before because of a rule that uses
// what is not known: less knowledge may make it fear more.
func feared(action model.Action, was []judged, now judged) bool {
	return !slices.ContainsFunc(was, func(w judged) bool { return w.verdict.Rank() > now.verdict.Rank() }) &&
		slices.ContainsFunc(now.path.Findings, func(code string) bool {
			r, _ := rule.Lookup(code)
			return slices.Contains(r.Uses, action)
		})
}

func explained(after *rule.Analysis, was, now judged) bool {
	lost := false
	for _, code := range was.path.Findings {
		notChecked := slices.ContainsFunc(after.NotChecked(), func(n rule.NotChecked) bool {
			return n.Code == code && (n.Service == "" || n.Service == now.path.Target.Service)
		})
		if !notChecked && !slices.Contains(now.path.Findings, code) {
			return false
		}
		lost = lost || notChecked
	}
	// Where it is worse now, and not unknown, no missing finding explains it.
	return lost && was.verdict.Rank() >= now.verdict.Rank()
}

// A verdict that the user has to act on has a finding that says what to do,
// whatever the account looks like.
func TestEveryBadVerdictHasAFinding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, p := range rule.Analyze(modeltest.Draw(t)).Paths {
			bad := p.Verdict == reach.Broken || p.Verdict == reach.Risk || p.Verdict == reach.UnnecessaryHop
			if bad && len(p.Findings) == 0 {
				t.Fatalf("%s is %s, and no finding says why: %s", p.ID, p.Verdict, p.ViaWhy())
			}
		}
	})
}

// A drawn account is read back from its file as it was, and gives the same report
// twice: nothing depends on the order of maps or of workers.
func TestEqualAccountsGiveEqualReports(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := modeltest.Draw(t)
		first, second := rule.Analyze(s), rule.Analyze(copied(t, s))
		if a, b := mustJSON(t, first), mustJSON(t, second); a != b {
			t.Fatalf("the reports differ:\n%s\n%s", a, b)
		}
	})
}

func mustJSON(t *rapid.T, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
