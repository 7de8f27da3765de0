package model

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// privateMode lets only the user read what hopscope saves: it describes the
// network of an account.
const privateMode fs.FileMode = 0o600

// ReplaceFile writes a file of mode 0600 in one step: a reader finds the old
// file or the whole new one, never half of it, whenever the program ends. A
// symbolic link is followed. The error is a [*CannotCheckError]; errors that
// write returns are wrapped in it.
func ReplaceFile(path string, write func(io.Writer) error) error {
	target, err := regularTarget(path)
	if err == nil {
		err = replace(target, write)
	}
	return cannotWrite(path, err)
}

// CreateFile is ReplaceFile for a file that must not exist yet. Where it does,
// the error matches [fs.ErrExist].
func CreateFile(path string, write func(io.Writer) error) error {
	// An empty file reserves the name, so that two programs that save at the
	// same moment cannot both believe the name to be free.
	reserved, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privateMode)
	if err != nil {
		return cannotWrite(path, err)
	}
	if err := errors.Join(reserved.Close(), replace(path, write)); err != nil {
		return cannotWrite(path, errors.Join(err, os.Remove(path)))
	}
	return nil
}

// regularTarget follows links and refuses what a rename would destroy, such as
// /dev/null.
func regularTarget(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", errNotRegular
	}
	return filepath.EvalSymlinks(path)
}

// errNotRegular says that the path names a directory, a device or a pipe.
var errNotRegular = errors.New("not a regular file")

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

// cannotWrite words an error of writing path for a user.
func cannotWrite(path string, err error) error {
	if err == nil {
		return nil
	}
	var reason string
	next := "choose another name"
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case errors.Is(err, fs.ErrExist):
		reason = "it exists already"
	case errors.Is(err, errNotRegular):
		reason = "it is not a regular file"
	case errors.Is(err, fs.ErrNotExist):
		reason, next = "the directory does not exist", "create it or choose another one"
	case errors.Is(err, fs.ErrPermission):
		reason, next = "permission denied", "choose another directory"
	case errors.As(err, &pathErr):
		reason, next = pathErr.Err.Error(), "check the disk"
	case errors.As(err, &linkErr):
		reason, next = linkErr.Err.Error(), "check the disk"
	default:
		reason, next = err.Error(), "try again"
	}
	return &CannotCheckError{Reason: fmt.Sprintf("cannot write %q: %s", path, reason), Next: next, Err: err}
}
