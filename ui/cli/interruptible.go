package cli

import (
	"context"
	"io"
	"os"
)

// readFrom reads a file, unless ctx ends before it gives anything.
func readFrom[T any](ctx context.Context, path string, read func(io.Reader) (T, error)) (T, error) {
	return Interruptible(ctx, func() (T, error) {
		f, err := os.Open(path)
		if err != nil {
			var none T
			return none, err
		}
		defer func() { _ = f.Close() }() // nothing was written
		return read(f)
	})
}

// Interruptible is what read gives, or the end of ctx while it gives nothing: a FIFO that
// no program writes to keeps a reader for ever.
func Interruptible[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
