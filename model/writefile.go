package model

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"hopscope/internal/atomicfile"
)

// ReplaceFile writes a file of mode 0600 in one step (see [atomicfile.Replace]). The error is a [*CannotCheckError];
// errors that write returns are wrapped in it.
func ReplaceFile(path string, write func(io.Writer) error) error {
	return cannotWrite(path, atomicfile.Replace(path, write))
}

// CreateFile is ReplaceFile for a file that must not exist yet. Where it does, the error matches [fs.ErrExist].
func CreateFile(path string, write func(io.Writer) error) error {
	return cannotWrite(path, atomicfile.Create(path, write))
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
	case errors.Is(err, atomicfile.ErrNotRegular):
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
