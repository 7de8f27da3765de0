package journal

import (
	"os"
	"path/filepath"
)

const (
	// temporaryName begins the names of journals that end with their program.
	temporaryName = "hopscope-journal-"
	// heldName is the file that its program holds the lock of.
	heldName = "held.lock"
)

// Temporary makes a journal in a directory for temporary files that lasts as long as its
// program, and removes those there that a program of the same user left when it was
// killed: nothing holds their locks.
func Temporary(parent string) (store Store, remove func() error, err error) {
	sweep(parent)
	dir, err := os.MkdirTemp(parent, temporaryName+"*")
	if err != nil {
		return store, nil, err
	}
	// Without a lock nothing sweeps it, which is no reason to have no journal.
	held, err := lockFile(filepath.Join(dir, heldName))
	return Store{Dir: dir}, func() error {
		if err == nil {
			_ = held.Close()
		}
		return os.RemoveAll(dir)
	}, nil
}

// sweep removes what was left. Whatever it cannot be sure of stays: a directory of another
// user, one that is not held by a file, or that is being made at this moment.
func sweep(parent string) {
	dirs, err := filepath.Glob(filepath.Join(parent, temporaryName+"*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || !isOwn(info) {
			continue
		}
		path := filepath.Join(dir, heldName)
		if info, err = os.Lstat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if held, err := lockFile(path); err == nil {
			_ = os.RemoveAll(dir)
			_ = held.Close()
		}
	}
}
