// Package atomicfile writes files in one step: a reader finds the old file or the whole new one, never half of it,
// whenever the program ends.
package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// mode lets only the user read what hopscope saves: it describes the network of an account.
const mode fs.FileMode = 0o600

// ErrNotRegular says that a path names a directory, a device or a pipe, which a rename would destroy.
var ErrNotRegular = errors.New("not a regular file")

// Replace writes a file of mode 0600. A symbolic link is followed. Errors that write returns are wrapped in the error.
func Replace(path string, write func(io.Writer) error) error {
	target, err := regularTarget(path)
	if err != nil {
		return err
	}
	return replace(target, write)
}

// Create is [Replace] for a file that must not exist yet. Where it does, the error matches [fs.ErrExist].
func Create(path string, write func(io.Writer) error) error {
	// An empty file reserves the name, so that two programs that save at the same moment cannot both believe the name
	// to be free.
	reserved, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := errors.Join(reserved.Close(), replace(path, write)); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// regularTarget follows links and refuses what a rename would destroy, such as /dev/null.
func regularTarget(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", ErrNotRegular
	}
	return filepath.EvalSymlinks(path)
}

// replace writes a temporary file next to path, and renames it.
func replace(path string, write func(io.Writer) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".hopscope-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	if err := write(tmp); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
