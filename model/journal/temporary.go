package journal

import (
	"errors"
	"fmt"
	"io/fs"
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
	for range mostSwept {
		dir, err := os.MkdirTemp(parent, temporaryName+"*")
		if err != nil {
			return store, nil, err
		}
		held, err := lockFile(filepath.Join(dir, heldName))
		if isSwept(dir, err) {
			if err == nil {
				_ = held.Close()
			}
			continue
		}
		// Without a lock nothing sweeps it, which is no reason to have no journal.
		return Store{Dir: dir}, func() error {
			if err == nil {
				_ = held.Close()
			}
			return removeSwept(dir)
		}, nil
	}
	return store, nil, fmt.Errorf("other programs remove each journal in %s that is begun", parent)
}

// mostSwept is how many directories other programs may take for ones that were left.
const mostSwept = 100

// isSwept tells whether another program took a new directory for one that was left, in the
// moment between the making of the file and its lock, or where that lock was not given.
// A program that sweeps holds the lock until the directory is gone.
func isSwept(dir string, locking error) bool {
	_, err := os.Lstat(filepath.Join(dir, heldName))
	return errors.Is(locking, errLocked) || errors.Is(locking, fs.ErrNotExist) || locking == nil && err != nil
}

// removeSwept removes a directory that other programs may sweep at the same moment: a program
// that tries its lock makes the file again.
func removeSwept(dir string) (err error) {
	for range mostSwept {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
	}
	return err
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
