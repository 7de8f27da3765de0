package aws_test

import (
	"testing"

	"hopscope/aws"
	"hopscope/aws/simulator"
	"hopscope/model"
)

// open opens an account behind a simulator of the world.
func open(t *testing.T, world *simulator.World, o aws.Options) (*aws.Account, *simulator.Simulator) {
	t.Helper()
	s := simulator.New(world, simulator.Options{})
	o.Transport = s
	a, err := aws.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return a, s
}

// collect reads a world with nothing going wrong but what it asks for.
func collect(t *testing.T, world *simulator.World, o aws.Options) *model.Snapshot {
	t.Helper()
	a, _ := open(t, world, o)
	s, err := a.Collect(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

