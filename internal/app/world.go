package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"hopscope/aws"
	"hopscope/aws/collect"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/ui/cli"
)

// demoPoll is the time between two looks at a rollout of the simulator, which takes
// two seconds.
const demoPoll = 200 * time.Millisecond

// demoSettle is how long its targets may take to become healthy, which they are at once.
const demoSettle = 2 * time.Second

// openWorld opens a world of the simulator, in this process and without a
// socket.
func (s Settings) openWorld(ctx context.Context, o cli.WorldOptions) (cli.Opened, error) {
	world, err := loadWorld(ctx, o.World)
	if err != nil {
		return cli.Opened{}, err
	}
	if s.Apply.Poll == 0 {
		s.Apply.Poll, s.Apply.Settle = demoPoll, demoSettle
	}
	sim := simulator.New(world, simulator.Options{})
	return s.Open(ctx, aws.Options{
		Transport: sim, Region: sim.Region(), Origin: "simulator:" + o.World,
		Unpaced: !world.Faults.Throttle,
	}, collect.Options{Everything: o.Everything})
}

// loadWorld reads a built-in world or the file of that name, or makes a fleet.
func loadWorld(ctx context.Context, name string) (*simulator.World, error) {
	load := simulator.LoadFile
	if simulator.IsFleet(name) || slices.Contains(simulator.Worlds(), name) {
		load = simulator.Load
	}
	world, err := cli.Interruptible(ctx, func() (*simulator.World, error) { return load(name) })
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &model.CannotCheckError{
			Reason: fmt.Sprintf("there is no world file %q", name),
			Next:   "pass the path of one", Err: err,
		}
	case err != nil:
		return nil, &model.CannotCheckError{Reason: "the world cannot be read: " + err.Error(), Next: "correct it", Err: err}
	}
	return world, nil
}
