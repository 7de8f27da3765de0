package cli

import (
	"context"
	"sync/atomic"

	"hopscope/model"
)

// snapshotFile is a saved snapshot as a source.
type snapshotFile struct {
	path string
	// read is what opening the file gave, until it is collected.
	read atomic.Pointer[model.Snapshot]
}

// openFile reads the file at once, so that one that cannot be read is refused
// before there is a screen.
func openFile(ctx context.Context, path string) (Opened, error) {
	s, err := readFile(ctx, path)
	if err != nil {
		return Opened{}, err
	}
	f := &snapshotFile{path: path}
	f.read.Store(s)
	return Opened{Source: f}, nil
}

// Collect gives what the file held, and from the second time on what it holds by
// then.
func (f *snapshotFile) Collect(ctx context.Context, _ func(*model.Snapshot)) (*model.Snapshot, error) {
	if s := f.read.Swap(nil); s != nil {
		return s, nil
	}
	return readFile(ctx, f.path)
}

func readFile(ctx context.Context, path string) (*model.Snapshot, error) {
	return Interruptible(ctx, func() (*model.Snapshot, error) { return model.ReadFile(path) })
}
