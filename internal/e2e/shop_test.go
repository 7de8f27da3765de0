package e2e

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"hopscope/aws/simulator"
	"hopscope/model"
)

// The shop, as the tests of package fix read it, is the world that the simulator
// shows now.
func TestTheShopOfTheFixesIsTheShopOfTheSimulator(t *testing.T) {
	world, err := simulator.Load("shop")
	if err != nil {
		t.Fatal(err)
	}
	s := *readAll(t, simulator.New(world, simulator.Options{}))
	// What differs from run to run is not part of the world.
	s.CollectedAt, s.Stats = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), model.Stats{}
	for i := range s.TargetGroups {
		if h := s.TargetGroups[i].Health; h != nil {
			h.ReadAt = s.CollectedAt
		}
	}
	var got bytes.Buffer
	if err := model.Encode(&got, &s, "test"); err != nil {
		t.Fatal(err)
	}
	fresh(t, filepath.Join("model", "fix", "testdata", "shop.json"), got.String())
}
