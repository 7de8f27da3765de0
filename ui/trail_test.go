package ui

import (
	"fmt"
	"testing"

	"hopscope/model"
)

func at(service string) stop { return stop{ref: model.Ref{Cluster: "prod", Service: service}} }

func TestTheTrailGoesBackAndForwardAndForgetsWhatWasAhead(t *testing.T) {
	var x trail
	x.leave(at("web"), at("orders"))
	x.leave(at("orders"), at("inventory"))
	back := func(from, want string, by int) {
		t.Helper()
		if to, ok := x.step(at(from), by); !ok || to != at(want) {
			t.Fatalf("from %s by %d: %v, %v, not %s", from, by, to, ok, want)
		}
	}
	back("inventory", "orders", -1)
	back("orders", "web", -1)
	if _, ok := x.step(at("web"), -1); ok {
		t.Error("there is nothing before the first step")
	}
	back("web", "orders", 1)
	x.leave(at("orders"), at("cart"))
	if _, ok := x.step(at("cart"), 1); ok {
		t.Error("what was ahead is not forgotten")
	}
	if got := fmt.Sprint(x.behind()); got != "[prod/orders prod/web]" {
		t.Error(got)
	}
	for i := range 3 * longestTrail {
		x.leave(at(fmt.Sprint(i)), at(fmt.Sprint(i+1)))
	}
	if len(x.stops) != longestTrail || x.at != longestTrail-1 {
		t.Errorf("%d stops, at %d", len(x.stops), x.at)
	}
}
