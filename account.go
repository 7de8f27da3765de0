package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"hopscope/aws"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/ui"
	"hopscope/ui/cli"
)

// openAccount opens a real account, or what --endpoint-url puts in its place.
func openAccount(ctx context.Context, o cli.AccountOptions) (ui.Source, error) {
	return aws.Open(ctx, aws.Options{
		Profile: o.Profile, Region: o.Region, EndpointURL: o.EndpointURL, Clusters: o.Clusters,
		TaskDefinitionCache: cacheDir(),
	})
}

// cacheDir is where task definitions are kept between runs; "" where the system
// names no such place.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "hopscope", "task-definitions")
}

// openWorld opens a world of the simulator, in this process and without a
// socket.
func openWorld(ctx context.Context, name string) (ui.Source, error) {
	world, err := loadWorld(name)
	if err != nil {
		return nil, err
	}
	return aws.Open(ctx, aws.Options{
		Transport: simulator.New(world, simulator.Options{}), Region: world.Region, Origin: "simulator:" + name,
	})
}

// loadWorld reads a built-in world, or the file of that name.
func loadWorld(name string) (*simulator.World, error) {
	load := simulator.LoadFile
	if slices.Contains(simulator.Worlds(), name) {
		load = simulator.Load
	}
	world, err := load(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &model.CannotCheckError{Reason: fmt.Sprintf("there is no world file %q", name), Next: "pass the path of one", Err: err}
	case err != nil:
		return nil, &model.CannotCheckError{Reason: "the world cannot be read: " + err.Error(), Next: "correct it", Err: err}
	}
	return world, nil
}

// serveWorld serves a world on the loopback interface until ctx ends.
func serveWorld(ctx context.Context, o cli.SimulateOptions, ready func(cli.Endpoint)) error {
	world, err := loadWorld(o.World)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port)))
	if err != nil {
		return &model.CannotCheckError{Reason: fmt.Sprintf("port %d cannot be used: %v", o.Port, err), Next: "choose another --port", Err: err}
	}
	ready(cli.Endpoint{URL: "http://" + listener.Addr().String(), Region: world.Region})
	return simulator.New(world, simulator.Options{}).Serve(ctx, listener)
}
