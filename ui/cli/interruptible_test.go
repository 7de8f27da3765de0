package cli_test

import (
	"context"
	"errors"
	"testing"

	"hopscope/ui/cli"
)

func TestAReadThatDoesNotComeBackIsLeftWhenTheUserLeaves(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	never := make(chan struct{})
	defer close(never)
	_, err := cli.Interruptible(ctx, func() (int, error) {
		cancel()
		<-never
		return 1, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got, err := cli.Interruptible(t.Context(), func() (int, error) { return 7, nil }); got != 7 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
}
