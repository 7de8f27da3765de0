package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"hopscope/model"
)

// Store keeps entries in a directory, one file each, for its user alone.
type Store struct {
	// Dir is made when the first entry is.
	Dir string
}

// extension is that of the files of entries.
const extension = ".json"

// privateDir lets only the user look: entries describe an account.
const privateDir fs.FileMode = 0o700

// Unreadable is a file of the journal that could not be read. It may record a
// change that the user has to take back by hand.
type Unreadable struct {
	File string
	Err  error
}

// Create writes the file of a new entry. Where there is one of that id, the error
// matches [fs.ErrExist], and nothing is overwritten.
func (s Store) Create(e *Entry) error {
	if err := CheckID(e.ID); err != nil {
		return err
	}
	if err := s.makeDir(s.Dir); err != nil {
		return err
	}
	if err := model.CreateFile(s.path(e.ID), func(w io.Writer) error { return Encode(w, e) }); err != nil {
		return err
	}
	return syncDir(s.Dir)
}

// Save writes an entry over the one of the same id, in one step: whenever the
// program or the machine stops, the old file is there, or the new one.
func (s Store) Save(e *Entry) error {
	if err := CheckID(e.ID); err != nil {
		return err
	}
	if err := model.ReplaceFile(s.path(e.ID), func(w io.Writer) error { return Encode(w, e) }); err != nil {
		return err
	}
	return syncDir(s.Dir)
}

// Load reads an entry. The error is a [*model.CannotCheckError]; it matches
// [fs.ErrNotExist] where there is none of that id.
func (s Store) Load(id string) (*Entry, error) {
	if err := CheckID(id); err != nil {
		return nil, &model.CannotCheckError{Reason: err.Error(), Next: "`hopscope journal` lists the entries", Err: err}
	}
	if err := s.checkDir(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	e, err := s.read(s.path(id))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &model.CannotCheckError{
			Reason: fmt.Sprintf("the journal has no entry %q", id),
			Next:   "`hopscope journal` lists the entries", Err: err,
		}
	case errors.Is(err, errNotBegun):
		return nil, &model.CannotCheckError{
			Reason: fmt.Sprintf("entry %q never began: hopscope ended before anything was sent", id),
			Next:   "there is nothing to take back; the file can go: " + s.path(id), Err: err,
		}
	case err != nil:
		return nil, &model.CannotCheckError{
			Reason: fmt.Sprintf("entry %q of the journal cannot be read: %v", id, err),
			Next:   "look at " + s.path(id), Err: err,
		}
	case e.ID != id:
		err := fmt.Errorf("it holds entry %q", e.ID)
		return nil, &model.CannotCheckError{
			Reason: fmt.Sprintf("the file of entry %q is not its own: %v", id, err),
			Next:   "look at " + s.path(id), Err: err,
		}
	}
	return e, nil
}

// List reads all entries, the newest first, and names the files that it could not
// read. A journal that does not exist yet is empty.
func (s Store) List() ([]*Entry, []Unreadable, error) {
	files, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, &model.CannotCheckError{
			Reason: "the journal cannot be read: " + err.Error(),
			Next:   "check the directory " + s.Dir, Err: err,
		}
	}
	if err := s.checkDir(); err != nil {
		return nil, nil, err
	}
	var entries []*Entry
	var bad []Unreadable
	for _, f := range files {
		id, isEntry := strings.CutSuffix(f.Name(), extension)
		if !isEntry || f.IsDir() || strings.HasPrefix(id, ".") {
			continue
		}
		e, err := s.read(filepath.Join(s.Dir, f.Name()))
		if errors.Is(err, errNotBegun) {
			continue
		}
		if err == nil && e.ID != id {
			err = fmt.Errorf("it holds entry %q", e.ID)
		}
		if err != nil {
			bad = append(bad, Unreadable{File: filepath.Join(s.Dir, f.Name()), Err: err})
			continue
		}
		entries = append(entries, e)
	}
	slices.SortStableFunc(entries, func(a, b *Entry) int {
		return cmp.Or(cmp.Compare(b.Sequence, a.Sequence), b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return entries, bad, nil
}

func (s Store) path(id string) string { return filepath.Join(s.Dir, id+extension) }

// errNotBegun is an empty file, which keeps the name of an entry while that is written
// for the first time: nothing was sent before it was there.
var errNotBegun = errors.New("it is empty: hopscope ended before anything was sent")

// read reads the file of an entry; no link, which may lead anywhere.
func (s Store) read(path string) (*Entry, error) {
	switch info, err := os.Lstat(path); {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	case info.Size() == 0:
		return nil, errNotBegun
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	e, err := Decode(f)
	return e, errors.Join(err, f.Close())
}

// makeDir makes a directory of the journal.
func (s Store) makeDir(dir string) error {
	if err := os.MkdirAll(dir, privateDir); err != nil {
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("cannot make the journal's directory %q: %v", dir, err),
			Next:   "nothing is changed without a journal: make room for it", Err: err,
		}
	}
	return s.checkDir()
}

// othersMayWrite are the permissions that let anybody put entries into a directory.
const othersMayWrite fs.FileMode = 0o002

// checkDir refuses a journal that anybody may write to, as a directory that was there
// before may be. Windows does not tell by such permissions.
func (s Store) checkDir() error {
	info, err := os.Stat(s.Dir)
	if err != nil || runtime.GOOS == "windows" || info.Mode()&othersMayWrite == 0 {
		return err
	}
	return &model.CannotCheckError{
		Reason: fmt.Sprintf("anybody may write to the journal's directory %q, and a rollback sends what stands there", s.Dir),
		Next:   "chmod o-w it, or set HOPSCOPE_JOURNAL to a directory of your own",
	}
}

// syncDir brings a rename to the disk: without it the file is safe, and its name is
// not. Windows has no such call, and does not need it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
