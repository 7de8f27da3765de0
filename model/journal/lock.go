package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"hopscope/model"
)

// errLocked tells that another program holds a lock.
var errLocked = errors.New("locked")

// Lock keeps other runs of hopscope, on this machine and with this journal, from
// changing the service of an entry at the same time: those that apply a plan to it,
// and those that take one back. It does not wait. The operating system gives the
// lock back when the process ends, however it ends. The error is a
// [*model.CannotCheckError] that names the process in the way.
func (s Store) Lock(e *Entry) (unlock func(), err error) {
	dir := filepath.Join(s.Dir, "locks")
	if err := s.makeDir(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, lockName(e))
	// The file stays when the lock is given back: a program that removes it might remove
	// that of the next holder.
	f, err := lockFile(path)
	if errors.Is(err, errLocked) {
		return nil, &model.CannotCheckError{
			Reason: fmt.Sprintf("another hopscope%s is changing %s at this moment", holder(path), e.Plan.Service),
			Next:   "wait until it has finished, then look at `hopscope journal`", Err: err,
		}
	}
	if err != nil {
		return nil, &model.CannotCheckError{
			Reason: fmt.Sprintf("the lock of %s cannot be taken: %v", e.Plan.Service, err), Next: "check the directory " + dir,
			Err: err,
		}
	}
	// Who holds it is for people to read: the lock holds without it.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return func() { _ = f.Close() }, nil
}

// lockName is the same for all entries of a service of one account, whatever
// characters name it.
func lockName(e *Entry) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{e.Origin, e.Endpoint, e.Region, e.ServiceARN}, "\x00")))
	return hex.EncodeToString(sum[:16]) + ".lock"
}

// holder names the process that holds a lock, where that can be read.
func holder(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(data))); err == nil {
		return fmt.Sprintf(" (process %d)", pid)
	}
	return ""
}
