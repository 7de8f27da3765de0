package apply_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"hopscope/aws/awstest"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/journal"
)

// blueGreen is the article's world with a pair of target groups.
func blueGreen(t *testing.T) *simulator.World {
	t.Helper()
	w := awstest.Load(t, "article")
	green := w.TargetGroups[0]
	green.Name = "green"
	w.TargetGroups[0].Name = "blue"
	w.TargetGroups = append(w.TargetGroups, green)
	w.LoadBalancers[0].Listeners[0].Default.Forward = simulator.Forward{
		{TargetGroup: "blue", Weight: 100}, {TargetGroup: "green", Weight: 0},
	}
	s := &w.Services[0]
	s.DeploymentStrategy = "BLUE_GREEN"
	s.LoadBalancers[0].TargetGroup, s.LoadBalancers[0].AlternateTargetGroup = "blue", "green"
	s.LoadBalancers[0].ProductionListenerRule = "main-alb:80/default"
	return w
}

// exchange shows blue where green is, and the other way round, in the answers about
// listeners, rules and targets, as after a deployment that moved to the other group. It does
// nothing while swap is nil.
type exchange struct {
	http.RoundTripper
	swap *strings.Replacer
}

func (x *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	switch action := callOf(r).action; {
	case x.swap == nil:
	case action == "DescribeListeners", action == "DescribeRules":
		return answeringTo(action, x.RoundTripper, x.swap.Replace).RoundTrip(r)
	case action == "DescribeTargetHealth":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(strings.NewReader(x.swap.Replace(string(body))))
		r.ContentLength = -1
	}
	return x.RoundTripper.RoundTrip(r)
}

// between makes the exchange of two ARNs, in XML and in forms.
func (x *exchange) between(blue, green model.ARN) {
	x.swap = strings.NewReplacer(blue, green, green, blue,
		url.QueryEscape(blue), url.QueryEscape(green),
		url.QueryEscape(green), url.QueryEscape(blue))
}

// A blue/green deployment ends in the other target group of its pair, that of a rollback as
// well: what served before by the one and is served by the other is as it was, and that is
// said.
func TestARollbackTakesTheOtherTargetGroupOfAPair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var x exchange
		s := newWorkshop(t, blueGreen(t), func(next http.RoundTripper) http.RoundTripper {
			x.RoundTripper = next
			return &x
		})
		before := s.state()
		e := s.applied()
		groups := map[string]model.ARN{}
		for _, g := range read(t, s.source).TargetGroups {
			groups[g.Name] = g.ARN
		}
		x.between(groups["blue"], groups["green"])
		undone, err := s.applier.Rollback(t.Context(), e.ID, nil)
		if err != nil || undone.State != journal.RolledBack || undone.Message != "" {
			t.Fatalf("%s: %q, %v", undone.State, undone.Message, err)
		}
		want := "the path of main-alb to port 80 is served by target group green now, and was by blue"
		if !slices.Contains(undone.Moved, want) {
			t.Errorf("of the group it says %q", undone.Moved)
		}
		s.same(before, s.state())
		x.swap = nil
		if undone, err = s.applier.Rollback(t.Context(), e.ID, nil); err != nil || len(undone.Moved) > 0 {
			t.Errorf("back in the group of before: %q, %v", undone.Moved, err)
		}
	})
}
