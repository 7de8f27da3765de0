package app

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/ui/cli"
)

// serveWorld serves a world on the loopback interface until ctx ends.
func serveWorld(ctx context.Context, o cli.SimulateOptions, ready func(cli.Endpoint)) error {
	world, err := loadWorld(ctx, o.World)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port)))
	if err != nil {
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("port %d cannot be used: %v", o.Port, err),
			Next:   "choose another --port", Err: err,
		}
	}
	sim := simulator.New(world, simulator.Options{})
	ready(cli.Endpoint{URL: "http://" + listener.Addr().String(), Region: sim.Region()})
	return sim.Serve(ctx, listener)
}
