package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"hopscope/model"
)

// fleetPrefix begins the name of a generated world: fleet:300 has 300 services.
const fleetPrefix = "fleet:"

// worldChoices are what a flag that names a world takes, in words.
func (p *Program) worldChoices() string {
	return alternatives(append(p.Worlds(), fleetPrefix+"N", "a file"))
}

// registerWorld adds the flag that names a world.
func (p *Program) registerWorld(cmd *cobra.Command, world *string) {
	cmd.Flags().StringVar(world, "world", defaultWorld, "the world: "+p.worldChoices())
	complete(cmd, "world", p.Worlds)
}

// openWorld opens a world of the simulator.
func (p *Program) openWorld(ctx context.Context, o WorldOptions) (Opened, error) {
	if err := p.checkWorld(o.World); err != nil {
		return Opened{}, err
	}
	return p.Demo(ctx, o)
}

// checkWorld refuses what is neither the name of a world nor looks like a file.
func (p *Program) checkWorld(world string) error {
	if size, ok := strings.CutPrefix(world, fleetPrefix); ok {
		return p.checkFleet(size)
	}
	if slices.Contains(p.Worlds(), world) || strings.ContainsAny(world, `./\`) {
		return nil
	}
	return &model.CannotCheckError{
		Reason: fmt.Sprintf("there is no world %q", world),
		Next:   "use " + alternatives(append(p.Worlds(), fleetPrefix+"N")) + ", or the path of a world file",
	}
}

// checkFleet refuses a number of services that no fleet has.
func (p *Program) checkFleet(size string) error {
	if n, err := strconv.Atoi(size); err == nil && n >= 1 && n <= p.MaxFleet {
		return nil
	}
	return &model.CannotCheckError{
		Reason: fmt.Sprintf("a fleet has 1 to %d services, not %q", p.MaxFleet, size),
		Next:   "pass a number such as 300",
	}
}

// fleetWorld is the world that --services stands for, or the one that --world names.
func fleetWorld(cmd *cobra.Command, world string, services int) (string, error) {
	switch {
	case !cmd.Flags().Changed("services"):
		return world, nil
	case cmd.Flags().Changed("world"):
		return "", &model.CannotCheckError{Reason: "--services and --world exclude each other", Next: "name one of them"}
	}
	return fleetPrefix + strconv.Itoa(services), nil
}
