package e2e

import (
	"testing"

	"hopscope/aws"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// readAll reads what a simulator simulates, as the program would.
func readAll(t *testing.T, s *simulator.Simulator) *model.Snapshot {
	t.Helper()
	account, err := aws.Open(t.Context(), aws.Options{Transport: s, Origin: "simulator:test"})
	if err != nil {
		t.Fatal(err)
	}
	source, err := collect.New(account, collect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := source.Collect(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}
