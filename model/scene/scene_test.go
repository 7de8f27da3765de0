package scene_test

import (
	"slices"
	"testing"

	"hopscope/model/modeltest"
	"hopscope/model/reach"
	"hopscope/model/rule"
	"hopscope/model/scene"
)

// wires are all wires of a scene, from left to right.
func wires(s *scene.Scene) []scene.Wire {
	out := []scene.Wire{s.Lead}
	for i := range s.Sources {
		out = append(out, s.Sources[i].Inner, s.Sources[i].Out)
	}
	return append(out, s.Task.Inner)
}

func TestEveryHopIsOneWireInItsOrder(t *testing.T) {
	for _, w := range modeltest.Ways() {
		for _, p := range rule.Analyze(w.Snapshot).Paths {
			s := scene.New(p)
			var got, want []int
			for _, wire := range wires(&s) {
				if wire.Exists() {
					got = append(got, wire.Hop)
				}
			}
			for i := range p.Hops() {
				want = append(want, i)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: the wires are of the hops %v, want %v", w.Name, p.ID, got, want)
			}
		}
	}
}

func TestAWireSaysWhetherRequestsPass(t *testing.T) {
	for _, w := range modeltest.Ways() {
		for _, p := range rule.Analyze(w.Snapshot).Paths {
			s := scene.New(p)
			for _, wire := range wires(&s) {
				if !wire.Exists() {
					continue
				}
				access := p.Hops()[wire.Hop].Access
				if passes := wire.Mark == scene.Passes; passes != (access == reach.Allowed) || passes != (wire.Word == "") {
					t.Errorf("%s, %s: the hop is %s, and its wire %+v", w.Name, p.ID, access, wire)
				}
			}
		}
	}
}

func TestASceneOfAPathOfWhichNothingIsKnownHasASourceAndATask(t *testing.T) {
	s := scene.New(&reach.Path{Verdict: reach.Unknown})
	if len(s.Sources) != 1 || s.Sources[0].Text == "" || s.Task.App == "" || s.Into().Mark != scene.Unjudged {
		t.Errorf("%+v", s)
	}
}
